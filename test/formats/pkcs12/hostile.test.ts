import { createPrivateKey, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientCertificate } from '../../../shared/formats/pkcs12/certificate.ts';
import { CertificateError } from '../../../shared/formats/pkcs12/errors.ts';
import { certificateBag, dataPart, keyBag, nestedBags, unsealed } from './crafted.ts';
import { ec, pfxOf, readPemFiles, readPfxFile } from './fixtures.ts';

const original = new X509Certificate(ec.certificatePem);

const FILES = [
  { name: 'AES-256', file: pfxOf(ec, { iterations: 1 }), sealed: true },
  { name: 'RC2', file: pfxOf(ec, { iterations: 1, encryption: 'rc2-40' }), sealed: true },
  { name: '3DES without a seal', file: pfxOf(ec, { iterations: 1, encryption: '3des', sealed: false }) },
  { name: 'no encryption at all', file: inTheClear() },
];

function inTheClear(): Uint8Array {
  const pkcs8 = createPrivateKey(ec.keyPem).export({ type: 'pkcs8', format: 'der' });
  return unsealed(dataPart(nestedBags(1, certificateBag(original.raw), keyBag(pkcs8))));
}

/** Whatever comes in gives the one kind of error, or a certificate with its key: under a seal, the original one. */
async function harmless(reading: Promise<ClientCertificate>, sealed = false): Promise<void> {
  const read = await reading.catch((error: unknown) => {
    if (!(error instanceof CertificateError)) throw error;
    return null;
  });
  if (!read) return;
  const leaf = new X509Certificate(read.certificatePem);
  expect(leaf.checkPrivateKey(createPrivateKey(read.keyPem.reveal()))).toBe(true);
  if (sealed) expect(leaf.fingerprint256).toBe(original.fingerprint256);
}

describe.each(FILES)('a PFX with $name', ({ file, sealed }) => {
  it('cut anywhere is refused', async () => {
    for (let length = 0; length < file.length; length += 1) {
      await expect(readPfxFile(file.subarray(0, length))).rejects.toBeInstanceOf(CertificateError);
    }
  });

  it('with any one byte changed does no harm', async () => {
    for (const change of [0x01, 0x20, 0x80, 0xff]) {
      for (let at = 0; at < file.length; at += 1) {
        await harmless(readPfxFile(file.with(at, (file[at] as number) ^ change)), sealed);
      }
    }
  });

  it('with several places changed does no harm', async () => {
    const place = fc.tuple(
      fc.nat(file.length - 1),
      fc.constantFrom(0, 1, 2, 4, 5, 6, 0x30, 0x7f, 0x80, 0xa0, 0xff),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(place, { minLength: 2, maxLength: 6 }), async (places) => {
        const changed = Uint8Array.from(file);
        for (const [at, value] of places) changed[at] = value;
        await harmless(readPfxFile(changed), sealed);
      }),
      { numRuns: 500 },
    );
  });
});

describe('noise', () => {
  it('of any kind is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (noise) => {
        await expect(readPfxFile(noise)).rejects.toBeInstanceOf(CertificateError);
      }),
      { numRuns: 500 },
    );
  });

  it('in the place of the bags is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (noise) => {
        await expect(readPfxFile(unsealed(dataPart(noise)))).rejects.toBeInstanceOf(CertificateError);
        await expect(readPfxFile(unsealed(noise))).rejects.toBeInstanceOf(CertificateError);
      }),
      { numRuns: 500 },
    );
  });

  it('in PEM does no harm', async () => {
    const change = fc.tuple(fc.nat(ec.certificatePem.length), fc.nat(40), fc.string({ maxLength: 10 }));
    const applied = (text: string, [at, length, by]: [number, number, string]) =>
      text.slice(0, at) + by + text.slice(at + length);
    await fc.assert(
      fc.asyncProperty(change, change, async (first, second) => {
        await harmless(readPemFiles(applied(ec.certificatePem, first), ec.keyPem));
        await harmless(readPemFiles(ec.certificatePem, applied(ec.keyPem, second)));
      }),
      { numRuns: 300 },
    );
  });
});
