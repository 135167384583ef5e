import { addDays, daysBetween, type PlainDate } from '../../../shared/domain/dates.ts';
import { pragueDay, pragueInstant } from '../prague.ts';
import type { SandboxClock } from '../types.ts';
import { numberOf, type CebAccount } from './accounts.ts';
import { movementsOn, sumOf, type CebMovement } from './movement.ts';

/** A statement of one day, with everything its files print. */
export interface CebStatement {
  readonly account: CebAccount;
  readonly day: PlainDate;
  /** Ordinal within the year. */
  readonly number: number;
  readonly opening: bigint;
  readonly closing: bigint;
  readonly movements: readonly CebMovement[];
  /** Instant at which the bank makes the files. */
  readonly createdAt: number;
}

/** A movement with the instant of its booking; `null` for what the night's processing books, fees for one. */
export interface TimedMovement {
  readonly movement: CebMovement;
  readonly at: number | null;
}

/** The books of the bank. A day is closed by the night behind it: then its statement exists and changes no more. */
export interface Books {
  readonly accounts: readonly CebAccount[];
  /** The first day. */
  readonly start: PlainDate;
  /** Statements of closed days, oldest first. */
  statements(account: CebAccount): readonly CebStatement[];
  /** What is booked on a day, or will be by its end, in the order of its statement. */
  movementsOf(account: CebAccount, day: PlainDate): readonly TimedMovement[];
  /** @throws Error for a day that is closed */
  book(account: CebAccount, movement: CebMovement): void;
  accountOf(number: string): CebAccount | undefined;
}

/** Daily processing, after midnight in Prague. */
const MADE_AT = '01:35:00';
/** Days of history behind the first day of the simulation. */
const HISTORY = 50;
/** The first movement of a day, and the minutes to the next one. */
const FIRST_AT = '08:10:00';
const APART = 70 * 60_000;

export function openBooks(seed: string, clock: SandboxClock, accounts: readonly CebAccount[]): Books {
  const start = addDays(pragueDay(clock.now()), -HISTORY);
  const extra = new Map<string, TimedMovement[]>();
  const closed = new Map<CebAccount, CebStatement[]>(accounts.map((account) => [account, []]));

  const madeAt = (day: PlainDate): number => pragueInstant(addDays(day, 1), MADE_AT);

  function movementsOf(account: CebAccount, day: PlainDate): TimedMovement[] {
    const first = pragueInstant(day, FIRST_AT);
    const seeded = movementsOn(seed, account, day).map((movement, at) => ({
      movement,
      at: movement.party === null ? null : first + at * APART,
    }));
    return [...seeded, ...(extra.get(`${account.number}|${day}`) ?? [])];
  }

  function statements(account: CebAccount): readonly CebStatement[] {
    const all = closed.get(account)!;
    for (;;) {
      const day = addDays(start, all.length);
      if (madeAt(day) > clock.now()) return all;
      const movements = movementsOf(account, day).map(({ movement }) => movement);
      const opening = all.at(-1)?.closing ?? account.opening;
      all.push({
        account,
        day,
        number: daysBetween(`${day.slice(0, 4)}-01-01`, day) + 1,
        opening,
        closing: opening + sumOf(movements),
        movements,
        createdAt: madeAt(day),
      });
    }
  }

  return {
    accounts,
    start,
    statements,
    movementsOf,
    book(account, movement) {
      const last = statements(account).at(-1)?.day ?? addDays(start, -1);
      if (movement.day <= last) throw new Error(`The simulated bank has closed ${movement.day}.`);
      const key = `${account.number}|${movement.day}`;
      const at = Math.max(clock.now(), pragueInstant(movement.day, FIRST_AT));
      extra.set(key, [...(extra.get(key) ?? []), { movement, at }]);
    },
    accountOf: (number) => accounts.find((account) => numberOf(account) === number),
  };
}
