import type { Line } from '../encoding/lines.ts';
import { isBlank, sliceOf, textAt } from './columns.ts';

/** Characters of one line of a message. */
export const LINE = 35;
const SPACE = 32;

/** A message as it is put together from its lines. */
export interface Message {
  text: string;
  /** Whether the last line filled its columns. */
  full: boolean;
}

/**
 * Adds the lines that columns hold, 35 characters each. A message is cut in the middle of words, so what follows a
 * full line follows without a space.
 */
export function addLines(
  message: Message,
  { text, units, start, end }: Line,
  from: number,
  to: number,
): void {
  const last = Math.min(start + to, end);
  for (let at = start + from; at < last; at += LINE) {
    let behind = Math.min(at + LINE, last);
    while (behind > at && units[behind - 1] === SPACE) behind -= 1;
    if (behind === at) continue;
    const part = text.slice(at, behind);
    if (message.text === '') message.text = part;
    else message.text += message.full ? part : ` ${part}`;
    message.full = behind - at === LINE;
  }
}

/** What record 076 adds to an item. */
export interface Identification {
  /** The bank's identification of the movement. */
  readonly reference: string | null;
  readonly comment: string | null;
}

/** Reads record 076; `null` when its date (columns 30–35) is none, so that the record is something else. */
export function readIdentification(line: Line): Identification | null {
  const isDate = /^(0{6}|(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d{2})$/.test(sliceOf(line, 29, 35));
  if (!isDate && !isBlank(line, 29, 35)) return null;
  return { reference: textAt(line, 3, 29), comment: textAt(line, 35, Infinity) };
}
