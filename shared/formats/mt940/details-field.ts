import type { Counterparty, Transaction } from '../../domain/model.ts';
import type { Letters, Lose } from './charset.ts';
import { readTaggedText } from './tagged-text.ts';

/** Columns of one subfield of a text. */
const COLUMNS = 35;
const MESSAGE = ['24', '25', '26', '27', '28', '29'];
const NAME = ['32', '33'];

/** The transaction code in front: a debit or a credit, in no bank's own table. */
export const codeOf = ({ amount }: Transaction): string => (amount.minor < 0n ? '116' : '051');

/** Field :86: of an item, in the layout that the writer declares, unwrapped. */
export function detailsField(transaction: Transaction, letters: Letters, lose: Lose): string {
  const { counterparty, rawSymbols } = transaction;
  const message = textField('message', transaction.message, MESSAGE, letters, lose);
  const symbol = (name: string, raw: string | null, normal: string | null): string =>
    `${name} ${symbolField(name, raw, normal, lose)}`;
  return [
    `:86:${codeOf(transaction)}`,
    ...accountFields(counterparty, lose),
    `?21${symbol('KS', rawSymbols.constantSymbol, transaction.constantSymbol)}`,
    `?22${symbol('VS', rawSymbols.variableSymbol, transaction.variableSymbol)}`,
    `?23${symbol('SS', rawSymbols.specificSymbol, transaction.specificSymbol)}`,
    ...message,
    ...bankFields(counterparty, lose),
    ...textField('name', counterparty.name, NAME, letters, lose),
    ...(counterparty.iban === null ? [] : [`?38${counterparty.iban}`]),
  ].join('');
}

/** The symbol as its bank wrote it, so that nobody's leading zeros are lost; else the normalised one. */
function symbolField(name: string, raw: string | null, normal: string | null, lose: Lose): string {
  if (raw !== null && /^\d{1,10}$/.test(raw)) return raw;
  if (raw !== null && raw !== '') lose('symbol-changed', `${name} "${raw}" is written as "${normal ?? ''}".`);
  return normal ?? '';
}

const isCzech = ({ number, bankCode }: Counterparty): boolean =>
  /^\d{4}$/.test(bankCode ?? '') && /^(\d{1,6}-)?\d{2,10}$/.test(number ?? '');

/** A foreign number. */
const WRITABLE = /^(?=.*[1-9A-Za-z])[A-Za-z0-9-]{1,34}$/;

/** `pppppp-nnnnnnnnnn` of a Czech number. */
function padded(number: string): string {
  const [prefix = '', digits = ''] = number.includes('-') ? number.split('-') : ['', number];
  return `${prefix.padStart(6, '0')}-${digits.padStart(10, '0')}`;
}

/** Without a counter-account zeros say so, lest a reader take the message for one. */
function accountFields(counterparty: Counterparty, lose: Lose): string[] {
  if (isCzech(counterparty)) return [`?20${padded(counterparty.number ?? '')}/${counterparty.bankCode}`];
  if (counterparty.number !== null && !WRITABLE.test(counterparty.number))
    lose('account-left-out', `The account ${counterparty.number} has characters MT940 has no place for.`);
  return ['?20000000-0000000000/0000'];
}

function bankFields(counterparty: Counterparty, lose: Lose): string[] {
  const { number } = counterparty;
  const bank = bankField(counterparty, lose);
  const fields = bank === null ? [] : [`?30${bank}`];
  if (number === null || !WRITABLE.test(number)) return fields;
  return [...fields, `?31${isCzech(counterparty) ? padded(number) : number}`];
}

function bankField({ bankCode, bic }: Counterparty, lose: Lose): string | null {
  const codes = [
    ['bank code', bankCode, /^\d{3,9}$/],
    ['BIC', bic, /^[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/],
  ] as const;
  const [first = null, ...others] = codes.flatMap(([what, code, shape]) => {
    if (code !== null && shape.test(code)) return [code];
    if (code !== null) lose('bank-left-out', `The ${what} ${code} does not have the shape of one.`);
    return [];
  });
  if (others.length > 0) lose('bank-left-out', `Beside a bank code the BIC ${bic} has no place.`);
  return first;
}

/** A text in its subfields of 35 columns; one that fills a column goes on in the next. */
function textField(
  what: string,
  source: string | null,
  subfields: readonly string[],
  letters: Letters,
  lose: Lose,
): string[] {
  if (source === null) return [];
  const text = withoutSubfields(letters(source, what, lose), what, lose).trim();
  const room = subfields.length * COLUMNS;
  if (text.length > room) lose('text-shortened', `The ${what} is cut after ${room} characters: ${text}`);
  const columns = subfields
    .map((_, at) => text.slice(at * COLUMNS, (at + 1) * COLUMNS))
    .filter((column) => column !== '');
  if (columns.some(isAmbiguous) || (what === 'message' && readTaggedText(text) !== null))
    lose('text-ambiguous', `The ${what} may be read as something else: ${text}`);
  return columns.map((column, at) => `?${subfields[at]}${column}`);
}

/** A question mark that two digits follow would begin a subfield. */
function withoutSubfields(text: string, what: string, lose: Lose): string {
  if (!/\?\d\d/.test(text)) return text;
  lose('letter-replaced', `${what}: "?" in front of digits is written as ".".`);
  return text.replace(/\?(?=\d\d)/g, '.');
}

/** A column that looks like nothing or like a symbol is no text to a reader. */
const isAmbiguous = (column: string): boolean =>
  column === '.' || /^(VS|SS|KS)[ :]?\s*\d{0,10}\s*$/.test(column);
