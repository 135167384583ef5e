import type { Transaction } from '../../domain/model.ts';
import { FormatError } from '../errors.ts';
import type { XmlElement } from '../xml.ts';
import { amountOf, child, signed, textAt } from './fields.ts';
import type { Warn } from '../notes.ts';

/**
 * The amount in the currency of the original payment, signed as the movement, with the rate as the bank wrote it:
 * the first of `InstdAmt`, `TxAmt` and the detail's own `Amt` in a currency other than the account's.
 * @returns `null` when there is none; an unreadable one is a warning, for the booked amount stands without it
 */
export function readOriginal(
  sources: readonly (XmlElement | null)[],
  currency: string,
  credit: boolean,
  warn: Warn,
): Transaction['original'] {
  for (const source of sources) {
    const details = child(source, 'AmtDtls');
    const own = child(source, 'Amt');
    const given = details ? [child(details, 'InstdAmt', 'Amt'), child(details, 'TxAmt', 'Amt'), own] : [own];
    for (const element of given) {
      if (!element || (element.attributes['Ccy'] ?? currency) === currency) continue;
      try {
        return { amount: signed(amountOf(element), credit), rate: rateOf(source) };
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        warn('original-unreadable', `The original amount was left out: ${error.message}.`);
        return null;
      }
    }
  }
  return null;
}

function rateOf(source: XmlElement | null): string | null {
  for (const holder of ['InstdAmt', 'TxAmt', 'CntrValAmt']) {
    const rate = textAt(source, 'AmtDtls', holder, 'CcyXchg', 'XchgRate');
    if (rate !== null) return rate;
  }
  return null;
}
