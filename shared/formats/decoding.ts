import type { Warning } from '../domain/model.ts';
import { FormatError } from './errors.ts';

/** Encodings a bank's XML is read in, by the name `TextDecoder` gives them. */
const SUPPORTED = ['utf-8', 'windows-1250', 'windows-1252', 'iso-8859-2'];

/** An XML declaration ends within this many bytes. */
const HEAD = 256;
const PIECE = 64 * 1024;
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
  const decode = encoding === 'utf-8' ? utf8OrWindows1250(bom, warn) : singleByte(encoding);
  yield decode(head.subarray(bom), false);
  for (const piece of pieces) yield decode(piece, false);
  yield decode(EMPTY, true);
}

type Decode = (bytes: Uint8Array, last: boolean) => string;

function* cut(chunks: Iterable<Uint8Array>, maxBytes: number): Generator<Uint8Array> {
  let total = 0;
  for (const chunk of chunks) {
    total += chunk.length;
    if (total > maxBytes) {
      throw new FormatError(
        'too-large',
        `The document is larger than ${maxBytes} bytes: ask the bank for shorter periods`,
      );
    }
    for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
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

/**
 * Reads UTF-8 and, where a byte is none, Windows-1250. Evidence decides how far that goes: once more bytes were wrong
 * than continuation bytes right, the file is Windows-1250 announced as UTF-8 and is read so from there on; until then
 * (a bank cut a name inside a character, say) only the wrong byte is.
 */
function utf8OrWindows1250(offset: number, warn: (warning: Warning) => void): Decode {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const windows = new TextDecoder('windows-1250');
  let carried: Uint8Array = EMPTY;
  let position = offset;
  let valid = 0;
  let invalid = 0;

  const whole = (bytes: Uint8Array): string | null => {
    try {
      const text = utf8.decode(bytes);
      valid += bytes.length - text.length;
      return text;
    } catch {
      return null;
    }
  };
  const mixed = (bytes: Uint8Array): string => {
    let text = '';
    let start = 0;
    let at = 0;
    while (at < bytes.length && invalid <= valid) {
      const length = characterLength(bytes, at);
      if (length > 0) {
        at += length;
        valid += length - 1;
        continue;
      }
      if (invalid === 0) warn(encodingWarning(position + at));
      invalid += 1;
      text += utf8.decode(bytes.subarray(start, at)) + windows.decode(bytes.subarray(at, at + 1));
      at += 1;
      start = at;
    }
    text += utf8.decode(bytes.subarray(start, at));
    return text + windows.decode(bytes.subarray(at));
  };
  return (piece, last) => {
    if (invalid > valid) return windows.decode(piece);
    const bytes = carried.length === 0 ? piece : concat(carried, piece);
    const end = last ? bytes.length : bytes.length - unfinishedTail(bytes);
    carried = bytes.slice(end);
    const text = whole(bytes.subarray(0, end)) ?? mixed(bytes.subarray(0, end));
    position += end;
    if (invalid <= valid) return text;
    const rest = windows.decode(carried);
    carried = EMPTY;
    return text + rest;
  };
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

/** Bytes of the well-formed UTF-8 character at `at`; 0 when there is none (Unicode, table 3-7). */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = announcedLength(first);
  if (length === 0) return 0;
  const second = bytes[at + 1] ?? 0;
  const [low, high] = SECOND_BYTE[first] ?? [0x80, 0xbf];
  if (second < low || second > high) return 0;
  for (let next = at + 2; next < at + length; next++) if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** First bytes after which the second one has a narrower range. */
const SECOND_BYTE: Readonly<Record<number, readonly [number, number]>> = {
  0xe0: [0xa0, 0xbf],
  0xed: [0x80, 0x9f],
  0xf0: [0x90, 0xbf],
  0xf4: [0x80, 0x8f],
};

function announcedLength(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/** Bytes at the end that begin a character and wait for the rest of it. */
function unfinishedTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return announcedLength(byte) > back ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}
