import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import forge from 'node-forge';
import { integer, nothing, octets, oid, sequence } from './der.ts';

/** Ways to encrypt one part of a PFX file. */
export type Scheme = 'pbes2-aes-256' | 'pbe-3des' | 'pbe-rc2-40';

/** What the passphrase does: `null` is the empty one written as no bytes at all. */
export interface Protection {
  readonly passphrase: string | null;
  readonly iterations: number;
}

/** @returns the AlgorithmIdentifier and the encrypted bytes */
export function encrypt(scheme: Scheme, plain: Uint8Array, protection: Protection) {
  return scheme === 'pbes2-aes-256' ? pbes2(plain, protection) : legacy(scheme, plain, protection);
}

function pbes2(plain: Uint8Array, { passphrase, iterations }: Protection) {
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const cipher = createCipheriv(
    'aes-256-cbc',
    pbkdf2Sync(passphrase ?? '', salt, iterations, 32, 'sha256'),
    iv,
  );
  const prf = sequence(oid('1.2.840.113549.2.9'), nothing());
  const kdf = sequence(oid('1.2.840.113549.1.5.12'), sequence(octets(salt), integer(iterations), prf));
  const encryption = sequence(oid('2.16.840.1.101.3.4.1.42'), octets(iv));
  return {
    algorithm: sequence(oid('1.2.840.113549.1.5.13'), sequence(kdf, encryption)),
    ciphertext: Buffer.concat([cipher.update(plain), cipher.final()]),
  };
}

/** pbeWithSHA1And3-KeyTripleDES-CBC and pbeWithSHA1And40BitRC2-CBC (RFC 7292, appendix C). */
function legacy(scheme: 'pbe-3des' | 'pbe-rc2-40', plain: Uint8Array, protection: Protection) {
  const salt = randomBytes(8);
  const derived = (purpose: number, length: number) => deriveKey(protection, salt, purpose, length, 'sha1');
  const iv = derived(2, 8);
  const parameters = sequence(octets(salt), integer(protection.iterations));
  if (scheme === 'pbe-rc2-40') {
    const algorithm = sequence(oid('1.2.840.113549.1.12.1.6'), parameters);
    return { algorithm, ciphertext: rc2(derived(1, 5), iv, plain) };
  }
  const cipher = createCipheriv('des-ede3-cbc', derived(1, 24), iv);
  const algorithm = sequence(oid('1.2.840.113549.1.12.1.3'), parameters);
  return { algorithm, ciphertext: Buffer.concat([cipher.update(plain), cipher.final()]) };
}

/** The PKCS#12 key derivation, by node-forge so that the reader under test has a second opinion. */
export function deriveKey(
  { passphrase, iterations }: Protection,
  salt: Uint8Array,
  purpose: number,
  length: number,
  digest: 'sha1' | 'sha256',
): Buffer {
  const md = digest === 'sha1' ? forge.md.sha1.create() : forge.md.sha256.create();
  const key = forge.pkcs12.generateKey(passphrase, binary(salt), purpose, iterations, length, md);
  return Buffer.from(key.getBytes(), 'latin1');
}

function rc2(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Buffer {
  const cipher = forge.rc2.createEncryptionCipher(binary(key), 40);
  cipher.start(binary(iv));
  cipher.update(binary(plain));
  cipher.finish();
  return Buffer.from(cipher.output.getBytes(), 'latin1');
}

function binary(bytes: Uint8Array): forge.util.ByteStringBuffer {
  return forge.util.createBuffer(Buffer.from(bytes).toString('latin1'));
}
