import type { PlainDate } from '../../shared/domain/dates.ts';

/**
 * The calendar of Czech banks. Written from the rule itself (directive 2000/84/EC: summer time from the last Sunday of
 * March to the last Sunday of October, changing at 01:00 UTC), so the simulated bank does not share a mistake with
 * the gateway, and is quick enough for thousands of rows.
 */
const HOUR = 3_600_000;

/** 01:00 UTC on the last Sunday of a month of 31 days; `month` counts from 0. */
function changeIn(year: number, month: number): number {
  const last = Date.UTC(year, month, 31, 1);
  return last - new Date(last).getUTCDay() * 24 * HOUR;
}

/** Milliseconds Prague is ahead of UTC at an instant. */
export function pragueOffset(instant: number): number {
  const year = new Date(instant).getUTCFullYear();
  return instant >= changeIn(year, 2) && instant < changeIn(year, 9) ? 2 * HOUR : HOUR;
}

/** Wall-clock time `YYYY-MM-DDTHH:MM:SS` in Prague, no zone: how camt files of Raiffeisenbank print it. */
export function pragueTime(instant: number): string {
  return new Date(instant + pragueOffset(instant)).toISOString().slice(0, 19);
}

/** The calendar day in Prague. */
export function pragueDay(instant: number): PlainDate {
  return pragueTime(instant).slice(0, 10);
}

/** `2026-11-20T14:05:48.000+01:00`: how the transaction list prints it. */
export function pragueDateTime(instant: number): string {
  const milliseconds = String(instant % 1000).padStart(3, '0');
  return `${pragueTime(instant)}.${milliseconds}+0${pragueOffset(instant) / HOUR}:00`;
}

/** The instant of a wall-clock time in Prague; of a repeated autumn hour the later one. */
export function pragueInstant(day: PlainDate, time = '00:00:00'): number {
  const wall = Date.parse(`${day}T${time}Z`);
  return wall - pragueOffset(wall - HOUR);
}
