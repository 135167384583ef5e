import { isValidAccountNumber, localNumber, type AccountNumber } from '../../domain/account-number.ts';
import { bankOfCode } from '../../domain/bank-codes.ts';
import type { PlainDate } from '../../domain/dates.ts';
import type { OrderFile } from '../../domain/order-file.ts';
import { decodeText } from '../encoding/decode.ts';
import type { Encoding } from '../encoding/encodings.ts';
import { lineSplitter, lineText } from '../encoding/lines.ts';
import { FormatError } from '../errors.ts';
import { collectOrders, type OrderEvent } from '../order-stream.ts';
import { parseOrderAccount } from '../order-party.ts';
import { detach } from '../xml.ts';
import { WITHOUT_MODULO_11 } from './dialects.ts';
import { dateOf, isDigits } from './fields.ts';
import { readItem } from './item.ts';
import {
  commonPayer,
  figuresOf,
  readAccounting,
  readGroup,
  recordOf,
  sumMessage,
  type Accounting,
  type Group,
  type Line,
} from './records.ts';

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
      for (const event of events) yield event;
      events.length = 0;
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
