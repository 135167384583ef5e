import { addDays, daysBetween, type PlainDate } from '../../domain/dates.ts';
import type { GpcDialect } from './dialects.ts';
import type { Header } from './header.ts';

/** The days a statement covers, and how its items are dated. */
export interface Period {
  readonly from: PlainDate | null;
  readonly to: PlainDate | null;
  /** Booking date of an item, `null` when nothing says it. */
  bookingDate(itemDate: PlainDate | null): PlainDate | null;
}

/** Between the old balance and the day of a daily statement lie a weekend and its holidays at most. */
const DAILY_GAP = 5;

/**
 * The period of a header. The old balance is dated the first day or the day before, by the dialect; where that is
 * unknown, two neighbouring days are taken for a statement of the second.
 */
export function periodOf(
  { oldDate, date }: Pick<Header, 'oldDate' | 'date'>,
  { opens, bookingDate }: Pick<GpcDialect, 'opens' | 'bookingDate'>,
): Period {
  const gap = oldDate === null || date === null ? null : daysBetween(oldDate, date);
  const dayBefore = gap !== null && gap > 0 && (opens === null ? gap === 1 : opens === 'day-before');
  const from = oldDate !== null && dayBefore ? addDays(oldDate, 1) : oldDate;
  const ofHeader =
    bookingDate === 'header' || (bookingDate === 'header-if-daily' && gap !== null && gap <= DAILY_GAP);
  return {
    from,
    to: date,
    bookingDate(itemDate) {
      if (date === null || itemDate === null) return date ?? itemDate;
      // Due dates stand in the same columns; they may lie outside of the days that were booked.
      const within = itemDate <= date && (from === null || itemDate >= from);
      return !ofHeader && within ? itemDate : date;
    },
  };
}
