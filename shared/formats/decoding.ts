import type { Warning } from '../domain/model.ts';
import { cut } from './encoding/decode.ts';
import { concat, utf8OrWindows1250, type Decode } from './encoding/utf8.ts';
import { FormatError } from './errors.ts';

/** Encodings a bank's XML is read in, by the name `TextDecoder` gives them. */
const SUPPORTED = ['utf-8', 'windows-1250', 'windows-1252', 'iso-8859-2'];

/** An XML declaration ends within this many bytes. */
const HEAD = 256;
const EMPTY = new Uint8Array(0);

/**
 * Decodes XML bytes piece by piece: a byte order mark wins, then the declared encoding, then UTF-8. A byte that is no
 * UTF-8 in a file that says it is does not lose the file: see {@link utf8OrWindows1250}.
 * @param warn called at most once, when the encoding is not what the file says
 * @throws FormatError `encoding` (UTF-16 or an encoding no bank was seen to use), `too-large`
 */
export function* decodeXml(
  chunks: Iterable<Uint8Array>,
  maxBytes: number,
  warn: (warning: Warning) => void,
): Generator<string> {
  const pieces = cut(chunks, maxBytes);
  let head = EMPTY;
  while (head.length < HEAD) {
    const next = pieces.next();
    if (next.done) break;
    head = concat(head, next.value);
  }
  const { encoding, bom } = encodingOf(head);
  const decode =
    encoding === 'utf-8'
      ? utf8OrWindows1250(bom, (byte) => warn(encodingWarning(byte)))
      : singleByte(encoding);
  yield decode(head.subarray(bom), false);
  for (const piece of pieces) yield decode(piece, false);
  yield decode(EMPTY, true);
}

/** What the first bytes say: the encoding and the length of the byte order mark. */
function encodingOf(head: Uint8Array): { encoding: string; bom: number } {
  const text = Buffer.from(head.subarray(0, HEAD)).toString('latin1');
  if (text.startsWith('\xEF\xBB\xBF')) return { encoding: 'utf-8', bom: 3 };
  if (/^(\xFE\xFF|\xFF\xFE)/.test(text)) throw unsupported('UTF-16');
  const declared = /^<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(text)?.[1] ?? 'utf-8';
  const encoding = encodingNamed(declared);
  if (encoding === null) throw unsupported(declared);
  return { encoding, bom: 0 };
}

/** The canonical name of an encoding (`cp1250`, `LATIN2` … by the WHATWG table), `null` when it is not read. */
function encodingNamed(label: string): string | null {
  try {
    const { encoding } = new TextDecoder(label);
    return SUPPORTED.includes(encoding) ? encoding : null;
  } catch {
    return null;
  }
}

function unsupported(encoding: string): FormatError {
  return new FormatError(
    'encoding',
    `The document is encoded in ${encoding}; ${SUPPORTED.join(', ')} are read: ask the bank for UTF-8`,
    '1:1',
  );
}

function singleByte(encoding: string): Decode {
  const decoder = new TextDecoder(encoding);
  return (bytes) => decoder.decode(bytes);
}

function encodingWarning(byte: number): Warning {
  return {
    rule: 'encoding-differs',
    message:
      `The document says it is UTF-8 but byte ${byte} is not; such bytes were read as Windows-1250. ` +
      'Check names with accents against the original and tell the bank.',
    position: `byte ${byte}`,
  };
}
