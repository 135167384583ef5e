import type { PlainDate } from '../../domain/dates.ts';
import { formatMoney, type Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import type { XmlElement } from '../xml.ts';
import { amountOf, child, dateOf, isCredit, signed, textAt } from './fields.ts';
import type { Warn } from './notes.ts';

/** A balance of a statement, signed; `date` as the bank dates it. */
export interface DatedBalance {
  readonly amount: Money;
  readonly date: PlainDate | null;
}

/** The two balances a statement is judged by. */
export interface Balances {
  readonly opening: DatedBalance | null;
  readonly closing: DatedBalance | null;
}

/** Codes of booked balances; all others (interim, available, forward) are information. */
const BOOKED = ['OPBD', 'PRCD', 'CLBD'];

/**
 * The booked balances: opening is the first OPBD, or without one the first PRCD (the previous closing, which is what
 * Raiffeisenbank prints); closing is the last CLBD. The same code may repeat.
 * @param currency the account's; a balance in another one is left out with a warning, as is an unreadable one
 */
export function readBalances(elements: readonly XmlElement[], currency: string, warn: Warn): Balances {
  const booked = elements
    .map((element) => ({ element, code: textAt(element, 'Tp', 'CdOrPrtry', 'Cd') ?? '' }))
    .filter(({ code }) => BOOKED.includes(code))
    .map(({ element, code }) => ({ code, balance: readBalance(element, code, currency, warn) }))
    .filter(({ balance }) => balance !== null);
  const first = (code: string): DatedBalance | null =>
    booked.find((candidate) => candidate.code === code)?.balance ?? null;
  return {
    opening: first('OPBD') ?? first('PRCD'),
    closing: booked.findLast(({ code }) => code === 'CLBD')?.balance ?? null,
  };
}

function readBalance(element: XmlElement, code: string, currency: string, warn: Warn): DatedBalance | null {
  try {
    const amount = signed(amountOf(child(element, 'Amt')), isCredit(element));
    if (amount.currency === currency) return { amount, date: dateOf(child(element, 'Dt')) };
    warn(
      'balance-currency-differs',
      `Balance ${code} is in ${amount.currency}, the account in ${currency}.`,
      'Bal',
    );
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    warn('balance-unreadable', `Balance ${code} was left out: ${error.message}.`, 'Bal');
  }
  return null;
}

/**
 * Whether opening + credits − debits = closing.
 * @returns `null` when a balance is missing
 */
export function reconcile(
  { opening, closing }: Balances,
  credits: Money,
  debits: Money,
  warn: Warn,
): boolean | null {
  if (!opening || !closing) return null;
  const minor = opening.amount.minor + credits.minor - debits.minor;
  if (minor === closing.amount.minor) return true;
  const computed = formatMoney({ ...credits, minor });
  warn(
    'balance-differs',
    `Opening balance and entries give ${computed}, the document closes with ${formatMoney(closing.amount)}. ` +
      'Compare the original with the bank.',
  );
  return false;
}
