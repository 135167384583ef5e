import type { Line } from '../encoding/lines.ts';
import { isBlank, textAt } from './columns.ts';
import { addLines, type Message } from './notes.ts';

/** What an extended item (Česká spořitelna, form 3-4341) says behind column 128. */
export interface Extension {
  /** Name of the counter-account, longer than the 20 characters of the standard part. */
  readonly name: string | null;
  readonly message: string | null;
  /** Text of the item, for items without a message. */
  readonly text: string | null;
  /** Amount in its ISO currency, as decimal text; the caller knows the account's currency. */
  readonly original: {
    readonly amount: string;
    readonly currency: string;
    readonly rate: string | null;
  } | null;
}

/** Reads what there is: lines are trimmed on the right anywhere. */
export function readExtension(line: Line): Extension | null {
  if (isBlank(line, 128, Infinity)) return null;
  const message: Message = { text: '', full: false };
  addLines(message, line, 128, 268);
  return {
    name: textAt(line, 368, 403),
    message: message.text.trim() || textAt(line, 268, 303),
    text: textAt(line, 309, 334),
    original: originalOf(line),
  };
}

function originalOf(line: Line): Extension['original'] {
  const currency = textAt(line, 365, 368);
  const written = textAt(line, 350, 365);
  if (currency === null || written === null || !/^[A-Z]{3}$/.test(currency)) return null;
  const amount = /^\d+$/.test(written) ? hundredths(written) : written.replace(',', '.');
  if (!/^\d+\.\d+$/.test(amount) || /^[0.]+$/.test(amount)) return null;
  const rate = textAt(line, 403, 414);
  return { amount, currency, rate: rate !== null && /[1-9]/.test(rate) ? rate : null };
}

/** Amounts of ABO have no separator. */
function hundredths(digits: string): string {
  const padded = digits.padStart(3, '0');
  return `${padded.slice(0, -2)}.${padded.slice(-2)}`;
}
