import { FormatError } from '../errors.ts';
import { readAmount } from './amount.ts';
import { itemDates, type ItemDates } from './dates.ts';

/** Field :61: taken apart. */
export interface StatementLine {
  readonly dates: ItemDates;
  /** Signed from the account's point of view, in minor units. */
  readonly minor: bigint;
  /** Marks RC and RD. */
  readonly reversal: boolean;
  /** Marks EC and ED of MT942: announced, not booked. */
  readonly expected: boolean;
  /** The amount itself had a minus sign (`D-104,12`), which turns the mark round. */
  readonly negative: boolean;
  /** Type of the transaction, `NTRF`. */
  readonly type: string;
  /** As written, `''` when absent. */
  readonly customerReference: string;
  /** What stands behind `//`, `''` when absent. */
  readonly bankReference: string;
}

const SPACE = 32;
const MINUS = 45;
const SLASH = 47;
const [C, D, E, R] = [67, 68, 69, 82];

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => code >= 65 && code <= 90;

/**
 * Reads `6!n[4!n]2a[1!a]15d1!a3!c16x[//16x]` (SWIFT, field 61), with the liberties banks take: blanks for the entry
 * date, references longer than 16, a minus before the amount.
 * @param text the line behind `:61:`
 * @param exponent decimals of the account's currency
 * @throws FormatError `date-unreadable`, `mark-unreadable`, `amount-unreadable`, `type-missing`
 */
export function readStatementLine(text: string, exponent: number): StatementLine {
  const days = isDigit(text.charCodeAt(6)) ? 10 : 6;
  const dates = itemDates(text, days);
  let at = days;
  while (at < 10 && text.charCodeAt(at) === SPACE) at += 1;

  let mark = text.charCodeAt(at);
  const before = mark;
  if (before === R || before === E) mark = text.charCodeAt(++at);
  if (mark !== C && mark !== D) {
    const found = text.slice(days, at + 1);
    throw new FormatError('mark-unreadable', `"${found}" is none of the marks C, D, RC, RD, EC and ED`);
  }
  at += 1;
  // Funds code: the third letter of the currency.
  if (isLetter(text.charCodeAt(at))) at += 1;

  let end = at;
  while (end < text.length && !isLetter(text.charCodeAt(end)) && text.charCodeAt(end) !== SPACE) end += 1;
  const amount = readAmount(text, at, end, exponent);
  const reversal = before === R;
  const type = typeAt(text, end);
  const rest = end + 4;
  const slashes = text.indexOf('//', rest);
  return {
    dates,
    minor: (mark === C) === reversal ? -amount : amount,
    reversal,
    expected: before === E,
    negative: text.charCodeAt(at) === MINUS,
    type,
    customerReference: text.slice(rest, slashes < 0 ? text.length : slashes).trim(),
    bankReference: slashes < 0 ? '' : bankReferenceAt(text, slashes + 2),
  };
}

/** One letter and three characters; ING leaves the last one blank. Without it the line was cut, maybe in the amount. */
function typeAt(text: string, at: number): string {
  if (at + 4 > text.length || !isLetter(text.charCodeAt(at))) {
    throw new FormatError('type-missing', 'There is no type of transaction behind the amount');
  }
  return text.slice(at, at + 4).trimEnd();
}

/** `///` happens where the bank reference itself begins with a slash. */
function bankReferenceAt(text: string, at: number): string {
  return text.slice(text.charCodeAt(at) === SLASH ? at + 1 : at).trim();
}
