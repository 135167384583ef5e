import { isAscii } from 'node:buffer';
import type { Warning } from '../../domain/model.ts';
import { FormatError } from '../errors.ts';
import { BOM, detectEncoding } from './detect.ts';
import { decodingTable, type Encoding, type SingleByte } from './encodings.ts';
import { concat, utf8OrWindows1250, type Decode } from './utf8.ts';

/** As text of two bytes a character, the largest power of two that V8 still makes in its cheap young space. */
const PIECE = 32 * 1024;
const EMPTY = new Uint8Array(0);
/** Bytes from the first one beyond ASCII on that the choice of an encoding rests on. */
const EVIDENCE = 64 * 1024;
/** A choice less sure than this is worth a warning. */
const SURE = 0.7;

/** The bytes in pieces of a handy size. @throws FormatError `too-large` when there are more than `maxBytes` */
export function* cut(chunks: Iterable<Uint8Array>, maxBytes: number): Generator<Uint8Array> {
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

function singleByte(encoding: SingleByte): Decode {
  return encoding === 'cp852' ? decodeByTable(encoding) : decodeByPlatform(encoding);
}

function decodeByPlatform(encoding: string): Decode {
  const decoder = new TextDecoder(encoding);
  return (bytes) => (isAscii(bytes) ? latin1(bytes) : decoder.decode(bytes));
}

function decodeByTable(encoding: SingleByte): Decode {
  const table = decodingTable(encoding);
  return (bytes) => {
    if (isAscii(bytes)) return latin1(bytes);
    const units = new Uint16Array(bytes.length);
    for (let at = 0; at < bytes.length; at++) units[at] = table[bytes[at] ?? 0] ?? 0;
    return Buffer.from(units.buffer).toString('utf16le');
  };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/**
 * An incremental decoder. UTF-8 is read tolerantly: a byte that is none is read as Windows-1250.
 * @param invalidAt called at most once, with the position of the first byte that is no UTF-8
 */
export function decoderOf(
  encoding: Encoding,
  offset = 0,
  invalidAt: (byte: number) => void = () => undefined,
): Decode {
  return encoding === 'utf-8' ? utf8OrWindows1250(offset, invalidAt) : singleByte(encoding);
}

/** The text of whole bytes; a UTF-8 byte order mark is no part of it. */
export function decode(bytes: Uint8Array, encoding: Encoding): string {
  return decoderOf(encoding)(startsWithBom(bytes) ? bytes.subarray(BOM.length) : bytes, true);
}

/** How a text file is read. */
export interface DecodeOptions {
  /** Set by the operator: nothing is guessed. A byte order mark wins over it. */
  readonly encoding?: Encoding;
  /** What this kind of file is in when it is no UTF-8 (a dialect's own encoding). */
  readonly expected?: SingleByte;
  readonly maxBytes: number;
  readonly warn: (warning: Warning) => void;
}

/**
 * Decodes the bytes of a file without a declaration of its own, piece by piece. Up to the first byte beyond ASCII
 * all encodings agree; the choice rests on what follows it, however the file is cut into chunks.
 * @throws FormatError `too-large`, `encoding` (UTF-16)
 */
export function* decodeText(chunks: Iterable<Uint8Array>, options: DecodeOptions): Generator<string> {
  const pieces = cut(chunks, options.maxBytes);
  let head = EMPTY;
  while (head.length < BOM.length) {
    const next = pieces.next();
    if (next.done) break;
    head = concat(head, next.value);
  }
  const bom = startsWithBom(head);
  let waiting: Uint8Array = bom ? head.subarray(BOM.length) : head;
  let offset = bom ? BOM.length : 0;
  const fixed = bom ? 'utf-8' : options.encoding;
  let decoder = fixed ? decoderOf(fixed, offset, warnOfByte(options)) : null;
  for (;;) {
    if (decoder) yield decoder(waiting, false);
    else {
      const ascii = asciiLength(waiting);
      if (ascii > 0) yield latin1(waiting.subarray(0, ascii));
      offset += ascii;
      waiting = waiting.subarray(ascii);
      if (waiting.length >= EVIDENCE) decoder = chosen(waiting, offset, options);
      if (decoder) continue;
    }
    const next = pieces.next();
    if (next.done) break;
    waiting = decoder || waiting.length === 0 ? next.value : concat(waiting, next.value);
  }
  if (!decoder && waiting.length > 0) yield chosen(waiting, offset, options)(waiting, true);
  else if (decoder) yield decoder(EMPTY, true);
}

function asciiLength(bytes: Uint8Array): number {
  if (isAscii(bytes)) return bytes.length;
  return bytes.findIndex((byte) => byte >= 0x80);
}

function startsWithBom(bytes: Uint8Array): boolean {
  return BOM.every((byte, at) => bytes[at] === byte);
}

function chosen(bytes: Uint8Array, offset: number, options: DecodeOptions): Decode {
  const evidence = bytes.subarray(0, EVIDENCE);
  const { encoding, confidence, reasons } = detectEncoding(
    evidence,
    options.expected ? { expected: options.expected } : {},
  );
  // Of UTF-8 with flaws the decoder tells where they are.
  if (confidence < SURE && encoding !== 'utf-8') {
    options.warn({
      rule: 'encoding-guessed',
      message: `The encoding was taken to be ${encoding}: ${reasons.join('; ')}. Check the accents, or set it.`,
      position: `byte ${offset}`,
    });
  }
  return decoderOf(encoding, offset, warnOfByte(options));
}

function warnOfByte({ warn }: DecodeOptions): (byte: number) => void {
  return (byte) =>
    warn({
      rule: 'encoding-mixed',
      message:
        `The file is read as UTF-8 but byte ${byte} is not; such bytes were read as Windows-1250. ` +
        'Check names with accents against the original.',
      position: `byte ${byte}`,
    });
}
