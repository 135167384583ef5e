import type { PlainDate } from '../../domain/dates.ts';
import type { Line } from '../encoding/lines.ts';
import { FormatError } from '../errors.ts';
import {
  integerAt,
  requireDigits,
  requireDigitsOrBlank,
  sliceOf,
  textAt,
  type DateColumns,
} from './columns.ts';
import { bankOfFiller } from './dialects.ts';

/** Record 074. Amounts in hundredths. */
export interface Header {
  /** The own account as written: 16 digits. */
  readonly account: string;
  /** Day of the old balance. */
  readonly oldDate: PlainDate | null;
  readonly opening: bigint;
  readonly closing: bigint;
  /** Turnovers without their signs, which banks use in different ways. */
  readonly debits: bigint;
  readonly credits: bigint;
  /** As printed, three digits; `null` for zeros (a query over a period). */
  readonly number: string | null;
  /** Day of posting, or the last day of the period. */
  readonly date: PlainDate | null;
  /** Bank code shown in the filler, `null` when there is none. */
  readonly bankCode: string | null;
}

/** Columns up to the posting date; the filler behind it may be missing. */
export const HEADER_LENGTH = 114;

/**
 * Reads record 074. Nothing in it may be doubtful: everything that follows hangs on it.
 * @throws FormatError `column-not-numeric`, `column-not-a-sign`, `column-not-a-date`
 */
export function readHeader(line: Line, dates: DateColumns): Header {
  requireDigits(line, 3, 19, 'own account');
  const oldDate = headerDate(line, 39, 'date of the old balance', dates);
  const opening = balance(line, 45, 'old balance');
  const closing = balance(line, 60, 'new balance');
  const debits = turnover(line, 75, 'debit turnover');
  const credits = turnover(line, 90, 'credit turnover');
  requireDigitsOrBlank(line, 105, 108, 'statement number');
  const date = headerDate(line, 108, 'posting date', dates);
  const number = textAt(line, 105, 108);
  return {
    account: sliceOf(line, 3, 19),
    oldDate,
    opening,
    closing,
    debits,
    credits,
    number: number !== null && /[1-9]/.test(number) ? number : null,
    date,
    bankCode: bankOfFiller(textAt(line, HEADER_LENGTH, HEADER_LENGTH + 14) ?? ''),
  };
}

function balance(line: Line, from: number, name: string): bigint {
  requireDigits(line, from, from + 14, name);
  const sign = sliceOf(line, from + 14, from + 15);
  if (sign !== '+' && sign !== '-') throw notASign(line, from + 14, name, '+ or -');
  const amount = integerAt(line, from, from + 14);
  return sign === '-' ? -amount : amount;
}

function turnover(line: Line, from: number, name: string): bigint {
  requireDigits(line, from, from + 14, name);
  if (!'0-+ '.includes(sliceOf(line, from + 14, from + 15))) throw notASign(line, from + 14, name, '0 or -');
  return integerAt(line, from, from + 14);
}

function notASign(line: Line, at: number, name: string, expected: string): FormatError {
  return new FormatError(
    'column-not-a-sign',
    `Column ${at + 1} should be the sign of the ${name} (${expected}), but holds "${sliceOf(line, at, at + 1)}"`,
    `column ${at + 1}`,
  );
}

function headerDate(line: Line, from: number, name: string, dates: DateColumns): PlainDate | null {
  requireDigits(line, from, from + 6, name);
  const date = dates.read(line, from);
  if (date !== undefined) return date;
  throw new FormatError(
    'column-not-a-date',
    `Columns ${from + 1}-${from + 6} should be the ${name} (DDMMYY), but hold "${sliceOf(line, from, from + 6)}"`,
    `column ${from + 1}`,
  );
}
