import { ibanOf } from '../raiffeisen/numbers.ts';

export const BANK_CODE = '0300';
export const BIC = 'CEKOCZPP';

/** An account of the simulated company at the bank. */
export interface CebAccount {
  /** `''` when there is none. */
  readonly prefix: string;
  readonly number: string;
  readonly currency: string;
  readonly iban: string;
  readonly owner: string;
  /** Booked balance before the first day, minor units. */
  readonly opening: bigint;
}

const OWNER = 'Lísková & spol. s.r.o.';

const account = (prefix: string, number: string, currency: string, opening: bigint): CebAccount => ({
  prefix,
  number,
  currency,
  iban: ibanOf({ prefix, number, bankCode: BANK_CODE }),
  owner: OWNER,
  opening,
});

export const PORTFOLIO: readonly CebAccount[] = [
  account('', '274051905', 'CZK', 840_000_00n),
  account('19', '1177264030', 'EUR', 21_500_00n),
];

/** 16 digits: prefix and number filled up with zeros. */
export const digitsOf = ({ prefix, number }: Pick<CebAccount, 'prefix' | 'number'>): string =>
  prefix.padStart(6, '0') + number.padStart(10, '0');

/** `prefix-number` or `number`. */
export const numberOf = ({ prefix, number }: Pick<CebAccount, 'prefix' | 'number'>): string =>
  prefix === '' ? number : `${prefix}-${number}`;

/** As file names and domestic texts have it: prefix and number in one row of digits. */
export const rowOf = (one: Pick<CebAccount, 'prefix' | 'number'>): string => digitsOf(one).replace(/^0+/, '');
