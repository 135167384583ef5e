/** Why a certificate file cannot be used: a closed set, so that callers map codes and never messages. */
export const CERTIFICATE_ERROR_CODES = [
  'not-pkcs12',
  'malformed',
  'too-large',
  'too-many-bags',
  'too-many-iterations',
  'wrong-passphrase',
  'passphrase-needed',
  'unsupported-encryption',
  'unsupported-key',
  'no-key',
  'no-certificate',
  'key-mismatch',
  'ambiguous',
  'expired',
  'not-yet-valid',
] as const;

export type CertificateErrorCode = (typeof CERTIFICATE_ERROR_CODES)[number];

/** A certificate file that was refused. `message` tells the operator what was found and what to do next. */
export class CertificateError extends Error {
  readonly code: CertificateErrorCode;

  constructor(code: CertificateErrorCode, message: string) {
    super(message);
    this.name = 'CertificateError';
    this.code = code;
  }
}

/** The error for a file that begins as it should and then breaks its own structure. */
export function malformed(what: string): CertificateError {
  return new CertificateError(
    'malformed',
    `The certificate file is damaged (${what}). Export it again and upload the new file unchanged.`,
  );
}
