import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writePfx } from '../../../infra/sandbox/pki/pfx.ts';
import { ec, readPemFiles, readPfxFile, rsa } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'brana-pkcs12-'));
afterAll(() => rmSync(folder, { recursive: true }));

function openssl(...args: string[]): string {
  const env = { ...process.env, PASSPHRASE };
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env });
}

const PASSPHRASE = 'Příliš žluťoučký kůň';

/** OpenSSL 3 with its legacy provider: the independent judge of what is written and read here. */
function usable(): boolean {
  try {
    return openssl('list', '-providers', '-provider', 'legacy').includes('legacy');
  } catch {
    return false;
  }
}

const present = usable();
if (!present)
  console.log('SKIPPED: PKCS#12 against OpenSSL 3 (no openssl with a legacy provider on this machine)');

describe.skipIf(!present)('against OpenSSL', () => {
  const write = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  it.each([
    { name: 'its default', issued: rsa, args: [] },
    { name: 'its default with EC', issued: ec, args: [] },
    { name: 'RC2 and 3DES', issued: rsa, args: ['-legacy'] },
    { name: 'RC2 and 3DES with EC', issued: ec, args: ['-legacy'] },
    { name: 'RC2 with 128 bits', issued: ec, args: ['-legacy', '-certpbe', 'PBE-SHA1-RC2-128'] },
    { name: 'RC2 for the key too', issued: ec, args: ['-legacy', '-keypbe', 'PBE-SHA1-RC2-40'] },
    { name: 'two-key 3DES', issued: ec, args: ['-certpbe', 'PBE-SHA1-2DES', '-keypbe', 'PBE-SHA1-2DES'] },
    { name: 'AES-128 and a SHA-1 seal', issued: ec, args: ['-certpbe', 'AES-128-CBC', '-macalg', 'sha1'] },
    { name: 'a SHA-384 seal', issued: ec, args: ['-macalg', 'sha384'] },
    { name: 'a SHA-512 seal', issued: rsa, args: ['-macalg', 'sha512'] },
    { name: 'certificates in the clear', issued: ec, args: ['-certpbe', 'NONE'] },
    { name: 'nothing encrypted', issued: ec, args: ['-certpbe', 'NONE', '-keypbe', 'NONE'] },
    { name: 'no seal', issued: ec, args: ['-nomac'] },
    { name: 'one round', issued: ec, args: ['-noiter', '-nomaciter'] },
    { name: 'many rounds', issued: ec, args: ['-iter', '100000'] },
  ])('reads a PFX with $name', async ({ issued, args }) => {
    const cert = write('certificate.pem', issued.certificatePem);
    const key = write('key.pem', issued.keyPem);
    const out = join(folder, 'made.p12');
    const files = ['-in', cert, '-inkey', key, '-out', out, '-name', 'klient'];
    openssl('pkcs12', '-export', ...files, '-passout', 'env:PASSPHRASE', ...args);
    const read = await readPfxFile(readFileSync(out), PASSPHRASE);
    expect(read.keyPem.reveal()).toBe(issued.keyPem);
  });

  it.each(['aes-256', '3des', 'rc2-40'] as const)('writes a PFX with %s that it opens', (encryption) => {
    const path = write('ours.p12', writePfx({ ...rsa, passphrase: PASSPHRASE, encryption }));
    const opened = openssl('pkcs12', '-legacy', '-in', path, '-noenc', '-passin', 'env:PASSPHRASE');
    expect(opened).toContain(rsa.keyPem.trim());
    expect(opened).toContain(rsa.certificatePem.trim());
  });

  it.each(['aes-128-cbc', 'aes-256-cbc', 'des-ede3-cbc'])('reads a PEM key under %s', async (cipher) => {
    const args = ['-topk8', '-in', write('key.pem', ec.keyPem), '-v2', cipher];
    const encrypted = openssl('pkcs8', ...args, '-passout', 'env:PASSPHRASE');
    expect((await readPemFiles(ec.certificatePem, encrypted, PASSPHRASE)).keyPem.reveal()).toBe(ec.keyPem);
  });
});
