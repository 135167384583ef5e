import {
  accountOfIban,
  czechIban,
  parseAccountNumber,
  sixteenDigits,
  type AccountNumber,
} from '../../domain/account-number.ts';
import { ordinalOf } from '../../domain/continuity.ts';
import { addDays, daysBetween, type PlainDate } from '../../domain/dates.ts';
import type { Statement } from '../../domain/model.ts';
import { encode } from '../encoding/encode.ts';
import type { Encoding } from '../encoding/encodings.ts';
import { FormatError } from '../errors.ts';
import type { Loss, Written } from '../stream.ts';
import { hundredthsOfMinor } from './currency.ts';
import { dialectOf, type AccountLayout, type GpcDialect } from './dialects.ts';
import { dateDigits, digits, fitted, loserAt, type Lose } from './fields.ts';
import { laidOut, writeItem, type ItemStyle } from './write-item.ts';

/** How a GPC file is written. */
export interface GpcWriteOptions {
  /** Code of the bank whose dialect is written; otherwise that of each statement's account. */
  readonly bankCode?: string;
  /** Where the dialect leaves it open. */
  readonly layout?: AccountLayout;
  /** Windows-1250 unless set. */
  readonly encoding?: Encoding;
  /** Short name of the account's owner, for the header. */
  readonly ownerName?: string;
}

const NAME = 20;
const RECORD = 128;

/**
 * Writes statements as ABO GPC: 074 and for each transaction 075 with 076, 078 and 079, CR LF. What the format cannot
 * say is left out, transliterated or shortened, and listed; figures are never cut.
 * @throws FormatError `account-missing`, `balance-missing`, `period-missing`, `too-large`, `currency-differs`,
 * `currency-unknown`, `amount-too-fine`, `date-out-of-range`
 */
export function writeGpc(statements: readonly Statement[], options: GpcWriteOptions = {}): Written {
  const losses: Loss[] = [];
  const records: string[] = [];
  statements.forEach((statement, at) => {
    for (const record of recordsOf(statement, `statement ${at + 1}`, options, losses)) records.push(record);
  });
  const text = records.map((record) => `${record}\r\n`).join('');
  return { bytes: encode(text, options.encoding ?? 'windows-1250').bytes, losses };
}

function recordsOf(
  statement: Statement,
  position: string,
  options: GpcWriteOptions,
  losses: Loss[],
): string[] {
  const account = accountOf(statement, position);
  const bankCode = options.bankCode ?? account.bankCode;
  const dialect = dialectOf(bankCode);
  const layout = dialect.layout ?? options.layout ?? dialect.writer.layout;
  const encoding = options.encoding ?? 'windows-1250';
  const style: ItemStyle = {
    dialect,
    layout,
    encoding,
    account: laidOut(sixteenDigits(account), layout),
    currency: statement.credits.currency,
  };
  const lose = loserAt(losses, position);
  for (const item of statement.quarantined) {
    lose(
      'quarantined-left-out',
      `An item that could not be read is not written: ${item.position ?? item.rule}.`,
    );
  }
  const header = headerOf(statement, { ...account, bankCode }, style, position, options, lose);
  const items = statement.transactions.flatMap((transaction, at) => {
    const where = `${position}, item ${at + 1}`;
    return writeItem(transaction, style, where, loserAt(losses, where));
  });
  return [header, ...items];
}

function accountOf({ account }: Statement, position: string): AccountNumber {
  const found = accountOfIban(account.iban ?? '') ?? parseAccountNumber(account.number ?? '');
  const isForeign = account.iban !== null && !/^(CZ|SK)/.test(account.iban);
  if (found && !isForeign) return { ...found, bankCode: found.bankCode ?? account.bankCode };
  const message = `The account of ${position} is no Czech or Slovak number, which a GPC file needs: use camt.053`;
  throw new FormatError('account-missing', message, position);
}

