import { isPlainDate, type PlainDate } from '../../../shared/domain/dates.ts';
import { MoneyError, parseMoney } from '../../../shared/domain/money.ts';
import { pragueDay, pragueInstant } from '../prague.ts';
import { fromDomestic, type DomesticNumber } from './numbers.ts';
import type { BookedItem, BookedRow } from './source.ts';

/** A movement of a file: served as it stands there, and what a test may know about it. */
export interface FiledRow extends BookedItem, BookedRow {
  readonly account: DomesticNumber;
  readonly currency: string;
}

export interface TransactionFiles {
  readonly rows: readonly FiledRow[];
  /** Accounts and currencies the file names speak of, also of files without a movement. */
  readonly folders: readonly { readonly account: DomesticNumber; readonly currency: string }[];
  readonly warnings: readonly string[];
}

/** `5017482301_CZK_2026-11.json` */
const NAME = /^((?:\d{1,6}-)?\d{1,10})_([A-Z]{3})(?![A-Za-z]).*\.json$/;

/** The movements of files in the form of `getTransactionList`; the account and currency come from the file's name. */
export async function readTransactionFiles(
  names: readonly string[],
  read: (name: string) => Promise<Uint8Array>,
): Promise<TransactionFiles> {
  const warnings: string[] = [];
  const rows = new Map<string, FiledRow>();
  const folders: { account: DomesticNumber; currency: string }[] = [];
  for (const name of names) {
    const [, number = '', currency = ''] = NAME.exec(name) ?? [];
    const account = fromDomestic(number);
    const items = account === null ? null : itemsOf(await read(name));
    if (account === null) {
      warnings.push(`${name}: left out, its name is not <accountNumber>_<CUR>*.json.`);
    } else if (items === null) {
      warnings.push(`${name}: left out, it is no JSON object with a list "transactions".`);
    } else {
      folders.push({ account, currency });
      const read = items.map(({ plain, exact }) => rowOf(plain, exact, account, currency));
      const lost = read.filter((row) => row === null).length;
      if (lost > 0)
        warnings.push(`${name}: ${lost} movements without reference, amount or date are left out.`);
      // Exported spans may overlap; the bank lists a movement once.
      for (const row of read) if (row) rows.set(`${account.number}|${currency}|${row.entryReference}`, row);
    }
  }
  return { rows: [...rows.values()], folders, warnings };
}

interface Item {
  readonly plain: unknown;
  /** The same item whose numbers print the digits of the file. */
  readonly exact: unknown;
}

function itemsOf(bytes: Uint8Array): Item[] | null {
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  try {
    const plain = listIn(JSON.parse(text));
    const exact = listIn(JSON.parse(text, keepDigits as Parameters<typeof JSON.parse>[1]));
    return plain?.map((item, index) => ({ plain: item, exact: exact?.[index] })) ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function listIn(value: unknown): unknown[] | null {
  const list =
    typeof value === 'object' && value !== null && 'transactions' in value ? value.transactions : null;
  return Array.isArray(list) ? list : null;
}

/** ECMAScript's JSON.parse source text access, which TypeScript's library does not describe yet. */
function keepDigits(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  return typeof value === 'number' && context.source !== undefined ? rawJSON(context.source) : value;
}

function rowOf(plain: unknown, exact: unknown, account: DomesticNumber, currency: string): FiledRow | null {
  const item = plain as {
    entryReference?: string | number;
    amount?: { value?: number };
    creditDebitIndication?: string;
    bookingDate?: string;
    valueDate?: string;
  } | null;
  const bookedAt = instantOf(item?.bookingDate) ?? instantOf(item?.valueDate);
  const minor = minorOf(item?.amount?.value, currency);
  if (item?.entryReference === undefined || bookedAt === null || minor === null) return null;
  return {
    account,
    currency,
    bookedAt,
    json: exact,
    entryReference: String(item.entryReference),
    date: pragueDay(bookedAt),
    minor: item.creditDebitIndication === 'DBIT' ? -minor : minor,
  };
}

/** A date, a local time or one with an offset. */
function instantOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const day: PlainDate = text.slice(0, 10);
  if (!isPlainDate(day)) return null;
  if (text.length === 10) return pragueInstant(day);
  const [, time, zone] = /^T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?$/.exec(text.slice(10)) ?? [];
  if (time === undefined) return null;
  return zone === undefined ? pragueInstant(day, time) : Date.parse(text);
}

function minorOf(value: number | undefined, currency: string): bigint | null {
  if (typeof value !== 'number') return null;
  try {
    return parseMoney(String(Math.abs(value)), currency).minor;
  } catch (error) {
    if (error instanceof MoneyError) return null;
    throw error;
  }
}
