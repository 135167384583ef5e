import type { PlainDate } from '../../domain/dates.ts';
import type { Statement, Transaction } from '../../domain/model.ts';
import { formatMoney, type Money } from '../../domain/money.ts';
import { encode } from '../encoding/encode.ts';
import { FormatError } from '../errors.ts';
import type { Loss, Written } from '../stream.ts';
import { lettersOf, type Charset, type Letters, type Lose } from './charset.ts';
import { codeOf, detailsField } from './details-field.ts';
import { referenceIn } from './reference.ts';
import { wrap } from './wrap.ts';
import { ibanIn } from './account.ts';

export interface Mt940WriteOptions {
  /** `swift-x`: the letters of SWIFT only, without accents. Default `utf-8`. */
  readonly charset?: Charset;
  /** Puts each message into SWIFT blocks with this BIC (8, 11 or 12 characters). Without it `-` ends a message. */
  readonly bic?: string;
}

const LINE_END = '\r\n';

/**
 * Writes statements as MT940, one message each; pages are not split. Field :86: is structured: `051` (credit) or `116`
 * (debit), then ?20 counter-account `prefix-number/bank`, ?21 `KS`, ?22 `VS`, ?23 `SS`, ?24–?29 message (35 each), ?30
 * bank code or BIC, ?31 counter-account, ?32–?33 name (35 each), ?38 IBAN: the layout our reader takes for generic.
 * What MT940 cannot say is listed as a loss; a statement it cannot say at all is refused.
 * @throws FormatError `balance-missing`, `account-missing`, `date-missing`, `date-out-of-range`, `currency-differs`,
 * `amount-too-long`, `bic`
 */
export function writeMt940(statements: readonly Statement[], options: Mt940WriteOptions = {}): Written {
  const { charset = 'utf-8', bic } = options;
  if (bic !== undefined && !/^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3,4})?$/.test(bic)) {
    throw new FormatError('bic', `"${bic.slice(0, 20)}" is not a BIC: give 8, 11 or 12 characters`);
  }
  const losses: Loss[] = [];
  const letters = lettersOf(charset);
  const text = statements.map((statement, at) =>
    frame(message(statement, `Statement ${at + 1}`, letters, losses), bic ?? null),
  );
  const { bytes } = encode(text.join(''), charset === 'windows-1250' ? charset : 'utf-8');
  return { bytes, losses };
}

function frame(fields: readonly string[], bic: string | null): string {
  const body = fields.flatMap(wrap).join(LINE_END);
  if (bic === null) return `${body}${LINE_END}-${LINE_END}`;
  const terminal = bic.length === 12 ? bic : `${bic.slice(0, 8)}A${bic.slice(8).padEnd(3, 'X')}`;
  const blocks = `{1:F01${terminal}0000000000}{2:I940${terminal}N}{4:`;
  return `${blocks}${LINE_END}${body}${LINE_END}-}${LINE_END}`;
}

function message(statement: Statement, name: string, letters: Letters, losses: Loss[]): string[] {
  const lose: Lose = (rule, text) => losses.push({ rule, message: text, position: name });
  const { opening, closing } = balancesOf(statement, name);
  const { from, to } = periodOf(statement, name, lose);
  for (const [left, what] of [
    [statement.quarantined.length, 'quarantined items'],
    [declaredCount(statement), 'totals of the document'],
  ] as const)
    if (left > 0) lose('left-out', `MT940 has no place for ${what}: ${left}.`);
  return [
    `:20:${swiftDate(to, name)}${statement.number?.replace(/\W/g, '').slice(0, 10) ?? ''}`,
    `:25:${accountField(statement, name)}`,
    `:28C:${numberField(statement.number, lose)}/1`,
    `:60F:${balanceField(opening, from, name)}`,
    ...statement.transactions.flatMap((transaction, at) =>
      item(transaction, opening.currency, `${name}, item ${at + 1}`, letters, losses),
    ),
    `:62F:${balanceField(closing, to, name)}`,
  ];
}

function balancesOf({ opening, closing }: Statement, name: string): { opening: Money; closing: Money } {
  if (opening === null || closing === null) {
    throw new FormatError(
      'balance-missing',
      `${name} has no ${opening === null ? 'opening' : 'closing'} balance, which MT940 demands: choose another format`,
      name,
    );
  }
  if (opening.currency === closing.currency) return { opening, closing };
  throw currencyDiffers(opening.currency, closing.currency, name);
}

function periodOf(
  { from, to, transactions }: Statement,
  name: string,
  lose: Lose,
): { from: PlainDate; to: PlainDate } {
  const days = transactions.map(({ bookingDate }) => bookingDate).sort();
  const first = from ?? days[0] ?? to;
  const last = to ?? days.at(-1) ?? from;
  if (!first || !last) {
    throw new FormatError(
      'date-missing',
      `${name} has no dates, which its balances need: choose another format`,
      name,
    );
  }
  if (from === null || to === null) lose('date-filled', 'A balance without a date has the date of an item.');
  return { from: first, to: last };
}

const declaredCount = ({ declared }: Statement): number =>
  Object.values(declared).filter((value) => value !== null).length;

/** IBAN, else `bank/number` with the prefix in front of ten digits. */
function accountField({ account }: Statement, name: string): string {
  const { iban, number, bankCode } = account;
  if (iban !== null) return iban;
  if (number === null) {
    throw new FormatError('account-missing', `${name} names no account, which MT940 demands`, name);
  }
  const [, prefix, digits = ''] = /^(\d{1,6})-(\d{1,10})$/.exec(number) ?? [];
  const row = prefix === undefined ? number : prefix + digits.padStart(10, '0');
  return bankCode === null ? row : `${bankCode}/${row}`;
}

