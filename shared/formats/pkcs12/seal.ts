import { createHmac, timingSafeEqual } from 'node:crypto';
import { integer, octets, oid, sequence, type Element } from './ber.ts';
import { CertificateError } from './errors.ts';
import { DIGESTS, pkcs12Key, PURPOSE } from './kdf.ts';
import type { Budget } from './limits.ts';
import type { Password } from './password.ts';

/**
 * Finds the byte form of the passphrase that verifies a PFX file's MAC (RFC 7292, chapter 4).
 * @param macData the MacData element
 * @param content the bytes under the seal
 * @returns `null` when none does: a wrong passphrase, or a changed file
 * @throws CertificateError `unsupported-encryption`, `too-many-iterations`, `malformed`
 */
export function verifySeal(
  macData: Element,
  content: Uint8Array,
  passwords: readonly Password[],
  budget: Budget,
): Password | null {
  const [digestInfo, saltElement, iterationsElement] = sequence(macData, 2);
  const [algorithm, macElement] = sequence(digestInfo, 2);
  const id = oid(sequence(algorithm, 1)[0]);
  const digest = DIGESTS[id];
  if (!digest) {
    throw new CertificateError(
      'unsupported-encryption',
      `The file is sealed in a way that is not supported (${id}). Export it again with a SHA-256 MAC, or upload ` +
        'the certificate and key as PEM.',
    );
  }
  const mac = octets(macElement);
  const salt = octets(saltElement);
  const iterations = iterationsElement ? integer(iterationsElement) : 1;
  for (const password of passwords) {
    budget.derivation(iterations, 1);
    const length = digest.size;
    const key = pkcs12Key({ purpose: PURPOSE.mac, password: password.bmp, salt, iterations, length, digest });
    const computed = createHmac(digest.name, key).update(content).digest();
    if (mac.length === computed.length && timingSafeEqual(mac, computed)) return password;
  }
  return null;
}
