import { unprocessable } from '../api/problem.ts';
import { daysBetween, type PlainDate } from '../domain/dates.ts';
import type { Window } from '../domain/model.ts';

/** Days one back-fill may span: the ten years a ledger is kept. More would spend a bank's daily calls on nothing. */
const LONGEST_DAYS = 3_660;

/**
 * The window of a pull somebody asks for; `null` where no days are named, which pulls now.
 * @param today in the bank's zone
 * @throws Problem 422 for half a window, one that ends before it begins, lies in the future or is too long
 */
export function askedWindow(
  { from, to }: { from?: PlainDate | undefined; to?: PlainDate | undefined },
  today: PlainDate,
): Window | null {
  if (from === undefined && to === undefined) return null;
  if (from === undefined || to === undefined || from > to) {
    throw unprocessable(
      'bad-window',
      'Give both "from" and "to", from not after to; or neither, to pull now.',
    );
  }
  if (from > today) {
    throw unprocessable(
      'bad-window',
      `Nothing is booked yet: "from" must not be later than today, ${today}.`,
    );
  }
  if (daysBetween(from, to) >= LONGEST_DAYS) {
    throw unprocessable(
      'bad-window',
      'A back-fill spans at most ten years from "from" to "to"; ask for the rest apart.',
    );
  }
  return { from, to };
}
