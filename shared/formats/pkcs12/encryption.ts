import { createDecipheriv, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { integer, octets, oid, readBer, sequence, TAG, type Element } from './ber.ts';
import { CertificateError, malformed } from './errors.ts';
import { DIGESTS, pkcs12Key, PURPOSE, type Digest } from './kdf.ts';
import type { Budget } from './limits.ts';
import type { Password } from './password.ts';
import { decryptRc2 } from './rc2.ts';

const derive = promisify(pbkdf2);

const SHA1 = DIGESTS['1.3.14.3.2.26'] as Digest;

interface LegacyScheme {
  readonly cipher: 'des-ede3-cbc' | 'des-ede-cbc' | 'rc2';
  readonly keyBytes: number;
}

/** pbeWithSHA1And… (RFC 7292, appendix C). RC4 is left out: nobody issues such files. */
const LEGACY: Readonly<Record<string, LegacyScheme>> = {
  '1.2.840.113549.1.12.1.3': { cipher: 'des-ede3-cbc', keyBytes: 24 },
  '1.2.840.113549.1.12.1.4': { cipher: 'des-ede-cbc', keyBytes: 16 },
  '1.2.840.113549.1.12.1.5': { cipher: 'rc2', keyBytes: 16 },
  '1.2.840.113549.1.12.1.6': { cipher: 'rc2', keyBytes: 5 },
};

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';

/** Ciphers of PBES2 (RFC 8018, B.2). */
const CIPHERS: Readonly<Record<string, { name: string; keyBytes: number; block: number }>> = {
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24, block: 8 },
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16, block: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24, block: 16 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32, block: 16 },
};

/** Hash functions of PBKDF2 (RFC 8018, B.1); without one it is HMAC with SHA-1. */
const PRFS: Readonly<Record<string, { name: string; size: number }>> = {
  '1.2.840.113549.2.7': { name: 'sha1', size: 20 },
  '1.2.840.113549.2.8': { name: 'sha224', size: 28 },
  '1.2.840.113549.2.9': { name: 'sha256', size: 32 },
  '1.2.840.113549.2.10': { name: 'sha384', size: 48 },
  '1.2.840.113549.2.11': { name: 'sha512', size: 64 },
};

/**
 * Decrypts a SEQUENCE that is encrypted under a passphrase.
 * @param algorithm the AlgorithmIdentifier
 * @param passwords byte forms of the passphrase, tried in order
 * @returns the SEQUENCE, or `null` when no form opens it
 * @throws CertificateError `unsupported-encryption`, `too-many-iterations`, `malformed`
 */
export async function decryptElement(
  algorithm: Element | undefined,
  ciphertext: Uint8Array,
  passwords: readonly Password[],
  budget: Budget,
): Promise<Element | null> {
  for (const password of passwords) {
    const bytes = await decrypt(algorithm, ciphertext, password, budget);
    const element = bytes && wholeSequence(bytes);
    if (element) return element;
  }
  return null;
}

/** One wrong key in 256 leaves a padding that looks right, and noise before it: that is no SEQUENCE to its end. */
function wholeSequence(bytes: Uint8Array): Element | null {
  try {
    const element = readBer(bytes);
    return element.tag === TAG.sequence && element.raw.length === bytes.length ? element : null;
  } catch {
    return null;
  }
}

/** @returns `null` when the padding shows a wrong key */
async function decrypt(
  algorithm: Element | undefined,
  ciphertext: Uint8Array,
  password: Password,
  budget: Budget,
): Promise<Uint8Array | null> {
  const [identifier, parameters] = sequence(algorithm, 2);
  const id = oid(identifier);
  if (id === PBES2) return decryptPbes2(sequence(parameters, 2), ciphertext, password, budget);
  const scheme = LEGACY[id];
  if (!scheme) throw unsupported(`scheme ${id}`);
  return decryptLegacy(scheme, sequence(parameters, 2), ciphertext, password, budget);
}

async function decryptLegacy(
  { cipher, keyBytes }: LegacyScheme,
  [saltElement, iterationsElement]: readonly Element[],
  ciphertext: Uint8Array,
  password: Password,
  budget: Budget,
): Promise<Uint8Array | null> {
  const salt = octets(saltElement);
  const iterations = integer(iterationsElement);
  budget.derivation(iterations, Math.ceil(keyBytes / SHA1.size) + 1);
  const common = { password: password.bmp, salt, iterations, digest: SHA1 };
  const key = pkcs12Key({ ...common, purpose: PURPOSE.key, length: keyBytes });
  const iv = pkcs12Key({ ...common, purpose: PURPOSE.iv, length: 8 });
  if (!wholeBlocks(ciphertext, 8)) return null;
  const padded =
    cipher === 'rc2'
      ? await decryptRc2(ciphertext, key, iv, keyBytes * 8)
      : decipher(cipher, key, iv, ciphertext);
  return unpad(padded, 8);
}

async function decryptPbes2(
  [kdf, encryption]: readonly Element[],
  ciphertext: Uint8Array,
  password: Password,
  budget: Budget,
): Promise<Uint8Array | null> {
  const [cipherId, ivElement] = sequence(encryption, 2);
  const cipher = CIPHERS[oid(cipherId)];
  if (!cipher) throw unsupported(`cipher ${oid(cipherId)}`);
  const iv = octets(ivElement);
  if (iv.length !== cipher.block) throw malformed('impossible initialisation vector');

  const [kdfId, parameters] = sequence(kdf, 2);
  if (oid(kdfId) !== PBKDF2) throw unsupported(`key derivation ${oid(kdfId)}`);
  const [saltElement, iterationsElement, ...rest] = sequence(parameters, 2);
  const iterations = integer(iterationsElement);
  const prfElement = rest.find((element) => element.tag === TAG.sequence);
  const prfId = prfElement ? oid(sequence(prfElement, 1)[0]) : '1.2.840.113549.2.7';
  const prf = PRFS[prfId];
  if (!prf) throw unsupported(`hash ${prfId}`);

  budget.derivation(iterations, Math.ceil(cipher.keyBytes / prf.size));
  const key = await derive(password.utf8, octets(saltElement), iterations, cipher.keyBytes, prf.name);
  if (!wholeBlocks(ciphertext, cipher.block)) return null;
  return unpad(decipher(cipher.name, key, iv, ciphertext), cipher.block);
}

function decipher(name: string, key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Buffer {
  const cipher = createDecipheriv(name, key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(ciphertext), cipher.final()]);
}

function wholeBlocks(ciphertext: Uint8Array, block: number): boolean {
  return ciphertext.length > 0 && ciphertext.length % block === 0;
}

/** Takes off the padding of PKCS#7; `null` when it is none. */
function unpad(bytes: Uint8Array, block: number): Uint8Array | null {
  const count = bytes.at(-1) ?? 0;
  const padding = bytes.subarray(bytes.length - count);
  const right = count >= 1 && count <= block && padding.every((byte) => byte === count);
  return right ? bytes.subarray(0, bytes.length - count) : null;
}

function unsupported(what: string): CertificateError {
  return new CertificateError(
    'unsupported-encryption',
    `The file is encrypted in a way that is not supported (${what}). Export it again with AES-256 or 3DES, or ` +
      'upload the certificate and key as PEM.',
  );
}
