import { MoneyError, parseMoney, type Money } from '../domain/money.ts';
import type { QuarantinedItem } from '../domain/model.ts';
import { jsonText, textAt } from '../domain/json.ts';

/** Rows of transaction lists in the shape of the Czech Open Banking Standard: what is the same at every bank that has it. */

/** A row of the transaction list that is not what the contract says. */
export class RowError extends Error {
  override readonly name = 'RowError';
  /** Constant name of the rule. */
  readonly rule: string;

  constructor(rule: string, message: string) {
    super(message);
    this.rule = rule;
  }
}

/**
 * Whether a row is a credit.
 * @param field the bank's name of the indicator
 * @throws RowError `indicator-unknown`
 */
export function isCredit(row: unknown, field: string): boolean {
  const indicator = textAt(row, field);
  if (indicator === 'CRDT') return true;
  if (indicator === 'DBIT') return false;
  throw new RowError('indicator-unknown', `Its ${field} is neither CRDT nor DBIT`);
}

/**
 * The amount without its sign: some debits come with a minus and some without, only the indicator counts.
 * @throws RowError `currency-missing`, `amount-unreadable`
 */
export function amountAt(value: unknown): Money {
  const currency = textAt(value, 'currency') ?? '';
  if (!/^[A-Z]{3}$/.test(currency)) throw new RowError('currency-missing', 'Its amount has no currency');
  try {
    const amount = parseMoney(textAt(value, 'value') ?? '', currency);
    return amount.minor < 0n ? { ...amount, minor: -amount.minor } : amount;
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    throw new RowError('amount-unreadable', 'Its amount is missing or is no amount of its currency');
  }
}

export const signed = (amount: Money, credit: boolean): Money =>
  credit ? amount : { ...amount, minor: -amount.minor };

/** Characters kept of a row that cannot be read; the archived document has the rest. */
const MAX_RAW = 64 * 1024;

/** A row set aside, with its raw text. @param position e.g. `row 3 of page 1` */
export function asideOf(row: unknown, { rule, message }: RowError, position: string): QuarantinedItem {
  return {
    rule,
    message: `${position} was not read: ${message}. It is kept aside; compare the original with the bank.`,
    position,
    raw: jsonText(row).slice(0, MAX_RAW),
  };
}
