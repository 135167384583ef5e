import { isPlainDate, type PlainDate } from '../../domain/dates.ts';
import type { Line } from '../encoding/lines.ts';
import { FormatError } from '../errors.ts';

/**
 * Fixed columns. Offsets are from 0 and the end is exclusive, so the documents' "columns 49–60" are `48, 60`; messages
 * count as the documents do.
 */

const ZERO = 48;
const NINE = 57;
const SPACE = 32;

export const lengthOf = ({ start, end }: Line): number => end - start;

/** Whether the line begins with `07` and this digit. */
export function isRecord({ units, start, end }: Line, digit: number): boolean {
  return (
    end - start >= 3 && units[start] === ZERO && units[start + 1] === 55 && units[start + 2] === ZERO + digit
  );
}

/** The characters of columns, as far as the line goes. */
export function sliceOf({ text, start, end }: Line, from: number, to: number): string {
  return text.slice(Math.min(start + from, end), Math.min(start + to, end));
}

export function isDigits({ units, start, end }: Line, from: number, to: number): boolean {
  if (start + to > end) return false;
  for (let at = start + from; at < start + to; at++) {
    const unit = units[at] ?? 0;
    if (unit < ZERO || unit > NINE) return false;
  }
  return true;
}

export function isBlank({ units, start, end }: Line, from: number, to: number): boolean {
  const last = Math.min(start + to, end);
  for (let at = start + from; at < last; at++) if (units[at] !== SPACE) return false;
  return true;
}

/** A numeric column that is something else: read on, everything behind it would be shifted. */
export function notNumeric(line: Line, from: number, to: number, name: string): FormatError {
  const found = sliceOf(line, from, to);
  const what = found.length < to - from ? 'the line ends there' : `they hold "${found}"`;
  return new FormatError(
    'column-not-numeric',
    `Columns ${from + 1}-${to} should be the ${name} in digits, but ${what}`,
    `column ${from + 1}`,
  );
}

/** @throws FormatError `column-not-numeric` */
export function requireDigits(line: Line, from: number, to: number, name: string): void {
  if (!isDigits(line, from, to)) throw notNumeric(line, from, to, name);
}

/** As {@link requireDigits}, or all spaces where there is nothing to say. @throws FormatError `column-not-numeric` */
export function requireDigitsOrBlank(line: Line, from: number, to: number, name: string): void {
  if (!isDigits(line, from, to) && !isBlank(line, from, to)) throw notNumeric(line, from, to, name);
}

/** Digits known to be there, at most 15 of them, which a double holds exactly. */
export function integerAt({ units, start }: Line, from: number, to: number): bigint {
  let value = 0;
  for (let at = start + from; at < start + to; at++) value = value * 10 + ((units[at] ?? ZERO) - ZERO);
  return BigInt(value);
}

/** Digits without left zeros; `null` for zeros or blanks only. */
export function significantAt({ text, units, start, end }: Line, from: number, to: number): string | null {
  const last = Math.min(start + to, end);
  let at = start + from;
  while (at < last && (units[at] === ZERO || units[at] === SPACE)) at += 1;
  return at < last ? text.slice(at, last) : null;
}

/** The text of columns without the spaces around it, `null` when blank. */
export function textAt({ text, units, start, end }: Line, from: number, to: number): string | null {
  let first = start + from;
  let last = Math.min(start + to, end);
  while (first < last && units[first] === SPACE) first += 1;
  while (last > first && units[last - 1] === SPACE) last -= 1;
  return first < last ? text.slice(first, last) : null;
}

/** Dates kept by their six digits: a file has few different ones. */
const KEPT = 1000;

/** Reads `DDMMYY`: 50–99 are years of the last century, 00–49 of this one. */
export interface DateColumns {
  /**
   * The day in six columns known to be digits or blank; `null` for zeros or blanks, `undefined` when there is no
   * such day.
   */
  read(line: Line, from: number): PlainDate | null | undefined;
}

export function dateColumns(): DateColumns {
  const known = new Map<number, PlainDate | null | undefined>();
  let lastKey = NaN;
  let last: PlainDate | null | undefined;
  return {
    read(line, from) {
      const { units, start, end } = line;
      if (start + from >= end) return null;
      let key = 0;
      for (let at = start + from; at < start + from + 6; at++) key = key * 10 + ((units[at] ?? ZERO) - ZERO);
      if (key === lastKey) return last;
      if (!known.has(key)) {
        if (known.size >= KEPT) known.clear();
        known.set(key, dateOf(sliceOf(line, from, from + 6)));
      }
      lastKey = key;
      last = known.get(key);
      return last;
    },
  };
}

function dateOf(digits: string): PlainDate | null | undefined {
  if (/^[0 ]*$/.test(digits)) return null;
  const year = digits.slice(4);
  const date = `${year >= '50' ? '19' : '20'}${year}-${digits.slice(2, 4)}-${digits.slice(0, 2)}`;
  return isPlainDate(date) ? date : undefined;
}
