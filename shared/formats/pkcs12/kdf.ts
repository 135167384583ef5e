import { hash } from 'node:crypto';

/** What a derived key is for (RFC 7292, B.3). */
export const PURPOSE = { key: 1, iv: 2, mac: 3 } as const;

/** Hash functions by OID that seal or encrypt PKCS#12 files, with output and block size in bytes. */
export const DIGESTS: Readonly<Record<string, Digest>> = {
  '1.3.14.3.2.26': { name: 'sha1', size: 20, block: 64 },
  '2.16.840.1.101.3.4.2.4': { name: 'sha224', size: 28, block: 64 },
  '2.16.840.1.101.3.4.2.1': { name: 'sha256', size: 32, block: 64 },
  '2.16.840.1.101.3.4.2.2': { name: 'sha384', size: 48, block: 128 },
  '2.16.840.1.101.3.4.2.3': { name: 'sha512', size: 64, block: 128 },
};

export interface Digest {
  readonly name: string;
  readonly size: number;
  readonly block: number;
}

/**
 * The key derivation of PKCS#12 (RFC 7292, B.2). The caller bounds `iterations`.
 * @param password the passphrase as a BMPString with its closing zero, or no bytes
 */
export function pkcs12Key(options: {
  purpose: 1 | 2 | 3;
  password: Uint8Array;
  salt: Uint8Array;
  iterations: number;
  length: number;
  digest: Digest;
}): Buffer {
  const { name, block } = options.digest;
  const diversifier = Buffer.alloc(block, options.purpose);
  const state = Buffer.concat([stretch(options.salt, block), stretch(options.password, block)]);
  const outputs: Buffer[] = [];
  for (let length = 0; length < options.length; length += options.digest.size) {
    let output = hash(name, Buffer.concat([diversifier, state]), 'buffer');
    for (let i = 1; i < options.iterations; i += 1) output = hash(name, output, 'buffer');
    outputs.push(output);
    const addend = stretch(output, block).subarray(0, block);
    for (let at = 0; at < state.length; at += block) addPlusOne(state.subarray(at, at + block), addend);
  }
  return Buffer.concat(outputs).subarray(0, options.length);
}

/** `bytes` repeated to the next full multiple of `block`; nothing stays nothing. */
function stretch(bytes: Uint8Array, block: number): Buffer {
  const size = Math.ceil(bytes.length / block) * block;
  return size === 0 ? Buffer.alloc(0) : Buffer.alloc(size, bytes);
}

/** Adds `addend` and one to `target` in place, as big-endian numbers without the last carry. */
function addPlusOne(target: Uint8Array, addend: Uint8Array): void {
  let carry = 1;
  for (let i = target.length - 1; i >= 0; i -= 1) {
    carry += (target[i] as number) + (addend[i] as number);
    target[i] = carry & 0xff;
    carry >>= 8;
  }
}
