import { sign, verify, type KeyObject, type X509Certificate } from 'node:crypto';
import { CertificateError } from './errors.ts';
import { keyTypeOf, type KeyStore } from './store.ts';

/** A certificate with its key, and the certificates that lead from it towards its root. */
export interface Identity {
  readonly leaf: X509Certificate;
  readonly key: KeyObject;
  /** `rsa-2048`, `ec-P-256` …. */
  readonly keyType: string;
  /** Issuer of the leaf first. */
  readonly chain: readonly X509Certificate[];
  /** Certificates of the file that have no place in the chain. */
  readonly leftOver: number;
}

interface Pair {
  readonly leaf: X509Certificate;
  readonly key: KeyObject;
  /** True when the file itself links the two. */
  readonly linked: boolean;
}

/**
 * Chooses the certificate and key to present to the bank.
 *
 * A pair is what fits by its public key. Only pairs valid now count. Several certificates for one key are versions of
 * each other: the one the file links to the key wins, then the one valid longest. Two different keys with valid
 * certificates are two identities, and which one is meant cannot be guessed.
 *
 * @param now epoch milliseconds
 * @throws CertificateError `no-key`, `no-certificate`, `key-mismatch`, `expired`, `not-yet-valid`, `ambiguous`,
 * `unsupported-key`
 */
export function chooseIdentity(store: KeyStore, now: number): Identity {
  const pairs = pairsOf(store);
  const valid = pairs.filter(
    ({ leaf }) => leaf.validFromDate.getTime() <= now && now <= leaf.validToDate.getTime(),
  );
  const [best] = valid.sort(
    (a, b) =>
      Number(b.linked) - Number(a.linked) || b.leaf.validToDate.getTime() - a.leaf.validToDate.getTime(),
  );
  if (!best) throw outOfDate(pairs, now);
  const others = valid.filter(({ leaf }) => !leaf.checkPrivateKey(best.key));
  if (others.length > 0) {
    throw new CertificateError(
      'ambiguous',
      `The file holds several certificates with keys: ${[best, ...others].map(({ leaf }) => nameOf(leaf)).join(' and ')}. ` +
        'Export only the one that belongs to this bank.',
    );
  }
  const { leaf, key } = best;
  const keyType = keyTypeOf(key);
  if (!proves(best)) throw mismatch(store);
  const certificates = distinct(store);
  const chain = chainOf(leaf, certificates);
  return { leaf, key, keyType, chain, leftOver: certificates.length - 1 - chain.length };
}

function pairsOf(store: KeyStore): Pair[] {
  if (store.keys.length === 0) {
    throw new CertificateError(
      'no-key',
      'There is no private key in the file. Export the certificate together with its private key, on the computer ' +
        'where it was applied for.',
    );
  }
  if (store.certificates.length === 0) {
    throw new CertificateError(
      'no-certificate',
      'There is no certificate in the file, only a key. Export the key together with the certificate the bank issued.',
    );
  }
  const pairs = store.certificates.flatMap(({ certificate: leaf, localKeyId }) =>
    store.keys
      .filter(({ key }) => leaf.checkPrivateKey(key))
      .map((stored) => ({
        leaf,
        key: stored.key,
        linked: localKeyId !== null && localKeyId === stored.localKeyId,
      })),
  );
  if (pairs.length === 0) throw mismatch(store);
  return pairs;
}

/** True when the key signs what the certificate verifies: a damaged private part shows here, not at the bank. */
function proves({ leaf, key }: Pair): boolean {
  const probe = Buffer.from('probe');
  try {
    return verify('sha256', probe, leaf.publicKey, sign('sha256', probe, key));
  } catch {
    return false;
  }
}

function mismatch(store: KeyStore): CertificateError {
  const names = store.certificates.map(({ certificate }) => nameOf(certificate)).join('; ');
  return new CertificateError(
    'key-mismatch',
    `The private key does not belong to the certificate (${names}). Upload the certificate issued for this key, or ` +
      'the key it was issued for.',
  );
}

function outOfDate(pairs: readonly Pair[], now: number): CertificateError {
  const future = pairs.filter(({ leaf }) => leaf.validFromDate.getTime() > now);
  const [soonest] = future.sort((a, b) => a.leaf.validFromDate.getTime() - b.leaf.validFromDate.getTime());
  if (soonest) {
    return new CertificateError(
      'not-yet-valid',
      `The certificate ${nameOf(soonest.leaf)} is valid only from ${soonest.leaf.validFromDate.toISOString()}. Upload it ` +
        'again then; if that moment has passed, correct the clock.',
    );
  }
  const [latest] = [...pairs].sort((a, b) => b.leaf.validToDate.getTime() - a.leaf.validToDate.getTime());
  const { leaf } = latest as Pair;
  return new CertificateError(
    'expired',
    `The certificate ${nameOf(leaf)} expired on ${leaf.validToDate.toISOString()}. Ask the bank for a new one and upload that.`,
  );
}

/** The path from the leaf upwards, as far as the file goes. */
function chainOf(leaf: X509Certificate, certificates: readonly X509Certificate[]): X509Certificate[] {
  const rest = new Map(certificates.map((certificate) => [certificate.fingerprint256, certificate]));
  rest.delete(leaf.fingerprint256);
  const chain: X509Certificate[] = [];
  let lowest = leaf;
  for (;;) {
    const issuer = [...rest.values()].find((candidate) => isIssuedBy(lowest, candidate));
    if (!issuer) return chain;
    rest.delete(issuer.fingerprint256);
    chain.push(issuer);
    lowest = issuer;
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // A key of an algorithm this OpenSSL does not know.
    return false;
  }
}

function distinct(store: KeyStore): X509Certificate[] {
  return [
    ...new Map(
      store.certificates.map(({ certificate }) => [certificate.fingerprint256, certificate]),
    ).values(),
  ];
}

/** A distinguished name on one line: `C=CZ, O=Firma s.r.o., CN=…`; Node has no value at all for an empty one. */
export function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}

/** For messages, whose length is not the file's to choose. */
function nameOf(certificate: X509Certificate): string {
  return oneLine(certificate.subject).slice(0, 200);
}