function numberField(number: string | null, lose: Lose): string {
  if (number !== null && /^\d{1,5}$/.test(number)) return number;
  const first = /^(\d{1,5})\D/.exec(number ?? '')?.[1] ?? '0';
  if (number !== null) lose('number-changed', `The statement number ${number} is written as ${first}.`);
  return first;
}

/** `YYMMDD`. @throws FormatError `date-out-of-range` beyond 1950–2049, which two digits cannot say */
function swiftDate(date: PlainDate, position: string): string {
  if (date < '1950-01-01' || date > '2049-12-31') {
    throw new FormatError(
      'date-out-of-range',
      `${date} cannot be written with a year of two digits`,
      position,
    );
  }
  return date.slice(2).replaceAll('-', '');
}

/** Digits and a comma, at most 15 characters. */
function amountField(money: Money, position: string): string {
  const text = formatMoney({ ...money, minor: money.minor < 0n ? -money.minor : money.minor }).replace(
    '.',
    ',',
  );
  const amount = text.includes(',') ? text : `${text},`;
  if (amount.length <= 15) return amount;
  throw new FormatError(
    'amount-too-long',
    `The amount ${amount} is longer than the 15 characters of MT940`,
    position,
  );
}

function balanceField(balance: Money, date: PlainDate, position: string): string {
  const mark = balance.minor < 0n ? 'D' : 'C';
  return `${mark}${swiftDate(date, position)}${balance.currency}${amountField(balance, position)}`;
}

const currencyDiffers = (expected: string, found: string, position: string): FormatError =>
  new FormatError('currency-differs', `An amount is in ${found}, the statement in ${expected}`, position);

function item(
  transaction: Transaction,
  currency: string,
  position: string,
  letters: Letters,
  losses: Loss[],
): string[] {
  const lose: Lose = (rule, message) => losses.push({ rule, message, position });
  const { amount, original } = transaction;
  if (amount.currency !== currency) throw currencyDiffers(currency, amount.currency, position);
  if (transaction.card !== null) lose('card-left-out', 'MT940 has no place for a card number.');
  if (transaction.batch !== null) lose('batch-left-out', 'MT940 has no place for a position in a batch.');
  const supplement = original === null ? null : originalField(original, transaction, position, lose);
  const line = statementLine(transaction, position, lose);
  return [supplement === null ? line : `${line}\n${supplement}`, detailsField(transaction, letters, lose)];
}

function statementLine(transaction: Transaction, position: string, lose: Lose): string {
  const { amount, bookingDate, reversal } = transaction;
  const valueDate = transaction.valueDate ?? bookingDate;
  if (transaction.valueDate === null)
    lose('date-filled', 'Without a value date, the booking date is written for it.');
  const days = Math.abs(Date.parse(bookingDate) - Date.parse(valueDate)) / 86_400_000;
  if (days > 182)
    lose('date-ambiguous', 'Booking and value date are half a year apart: the booking year is lost.');
  const credit = amount.minor >= 0n;
  const mark = reversal ? (credit ? 'RD' : 'RC') : credit ? 'C' : 'D';
  const entry = swiftDate(bookingDate, position).slice(2);
  const bankReference = reference(transaction.bankReference, 'bank reference', lose);
  return (
    `:61:${swiftDate(valueDate, position)}${entry}${mark}${amountField(amount, position)}` +
    `${typeField(transaction, lose)}` +
    `${reference(transaction.endToEndId, 'end-to-end id', lose) ?? 'NONREF'}` +
    `${bankReference === null ? '' : `//${bankReference}`}`
  );
}

/** The type of :61:; any other code of the source has no place here. */
function typeField(transaction: Transaction, lose: Lose): string {
  const code = transaction.transactionCode;
  const type = /^([NFS][A-Z0-9]{3})(?:\/|$)/.exec(code ?? '')?.[1] ?? 'NTRF';
  if (code !== null && code !== type && code !== `${type}/${codeOf(transaction)}`)
    lose('code-left-out', `The transaction code ${code} is written as ${type}.`);
  return type;
}

/** Sixteen characters of SWIFT; a reference that is cut is no reference, so a longer one is left out. */
function reference(text: string | null, what: string, lose: Lose): string | null {
  if (text === null) return null;
  if (
    /^[A-Za-z0-9?:().,'+ -](?:\/?[A-Za-z0-9?:().,'+ -])*$/.test(text) &&
    text.length <= 16 &&
    isReference(text)
  )
    return text;
  lose('reference-left-out', `The ${what} ${text} does not fit in 16 characters of SWIFT.`);
  return null;
}

/** Whether our reader, and others, would take the text for a reference. */
const isReference = (text: string): boolean =>
  text.trim() === text && referenceIn(text) !== null && ibanIn(text) === null;

/** `/OCMT/EUR12,50/EXCH/24,5` on the supplementary line. */
function originalField(
  { amount, rate }: NonNullable<Transaction['original']>,
  transaction: Transaction,
  position: string,
  lose: Lose,
): string | null {
  const sameSide = amount.minor < 0n === transaction.amount.minor < 0n || amount.minor === 0n;
  if (amount.currency === transaction.amount.currency || !sameSide) {
    lose(
      'original-left-out',
      'An original amount is written in another currency and with the same sign only.',
    );
    return null;
  }
  const written = rate !== null && /^[\d.,]{1,12}$/.test(rate) ? `/EXCH/${rate}` : '';
  if (rate !== null && written === '')
    lose('rate-left-out', `The rate ${rate} is no number of up to 12 characters.`);
  return `/OCMT/${amount.currency}${amountField(amount, position)}${written}`;
}
