import { isPlainDate, type PlainDate } from '../../domain/dates.ts';
import { FormatError } from '../errors.ts';

const ZERO = 48;
const NINE = 57;

/** Whether a text is digits and nothing else. */
export function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE) return false;
  }
  return text !== '';
}

/** Digits of an amount beyond which a file is broken rather than rich. */
const MAX_AMOUNT = 15;

/** Hellers, with or without left zeros. @throws FormatError `amount-unreadable` */
export function hellersOf(text: string, field: string): bigint {
  if (!isDigits(text) || text.length > 30) {
    throw new FormatError('amount-unreadable', `${field} "${text.slice(0, 40)}" is not a count of hellers`);
  }
  const hellers = BigInt(text);
  if (hellers.toString().length > MAX_AMOUNT) {
    throw new FormatError('amount-unreadable', `${field} has more than ${MAX_AMOUNT} digits`);
  }
  return hellers;
}

/** Two-digit years from this one on are of the last century. */
const CENTURY = 50;

/**
 * `DDMMYY`, or `YYYYMMDD` as ČSOB writes it as well; zeros are none.
 * @throws FormatError `date-unreadable`
 */
export function dateOf(text: string): PlainDate | null {
  if (/^0+$/.test(text)) return null;
  const date = isDigits(text) ? spelled(text) : null;
  if (date === null || !isPlainDate(date)) {
    throw new FormatError('date-unreadable', `"${text.slice(0, 20)}" is no day written DDMMYY or YYYYMMDD`);
  }
  return date;
}

function spelled(text: string): string | null {
  if (text.length === 8) return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  if (text.length !== 6) return null;
  const century = Number(text.slice(4)) >= CENTURY ? '19' : '20';
  return `${century}${text.slice(4)}-${text.slice(2, 4)}-${text.slice(0, 2)}`;
}

/** The day as `DDMMYY`. */
export function writeDate(date: PlainDate): string {
  return date.slice(8, 10) + date.slice(5, 7) + date.slice(2, 4);
}
