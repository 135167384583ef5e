import type { Statement, Warning } from '../../domain/model.ts';
import { FormatError } from '../errors.ts';
import { collect, type StatementEvent } from '../stream.ts';
import { readXml, type XmlElement, type XmlOptions, type XmlPath } from '../xml.ts';
import { child, textAt } from './fields.ts';
import { camtMessage, type CamtFormat, type CamtMessage } from './messages.ts';
import { reportReader, type ReportReader } from './report.ts';

/**
 * Reader of the ISO 20022 messages that report entries: camt.053 (statement), camt.052 (interim report) and camt.054
 * (notification), versions 02 to 13. The last two are information: their items come again in a statement.
 */

export interface CamtOptions extends Pick<XmlOptions, 'maxBytes'> {
  /** Refuse every other message of the family; all are read by default. */
  readonly only?: CamtFormat;
}

/** The message's header and the children of its reports; paths are `Document/BkToCstmr…/Stmt/…`. */
const isPart = (path: XmlPath): boolean => {
  const header = path.at(-1) === 'GrpHdr' && camtMessage(path.at(-2) ?? '') !== null;
  return header || isReport(path, path.length - 2);
};

function isReport(path: XmlPath, at: number): boolean {
  return at > 0 && camtMessage(path[at - 1] ?? '')?.report === path[at];
}

/**
 * Reads a message as a stream: one entry's XML is in memory at a time. Only the end of the iteration tells that the
 * document is complete, so whoever must not use a truncated document (everybody who stores) waits for it.
 * @throws FormatError `truncated`, `malformed`, `doctype`, `too-deep`, `too-long`, `too-large`, `encoding` (the XML),
 * `not-camt` (another document), `no-statement`
 */
export function* streamCamt(
  chunks: Iterable<Uint8Array>,
  { only, ...options }: CamtOptions = {},
): Generator<StatementEvent, void, undefined> {
  const documentWarnings: Warning[] = [];
  let events: StatementEvent[] = [];
  const emit = (event: StatementEvent): void => void events.push(event);
  let message: CamtMessage | null = null;
  let report: ReportReader | null = null;
  let reports = 0;

  const noteDocument = (warning: Warning): void => {
    if (documentWarnings.some(({ rule }) => rule === warning.rule)) return;
    documentWarnings.push(warning);
    if (report) emit({ type: 'warning', warning });
  };
  for (const event of readXml(chunks, { ...options, isPart })) {
    if (event.type === 'part') {
      report?.add(event.element, event.raw);
      const warning = pageWarning(event.element, message);
      if (warning) noteDocument(warning);
    } else if (event.type === 'warning') noteDocument(event.warning);
    else if (event.type === 'open') {
      message ??= expected(camtMessage(event.path.at(-1) ?? ''), only);
      if (message && isReport(event.path, event.path.length - 1)) {
        report = reportReader(message, emit);
        for (const warning of documentWarnings) emit({ type: 'warning', warning });
      }
    } else if (report && isReport(event.path, event.path.length - 1)) {
      reports += 1;
      report.finish();
      report = null;
    }
    if (events.length > 0) {
      const ready = events;
      events = [];
      yield* ready;
    }
  }
  if (!message) throw notCamt(null, only);
  if (reports > 0) return;
  throw new FormatError(
    'no-statement',
    `The ${message.format} document holds no ${message.report}: ask the bank`,
  );
}

/**
 * Reads a whole camt.053 document; one that is truncated or broken anywhere gives nothing.
 * @throws FormatError as {@link streamCamt}
 */
export function readCamt053(document: Uint8Array | Iterable<Uint8Array>): Statement[] {
  return readCamt(document, { only: 'camt.053' });
}

/** The whole-file form of {@link streamCamt}. @throws FormatError */
export function readCamt(
  document: Uint8Array | Iterable<Uint8Array>,
  options: CamtOptions = {},
): Statement[] {
  return collect(streamCamt(document instanceof Uint8Array ? [document] : document, options));
}

/** @throws FormatError `not-camt` when another message is asked for */
function expected(message: CamtMessage | null, only: CamtFormat | undefined): CamtMessage | null {
  if (message && only && message.format !== only) throw notCamt(message, only);
  return message;
}

function notCamt(message: CamtMessage | null, only: CamtFormat | undefined): FormatError {
  const wanted = only === 'camt.053' ? 'camt.053 statement' : (only ?? 'camt.052, camt.053 or camt.054');
  return new FormatError(
    'not-camt',
    message
      ? `The document is a ${message.format}, not a ${wanted}: check the format the account is set to`
      : `The document is no ${wanted}: check what the bank sent`,
  );
}

/** Large statements are cut into messages of several pages, which come as documents of their own. */
function pageWarning(element: XmlElement, message: CamtMessage | null): Warning | null {
  if (element.name !== 'GrpHdr' && element.name !== message?.pagination) return null;
  const pages = element.name === 'GrpHdr' ? child(element, 'MsgPgntn') : element;
  const page = textAt(pages, 'PgNb');
  const last = textAt(pages, 'LastPgInd');
  if (page === null || (Number(page) === 1 && (last === 'true' || last === '1'))) return null;
  return {
    rule: 'page-of-many',
    message: `This is page ${page.slice(0, 20)} of a statement in several documents; its sums are those of the page.`,
    position: element.name,
  };
}
