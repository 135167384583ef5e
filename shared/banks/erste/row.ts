import { localNumber, normaliseIban, parseAccountNumber } from '../../domain/account-number.ts';
import { isPlainDate, type PlainDate } from '../../domain/dates.ts';
import type { Counterparty, Symbols, Transaction } from '../../domain/model.ts';
import { NO_SYMBOLS, normaliseSymbols } from '../../domain/symbols.ts';
import { at, textAt } from '../../domain/json.ts';
import { amountAt, isCredit, RowError, signed } from '../rows.ts';

/** Not booked: for information (a changed rate, a failed payment), or still pending, as the bank's sandbox shows it. */
const NOT_BOOKED = ['INFO', 'PDNG', 'PENDING'];

/**
 * One row of the transaction list. Nothing below `entryDetails` is relied upon, and unknown fields are passed over.
 * @param currency the account's
 * @returns `null` for a row that moves no money
 * @throws RowError
 */
export function readRow(row: unknown, currency: string): Transaction | null {
  const status = textAt(row, 'status');
  if (status !== null && NOT_BOOKED.includes(status)) return null;
  if (status !== 'BOOK') throw new RowError('status-unknown', 'Its status is neither BOOK nor INFO');
  const bankReference = textAt(row, 'entryReference');
  if (bankReference === null) throw new RowError('reference-missing', 'It has no entryReference');
  const credit = isCredit(row, 'creditDebitIndicator');
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
  const endToEndId = provided(textAt(details, 'references', 'endToEndIdentification'));
  const rawSymbols = readSymbols(details, endToEndId);
  return {
    bankReference,
    bookingDate,
    valueDate,
    amount,
    counterparty: readCounterparty(details, credit),
    ...normaliseSymbols(rawSymbols),
    rawSymbols,
    // The fee's name stands in for a message nobody wrote.
    message:
      textAt(details, 'remittanceInformation', 'unstructured') ??
      textAt(details, 'additionalTransactionDescription'),
    endToEndId,
    transactionCode: textAt(row, 'bankTransactionCode', 'proprietary', 'code'),
    // The list marks no reversals; the sign is right without the mark.
    reversal: false,
    original: readOriginal(details, currency, credit),
    card: maskedCard(textAt(details, 'references', 'chequeNumber')),
    batch: null,
  };
}

/** Days as the bank writes them; its sandbox has midnights in UTC behind them, which mean nothing. */
function dayAt(row: unknown, name: string): PlainDate | null {
  const text = textAt(row, name, 'date');
  if (text === null) return null;
  const day = text.slice(0, 10);
  if (!isPlainDate(day)) throw new RowError('date-unreadable', `Its ${name} is no date`);
  return day;
}

/** Only the other side is filled: the debtor of a credit, the creditor of a debit. */
function readCounterparty(details: unknown, credit: boolean): Counterparty {
  const side = credit ? 'debtor' : 'creditor';
  const parties = at(details, 'relatedParties');
  const identification = at(parties, `${side}Account`, 'identification');
  const written = textAt(identification, 'other', 'identification');
  const number = written === null ? null : parseAccountNumber(written);
  const iban = textAt(identification, 'iban');
  return {
    name: textAt(parties, side, 'name'),
    iban: iban === null ? null : normaliseIban(iban),
    number: number === null ? written : localNumber(number),
    bankCode: number?.bankCode ?? null,
    bic: textAt(details, 'relatedAgents', `${side}Agent`, 'financialInstitutionIdentification', 'bic'),
  };
}

const SYMBOLS: Readonly<Record<string, keyof Symbols>> = {
  VS: 'variableSymbol',
  KS: 'constantSymbol',
  SS: 'specificSymbol',
};
/** What an end-to-end id must be to carry symbols: `VS0250117002/SS0000000000/KS0000`. */
const IN_END_TO_END = /^\/?(?:[VKS]S:?\d{0,10}\/?)+$/;

/** `["VS:…", "SS:…", "KS:…"]` in any order, any of them absent; without any, those of the end-to-end id. */
function readSymbols(details: unknown, endToEndId: string | null): Symbols {
  const listed = at(
    details,
    'remittanceInformation',
    'structured',
    'creditorReferenceInformation',
    'reference',
  );
  const references = Array.isArray(listed) ? listed : [listed];
  const written = references.filter((reference) => typeof reference === 'string');
  const parts =
    written.length === 0 && endToEndId !== null && IN_END_TO_END.test(endToEndId)
      ? endToEndId.split('/')
      : written;
  const symbols: { -readonly [name in keyof Symbols]: Symbols[name] } = { ...NO_SYMBOLS };
  for (const part of parts) {
    const [, kind = '', digits = ''] = /^([VKS]S):?\s*(\S*)\s*$/.exec(part) ?? [];
    const name = Object.hasOwn(SYMBOLS, kind) ? SYMBOLS[kind] : undefined;
    if (name !== undefined && digits !== '') symbols[name] ??= digits;
  }
  return symbols;
}

const provided = (id: string | null): string | null => (id === 'NOTPROVIDED' ? null : id);

/** Only when it is in another currency; one that cannot be read is left out, for the booked amount stands without it. */
function readOriginal(details: unknown, currency: string, credit: boolean): Transaction['original'] {
  const instructed = at(details, 'amountDetails', 'instructedAmount', 'amount');
  if ((textAt(instructed, 'currency') ?? currency) === currency) return null;
  const exchange = at(details, 'amountDetails', 'counterValueAmount', 'currencyExchange');
  try {
    return { amount: signed(amountAt(instructed), credit), rate: textAt(exchange, 'exchangeRate') };
  } catch (error) {
    if (error instanceof RowError) return null;
    throw error;
  }
}

/** The bank masks card numbers; should one come in full, it must not be stored. */
function maskedCard(number: string | null): string | null {
  return number?.replace(/^\d{8,}(?=\d{4}$)/, (hidden) => '*'.repeat(hidden.length)) ?? null;
}
