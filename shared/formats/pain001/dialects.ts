import type { LetterSet } from '../letters.ts';
import type { SymbolSpelling } from './symbols.ts';

/**
 * What differs between the banks that take pain.001, as data keyed by bank code. Czech banks publish no rule for
 * symbols in crowns, so a spelling is what the bank is known to read, else the structured one, to be proven by a test
 * payment.
 */
export interface PainDialect {
  /** Where symbols of a payment in crowns are written. */
  readonly symbols: SymbolSpelling;
  /** Letters of names and texts in crowns; SEPA has its own. */
  readonly letters: LetterSet;
  /** What a SEPA payment must have besides name and IBAN. */
  readonly requires: readonly ('bic' | 'country')[];
}

const GENERAL: PainDialect = { symbols: 'strd', letters: 'domestic', requires: [] };

const DIALECTS: Readonly<Record<string, PainDialect>> = {
  // KB reads /VS/… typed into the text (MultiCash handbook 2011) and demands BIC and country (XML format, 2013).
  '0100': { ...GENERAL, symbols: 'ustrd', requires: ['bic', 'country'] },
};

/** The dialect of a bank; the general one when nothing special is known of it. */
export function painDialect(bankCode: string | null): PainDialect {
  return (bankCode !== null && Object.hasOwn(DIALECTS, bankCode) ? DIALECTS[bankCode] : undefined) ?? GENERAL;
}
