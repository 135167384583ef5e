import { createHash } from 'node:crypto';
import { addDays, type PlainDate } from '../../../shared/domain/dates.ts';
import { pragueDay, pragueInstant } from '../prague.ts';
import { referenceOf } from '../raiffeisen/days.ts';
import { editions } from '../raiffeisen/editions.ts';
import type { Issue } from '../raiffeisen/issues.ts';
import { folderLedger, type FolderLedger } from '../raiffeisen/ledger.ts';
import { PLAIN, type Movement } from '../raiffeisen/movement.ts';
import type { SandboxClock } from '../types.ts';
import { PORTFOLIO } from './portfolio.ts';
import type { Remark } from './record.ts';

/** A movement a test or the demo books; an incoming domestic payment of now unless it says otherwise. */
export interface Booking extends Partial<Omit<Movement, 'minor' | 'currency'>> {
  readonly iban: string;
  /** Signed minor units. */
  readonly minor: bigint;
}

/** The books of the bank: accounts with their movements and statements. */
export interface Books {
  readonly ledgers: readonly FolderLedger[];
  /** First day with data. */
  readonly oldest: PlainDate;
  ledgerOf(iban: string): FolderLedger | undefined;
  /** Remarks made in [from, to] (epoch milliseconds), oldest first. */
  remarks(ledger: FolderLedger, from: number, to: number): readonly Remark[];
  /** Statements listed by now, oldest first. */
  issues(ledger: FolderLedger): readonly Issue[];
  /** @throws Error for an account the bank does not have */
  book(booking: Booking): Movement;
}

/** A few more days than the ninety an unattended consent sees. */
const HISTORY_DAYS = 95;
/** Indexes above are kept for what is booked by hand. */
const FIRST_EXTRA = 500;

export function openBooks(seed: string, clock: SandboxClock): Books {
  const oldest = addDays(pragueDay(clock.now()), -HISTORY_DAYS);
  const ledgers = PORTFOLIO.map((account, slot) =>
    folderLedger({ seed: `${seed}|erste`, account, folder: account.folders[0]!, slot }, oldest),
  );
  const listed = editions(ledgers, clock);
  const ledgerOf = (iban: string): FolderLedger | undefined =>
    ledgers.find(({ key }) => key.account.iban === iban);
  let extras = FIRST_EXTRA;

  return {
    ledgers,
    oldest,
    ledgerOf,
    remarks: ({ key }, from, to) => remarksOf(key.account.iban, key.folder.currency, oldest, from, to),
    issues: (ledger) => listed.of(ledger),
    book: ({ iban, ...told }) => {
      const ledger = ledgerOf(iban);
      if (!ledger) throw new Error(`The simulated bank has no account ${iban}.`);
      extras += 1;
      const at = told.bookedAt ?? clock.now();
      const day = pragueDay(at);
      const movement: Movement = {
        ...PLAIN,
        code: '10000107000',
        signed: false,
        valueDay: day,
        ...told,
        currency: ledger.key.folder.currency,
        reference: told.reference ?? referenceOf(day, ledger.key.slot, extras),
        bookedAt: at,
        visibleAt: told.visibleAt ?? at,
      };
      ledger.add(movement);
      return movement;
    },
  };
}

/** On every Wednesday the bank tells of a changed rate: nothing that moves money. */
function remarksOf(iban: string, currency: string, oldest: PlainDate, from: number, to: number): Remark[] {
  const remarks: Remark[] = [];
  const first = pragueDay(from);
  for (let day = first > oldest ? first : oldest; day <= pragueDay(to); day = addDays(day, 1)) {
    const at = pragueInstant(day, '07:15:00');
    if (new Date(`${day}T00:00:00Z`).getUTCDay() !== 3 || at < from || at > to) continue;
    const reference = `IN-${createHash('sha256').update(`${iban}|${day}`).digest('hex').slice(0, 10)}`;
    remarks.push({ reference, at, currency, text: 'Změna úrokové sazby' });
  }
  return remarks;
}
