import { addDays, type PlainDate } from './dates.ts';

/** Czech public holidays of fixed date, `MM-DD` (Act 245/2000 Coll.). */
const HOLIDAYS: ReadonlySet<string> = new Set([
  '01-01', '05-01', '05-08', '07-05', '07-06', '09-28', '10-28', '11-17', '12-24', '12-25', '12-26',
]); // prettier-ignore

/** Whether Czech banks work on that day: no week-end, no public holiday. */
export function isBankingDay(date: PlainDate): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  if (weekday === 0 || weekday === 6 || HOLIDAYS.has(date.slice(5))) return false;
  const easter = easterSunday(Number(date.slice(0, 4)));
  return date !== addDays(easter, -2) && date !== addDays(easter, 1);
}

/** Easter Sunday of the Gregorian calendar (the anonymous algorithm in Meeus, Astronomical Algorithms, chapter 8). */
function easterSunday(year: number): PlainDate {
  const golden = year % 19;
  const [century, within] = [Math.floor(year / 100), year % 100];
  const correction = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(within / 4) - epact - (within % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const days = epact + weekday - 7 * late + 114;
  const month = Math.floor(days / 31);
  return `${year}-${String(month).padStart(2, '0')}-${String((days % 31) + 1).padStart(2, '0')}`;
}

/** The first banking day on or after a day. */
export function bankingDayFrom(date: PlainDate): PlainDate {
  let day = date;
  while (!isBankingDay(day)) day = addDays(day, 1);
  return day;
}

/** The banking day so many banking days after a day. */
export function bankingDaysAfter(date: PlainDate, days: number): PlainDate {
  let day = date;
  for (let left = days; left > 0; left--) day = bankingDayFrom(addDays(day, 1));
  return day;
}
