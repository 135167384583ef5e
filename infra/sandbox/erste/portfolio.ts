import { ibanOf } from '../raiffeisen/numbers.ts';
import type { SeededAccount, SeededFolder } from '../raiffeisen/portfolio.ts';

export const BANK = { code: '0800', bic: 'GIBACZPX' };

const OWNER = 'Lísková & spol. s.r.o.';

/** Every account is in one currency. */
function account(
  prefix: string,
  number: string,
  friendlyName: string | null,
  folder: Pick<SeededFolder, 'currency' | 'profile' | 'opening'> & Partial<SeededFolder>,
): SeededAccount {
  return {
    accountId: 0,
    prefix,
    number,
    iban: ibanOf({ prefix, number, bankCode: BANK.code }),
    owner: OWNER,
    taciturn: false,
    friendlyName,
    type: 'CURRENT',
    folders: [{ status: 'ACTIVE', creditLine: 0n, statementEveryDay: false, lines: ['MAIN'], ...folder }],
  };
}

/** The accounts of the simulated company: a busy one, one in euro, wages that go below zero, one at rest. */
export const PORTFOLIO: readonly SeededAccount[] = [
  account('', '3170482907', 'Provozní účet', {
    currency: 'CZK',
    profile: 'trade',
    opening: 640_000_00n,
    lines: ['MAIN', 'ADDITIONAL'],
  }),
  account('19', '2604817539', 'Eurový účet', { currency: 'EUR', profile: 'abroad', opening: 31_200_00n }),
  account('107', '59144017', null, { currency: 'CZK', profile: 'wages', opening: 20_000_00n }),
  account('', '470016824', 'Rezerva', { currency: 'CZK', profile: 'idle', opening: 1_000_000_00n }),
];

/** Users of the bank who may give consents for the company. */
export const USERS = [
  { id: 'liskova', name: 'Jana Lísková' },
  { id: 'vrba', name: 'Petr Vrba' },
] as const;
