import type { PlainDate } from '../../domain/dates.ts';
import { FormatError } from '../errors.ts';

/** A calendar day; `moved` when the file names a day its month does not have (30 February of interest). */
export interface ReadDate {
  readonly date: PlainDate;
  readonly moved: boolean;
}

export interface ItemDates {
  readonly valueDate: PlainDate;
  /** The entry date, else the value date. */
  readonly bookingDate: PlainDate;
  readonly moved: boolean;
}

const two = (value: number): string => String(value).padStart(2, '0');

const lastDay = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** A day of the year; one past the end of its month becomes the month's last day, as banks count 30/360. */
function dayOf(year: number, month: number, day: number): ReadDate | null {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return null;
  const last = lastDay(year, month);
  return { date: `${year}-${two(month)}-${two(Math.min(day, last))}`, moved: day > last };
}

/**
 * `YYMMDD`; years 50–99 are of the last century.
 * @throws FormatError `date-unreadable`
 */
export function readDate(text: string): ReadDate {
  const year = Number(text.slice(0, 2));
  const read = /^\d{6}$/.test(text)
    ? dayOf(year + (year < 50 ? 2000 : 1900), Number(text.slice(2, 4)), Number(text.slice(4)))
    : null;
  if (!read) throw new FormatError('date-unreadable', `"${text.slice(0, 10)}" is not a date YYMMDD`);
  return read;
}

/** Days of items seen; a statement has few of them, and mostly an item has those of the one before. */
const known = new Map<string, ItemDates>();
const MAX_KNOWN = 4096;
let last: { readonly key: string; readonly dates: ItemDates } | null = null;

/**
 * Value date `YYMMDD` and, where `length` is 10, entry date `MMDD` at the beginning of a :61:. The entry date has no
 * year: it is the one that brings it closest to the value date, before or after.
 * @param length 6 or 10
 * @throws FormatError `date-unreadable`
 */
export function itemDates(line: string, length: number): ItemDates {
  if (last?.key.length === length && line.startsWith(last.key)) return last.dates;
  const key = line.slice(0, length);
  const dates = known.get(key) ?? readItemDates(key.slice(0, 6), key.slice(6));
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, dates);
  last = { key, dates };
  return dates;
}

function readItemDates(value: string, entry: string): ItemDates {
  const { date: valueDate, moved } = readDate(value);
  if (entry === '') return { valueDate, bookingDate: valueDate, moved };
  const at = Date.parse(valueDate);
  const year = Number(valueDate.slice(0, 4));
  const [month, day] = [Number(entry.slice(0, 2)), Number(entry.slice(2))];
  const candidates = [year - 1, year, year + 1]
    .map((candidate) => dayOf(candidate, month, day))
    .filter((candidate) => candidate !== null);
  // 29 February exists in one year of four: a year that has it wins over one that would move it.
  const real = candidates.filter((candidate) => !candidate.moved);
  const distance = ({ date }: ReadDate): number => Math.abs(Date.parse(date) - at);
  const [nearest] = (real.length > 0 ? real : candidates).sort((a, b) => distance(a) - distance(b));
  if (!nearest) throw new FormatError('date-unreadable', `"${entry}" is not a date MMDD`);
  return { valueDate, bookingDate: nearest.date, moved: moved || nearest.moved };
}
