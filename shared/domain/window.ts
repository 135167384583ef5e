import { addDays, dateIn, maxDate, minDate, type PlainDate } from './dates.ts';
import type { Window } from './model.ts';

/** Days read again before the last complete success: late bookings and bookings around midnight. */
export const OVERLAP_DAYS = 1;

/**
 * The window of a pull (design, chapter 4): from the last complete success or the history days, whichever is
 * earlier, less an overlap, to today in the bank's zone; never past the bank's history depth. Before the first
 * success it is as if one had ended with the history days before the account's first day, so that a bank that
 * refuses for a week costs no day of that week.
 *
 * @param now epoch milliseconds
 * @param completeThrough day up to which everything is known to be in the ledger, `null` before the first success
 * @param firstDay day the account was discovered
 * @param depthDays days back the bank answers, `null` when it has no limit
 */
export function windowOf(options: {
  now: number;
  timeZone: string;
  completeThrough: PlainDate | null;
  firstDay: PlainDate;
  historyDays: number;
  depthDays: number | null;
}): Window {
  const today = dateIn(options.timeZone, options.now);
  const history = addDays(today, -options.historyDays);
  const known = options.completeThrough ?? addDays(options.firstDay, -options.historyDays);
  const start = addDays(minDate(known, history), -OVERLAP_DAYS);
  return clampWindow({ from: start, to: today }, today, options.depthDays);
}

/** The part of a window the bank can answer; `from` is never after `to`. */
export function clampWindow(window: Window, today: PlainDate, depthDays: number | null): Window {
  const to = minDate(window.to, today);
  const earliest = depthDays === null ? window.from : addDays(today, -depthDays);
  return { from: minDate(maxDate(window.from, earliest), to), to };
}

/** A window cut into spans of at most `days` days, oldest first. */
export function slices(window: Window, days: number): Window[] {
  const parts: Window[] = [];
  for (let from = window.from; from <= window.to; from = addDays(from, days)) {
    parts.push({ from, to: minDate(addDays(from, days - 1), window.to) });
  }
  return parts;
}
