import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { context, integer, oid, sequence } from '../../../infra/sandbox/pki/der.ts';
import { CERTIFICATE_ERROR_CODES, type CertificateErrorCode } from '../../../shared/formats/pkcs12/errors.ts';
import { MAX_BAGS, MAX_FILE_BYTES, MAX_ITERATIONS } from '../../../shared/formats/pkcs12/limits.ts';
import {
  certificateBag,
  dataPart,
  encryptedPart,
  keyBag,
  legacyScheme,
  nestedBags,
  oversizedRsaKey,
  pbes2,
  pbkdf2,
  RC2_40,
  sealed,
  SHA1,
  unsealed,
} from './crafted.ts';
import {
  client,
  DAY,
  ec,
  NOW,
  odd,
  PASSPHRASE,
  pfxOf,
  readPemFiles,
  readPfxFile,
  refusal,
  rsa,
} from './fixtures.ts';

interface Refusal {
  readonly code: CertificateErrorCode;
  readonly name: string;
  read(): Promise<unknown>;
  /** What the message must tell. */
  readonly says: RegExp;
}

const der = new X509Certificate(ec.certificatePem).raw;
const file = pfxOf(ec);

/** The file with one byte string replaced by another of the same length. */
function patched(from: Uint8Array, to: Uint8Array): Uint8Array {
  const copy = Buffer.from(file);
  const at = copy.indexOf(from);
  expect(at).toBeGreaterThan(0);
  copy.set(to, at);
  return copy;
}

