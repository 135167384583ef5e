import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import {
  bits,
  context,
  contextValue,
  integer,
  octets,
  oid,
  printable,
  sequence,
  set,
  time,
  toPem,
  truth,
  utf8,
} from './der.ts';

/** Parts of a distinguished name that simulated certificates use. */
export interface Name {
  readonly country?: string;
  readonly organisation?: string;
  readonly commonName: string;
}

/** What a certificate says. */
export interface CertificateContent {
  readonly subject: Name;
  readonly issuer: Name;
  readonly publicKey: KeyObject;
  /** Public half of the signer, for the authority key identifier. */
  readonly issuerKey: KeyObject;
  /** Hexadecimal; random when absent. */
  readonly serial?: string;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Buffer[];
}

/** A version 3 certificate (RFC 5280), signed with ECDSA and SHA-256. @param signer an EC key @returns PEM */
export function signCertificate(content: CertificateContent, signer: KeyObject): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const toBeSigned = sequence(
    context(0, integer(2)),
    integer(content.serial ? Buffer.from(content.serial, 'hex') : newSerial()),
    algorithm,
    nameOf(content.issuer),
    sequence(time(content.notBefore), time(content.notAfter)),
    nameOf(content.subject),
    spki(content.publicKey),
    context(
      3,
      sequence(
        ...content.extensions,
        extension('2.5.29.14', octets(keyIdentifier(content.publicKey))),
        extension('2.5.29.35', sequence(contextValue(0, keyIdentifier(content.issuerKey)))),
      ),
    ),
  );
  const signature = sign('sha256', toBeSigned, signer);
  return toPem('CERTIFICATE', sequence(toBeSigned, algorithm, bits(signature)));
}

/** basicConstraints and keyUsage of an authority. */
export function authorityExtensions(): Buffer[] {
  return [
    extension('2.5.29.19', sequence(truth()), true),
    extension('2.5.29.15', bits(Buffer.of(0x06), 1), true),
  ];
}

/** keyUsage (digitalSignature) and extendedKeyUsage of an end entity. */
export function usageExtensions(use: 'serverAuth' | 'clientAuth'): Buffer[] {
  const purpose = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' }[use];
  return [
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', bits(Buffer.of(0x80), 7), true),
    extension('2.5.29.37', sequence(oid(purpose))),
  ];
}

/** subjectAltName with DNS names and IPv4 addresses. */
export function hostsExtension(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIPv4(host)
      ? contextValue(7, Buffer.from(host.split('.').map(Number)))
      : contextValue(2, Buffer.from(host, 'ascii')),
  );
  return extension('2.5.29.17', sequence(...names));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [truth()] : []), octets(value));
}

function nameOf(name: Name): Buffer {
  const part = (id: string, value: Buffer) => set(sequence(oid(id), value));
  return sequence(
    ...(name.country === undefined ? [] : [part('2.5.4.6', printable(name.country))]),
    ...(name.organisation === undefined ? [] : [part('2.5.4.10', utf8(name.organisation))]),
    part('2.5.4.3', utf8(name.commonName)),
  );
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256').update(spki(key)).digest().subarray(0, 20);
}

/** Sixteen random bytes with the first bit clear and the second set: positive, and of one length. */
function newSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40;
  return serial;
}
