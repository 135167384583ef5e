/**
 * JSON of banks, with numbers kept as they were written: an amount must never pass through a JS number, which
 * turns 90071992547409.93 into something else.
 */

// ECMAScript's "JSON.parse source text access"; not yet in TypeScript's library.
interface RawJson {
  readonly rawJSON: string;
}
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
};
type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

/**
 * Reads UTF-8 JSON; numbers become raw values that {@link textOf} reads and {@link jsonText} prints unchanged.
 * @throws SyntaxError, TypeError (no UTF-8) or RangeError (nested too deep)
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const keepNumbers: Reviver = (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? rawJSON(source) : value;
  return JSON.parse(text, keepNumbers as (this: unknown, key: string, value: unknown) => unknown);
}

/** {@link parseJson}; `null` for bytes that are no JSON. */
export function jsonOrNull(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes);
  } catch {
    return null;
  }
}

/** A decimal as a JSON number, digit for digit. @throws SyntaxError for text that is no number */
export const rawNumber = (decimal: string): unknown => rawJSON(decimal);

/** What was parsed as JSON text again, numbers as they stood in the source. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

/** The value at a path of property names; `undefined` where the path ends early. */
export function at(value: unknown, ...path: string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

/** A string as it is, a number as its decimal text without exponent; `null` for anything else and for blank text. */
export function textOf(value: unknown): string | null {
  const text = isRawJSON(value) ? plainDecimal(value.rawJSON) : value;
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : null;
}

/** {@link textOf} of the value at a path. */
export function textAt(value: unknown, ...path: string[]): string | null {
  return textOf(at(value, ...path));
}

const EXPONENT = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?[eE]([+-]?\d{1,2})$/;

/** `1.25E7` as `12500000`: some servers write large numbers so. Text that is no such number comes back unchanged. */
function plainDecimal(source: string): string {
  const match = EXPONENT.exec(source);
  if (!match) return source;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const integer =
    point <= 0
      ? '0'
      : digits
          .slice(0, point)
          .padEnd(point, '0')
          .replace(/^0+(?=\d)/, '');
  const rest = point <= 0 ? digits.padStart(digits.length - point, '0') : digits.slice(point);
  return `${sign}${integer}${rest === '' ? '' : `.${rest}`}`;
}
