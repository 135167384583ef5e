import { notFound, unprocessable } from '../api/problem.ts';
import type { Account, DocumentRecord, StatementRecord } from '../domain/records.ts';
import { statementHash } from '../domain/statement-id.ts';
import { encodingNamed, ENCODINGS, type Encoding } from '../formats/encoding/encodings.ts';
import { FormatError } from '../formats/errors.ts';
import { isReadable, type ReadFile } from '../formats/files.ts';
import type { Loss } from '../formats/stream.ts';
import { fileView } from '../formats/view.ts';
import { STATEMENT_TARGETS, writeFile, type StatementTarget } from '../formats/write.ts';
import { readDocument } from './reading.ts';

/** The content of a statement: as the bank sent it, or written in another format from what we read of it. */
export type Content = Media & { readonly size: number } & (
    { readonly document: DocumentRecord } | { readonly bytes: Uint8Array; readonly losses: readonly Loss[] }
  );

interface Media {
  readonly mediaType: string;
  /** Ending of a file's name. */
  readonly ending: string;
}

export interface ContentPorts {
  document(sha256: string): Promise<DocumentRecord | null>;
  /** The bytes of an archived document. */
  read(document: DocumentRecord): Promise<Uint8Array | null>;
  /** ISO 8601, UTC. */
  now(): string;
}

export interface Wanted {
  /** `original`, one of the formats the bank gave, `json`, or a format we write; the original when absent. */
  readonly format?: string | undefined;
  /** A name of an encoding, `windows-1250` or `cp1250`. */
  readonly encoding?: string | undefined;
}

type Target = StatementTarget | 'json';
const TARGETS: readonly Target[] = [...STATEMENT_TARGETS, 'json'];

/**
 * Finds or makes the content of a statement. What the bank gave is handed out byte for byte; any other format is
 * written anew at each call.
 * @throws Problem 404 for a format there is not, 422 for what cannot be read or written
 */
export async function contentOf(
  ports: ContentPorts,
  account: Account,
  statement: StatementRecord,
  wanted: Wanted,
): Promise<Content> {
  const { format } = wanted;
  const encoding = encodingOf(wanted);
  // DynamoDB keeps no order: sorted, the first is the same one every time.
  const formats = Object.keys(statement.documents).sort();
  const name = format === undefined || format === 'original' ? formats[0] : format;
  if (name !== undefined && Object.hasOwn(statement.documents, name) && encoding === undefined) {
    const document = await ports.document(statement.documents[name]!);
    if (document) {
      const { mediaType, size } = document;
      return { document, mediaType, size, ending: ENDINGS[document.format] ?? 'bin' };
    }
  }
  const target = TARGETS.find((one) => one === format);
  if (target) return converted(ports, account, statement, target, encoding);
  if (formats.includes(name ?? '') && encoding !== undefined) {
    throw unprocessable(
      'encoding-not-applicable',
      `A document of the bank is handed out as it is; with an encoding name a format: ${TARGETS.join(', ')}.`,
    );
  }
  throw notFound(
    `format of the statement (of the bank: ${formats.join(', ')}; written on request: ${TARGETS.join(', ')})`,
  );
}

/** @throws Problem 422 */
function encodingOf({ encoding }: Wanted): Encoding | undefined {
  if (encoding === undefined) return undefined;
  const named = encodingNamed(encoding);
  if (named !== null) return named;
  throw unprocessable(
    'unknown-encoding',
    `There is no such encoding here; there are: ${ENCODINGS.join(', ')}.`,
  );
}

async function converted(
  ports: ContentPorts,
  account: Account,
  statement: StatementRecord,
  target: Target,
  encoding: Encoding | undefined,
): Promise<Content> {
  const file = await readAgain(ports, account, statement);
  if (target === 'json') {
    if (encoding !== undefined && encoding !== 'utf-8') {
      throw unprocessable('not-expressible', `JSON is written in utf-8, not in ${encoding}.`);
    }
    const text = JSON.stringify(fileView(`${statement.id}.json`, file));
    const bytes = new TextEncoder().encode(text);
    return { bytes, size: bytes.length, losses: [], mediaType: 'application/json', ending: 'json' };
  }
  try {
    const { bytes, losses } = await writeFile(target, file, {
      createdAt: ports.now(),
      id: `BRANA-${statement.id}`,
      ...(encoding === undefined ? {} : { encoding }),
    });
    return { bytes, size: bytes.length, losses, ...mediaOf(target, encoding) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw unprocessable('not-expressible', `The statement cannot be written as ${target}: ${error.message}`);
  }
}

/** Reads the document a statement was read from, down to that one statement. @throws Problem 404, 422 */
async function readAgain(
  ports: ContentPorts,
  account: Account,
  statement: StatementRecord,
): Promise<ReadFile> {
  for (const [format, sha256] of Object.entries(statement.documents)) {
    if (!statement.read || !isReadable(format)) continue;
    const document = await ports.document(sha256);
    const bytes = document && (await ports.read(document));
    if (!bytes) throw notFound('document in the archive');
    const file = await readDocument(account, format, bytes);
    const own = file.statements.find(
      (_, index) => statementHash(account.scope, statement.bankId, sha256, index) === statement.id,
    );
    if (own) return { ...file, statements: [own] };
  }
  throw unprocessable(
    'not-readable',
    'No reader could read this statement, so it cannot be converted; take it as the bank sent it.',
  );
}

const ENDINGS: Readonly<Record<string, string>> = {
  'camt.053': 'xml',
  'camt.053.001.08': 'xml',
  mt940: 'sta',
  gpc: 'gpc',
  csv: 'csv',
  pdf: 'pdf',
};

/** The encoding each text format is written in unless another is asked for; XML says its own. */
const USUAL: Readonly<Partial<Record<StatementTarget, Encoding>>> = {
  gpc: 'windows-1250',
  mt940: 'utf-8',
  csv: 'utf-8',
};

function mediaOf(target: StatementTarget, encoding: Encoding | undefined): Media {
  const charset = encoding ?? USUAL[target];
  const type = target === 'csv' ? 'text/csv' : 'text/plain';
  return {
    mediaType: USUAL[target] === undefined ? 'application/xml' : `${type}; charset=${charset}`,
    ending: ENDINGS[target]!,
  };
}
