import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { CertificateError, malformed } from './errors.ts';

/** A private key of a file. */
export interface StoredKey {
  readonly key: KeyObject;
  /** The file's own link between a key and its certificate, hex. */
  readonly localKeyId: string | null;
}

/** A certificate of a file. */
export interface StoredCertificate {
  readonly certificate: X509Certificate;
  readonly localKeyId: string | null;
}

/** What a PFX or PEM file holds, before anything is chosen from it. */
export interface KeyStore {
  readonly keys: readonly StoredKey[];
  readonly certificates: readonly StoredCertificate[];
}

/** Names of the curves TLS clients use, by OpenSSL's names for them. */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

const RSA_BITS = { least: 2048, most: 8192 };

/**
 * Loads a private key.
 * @param options DER as PKCS#8, or a PEM block with the passphrase it may need
 * @param unreadable what to throw for a key that cannot be read
 * @throws CertificateError `unsupported-key`
 */
export function loadKey(
  options: Parameters<typeof createPrivateKey>[0],
  unreadable = unsupportedKey('it cannot be read'),
): KeyObject {
  try {
    return createPrivateKey(options);
  } catch {
    throw unreadable;
  }
}

/**
 * Kind and size of a key: `rsa-2048`, `ec-P-256` ….
 * @throws CertificateError `unsupported-key` for a key that TLS would refuse or that takes long to use
 */
export function keyTypeOf(key: KeyObject): string {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') {
    if (modulusLength < RSA_BITS.least || modulusLength > RSA_BITS.most) {
      throw unsupportedKey(`RSA with ${modulusLength} bits`);
    }
    return `rsa-${modulusLength}`;
  }
  const curve = CURVES[namedCurve];
  if (key.asymmetricKeyType === 'ec' && curve) return `ec-${curve}`;
  throw unsupportedKey([key.asymmetricKeyType, namedCurve].filter(Boolean).join(' '));
}

/** Loads a certificate from DER or PEM. @throws CertificateError `malformed` */
export function loadCertificate(bytes: Uint8Array | string): X509Certificate {
  try {
    const certificate = new X509Certificate(bytes);
    const dates = certificate.validFromDate.getTime() + certificate.validToDate.getTime();
    if (!Number.isNaN(dates)) return certificate;
  } catch {
    // Falls through: what OpenSSL says about broken ASN.1 helps no operator.
  }
  throw malformed('a certificate in it cannot be read');
}

function unsupportedKey(what: string): CertificateError {
  return new CertificateError(
    'unsupported-key',
    `The private key cannot be used (${what}). Ask the bank for a certificate with an RSA key of ` +
      `${RSA_BITS.least} to ${RSA_BITS.most} bits or an EC key on P-256, P-384 or P-521.`,
  );
}
