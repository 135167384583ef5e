import type { PlainDate } from '../../domain/dates.ts';
import { exponentOf, type Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import { readAmount } from './amount.ts';
import { readDate } from './dates.ts';

/** A balance (:60F:, :60M:, :62F:, :62M:), signed. */
export interface Balance {
  readonly amount: Money;
  readonly date: PlainDate;
}

/** A sum of MT942 (:90C:, :90D:), positive. */
export interface Sum {
  readonly count: number;
  readonly amount: Money;
}

const BALANCE = /^([CD])(\d{6})([A-Z]{3})(-?[\d,.]+)\s*$/;
const SUM = /^(\d{1,5})([A-Z]{3})([\d,.]+)\s*$/;
const FLOOR = /^([A-Z]{3})[CD]?[\d,.]+\s*$/;

const moneyOf = (text: string, currency: string): Money => ({
  minor: readAmount(text, 0, text.length, exponentOf(currency)),
  currency,
});

/** `C260903CZK1745,30`. @throws FormatError `balance-unreadable`, `date-unreadable`, `amount-unreadable` */
export function readBalance(text: string): Balance {
  const match = BALANCE.exec(text);
  if (!match) throw new FormatError('balance-unreadable', `"${text.slice(0, 40)}" is not a balance`);
  const [, mark, date = '', currency = '', amount = ''] = match;
  const money = moneyOf(amount, currency);
  return {
    amount: mark === 'D' ? { ...money, minor: -money.minor } : money,
    date: readDate(date).date,
  };
}

/** `001CZK1,00`. @throws FormatError `total-unreadable`, `amount-unreadable` */
export function readSum(text: string): Sum {
  const match = SUM.exec(text);
  if (!match) throw new FormatError('total-unreadable', `"${text.slice(0, 40)}" is not a count and a sum`);
  const [, count = '', currency = '', amount = ''] = match;
  return { count: Number(count), amount: moneyOf(amount, currency) };
}

/** The currency of a floor limit `CZKD0,`; `null` when it is none. */
export function currencyOfFloor(text: string): string | null {
  return FLOOR.exec(text)?.[1] ?? null;
}
