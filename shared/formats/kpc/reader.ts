import { isValidAccountNumber, localNumber, type AccountNumber } from '../../domain/account-number.ts';
import { bankOfCode } from '../../domain/bank-codes.ts';
import type { PlainDate } from '../../domain/dates.ts';
import type { Counterparty } from '../../domain/model.ts';
import type { OrderFile, OrderKind, OrderPriority } from '../../domain/order-file.ts';
import { decodeText } from '../encoding/decode.ts';
import type { Encoding } from '../encoding/encodings.ts';
import { lineSplitter, lineText } from '../encoding/lines.ts';
import { FormatError } from '../errors.ts';
import { collectOrders, type OrderEvent } from '../order-stream.ts';
import { NOBODY, parseOrderAccount } from '../order-party.ts';
import { detach } from '../xml.ts';
import { GENERAL, kpcDialect, WITHOUT_MODULO_11 } from './dialects.ts';
import { dateOf, hellersOf, isDigits } from './fields.ts';
import { readItem, type ItemContext } from './item.ts';

/**
 * Reader of Czech ABO payment orders (KPC). It is wider than the writer: it takes every spelling that the banks'
 * documents print, and sets aside what it cannot read, so that nobody pays by a line that was guessed.
 */

export interface KpcReaderOptions {
  /** Set by the operator; found out when it is not given. */
  readonly encoding?: Encoding;
  readonly maxBytes?: number;
}

const MAX_BYTES = 256 * 1024 * 1024;
/** A full item has some 250 characters. */
const MAX_LINE = 4096;

/** Types of accounting files. 1503 and 1504 are ČSOB's. */
const TYPES: Readonly<Record<string, { kind: OrderKind; priority: OrderPriority }>> = {
  1501: { kind: 'credit-transfer', priority: 'normal' },
  1502: { kind: 'collection', priority: 'normal' },
  1503: { kind: 'credit-transfer', priority: 'urgent' },
  1504: { kind: 'credit-transfer', priority: 'instant' },
};

interface Line {
  readonly number: number;
  readonly text: string;
}

/** An open accounting file: record 1. */
interface Accounting {
  readonly type: { readonly kind: OrderKind; readonly priority: OrderPriority };
  readonly bankCode: string;
}

/** An open group: record 2 and what its items came to. */
interface Group {
  readonly line: number;
  readonly context: ItemContext;
  readonly date: PlainDate | null;
  readonly declared: bigint;
  payer: Counterparty | null;
  sum: bigint;
}

/**
 * Reads an order file line by line. Only the end of the iteration says that the file was complete.
 * @throws FormatError `not-kpc`, `truncated`, `too-large`, `too-long`
 */
export function* streamKpc(
  chunks: Iterable<Uint8Array>,
  options: KpcReaderOptions = {},
): Generator<OrderEvent, void, undefined> {
  const events: OrderEvent[] = [];
  const reader = recordReader((event) => void events.push(event));
  const lines = lineSplitter(MAX_LINE);
  const text = decodeText(chunks, {
    ...(options.encoding ? { encoding: options.encoding } : {}),
    maxBytes: options.maxBytes ?? MAX_BYTES,
    warn: (warning) => void events.push({ type: 'warning', warning }),
  });
  for (const piece of text) {
    lines.push(piece);
    for (let line = lines.next(); line !== null; line = lines.next()) {
      reader.read({ number: line.number, text: lineText(line) });
      if (events.length > 0) yield* events.splice(0);
    }
  }
  const last = lines.rest();
  reader.read({ number: last.number, text: lineText(last) });
  yield* events;
  reader.end();
}

/** Reads a whole order file; one that is cut off gives nothing. @throws FormatError as {@link streamKpc} */
export function readKpc(file: Uint8Array | Iterable<Uint8Array>, options: KpcReaderOptions = {}): OrderFile {
  return collectOrders(streamKpc(file instanceof Uint8Array ? [file] : file, options));
}

