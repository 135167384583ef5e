import { createHmac } from 'node:crypto';
import {
  context,
  contextValue,
  integer,
  nothing,
  octets,
  oid,
  sequence,
} from '../../../infra/sandbox/pki/der.ts';
import { deriveKey } from '../../../infra/sandbox/pki/encryption.ts';
import { PASSPHRASE } from './fixtures.ts';

/** PFX files that no writer would make, put together element by element. */

const DATA = '1.2.840.113549.1.7.1';
export const SHA1 = '1.3.14.3.2.26';
export const RC2_40 = '1.2.840.113549.1.12.1.6';

/** A ContentInfo in the clear. */
export function dataPart(content: Uint8Array): Buffer {
  return sequence(oid(DATA), context(0, octets(content)));
}

/** A ContentInfo with noise under a scheme of one's choice. */
export function encryptedPart(algorithm: Buffer): Buffer {
  const info = sequence(oid(DATA), algorithm, contextValue(0, Buffer.alloc(64, 7)));
  return sequence(oid('1.2.840.113549.1.7.6'), context(0, sequence(integer(0), info)));
}

/** A PFX around ready-made parts, without a seal. */
export function unsealed(...parts: readonly Uint8Array[]): Buffer {
  return sequence(integer(3), dataPart(sequence(...parts)));
}

/** The same with a seal that opens, as long as it is SHA-1 with one round. */
export function sealed(parts: readonly Uint8Array[], digest = SHA1, iterations = 1): Buffer {
  const content = sequence(...parts);
  const salt = Buffer.alloc(8, 1);
  const key = deriveKey({ passphrase: PASSPHRASE, iterations: 1 }, salt, 3, 20, 'sha1');
  const mac = createHmac('sha1', key).update(content).digest();
  const digestInfo = sequence(sequence(oid(digest)), octets(mac));
  return sequence(integer(3), dataPart(content), sequence(digestInfo, octets(salt), integer(iterations)));
}

/** AlgorithmIdentifier of a PKCS#12 scheme. */
export function legacyScheme(id: string, iterations: number): Buffer {
  return sequence(oid(id), sequence(octets(Buffer.alloc(8)), integer(iterations)));
}

/** AlgorithmIdentifier of PBES2 with AES-256. */
export function pbes2(kdf: Buffer, ivLength = 16): Buffer {
  const cipher = sequence(oid('2.16.840.1.101.3.4.1.42'), octets(Buffer.alloc(ivLength)));
  return sequence(oid('1.2.840.113549.1.5.13'), sequence(kdf, cipher));
}

/** AlgorithmIdentifier of PBKDF2. @param prf AlgorithmIdentifier of the hash, when it is not the default */
export function pbkdf2(iterations: number, ...prf: readonly Buffer[]): Buffer {
  const parameters = sequence(octets(Buffer.alloc(8)), integer(iterations), ...prf);
  return sequence(oid('1.2.840.113549.1.5.12'), parameters);
}

/** SafeContents with `depth` SafeContents bags, one inside the other, and `innermost` in the last. */
export function nestedBags(depth: number, ...innermost: readonly Buffer[]): Buffer {
  let bags = sequence(...innermost);
  for (let i = 0; i < depth; i += 1) {
    bags = sequence(sequence(oid('1.2.840.113549.1.12.10.1.6'), context(0, bags)));
  }
  return bags;
}

/** A bag with a certificate. */
export function certificateBag(der: Uint8Array): Buffer {
  const certificate = sequence(oid('1.2.840.113549.1.9.22.1'), context(0, octets(der)));
  return sequence(oid('1.2.840.113549.1.12.10.1.3'), context(0, certificate));
}

/** A bag with a key in the clear. */
export function keyBag(pkcs8: Uint8Array): Buffer {
  return sequence(oid('1.2.840.113549.1.12.10.1.1'), context(0, pkcs8));
}

/** A bag of a type that holds neither. */
export function secretBag(): Buffer {
  return sequence(oid('1.2.840.113549.1.12.10.1.5'), context(0, sequence()));
}

/** An RSA key (PKCS#8) with a modulus of 2048 bits and everything else of 16 times as many. */
export function oversizedRsaKey(): Buffer {
  const number = (bytes: number) => integer(Buffer.alloc(bytes, 0xff));
  const parts = [number(256), integer(65_537), ...new Array<Buffer>(6).fill(number(4096))];
  const algorithm = sequence(oid('1.2.840.113549.1.1.1'), nothing());
  return sequence(integer(0), algorithm, octets(sequence(integer(0), ...parts)));
}
