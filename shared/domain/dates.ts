/**
 * Plain dates (`YYYY-MM-DD`, no zone) for booking and value dates, and the one place that turns instants into the
 * bank's calendar.
 */
export type PlainDate = string;

const PLAIN = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAY_MS = 86_400_000;

/** True for an existing calendar day written `YYYY-MM-DD`. */
export function isPlainDate(text: string): boolean {
  if (!PLAIN.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}

/** The day `days` later (or earlier, when negative). */
export function addDays(date: PlainDate, days: number): PlainDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Days from `a` to `b`; negative when `b` is earlier. */
export function daysBetween(a: PlainDate, b: PlainDate): number {
  return Math.round((Date.parse(`${b}T00:00:00Z`) - Date.parse(`${a}T00:00:00Z`)) / DAY_MS);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The calendar day at `instant` (epoch milliseconds) in an IANA zone, e.g. `Europe/Prague`. */
export function dateIn(zone: string, instant: number): PlainDate {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formatters.set(zone, formatter);
  }
  return formatter.format(new Date(instant));
}

/** An instant as UTC ISO 8601. */
export function isoInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

export function minDate(a: PlainDate, b: PlainDate): PlainDate {
  return a < b ? a : b;
}

export function maxDate(a: PlainDate, b: PlainDate): PlainDate {
  return a > b ? a : b;
}
