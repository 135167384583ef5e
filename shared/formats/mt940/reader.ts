import type { Statement } from '../../domain/model.ts';
import { decodeText } from '../encoding/decode.ts';
import type { Encoding } from '../encoding/encodings.ts';
import { lineSplitter, lineText } from '../encoding/lines.ts';
import { collect, type StatementEvent } from '../stream.ts';
import { DIALECTS } from './dialects.ts';
import { lineMachine } from './machine.ts';

/** Everything a caller may know beside the file; all of it is optional. */
export interface Mt940Options {
  /** Code of the bank the file comes from; decides the dialect where the file does not name its bank. */
  readonly bankCode?: string;
  /** The account's currency, for an MT942 that does not name it. */
  readonly currency?: string;
  readonly encoding?: Encoding;
  readonly maxBytes?: number;
}

const MAX_BYTES = 256 * 1024 * 1024;
/** Fields have lines of 65; banks that do not wrap stay far below this. */
const MAX_LINE = 64 * 1024;

/**
 * Reads MT940 statements and MT942 advices (SWIFT category 9; recognised by its fields). Pages of one statement are
 * merged. An advice has no balances and says so by the warning `information-only`; items it only expects (EC, ED) are
 * counted and left out. A text of the bank about the whole statement is the warning `statement-text`. An item whose
 * :61: cannot be read is quarantined and the rest goes on. Only the end of the iteration says that the file was whole.
 * @throws FormatError `empty`, `not-mt940`, `truncated` (inside SWIFT blocks), `too-large`, `too-long`, `encoding`
 */
export function* readMt940(
  chunks: Iterable<Uint8Array>,
  options: Mt940Options = {},
): Generator<StatementEvent, void, undefined> {
  const { bankCode = null, currency = null, encoding, maxBytes = MAX_BYTES } = options;
  let events: StatementEvent[] = [];
  const emit = (event: StatementEvent): void => void events.push(event);
  const machine = lineMachine({ bankCode, currency }, emit);
  const lines = lineSplitter(MAX_LINE);
  const expected = bankCode === null ? undefined : DIALECTS[bankCode]?.encoding;
  const texts = decodeText(chunks, {
    ...(encoding && { encoding }),
    ...(expected && { expected }),
    maxBytes,
    warn: (warning) => emit({ type: 'warning', warning }),
  });
  for (const text of texts) {
    lines.push(text);
    for (let line = lines.next(); line !== null; line = lines.next()) machine.line(lineText(line), true);
    if (events.length === 0) continue;
    const ready = events;
    events = [];
    for (const event of ready) yield event;
  }
  const rest = lineText(lines.rest());
  if (rest !== '') machine.line(rest, false);
  machine.end();
  for (const event of events) yield event;
}

/** Reads a whole file; one that is broken as such gives nothing. @throws FormatError as {@link readMt940} */
export function parseMt940(file: Uint8Array | Iterable<Uint8Array>, options: Mt940Options = {}): Statement[] {
  return collect(readMt940(file instanceof Uint8Array ? [file] : file, options));
}
