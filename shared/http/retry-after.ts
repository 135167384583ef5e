import { parseHttpDate } from './http-date.ts';

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
