import type { Charges } from '../../domain/order-file.ts';

/**
 * A line of ČSOB's "TXT ZPS" ("Dávky tuzemských a zahraničních příkazů ve formátu TXT"): one foreign payment in 34
 * fields, numbered as the bank's document numbers them. Fields that are not here it does not process.
 */

export const FIELDS = 34;
/** Between two fields, none behind the last: of those the bank takes the one no text can hold. */
export const SEPARATOR = '|';

/** Place of a field, from 1; of several lines the first one. */
export const FIELD = {
  payer: 1,
  amountType: 2,
  paymentType: 3,
  reference: 4,
  date: 5,
  amount: 6,
  currency: 8,
  account: 9,
  bic: 12,
  bank: 13,
  bankCountry: 17,
  payee: 18,
  payeeCountry: 22,
  charges: 24,
  purpose: 25,
  instructions: 29,
  /** "Contact", which the bank does not process: the slot of our serial. */
  contact: 34,
} as const;

/** Letters of a line, and how many lines a text has. */
export const LINE = 35;
export const LINES = 4;
/** Of the four lines of a name and address, the first two are for the name. */
export const NAME_LINES = 2;
export const MAX_REFERENCE = 16;
/** Digits before the decimal sign, and behind it. */
export const MAX_WHOLE = 12;
export const MAX_DECIMALS = 2;
/** Letters the purpose must have. */
export const MIN_PURPOSE = 3;

export const CHARGE_WORDS: Readonly<Record<Charges, string>> = { shared: 'SHA', payer: 'OUR', payee: 'BEN' };
/** The words with the older ones the bank takes as well. */
export const CHARGES_OF: Readonly<Record<string, Charges>> = {
  SHA: 'shared',
  BN1: 'shared',
  OUR: 'payer',
  BEN: 'payee',
  BN2: 'payee',
};

/** A text cut into lines of 35 letters. */
export const inLines = (text: string): string[] => text.match(/.{1,35}/gs) ?? [];

/** Lines put together: a full one goes on in the next, perhaps inside a word. */
export function joinedLines(lines: readonly string[]): string | null {
  let text = '';
  let full = true;
  for (const line of lines) {
    if (line === '') continue;
    text += full ? line : ` ${line}`;
    full = line.length >= LINE;
  }
  return text.trim() || null;
}
