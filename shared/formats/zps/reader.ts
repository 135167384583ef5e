import { accountOfIban, localNumber } from '../../domain/account-number.ts';
import { isPlainDate, type PlainDate } from '../../domain/dates.ts';
import { normaliseIban, passesModulo97 } from '../../domain/iban.ts';
import type { Counterparty } from '../../domain/model.ts';
import { MoneyError, parseMoney, type Money } from '../../domain/money.ts';
import type { Charges, OrderFile, OrderPayment, PostalAddress } from '../../domain/order-file.ts';
import { normaliseSymbols } from '../../domain/symbols.ts';
import { decodeText } from '../encoding/decode.ts';
import { lineSplitter, lineText } from '../encoding/lines.ts';
import { FormatError } from '../errors.ts';
import { NOBODY, parseOrderAccount } from '../order-party.ts';
import { collectOrders, type OrderEvent } from '../order-stream.ts';
import { readSymbols, withoutSymbols } from '../pain001/symbols.ts';
import { detach } from '../xml.ts';
import { CHARGES_OF, FIELD, FIELDS, joinedLines, LINES, NAME_LINES, SEPARATOR } from './fields.ts';

/**
 * Reader of foreign orders in ČSOB's "TXT ZPS". Nothing in such a file says what it is, so it is read only where
 * somebody says so. It takes what the bank's document allows (the account that pays by number, dates of six digits, a
 * decimal comma) with the separator that Brana writes; a line it cannot read is set aside.
 */

export interface ZpsReaderOptions {
  /** Code of the bank that keeps the paying account, for one that is written by number. */
  readonly bankCode?: string;
  readonly maxBytes?: number;
}

const MAX_BYTES = 256 * 1024 * 1024;
/** A full line has some 900 characters. */
const MAX_LINE = 4096;

/** A line read: the payment, and what it shares with its group. */
interface ReadLine {
  readonly payer: Counterparty;
  readonly date: PlainDate;
  readonly payment: OrderPayment;
}

/**
 * Reads an order file line by line. Payments that follow each other with one payer, day and currency are a group.
 * @throws FormatError `too-large`, `too-long`
 */
export function* streamZps(
  chunks: Iterable<Uint8Array>,
  { bankCode, maxBytes = MAX_BYTES }: ZpsReaderOptions = {},
): Generator<OrderEvent, void, undefined> {
  yield { type: 'file', id: null, createdAt: null };
  let open: { first: ReadLine; sum: Money } | null = null;
  const close = (): OrderEvent[] => (open ? [groupOf(open.first, open.sum)] : []);
  for (const { number, text } of linesOf(chunks, maxBytes)) {
    try {
      const line = readLine(text, bankCode ?? null);
      if (!open || !together(open.first, line)) {
        yield* close();
        open = { first: line, sum: line.payment.amount };
      } else {
        open.sum = { ...open.sum, minor: open.sum.minor + line.payment.amount.minor };
      }
      yield { type: 'payment', payment: line.payment };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const message = `Line ${number} was not read. ${error.message}. It is kept aside: correct it in the file.`;
      const item = { rule: error.rule, message, position: `line ${number}`, raw: detach(text) };
      yield { type: 'quarantined', item };
    }
  }
  yield* close();
}

/** Reads a whole order file. @throws FormatError as {@link streamZps} */
export function readZps(file: Uint8Array | Iterable<Uint8Array>, options: ZpsReaderOptions = {}): OrderFile {
  return collectOrders(streamZps(file instanceof Uint8Array ? [file] : file, options));
}

function* linesOf(
  chunks: Iterable<Uint8Array>,
  maxBytes: number,
): Generator<{ number: number; text: string }> {
  const lines = lineSplitter(MAX_LINE);
  for (const piece of decodeText(chunks, { encoding: 'windows-1250', maxBytes, warn: () => undefined })) {
    lines.push(piece);
    for (let line = lines.next(); line !== null; line = lines.next()) {
      yield { number: line.number, text: lineText(line) };
    }
  }
  const last = lines.rest();
  const text = lineText(last);
  if (text !== '') yield { number: last.number, text };
}

const together = (a: ReadLine, b: ReadLine): boolean =>
  a.date === b.date &&
  a.payment.amount.currency === b.payment.amount.currency &&
  a.payer.iban === b.payer.iban &&
  a.payer.number === b.payer.number;

function groupOf({ payer, date, payment }: ReadLine, sum: Money): OrderEvent {
  return {
    type: 'group',
    group: {
      id: null,
      kind: 'credit-transfer',
      priority: 'normal',
      payer,
      currency: payment.amount.currency,
      date,
      sum,
      declared: { sum: null, count: null },
    },
  };
}

