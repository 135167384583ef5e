import { addDays, daysBetween, type PlainDate } from '../../../shared/domain/dates.ts';
import { chance, type Chance } from '../chance.ts';
import { pragueInstant } from '../prague.ts';
import * as draft from './drafts.ts';
import type { Draft } from './drafts.ts';
import type { Movement } from './movement.ts';
import type { SeededAccount, SeededFolder } from './portfolio.ts';

/** A folder of the seeded bank and its place in it, which keeps the references of folders apart. */
export interface FolderKey {
  readonly seed: string;
  readonly account: SeededAccount;
  readonly folder: SeededFolder;
  readonly slot: number;
}

const EPOCH: PlainDate = '2020-01-01';
/** References of one day: a thousand for each folder, the last thousand for what two folders share. */
const PER_FOLDER = 1000;
const SHARED_SLOT = 9;

/** A 10-digit reference, rising from day to day. */
export function referenceOf(day: PlainDate, slot: number, index: number): string {
  return String(7_000_000_000 + daysBetween(EPOCH, day) * 10 * PER_FOLDER + slot * PER_FOLDER + index);
}

/** What moves on a folder on a day, oldest first: a function of its arguments alone. */
export function movementsOn(key: FolderKey, day: PlainDate): Movement[] {
  const { seed, account, folder, slot } = key;
  const draws = chance(`${seed}|${account.number}|${folder.currency}|${day}`);
  const drafts = PROFILES[folder.profile](draws, day).sort((a, b) => a.time.localeCompare(b.time));
  const own = drafts.map((one, index) =>
    toMovement(one, folder.currency, day, referenceOf(day, slot, index)),
  );
  return [...own, ...converted(key, day)].sort((a, b) => a.bookedAt - b.bookedAt);
}

function toMovement(draft: Draft, currency: string, day: PlainDate, reference: string): Movement {
  const { time, valueLag, ...rest } = draft;
  const bookedAt = pragueInstant(day, time);
  return {
    ...rest,
    reference,
    currency,
    bookedAt,
    visibleAt: bookedAt,
    valueDay: valueLag === null ? null : addDays(day, -valueLag),
  };
}

type ProfileOf = (draws: Chance, day: PlainDate) => Draft[];

const PROFILES: Readonly<Record<SeededFolder['profile'], ProfileOf>> = {
  trade: (draws, day) => {
    const weekday = weekdayOf(day);
    const interest = isMonthEnd(day) ? [draft.interest(draws)] : [];
    if (isWeekend(day)) return [...several(draws, 0, 2, draft.cardPayment), ...interest];
    return [
      ...several(draws, 3, 7, draft.incomingPayment),
      ...several(draws, 1, 4, draft.outgoingPayment),
      ...several(draws, 1, 3, draft.cardPayment),
      ...(weekday === 2 || weekday === 5 ? draft.equalPair(draws) : []),
      ...(weekday === 3 ? draft.stornoPair(draws) : []),
      ...(weekday === 1 || weekday === 4 ? [draft.foreignPayment(draws, 'CZK')] : []),
      draft.fee(draws),
      ...interest,
    ];
  },
  abroad: (draws, day) => {
    if (isWeekend(day)) return [];
    return [
      ...several(draws, 0, 2, draft.incomingFromAbroad),
      ...(draws.flip(0.35) ? [draft.foreignPayment(draws, 'EUR')] : []),
      ...(weekdayOf(day) === 2 ? [draft.incomingFromAbroad(draws), draft.fee(draws)] : []),
    ];
  },
  wages: (draws, day) => {
    const dayOfMonth = Number(day.slice(8));
    const employees = Array.from({ length: 6 }, (_, index) => index + 1);
    return [
      ...(dayOfMonth === 10 ? employees.map((employee) => draft.wage(draws, employee)) : []),
      ...(dayOfMonth === 15 ? OFFICES.map((office) => draft.contribution(draws, office)) : []),
      ...(weekdayOf(day) === 4 ? [draft.topUp(draws)] : []),
      ...(weekdayOf(day) === 5 ? [draft.fee(draws)] : []),
      ...(!isWeekend(day) && draws.flip(0.4) ? [draft.cardPayment(draws)] : []),
    ];
  },
  idle: () => [],
};

const OFFICES = ['Finanční úřad', 'Správa sociálního zabezpečení', 'Zdravotní pojišťovna'];

/**
 * On the 5th, 15th and 25th a multi-currency account buys euro: two legs, one reference. A gateway that identifies
 * movements by the reference alone loses one of them.
 */
function converted({ seed, account, folder }: FolderKey, day: PlainDate): Movement[] {
  const active = account.folders.filter(({ status }) => status === 'ACTIVE').map(({ currency }) => currency);
  const pair = ['CZK', 'EUR'];
  if (!pair.includes(folder.currency) || !pair.every((currency) => active.includes(currency))) return [];
  if (!['05', '15', '25'].includes(day.slice(8)) || isWeekend(day)) return [];
  const draws = chance(`${seed}|${account.number}|conversion|${day}`);
  const euro = BigInt(draws.int(500_00, 2_000_00));
  const hundredths = draws.int(2450, 2540);
  const koruna = (euro * BigInt(hundredths)) / 100n;
  const leg =
    folder.currency === 'CZK'
      ? draft.conversion(-koruna, { minor: euro, currency: 'EUR', rate: hundredths / 100 })
      : draft.conversion(euro, { minor: koruna, currency: 'CZK', rate: hundredths / 100 });
  return [toMovement(leg, folder.currency, day, referenceOf(day, SHARED_SLOT, 0))];
}

function several(draws: Chance, least: number, most: number, make: (draws: Chance) => Draft): Draft[] {
  return Array.from({ length: draws.int(least, most) }, () => make(draws));
}

/** 0 = Sunday. */
function weekdayOf(day: PlainDate): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay();
}

function isWeekend(day: PlainDate): boolean {
  return weekdayOf(day) % 6 === 0;
}

function isMonthEnd(day: PlainDate): boolean {
  return addDays(day, 1).endsWith('-01');
}
