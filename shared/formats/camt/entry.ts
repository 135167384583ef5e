import type { Money } from '../../domain/money.ts';
import type { Transaction } from '../../domain/model.ts';
import { FormatError } from '../errors.ts';
import type { XmlElement } from '../xml.ts';
import type { OwnAccount } from './account.ts';
import { splitBatch } from './batch.ts';
import { readTransaction, type Booking } from './details.ts';
import { amountOf, child, children, dateOf, isCredit, signed, textAt } from './fields.ts';
import type { Warn } from '../notes.ts';

/** Statuses of entries that are announced but not booked: they count into no balance (and into no ledger). */
const NOT_BOOKED = ['PDNG', 'INFO', 'FUTR'];

/** A booked entry: its own amount, and the transactions it stands for. */
export interface Entry {
  /** Signed, in the account's currency. */
  readonly amount: Money;
  readonly transactions: readonly Transaction[];
}

/** The status: text up to version 07, `Cd` or `Prtry` from 08 on. */
export function statusOf(entry: XmlElement): string | null {
  return textAt(entry, 'Sts', 'Cd') ?? textAt(entry, 'Sts', 'Prtry') ?? textAt(entry, 'Sts');
}

/**
 * Whether an entry is booked.
 * @throws FormatError `status-unknown` for none of the ISO codes: guessing would invent or lose a movement
 */
export function isBooked(entry: XmlElement): boolean {
  const status = statusOf(entry);
  if (status === 'BOOK') return true;
  if (status !== null && NOT_BOOKED.includes(status)) return false;
  throw new FormatError('status-unknown', `Its status is "${status?.slice(0, 40) ?? ''}", none of ISO 20022`);
}

/**
 * Reads a booked entry: without details or with one it is one transaction, with several it is a batch that is split
 * when the details' own amounts sum up to it.
 * @throws FormatError when the entry cannot be read: `amount-missing`, `amount-unreadable`, `currency-missing`,
 * `currency-differs`, `indicator-unknown`, `reversal-unknown`, `date-missing`, `too-long`
 */
export function readEntry(entry: XmlElement, own: OwnAccount, warn: Warn): Entry {
  const credit = isCredit(entry);
  const amount = signed(amountIn(own.currency, child(entry, 'Amt')), credit);
  const { bookingDate, valueDate } = datesOf(entry, warn);
  const booking: Booking = { entry, own, bookingDate, valueDate, reversal: isReversal(entry), warn };
  const details = children(entry, 'NtryDtls', 'TxDtls');
  return { amount, transactions: transactionsOf(booking, details, amount, credit) };
}

function amountIn(currency: string, element: XmlElement | null): Money {
  const amount = amountOf(element);
  if (amount.currency === currency) return amount;
  throw new FormatError(
    'currency-differs',
    `Its amount is in ${amount.currency}, while the account is kept in ${currency}`,
  );
}

/** `RvslInd`. The entry's CdtDbtInd is already the account's own: a reversal flips no sign. */
function isReversal(entry: XmlElement): boolean {
  const indicator = textAt(entry, 'RvslInd') ?? 'false';
  if (indicator === 'true' || indicator === '1') return true;
  if (indicator === 'false' || indicator === '0') return false;
  throw new FormatError('reversal-unknown', `RvslInd is "${indicator.slice(0, 40)}", not true or false`);
}

function datesOf(entry: XmlElement, warn: Warn): Pick<Booking, 'bookingDate' | 'valueDate'> {
  const written = child(entry, 'ValDt');
  const valueDate = dateOf(written);
  const bookingDate = dateOf(child(entry, 'BookgDt'));
  if (bookingDate !== null) {
    if (written && valueDate === null)
      warn('value-date-unreadable', 'The value date is no date and was left out.');
    return { bookingDate, valueDate };
  }
  if (valueDate === null)
    throw new FormatError('date-missing', 'It has neither a booking date nor a value date');
  warn(
    'booking-date-missing',
    `There is no readable booking date; the value date ${valueDate} stands for it.`,
  );
  return { bookingDate: valueDate, valueDate };
}

function transactionsOf(
  booking: Booking,
  details: readonly XmlElement[],
  amount: Money,
  credit: boolean,
): Transaction[] {
  const { entry, warn } = booking;
  const reference = textAt(entry, 'NtryRef') ?? textAt(entry, 'AcctSvcrRef');
  if (details.length > 1) {
    const shares = splitBatch(details, { amount, credit, reference });
    if (shares) return shares.map((share) => readTransaction(booking, share.details, share));
    warn(
      'batch-not-split',
      `The ${details.length} details do not sum up to the entry; it is one movement, the details are in the document.`,
    );
  }
  const only = details.length === 1 ? (details[0] ?? null) : null;
  const bankReference = textAt(only, 'Refs', 'AcctSvcrRef') ?? reference;
  return [readTransaction(booking, only, { amount, credit, bankReference, batch: null })];
}