function headerOf(
  statement: Statement,
  account: AccountNumber,
  style: ItemStyle,
  position: string,
  { ownerName }: GpcWriteOptions,
  lose: Lose,
): string {
  const { dialect, encoding } = style;
  const figures = figuresOf(statement, position, lose);
  const { from, to } = periodOf(statement, position);
  return [
    '074',
    style.account,
    fitted(ownerName ?? '', NAME, 'name of the owner', encoding, lose).padEnd(NAME),
    dateDigits(oldDateOf(from, to, dialect, lose), position),
    balance(figures.opening, 'old balance', position),
    balance(figures.closing, 'new balance', position),
    turnover(figures.debits, 'debit turnover', position),
    turnover(figures.credits, 'credit turnover', position),
    statementNumber(statement.number, lose),
    dateDigits(to, position),
    fillerOf(account, dialect),
  ]
    .join('')
    .padEnd(RECORD);
}

interface Figures {
  readonly opening: bigint;
  readonly closing: bigint;
  readonly debits: bigint;
  readonly credits: bigint;
}

/** The figures in hundredths; turnovers are computed, net of reversals. */
function figuresOf(statement: Statement, position: string, lose: Lose): Figures {
  const { currency } = statement.credits;
  let [debits, credits] = [0n, 0n];
  for (const { amount, reversal } of statement.transactions) {
    // A reversed debit rises and is taken off the debits, and the other way round.
    if (amount.minor > 0n !== reversal) credits += amount.minor;
    else debits -= amount.minor;
  }
  const { opening, closing } = balancesOf(statement, credits - debits, position, lose);
  const hundredths = (minor: bigint): bigint => hundredthsOfMinor(minor, currency);
  return {
    opening: hundredths(opening),
    closing: hundredths(closing),
    debits: hundredths(debits),
    credits: hundredths(credits),
  };
}

function balancesOf(
  { opening, closing }: Statement,
  sum: bigint,
  position: string,
  lose: Lose,
): { opening: bigint; closing: bigint } {
  if (opening && closing) return { opening: opening.minor, closing: closing.minor };
  if (opening || closing) {
    lose('balance-computed', 'One of the two balances was missing and was computed from the items.');
    return opening
      ? { opening: opening.minor, closing: opening.minor + sum }
      : { opening: (closing?.minor ?? 0n) - sum, closing: closing?.minor ?? 0n };
  }
  const message = `There is no balance in ${position}, and a GPC file must have both: use camt.053 or CSV`;
  throw new FormatError('balance-missing', message, position);
}

/** The statement's period, or the days of its items. */
function periodOf(statement: Statement, position: string): { from: PlainDate; to: PlainDate } {
  const days = statement.transactions.map(({ bookingDate }) => bookingDate).toSorted();
  const to = statement.to ?? days.at(-1) ?? statement.from;
  const from = statement.from ?? days[0] ?? to;
  if (to === null || from === null) {
    throw new FormatError(
      'period-missing',
      `There is no date in ${position}, which a GPC file must have`,
      position,
    );
  }
  return { from, to };
}

function oldDateOf(from: PlainDate, to: PlainDate, { opens }: GpcDialect, lose: Lose): PlainDate {
  if (opens === 'same-day') return from;
  if (opens === 'day-before' || from === to) return addDays(from, -1);
  // Readers take two neighbouring days for a statement of the second.
  if (daysBetween(from, to) === 1) lose('period-ambiguous', `Readers will take the period to be ${to} only.`);
  return from;
}

function balance(amount: bigint, name: string, position: string): string {
  return digits(amount, 14, name, position) + (amount < 0n ? '-' : '+');
}

function turnover(amount: bigint, name: string, position: string): string {
  return digits(amount, 14, name, position) + (amount < 0n ? '-' : '0');
}

/** Three digits; the number within the year wraps behind 999. */
function statementNumber(number: string | null, lose: Lose): string {
  if (number === null) return '000';
  const ordinal = ordinalOf(number);
  if (ordinal === null) lose('number-left-out', `Statement number ${number} is no number and was left out.`);
  else if (ordinal > 999)
    lose('number-wrapped', `Of statement number ${number} the last three digits were written.`);
  return String((ordinal ?? 0) % 1000).padStart(3, '0');
}

function fillerOf(account: AccountNumber, { writer }: GpcDialect): string {
  if (writer.mark === 'none') return '';
  return writer.mark === 'iban' ? czechIban(account).slice(0, 8) : writer.mark;
}
