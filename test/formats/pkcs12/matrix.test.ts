import { createPrivateKey, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { describe, expect, it } from 'vitest';
import type { PfxEncryption } from '../../../infra/sandbox/pki/pfx.ts';
import { ec, PASSPHRASE, pfxOf, readPfxFile, rsa } from './fixtures.ts';

const ENCRYPTIONS: readonly PfxEncryption[] = ['aes-256', '3des', 'rc2-40'];

/** What the operator types, and what the writer was given where it differs. */
const PASSPHRASES = [
  { name: 'ASCII', typed: PASSPHRASE, written: PASSPHRASE },
  { name: 'Latin-1', typed: 'Überweisung ß', written: 'Überweisung ß' },
  { name: 'Czech', typed: 'Příliš žluťoučký kůň', written: 'Příliš žluťoučký kůň' },
  { name: 'beyond the basic plane', typed: 'účet 💶', written: 'účet 💶' },
  { name: 'longer than a hash block', typed: 'heslo '.repeat(30), written: 'heslo '.repeat(30) },
  { name: 'empty, with its closing zero', typed: '', written: '' },
  { name: 'empty, as no bytes at all', typed: '', written: null },
];

const CLIENTS = [
  { keyType: 'rsa-2048', issued: rsa },
  { keyType: 'ec-P-256', issued: ec },
];

describe.each(ENCRYPTIONS)('a PFX encrypted with %s', (encryption) => {
  describe.each(PASSPHRASES)('under a passphrase that is $name', ({ typed, written }) => {
    it.each(CLIENTS)('gives the $keyType key and its certificate', async ({ keyType, issued }) => {
      const pfx = pfxOf(issued, { encryption, passphrase: written });
      const read = await readPfxFile(pfx, typed);
      expect(read.certificatePem).toBe(new X509Certificate(issued.certificatePem).toString());
      expect(read.keyPem.reveal()).toBe(issued.keyPem);
      expect(read.keyType).toBe(keyType);
    });

    it('opens without a seal too', async () => {
      const read = await readPfxFile(pfxOf(ec, { encryption, passphrase: written, sealed: false }), typed);
      expect(read.keyPem.reveal()).toBe(ec.keyPem);
    });
  });
});

describe('a PFX of OpenSSL before 1.1, which took a passphrase byte by byte', () => {
  it.each(['3des', 'rc2-40'] as const)('opens when encrypted with %s', async (encryption) => {
    const passphrase = Buffer.from('žluťoučký kůň', 'utf8').toString('latin1');
    const read = await readPfxFile(pfxOf(ec, { encryption, passphrase }), 'žluťoučký kůň');
    expect(read.keyPem.reveal()).toBe(ec.keyPem);
  });
});

describe('a PFX written by node-forge', () => {
  it.each(['aes128', 'aes192', 'aes256', '3des'] as const)(
    'with %s, SHA-1 throughout, gives key and certificate',
    async (algorithm) => {
      // forge reads no EC certificates, so the certificate is its own as well.
      const key = forge.pki.privateKeyFromPem(rsa.keyPem);
      const certificate = forge.pki.createCertificate();
      certificate.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
      certificate.serialNumber = '0102';
      certificate.validity.notBefore = new Date('2024-01-01T00:00:00Z');
      certificate.validity.notAfter = new Date('2025-01-01T00:00:00Z');
      certificate.setSubject([{ name: 'commonName', value: 'forge' }]);
      certificate.setIssuer([{ name: 'commonName', value: 'forge' }]);
      certificate.sign(key, forge.md.sha256.create());
      const options = { algorithm, count: 100, friendlyName: 'certificate of forge' };
      const asn1 = forge.pkcs12.toPkcs12Asn1(key, [certificate], PASSPHRASE, options);
      const read = await readPfxFile(Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1'));
      expect(read).toMatchObject({ subject: 'CN=forge', serial: '0102', chain: 0 });
      expect(createPrivateKey(read.keyPem.reveal()).equals(createPrivateKey(rsa.keyPem))).toBe(true);
    },
  );
});
