import { createHash, createHmac, createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { context, contextValue, integer, nothing, octets, oid, sequence, set } from './der.ts';
import { deriveKey, encrypt, type Protection, type Scheme } from './encryption.ts';

/** `rc2-40` is what banks' older tools issue and what OpenSSL 3 refuses. */
export type PfxEncryption = 'aes-256' | '3des' | 'rc2-40';

interface Profile {
  readonly certificates: Scheme;
  readonly keys: Scheme;
  readonly mac: 'sha1' | 'sha256';
}

const PROFILES: Readonly<Record<PfxEncryption, Profile>> = {
  'aes-256': { certificates: 'pbes2-aes-256', keys: 'pbes2-aes-256', mac: 'sha256' },
  '3des': { certificates: 'pbe-3des', keys: 'pbe-3des', mac: 'sha1' },
  'rc2-40': { certificates: 'pbe-rc2-40', keys: 'pbe-3des', mac: 'sha1' },
};

const DIGEST_OIDS = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1' };
const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';

/** Something a PFX file holds, PEM, with the link between key and certificate. */
export interface PfxItem {
  readonly pem: string;
  /** Hexadecimal; absent = no link. */
  readonly localKeyId?: string;
}

/** What to write, item by item. */
export interface PfxContent {
  readonly keys: readonly PfxItem[];
  readonly certificates: readonly PfxItem[];
  /** `null`: the empty passphrase written as no bytes at all. */
  readonly passphrase: string | null;
  readonly encryption: PfxEncryption;
  /** Default 2 000, as Windows writes it. */
  readonly iterations?: number;
  /** False leaves the MAC out. */
  readonly sealed?: boolean;
}

/** A PFX file as a bank hands it out: one certificate, its key, and perhaps the chain. */
export function writePfx(input: {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly passphrase: string;
  readonly encryption: PfxEncryption;
  /** Further certificates, PEM. */
  readonly chain?: readonly string[];
}): Uint8Array {
  const localKeyId = createHash('sha1').update(new X509Certificate(input.certificatePem).raw).digest('hex');
  const chain = (input.chain ?? []).map((pem) => ({ pem }));
  return composePfx({
    keys: [{ pem: input.keyPem, localKeyId }],
    certificates: [{ pem: input.certificatePem, localKeyId }, ...chain],
    passphrase: input.passphrase,
    encryption: input.encryption,
  });
}

/** A PFX file (RFC 7292) with any number of keys and certificates. */
export function composePfx(content: PfxContent): Uint8Array {
  const profile = PROFILES[content.encryption];
  const protection = { passphrase: content.passphrase, iterations: content.iterations ?? 2000 };
  const certificates = sequence(...content.certificates.map(certificateBag));
  const keys = sequence(...content.keys.map((key) => keyBag(key, profile.keys, protection)));
  const safe = sequence(encryptedData(certificates, profile.certificates, protection), data(keys));
  const seal = content.sealed === false ? [] : [macData(safe, profile.mac, protection)];
  return sequence(integer(3), data(safe), ...seal);
}

function data(content: Buffer): Buffer {
  return sequence(oid(DATA), context(0, octets(content)));
}

function encryptedData(content: Buffer, scheme: Scheme, protection: Protection): Buffer {
  const { algorithm, ciphertext } = encrypt(scheme, content, protection);
  const info = sequence(oid(DATA), algorithm, contextValue(0, ciphertext));
  return sequence(oid(ENCRYPTED_DATA), context(0, sequence(integer(0), info)));
}

function keyBag({ pem, localKeyId }: PfxItem, scheme: Scheme, protection: Protection): Buffer {
  const pkcs8 = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  const { algorithm, ciphertext } = encrypt(scheme, pkcs8, protection);
  const shrouded = sequence(algorithm, octets(ciphertext));
  return sequence(oid('1.2.840.113549.1.12.10.1.2'), context(0, shrouded), ...attributes(localKeyId));
}

function certificateBag({ pem, localKeyId }: PfxItem): Buffer {
  const der = new X509Certificate(pem).raw;
  const certificate = sequence(oid('1.2.840.113549.1.9.22.1'), context(0, octets(der)));
  return sequence(oid('1.2.840.113549.1.12.10.1.3'), context(0, certificate), ...attributes(localKeyId));
}

function attributes(localKeyId: string | undefined): Buffer[] {
  if (localKeyId === undefined) return [];
  const value = octets(Buffer.from(localKeyId, 'hex'));
  return [set(sequence(oid('1.2.840.113549.1.9.21'), set(value)))];
}

function macData(content: Buffer, digest: 'sha1' | 'sha256', protection: Protection): Buffer {
  const salt = randomBytes(8);
  const key = deriveKey(protection, salt, 3, digest === 'sha1' ? 20 : 32, digest);
  const mac = createHmac(digest, key).update(content).digest();
  const digestInfo = sequence(sequence(oid(DIGEST_OIDS[digest]), nothing()), octets(mac));
  return sequence(digestInfo, octets(salt), integer(protection.iterations));
}