const REFUSALS: readonly Refusal[] = [
  {
    code: 'not-pkcs12',
    name: 'some other file',
    read: () => readPfxFile(Buffer.from('<html>Přihlášení</html>')),
    says: /not a PKCS#12/,
  },
  { code: 'not-pkcs12', name: 'an empty file', read: () => readPfxFile(new Uint8Array(0)), says: /cut off/ },
  {
    code: 'not-pkcs12',
    name: 'a file cut in half',
    read: () => readPfxFile(file.subarray(0, file.length / 2)),
    says: /cut off/,
  },
  {
    code: 'not-pkcs12',
    name: 'PEM instead of PFX',
    read: () => readPfxFile(Buffer.from(ec.certificatePem + ec.keyPem)),
    says: /as PEM instead/,
  },
  {
    code: 'not-pkcs12',
    name: 'a PFX of an unknown version',
    read: () => readPfxFile(patched(Buffer.of(2, 1, 3), Buffer.of(2, 1, 4))),
    says: /not a PKCS#12/,
  },
  { code: 'no-key', name: 'a .cer in DER', read: () => readPfxFile(der), says: /without its private key/ },
  {
    code: 'no-key',
    name: 'a .crt in PEM',
    read: () => readPfxFile(Buffer.from(ec.certificatePem)),
    says: /without its private key/,
  },
  {
    code: 'no-key',
    name: 'a .p7b bundle',
    read: () => readPfxFile(sequence(oid('1.2.840.113549.1.7.2'), context(0, sequence(integer(1))))),
    says: /without its private key/,
  },
  {
    code: 'no-key',
    name: 'a PFX without a key',
    read: () => readPfxFile(pfxOf(ec, { keys: [] })),
    says: /no private key/,
  },
  {
    code: 'no-key',
    name: 'PEM without a key',
    read: () => readPemFiles(ec.certificatePem, ec.certificatePem),
    says: /no private key/,
  },
  {
    code: 'no-certificate',
    name: 'a PFX without a certificate',
    read: () => readPfxFile(pfxOf(ec, { certificates: [] })),
    says: /no certificate/,
  },
  {
    code: 'no-certificate',
    name: 'PEM without one',
    read: () => readPemFiles('', ec.keyPem),
    says: /no certificate/,
  },
  {
    code: 'wrong-passphrase',
    name: 'a sealed file',
    read: () => readPfxFile(file, 'Test12345678'),
    says: /capital letters/,
  },
  {
    code: 'wrong-passphrase',
    name: 'an unsealed file',
    read: () => readPfxFile(pfxOf(ec, { sealed: false }), 'Test12345678'),
    says: /Check the passphrase/,
  },
  {
    code: 'wrong-passphrase',
    name: 'no passphrase for a file that has one',
    read: () => readPfxFile(pfxOf(ec, { encryption: 'rc2-40' }), ''),
    says: /does not open/,
  },
  {
    code: 'wrong-passphrase',
    name: 'a sealed file changed on its way',
    read: () => readPfxFile(file.with(200, (file[200] as number) ^ 1)),
    says: /changed on its way/,
  },
  {
    code: 'wrong-passphrase',
    name: 'a file made with two passphrases',
    read: () => readPfxFile(sealed([encryptedPart(legacyScheme(RC2_40, 1))])),
    says: /two passphrases/,
  },
  {
    code: 'key-mismatch',
    name: 'the key of another certificate',
    read: () => readPfxFile(pfxOf({ ...ec, keyPem: client().keyPem })),
    says: /does not belong.*EC klient/,
  },
  {
    code: 'key-mismatch',
    name: 'a key of another kind',
    read: () => readPemFiles(ec.certificatePem, rsa.keyPem),
    says: /does not belong/,
  },
  {
    code: 'key-mismatch',
    name: 'a key whose secret part was damaged',
    read: () => {
      const pkcs8 = createPrivateKey(ec.keyPem).export({ type: 'pkcs8', format: 'der' });
      const at = pkcs8.indexOf(Buffer.of(0x02, 0x01, 0x01, 0x04, 0x20)) + 20;
      const bags = nestedBags(0, keyBag(pkcs8.with(at, (pkcs8[at] as number) ^ 1)), certificateBag(der));
      return readPfxFile(unsealed(dataPart(bags)));
    },
    says: /does not belong/,
  },
  {
    code: 'ambiguous',
    name: 'two valid identities',
    read: () =>
      readPfxFile(
        pfxOf(ec, {
          keys: [{ pem: ec.keyPem }, { pem: rsa.keyPem }],
          certificates: [{ pem: ec.certificatePem }, { pem: rsa.certificatePem }],
        }),
      ),
    says: /CN=.* and .*CN=/,
  },
  {
    code: 'expired',
    name: 'a certificate of the past',
    read: () => readPfxFile(pfxOf(client({ notAfter: NOW - DAY }))),
    says: /expired on 2024-05-05T07:08:09.000Z/,
  },
  {
    code: 'not-yet-valid',
    name: 'a certificate of the future',
    read: () => readPfxFile(pfxOf(client({ notBefore: NOW + DAY }))),
    says: /only from 2024-05-07T07:08:09.000Z/,
  },
  {
    code: 'too-large',
    name: 'a large file',
    read: () => readPfxFile(new Uint8Array(MAX_FILE_BYTES + 1)),
    says: /40961 bytes/,
  },
  {
    code: 'too-large',
    name: 'large PEM',
    read: () => readPemFiles(' '.repeat(MAX_FILE_BYTES + 1), ec.keyPem),
    says: /40961 bytes/,
  },
  {
    code: 'too-many-bags',
    name: 'many certificates',
    read: () =>
      readPfxFile(pfxOf(ec, { certificates: new Array(MAX_BAGS).fill({ pem: ec.certificatePem }) })),
    says: /more than 32/,
  },
  {
    code: 'too-many-bags',
    name: 'many empty parts',
    read: () => readPfxFile(unsealed(...new Array(MAX_BAGS + 1).fill(dataPart(sequence())))),
    says: /more than 32/,
  },
  {
    code: 'too-many-bags',
    name: 'PEM with many certificates',
    read: () => readPemFiles(ec.certificatePem.repeat(MAX_BAGS + 1), ec.keyPem),
    says: /more than 32/,
  },
  {
    code: 'malformed',
    name: 'bags nested too deeply',
    read: () => readPfxFile(unsealed(dataPart(nestedBags(30)))),
    says: /nested too deeply/,
  },
  {
    code: 'malformed',
    name: 'a certificate that is none',
    read: () => readPemFiles(ec.certificatePem.replace('MII', 'MAA').replace('MIH', 'MAA'), ec.keyPem),
    says: /a certificate in it cannot be read/,
  },
  {
    code: 'malformed',
    name: 'a PEM block without an end',
    read: () => readPemFiles('-----BEGIN CERTIFICATE-----\nMIIB', ec.keyPem),
    says: /has no end/,
  },
  {
    code: 'malformed',
    name: 'an initialisation vector of the wrong length',
    read: () => readPfxFile(unsealed(encryptedPart(pbes2(pbkdf2(1), 8)))),
    says: /initialisation vector/,
  },
  {
    code: 'malformed',
    name: 'no rounds at all',
    read: () => readPfxFile(unsealed(encryptedPart(legacyScheme(RC2_40, 0)))),
    says: /no rounds/,
  },
  {
    code: 'too-many-iterations',
    name: 'PBES2',
    read: () => readPfxFile(unsealed(encryptedPart(pbes2(pbkdf2(MAX_ITERATIONS + 1))))),
    says: /600000 rounds/,
  },
  {
    code: 'too-many-iterations',
    name: 'RC2',
    read: () => readPfxFile(unsealed(encryptedPart(legacyScheme(RC2_40, 0x7fffffff)))),
    says: /600000 rounds/,
  },
  {
    code: 'too-many-iterations',
    name: 'the seal',
    read: () => readPfxFile(sealed([], SHA1, 0x7fffffff)),
    says: /600000 rounds/,
  },
  {
    code: 'unsupported-encryption',
    name: 'RC4',
    read: () => readPfxFile(unsealed(encryptedPart(legacyScheme('1.2.840.113549.1.12.1.1', 1)))),
    says: /AES-256 or 3DES/,
  },
  {
    code: 'unsupported-encryption',
    name: 'scrypt',
    read: () =>
      readPfxFile(unsealed(encryptedPart(pbes2(sequence(oid('1.3.6.1.4.1.11591.4.11'), sequence()))))),
    says: /1\.3\.6\.1\.4\.1\.11591\.4\.11/,
  },
  {
    code: 'unsupported-encryption',
    name: 'an unknown seal',
    read: () => readPfxFile(sealed([], '1.2.840.113549.1.5.14')),
    says: /sealed in a way.*SHA-256/,
  },
  {
    code: 'unsupported-encryption',
    name: 'an unknown hash',
    read: () => readPfxFile(unsealed(encryptedPart(pbes2(pbkdf2(1, sequence(oid('1.2.840.113549.2.5'))))))),
    says: /hash 1\.2\.840\.113549\.2\.5/,
  },
  {
    code: 'unsupported-encryption',
    name: 'a file protected by a public key',
    read: () => readPfxFile(unsealed(sequence(oid('1.2.840.113549.1.7.3'), context(0, sequence())))),
    says: /with a passphrase/,
  },
  {
    code: 'unsupported-key',
    name: 'a short RSA key, which TLS refuses',
    read: () => readPfxFile(pfxOf(odd(generateKeyPairSync('rsa', { modulusLength: 1024 })))),
    says: /RSA with 1024 bits/,
  },
  {
    code: 'unsupported-key',
    name: 'a curve no bank uses',
    read: () => readPfxFile(pfxOf(odd(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })))),
    says: /secp256k1/,
  },
  {
    code: 'unsupported-key',
    name: 'an RSA key with primes that would take hours to use',
    read: () =>
      readPfxFile(unsealed(dataPart(nestedBags(0, keyBag(oversizedRsaKey()), certificateBag(der))))),
    says: /cannot be read/,
  },
  {
    code: 'unsupported-key',
    name: 'a key that cannot be read',
    read: () =>
      readPemFiles(ec.certificatePem, '-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----'),
    says: /cannot be read/,
  },
  {
    code: 'passphrase-needed',
    name: 'an encrypted PEM key alone',
    read: () =>
      readPemFiles(
        ec.certificatePem,
        '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----',
      ),
    says: /openssl pkey/,
  },
];

describe('a file that cannot be used is refused', () => {
  it.each(REFUSALS)('$code: $name', async ({ code, read, says }) => {
    const message = await refusal(read(), code);
    expect(message).toMatch(says);
    expect(message).not.toMatch(new RegExp(PASSPHRASE, 'i'));
  });

  it('for every reason of the closed list', () => {
    expect(new Set(REFUSALS.map(({ code }) => code))).toEqual(new Set(CERTIFICATE_ERROR_CODES));
  });
});
