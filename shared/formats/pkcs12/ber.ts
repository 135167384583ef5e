import { malformed } from './errors.ts';

/**
 * Reader for ASN.1 in BER (ITU-T X.690): PKCS#12 files come in DER from most tools, but with indefinite lengths and
 * octet strings in segments from others (Bouncy Castle, old NSS).
 */

/** One decoded element. All slices share the memory of the input. */
export interface Element {
  /** Identifier octet without the constructed bit: 0x02 INTEGER, 0x10 SEQUENCE, 0x80 context-specific [0] … */
  readonly tag: number;
  readonly constructed: boolean;
  /** Content octets; of an indefinite length without the end marker. */
  readonly body: Uint8Array;
  /** The whole element with identifier and length. */
  readonly raw: Uint8Array;
  /** Parts of a constructed element, else none. */
  readonly children: readonly Element[];
}

export const TAG = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x10, set: 0x11, context: 0x80 };

const MAX_DEPTH = 24;
const CONSTRUCTED = 0x20;
const INDEFINITE = -1;

/**
 * Reads the element the bytes begin with; what follows it is ignored, as OpenSSL does.
 * @throws CertificateError `malformed`
 */
export function readBer(bytes: Uint8Array): Element {
  return readElement(bytes, 0, bytes.length, 0).element;
}

function readElement(
  bytes: Uint8Array,
  start: number,
  limit: number,
  depth: number,
): { element: Element; next: number } {
  if (depth > MAX_DEPTH) throw malformed('nested too deeply');
  if (start >= limit) throw malformed('ends too early');
  const identifier = bytes[start] as number;
  if ((identifier & 0x1f) === 0x1f) throw malformed('unknown element');
  const constructed = (identifier & CONSTRUCTED) !== 0;
  const { length, next: from } = readLength(bytes, start + 1, limit);
  if (length === INDEFINITE && !constructed) throw malformed('open-ended value');
  const end = length === INDEFINITE ? limit : from + length;
  if (end > limit) throw malformed('ends too early');

  const children: Element[] = [];
  let at = from;
  while (constructed && (length === INDEFINITE || at < end)) {
    if (length === INDEFINITE && bytes[at] === 0 && bytes[at + 1] === 0 && at + 2 <= end) break;
    const child = readElement(bytes, at, end, depth + 1);
    children.push(child.element);
    at = child.next;
  }
  const bodyEnd = length === INDEFINITE ? at : end;
  const next = length === INDEFINITE ? at + 2 : end;
  const element = {
    tag: identifier & ~CONSTRUCTED,
    constructed,
    body: bytes.subarray(from, bodyEnd),
    raw: bytes.subarray(start, next),
    children,
  };
  return { element, next };
}

function readLength(bytes: Uint8Array, at: number, limit: number): { length: number; next: number } {
  if (at >= limit) throw malformed('ends too early');
  const first = bytes[at] as number;
  if (first === 0x80) return { length: INDEFINITE, next: at + 1 };
  if (first < 0x80) return { length: first, next: at + 1 };
  const count = first & 0x7f;
  if (count > 4 || at + 1 + count > limit) throw malformed('impossible length');
  let length = 0;
  for (let i = 1; i <= count; i += 1) length = length * 256 + (bytes[at + i] as number);
  return { length, next: at + 1 + count };
}

/** The parts of a SEQUENCE. @throws CertificateError `malformed` when it is none or has fewer than `least` parts */
export function sequence(element: Element | undefined, least = 0): readonly Element[] {
  if (element?.tag !== TAG.sequence || !element.constructed || element.children.length < least) {
    throw malformed('a structure is missing');
  }
  return element.children;
}

/** What an EXPLICIT context tag wraps. @throws CertificateError `malformed` */
export function explicit(element: Element | undefined, number: number): Element {
  const inner = element?.children[0];
  if (element?.tag !== TAG.context + number || !inner) throw malformed('a structure is missing');
  return inner;
}

/**
 * The value of an OCTET STRING, its segments joined.
 * @param tag the tag it carries when it is tagged IMPLICIT
 * @throws CertificateError `malformed`
 */
export function octets(element: Element | undefined, tag = TAG.octets): Uint8Array {
  if (element?.tag !== tag) throw malformed('a value is missing');
  if (!element.constructed) return element.body;
  return Buffer.concat(element.children.map((part) => octets(part)));
}

/** A non-negative INTEGER below 2^31. @throws CertificateError `malformed` */
export function integer(element: Element | undefined): number {
  if (element?.tag !== TAG.integer || element.constructed) throw malformed('a number is missing');
  const digits = Buffer.from(element.body)
    .toString('hex')
    .replace(/^(00)+(?=.)/, '');
  if (digits === '' || digits.length > 8) throw malformed('an impossible number');
  const value = Number.parseInt(digits, 16);
  if (value > 0x7fffffff || (element.body[0] as number) > 0x7f) throw malformed('an impossible number');
  return value;
}

/** An OBJECT IDENTIFIER in dotted form. @throws CertificateError `malformed` */
export function oid(element: Element | undefined): string {
  if (element?.tag !== TAG.oid || element.constructed) throw malformed('an identifier is missing');
  if (element.body.length > 32) throw malformed('an impossible identifier');
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of element.body) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join('.');
}
