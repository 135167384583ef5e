import { localNumber, type AccountNumber } from '../../domain/account-number.ts';
import type { OrderPayment } from '../../domain/order-file.ts';
import { normaliseSymbols } from '../../domain/symbols.ts';
import { FormatError } from '../errors.ts';
import { NOBODY, parseOrderAccount } from '../order-party.ts';
import { detach } from '../xml.ts';
import type { KpcDialect } from './dialects.ts';
import { hellersOf, isDigits } from './fields.ts';
import { readItemText } from './message.ts';

/** What an item's line is read with. */
export interface ItemContext {
  readonly dialect: Omit<KpcDialect, 'bankCode'>;
  /** Whether the line begins with the payer's account. */
  readonly single: boolean;
  /** Code of the bank the file is for, which keeps the payer's account. */
  readonly bankCode: string;
}

/** An item, with the accounts whose checksums are yet to be looked at. */
export interface ReadItem {
  readonly payment: OrderPayment;
  /** What the sender wrote for itself; the model has no place for it. */
  readonly note: string | null;
  readonly payer: AccountNumber | null;
  readonly creditor: AccountNumber;
}

/**
 * Reads `[PAYER] ACCOUNT AMOUNT VS BANKKS [SS] [text]`. Fields are parted by one space; more are put up with, because
 * some writers leave both separators of an empty specific symbol.
 * @throws FormatError naming the field that cannot be read
 */
export function readItem(line: string, context: ItemContext): ReadItem {
  const fields = fieldsOf(line, context.single ? 5 : 4);
  const payer = context.single ? accountIn(fields.next(), "The payer's account") : null;
  const creditor = accountIn(fields.next(), "The counterparty's account");
  const amount = hellersOf(fields.next(), 'The amount');
  if (amount === 0n) throw new FormatError('amount-zero', 'The amount is zero');
  const variableSymbol = symbolIn(fields.next(), 'The variable symbol');
  const { bankCode, constantSymbol } = bankAndConstantSymbol(fields.next());
  const { specificSymbol, text } = specificSymbolAndText(fields.rest());
  const { message, name, note } = readItemText(text, context.dialect);
  const rawSymbols = { variableSymbol, constantSymbol, specificSymbol };
  const payment: OrderPayment = {
    ...normaliseSymbols(rawSymbols),
    rawSymbols,
    amount: { minor: amount, currency: context.dialect.currency },
    creditor: { ...NOBODY, name: name && detach(name), number: localNumber(creditor), bankCode },
    message: message && detach(message),
    endToEndId: null,
    instructionId: null,
  };
  if (!payer) return { payment, note, payer, creditor };
  const party = { ...NOBODY, number: localNumber(payer), bankCode: context.bankCode };
  return { payment: { ...payment, payer: party }, note, payer, creditor };
}

/** Goes through the fields of a line. */
function fieldsOf(line: string, count: number) {
  let at = 0;
  let taken = 0;
  return {
    next(): string {
      while (line.charCodeAt(at) === 0x20) at += 1;
      const end = line.indexOf(' ', at);
      const field = line.slice(at, end < 0 ? line.length : end);
      taken += 1;
      if (field === '') {
        throw new FormatError('field-missing', `The item has ${taken - 1} of the ${count} fields it needs`);
      }
      at += field.length;
      return field;
    },
    rest: (): string => line.slice(at).trim(),
  };
}

function accountIn(field: string, name: string): AccountNumber {
  const account = parseOrderAccount(field);
  if (account?.bankCode === null) return account;
  throw new FormatError('account-unreadable', `${name} "${field.slice(0, 40)}" is no account number`);
}

/** Up to ten digits; left zeros may make it longer. */
function symbolIn(field: string, name: string): string {
  const significant = field.length > 10 ? field.replace(/^0+/, '') : field;
  if (isDigits(field) && significant.length <= 10) return field;
  throw new FormatError('symbol-unreadable', `${name} "${field.slice(0, 40)}" is not up to ten digits`);
}

/** `[xx]BBBBKKKK`; what stands before the bank code is a priority inside the bank. */
function bankAndConstantSymbol(field: string): { bankCode: string; constantSymbol: string } {
  const bankCode = field.slice(-8, -4);
  if (!isDigits(field) || field.length < 8 || field.length > 10 || bankCode === '0000') {
    const shape = 'a bank code of four digits and a constant symbol of four';
    throw new FormatError('bank-code-unreadable', `"${field.slice(0, 40)}" is not ${shape}`);
  }
  return { bankCode, constantSymbol: field.slice(-4) };
}

/** The specific symbol may be missing; then the text follows at once. */
function specificSymbolAndText(rest: string): { specificSymbol: string | null; text: string } {
  const end = rest.indexOf(' ');
  const first = end < 0 ? rest : rest.slice(0, end);
  if (!isDigits(first)) return { specificSymbol: null, text: rest };
  const specificSymbol = symbolIn(first, 'The specific symbol');
  return { specificSymbol, text: end < 0 ? '' : rest.slice(end).trim() };
}
