import type { PlainDate } from '../../domain/dates.ts';
import type { Symbols, Transaction } from '../../domain/model.ts';
import { MoneyError, parseMoney, type Money } from '../../domain/money.ts';
import { normaliseSymbols } from '../../domain/symbols.ts';
import { accountOf, NO_CURRENCY } from '../camt/account.ts';
import { FormatError } from '../errors.ts';
import type { Warn } from '../notes.ts';

/**
 * A movement as the two formats of ČSOB BusinessBanking (FINSTA in XML, BBTXT in lines) have it: the same fields under
 * other names. Texts are `null` where the format writes nothing (empty, or a dash).
 */
export interface Posting {
  /** `C`, `D`, `CR` (reversed credit) or `DR` (reversed debit). */
  readonly mark: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly booked: PlainDate | null;
  readonly value: PlainDate | null;
  /** `INL`, `INH`: domestic; `FOO`, `FOI`: foreign, sent and come; `SPE`: of the bank itself. */
  readonly area: string | null;
  readonly code: string | null;
  readonly bankReference: string | null;
  readonly clientReference: string | null;
  readonly name: string | null;
  readonly account: string | null;
  readonly bank: string | null;
  readonly rawSymbols: Symbols;
  /** The lines of the message, each with the width of its field. */
  readonly message: readonly (string | null)[];
  readonly messageWidth: number;
  /** What the bank calls the operation. */
  readonly operation: string | null;
  readonly original: {
    readonly amount: string | null;
    readonly currency: string | null;
    readonly rate: string | null;
  };
}

export interface PostedItem {
  readonly transaction: Transaction;
  /** The turnover it belongs to: a reversal takes from its own side. */
  readonly side: 'credits' | 'debits';
}

const MARKS: Readonly<Record<string, { side: PostedItem['side']; sign: bigint; reversal: boolean }>> = {
  C: { side: 'credits', sign: 1n, reversal: false },
  D: { side: 'debits', sign: -1n, reversal: false },
  CR: { side: 'credits', sign: -1n, reversal: true },
  DR: { side: 'debits', sign: 1n, reversal: true },
};

/**
 * One posting as a transaction.
 * @param currency the account's
 * @throws FormatError `mark-unknown`, `amount-missing`, `amount-unreadable`, `sign-contradicts`, `currency-differs`,
 * `currency-missing`, `date-missing`
 */
export function readPosting(posting: Posting, currency: string, warn: Warn): PostedItem {
  if (currency === NO_CURRENCY) {
    throw new FormatError('currency-missing', 'The header of its statement names no currency');
  }
  const mark = markOf(posting.mark);
  const amount = signedAmount(posting.amount, posting.currency ?? currency, mark.sign);
  if (amount.currency !== currency) {
    const message = `Its amount is in ${amount.currency}, while the account is kept in ${currency}`;
    throw new FormatError('currency-differs', message);
  }
  const isForeign = posting.area === 'FOO' || posting.area === 'FOI';
  // Where a payment goes abroad, the field of the constant symbol holds the title of the payment.
  const rawSymbols = isForeign ? { ...posting.rawSymbols, constantSymbol: null } : posting.rawSymbols;
  return {
    side: mark.side,
    transaction: {
      bankReference: posting.bankReference,
      ...datesOf(posting, warn),
      amount,
      counterparty: partyOf(posting, warn),
      ...normaliseSymbols(rawSymbols),
      rawSymbols,
      message: joinLines(posting.message, posting.messageWidth) ?? posting.operation,
      endToEndId: posting.clientReference === 'NONREF' ? null : posting.clientReference,
      transactionCode: posting.code,
      reversal: mark.reversal,
      original: originalOf(posting, amount, warn),
      card: null,
      batch: null,
    },
  };
}

function markOf(mark: string | null) {
  const known = mark !== null && Object.hasOwn(MARKS, mark) ? MARKS[mark] : undefined;
  if (known) return known;
  throw new FormatError('mark-unknown', `Its direction is "${mark?.slice(0, 40) ?? ''}", not C, D, CR or DR`);
}

/**
 * A decimal with a comma; a sign may stand before it.
 * @throws FormatError `amount-missing`, `amount-unreadable`
 */
export function decimalOf(text: string | null, currency: string): Money {
  if (text === null) throw new FormatError('amount-missing', 'There is no amount');
  if (!/^[+-]?\d{1,18}(,\d*)?$/.test(text))
    throw new FormatError('amount-unreadable', `"${text.slice(0, 40)}" is not an amount`);
  try {
    return parseMoney(text, currency);
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    throw new FormatError('amount-unreadable', error.message);
  }
}

/**
 * The amount with the sign its indicator gives; a sign that is written beside it must be the same.
 * @throws FormatError `amount-missing`, `amount-unreadable`, `sign-contradicts`
 */
export function signedAmount(text: string | null, currency: string, sign: bigint): Money {
  const { minor } = decimalOf(text, currency);
  const size = minor < 0n ? -minor : minor;
  const written = /^[+-]/.test(text ?? '') && minor !== 0n;
  if (written && minor !== sign * size) {
    throw new FormatError('sign-contradicts', `The amount ${text?.slice(0, 40)} contradicts its indicator`);
  }
  return { minor: sign * size, currency };
}

function datesOf({ booked, value }: Posting, warn: Warn): Pick<Transaction, 'bookingDate' | 'valueDate'> {
  if (booked !== null) return { bookingDate: booked, valueDate: value };
  if (value === null) throw new FormatError('date-missing', 'It has neither a booking date nor a value date');
  warn('booking-date-missing', `There is no readable booking date; the value date ${value} stands for it.`);
  return { bookingDate: value, valueDate: value };
}

const BIC = /^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/;

function partyOf({ name, account, bank }: Posting, warn: Warn): Transaction['counterparty'] {
  const bic = bank !== null && BIC.test(bank) ? bank : null;
  // The bank writes its own code beside postings that have no other side at all.
  if (account === null) return { name, iban: null, number: null, bankCode: null, bic };
  const code = bank !== null && /^\d{4}$/.test(bank) ? bank : null;
  return { name, ...accountOf(account, code, warn), bic };
}

/** Lines of fixed width cut words, so what follows a full line follows without a space. */
function joinLines(lines: readonly (string | null)[], width: number): string | null {
  let text = '';
  let full = true;
  for (const line of lines) {
    if (line === null) continue;
    text += full ? line : ` ${line}`;
    full = line.length >= width;
  }
  return text === '' ? null : text;
}

function originalOf({ original }: Posting, booked: Money, warn: Warn): Transaction['original'] {
  const { amount, currency, rate } = original;
  if (amount === null || currency === null || currency === booked.currency) return null;
  try {
    const { minor } = decimalOf(amount, currency);
    const size = minor < 0n ? -minor : minor;
    return { amount: { minor: booked.minor < 0n ? -size : size, currency }, rate };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    warn('original-unreadable', `The original amount was left out: ${error.message}.`);
    return null;
  }
}

/** The currency a header names, or that of nothing. */
export function currencyNamed(written: string | null): string {
  return written !== null && /^[A-Z]{3}$/.test(written) ? written : NO_CURRENCY;
}
