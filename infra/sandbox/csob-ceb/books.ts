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

/** The books of the bank. A day is closed by the night behind it: then its statement exists and changes no more. */
export interface Books {
  readonly accounts: readonly CebAccount[];
  /** The first day. */
  readonly start: PlainDate;
  /** Statements of closed days, oldest first. */
  statements(account: CebAccount): readonly CebStatement[];
  /** @throws Error for a day that is closed */
  book(account: CebAccount, movement: CebMovement): void;
  accountOf(number: string): CebAccount | undefined;
}

/** Daily processing, after midnight in Prague. */
const MADE_AT = '01:35:00';
/** Days of history behind the first day of the simulation. */
const HISTORY = 50;

export function openBooks(seed: string, clock: SandboxClock, accounts: readonly CebAccount[]): Books {
  const start = addDays(pragueDay(clock.now()), -HISTORY);
  const extra = new Map<string, CebMovement[]>();
  const closed = new Map<CebAccount, CebStatement[]>(accounts.map((account) => [account, []]));

  const madeAt = (day: PlainDate): number => pragueInstant(addDays(day, 1), MADE_AT);

  function statements(account: CebAccount): readonly CebStatement[] {
    const all = closed.get(account)!;
    for (;;) {
      const day = addDays(start, all.length);
      if (madeAt(day) > clock.now()) return all;
      const movements = [
        ...movementsOn(seed, account, day),
        ...(extra.get(`${account.number}|${day}`) ?? []),
      ];
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
    book(account, movement) {
      const last = statements(account).at(-1)?.day ?? addDays(start, -1);
      if (movement.day <= last) throw new Error(`The simulated bank has closed ${movement.day}.`);
      const key = `${account.number}|${movement.day}`;
      extra.set(key, [...(extra.get(key) ?? []), movement]);
    },
    accountOf: (number) => accounts.find((account) => numberOf(account) === number),
  };
}