/** @throws FormatError naming what cannot be read */
function readLine(text: string, bankCode: string | null): ReadLine {
  const fields = text.split(SEPARATOR);
  if (fields.length !== FIELDS) {
    throw new FormatError('fields-missing', `It has ${fields.length} fields instead of ${FIELDS}`);
  }
  const field = (name: keyof typeof FIELD): string => (fields[FIELD[name] - 1] ?? '').trim();
  const lines = (name: keyof typeof FIELD): string[] =>
    fields.slice(FIELD[name] - 1, FIELD[name] - 1 + LINES);
  if (lines('instructions').some((line) => line.trim() !== '')) {
    const message = 'It has instructions for the bank, which Brana does not carry';
    throw new FormatError('instructions-unsupported', message);
  }
  const purpose = joinedLines(lines('purpose')) ?? '';
  const rawSymbols = readSymbols([], '', purpose);
  const symbols = normaliseSymbols(rawSymbols);
  const payee = nameAndAddress(lines('payee'), field('payeeCountry'));
  const bank = nameAndAddress(lines('bank'), field('bankCountry'));
  return {
    payer: payerOf(field('payer'), bankCode),
    date: dateOf(field('date')),
    payment: {
      amount: amountOf(field('amount'), field('currency')),
      creditor: { ...payeeOf(field('account')), name: payee.name, bic: field('bic') || null },
      ...symbols,
      rawSymbols,
      message: withoutSymbols(purpose, symbols) || null,
      endToEndId: field('reference') || null,
      instructionId: null,
      charges: chargesOf(field('charges')),
      ...(payee.address ? { creditorAddress: payee.address } : {}),
      ...(bank.name !== null || bank.address ? { creditorBank: bank } : {}),
    },
  };
}

/** Two lines of a name, two of an address. */
function nameAndAddress(
  lines: readonly string[],
  country: string,
): { name: string | null; address: PostalAddress | null } {
  const address = lines.slice(NAME_LINES).filter((line) => line.trim() !== '');
  return {
    name: joinedLines(lines.slice(0, NAME_LINES)),
    address:
      address.length === 0 && country === ''
        ? null
        : {
            ...{ street: null, buildingNumber: null, postCode: null, town: null },
            country: country || null,
            lines: address,
          },
  };
}

/** A party by its IBAN, with the number inside a Czech one; `null` for what is no IBAN. */
function ofIban(text: string): Counterparty | null {
  const iban = normaliseIban(text);
  if (iban === null || !passesModulo97(iban)) return null;
  const account = iban.startsWith('CZ') ? accountOfIban(iban) : null;
  return account
    ? { ...NOBODY, iban, number: localNumber(account), bankCode: account.bankCode }
    : { ...NOBODY, iban };
}

function payerOf(text: string, bankCode: string | null): Counterparty {
  const party = ofIban(text);
  if (party) return party;
  const account = parseOrderAccount(text);
  if (account) return { ...NOBODY, number: localNumber(account), bankCode };
  throw new FormatError('account-unreadable', 'The account that pays is neither an IBAN nor a Czech number');
}

function payeeOf(text: string): Counterparty {
  if (text === '') throw new FormatError('account-missing', "There is no payee's account");
  return ofIban(text) ?? { ...NOBODY, number: text };
}

/** `YYYYMMDD` or `YYMMDD` of this century. */
function dateOf(text: string): PlainDate {
  const [, century, year, month, day] = /^(\d\d)?(\d\d)(\d\d)(\d\d)$/.exec(text) ?? [];
  const date = `${century ?? '20'}${year}-${month}-${day}`;
  if (isPlainDate(date)) return date;
  throw new FormatError('date-unreadable', `"${text.slice(0, 20)}" is no day (YYYYMMDD)`);
}

function amountOf(text: string, currency: string): Money {
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw new FormatError('currency-missing', 'There is no currency of three capital letters');
  }
  if (!/^\d{1,12}([.,]\d{1,2})?$/.test(text)) {
    throw new FormatError('amount-unreadable', `"${text.slice(0, 40)}" is no amount`);
  }
  try {
    const amount = parseMoney(text, currency);
    if (amount.minor > 0n) return amount;
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    throw new FormatError('amount-unreadable', error.message);
  }
  throw new FormatError('amount-zero', 'The amount is zero');
}

function chargesOf(word: string): Charges {
  const charges = Object.hasOwn(CHARGES_OF, word) ? CHARGES_OF[word] : undefined;
  if (charges) return charges;
  throw new FormatError('charges-unreadable', `Charges are SHA, OUR or BEN, not "${word.slice(0, 20)}"`);
}
