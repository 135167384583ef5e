import { CertificateError, malformed } from './errors.ts';

/**
 * Largest file accepted, in bytes. A client certificate with its key takes 3 to 6 KB; as PEM the file grows by some
 * 37 % and must still fit a Secrets Manager value of 64 KB.
 */
export const MAX_FILE_BYTES = 40 * 1024;

/** Most bags (keys, certificates, encrypted parts, nested ones included) a file may hold. */
export const MAX_BAGS = 32;

/** Most rounds one key derivation may ask for; writers use 2 000 to 100 000, the most cautious advice is 600 000. */
export const MAX_ITERATIONS = 600_000;

/** Most hash rounds one file may cost altogether: about two seconds in the slowest scheme. */
export const MAX_ROUNDS = 2_000_000;

/** What a file may still cost. Anyone can write any number into a file, before its passphrase proves anything. */
export interface Budget {
  /** Counts a bag. @throws CertificateError `too-many-bags` */
  bag(): void;
  /**
   * Counts a key derivation of `iterations` rounds for each of `blocks` hash outputs.
   * @throws CertificateError `too-many-iterations`, `malformed` when there is no round at all
   */
  derivation(iterations: number, blocks: number): void;
}

/** A fresh budget; one file, one budget. */
export function newBudget(): Budget {
  let bags = 0;
  let rounds = 0;
  return {
    bag() {
      bags += 1;
      if (bags > MAX_BAGS) {
        throw new CertificateError(
          'too-many-bags',
          `The file holds more than ${MAX_BAGS} keys and certificates. Export one certificate with its key and chain only.`,
        );
      }
    },
    derivation(iterations, blocks) {
      if (iterations < 1) throw malformed('no rounds of passphrase hashing');
      rounds += iterations * blocks;
      if (iterations > MAX_ITERATIONS || rounds > MAX_ROUNDS) {
        throw new CertificateError(
          'too-many-iterations',
          `The file asks for more passphrase hashing than allowed (${MAX_ITERATIONS} rounds a part, ${MAX_ROUNDS} ` +
            'altogether). Export it again with the default settings of your tool.',
        );
      }
    },
  };
}

/** @throws CertificateError `too-large` */
export function checkSize(length: number): void {
  if (length > MAX_FILE_BYTES) {
    throw new CertificateError(
      'too-large',
      `The certificate file has ${length} bytes, more than the ${MAX_FILE_BYTES} allowed. Upload a file with one ` +
        'certificate, its key and its chain only.',
    );
  }
}
