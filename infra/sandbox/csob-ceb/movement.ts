import type { PlainDate } from '../../../shared/domain/dates.ts';
import { chance, type Chance } from '../chance.ts';
import type { CebAccount } from './accounts.ts';

/** One booked movement, as the statements of this bank print it. */
export interface CebMovement {
  readonly day: PlainDate;
  /** Signed minor units. */
  readonly minor: bigint;
  /** The bank's word for the kind of operation. */
  readonly kind: string;
  /** `null` for fees and interest. */
  readonly party: {
    readonly name: string | null;
    readonly prefix: string;
    readonly number: string;
    /** Four digits, or a BIC abroad. */
    readonly bank: string;
    /** Any account abroad. */
    readonly iban: string | null;
  } | null;
  readonly variable: string | null;
  readonly constant: string | null;
  readonly specific: string | null;
  readonly message: string | null;
  /** The client's reference. */
  readonly reference: string | null;
  /** What was paid in another currency than the account's: unsigned minor units, and the rate. */
  readonly original?: { readonly minor: bigint; readonly currency: string; readonly rate: number } | null;
}

const NAMES = [
  'Truhlářství Žďár s.r.o.',
  'Mlékárna Říčany a.s.',
  'Květa Šťastná',
  'OKNA & DVEŘE spol.',
  'Úklid Plus',
];
/** Valid numbers of other banks. */
const NUMBERS = [
  { prefix: '', number: '318870428', bank: '0800' },
  { prefix: '35', number: '55280177', bank: '0100' },
  { prefix: '', number: '2044170', bank: '2010' },
];
const FOREIGN = [
  { name: 'Holzwerk Tanne GmbH', iban: 'DE02120300000000202051', bank: 'BYLADEM1001' },
  { name: 'Legno Bello Srl', iban: 'IT60X0542811101000000123456', bank: 'BPMOIT22' },
];

/**
 * What moves on an account on a day: a function of its arguments alone. Every day has a fee at least, for the bank
 * promises an item in every statement.
 */
export function movementsOn(seed: string, account: CebAccount, day: PlainDate): CebMovement[] {
  const draws = chance(`${seed}|csob|${account.number}|${day}`);
  const weekend = new Date(`${day}T00:00:00Z`).getUTCDay() % 6 === 0;
  const make = account.currency === 'CZK' ? domestic : abroad;
  const busy = Array.from({ length: weekend ? 0 : draws.int(1, 5) }, () => make(draws, day));
  // Two equal payments of one day are two payments.
  const twin = !weekend && draws.flip(0.3) ? busy.slice(0, 1) : [];
  return [...busy, ...twin, fee(draws, day)];
}

function domestic(draws: Chance, day: PlainDate): CebMovement {
  const incoming = draws.flip(0.6);
  const amount = BigInt(draws.int(100_00, 48_000_00));
  return {
    day,
    minor: incoming ? amount : -amount / 2n,
    kind: incoming ? 'Příchozí úhrada' : 'Odchozí úhrada',
    party: { name: draws.pick(NAMES), iban: null, ...draws.pick(NUMBERS) },
    variable: draws.flip(0.9) ? String(2_600_000 + draws.int(1, 99_999)) : null,
    constant: draws.flip(0.5) ? '0308' : null,
    specific: draws.flip(0.2) ? String(draws.int(1, 9_999)) : null,
    message: draws.flip(0.6) ? `Faktura ${draws.int(1, 900)}/2026 – děkujeme` : null,
    reference: null,
  };
}

function abroad(draws: Chance, day: PlainDate): CebMovement {
  const incoming = draws.flip(0.7);
  const amount = BigInt(draws.int(50_00, 4_000_00));
  return {
    day,
    minor: incoming ? amount : -amount,
    kind: incoming ? 'SEPA platba příchozí' : 'SEPA platba odchozí',
    party: { prefix: '', number: '', ...draws.pick(FOREIGN) },
    variable: null,
    constant: null,
    specific: null,
    message: `Rechnung ${draws.int(1, 900)}`,
    reference: `E2E${draws.int(10_000, 99_999)}`,
  };
}

const fee = (draws: Chance, day: PlainDate): CebMovement => ({
  day,
  minor: -BigInt(draws.int(5_00, 30_00)),
  kind: 'Poplatek',
  party: null,
  variable: null,
  constant: null,
  specific: null,
  message: 'Cena za služby',
  reference: null,
});

export const sumOf = (movements: readonly CebMovement[]): bigint =>
  movements.reduce((total, { minor }) => total + minor, 0n);
