import type { PlainDate } from '../../../shared/domain/dates.ts';
import type { Party } from './movement.ts';
import { remainder, type DomesticNumber } from './numbers.ts';

/**
 * One payment as the bank reads it from an uploaded file. The readers of files are the bank's own and small: they
 * share nothing with the gateway's, so that no mistake of one is hidden by the other.
 */
export interface FiledPayment {
  /** Domestic order, direct debit, SEPA, foreign: the bank keeps one item of each for an account. */
  readonly type: 'DPO' | 'DD' | 'SEPA' | 'FPO';
  /** The client's account. */
  readonly account: DomesticNumber;
  /** Currency of its folder that pays. */
  readonly debited: string;
  readonly currency: string;
  /** Positive minor units. */
  readonly minor: bigint;
  readonly day: PlainDate;
  readonly party: Party;
  readonly variable: string | null;
  readonly constant: string | null;
  readonly specific: string | null;
  readonly text: string | null;
  readonly endToEnd: string | null;
  /** Who bears the charges, where the file says it. */
  readonly bearer: 'SHAR' | 'DEBT' | 'CRED' | null;
}

/** Content that does not match the declared format. */
export class ContentError extends Error {
  override readonly name = 'ContentError';
}

export const NOBODY: Party = {
  name: null,
  prefix: '',
  number: null,
  bankCode: null,
  iban: null,
  bic: null,
  city: null,
  country: null,
};

/** Whether prefix and number both pass modulo 11. */
export const isSound = ({ prefix, number }: DomesticNumber): boolean =>
  remainder(prefix) === 0 && remainder(number) === 0;
