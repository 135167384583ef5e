import {
  accountOfIban,
  parseAccountNumber,
  sixteenDigits,
  toInternalForm,
} from '../../domain/account-number.ts';
import { bicOfCode } from '../../domain/bank-codes.ts';
import type { Counterparty, Transaction } from '../../domain/model.ts';
import type { Encoding } from '../encoding/encodings.ts';
import { FormatError } from '../errors.ts';
import { columnOfCurrency, hundredthsOfMinor } from './currency.ts';
import type { AccountLayout, GpcDialect } from './dialects.ts';
import { dateDigits, digits, fitted, type Lose } from './fields.ts';
import { LINE } from './notes.ts';
import { codeOf, STANDARD_CODES } from './posting.ts';

/** How the items of a statement are written. */
export interface ItemStyle {
  readonly dialect: GpcDialect;
  readonly layout: AccountLayout;
  readonly encoding: Encoding;
  /** The own account as it stands in the file. */
  readonly account: string;
  readonly currency: string;
}

const NO_ACCOUNT = '0'.repeat(16);
const REFERENCE = 13;
const IDENTIFICATION = 26;
const NAME = 20;
const MESSAGE = 4 * LINE;

/** 16 digits in the layout of the file. */
export function laidOut(edit: string, layout: AccountLayout): string {
  return layout === 'internal' ? toInternalForm(edit) : edit;
}

/**
 * The records of a transaction: 075, and 076, 078, 079 where they have something to say.
 * @throws FormatError `too-large`, `currency-differs`, `currency-unknown`, `amount-too-fine`, `date-out-of-range`
 */
export function writeItem(
  transaction: Transaction,
  style: ItemStyle,
  position: string,
  lose: Lose,
): string[] {
  const { dialect, layout, encoding } = style;
  const { amount, bookingDate, valueDate, counterparty } = transaction;
  if (amount.currency !== style.currency) {
    const message = `The amount of ${position} is in ${amount.currency}, the statement in ${style.currency}`;
    throw new FormatError('currency-differs', message, position);
  }
  loseWhatHasNoPlace(transaction, lose);
  const party = partyDigits(counterparty, lose);
  const reference = referenceColumns(transaction.bankReference, style, lose);
  const rises = amount.minor > 0n || (amount.minor === 0n && !transaction.reversal);
  const hundredths = hundredthsOfMinor(amount.minor, amount.currency);
  const hasValueDate =
    valueDate !== null && !(dialect.noValueDate === 'booking-date' && valueDate === bookingDate);
  const item = [
    '075',
    style.account,
    party.account === NO_ACCOUNT ? NO_ACCOUNT : laidOut(party.account, layout),
    reference.document,
    digits(hundredths, 12, 'amount', position),
    codeOf(dialect.codes ?? STANDARD_CODES, rises, transaction.reversal),
    symbol(transaction, 'variableSymbol', 10, lose),
    '00',
    party.bankCode,
    symbol(transaction, 'constantSymbol', 4, lose),
    symbol(transaction, 'specificSymbol', 10, lose),
    dateDigits(hasValueDate ? valueDate : null, position),
    fitted(counterparty.name ?? '', NAME, 'name', encoding, lose).padEnd(NAME),
    '0',
    typeColumn(transaction, style, position, lose),
    dateDigits(bookingDate, position),
  ].join('');
  const message = fitted(transaction.message ?? '', MESSAGE, 'message', encoding, lose);
  return [item, ...reference.records, ...messageRecords(message, dialect)];
}

/** Fields of the model without columns of their own. */
function loseWhatHasNoPlace(transaction: Transaction, lose: Lose): void {
  const { endToEndId, original, card, batch, counterparty } = transaction;
  const leftOut = (rule: string, what: string): void =>
    lose(`${rule}-left-out`, `GPC has no place for ${what}.`);
  if (endToEndId !== null) leftOut('end-to-end', `the end-to-end id ${endToEndId}`);
  if (original !== null) leftOut('original', 'the original amount and its rate');
  if (card !== null) leftOut('card', 'the card number');
  if (batch !== null)
    leftOut('batch', `the place in a batch (${batch.reference ?? 'no reference'}, ${batch.index})`);
  const { bic, bankCode } = counterparty;
  // One that follows from the bank code is not lost.
  if (bic !== null && !(bankCode !== null && bic.replace(/XXX$/, '') === bicOfCode(bankCode)))
    leftOut('bic', `the BIC ${bic}`);
}

