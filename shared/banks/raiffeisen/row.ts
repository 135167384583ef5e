import { localNumber, parseAccountNumber } from '../../domain/account-number.ts';
import { dateIn, isPlainDate, type PlainDate } from '../../domain/dates.ts';
import type { Counterparty, Symbols, Transaction } from '../../domain/model.ts';
import { normaliseSymbols } from '../../domain/symbols.ts';
import { at, textAt } from '../../domain/json.ts';
import { amountAt, isCredit, RowError, signed } from '../rows.ts';
import { manifest } from './manifest.ts';

/**
 * One row of `getTransactionList`. Required are reference, amount, direction and a date; nothing below `entryDetails`
 * is ever relied upon, and unknown fields are passed over.
 * @param currency the folder that was asked for
 * @throws RowError
 */
export function readRow(row: unknown, currency: string): Transaction {
  const bankReference = textAt(row, 'entryReference');
  if (bankReference === null) throw new RowError('reference-missing', 'It has no entryReference');
  const credit = isCredit(row, 'creditDebitIndication');
  const amount = signed(amountAt(at(row, 'amount')), credit);
  if (amount.currency !== currency) {
    throw new RowError(
      'currency-differs',
      `Its amount is in ${amount.currency}, the account is kept in ${currency}`,
    );
  }
  const valueDate = dayAt(row, 'valueDate');
  const bookingDate = dayAt(row, 'bookingDate') ?? valueDate;
  if (bookingDate === null)
    throw new RowError('date-missing', 'It has neither a booking date nor a value date');
  const details = at(row, 'entryDetails', 'transactionDetails');
  const rawSymbols = readSymbols(details);
  return {
    bankReference,
    bookingDate,
    valueDate,
    amount,
    counterparty: readCounterparty(details),
    ...normaliseSymbols(rawSymbols),
    rawSymbols,
    message: readMessage(details),
    endToEndId: provided(textAt(details, 'references', 'endToEndIdentification')),
    transactionCode: textAt(row, 'bankTransactionCode', 'code'),
    // The list marks no reversals; the sign is right without the mark.
    reversal: false,
    original: readOriginal(details, currency, credit),
    card: maskedCard(textAt(details, 'paymentCardNumber')),
    batch: null,
  };
}

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** The day in Prague of an instant with offset (`2026-10-10T23:30:00Z` is the 11th); one without is local already. */
function dayAt(row: unknown, name: string): PlainDate | null {
  const text = textAt(row, name);
  if (text === null) return null;
  const [, date = '', time = '', offset] = DATE_TIME.exec(text) ?? [];
  if (!isPlainDate(date)) throw new RowError('date-unreadable', `Its ${name} is no date`);
  if (time === '' || offset === undefined) return date;
  const instant = Date.parse(`${date}${time}${offset}`);
  if (Number.isNaN(instant)) throw new RowError('date-unreadable', `Its ${name} is no date`);
  return dateIn(manifest.timeZone, instant);
}

/** Card payments have no counterparty at all, others lack the name or everything but the number. */
function readCounterparty(details: unknown): Counterparty {
  const party = at(details, 'relatedParties', 'counterParty');
  const bank = at(party, 'organisationIdentification');
  const bankCode = textAt(bank, 'bankCode');
  return {
    name: textAt(party, 'name') ?? textAt(bank, 'name'),
    iban: textAt(party, 'account', 'iban')?.replace(/\s+/g, '').toUpperCase() ?? null,
    number: readNumber(at(party, 'account'), bankCode),
    bankCode,
    bic: textAt(bank, 'bicOrBei'),
  };
}

/** Only beside a Czech bank code is a row of digits a Czech number; others stay as written. */
function readNumber(account: unknown, bankCode: string | null): string | null {
  const written = textAt(account, 'accountNumber');
  if (written === null || bankCode === null || !/^\d{4}$/.test(bankCode)) return written;
  const prefix = (textAt(account, 'accountNumberPrefix') ?? '').replace(/^0+/, '');
  const parsed = parseAccountNumber(prefix === '' ? written : `${prefix}-${written}`);
  return parsed ? localNumber(parsed) : written;
}

function readSymbols(details: unknown): Symbols {
  const symbol = (name: string) =>
    textAt(details, 'remittanceInformation', 'creditorReferenceInformation', name);
  return {
    variableSymbol: symbol('variable'),
    constantSymbol: symbol('constant'),
    specificSymbol: symbol('specific'),
  };
}

/**
 * The text for the payee. `originatorMessage` is declared as the account holder's private note, yet in incoming
 * payments it is where the payer's text stands.
 */
function readMessage(details: unknown): string | null {
  return (
    textAt(details, 'remittanceInformation', 'unstructured') ??
    textAt(details, 'remittanceInformation', 'originatorMessage')
  );
}

const provided = (id: string | null): string | null => (id === 'NOTPROVIDED' ? null : id);

/** Only when it is in another currency; one that cannot be read is left out, for the booked amount stands without it. */
function readOriginal(details: unknown, currency: string, credit: boolean): Transaction['original'] {
  const instructed = at(details, 'instructedAmount');
  if ((textAt(instructed, 'currency') ?? currency) === currency) return null;
  try {
    return { amount: signed(amountAt(instructed), credit), rate: textAt(instructed, 'exchangeRate') };
  } catch (error) {
    if (error instanceof RowError) return null;
    throw error;
  }
}

/** The bank masks card numbers; should one come in full, it must not be stored. */
function maskedCard(number: string | null): string | null {
  return number?.replace(/^\d{8,}(?=\d{4}$)/, (hidden) => '*'.repeat(hidden.length)) ?? null;
}
