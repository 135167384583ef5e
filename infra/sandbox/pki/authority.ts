import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { authorityExtensions, hostsExtension, signCertificate, usageExtensions, type Name } from './x509.ts';

/** A span of time; epoch milliseconds. A demo's clock may stand in the past, so nothing here reads the real one. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A certificate with its private key, both PEM (the key as PKCS#8). */
export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export type ClientKeyType = 'rsa-2048' | 'ec-P-256';

export interface ClientRequest extends Partial<Validity> {
  readonly commonName: string;
  readonly organisation: string;
  /** Hexadecimal; random when absent. */
  readonly serial?: string;
  /** Banks issue RSA, which is the default. */
  readonly keyType?: ClientKeyType;
}

/** A certificate authority of a simulated bank. What it issues is valid as long as itself unless asked otherwise. */
export interface Authority {
  readonly certificatePem: string;
  /** A server certificate for DNS names and IPv4 addresses. */
  issueServer(request: { readonly hosts: readonly string[] }): IssuedCertificate;
  issueClient(request: ClientRequest): IssuedCertificate;
  /** An authority below this one. */
  issueAuthority(request: { readonly commonName: string }): Authority;
}

/** A self-signed authority with an EC key. */
export function createAuthority({
  commonName,
  ...validity
}: { readonly commonName: string } & Validity): Authority {
  const name = { commonName };
  const { privateKey, publicKey } = newKeyPair('ec-P-256');
  const self = {
    subject: name,
    issuer: name,
    publicKey,
    issuerKey: publicKey,
    extensions: authorityExtensions(),
  };
  return authority(name, privateKey, validity, signCertificate({ ...self, ...validity }, privateKey));
}

function authority(issuer: Name, signer: KeyObject, validity: Validity, certificatePem: string): Authority {
  const issuerKey = createPublicKey(signer);
  const issue = (
    request: {
      subject: Name;
      publicKey: KeyObject;
      extensions: readonly Buffer[];
      serial?: string;
    } & Partial<Validity>,
  ) => signCertificate({ ...validity, ...request, issuer, issuerKey }, signer);

  return {
    certificatePem,
    issueServer({ hosts }) {
      const { privateKey, publicKey } = newKeyPair('ec-P-256');
      const subject = { commonName: hosts[0] ?? 'localhost' };
      const extensions = [...usageExtensions('serverAuth'), hostsExtension(hosts)];
      return { certificatePem: issue({ subject, publicKey, extensions }), keyPem: pkcs8(privateKey) };
    },
    issueClient({ commonName, organisation, keyType = 'rsa-2048', ...rest }) {
      const { privateKey, publicKey } = newKeyPair(keyType);
      const subject = { country: 'CZ', organisation, commonName };
      const extensions = usageExtensions('clientAuth');
      return {
        certificatePem: issue({ ...rest, subject, publicKey, extensions }),
        keyPem: pkcs8(privateKey),
      };
    },
    issueAuthority({ commonName }) {
      const { privateKey, publicKey } = newKeyPair('ec-P-256');
      const certificate = issue({ subject: { commonName }, publicKey, extensions: authorityExtensions() });
      return authority({ commonName }, privateKey, validity, certificate);
    },
  };
}

function newKeyPair(type: ClientKeyType): { privateKey: KeyObject; publicKey: KeyObject } {
  return type === 'rsa-2048'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function pkcs8(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
