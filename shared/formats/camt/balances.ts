import type { PlainDate } from '../../domain/dates.ts';
import type { Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import type { XmlElement } from '../xml.ts';
import { amountOf, child, dateOf, isCredit, signed, textAt } from './fields.ts';
import type { CamtMessage } from './messages.ts';
import type { Warn } from '../notes.ts';

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

/**
 * The booked balances. Opening is the first of its best code: OPBD, or without one PRCD (the previous closing, which
 * is what Raiffeisenbank prints). Closing is the last of its best code, for the same code may repeat. Available,
 * forward and (in a statement) interim balances are information.
 * @param currency the account's; a balance in another one is left out with a warning, as is an unreadable one
 */
export function readBalances(
  elements: readonly XmlElement[],
  { opening, closing }: CamtMessage,
  currency: string,
  warn: Warn,
): Balances {
  const booked = elements
    .map((element) => ({ element, code: textAt(element, 'Tp', 'CdOrPrtry', 'Cd') ?? '' }))
    .filter(({ code }) => opening.includes(code) || closing.includes(code))
    .map(({ element, code }) => ({ code, balance: readBalance(element, code, currency, warn) }))
    .filter(({ balance }) => balance !== null);
  const of = (codes: readonly string[]): typeof booked =>
    codes
      .map((code) => booked.filter((candidate) => candidate.code === code))
      .find(({ length }) => length > 0) ?? [];
  return { opening: of(opening)[0]?.balance ?? null, closing: of(closing).at(-1)?.balance ?? null };
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
