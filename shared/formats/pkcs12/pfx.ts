import type { Secret } from '../../domain/secret.ts';
import { explicit, integer, octets, oid, readBer, sequence, TAG, type Element } from './ber.ts';
import { decryptElement } from './encryption.ts';
import { CertificateError, malformed } from './errors.ts';
import { checkSize, newBudget, type Budget } from './limits.ts';
import { passwordsOf, type Password } from './password.ts';
import { verifySeal } from './seal.ts';
import { loadCertificate, loadKey, type KeyStore, type StoredCertificate, type StoredKey } from './store.ts';

const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';

const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const SAFE_CONTENTS_BAG = '1.2.840.113549.1.12.10.1.6';

const X509 = '1.2.840.113549.1.9.22.1';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';

/** What every step of one reading shares. */
interface Reading {
  readonly passwords: readonly Password[];
  /** True when the passphrase opened the seal. */
  readonly sealed: boolean;
  readonly budget: Budget;
  readonly keys: StoredKey[];
  readonly certificates: StoredCertificate[];
}

/**
 * Reads a PKCS#12 file (RFC 7292): RC2, 3DES and AES, with or without a seal, DER or BER.
 * @throws CertificateError when the file is none, is damaged, passes a limit, or does not open with the passphrase
 */
export async function readPfx(pfx: Uint8Array, passphrase: Secret): Promise<KeyStore> {
  checkSize(pfx.length);
  const { content, macData } = readOuter(pfx);
  const budget = newBudget();
  const passwords = passwordsOf(passphrase);
  const opened = macData ? verifySeal(macData, content, passwords, budget) : null;
  if (macData && !opened) {
    throw new CertificateError(
      'wrong-passphrase',
      'The passphrase does not open the file. Check capital letters and keyboard layout; if it is right, the file ' +
        'was changed on its way: export or download it again.',
    );
  }
  const preferred = opened ? [opened, ...passwords.filter((password) => password !== opened)] : passwords;
  const reading = { passwords: preferred, sealed: opened !== null, budget, keys: [], certificates: [] };
  for (const part of sequence(readBer(content))) await readPart(part, reading);
  return reading;
}

/** The bytes under the seal, and the seal. */
function readOuter(pfx: Uint8Array): { content: Uint8Array; macData: Element | undefined } {
  let parts: readonly Element[];
  let type: string;
  let contentInfo: readonly Element[];
  try {
    parts = sequence(readBer(pfx), 2);
    contentInfo = sequence(parts[1], 2);
    type = oid(contentInfo[0]);
    if (integer(parts[0]) !== 3) throw malformed('unknown version');
  } catch {
    throw notPkcs12(pfx);
  }
  if (type !== DATA) throw publicKeyProtected(type);
  return { content: octets(explicit(contentInfo[1], 0)), macData: parts[2] };
}

/** One part of the file: its bags in the clear or encrypted together. */
async function readPart(part: Element, reading: Reading): Promise<void> {
  reading.budget.bag();
  const [typeElement, wrapped] = sequence(part, 2);
  const type = oid(typeElement);
  if (type === DATA) return readBags(readBer(octets(explicit(wrapped, 0))), reading);
  if (type !== ENCRYPTED_DATA) throw publicKeyProtected(type);
  const [, algorithm, ciphertext] = sequence(sequence(explicit(wrapped, 0), 2)[1], 3);
  await readBags(await open(algorithm, octets(ciphertext, TAG.context), reading), reading);
}

async function readBags(bags: Element, reading: Reading): Promise<void> {
  for (const bag of sequence(bags)) await readBag(bag, reading);
}

async function readBag(bag: Element, reading: Reading): Promise<void> {
  reading.budget.bag();
  const [typeElement, wrapped, attributes] = sequence(bag, 2);
  const value = explicit(wrapped, 0);
  const localKeyId = localKeyIdOf(attributes);
  switch (oid(typeElement)) {
    case KEY_BAG:
      reading.keys.push({ key: loadPkcs8(value), localKeyId });
      return;
    case SHROUDED_KEY_BAG: {
      const [algorithm, ciphertext] = sequence(value, 2);
      reading.keys.push({ key: loadPkcs8(await open(algorithm, octets(ciphertext), reading)), localKeyId });
      return;
    }
    case CERTIFICATE_BAG: {
      const [kind, certificate] = sequence(value, 2);
      if (oid(kind) !== X509) return;
      reading.certificates.push({
        certificate: loadCertificate(octets(explicit(certificate, 0))),
        localKeyId,
      });
      return;
    }
    case SAFE_CONTENTS_BAG:
      await readBags(value, reading);
      return;
    default:
    // Revocation lists and other secrets are of no use here.
  }
}

async function open(
  algorithm: Element | undefined,
  ciphertext: Uint8Array,
  { passwords, sealed, budget }: Reading,
): Promise<Element> {
  const element = await decryptElement(algorithm, ciphertext, passwords, budget);
  if (element) return element;
  throw new CertificateError(
    'wrong-passphrase',
    sealed
      ? 'The passphrase opens the file but not what is in it: the file was made with two passphrases or is ' +
          'damaged. Export it again with one passphrase.'
      : 'The passphrase does not open the file, or the file is damaged. Check the passphrase, or export it again.',
  );
}

function loadPkcs8(element: Element) {
  return loadKey({ key: Buffer.from(element.raw), format: 'der', type: 'pkcs8' });
}

function localKeyIdOf(attributes: Element | undefined): string | null {
  for (const attribute of attributes?.children ?? []) {
    const [type, values] = sequence(attribute, 2);
    const value = values?.children[0];
    if (oid(type) === LOCAL_KEY_ID && value) return Buffer.from(octets(value)).toString('hex');
  }
  return null;
}

function publicKeyProtected(type: string): CertificateError {
  return new CertificateError(
    'unsupported-encryption',
    `The file is not protected by a passphrase but in another way (${type}). Export it again with a passphrase.`,
  );
}

/** Says what was uploaded instead of a PFX, as far as it can be told. */
function notPkcs12(bytes: Uint8Array): CertificateError {
  const text = Buffer.from(bytes).toString('latin1');
  if (text.includes('PRIVATE KEY-----')) {
    return new CertificateError(
      'not-pkcs12',
      'The file is PEM, not PKCS#12. Upload its certificate and private key as PEM instead.',
    );
  }
  if (isCertificate(bytes) || isBundle(bytes)) {
    return new CertificateError(
      'no-key',
      'The file holds a certificate without its private key (.cer, .crt, .p7b). Export the certificate together ' +
        'with its private key as .p12 or .pfx, on the computer where it was applied for.',
    );
  }
  return new CertificateError(
    'not-pkcs12',
    'The file is not a PKCS#12 (.p12, .pfx) file, or it was cut off. Upload the file exactly as the bank issued it.',
  );
}

function isCertificate(bytes: Uint8Array): boolean {
  try {
    loadCertificate(bytes);
    return true;
  } catch {
    return false;
  }
}

/** A PKCS#7 bundle of certificates, as binary or PEM. */
function isBundle(bytes: Uint8Array): boolean {
  if (Buffer.from(bytes).includes('-----BEGIN PKCS7-----')) return true;
  try {
    return oid(sequence(readBer(bytes), 1)[0]) === SIGNED_DATA;
  } catch {
    return false;
  }
}
