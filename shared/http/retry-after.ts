const SECOND = 1_000;
const DAY = 86_400_000;

/**
 * How long a 429 asks for silence, in milliseconds (RFC 9110, 10.2.3): whole seconds, or an HTTP date, which
 * is measured against the answer's own `Date` so that a skewed clock does no harm. Between one second and one day.
 * @returns `null` when the header is absent or no such value
 */
export function parseRetryAfter(
  value: string | undefined,
  date: string | undefined,
  now: number,
): number | null {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return clamp(Number(text) * SECOND);
  const until = parseHttpDate(text);
  return until === null ? null : clamp(until - (parseHttpDate(date) ?? now));
}

const clamp = (delay: number): number => Math.min(Math.max(delay, SECOND), DAY);

/** Epoch milliseconds of an HTTP date in the one form senders may use (`Sun, 06 Nov 1994 08:49:37 GMT`), else `null`. */
export function parseHttpDate(value: string | undefined): number | null {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value?.trim() ?? ''))
    return null;
  const instant = Date.parse(value ?? '');
  return Number.isNaN(instant) ? null : instant;
}