function recordReader(emit: (event: OrderEvent) => void) {
  let header: string | null = null;
  let named = false;
  let accounting: Accounting | 'unreadable' | null = null;
  let group: Group | 'unreadable' | null = null;

  const warn = (rule: string, message: string, line: number | null): void =>
    emit({
      type: 'warning',
      warning: { rule, message, position: line === null ? null : `line ${line}` },
    });
  const setAside = ({ number, text }: Line, error: FormatError): void => {
    const message = `Line ${number} was not read. ${error.message}. It is kept aside: correct it in the file.`;
    emit({
      type: 'quarantined',
      item: { rule: error.rule, message, position: `line ${number}`, raw: detach(text) },
    });
  };
  /** What reads a line, with its failure set aside. */
  const attempt = <T>(line: Line, read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      setAside(line, error);
      return null;
    }
  };
  const checkAccount = (account: AccountNumber | null, bankCode: string, line: number): void => {
    if (!account || isValidAccountNumber(account) || WITHOUT_MODULO_11.has(bankCode)) return;
    const written = `${localNumber(account)}/${bankCode}`;
    warn(
      'account-checksum',
      `Account ${written} does not pass modulo 11. Check it with whoever gave it.`,
      line,
    );
  };

  const readHeader = (line: Line): void => {
    const day = line.text.slice(4, 10);
    header = day.trim() === '' ? null : attemptDate(day, line.number);
  };
  const attemptDate = (day: string, line: number): PlainDate | null => {
    try {
      return dateOf(day);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      warn('date-unreadable', `The day of creation is not known: ${error.message}.`, line);
      return null;
    }
  };

  const openAccounting = (line: Line): void => {
    closeAccounting(line.number);
    accounting = attempt(line, () => readAccounting(line.text)) ?? 'unreadable';
    if (named) return;
    named = true;
    const number = line.text.split(/ +/)[2] ?? null;
    emit({ type: 'file', id: number !== null && isDigits(number) ? number : null, createdAt: header });
  };
  const closeAccounting = (line: number): void => {
    if (accounting !== null)
      warn('accounting-file-open', 'The accounting file before has no end (5 +).', line);
    closeGroup(line, false);
    accounting = null;
  };

  const openGroup = (line: Line): void => {
    closeGroup(line.number, false);
    group = attempt(line, () => readGroup(line, accounting)) ?? 'unreadable';
    if (group !== 'unreadable' && group.payer) {
      const account = parseOrderAccount(group.payer.number ?? '');
      checkAccount(account, group.context.bankCode, line.number);
    }
  };
  const closeGroup = (line: number, ended: boolean): void => {
    if (group === null) return;
    if (!ended) warn('group-open', 'The group before has no end (3 +).', line);
    if (group !== 'unreadable' && accounting !== null && accounting !== 'unreadable') {
      emit({ type: 'group', group: figuresOf(group, accounting) });
      if (group.sum !== group.declared) warn('sum-differs', sumMessage(group), group.line);
    }
    group = null;
  };

  const readPayment = (line: Line): void => {
    if (group === null) {
      const message = 'It stands outside of a group of payments';
      return setAside(line, new FormatError('line-unknown', message));
    }
    if (group === 'unreadable') {
      const message = 'The head of its group cannot be read, so the payer or the day is not known';
      return setAside(line, new FormatError('group-unreadable', message));
    }
    const open = group;
    const item = attempt(line, () => readItem(line.text, open.context));
    if (!item) return;
    checkAccount(item.payer, open.context.bankCode, line.number);
    checkAccount(item.creditor, item.payment.creditor.bankCode ?? '', line.number);
    const { bankCode } = item.payment.creditor;
    if (bankCode !== null && bankOfCode(bankCode) === null) {
      const message = `${bankCode} is no bank code of the Czech National Bank's list. Check the line.`;
      warn('bank-code-unknown', message, line.number);
    }
    if (item.note !== null) {
      warn('sender-note', "The sender's own note behind the message is no part of the payment.", line.number);
    }
    open.sum += item.payment.amount.minor;
    open.payer = commonPayer(open.payer, item.payment.payer);
    emit({ type: 'payment', payment: item.payment });
  };

  let begun = false;
  const begin = (line: Line): void => {
    if (!line.text.startsWith('UHL1')) {
      const message = 'The file does not begin with UHL1, so it is no ABO order file: check what was sent';
      throw new FormatError('not-kpc', message, `line ${line.number}`);
    }
    begun = true;
    readHeader(line);
  };

  return {
    read({ number, text: written }: Line): void {
      const line = { number, text: written.trim() };
      // Old programs end a file with 0x1A.
      if (line.text === '' || line.text === '\x1A') return;
      const record = recordOf(line.text);
      if (!begun) begin(line);
      else if (record === 'header' && accounting === null) readHeader(line);
      else if (record === 'accounting') openAccounting(line);
      else if (record === 'group' && accounting !== null) openGroup(line);
      else if (record === 'group-end' && group !== null) closeGroup(number, true);
      else if (record === 'accounting-end' && accounting !== null) {
        closeGroup(number, false);
        accounting = null;
      } else readPayment(line);
    },
    end(): void {
      if (begun && named && accounting === null) return;
      if (!begun) throw new FormatError('not-kpc', 'The file is empty: check what was sent');
      const message =
        'The order file ends before its last record (5 +) and nothing of it is used: send it again';
      throw new FormatError('truncated', message);
    },
  };
}

