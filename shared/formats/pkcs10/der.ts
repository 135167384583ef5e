/** Writers for the few ASN.1 types of a certificate request (DER, ITU-T X.690). */

function element(identifier: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(identifier, body.length), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const digits = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(identifier, 0x80 | digits.length), digits, body]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => element(0x31, ...parts);
export const octets = (value: Uint8Array): Buffer => element(0x04, value);
export const nothing = (): Buffer => element(0x05);
export const truth = (): Buffer => element(0x01, Buffer.of(0xff));
export const small = (value: number): Buffer => element(0x02, Buffer.of(value));
export const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text, 'utf8'));
export const printable = (text: string): Buffer => element(0x13, Buffer.from(text, 'ascii'));
/** A constructed element of the context's own numbering. */
export const context = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  element(0xa0 | number, ...parts);
/** @param unused bits at the end that do not count */
export const bits = (value: Uint8Array, unused = 0): Buffer => element(0x03, Buffer.of(unused), value);

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
