import { isPlainDate, type PlainDate } from '../../domain/dates.ts';
import type { QuarantinedItem } from '../../domain/model.ts';
import { FormatError } from '../errors.ts';

/** What is paid for a unit and asked for it, as decimal strings; `null` where the file has zeros or nothing. */
export interface Sides {
  readonly buy: string | null;
  readonly sell: string | null;
  readonly middle: string | null;
}

/** Rates of one currency (record 03). */
export interface Quote {
  readonly country: string | null;
  /** ISO 4217. */
  readonly currency: string;
  /** Units the rates are for. */
  readonly units: number;
  /** Transfers (devizy). */
  readonly transfers: Sides;
  /** Banknotes (valuty). */
  readonly cash: Sides;
}

/** Rates of one provider and day (record 02 and what follows it). */
export interface QuoteList {
  readonly validFrom: PlainDate;
  /** As written: `CNB`, `CSOB`. */
  readonly provider: string;
  readonly quotes: readonly Quote[];
}

export interface Quotes {
  readonly lists: readonly QuoteList[];
  readonly quarantined: readonly QuarantinedItem[];
}

/** Rates of all currencies of the world are a hundredth of it. */
const MAX_BYTES = 1024 * 1024;
const MAX_RAW = 200;
const RECORD = /^0[123]/;

/**
 * Reads a QUOTES file of exchange rates: lines of fixed columns in Windows-1250, record 01 for the file (32 columns),
 * 02 for a provider and day (76), 03 for a currency (124) (ČSOB Business Connector, implementation manual). A line
 * that cannot be read is quarantined, and so are the currencies behind a 02 that cannot: nobody knows their day.
 * @throws FormatError `too-large`, `empty`, `not-quotes`
 */
export function readQuotes(file: Uint8Array): Quotes {
  if (file.length > MAX_BYTES) {
    throw new FormatError('too-large', `The file of rates is larger than ${MAX_BYTES} bytes`);
  }
  const lines = new TextDecoder('windows-1250').decode(file).split(/\r\n|\n|\r/);
  const first = lines.find((line) => line.trim() !== '');
  if (first === undefined) throw new FormatError('empty', 'The file is empty: there are no rates in it');
  if (!RECORD.test(first)) {
    throw new FormatError('not-quotes', 'The file does not begin with a record 01, 02 or 03 of rates');
  }
  const lists: { validFrom: PlainDate; provider: string; quotes: Quote[] }[] = [];
  const quarantined: QuarantinedItem[] = [];
  let open: (typeof lists)[0] | null = null;
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      const record = line.slice(0, 2);
      if (record === '02') {
        open = null;
        open = { ...readDay(line), quotes: [] };
        lists.push(open);
      } else if (record === '03') {
        const quote = readQuote(line);
        if (open === null) throw new FormatError('rate-undated', 'Nothing in front of it tells the day');
        open.quotes.push(quote);
      } else if (record !== '01') throw new FormatError('record-unknown', 'It is no record 01, 02 or 03');
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      quarantined.push(asideOf(error, at + 1, line));
    }
  }
  return { lists, quarantined };
}

/** Columns as the manual counts them, from 1, both included; without the blanks around. */
const columns = (line: string, from: number, to: number): string => line.slice(from - 1, to).trim();

function readDay(line: string): { validFrom: PlainDate; provider: string } {
  const validFrom = columns(line, 22, 29).replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  if (!isPlainDate(validFrom)) throw new FormatError('day-unreadable', 'Its day of validity is none');
  const provider = columns(line, 30, 64);
  if (provider === '') throw new FormatError('provider-missing', 'It does not tell whose rates they are');
  return { validFrom, provider };
}

function readQuote(line: string): Quote {
  const currency = columns(line, 60, 62);
  if (!/^[A-Z]{3}$/.test(currency)) throw new FormatError('currency-unreadable', 'Its currency is none');
  const quantity = columns(line, 54, 57);
  if (!/^0*[1-9]\d*$/.test(quantity))
    throw new FormatError('units-unreadable', 'Its number of units is none');
  const transfers = readSides(line, 64);
  const cash = readSides(line, 95);
  if (![transfers, cash].some(hasRate)) throw new FormatError('rate-missing', 'It has no rate');
  return { country: columns(line, 19, 53) || null, currency, units: Number(quantity), transfers, cash };
}

const hasRate = ({ buy, sell, middle }: Sides): boolean => (buy ?? sell ?? middle) !== null;

const WIDTH = 10;

function readSides(line: string, start: number): Sides {
  const [buy = null, sell = null, middle = null] = [0, 1, 2].map((at) =>
    rateOf(columns(line, start + at * WIDTH, start + at * WIDTH + WIDTH - 1)),
  );
  return { buy, sell, middle };
}

/** `000024.350` → `24.350`; `null` for zeros and blanks. */
function rateOf(text: string): string | null {
  if (text === '') return null;
  const digits = /^0*(\d+\.\d{3})$/.exec(text)?.[1];
  if (digits === undefined) throw new FormatError('rate-unreadable', 'One of its rates is no number');
  return /[1-9]/.test(digits) ? digits : null;
}

function asideOf({ rule, message }: FormatError, line: number, text: string): QuarantinedItem {
  const position = `line ${line}`;
  return {
    rule,
    message: `The rate at ${position} was not read. ${message}. Compare the bank's own list.`,
    position,
    raw: text.slice(0, MAX_RAW),
  };
}
