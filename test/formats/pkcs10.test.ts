import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import forge from 'node-forge';
import { expect, test } from 'vitest';
import { Secret } from '../../shared/domain/secret.ts';
import { certificateRequest } from '../../shared/formats/pkcs10/request.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = new Secret(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const made = certificateRequest(key, { commonName: 'gateway.example.com', country: 'CZ' });

test('a request is what another library reads: subject, key, extensions, signature', () => {
  const read = forge.pki.certificationRequestFromPem(made);
  expect(read.verify()).toBe(true);
  expect(read.subject.attributes.map(({ shortName, value }) => `${shortName}=${String(value)}`)).toEqual([
    'C=CZ',
    'CN=gateway.example.com',
  ]);
  const publicPem = forge.pki.publicKeyToPem(read.publicKey as forge.pki.rsa.PublicKey);
  const spki = (pem: string): string =>
    createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('hex');
  expect(spki(publicPem)).toBe(pair.publicKey.export({ type: 'spki', format: 'der' }).toString('hex'));
  const { extensions } = read.getAttribute({ name: 'extensionRequest' }) as unknown as {
    extensions: { name: string; critical: boolean }[];
  };
  expect(extensions).toMatchObject([
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true, keyCertSign: false },
    { name: 'extKeyUsage', clientAuth: true },
  ]);
  // sha256WithRSAEncryption
  expect((read as unknown as { signatureOid: string }).signatureOid).toBe('1.2.840.113549.1.1.11');
});

test('holds nothing of the private key, and the same key gives the same request', () => {
  expect(certificateRequest(key, { commonName: 'gateway.example.com', country: 'CZ' })).toBe(made);
  const secret = Buffer.from(key.reveal().split('\n').slice(1, -2).join(''), 'base64');
  const bytes = Buffer.from(made.split('\n').slice(1, -2).join(''), 'base64');
  const { d, p } = pair.privateKey.export({ format: 'jwk' });
  for (const part of [d!, p!]) {
    const number = Buffer.from(part, 'base64url');
    expect(secret.includes(number)).toBe(true);
    expect(bytes.includes(number)).toBe(false);
  }
});

const openssl = spawnSync('openssl', ['version']).status === 0;
if (!openssl) console.warn('SKIPPED: openssl is not installed, the request is read by node-forge only');
test.runIf(openssl)('OpenSSL reads and verifies it', () => {
  const text = execFileSync('openssl', ['req', '-verify', '-noout', '-text'], {
    input: made,
    stdio: 'pipe',
  }).toString();
  expect(text).toMatch(/Subject: ?C ?= ?CZ, CN ?= ?gateway\.example\.com/);
  expect(text).toContain('TLS Web Client Authentication');
  expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment/);
});
