import type { KeyObject } from 'node:crypto';
import type { Secret } from '../../domain/secret.ts';
import { octets, readBer, sequence } from './ber.ts';
import { decryptElement } from './encryption.ts';
import { CertificateError, malformed } from './errors.ts';
import { checkSize, newBudget, type Budget } from './limits.ts';
import { passwordsOf } from './password.ts';
import { loadCertificate, loadKey, type KeyStore, type StoredKey } from './store.ts';

/** One block of a PEM file. */
interface Block {
  readonly label: string;
  readonly body: string;
  /** The block with its borders. */
  readonly text: string;
}

const CERTIFICATE_LABELS = ['CERTIFICATE', 'X509 CERTIFICATE'];
const KEY_LABELS = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'];

/**
 * Reads certificates and keys from PEM (RFC 7468). Text around the blocks and other blocks are passed over, so one
 * combined file can be given twice.
 * @param passphrase of an encrypted key
 * @throws CertificateError
 */
export async function readPem(
  certificatePem: string,
  keyPem: Secret,
  passphrase: Secret | null,
): Promise<KeyStore> {
  const keyText = keyPem.reveal();
  checkSize(Math.max(certificatePem.length, keyText.length));
  const budget = newBudget();
  const certificates = blocks(certificatePem, CERTIFICATE_LABELS, budget).map((block) => ({
    certificate: loadCertificate(block.text),
    localKeyId: null,
  }));
  const keys: StoredKey[] = [];
  for (const block of blocks(keyText, KEY_LABELS, budget)) {
    keys.push({ key: await readKey(block, passphrase, budget), localKeyId: null });
  }
  return { keys, certificates };
}

/** The blocks with one of the labels, in order. */
function blocks(text: string, labels: readonly string[], budget: Budget): Block[] {
  const found: Block[] = [];
  for (let at = text.indexOf('-----BEGIN '); at !== -1; at = text.indexOf('-----BEGIN ', at + 1)) {
    const label = /^-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text.slice(at, at + 60))?.[1];
    if (label === undefined || !labels.includes(label)) continue;
    const closing = `-----END ${label}-----`;
    const end = text.indexOf(closing, at);
    if (end === -1) throw malformed(`the PEM block ${label} has no end`);
    budget.bag();
    const start = at + `-----BEGIN ${label}-----`.length;
    found.push({ label, body: text.slice(start, end), text: text.slice(at, end + closing.length) });
  }
  return found;
}

async function readKey(block: Block, passphrase: Secret | null, budget: Budget): Promise<KeyObject> {
  // The old OpenSSL form, which hashes one round only.
  const traditional = block.body.includes('Proc-Type: 4,ENCRYPTED');
  if (block.label !== 'ENCRYPTED PRIVATE KEY' && !traditional) return loadKey(block.text);
  if (passphrase === null) {
    throw new CertificateError(
      'passphrase-needed',
      'The private key is encrypted. Give its passphrase too, or decrypt it first (openssl pkey -in key.pem -out plain.pem).',
    );
  }
  return traditional
    ? loadKey({ key: block.text, passphrase: passphrase.reveal() }, wrongPassphrase())
    : await openPkcs8(block.body, passphrase, budget);
}

/** PKCS#8 is opened here and not by OpenSSL, which would hash as many rounds as the file says. */
async function openPkcs8(body: string, passphrase: Secret, budget: Budget): Promise<KeyObject> {
  const [algorithm, ciphertext] = sequence(readBer(Buffer.from(body, 'base64')), 2);
  const passwords = passwordsOf(passphrase);
  const element = await decryptElement(algorithm, octets(ciphertext), passwords, budget);
  if (!element) throw wrongPassphrase();
  return loadKey({ key: Buffer.from(element.raw), format: 'der', type: 'pkcs8' });
}

function wrongPassphrase(): CertificateError {
  return new CertificateError(
    'wrong-passphrase',
    'The passphrase does not open the private key, or the key is damaged. Check the passphrase, or export it again.',
  );
}
