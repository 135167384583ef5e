import type { SandboxRequest } from '../types.ts';
import { badRequest, notFound, Refusal, refused } from './answers.ts';
import type { BatchBook } from './batch-book.ts';
import { isPlainDate } from '../../../shared/domain/dates.ts';
import type { BankSource, Language, SourceAccount } from './source.ts';

/** What a certificate may do. */
export interface Rights {
  /** Account numbers it sees; `null` = all of them. */
  readonly accounts: readonly string[] | null;
  /** Operations it may call; `null` = all of them. */
  readonly operations: readonly string[] | null;
}

/** A request that passed the gateway, as an operation sees it. */
export interface Call {
  readonly request: SandboxRequest;
  readonly parameters: Readonly<Record<string, string>>;
  readonly source: BankSource;
  readonly rights: Rights;
  readonly now: number;
  /** The batches of payments the bank has. */
  readonly book: BatchBook;
  /** Rows of one page of the transaction list. */
  readonly pageSize: number;
}

/** Accounts the certificate sees. */
export function visibleAccounts({ source, rights }: Call): SourceAccount[] {
  return source
    .accounts()
    .filter(({ number }) => rights.accounts === null || rights.accounts.includes(number));
}

/** @throws Refusal 404 for an unknown number, 403 for one the certificate may not see */
export function accountOf(call: Call, accountNumber: string): SourceAccount {
  const account = call.source.accounts().find(({ number }) => number === accountNumber);
  if (!account) throw notFound(`Account ${accountNumber.slice(0, 20)}`);
  if (call.rights.accounts !== null && !call.rights.accounts.includes(accountNumber)) {
    throw new Refusal(refused(403, 'INSUFFICIENT_RIGHTS', 'The certificate has no rights to this account.'));
  }
  return account;
}

/**
 * An integer from the query.
 * @throws Refusal 400 when it is none or outside [1, most]
 */
export function integerOf(call: Call, name: string, fallback: number, most = 2 ** 31 - 1): number {
  const text = call.request.query.get(name);
  if (text === null) return fallback;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most)
    throw badRequest(`Parameter '${name}' must be an integer from 1 to ${most}.`);
  return value;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Paging fields of the list answers. */
  readonly paging: Readonly<Record<string, number | boolean>>;
}

/** The asked page of a list; `null` for a page that does not exist. */
export function pageOf<T>(call: Call, all: readonly T[]): Page<T> | null {
  const page = integerOf(call, 'page', 1);
  const size = integerOf(call, 'size', 15);
  const items = all.slice((page - 1) * size, page * size);
  if (items.length === 0) return null;
  const totalPages = Math.ceil(all.length / size);
  const paging = {
    page,
    size,
    first: page === 1,
    last: page === totalPages,
    totalPages,
    totalSize: all.length,
  };
  return { items, paging };
}

/** The fields of a JSON request body. @throws Refusal 400 or 415 when it is none */
export function bodyOf({ request }: Call): Readonly<Record<string, unknown>> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new Refusal({ ...badRequest('Content-Type must be application/json.').response, status: 415 });
  }
  try {
    const value: unknown = JSON.parse(Buffer.from(request.body).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Answered below, together with a body that is no object.
  }
  throw badRequest('The request body is not a JSON object.');
}

/**
 * A text field of the body.
 * @throws Refusal 400 when it has another type, is not among `allowed`, or is missing though required
 */
export function textOf(
  body: Readonly<Record<string, unknown>>,
  name: string,
  options: { required?: boolean; allowed?: readonly string[] } = {},
): string | null {
  const value = body[name];
  if (value === undefined && options.required !== true) return null;
  if (typeof value !== 'string') throw badRequest(`Field '${name}' of the body must be a string.`);
  if (options.allowed && !options.allowed.includes(value)) {
    throw badRequest(`Field '${name}' must be one of ${options.allowed.join(', ')}.`);
  }
  return value;
}

/** The day in a query parameter of format `date`, or `null`. @throws Refusal 400 */
export function queryDay(call: Call, name: string): string | null {
  const text = call.request.query.get(name);
  if (text !== null && !isPlainDate(text)) throw badRequest(`Parameter '${name}' must be a date.`);
  return text;
}

/** The document language. @throws Refusal 400 when the header is missing or asks for neither language */
export function languageOf({ request }: Call): Language {
  const asked = request.headers['accept-language']?.split(/[,;-]/)[0]?.trim().toLowerCase();
  if (asked === 'cs' || asked === 'en') return asked;
  throw badRequest("Header 'Accept-Language' is required; supported languages are cs and en.");
}
