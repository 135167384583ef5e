import { isPlainDate, type PlainDate } from '../../domain/dates.ts';
import type { Statement, Warning } from '../../domain/model.ts';
import type { Money } from '../../domain/money.ts';
import { decodeText } from '../encoding/decode.ts';
import type { Encoding } from '../encoding/encodings.ts';
import { lineSplitter, lineText } from '../encoding/lines.ts';
import { FormatError } from '../errors.ts';
import { ownAccount, statementWriter, type Header } from '../finsta/closing.ts';
import { currencyNamed, decimalOf, type Posting } from '../finsta/posting.ts';
import { takeNotes, type Notes, type Warn } from '../notes.ts';
import { collect, type StatementEvent } from '../stream.ts';
import { detach } from '../xml.ts';
import { HEADER, ITEM, NOTE, NUMERIC, separatorOf } from './records.ts';

/**
 * Reader of BBTXT statements (see `records.ts`). The description leaves open what no file was at hand to show, and
 * this is inferred: a line may end before its last empty fields; balances are signed, amounts are not or agree with
 * their mark; DATUM_SPLAT is the value date. What does not fit is put aside, not guessed.
 */
export interface BbtxtOptions {
  readonly encoding?: Encoding;
  readonly maxBytes?: number;
}

const MAX_BYTES = 256 * 1024 * 1024;
const MAX_LINE = 16 * 1024;

/**
 * Reads a file as a stream, one line in memory at a time.
 * @throws FormatError `not-bbtxt`, `too-large`, `too-long`, `encoding`
 */
export function* streamBbtxt(
  chunks: Iterable<Uint8Array>,
  options: BbtxtOptions = {},
): Generator<StatementEvent, void, undefined> {
  let events: StatementEvent[] = [];
  const early: Warning[] = [];
  const emit = (event: StatementEvent): void => void events.push(event);
  const warn = (warning: Warning): void => {
    if (machine.started()) emit({ type: 'warning', warning });
    else early.push(warning);
  };
  const machine = lineMachine(emit, early);
  const { maxBytes = MAX_BYTES, ...rest } = options;
  const lines = lineSplitter(MAX_LINE);
  for (const text of decodeText(chunks, { ...rest, expected: 'windows-1250', maxBytes, warn })) {
    lines.push(text);
    for (let line = lines.next(); line !== null; line = lines.next()) machine.line(lineText(line));
    const ready = events;
    events = [];
    yield* ready;
  }
  machine.line(lineText(lines.rest()));
  machine.finish();
  yield* events;
}

/** The whole-file form of {@link streamBbtxt}. @throws FormatError */
export function readBbtxt(
  document: Uint8Array | Iterable<Uint8Array>,
  options: BbtxtOptions = {},
): Statement[] {
  return collect(streamBbtxt(document instanceof Uint8Array ? [document] : document, options));
}

type Fields = (name: string) => string | null;

interface Open {
  readonly header: Fields;
  readonly notes: Notes;
  readonly postings: ReturnType<typeof statementWriter>;
}

/** Goes through the lines and keeps the header of the statement they belong to. */
function lineMachine(emit: (event: StatementEvent) => void, early: readonly Warning[]) {
  let separator: string | null = null;
  let open: Open | null = null;
  let number = 0;

  const begin = (line: string, by: string): void => {
    const notes = takeNotes(emit);
    open = { header: fieldsOf(line.split(by), HEADER), notes, postings: statementWriter(notes, emit) };
    for (const { rule, message, position } of early) notes.warn(rule, message, position);
  };
  const end = (): void => open?.postings.finish(headerOf(open.header, open.notes.warn), 'OBRAT_DR, OBRAT_CR');
  return {
    started: (): boolean => open !== null,
    line(line: string): void {
      number += 1;
      // A file may end with the sign DOS ended files with.
      if (line.trim() === '' || line === '\u001a') return;
      separator ??= separatorOf(line);
      if (separator === null)
        throw new FormatError(
          'not-bbtxt',
          'The file does not begin with a HLAVA record: check what the bank sent',
        );
      const kind = line.split(separator, 1)[0] ?? '';
      if (kind === HEADER[0]) {
        end();
        begin(line, separator);
      } else if (open && kind === ITEM[0]) addItem(open, line, separator);
      else if (open && kind !== NOTE) {
        const error = new FormatError('record-unknown', 'It is no record of a statement');
        open.notes.quarantine(error, `Line ${number}`, line);
      }
    },
    /** @throws FormatError `not-bbtxt` when there was no header at all */
    finish(): void {
      if (!open) throw new FormatError('not-bbtxt', 'The file is empty: check what the bank sent');
      end();
    },
  };
}

