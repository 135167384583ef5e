import { addDays, daysBetween, type PlainDate } from '../../../shared/domain/dates.ts';
import { pragueDay } from '../prague.ts';
import { movementsOn, type FolderKey } from './days.ts';
import type { Movement } from './movement.ts';

/** The books of one folder: every movement since its first day, generated as far as somebody asked. */
export interface FolderLedger {
  readonly key: FolderKey;
  readonly start: PlainDate;
  /** Movements booked on a day, oldest first, whether visible yet or not. */
  on(day: PlainDate): readonly Movement[];
  /** Booked balance before a day. */
  openingOf(day: PlainDate): bigint;
  /** Movements visible at `now` and booked in [from, to] (epoch milliseconds), oldest first. */
  visible(from: number, to: number, now: number): readonly Movement[];
  /** Booked balance at `now`: what is visible counts. */
  balance(now: number): bigint;
  add(movement: Movement): void;
}

export function folderLedger(key: FolderKey, start: PlainDate): FolderLedger {
  const days: Movement[][] = [];
  /** `openings[i]` is the balance before day i; one longer than `days` once grown. */
  const openings: bigint[] = [key.folder.opening];

  const grow = (index: number): void => {
    while (days.length <= index) days.push(movementsOn(key, addDays(start, days.length)));
    while (openings.length <= index + 1) {
      const last = openings.length - 1;
      openings.push((openings[last] ?? 0n) + sum(days[last] ?? []));
    }
  };
  const on = (day: PlainDate): readonly Movement[] => {
    const index = daysBetween(start, day);
    if (index < 0) return [];
    grow(index);
    return days[index] ?? [];
  };
  const openingOf = (day: PlainDate): bigint => {
    const index = daysBetween(start, day);
    if (index <= 0) return key.folder.opening;
    grow(index - 1);
    return openings[index] ?? key.folder.opening;
  };
  const visible = (from: number, to: number, now: number): Movement[] => {
    const last = pragueDay(Math.min(to, now));
    const found: Movement[] = [];
    for (let day = later(start, pragueDay(from)); day <= last; day = addDays(day, 1)) {
      found.push(...on(day).filter((m) => m.bookedAt >= from && m.bookedAt <= to && m.visibleAt <= now));
    }
    return found;
  };
  return {
    key,
    start,
    on,
    openingOf,
    visible,
    balance: (now) => {
      // Yesterday may hold a movement that shows only after midnight.
      const settled = addDays(pragueDay(now), -1);
      const since = [...on(settled), ...on(pragueDay(now))].filter(({ visibleAt }) => visibleAt <= now);
      return openingOf(settled) + sum(since);
    },
    add: (movement) => {
      const index = daysBetween(start, pragueDay(movement.bookedAt));
      grow(index);
      const day = days[index];
      if (!day) throw new Error(`The simulated account has no day ${pragueDay(movement.bookedAt)}.`);
      day.push(movement);
      day.sort((a, b) => a.bookedAt - b.bookedAt);
      openings.length = index + 1;
    },
  };
}

export function sum(movements: readonly { minor: bigint }[]): bigint {
  return movements.reduce((total, { minor }) => total + minor, 0n);
}

function later(a: PlainDate, b: PlainDate): PlainDate {
  return a > b ? a : b;
}
