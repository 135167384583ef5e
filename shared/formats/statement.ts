import type { Statement } from '../domain/model.ts';
import { FormatError } from './errors.ts';

type Reader = (bytes: Uint8Array) => Statement[];

/** Readers by our name of the format, loaded when first needed: a bundle that reads none carries no XML. */
const READERS: Readonly<Record<string, () => Promise<Reader>>> = {
  'camt.053': async () => (await import('./camt/reader.ts')).readCamt053,
};

/**
 * Reads a statement document of a format by our name (`camt.053`). All or nothing: single items that cannot be read
 * are quarantined in their statement, but a document that is broken as such gives none.
 * @throws FormatError `unsupported-format`, or what the format's reader throws
 */
export async function readStatements(format: string, bytes: Uint8Array): Promise<Statement[]> {
  const load = Object.hasOwn(READERS, format) ? READERS[format] : undefined;
  if (!load) {
    const known = Object.keys(READERS).join(', ');
    throw new FormatError(
      'unsupported-format',
      `Statements in ${format.slice(0, 40)} are kept but not read; readable: ${known}`,
    );
  }
  return (await load())(bytes);
}

export type RecognisedFormat = 'camt.053' | 'mt940' | 'pdf' | 'html' | 'json' | 'unknown';

/** What tells a format stands near the beginning. */
const HEAD = 8 * 1024;

/** What a document is by its content, whatever its name or media type says; looks at its beginning only. */
export function recognise(bytes: Uint8Array): RecognisedFormat {
  const head = Buffer.from(bytes.subarray(0, HEAD))
    .toString('latin1')
    .replace(/^\xEF\xBB\xBF/, '')
    .trimStart();
  if (head.startsWith('%PDF-')) return 'pdf';
  // A SWIFT message may begin with a brace as well: `{1:F01…`.
  if (/^(\[|\{\s*["}])/.test(head)) return 'json';
  if (/^<(!doctype\s+html|html)\b/i.test(head)) return 'html';
  if (/^<[^]*<([\w.-]+:)?BkToCstmrStmt[\s/>]/.test(head)) return 'camt.053';
  return /(^|[\r\n]):20:/.test(head) && /[\r\n]:60[FM]:/.test(head) ? 'mt940' : 'unknown';
}