/** Counter-account and bank code; zeros for a foreign one. */
function partyDigits(party: Counterparty, lose: Lose): { account: string; bankCode: string } {
  const { iban, number, bankCode } = party;
  const isForeign = iban !== null && !iban.startsWith('CZ');
  const account = isForeign ? null : (accountOfIban(iban ?? '') ?? parseAccountNumber(number ?? ''));
  const written = account?.bankCode ?? bankCode;
  const code = written !== null && /^\d{4}$/.test(written) && !isForeign ? written : '0000';
  if (!account && (iban !== null || number !== null)) {
    lose('account-left-out', `Only Czech account numbers have a place; ${iban ?? number} was left out.`);
  } else if (code === '0000' && written !== null && written !== '0000') {
    lose('bank-code-left-out', `Bank code ${written} is not of four digits and was left out.`);
  }
  return { account: account ? sixteenDigits(account) : NO_ACCOUNT, bankCode: code };
}

/** The document number; a longer reference goes to record 076 where that is understood. */
function referenceColumns(
  reference: string | null,
  { dialect, encoding }: ItemStyle,
  lose: Lose,
): { document: string; records: string[] } {
  const none = '0'.repeat(REFERENCE);
  if (reference === null) return { document: none, records: [] };
  const text = fitted(reference, Infinity, 'reference', encoding, lose);
  if (/^\d+$/.test(text) && text.length <= REFERENCE) {
    if (text.startsWith('0'))
      lose('reference-zeros', `Zeros on the left of reference ${text} become padding.`);
    return { document: text.padStart(REFERENCE, '0'), records: [] };
  }
  if (text.length <= REFERENCE) return { document: text.padEnd(REFERENCE), records: [] };
  if (dialect.writer.identification && text.length <= IDENTIFICATION) {
    const record = `076${text.padEnd(IDENTIFICATION)}000000`;
    return { document: none, records: [dialect.writer.padNotes ? record.padEnd(128) : record] };
  }
  lose(
    'reference-shortened',
    `Reference ${text} is too long; its last ${REFERENCE} characters were written.`,
  );
  return { document: text.slice(-REFERENCE), records: [] };
}

type SymbolName = keyof Transaction['rawSymbols'];

function symbol(transaction: Transaction, name: SymbolName, width: number, lose: Lose): string {
  const value = transaction[name];
  const raw = transaction.rawSymbols[name];
  if (value === null && raw !== null && !/^[\s0]*$/.test(raw)) {
    lose('symbol-left-out', `The ${name} "${raw}" is no number of up to ${width} digits and was left out.`);
  }
  return (value ?? '').padStart(width, '0');
}

/** Columns 119–122: the currency, or the kind of movement where the bank writes that. */
function typeColumn(transaction: Transaction, style: ItemStyle, position: string, lose: Lose): string {
  const { transactionCode } = transaction;
  if (style.dialect.typeColumn === 'type' || style.dialect.typeColumn === 'plain-type') {
    if (transactionCode !== null && /^\d{4}$/.test(transactionCode)) return transactionCode;
    if (transactionCode !== null) lose('code-left-out', `Transaction code ${transactionCode} was left out.`);
    return style.currency === 'CZK' ? '1001' : '2001';
  }
  if (transactionCode !== null) lose('code-left-out', `Transaction code ${transactionCode} was left out.`);
  const column = columnOfCurrency(style.currency);
  if (column !== null) return column;
  const message = `${style.currency} has no number known here, so ${position} cannot say its currency in GPC`;
  throw new FormatError('currency-unknown', message, position);
}

/** Records 078 and 079 with two lines each, when there is something to write. */
function messageRecords(message: string, { writer }: GpcDialect): string[] {
  const records: string[] = [];
  for (const [kind, from] of [
    ['078', 0],
    ['079', 2 * LINE],
  ] as const) {
    const part = message.slice(from, from + 2 * LINE);
    if (part !== '') records.push((kind + part).padEnd(writer.padNotes ? 128 : 3 + 2 * LINE));
  }
  return records;
}
