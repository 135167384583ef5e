import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect } from 'vitest';
import { createAuthority, type IssuedCertificate } from '../../../infra/sandbox/pki/authority.ts';
import { composePfx, type PfxContent } from '../../../infra/sandbox/pki/pfx.ts';
import { signCertificate, usageExtensions } from '../../../infra/sandbox/pki/x509.ts';
import { Secret } from '../../../shared/domain/secret.ts';
import { readClientCertificate, type ClientCertificate } from '../../../shared/formats/pkcs12/certificate.ts';
import { CertificateError, type CertificateErrorCode } from '../../../shared/formats/pkcs12/errors.ts';

/** The moment all these tests happen at; none of them asks the machine. */
export const NOW = Date.parse('2024-05-06T07:08:09Z');
export const DAY = 86_400_000;
export const YEAR = 365 * DAY;
export const PASSPHRASE = 'test12345678';

export const authority = createAuthority({
  commonName: 'Zkušební autorita',
  notBefore: NOW - YEAR,
  notAfter: NOW + 5 * YEAR,
});

export const rsa = authority.issueClient({ commonName: 'Žluťoučký kůň', organisation: 'Firma, s.r.o.' });
export const ec = authority.issueClient({
  commonName: 'EC klient',
  organisation: 'Firma, s.r.o.',
  keyType: 'ec-P-256',
});

/** A client certificate with an EC key, which is quick to make. */
export function client(request: { commonName?: string; notBefore?: number; notAfter?: number } = {}) {
  return authority.issueClient({
    commonName: 'klient',
    organisation: 'Firma',
    keyType: 'ec-P-256',
    ...request,
  });
}

/** Another certificate for the key of an issued one, signed by that key itself. */
export function selfSigned(
  keyPem: string,
  validity: { notBefore?: number; notAfter?: number; extensions?: Buffer[] } = {},
): string {
  const key = createPrivateKey(keyPem);
  const publicKey = createPublicKey(key);
  const name = { commonName: 'vlastní' };
  return signCertificate(
    {
      subject: name,
      issuer: name,
      publicKey,
      issuerKey: publicKey,
      notBefore: NOW - DAY,
      notAfter: NOW + YEAR,
      extensions: usageExtensions('clientAuth'),
      ...validity,
    },
    key,
  );
}

/** A key of a kind the authority does not issue, with a certificate for it. */
export function odd(pair: { privateKey: KeyObject; publicKey: KeyObject }): IssuedCertificate {
  const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = { commonName: 'jiný klíč' };
  const certificatePem = signCertificate(
    {
      subject: name,
      issuer: name,
      publicKey: pair.publicKey,
      issuerKey: signer.publicKey,
      notBefore: NOW - DAY,
      notAfter: NOW + YEAR,
      extensions: [],
    },
    signer.privateKey,
  );
  return { certificatePem, keyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** A PFX with the given items; few rounds, because most tests are not about them. */
export function pfxOf(issued: IssuedCertificate, more: Partial<PfxContent> = {}): Uint8Array {
  return composePfx({
    keys: [{ pem: issued.keyPem }],
    certificates: [{ pem: issued.certificatePem }],
    passphrase: PASSPHRASE,
    encryption: 'aes-256',
    iterations: 4,
    ...more,
  });
}

export function readPfxFile(
  pfx: Uint8Array,
  passphrase: string = PASSPHRASE,
  now = NOW,
): Promise<ClientCertificate> {
  return readClientCertificate({ pfx, passphrase: new Secret(passphrase) }, now);
}

export function readPemFiles(certificatePem: string, keyPem: string, passphrase?: string) {
  const secret = passphrase === undefined ? {} : { passphrase: new Secret(passphrase) };
  return readClientCertificate({ certificatePem, keyPem: new Secret(keyPem), ...secret }, NOW);
}

/** Waits for the refusal and checks its code. @returns its message */
export async function refusal(result: Promise<unknown>, code: CertificateErrorCode): Promise<string> {
  const error = await result.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CertificateError);
  expect((error as CertificateError).code).toBe(code);
  return (error as CertificateError).message;
}
