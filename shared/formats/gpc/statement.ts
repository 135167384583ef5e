import { MoneyError, parseMoney, type Money } from '../../domain/money.ts';
import type { QuarantinedItem, Transaction } from '../../domain/model.ts';
import { lineText, type Line } from '../encoding/lines.ts';
import { FormatError } from '../errors.ts';
import type { StatementEvent } from '../stream.ts';
import { detach } from '../xml.ts';
import { readOwnDigits, statementAccount } from './account.ts';
import { isRecord, significantAt, sliceOf, type DateColumns } from './columns.ts';
import { currencyOfStatement, NO_CURRENCY, type Warn } from './currencies.ts';
import { minorOfHundredths } from './currency.ts';
import { dialectOf } from './dialects.ts';
import { finishStatement } from './finish.ts';
import type { Header } from './header.ts';
import { rawSymbolsAt, readItem, type Item } from './item.ts';
import { addLines, readIdentification, type Identification, type Message } from './notes.ts';
import { periodOf } from './period.ts';
import type { Posting, PostingCodes } from './posting.ts';
import { postingReader } from './postings.ts';

/** What the statements of one file share. */
export interface FileContext {
  /** Set, or told by a header. */
  readonly bankCode: string | null;
  /** 16 digits of the configured account. */
  readonly configured: string | null;
  readonly currency: string | null;
  readonly assumedCurrency: string | null;
  readonly dates: DateColumns;
  /** Posting codes, once a statement of the file has decided them. */
  codes: PostingCodes | null;
  readonly emit: (event: StatementEvent) => void;
}

/** Takes the records behind a header one by one, and gives the statement at its end. */
export interface StatementRecords {
  add(line: Line): void;
  finish(): void;
}

/** Warnings of one statement; a file that is wrong throughout is wrong a hundred times in the same way. */
const MAX_WARNINGS = 100;
/** Characters of the raw text of an unreadable item. The archived document has the rest. */
const MAX_RAW = 64 * 1024;

/** A transaction while it is being put together. */
type Draft = { -readonly [Key in keyof Transaction]: Transaction[Key] };

/** An item, and what the records behind it add. */
interface Pending extends Message {
  readonly draft: Draft;
  readonly item: Item;
  readonly posting: Posting;
  identification: Identification | null;
}

/** An item that could not be read, and the records that belong to it. */
interface Broken {
  readonly error: FormatError;
  readonly position: string;
  raw: string;
}

const at = (line: Line): string => `line ${line.number}`;

