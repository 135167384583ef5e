import { addDays, isPlainDate, minDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { BankDocument, QuarantinedItem, Window } from '../../domain/model.ts';
import { at, jsonText, parseJson, textAt } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import type { AccountRef, Cursor, StatementList, StatementRef } from '../contract.ts';
import type { Accounts } from './accounts.ts';
import { documentOf, unreadable } from '../answers.ts';
import { JSON_TYPE } from './client.ts';
import { statementPeriodOf, type StatementPeriod } from './config.ts';
import { failureOf, isErrorBody } from './errors.ts';
import { readPage } from './pages.ts';

const LIST = 'getStatements';
const DOWNLOAD = 'downloadStatement';
const PAGE_SIZE = 100;
const MAX_PAGES = 1_000;
const MAX_DOCUMENT = 64 * 1024 * 1024;

interface Format {
  /** The bank's name of it. */
  readonly name: string;
  /** What the bytes are where the bank wraps them in JSON. */
  readonly mediaType: string;
  readonly extension: string;
}

/** The bank has more (`xml-data`, `abo-internal`, extended ones, csv), and does not say what they are. */
const FORMATS: Readonly<Record<string, Format>> = {
  'camt.053': { name: 'xml', mediaType: 'application/xml', extension: 'xml' },
  mt940: { name: 'mt940', mediaType: 'text/plain', extension: 'sta' },
  gpc: { name: 'abo-standard', mediaType: 'text/plain', extension: 'gpc' },
  pdf: { name: 'pdf', mediaType: 'application/pdf', extension: 'pdf' },
};

/**
 * Days asked for in front of a window: whether the bank lists a statement by its first or its last day is not told, so
 * the answer is narrowed to those that *end* in the window.
 */
const LEAD: Readonly<Record<StatementPeriod, number>> = {
  any: 31,
  DAY: 1,
  WEEK: 7,
  MONTH: 31,
  QUARTER: 92,
  HALF: 184,
  YEAR: 366,
};

/** A statement as the bank lists it: its id may change, so another one is made of what does not. */
interface Listed {
  readonly ref: StatementRef;
  readonly period: string;
  readonly bankId: string;
  /** Our names of the formats the bank must fetch from its archive first. */
  readonly archived: ReadonlySet<string>;
}

export interface Statements {
  list(account: AccountRef, window: Window, cursor: Cursor | null): Promise<StatementList>;
  download(account: AccountRef, statement: StatementRef, format: string): Promise<BankDocument | null>;
}

export function openStatements(accounts: Accounts): Statements {
  /** What was listed, by account handle and our id. */
  const seen = new Map<string, Listed>();
  const key = ({ handle }: AccountRef, { id }: Pick<StatementRef, 'id'>): string => `${handle} ${id}`;

  /** One page of the statements that end within the window, of the period the account's settings want. */
  async function list(account: AccountRef, window: Window, cursor: Cursor | null): Promise<StatementList> {
    const page = pageOf(cursor);
    const wanted = statementPeriodOf(account.settings);
    const response = await ask(accounts, account, window, LEAD[wanted], page);
    const { items, next } = readPage(response, LIST, 'accountStatements', page);
    const statements: StatementRef[] = [];
    const quarantined: QuarantinedItem[] = [];
    for (const [index, item] of items.entries()) {
      const listed = readItem(item, account);
      if (listed === null) quarantined.push(asideOf(item, `statement ${index + 1} of page ${page}`));
      else if (fits(listed, wanted, window)) {
        seen.set(key(account, listed.ref), listed);
        statements.push(listed.ref);
      }
    }
    return { statements, quarantined, next: next === null ? null : String(next) };
  }

  /** What the bank calls a statement now. @throws Failure `rejected` when it lists none such */
  async function find(account: AccountRef, statement: StatementRef): Promise<Listed> {
    // Looked for among those of its own period, whatever the account's settings want today.
    const [statementPeriod = ''] = statement.id.split('-');
    const wanted = LEAD[statementPeriod as StatementPeriod] === undefined ? {} : { statementPeriod };
    const day = { from: statement.to, to: statement.to };
    let cursor: Cursor | null = null;
    do {
      const found = seen.get(key(account, statement));
      if (found) return found;
      cursor = (await list({ ...account, settings: wanted }, day, cursor)).next;
    } while (cursor !== null);
    const found = seen.get(key(account, statement));
    if (found) return found;
    const message = 'The bank no longer lists this statement. List the account’s statements and compare.';
    throw new Failure('rejected', message, { operation: DOWNLOAD });
  }

  return {
    list,
    download: async (account, statement, format) => {
      const wanted = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
      if (!wanted) {
        const message = `Česká spořitelna has no statements in ${format}; choose among ${Object.keys(FORMATS).join(', ')}.`;
        throw new Failure('unsupported', message, { operation: DOWNLOAD });
      }
      const listed = await find(account, statement);
      const response = await fetchOr(accounts, account, listed, wanted, listed.archived.has(format));
      return response && readDocument(response, wanted, `statement-${account.handle}-${statement.id}`);
    },
  };
}

function pageOf(cursor: Cursor | null): number {
  const page = cursor === null ? 0 : Number(cursor);
  if (Number.isInteger(page) && page >= 0 && page < MAX_PAGES) return page;
  const message = `The bank’s list of statements has more than ${MAX_PAGES} pages. Ask for fewer days.`;
  throw new Failure('protocol', message, { operation: LIST });
}

async function ask(
  accounts: Accounts,
  account: AccountRef,
  { from, to }: Window,
  lead: number,
  page: number,
): Promise<BankResponse> {
  const last = minDate(to, (await accounts.today()) ?? to);
  return accounts.call(account, (id) => ({
    operation: LIST,
    method: 'GET',
    path: `/my/accounts/${id}/statements`,
    query: {
      fromDate: minDate(addDays(from, -lead), last),
      toDate: last,
      page: String(page),
      size: String(PAGE_SIZE),
    },
  }));
}

const fits = ({ ref, period }: Listed, wanted: StatementPeriod, { from, to }: Window): boolean =>
  ref.to >= from && ref.to <= to && (wanted === 'any' || wanted === period);

function asideOf(item: unknown, position: string): QuarantinedItem {
  return {
    rule: 'statement-incomplete',
    message: `${position} has no id, number or dates and was not downloaded. It is kept aside; ask the bank for it.`,
    position,
    raw: jsonText(item),
  };
}

/** @returns `null` for an item without what a download needs */
function readItem(item: unknown, { currency }: AccountRef): Listed | null {
  const bankId = textAt(item, 'accountStatementId');
  const period = textAt(item, 'period') ?? '';
  const number = textAt(item, 'sequenceNumber') ?? '';
  const from = textAt(item, 'dateFrom')?.slice(0, 10) ?? '';
  const to = textAt(item, 'dateTo')?.slice(0, 10) ?? '';
  const complete = /^[A-Z]{1,20}$/.test(period) && /^\d{1,9}$/.test(number);
  if (bankId === null || !complete || !isPlainDate(from) || !isPlainDate(to)) return null;
  const offered = availabilities(item);
  const formats = Object.keys(FORMATS).filter((format) => offered.has(FORMATS[format]?.name ?? ''));
  const archived = formats.filter((format) => offered.get(FORMATS[format]?.name ?? '') === 'ARCHIVED');
  return {
    bankId,
    period,
    archived: new Set(archived),
    ref: {
      id: `${period}-${from}-${to}-${number}`,
      number: `${number}/${textAt(item, 'year') ?? to.slice(0, 4)}`,
      from,
      to,
      // One account is one currency here.
      currency,
      formats,
    },
  };
}

/** The bank's formats that can be had, with their availability. */
function availabilities(item: unknown): ReadonlyMap<string, string> {
  const formats = at(item, 'formats');
  const told = (Array.isArray(formats) ? formats : []).map(
    (one) => [textAt(one, 'format') ?? '', textAt(one, 'availability') ?? ''] as const,
  );
  return new Map(told.filter(([, availability]) => availability !== 'UNAVAILABLE'));
}

/** @returns `null` for an archived file the bank does not give (yet) */
async function fetchOr(
  accounts: Accounts,
  account: AccountRef,
  { bankId }: Listed,
  { name }: Format,
  archived: boolean,
): Promise<BankResponse | null> {
  try {
    return await accounts.call(account, (id) => ({
      operation: DOWNLOAD,
      method: 'GET',
      path: `/my/accounts/${id}/statements/${encodeURIComponent(bankId)}/download`,
      query: { format: name },
      // JSON by the contract, the bare file in use; never a web page.
      accept: [JSON_TYPE, '*/*'],
      maxBytes: MAX_DOCUMENT,
    }));
  } catch (error) {
    if (archived && error instanceof Failure && error.kind === 'rejected') return null;
    throw error;
  }
}

function readDocument(response: BankResponse, format: Format, name: string): BankDocument {
  const fileName = `${name}.${format.extension}`;
  const wrapped = response.mediaType === JSON_TYPE ? unwrapped(response) : null;
  const document = documentOf(wrapped ? { body: wrapped, mediaType: format.mediaType } : response, fileName);
  if (document.bytes.length > 0) return document;
  const message = `${DOWNLOAD} answered ${response.status} with an empty file. It is tried again by itself.`;
  throw new Failure('transient', message, { operation: DOWNLOAD, requestId: response.requestId });
}

/** The file in `{"data": "…"}`; `null` where the JSON type stands over a file that is none. */
function unwrapped(response: BankResponse): Uint8Array | null {
  let body: unknown;
  try {
    body = parseJson(response.body);
  } catch {
    return null;
  }
  if (isErrorBody(body)) throw failureOf(response, DOWNLOAD);
  const data = at(body, 'data');
  if (typeof data !== 'string') throw unreadable(DOWNLOAD, 'has no file in "data"', response);
  const compact = data.replace(/\s+/g, '');
  const isBase64 = compact.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(compact);
  return isBase64 ? new Uint8Array(Buffer.from(compact, 'base64')) : new TextEncoder().encode(data);
}
