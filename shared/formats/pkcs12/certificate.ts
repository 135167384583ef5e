import { createHash, type X509Certificate } from 'node:crypto';
import { isoInstant } from '../../domain/dates.ts';
import { Secret } from '../../domain/secret.ts';
import { chooseIdentity, oneLine } from './identity.ts';
import { readPem } from './pem.ts';
import { readPfx } from './pfx.ts';

/** A client certificate as an operator uploads it. */
export type CertificateInput =
  | { readonly pfx: Uint8Array; readonly passphrase: Secret }
  | {
      readonly certificatePem: string;
      readonly keyPem: Secret;
      /** Of an encrypted key. */
      readonly passphrase?: Secret;
    };

/** A client certificate ready for TLS, and what an operator wants to see of it. */
export interface ClientCertificate {
  /** Leaf first, then its chain. */
  readonly certificatePem: string;
  /** PKCS#8, not encrypted. */
  readonly keyPem: Secret;
  /** Distinguished names on one line, `C=CZ, O=Firma s.r.o., CN=…`. */
  readonly subject: string;
  readonly issuer: string;
  /** Hexadecimal, upper case. */
  readonly serial: string;
  /** UTC instants, ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** SHA-256 of the leaf's DER, hexadecimal, lower case. */
  readonly fingerprint: string;
  /** `rsa-2048`, `ec-P-256` …. */
  readonly keyType: string;
  /** How many certificates follow the leaf. */
  readonly chain: number;
  /** What the operator should know although the certificate is accepted. */
  readonly warnings: readonly string[];
}

const DAY_MS = 86_400_000;
const EXPIRY_WARNING_DAYS = 30;
const CLIENT_AUTH = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'];

/**
 * Reads and checks an uploaded client certificate: it opens, the key fits, it is valid now.
 * @param now epoch milliseconds
 * @throws CertificateError with a code of the closed list; nothing else
 */
export async function readClientCertificate(
  input: CertificateInput,
  now: number,
): Promise<ClientCertificate> {
  const store =
    'pfx' in input
      ? await readPfx(input.pfx, input.passphrase)
      : await readPem(input.certificatePem, input.keyPem, input.passphrase ?? null);
  const { leaf, key, keyType, chain, leftOver } = chooseIdentity(store, now);
  return {
    certificatePem: [leaf, ...chain].map((certificate) => certificate.toString()).join(''),
    keyPem: new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString()),
    subject: oneLine(leaf.subject),
    issuer: oneLine(leaf.issuer),
    serial: leaf.serialNumber,
    notBefore: isoInstant(leaf.validFromDate.getTime()),
    notAfter: isoInstant(leaf.validToDate.getTime()),
    fingerprint: createHash('sha256').update(leaf.raw).digest('hex'),
    keyType,
    chain: chain.length,
    warnings: warningsOf(leaf, leftOver, now),
  };
}

function warningsOf(leaf: X509Certificate, leftOver: number, now: number): string[] {
  const warnings: string[] = [];
  const daysLeft = Math.floor((leaf.validToDate.getTime() - now) / DAY_MS);
  if (daysLeft < EXPIRY_WARNING_DAYS) {
    warnings.push(
      `The certificate expires on ${isoInstant(leaf.validToDate.getTime())}, in ${daysLeft} days. Ask the bank for a new one now.`,
    );
  }
  // An absent extension allows every use, yet some banks insist on it.
  if (!leaf.keyUsage?.some((use) => CLIENT_AUTH.includes(use))) {
    warnings.push(
      'The certificate does not name client authentication (clientAuth) among its uses. The bank may refuse it; ' +
        'prove the connection before relying on it.',
    );
  }
  if (leftOver > 0) {
    warnings.push(
      `${leftOver} further certificates in the file do not belong to its chain and were left out.`,
    );
  }
  return warnings;
}