/** @param position of the header */
export function statementRecords(header: Header, position: string, context: FileContext): StatementRecords {
  const { dates, emit } = context;
  const bankCode = context.bankCode ?? header.bankCode;
  const dialect = dialectOf(bankCode);
  let warned = 0;
  const warn: Warn = (rule, message, position = null) => {
    warned += 1;
    if (warned <= MAX_WARNINGS) emit({ type: 'warning', warning: { rule, message, position } });
  };
  const own = readOwnDigits(header.account, context.configured, dialect.layout);
  if (own.doubt === 'account-differs') {
    warn(own.doubt, `The statement is of account ${own.edit}, not of the configured one.`, position);
  } else if (own.doubt === 'account-checksum') {
    warn(own.doubt, `The own account ${own.edit} does not pass modulo 11.`, position);
  }
  const period = periodOf(header, dialect);
  const currency = currencyOfStatement(context, dialect.typeColumn, warn);
  const postings = postingReader(dialect.codes ?? context.codes, emit);
  const internal = own.layout === 'internal';
  let pending: Pending | null = null;
  let broken: Broken | null = null;

  const draftOf = (line: Line, item: Item, posting: Posting): Draft => {
    const money = currency.ofItem(line);
    const { counterparty, itemDate = null, valueDate = null } = item;
    if (item.valueDate === undefined || item.itemDate === undefined) {
      warn('date-unreadable', 'A date of the item is no day of the calendar and was left out.', at(line));
    }
    const bookingDate = period.bookingDate(itemDate) ?? valueDate;
    if (bookingDate === null)
      throw new FormatError('date-missing', 'Neither the item nor the header has a date');
    if (!item.checksum) {
      const written = `${counterparty.number}/${counterparty.bankCode ?? ''}`;
      warn('account-checksum', `Counter-account ${written} does not pass modulo 11.`, at(line));
    }
    const rawSymbols = rawSymbolsAt(line);
    const hundredths = posting.rises ? item.amount : -item.amount;
    return {
      bankReference: item.reference,
      bookingDate,
      valueDate: valueDate ?? (dialect.noValueDate === 'booking-date' ? bookingDate : null),
      amount: { minor: minorOfHundredths(hundredths, money), currency: money },
      counterparty,
      variableSymbol: significantAt(line, 61, 71),
      constantSymbol: significantAt(line, 77, 81) === null ? null : rawSymbols.constantSymbol,
      specificSymbol: significantAt(line, 81, 91),
      rawSymbols,
      message: null,
      endToEndId: null,
      transactionCode: currency.kind(),
      reversal: posting.reversal,
      original: item.extension?.original ? originalOf(item.extension.original, money) : null,
      card: null,
      batch: null,
    };
  };
  const begin = (line: Line): void => {
    try {
      const item = readItem(line, internal, dates);
      if (!line.text.startsWith(header.account, line.start + 3)) throw foreignItem(line);
      const posting = postings.of(item);
      const draft = draftOf(line, item, posting);
      pending = { draft, item, posting, text: '', full: false, identification: null };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      broken = { error, position: at(line), raw: lineText(line) };
    }
  };
  const flush = (): void => {
    if (pending) postings.take(completed(pending), pending.posting, pending.item);
    else if (broken) emit({ type: 'quarantined', item: quarantined(broken) });
    pending = broken = null;
  };
  const addition = (line: Line): void => {
    if (broken) {
      if (broken.raw.length < MAX_RAW) broken.raw += `\n${lineText(line)}`;
    } else if (!pending) {
      const message = `Record ${sliceOf(line, 0, 3)} stands before any item and was left out.`;
      warn('record-stray', message, at(line));
    } else if (!isRecord(line, 6)) addLines(pending, line, 3, Infinity);
    else if (!(pending.identification = readIdentification(line)))
      warn('record-unreadable', 'Record 076 is not laid out as such and was left out.', at(line));
  };
  return {
    add(line) {
      if (isRecord(line, 5)) {
        flush();
        begin(line);
      } else if (isRecord(line, 8) || isRecord(line, 9) || isRecord(line, 6)) {
        addition(line);
      } else if (/^07\d/.test(sliceOf(line, 0, 3))) {
        const message = `Records ${sliceOf(line, 0, 3)} are not known and are left out.`;
        warn('record-skipped', message, at(line));
      } else {
        flush();
        const error = new FormatError(
          'record-unknown',
          'The line begins with none of 074, 075, 076, 078 and 079',
        );
        broken = { error, position: at(line), raw: lineText(line) };
      }
    },
    finish() {
      flush();
      const money = currency.ofStatement();
      const figures = finishStatement(header, money, postings, warn);
      if (figures.reconciles) context.codes ??= postings.decided;
      if (warned > MAX_WARNINGS) {
        const message = `${warned - MAX_WARNINGS} more warnings were left out.`;
        emit({ type: 'warning', warning: { rule: 'more-warnings', message, position: null } });
      }
      emit({
        type: 'statement',
        statement: {
          account: statementAccount(own.edit, bankCode, money === NO_CURRENCY ? null : money),
          number: header.number,
          from: period.from,
          to: period.to,
          ...figures,
        },
      });
    },
  };
}

function foreignItem(line: Line): FormatError {
  const message = `The item is of account ${sliceOf(line, 3, 19)}, another one than its header's`;
  return new FormatError('account-differs', message, 'column 4');
}

function quarantined({ error, position, raw }: Broken): QuarantinedItem {
  return {
    rule: error.rule,
    message: `The record in ${position} was not read. ${error.message}. It is kept aside: compare the original with the bank.`,
    position: error.position === null ? position : `${position}, ${error.position}`,
    raw: detach(raw.slice(0, MAX_RAW)),
  };
}

/** The item with its message; a text that names nobody is the message where there is no other. */
function completed({ draft, item, text, identification }: Pending): Transaction {
  const { extension } = item;
  let message = text === '' ? (extension?.message ?? null) : text.trim();
  if (identification) {
    draft.bankReference ??= identification.reference;
    const { comment } = identification;
    if (comment !== null) message = message === null ? comment : `${message} ${comment}`;
  }
  const { counterparty } = draft;
  if (message === null && counterparty.number === null && counterparty.name !== null) {
    message = counterparty.name;
    draft.counterparty = { ...counterparty, name: null };
  }
  draft.message = message ?? extension?.text ?? null;
  return draft;
}

function originalOf(
  written: { amount: string; currency: string; rate: string | null },
  own: string,
): { amount: Money; rate: string | null } | null {
  if (written.currency === own) return null;
  try {
    return { amount: parseMoney(written.amount, written.currency), rate: written.rate };
  } catch (error) {
    if (error instanceof MoneyError) return null;
    throw error;
  }
}
