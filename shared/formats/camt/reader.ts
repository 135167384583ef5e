import type { Statement, Warning } from '../../domain/model.ts';
import { FormatError } from '../errors.ts';
import { readXml, type XmlElement, type XmlOptions, type XmlPath } from '../xml.ts';
import { child, textAt } from './fields.ts';
import { statementReader, type StatementReader } from './statement.ts';

/**
 * Reader of ISO 20022 camt.053 (bank to customer statement). Versions 02 to 13 differ in where a few fields stand, not
 * in what they are called, so everything goes by local names and the namespace is not looked at.
 */

/** The message elements of the camt family, to tell which one a document is. */
const MESSAGES = new Map([
  ['BkToCstmrStmt', 'camt.053'],
  ['BkToCstmrAcctRpt', 'camt.052'],
  ['BkToCstmrDbtCdtNtfctn', 'camt.054'],
]);
const MESSAGE = 'BkToCstmrStmt';
const STATEMENT = 'Stmt';

const isStatement = (path: XmlPath): boolean => path.at(-1) === STATEMENT && path.at(-2) === MESSAGE;
/** The message's header and the children of its statements. */
const isPart = (path: XmlPath): boolean =>
  path.at(-2) === MESSAGE ? path.at(-1) === 'GrpHdr' : isStatement(path.slice(0, -1));

/**
 * Reads statements as a stream: one entry's XML is in memory at a time. A statement is yielded at its end; only the
 * end of the iteration tells that the document is complete, so whoever must not use a truncated document (everybody
 * who stores) waits for it or calls {@link readCamt053}.
 * @throws FormatError `truncated`, `malformed`, `doctype`, `too-deep`, `too-long`, `too-large`, `encoding` (the XML),
 * `not-camt` (another document), `no-statement`
 */
export function* streamCamt053(
  chunks: Iterable<Uint8Array>,
  options: Pick<XmlOptions, 'maxBytes'> = {},
): Generator<Statement> {
  const documentWarnings: Warning[] = [];
  let message: string | null = null;
  let reader: StatementReader | null = null;
  let statements = 0;
  for (const event of readXml(chunks, { ...options, isPart })) {
    if (event.type === 'warning') documentWarnings.push(event.warning);
    else if (event.type === 'part') {
      reader?.add(event.element, event.raw);
      const warning = pageWarning(event.element);
      if (warning && !documentWarnings.some(({ rule }) => rule === warning.rule))
        documentWarnings.push(warning);
    } else if (event.type === 'open') {
      message ??= messageOf(event.path);
      if (isStatement(event.path)) reader = statementReader();
    } else if (reader && isStatement(event.path)) {
      statements += 1;
      yield reader.finish(documentWarnings);
      reader = null;
    }
  }
  if (message !== 'camt.053') throw notCamt053(message);
  if (statements === 0)
    throw new FormatError('no-statement', 'The camt.053 document holds no statement: ask the bank');
}

/**
 * Reads a whole camt.053 document; one that is truncated or broken anywhere gives nothing.
 * @throws FormatError as {@link streamCamt053}
 */
export function readCamt053(document: Uint8Array | Iterable<Uint8Array>): Statement[] {
  return [...streamCamt053(document instanceof Uint8Array ? [document] : document)];
}

const messageOf = (path: XmlPath): string | null => MESSAGES.get(path.at(-1) ?? '') ?? null;

function notCamt053(message: string | null): FormatError {
  return new FormatError(
    'not-camt',
    message
      ? `The document is a ${message}, not a camt.053 statement: check the format the account is set to`
      : 'The document is no camt.053 statement: check what the bank sent',
  );
}

/** Large statements are cut into messages of several pages, which come as documents of their own. */
function pageWarning(element: XmlElement): Warning | null {
  const pages = element.name === 'StmtPgntn' ? element : child(element, 'MsgPgntn');
  const page = textAt(pages, 'PgNb');
  const last = textAt(pages, 'LastPgInd');
  if (page === null || (Number(page) === 1 && (last === 'true' || last === '1'))) return null;
  return {
    rule: 'page-of-many',
    message: `This is page ${page.slice(0, 20)} of a statement in several documents; its sums are those of the page.`,
    position: element.name,
  };
}
