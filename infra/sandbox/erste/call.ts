import { isPlainDate, type PlainDate } from '../../../shared/domain/dates.ts';
import type { FolderLedger } from '../raiffeisen/ledger.ts';
import type { SandboxRequest, SandboxResponse } from '../types.ts';
import { answered, Refusal } from './answers.ts';
import type { Books } from './books.ts';
import type { AccountIds } from './ids.ts';
import type { PaymentBook } from './payment-book.ts';
import type { SigningPages } from './signing.ts';
import type { Subscriptions } from './subscriptions.ts';

/** A request that passed key and token, as an operation sees it. */
export interface Call {
  readonly request: SandboxRequest;
  readonly parameters: Readonly<Record<string, string>>;
  readonly books: Books;
  readonly ids: AccountIds;
  readonly subscriptions: Subscriptions;
  readonly payments: PaymentBook;
  readonly signing: SigningPages;
  /** Accounts the consent covers, in the bank's order. */
  readonly visible: readonly FolderLedger[];
  readonly now: number;
  readonly settings: Settings;
}

/** What levers change about the API. */
export interface Settings {
  /** Most rows of one question, whatever its pages. */
  maxRows: number;
  /** `raw`: files as they are; `json`: in `{"data"}`; `mixed`: as it was met, PDF and ABO raw and the rest in JSON. */
  downloads: 'raw' | 'json' | 'mixed';
}

/** The account of the path. @throws Refusal `ID_NOT_FOUND`, with 400 at notifications */
export function accountOf(call: Call, status: 400 | 404 = 404): FolderLedger {
  const iban = call.ids.ibanOf(call.parameters['id'] ?? '');
  const ledger = call.visible.find(({ key }) => key.account.iban === iban);
  if (ledger) return ledger;
  throw new Refusal(status, { error: 'ID_NOT_FOUND', scope: 'id' });
}

/** A list answer with its page. @throws Refusal for page and size that are none */
export function paged(
  call: Call,
  name: string,
  all: readonly unknown[],
  most: number,
  rows = Infinity,
): SandboxResponse {
  const size = integerOf(call, 'size', 10, 1, most);
  const page = integerOf(call, 'page', 0, 0, 2 ** 31);
  if (size * (page + 1) > rows) throw new Refusal(400, { error: 'MAX_TRANSACTIONS_EXCEEDED' });
  const pageCount = Math.ceil(all.length / size);
  if (page > 0 && page >= pageCount) throw new Refusal(404, { error: 'PAGE_NOT_FOUND', scope: 'page' });
  return answered(200, {
    pageNumber: page,
    pageCount,
    pageSize: size,
    ...(page + 1 < pageCount ? { nextPage: page + 1 } : {}),
    [name]: all.slice(page * size, (page + 1) * size),
  });
}

function integerOf({ request }: Call, name: string, fallback: number, least: number, most: number): number {
  const text = request.query.get(name);
  if (text === null) return fallback;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new Refusal(400, { error: 'PARAMETER_INVALID', scope: name });
}

const DAY = 86_400_000;

/**
 * Days asked for, in UTC: the last month when nothing is.
 * @throws Refusal `DT01` for days to come and for what is no day
 */
export function daysOf({ request, now }: Call): { from: PlainDate; to: PlainDate } {
  const today = new Date(now).toISOString().slice(0, 10);
  const month = new Date(now - 31 * DAY).toISOString().slice(0, 10);
  const asked = { from: request.query.get('fromDate') ?? month, to: request.query.get('toDate') ?? today };
  const wrong = (['from', 'to'] as const).flatMap((end) => {
    if (!isPlainDate(asked[end]))
      return [{ error: 'DT01', scope: `[InvalidDate] Invalid date value or format: ${end}` }];
    return asked[end] > today ? [{ error: 'DT01', scope: `'Date ${end}' can't be future date.` }] : [];
  });
  if (wrong.length > 0) throw new Refusal(400, ...wrong);
  return asked;
}
