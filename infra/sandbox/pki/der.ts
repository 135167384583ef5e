/** Writers for the few ASN.1 types that certificates and PFX files are made of (DER, ITU-T X.690). */

function element(identifier: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(identifier, body.length), body]);
  const digits = body.length.toString(16);
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.of(identifier, 0x80 | length.length), length, body]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => element(0x31, ...parts);
export const octets = (value: Uint8Array): Buffer => element(0x04, value);
export const nothing = (): Buffer => element(0x05);
export const truth = (): Buffer => element(0x01, Buffer.of(0xff));
export const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text, 'utf8'));
export const printable = (text: string): Buffer => element(0x13, Buffer.from(text, 'ascii'));
/** A constructed context-specific element: EXPLICIT, or IMPLICIT for a constructed type. */
export const context = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  element(0xa0 | number, ...parts);
/** A primitive context-specific element: IMPLICIT for a primitive type. */
export const contextValue = (number: number, value: Uint8Array): Buffer => element(0x80 | number, value);

/** @param unused bits at the end that do not count */
export const bits = (value: Uint8Array, unused = 0): Buffer => element(0x03, Buffer.of(unused), value);

/** A non-negative INTEGER from a number or big-endian bytes. */
export function integer(value: number | Uint8Array): Buffer {
  if (typeof value !== 'number') return signed(Buffer.from(value));
  const digits = value.toString(16);
  return signed(Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex'));
}

function signed(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.of(0) : bytes.subarray(first);
  return (digits[0] as number) < 0x80 ? element(0x02, digits) : element(0x02, Buffer.of(0), digits);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [root * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let high = arc >>> 7; high > 0; high >>>= 7) digits.unshift(0x80 | (high & 0x7f));
    return digits;
  });
  return element(0x06, Buffer.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). @param at epoch milliseconds */
export function time(at: number): Buffer {
  const digits = `${new Date(at).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return digits < '2050' ? element(0x17, Buffer.from(digits.slice(2))) : element(0x18, Buffer.from(digits));
}

/** DER as PEM. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
