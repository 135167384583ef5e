import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP, type AddressInfo } from 'node:net';
import { connect, createSecureContext, createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, type IssuedCertificate } from '../../infra/sandbox/pki/authority.ts';
import { writePfx, type PfxEncryption } from '../../infra/sandbox/pki/pfx.ts';

const DAY = 86_400_000;
const validity = { notBefore: Date.now() - DAY, notAfter: Date.now() + 30 * DAY };
const authority = createAuthority({ commonName: 'Banka CA', ...validity });
const rsa = authority.issueClient({ commonName: 'klient', organisation: 'Firma' });
const ec = authority.issueClient({ commonName: 'EC klient', organisation: 'Firma', keyType: 'ec-P-256' });

describe('what the authority issues', () => {
  it('carries the dates it was asked for, whatever the real date', () => {
    const past = {
      notBefore: Date.parse('1999-02-03T04:05:06Z'),
      notAfter: Date.parse('2055-02-03T04:05:06Z'),
    };
    const old = createAuthority({ commonName: 'CA', ...past });
    const client = old.issueClient({
      commonName: 'klient',
      organisation: 'Firma',
      notBefore: Date.parse('2020-06-13T00:00:00Z'),
      notAfter: Date.parse('2025-06-11T00:00:00Z'),
    });
    const dates = ({ certificatePem }: { certificatePem: string }) => {
      const { validFromDate, validToDate } = new X509Certificate(certificatePem);
      return [validFromDate.toISOString().slice(0, 10), validToDate.toISOString().slice(0, 10)];
    };
    expect(dates(old)).toEqual(['1999-02-03', '2055-02-03']);
    expect(dates(client)).toEqual(['2020-06-13', '2025-06-11']);
    expect(dates(old.issueServer({ hosts: ['localhost'] }))).toEqual(['1999-02-03', '2055-02-03']);
  });

  it.each([
    { name: 'RSA', issued: rsa },
    { name: 'EC', issued: ec },
  ])('is signed by it and fits its $name key', ({ issued }) => {
    const certificate = new X509Certificate(issued.certificatePem);
    const issuer = new X509Certificate(authority.certificatePem);
    expect(certificate.checkIssued(issuer)).toBe(true);
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect([issuer.ca, certificate.ca]).toEqual([true, false]);
    expect(() => createSecureContext({ key: issued.keyPem, cert: issued.certificatePem })).not.toThrow();
  });
});

describe('mutual TLS', () => {
  const hosts = ['localhost', '127.0.0.1'];
  const issued = authority.issueServer({ hosts });
  const server = createServer(
    { key: issued.keyPem, cert: issued.certificatePem, ca: authority.certificatePem, requestCert: true },
    (socket: TLSSocket) => {
      socket.on('error', () => undefined);
      socket.end(new X509Certificate(socket.getPeerCertificate().raw).subject);
    },
  );

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  /** The last part of the name that the server read from our certificate. */
  async function greet(identity: object, servername: string, ca = authority.certificatePem): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const name = isIP(servername) ? {} : { servername };
    const socket = connect({ port, host: '127.0.0.1', ca, ...name, ...identity });
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString().split('CN=').at(-1) ?? '';
  }

  it.each(hosts)('holds for %s, with RSA, EC and a PFX', async (host) => {
    expect(await greet({ key: rsa.keyPem, cert: rsa.certificatePem }, host)).toBe('klient');
    expect(await greet({ key: ec.keyPem, cert: ec.certificatePem }, host)).toBe('EC klient');
    const pfx = Buffer.from(writePfx({ ...ec, passphrase: 'kůň', encryption: 'aes-256' }));
    expect(await greet({ pfx, passphrase: 'kůň' }, host)).toBe('EC klient');
  });

  it('holds through an authority between', async () => {
    const between = authority.issueAuthority({ commonName: 'Mezilehlá CA' });
    const client = between.issueClient({ commonName: 'vnuk', organisation: 'Firma', keyType: 'ec-P-256' });
    const cert = client.certificatePem + between.certificatePem;
    expect(await greet({ key: client.keyPem, cert }, 'localhost')).toBe('vnuk');
  });

  it('refuses another host, another authority, and a client of another authority', async () => {
    const identity = { key: ec.keyPem, cert: ec.certificatePem };
    await expect(greet(identity, 'bank.example')).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    const other = createAuthority({ commonName: 'Jiná CA', ...validity });
    await expect(greet(identity, 'localhost', other.certificatePem)).rejects.toThrow(/certificate/);
    const stranger = other.issueClient({ commonName: 'cizí', organisation: 'F', keyType: 'ec-P-256' });
    const theirs = { key: stranger.keyPem, cert: stranger.certificatePem };
    // Under TLS 1.3 the client learns of the refusal late, as a reset or as an early end.
    for (const nobody of [theirs, {}]) expect(await greet(nobody, 'localhost').catch(() => '')).toBe('');
  });
});

describe('the PFX writer', () => {
  const passphrases = ['test12345678', 'Příliš žluťoučký kůň', 'účet 💶', ''];
  const write = (issued: IssuedCertificate, passphrase: string, encryption: PfxEncryption) =>
    Buffer.from(writePfx({ ...issued, passphrase, encryption, chain: [authority.certificatePem] }));

  describe.each(passphrases)('under the passphrase "%s"', (passphrase) => {
    it.each([
      { encryption: 'aes-256', issued: rsa },
      { encryption: 'aes-256', issued: ec },
      { encryption: '3des', issued: rsa },
      { encryption: '3des', issued: ec },
    ] as const)('makes a file that the platform opens, with $encryption', ({ encryption, issued }) => {
      const pfx = write(issued, passphrase, encryption);
      expect(() => createSecureContext({ pfx, passphrase })).not.toThrow();
      expect(() => createSecureContext({ pfx, passphrase: 'jiné' })).toThrow('mac verify failure');
    });

    it('makes an RC2 file that the platform refuses', () => {
      const pfx = write(rsa, passphrase, 'rc2-40');
      expect(() => createSecureContext({ pfx, passphrase })).toThrow(
        expect.objectContaining({ code: 'ERR_CRYPTO_UNSUPPORTED_OPERATION' }),
      );
    });
  });
});
