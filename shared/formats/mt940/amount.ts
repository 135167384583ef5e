import { FormatError } from '../errors.ts';

const ZERO = 48;
const COMMA = 44;
const POINT = 46;
const MINUS = 45;
/** Digits a JS number holds exactly. */
const EXACT = 15;
/** No bank has more; SWIFT allows 15 with the comma. */
const LONGEST = 18;

/**
 * An amount of SWIFT (`1250,5`, `1234,`, `7`) in minor units, from `start` to `end` of the text. A sign in front is
 * taken as one. Digits beyond the currency's minor unit are accepted only when they are zeros.
 * @param exponent decimals of the currency
 * @throws FormatError `amount-unreadable`
 */
export function readAmount(text: string, start: number, end: number, exponent: number): bigint {
  const negative = text.charCodeAt(start) === MINUS;
  let at = negative ? start + 1 : start;
  const first = at;
  let value = 0;
  let decimals = -1;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === POINT) {
      if (decimals >= 0 || at === first) throw unreadable(text, start, end);
      decimals = 0;
      continue;
    }
    const digit = code - ZERO;
    if (!(digit >= 0 && digit <= 9)) throw unreadable(text, start, end);
    if (decimals < exponent) value = value * 10 + digit;
    else if (digit !== 0) throw unreadable(text, start, end);
    if (decimals >= 0) decimals += 1;
  }
  if (at === first) throw unreadable(text, start, end);
  if (decimals < 0) decimals = 0;
  for (; decimals < exponent; decimals++) value *= 10;
  const minor = value < 10 ** EXACT ? BigInt(value) : long(text.slice(first, end), exponent);
  return negative ? -minor : minor;
}

function long(text: string, exponent: number): bigint {
  const [whole = '', fraction = ''] = text.split(/[,.]/);
  const digits = (whole + fraction.slice(0, exponent).padEnd(exponent, '0')).replace(/^0+/, '');
  if (digits.length > LONGEST) throw unreadable(text, 0, text.length);
  return BigInt(digits);
}

function unreadable(text: string, start: number, end: number): FormatError {
  return new FormatError('amount-unreadable', `"${text.slice(start, end).slice(0, 40)}" is not an amount`);
}
