import { accountOfIban, normaliseIban, parseAccountNumber } from '../../domain/account-number.ts';
import type { Statement, Warning } from '../../domain/model.ts';
import { decodeText } from '../encoding/decode.ts';
import type { Encoding } from '../encoding/encodings.ts';
import { lineSplitter, type Line } from '../encoding/lines.ts';
import { FormatError } from '../errors.ts';
import { collect, type StatementEvent } from '../stream.ts';
import { configuredDigits } from './account.ts';
import { dateColumns, isBlank, isRecord, lengthOf, type DateColumns } from './columns.ts';
import { dialectOf } from './dialects.ts';
import { HEADER_LENGTH, readHeader, type Header } from './header.ts';
import { statementRecords, type FileContext, type StatementRecords } from './statement.ts';

/** What is known of a file from elsewhere; all of it wins over what the file seems to be. */
export interface GpcOptions {
  /** Code of the bank that keeps the account: its dialect, above all the meaning of its posting codes. */
  readonly bankCode?: string;
  readonly encoding?: Encoding;
  /** ISO 4217 code of the account's currency. */
  readonly currency?: string;
  /** ISO 4217 code to take where the file names none. */
  readonly assumedCurrency?: string;
  /** The account the file should be of (number, number/code or IBAN): decides how its digits are laid out. */
  readonly accountNumber?: string;
  /** Bytes beyond which a file is refused. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 256 * 1024 * 1024;
/** Extended items have 1135 characters. */
const MAX_LINE = 8 * 1024;
const RECORD_LENGTH = 128;
/** Ends a file of DOS times. */
const END_OF_FILE = 0x1a;

/**
 * Reads ABO GPC statements (records 074, 075, 076, 078, 079) as a stream; nothing of the file is kept but the item at
 * hand (where the bank is unknown also the items behind a posting code 4, up to a cap). A line that cannot be read is
 * yielded as quarantined and the rest goes on; a header that cannot be read ends the file, for nothing behind it could
 * be trusted.
 * @throws FormatError `not-gpc`, `truncated`, `column-not-numeric`, `column-not-a-sign`, `column-not-a-date`,
 * `header-too-short`, `bank-unknown`, `too-long`, `too-large`, `encoding`
 */
export function* streamGpc(
  chunks: Iterable<Uint8Array>,
  options: GpcOptions = {},
): Generator<StatementEvent, void, undefined> {
  const events: StatementEvent[] = [];
  const file = gpcFile(options, (event) => events.push(event));
  const lines = lineSplitter(MAX_LINE);
  const expected = dialectOf(bankOf(options)).encoding;
  const texts = decodeText(chunks, {
    maxBytes: options.maxBytes ?? MAX_BYTES,
    warn: (warning) => file.warn(warning),
    ...(options.encoding ? { encoding: options.encoding } : {}),
    ...(expected ? { expected } : {}),
  });
  for (const text of texts) {
    lines.push(text);
    for (let line = lines.next(); line !== null; line = lines.next()) {
      file.line(line, false);
      if (events.length === 0) continue;
      for (let at = 0; at < events.length; at++) yield events[at] as StatementEvent;
      events.length = 0;
    }
  }
  file.line(lines.rest(), true);
  file.end();
  yield* events;
}

/**
 * Reads a whole GPC file; one that ends in an error gives nothing.
 * @throws FormatError as {@link streamGpc}
 */
export function readGpc(file: Uint8Array | Iterable<Uint8Array>, options: GpcOptions = {}): Statement[] {
  return collect(streamGpc(file instanceof Uint8Array ? [file] : file, options));
}

/** The bank as set, or as the configured account has it. */
function bankOf({ bankCode, accountNumber }: GpcOptions): string | null {
  if (bankCode !== undefined) return bankCode;
  if (accountNumber === undefined) return null;
  const account = accountOfIban(normaliseIban(accountNumber) ?? '') ?? parseAccountNumber(accountNumber);
  return account?.bankCode ?? null;
}

interface GpcFile {
  /** @param unfinished whether the file ends without ending the line */
  line(line: Line, unfinished: boolean): void;
  warn(warning: Warning): void;
  end(): void;
}

function gpcFile(options: GpcOptions, emit: (event: StatementEvent) => void): GpcFile {
  const context: FileContext = {
    bankCode: bankOf(options),
    configured: configuredDigits(options.accountNumber),
    currency: options.currency ?? null,
    assumedCurrency: options.assumedCurrency ?? null,
    dates: dateColumns(),
    codes: null,
    emit,
  };
  let statement: StatementRecords | null = null;
  return {
    line(written, unfinished) {
      const line = withoutFileEnd(written);
      if (isBlank(line, 0, lengthOf(line))) return;
      if (unfinished && isCutOff(line)) {
        const message = `The file ends in the middle of line ${line.number}: fetch it again`;
        throw new FormatError('truncated', message, `line ${line.number}`);
      }
      if (isRecord(line, 4)) {
        statement?.finish();
        statement = statementRecords(headerAt(line, context.dates), `line ${line.number}`, context);
      } else if (statement) statement.add(line);
      else throw notGpc(line.number);
    },
    warn: (warning) => emit({ type: 'warning', warning }),
    end() {
      if (!statement) throw notGpc(1);
      statement.finish();
    },
  };
}

/** The line without the end-of-file signs around it: one ends a file, or stands where two were put together. */
function withoutFileEnd(line: Line): Line {
  let { start, end } = line;
  while (start < end && line.units[start] === END_OF_FILE) start += 1;
  while (start < end && line.units[end - 1] === END_OF_FILE) end -= 1;
  return start === line.start && end === line.end ? line : { ...line, start, end };
}

/** Whether a last line without an end stops before what its record needs. */
function isCutOff(line: Line): boolean {
  if (isRecord(line, 4)) return lengthOf(line) < HEADER_LENGTH;
  const isNote = isRecord(line, 6) || isRecord(line, 8) || isRecord(line, 9);
  return !isNote && lengthOf(line) < RECORD_LENGTH;
}

function headerAt(line: Line, dates: DateColumns): Header {
  const { number } = line;
  try {
    if (lengthOf(line) >= HEADER_LENGTH) return readHeader(line, dates);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const position = `line ${number}, ${error.position ?? ''}`;
    const message = `${error.message} (line ${number}). The file is not laid out as GPC: check what the bank sent`;
    throw new FormatError(error.rule, message, position);
  }
  const message = `The header in line ${number} has ${lengthOf(line)} characters instead of ${HEADER_LENGTH} or more`;
  throw new FormatError('header-too-short', `${message}: the file is not laid out as GPC`, `line ${number}`);
}

function notGpc(number: number): FormatError {
  const message = 'The file is no GPC statement, which begins with record 074: check the format it is set to';
  return new FormatError('not-gpc', message, `line ${number}`);
}
