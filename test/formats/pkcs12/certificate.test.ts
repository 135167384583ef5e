import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { writePfx } from '../../../infra/sandbox/pki/pfx.ts';
import {
  authority,
  client,
  DAY,
  ec,
  NOW,
  pfxOf,
  PASSPHRASE,
  readPfxFile,
  rsa,
  selfSigned,
} from './fixtures.ts';

describe('a client certificate', () => {
  it('shows what an operator wants to see of it', async () => {
    const issued = authority.issueClient({
      commonName: 'Žluťoučký kůň',
      organisation: 'Firma, s.r.o.',
      serial: '0badc0ffee',
      notBefore: NOW - DAY,
      notAfter: NOW + 100 * DAY,
    });
    const read = await readPfxFile(pfxOf(issued));
    expect(read).toMatchObject({
      subject: 'C=CZ, O=Firma\\, s.r.o., CN=Žluťoučký kůň',
      issuer: 'CN=Zkušební autorita',
      serial: '0BADC0FFEE',
      notBefore: '2024-05-05T07:08:09.000Z',
      notAfter: '2024-08-14T07:08:09.000Z',
      keyType: 'rsa-2048',
      chain: 0,
      warnings: [],
    });
    const { raw } = new X509Certificate(issued.certificatePem);
    expect(read.fingerprint).toBe(createHash('sha256').update(raw).digest('hex'));
  });

  it('prints no key', async () => {
    const read = await readPfxFile(pfxOf(ec));
    expect(JSON.stringify(read)).toContain('"keyPem":"[secret]"');
    expect(inspect(read)).not.toContain('PRIVATE KEY');
  });

  it('warns 30 days before its end, with the day', async () => {
    const issued = client({ notAfter: NOW + 29 * DAY });
    const { warnings } = await readPfxFile(pfxOf(issued));
    expect(warnings).toEqual([expect.stringContaining('2024-06-04T07:08:09.000Z, in 29 days')]);
    expect((await readPfxFile(pfxOf(issued), PASSPHRASE, NOW - 2 * DAY)).warnings).toEqual([]);
  });

  it('warns when client authentication is not among its uses', async () => {
    const certificatePem = selfSigned(ec.keyPem, { extensions: [] });
    const { warnings } = await readPfxFile(pfxOf({ ...ec, certificatePem }));
    expect(warnings).toEqual([expect.stringContaining('clientAuth')]);
  });
});

describe('the chain', () => {
  const intermediate = authority.issueAuthority({ commonName: 'Mezilehlá autorita' });
  const issued = intermediate.issueClient({
    commonName: 'klient',
    organisation: 'Firma',
    keyType: 'ec-P-256',
  });
  const common = { ...issued, passphrase: PASSPHRASE, encryption: 'aes-256' } as const;

  it('follows the leaf in the order of issue, however the file orders it', async () => {
    const chain = [authority.certificatePem, intermediate.certificatePem];
    const read = await readPfxFile(writePfx({ ...common, chain }));
    expect(read.chain).toBe(2);
    expect(read.certificatePem).toBe(
      [issued.certificatePem, intermediate.certificatePem, authority.certificatePem]
        .map((pem) => new X509Certificate(pem).toString())
        .join(''),
    );
  });

  it('leaves out what does not belong to it, and says so', async () => {
    const stranger = client().certificatePem;
    const read = await readPfxFile(writePfx({ ...common, chain: [stranger, intermediate.certificatePem] }));
    expect(read.chain).toBe(1);
    expect(read.warnings).toEqual([expect.stringContaining('1 further')]);
  });

  it('is not led astray by a certificate of the same name with another key', async () => {
    const namesake = authority.issueAuthority({ commonName: 'Mezilehlá autorita' });
    const read = await readPfxFile(writePfx({ ...common, chain: [namesake.certificatePem] }));
    expect(read.chain).toBe(0);
  });

  it('counts a certificate that the file holds twice once', async () => {
    const twice = [issued.certificatePem, intermediate.certificatePem, intermediate.certificatePem];
    const read = await readPfxFile(writePfx({ ...common, chain: twice }));
    expect(read).toMatchObject({ chain: 1, warnings: [] });
  });
});

describe('a file with several bags', () => {
  const id = '01';

  it('gives the certificate that fits the key, wherever it stands', async () => {
    const others = [client(), client()].map(({ certificatePem: pem }) => ({ pem, localKeyId: id }));
    const pfx = pfxOf(rsa, {
      keys: [{ pem: rsa.keyPem, localKeyId: id }],
      certificates: [...others, { pem: rsa.certificatePem }],
    });
    expect((await readPfxFile(pfx)).subject).toContain('Žluťoučký');
  });

  it('gives the key that fits the certificate', async () => {
    const pfx = pfxOf(ec, { keys: [rsa, client(), ec].map(({ keyPem: pem }) => ({ pem })) });
    expect((await readPfxFile(pfx)).keyPem.reveal()).toBe(ec.keyPem);
  });

  it('may hold a key that TLS would refuse, as long as another one is meant', async () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const keys = [{ pem: short.export({ type: 'pkcs8', format: 'pem' }).toString() }, { pem: ec.keyPem }];
    expect((await readPfxFile(pfxOf(ec, { keys }))).keyPem.reveal()).toBe(ec.keyPem);
  });

  it('gives the valid one of two identities when the other has expired', async () => {
    const old = client({ commonName: 'starý', notAfter: NOW - DAY });
    const current = client({ commonName: 'nový' });
    const pfx = pfxOf(old, {
      keys: [{ pem: old.keyPem }, { pem: current.keyPem }],
      certificates: [{ pem: old.certificatePem }, { pem: current.certificatePem }],
    });
    expect((await readPfxFile(pfx)).subject).toContain('nový');
  });

  it('gives the one valid longest of two certificates for one key', async () => {
    const renewed = selfSigned(ec.keyPem, { notAfter: NOW + 20 * 365 * DAY });
    const certificates = [{ pem: ec.certificatePem }, { pem: renewed }];
    expect((await readPfxFile(pfxOf(ec, { certificates }))).subject).toBe('CN=vlastní');
  });

  it('prefers the certificate that the file links to the key', async () => {
    const keys = [{ pem: ec.keyPem, localKeyId: id }];
    const renewed = selfSigned(ec.keyPem, { notAfter: NOW + 20 * 365 * DAY });
    const certificates = [{ pem: renewed }, { pem: ec.certificatePem, localKeyId: id }];
    expect((await readPfxFile(pfxOf(ec, { keys, certificates }))).subject).toContain('EC klient');
  });
});
