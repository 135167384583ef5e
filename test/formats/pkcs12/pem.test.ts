import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ec, readPemFiles, refusal, rsa } from './fixtures.ts';

const pem = (type: 'pkcs8' | 'pkcs1' | 'sec1', keyPem: string, encryption: object = {}): string =>
  createPrivateKey(keyPem)
    .export({ type, format: 'pem', ...encryption } as { type: 'pkcs8'; format: 'pem' })
    .toString();

const CIPHER = { cipher: 'aes-256-cbc', passphrase: 'žluťoučký kůň' };

describe('certificate and key in PEM', () => {
  it.each([
    { name: 'PKCS#8', issued: rsa, key: rsa.keyPem },
    { name: 'PKCS#1', issued: rsa, key: pem('pkcs1', rsa.keyPem) },
    { name: 'SEC1', issued: ec, key: pem('sec1', ec.keyPem) },
  ])('are read with the key as $name', async ({ issued, key }) => {
    const read = await readPemFiles(issued.certificatePem, key);
    expect(read.keyPem.reveal()).toBe(issued.keyPem);
    expect(read.certificatePem).toBe(new X509Certificate(issued.certificatePem).toString());
  });

  it('may come in one file with the remarks OpenSSL writes, and Windows line ends', async () => {
    const file = `Bag Attributes\n  friendlyName: klient\n${rsa.certificatePem}Key Attributes: <No Attributes>\n${rsa.keyPem}`;
    const windows = file.replaceAll('\n', '\r\n');
    expect((await readPemFiles(windows, windows)).keyPem.reveal()).toBe(rsa.keyPem);
  });

  it.each([
    { name: 'PKCS#8', issued: rsa, key: pem('pkcs8', rsa.keyPem, CIPHER) },
    { name: 'the traditional form', issued: rsa, key: pem('pkcs1', rsa.keyPem, CIPHER) },
    { name: 'the traditional form of EC', issued: ec, key: pem('sec1', ec.keyPem, CIPHER) },
  ])('are read with the key encrypted in $name', async ({ issued, key }) => {
    const read = await readPemFiles(issued.certificatePem, key, CIPHER.passphrase);
    expect(read.keyPem.reveal()).toBe(issued.keyPem);
    expect(await refusal(readPemFiles(issued.certificatePem, key, 'kůň'), 'wrong-passphrase')).toMatch(
      /Check/,
    );
    await refusal(readPemFiles(issued.certificatePem, key), 'passphrase-needed');
  });
});
