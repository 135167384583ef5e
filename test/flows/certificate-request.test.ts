import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import forge from 'node-forge';
import { beforeAll, describe, expect, test } from 'vitest';
import { signCertificate, usageExtensions } from '../../infra/sandbox/pki/x509.ts';
import type { Problem } from '../../shared/api/problem.ts';
import type { Connection } from '../../shared/domain/records.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { requestCertificate, type RequestPorts } from '../../shared/flows/certificate-request.ts';
import { uploadCertificate, type CredentialPorts } from '../../shared/flows/certificates.ts';
import { virtualTime } from '../faults/actor.ts';
import { START, useEngines } from './pull/support.ts';
import { addConnection, watchWorld, type World } from './watch/support.ts';

// Row 17, for banks that sign requests: the key is made here, waits in the vault, and is used by the certificate alone.

const shared = useEngines();
const YEAR = 365 * 86_400_000;
const COMPANY = 'com_request';
const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let world: World;
let ports: RequestPorts & CredentialPorts;
beforeAll(async () => {
  world = watchWorld(await shared.engines.open('request'), virtualTime(START));
  ports = {
    ...world.calm,
    makeKey: async (modulusLength) => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
      return new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    },
  };
});

let made = 0;
const connect = (bank = 'csob-ceb'): Promise<Connection> =>
  addConnection(world, COMPANY, `con_${++made}`, { bank, status: 'new' });
const fresh = async ({ id }: Connection): Promise<Connection> => (await ports.connections.get(COMPANY, id))!;
const request = async (connection: Connection, name = 'gateway.example.com'): Promise<string> =>
  (await requestCertificate(ports, await fresh(connection), name)).request;

function keyOf(pem: string): KeyObject {
  const { publicKey } = forge.pki.certificationRequestFromPem(pem);
  return createPublicKey(forge.pki.publicKeyToPem(publicKey as forge.pki.rsa.PublicKey));
}

/** What the bank gives for a request. */
const signed = (publicKey: KeyObject): string =>
  signCertificate(
    {
      subject: { country: 'CZ', commonName: 'gateway.example.com' },
      issuer: { commonName: 'Bank CA' },
      publicKey,
      issuerKey: ca.publicKey,
      extensions: usageExtensions('clientAuth'),
      notBefore: START - YEAR,
      notAfter: START + YEAR,
    },
    ca.privateKey,
  );

const upload = async (connection: Connection, certificate: string) =>
  uploadCertificate(
    ports,
    await fresh(connection),
    { certificate, passphrase: new Secret(''), secrets: {} },
    START + 60_000,
  );
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as Problem).fields.code,
  );

describe('a request', () => {
  test('waits with its key in the vault; another one before the certificate has the same key', async () => {
    const connection = await connect();
    const pem = await request(connection);
    expect(await request(connection)).toBe(pem);
    const other = await request(connection, 'other.example.com');
    expect(other).not.toBe(pem);
    expect(keyOf(other).equals(keyOf(pem))).toBe(true);
    const standing = (await fresh(connection)).request!;
    const { keyPem, certificatePem } = (await ports.vault.get(COMPANY, standing.credential))!.reveal();
    expect(createPublicKey(keyPem!).equals(keyOf(pem))).toBe(true);
    expect(certificatePem).toBeUndefined();
    // The key is in the vault and nowhere else.
    const secret = keyPem!.split('\n')[5]!;
    expect(JSON.stringify([standing, await fresh(connection), pem, world.lines])).not.toContain(secret);
  });

  test('two at once make one key', async () => {
    const connection = await connect();
    const codes = await Promise.all([1, 2].map(() => codeOf(request(connection))));
    expect(codes.filter((code) => code !== 'done' && code !== 'changed-meanwhile')).toEqual([]);
    expect(codes).toContain('done');
    const pem = await request(connection);
    expect(await request(connection)).toBe(pem);
  });

  test.each(['', 'a,b', '"a"', "O'Neil", 'žlutý', 'a'.repeat(65), 'a/CN=b', 'a\nb'])(
    'refuses the name %j, by the bank’s rules',
    async (name) => {
      const connection = await connect();
      expect(await codeOf(request(connection, name))).toBe('bad-name');
      expect((await fresh(connection)).request).toBeUndefined();
    },
  );

  test('is not made at a bank that makes the key itself', async () => {
    expect(await codeOf(request(await connect('raiffeisen')))).toBe('no-requests');
  });
});

describe('its certificate', () => {
  test('is taken without a key, becomes the credential of the request, and ends it', async () => {
    const connection = await connect();
    const pem = await request(connection);
    const { credential: id } = (await fresh(connection)).request!;
    const certificate = signed(keyOf(pem));
    const { credential } = await upload(connection, certificate);
    expect(credential).toMatchObject({ id, keyType: 'rsa-2048', subject: 'C=CZ, CN=gateway.example.com' });
    expect(await fresh(connection)).toMatchObject({ candidate: id, request: null });
    const { keyPem, certificatePem } = (await ports.vault.get(COMPANY, id))!.reveal();
    expect(new X509Certificate(certificatePem!).checkPrivateKey(createPrivateKey(keyPem!))).toBe(true);
    // A renewal has a key of its own.
    expect(keyOf(await request(connection)).equals(keyOf(pem))).toBe(false);
  });

  test('must fit the key that waits; the request stays', async () => {
    const connection = await connect();
    const pem = await request(connection);
    const foreign = signed(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
    expect(await codeOf(upload(connection, foreign))).toBe('certificate-key-mismatch');
    expect(await request(connection)).toBe(pem);
  });

  test('needs a request made before, of this very connection', async () => {
    const [one, other] = [await connect(), await connect()];
    const certificate = signed(keyOf(await request(one)));
    expect(await codeOf(upload(other, certificate))).toBe('bad-certificate');
    expect((await fresh(other)).candidate).toBeNull();
  });
});
