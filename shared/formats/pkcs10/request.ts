import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { Secret } from '../../domain/secret.ts';
import { bits, context, nothing, octets, oid, printable, sequence, set, small, truth, utf8 } from './der.ts';

/** Object identifiers of X.520, RFC 5280, RFC 2985 and RFC 8017. */
const OID = {
  commonName: '2.5.4.3',
  country: '2.5.4.6',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  extensionRequest: '1.2.840.113549.1.9.14',
  sha256WithRsa: '1.2.840.113549.1.1.11',
} as const;

/** digitalSignature and keyEncipherment (0xa0); the five last bits do not count. */
const KEY_USAGE = [Buffer.of(0xa0), 5] as const;

/**
 * A certificate request (PKCS#10, RFC 2986) for a TLS client: SHA-256 with RSA, key usage digitalSignature and
 * keyEncipherment, extended key usage clientAuth. The same key and subject give the same bytes.
 * @param key PEM of an RSA key; it signs the request and is not in it
 * @returns PEM
 */
export function certificateRequest(
  key: Secret,
  subject: { readonly commonName: string; readonly country: string },
): string {
  const privateKey = createPrivateKey(key.reveal());
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const info = sequence(small(0), nameOf(subject), publicKey, context(0, extensionRequest()));
  const signature = sign('sha256', info, privateKey);
  return pem(sequence(info, sequence(oid(OID.sha256WithRsa), nothing()), bits(signature)));
}

/** From the widest to the narrowest (X.501); what people write as `CN=…, C=…`. */
function nameOf({ commonName, country }: { commonName: string; country: string }): Buffer {
  const part = (type: string, value: Buffer): Buffer => set(sequence(oid(type), value));
  return sequence(part(OID.country, printable(country)), part(OID.commonName, utf8(commonName)));
}

function extensionRequest(): Buffer {
  const usage = sequence(oid(OID.keyUsage), truth(), octets(bits(...KEY_USAGE)));
  const purpose = sequence(oid(OID.extendedKeyUsage), octets(sequence(oid(OID.clientAuth))));
  return sequence(oid(OID.extensionRequest), set(sequence(usage, purpose)));
}

function pem(der: Uint8Array): string {
  const text = Buffer.from(der).toString('base64');
  const lines = text.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}
