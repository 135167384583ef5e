import { addDays, isPlainDate, minDate, type PlainDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { BankDocument, QuarantinedItem, Window } from '../../domain/model.ts';
import { at, jsonText, textAt } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import type { AccountRef, Cursor, StatementList, StatementRef } from '../contract.ts';
import { documentOf, unreadable } from '../answers.ts';
import { readJson, type Client } from './client.ts';
import { statementLineOf } from './config.ts';
import { failureOf } from './errors.ts';
import { manifest } from './manifest.ts';

const LIST = 'getStatements';
const DOWNLOAD = 'downloadStatement';
const PAGE_SIZE = 50;
const MAX_PAGE = 1_000;
const MAX_DOCUMENT = 64 * 1024 * 1024;
/** Language of printed statements, `cs` or `en`. */
const LANGUAGE = 'cs';

/**
 * Days asked for in front of a span. Whether the bank lists a statement by its first or its last day is not told, so
 * the question begins a month early and the answer is narrowed to statements that *end* in the span.
 */
const LEAD = 31;
const SPAN = manifest.history.statementSpanDays - LEAD;

interface Format {
  /** In the list. */
  readonly listed: string;
  /** In the download request; the bank's writing is not consistent. */
  readonly asked: string;
  readonly mediaTypes: readonly string[];
  readonly extension: string;
}

const FORMATS: Readonly<Record<string, Format>> = {
  'camt.053': { listed: 'XML', asked: 'xml', mediaTypes: ['application/xml', 'text/xml'], extension: 'xml' },
  mt940: { listed: 'MT940', asked: 'MT940', mediaTypes: ['text/mt940', 'text/plain'], extension: 'sta' },
  pdf: { listed: 'PDF', asked: 'pdf', mediaTypes: ['application/pdf'], extension: 'pdf' },
};

/** A span of the window, by its first day, and a page of its list. */
interface Place {
  readonly from: PlainDate;
  readonly page: number;
}

/** One page of the statements that end within the window, in the account's currency and statement line. */
export async function statementList(
  client: Client,
  account: AccountRef,
  window: Window,
  cursor: Cursor | null,
): Promise<StatementList> {
  const place = placeOf(cursor, window);
  const to = minDate(window.to, addDays(place.from, SPAN - 1));
  const response = await client({
    operation: LIST,
    method: 'POST',
    path: '/accounts/statements',
    query: { page: String(place.page), size: String(PAGE_SIZE) },
    json: {
      accountNumber: account.handle,
      currency: account.currency,
      statementLine: statementLineOf(account.settings),
      dateFrom: addDays(place.from, -LEAD),
      dateTo: to,
    },
  });
  const { statements, quarantined, more } = response ? readList(response, account) : EMPTY;
  return {
    quarantined,
    statements: statements.filter((statement) => statement.to >= place.from && statement.to <= to),
    next: nextPlace(place, more, to, window),
  };
}

function placeOf(cursor: Cursor | null, { from }: Window): Place {
  if (cursor === null) return { from, page: 1 };
  const [day = '', page = ''] = cursor.split('/');
  if (isPlainDate(day) && /^\d{1,4}$/.test(page)) return { from: day, page: Number(page) };
  throw new Failure('protocol', 'The place in the list of statements is none. Start the pull again.', {
    operation: LIST,
  });
}

function nextPlace({ from, page }: Place, more: boolean, to: PlainDate, window: Window): Cursor | null {
  if (more && page < MAX_PAGE) return `${from}/${page + 1}`;
  if (more) {
    throw new Failure(
      'protocol',
      `The bank’s list of statements has more than ${MAX_PAGE} pages. Report it.`,
      {
        operation: LIST,
      },
    );
  }
  return to < window.to ? `${addDays(to, 1)}/1` : null;
}

interface List {
  readonly statements: StatementRef[];
  readonly quarantined: QuarantinedItem[];
  readonly more: boolean;
}

const EMPTY: List = { statements: [], quarantined: [], more: false };

function readList(response: BankResponse, account: AccountRef): List {
  const body = readJson(response, LIST);
  const items = at(body, 'statements');
  if (!Array.isArray(items)) throw unreadable(LIST, 'has no list of statements', response);
  const statements: StatementRef[] = [];
  const quarantined: QuarantinedItem[] = [];
  for (const [index, item] of items.entries()) {
    const statement = readItem(item, account);
    if (statement === null) quarantined.push(asideOf(item, `statement ${index + 1} of the list`));
    // Statements of another folder belong to the account that is kept for it.
    else if (statement.currency === account.currency) statements.push(statement);
  }
  return { statements, quarantined, more: items.length > 0 && at(body, 'last') === false };
}

function asideOf(item: unknown, position: string): QuarantinedItem {
  return {
    rule: 'statement-incomplete',
    message: `${position} has no id or no dates and was not downloaded. It is kept aside; ask the bank for it.`,
    position,
    raw: jsonText(item),
  };
}

/** @returns `null` for an item without what a download needs */
function readItem(item: unknown, account: AccountRef): StatementRef | null {
  const id = textAt(item, 'statementId');
  const from = textAt(item, 'dateFrom')?.slice(0, 10) ?? '';
  const to = textAt(item, 'dateTo')?.slice(0, 10) ?? '';
  if (id === null || !isPlainDate(from) || !isPlainDate(to)) return null;
  const listed = at(item, 'statementFormats');
  const offered = Array.isArray(listed) ? listed.map((format) => String(format).toUpperCase()) : [];
  return {
    id,
    number: textAt(item, 'statementNumber'),
    from,
    to,
    currency: textAt(item, 'currency') ?? account.currency,
    formats: Object.keys(FORMATS).filter((format) => offered.includes(FORMATS[format]?.listed ?? '')),
  };
}

/**
 * The statement's file.
 * @returns `null` when the bank has no such file (yet)
 * @throws Failure `unsupported` for a format the bank does not have; what an error object under 200 means
 */
export async function downloadStatement(
  client: Client,
  account: AccountRef,
  statement: StatementRef,
  format: string,
): Promise<BankDocument | null> {
  const wanted = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (!wanted) {
    const message = `Raiffeisenbank has no statements in ${format}; choose among ${Object.keys(FORMATS).join(', ')}.`;
    throw new Failure('unsupported', message, { operation: DOWNLOAD });
  }
  const response = await client({
    operation: DOWNLOAD,
    method: 'POST',
    path: '/accounts/statements/download',
    headers: { Accept: '*/*', 'Accept-Language': LANGUAGE },
    // Errors come as JSON, under 200 as well.
    accept: [...wanted.mediaTypes, 'application/json'],
    maxBytes: MAX_DOCUMENT,
    json: {
      accountNumber: account.handle,
      currency: statement.currency,
      statementId: statement.id,
      statementFormat: wanted.asked,
    },
  });
  if (!response) return null;
  if (response.mediaType === 'application/json') throw failureOf(response, DOWNLOAD);
  if (response.body.length === 0) {
    const message = `${DOWNLOAD} answered ${response.status} with an empty file. It is tried again by itself.`;
    throw new Failure('transient', message, { operation: DOWNLOAD, requestId: response.requestId });
  }
  const number = statement.number ?? statement.id;
  return documentOf(
    response,
    `statement-${account.handle}-${statement.currency}-${number}.${wanted.extension}`,
  );
}