function fieldsOf(values: readonly string[], names: readonly string[]): Fields {
  return (name) => detach(values[names.indexOf(name)]?.trim() ?? '') || null;
}

function addItem({ header, postings }: Open, line: string, separator: string): void {
  postings.add(() => postingOf(itemFields(line, separator), header), currencyNamed(header('MENA')), line);
}

/** @throws FormatError `fields-shifted` when a separator must have stood inside a field */
function itemFields(line: string, separator: string): Fields {
  const values = line.split(separator);
  const field = fieldsOf(values, ITEM);
  const surplus = values.slice(ITEM.length).some((value) => value.trim() !== '');
  if (surplus || NUMERIC.some((name) => !/^\d*$/.test(field(name) ?? ''))) {
    throw new FormatError('fields-shifted', 'Its fields are shifted, a separator must stand inside a text');
  }
  return field;
}

/** `YYYYMMDD`, with a time or without; `null` for anything else. */
function dateOf(text: string | null): PlainDate | null {
  const [, year = '', month = '', day = ''] = /^(\d{4})(\d{2})(\d{2})(\d{6})?$/.exec(text ?? '') ?? [];
  const date = `${year}-${month}-${day}`;
  return isPlainDate(date) ? date : null;
}

function headerOf(header: Fields, warn: Warn): Header {
  const currency = currencyNamed(header('MENA'));
  const money = (name: string): Money | null => {
    try {
      return decimalOf(header(name), currency);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      warn('balance-unreadable', `${name} was left out: ${error.message}.`, name);
      return null;
    }
  };
  const size = (sum: Money | null): Money | null =>
    sum && { ...sum, minor: sum.minor < 0n ? -sum.minor : sum.minor };
  return {
    account: ownAccount(header('CISLO_UCTU'), header('MENA')),
    currency,
    number: header('CISLO_VYPISU'),
    from: dateOf(header('DATUM_START')),
    to: dateOf(header('DATUM_END')),
    opening: money('ZUSTATEK_START'),
    closing: money('ZUSTATEK_END'),
    declared: { credits: size(money('OBRAT_CR')), debits: size(money('OBRAT_DR')), count: null },
  };
}

function postingOf(field: Fields, header: Fields): Posting {
  const posting = field('POR_CISLO');
  const statement = [header('ROK_VYPISU'), header('CISLO_VYPISU')];
  const isNumbered = posting !== null && !statement.includes(null);
  return {
    mark: field('ZNAMENKO'),
    amount: field('CASTKA'),
    currency: field('MENA'),
    booked: dateOf(field('DATUM_ZAUCT')),
    value: dateOf(field('DATUM_SPLAT')),
    area: field('DOM_ZAHR'),
    code: field('TYP_TRANSAKCE'),
    bankReference: isNumbered ? [...statement, posting].join('/') : (field('REF_BANKA') ?? field('TRACE_ID')),
    clientReference: field('REF_KLIENT'),
    name: field('NAZEV_PROTIUCTU'),
    account: field('CISLO_PROTIUCTU'),
    bank: field('KOD_BANKY'),
    rawSymbols: {
      variableSymbol: field('VS'),
      constantSymbol: field('KS'),
      specificSymbol: field('SS'),
    },
    message: [1, 2, 3, 4].map((at) => field(`ZPRAVA_PRIJEMCI${at}`)),
    messageWidth: 35,
    operation: field('POPIS_POLOZKY') ?? field('POZNAMKA'),
    original: { amount: field('CASTKA_PLATBY'), currency: field('MENA_PLATBY'), rate: field('KURZ') },
  };
}
