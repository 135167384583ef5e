import type { PlainDate } from '../../domain/dates.ts';
import { hasCharacter } from '../encoding/encode.ts';
import type { Encoding } from '../encoding/encodings.ts';
import { transliterate } from '../encoding/transliterate.ts';
import { FormatError } from '../errors.ts';
import type { Loss } from '../stream.ts';

/** What a writer could not carry over. */
export type Lose = (rule: string, message: string) => void;

/** Collects the losses of one item or header under its position. */
export function loserAt(losses: Loss[], position: string): Lose {
  return (rule, message) => losses.push({ rule, message, position });
}

/** An unsigned number in fixed columns. @throws FormatError `too-large` when it needs more digits */
export function digits(value: bigint, width: number, name: string, position: string): string {
  const text = (value < 0n ? -value : value).toString();
  if (text.length <= width) return text.padStart(width, '0');
  const message = `The ${name} of ${position} needs ${text.length} digits, a GPC file has ${width}: split it or use camt.053`;
  throw new FormatError('too-large', message, position);
}

/** `DDMMYY`. @throws FormatError `date-out-of-range` for a year that two digits do not tell */
export function dateDigits(date: PlainDate | null, position: string): string {
  if (date === null) return '000000';
  const year = Number(date.slice(0, 4));
  if (year < 1950 || year > 2049) {
    throw new FormatError(
      'date-out-of-range',
      `${date} in ${position} does not fit into a two-digit year`,
      position,
    );
  }
  return date.slice(8, 10) + date.slice(5, 7) + date.slice(2, 4);
}

/**
 * A text in the letters of the encoding, on one line, at most `width` characters; everything it loses by that is
 * listed under `name`.
 */
export function fitted(text: string, width: number, name: string, encoding: Encoding, lose: Lose): string {
  const plain = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  if (plain !== text)
    lose('control-replaced', `Line ends and control characters of the ${name} became spaces.`);
  const single = taken(plain);
  if (single !== plain) lose('spaces-collapsed', `Spaces of the ${name} were taken together.`);
  const { text: written, replaced } = transliterate(single, hasCharacter(encoding));
  for (const { from, to } of replaced) {
    lose('letter-replaced', `"${from}" in the ${name} is not in ${encoding}; "${to}" was written.`);
  }
  const result = taken(written);
  if (result.length <= width) return result;
  lose('shortened', `The ${name} has ${result.length} characters; ${width} were written.`);
  return result.slice(0, width).trimEnd();
}

const taken = (text: string): string => text.trim().replace(/ {2,}/g, ' ');