type RecordKind = 'header' | 'accounting' | 'group' | 'group-end' | 'accounting-end' | 'item';

/** The kind of a record by its first field: an account has two digits at least. */
function recordOf(text: string): RecordKind {
  if (text.charCodeAt(1) === 0x20) {
    if (text.startsWith('1')) return 'accounting';
    if (text.startsWith('2')) return 'group';
  }
  if (text.startsWith('UHL1')) return 'header';
  if (text.length > 8) return 'item';
  if (/^3 *\+$/.test(text)) return 'group-end';
  return /^5 *\+$/.test(text) ? 'accounting-end' : 'item';
}

/** `1 1501 SSSPPP BBBB`. */
function readAccounting(text: string): Accounting {
  const [, type = '', , bankCode = ''] = text.split(/ +/);
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (!known) {
    const types = Object.keys(TYPES).join(', ');
    throw new FormatError('type-unknown', `Type "${type.slice(0, 20)}" is none of ${types}`);
  }
  if (!/^\d{4}$/.test(bankCode)) {
    throw new FormatError(
      'bank-code-unreadable',
      `"${bankCode.slice(0, 20)}" is no bank code of four digits`,
    );
  }
  return { type: known, bankCode };
}

/** `2 [PAYER] SUM DATE`; without a payer, or with one of zeros, each item names its own. */
function readGroup(line: Line, accounting: Accounting | 'unreadable' | null): Group {
  if (accounting === null || accounting === 'unreadable') {
    throw new FormatError('group-unreadable', 'The head of its accounting file cannot be read');
  }
  const fields = line.text.split(/ +/).slice(1);
  const [sum = '', date = ''] = fields.slice(-2);
  const written = fields.length === 3 ? (fields[0] ?? '') : null;
  if (fields.length < 2 || fields.length > 3) {
    const message = `A group has a payer, a sum and a day, or the last two; here are ${fields.length} fields`;
    throw new FormatError('group-unreadable', message);
  }
  const single = written === null || /^0+(-0+)?$/.test(written);
  const { bankCode } = accounting;
  return {
    line: line.number,
    context: { dialect: kpcDialect(bankCode) ?? GENERAL, single, bankCode },
    date: dateOf(date),
    declared: hellersOf(sum, 'The sum'),
    payer: single ? null : { ...NOBODY, number: payerNumber(written), bankCode },
    sum: 0n,
  };
}

function payerNumber(written: string): string {
  const account = parseOrderAccount(written);
  if (account?.bankCode === null) return localNumber(account);
  throw new FormatError('account-unreadable', `The payer's account "${written.slice(0, 40)}" is none`);
}

/** The payer of all items so far; nobody as soon as two differ. */
function commonPayer(known: Counterparty | null, next: Counterparty | undefined): Counterparty | null {
  if (!next) return known;
  return known === null || known.number === next.number ? next : NOBODY;
}

function figuresOf(group: Group, { type }: Accounting) {
  const { currency } = group.context.dialect;
  return {
    id: null,
    ...type,
    payer: group.payer ?? NOBODY,
    currency,
    date: group.date,
    sum: { minor: group.sum, currency },
    declared: { sum: { minor: group.declared, currency }, count: null },
  };
}

function sumMessage({ sum, declared }: Group): string {
  return `The group says its items come to ${declared} hellers; those that were read come to ${sum}.`;
}
