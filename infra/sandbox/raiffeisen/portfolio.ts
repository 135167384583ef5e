import { BANK_CODE, ibanOf } from './numbers.ts';
import type { StatementLine } from './source.ts';

/** What moves on a folder: sales and purchases, trade abroad, wages and taxes, or nothing. */
export type Profile = 'trade' | 'abroad' | 'wages' | 'idle';

export interface SeededFolder {
  readonly currency: string;
  readonly status: 'ACTIVE' | 'CLOSED';
  readonly profile: Profile;
  /** Booked balance before the first day, minor units. */
  readonly opening: bigint;
  readonly creditLine: bigint;
  /** True where a day without a movement has a statement too. */
  readonly statementEveryDay: boolean;
  /** Beside the daily MAIN line: a monthly ADDITIONAL line, the MT940 line. */
  readonly lines: readonly StatementLine[];
}

export interface SeededAccount {
  readonly accountId: number;
  readonly prefix: string;
  readonly number: string;
  readonly iban: string;
  /** Name on statements. */
  readonly owner: string;
  /** What the account list leaves out although it could tell: everything optional may be missing. */
  readonly taciturn: boolean;
  readonly friendlyName: string | null;
  readonly type: string;
  readonly folders: readonly SeededFolder[];
}

const OWNER = 'Lísková & spol. s.r.o.';

function folder(currency: string, profile: Profile, options: Partial<SeededFolder> = {}): SeededFolder {
  return {
    currency,
    status: 'ACTIVE',
    profile,
    opening: 0n,
    creditLine: 0n,
    statementEveryDay: true,
    lines: ['MAIN'],
    ...options,
  };
}

function account(prefix: string, number: string, rest: Omit<SeededAccount, 'prefix' | 'number' | 'iban'>) {
  return { prefix, number, iban: ibanOf({ prefix, number, bankCode: BANK_CODE }), ...rest };
}

/** The accounts of the simulated company: several currencies, a prefix, a closed folder, one account at rest. */
export const PORTFOLIO: readonly SeededAccount[] = [
  account('', '5017482301', {
    accountId: 3887101,
    owner: OWNER,
    taciturn: false,
    friendlyName: 'Provozní účet',
    type: 'CURRENT',
    folders: [
      folder('CZK', 'trade', { opening: 1_250_000_00n, lines: ['MAIN', 'ADDITIONAL'] }),
      folder('EUR', 'abroad', { opening: 18_400_00n }),
      folder('USD', 'idle', { status: 'CLOSED', statementEveryDay: false }),
    ],
  }),
  account('', '7342069157', {
    accountId: 3887102,
    owner: OWNER,
    taciturn: false,
    friendlyName: null,
    type: 'CURRENT',
    folders: [
      folder('EUR', 'abroad', { opening: 52_000_00n, statementEveryDay: false, lines: ['MAIN', 'MT940'] }),
    ],
  }),
  account('35', '2903571487', {
    accountId: 3887103,
    owner: OWNER,
    taciturn: false,
    friendlyName: 'Mzdy a daně',
    type: 'CURRENT',
    // A small balance and a credit line: the account goes below zero around pay-day.
    folders: [folder('CZK', 'wages', { opening: 90_000_00n, creditLine: 300_000_00n })],
  }),
  account('', '864201352', {
    accountId: 3887104,
    owner: OWNER,
    taciturn: true,
    friendlyName: null,
    type: 'SAVINGS',
    folders: [folder('CZK', 'idle', { opening: 500_000_00n, statementEveryDay: false })],
  }),
];
