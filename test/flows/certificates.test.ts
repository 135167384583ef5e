import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, type IssuedCertificate } from '../../infra/sandbox/pki/authority.ts';
import { context, integer, oid, sequence } from '../../infra/sandbox/pki/der.ts';
import { composePfx, type PfxContent, type PfxEncryption } from '../../infra/sandbox/pki/pfx.ts';
import { signCertificate } from '../../infra/sandbox/pki/x509.ts';
import type { CredentialSecrets } from '../../shared/domain/records.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { readClientCertificate } from '../../shared/formats/pkcs12/certificate.ts';
import { CERTIFICATE_ERROR_CODES, type CertificateErrorCode } from '../../shared/formats/pkcs12/errors.ts';
import { MAX_BAGS, MAX_FILE_BYTES } from '../../shared/formats/pkcs12/limits.ts';
import { credentialKey, fingerprintKey } from '../../shared/store/keys.ts';
import { createVault, vaultClient, type Vault } from '../../shared/store/vault.ts';
import { encryptedPart, legacyScheme, unsealed } from '../formats/pkcs12/crafted.ts';
import { done, refused } from '../support/api.ts';
import {
  addConnection,
  connect,
  pfxBody,
  random,
  startTestGateway,
  type ConnectionBody,
  type TestGateway,
  type UploadBody,
} from '../support/gateway.ts';

// Row 16: certificates as operators upload them, over the API.

const PASSPHRASE = 'Tajné-heslo 1';
const DAY = 86_400_000;
const IDLE = '864201352';

let t: TestGateway;
/** The identity the simulated bank issued, to be packed in every way. */
let issued: IssuedCertificate;
let vault: Vault;
beforeAll(async () => {
  t = await startTestGateway();
  const { pfx, passphrase } = t.sandbox.certificates.ordinary;
  const { certificatePem, keyPem } = await readClientCertificate(
    { pfx, passphrase: new Secret(passphrase) },
    t.clock.now(),
  );
  issued = { certificatePem, keyPem: keyPem.reveal() };
  // One account is enough here: the bank wants a pause between two calls.
  for (const { serial } of Object.values(t.sandbox.certificates))
    t.bank.restrict(serial, { accounts: [IDLE] });
  vault = createVault(vaultClient(), t.gateway.env['VAULT_PREFIX']!, t.clock, random);
});
afterAll(() => t?.stop());

const packed = (from: IssuedCertificate, more: Partial<PfxContent> = {}) => ({
  pfx: Buffer.from(
    composePfx({
      keys: [{ pem: from.keyPem }],
      certificates: [{ pem: from.certificatePem }],
      passphrase: PASSPHRASE,
      encryption: 'aes-256',
      ...more,
    }),
  ).toString('base64'),
  passphrase: more.passphrase === undefined ? PASSPHRASE : (more.passphrase ?? ''),
});

const upload = (connection: string, body: unknown) =>
  t.admin<UploadBody>(`PUT /connections/${connection}/certificate`, body);

describe('row 16: a certificate is taken', () => {
  const encryptedKey = () =>
    createPrivateKey(issued.keyPem)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE })
      .toString();
  const PACKINGS: readonly [string, () => Record<string, string>][] = [
    ...(['rc2-40', '3des', 'aes-256'] as readonly PfxEncryption[]).map(
      (encryption) =>
        [`PFX with ${encryption}`, () => packed(issued, { encryption })] as [
          string,
          () => Record<string, string>,
        ],
    ),
    ['PFX without a passphrase', () => packed(issued, { passphrase: '' })],
    ['PFX with no passphrase at all', () => packed(issued, { passphrase: null, encryption: 'rc2-40' })],
    [
      'PFX with a passphrase of other letters',
      () => packed(issued, { passphrase: 'Žluťoučký kůň 馬', encryption: 'rc2-40' }),
    ],
    [
      'PFX with its chain',
      () => packed(issued, { certificates: [{ pem: t.sandbox.ca }, { pem: issued.certificatePem }] }),
    ],
    ['PEM', () => ({ certificate: issued.certificatePem, key: issued.keyPem })],
    [
      'PEM with an encrypted key',
      () => ({ certificate: issued.certificatePem, key: encryptedKey(), passphrase: PASSPHRASE }),
    ],
    [
      'one PEM file given twice',
      () => {
        const both = issued.certificatePem + issued.keyPem;
        return { certificate: both, key: both };
      },
    ],
  ];
  let connection: ConnectionBody;
  const credentials = new Set<string>();

  beforeAll(async () => {
    connection = await addConnection(t, t.admin, 'PACK');
  });

  test.each(PACKINGS)('%s', async (_, body) => {
    const { credential, proven, reason, accounts } = done(await upload(connection.id, body()));
    expect({ proven, reason }).toEqual({ proven: true, reason: null });
    expect(accounts.map(({ number }) => number)).toEqual([IDLE]);
    const certificate = new X509Certificate(issued.certificatePem);
    expect(credential).toMatchObject({
      kind: 'client-certificate',
      subject: 'C=CZ, O=Lísková & spol. s.r.o., CN=Provozní certifikát',
      issuer: 'CN=Simulated bank CA',
      serial: certificate.serialNumber,
      fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      notBefore: certificate.validFromDate.toISOString(),
      notAfter: certificate.validToDate.toISOString(),
      keyType: 'rsa-2048',
      warnings: [],
    });
    credentials.add(credential.id);
  });

  test('however packed it is one credential, kept once as PEM that opens without a passphrase', async () => {
    expect(credentials.size).toBe(1);
    const [id] = [...credentials];
    const kept = (await vault.get(t.company, id!))!.reveal();
    expect(Object.keys(kept).sort()).toEqual(['certificatePem', 'fields', 'keyPem']);
    expect(new X509Certificate(kept.certificatePem!).fingerprint256).toBe(
      new X509Certificate(issued.certificatePem).fingerprint256,
    );
    expect(new X509Certificate(kept.certificatePem!).checkPrivateKey(createPrivateKey(kept.keyPem!))).toBe(
      true,
    );
    const { dynamo, places } = t.store;
    const stored = await dynamo.get(places.connections, credentialKey(t.company, id!));
    expect(JSON.stringify(stored)).not.toMatch(/BEGIN|PRIVATE/);
  });

  test('two connections share it; two uploads at once make one of it', async () => {
    const [one, two] = [await addConnection(t, t.admin, 'SHARE1'), await addConnection(t, t.admin, 'SHARE2')];
    const { pfx, passphrase } = t.sandbox.certificates.legacy;
    const body = pfxBody({ pfx, passphrase });
    const answers = await Promise.all([upload(one.id, body), upload(two.id, body)]);
    const [first, second] = answers.map((answer) => done(answer));
    expect(first!.credential.id).toBe(second!.credential.id);
    // One of them may have found the other at the bank; then it waits for its proof.
    for (const [at, uploaded] of [first!, second!].entries()) {
      if (!uploaded.proven) {
        expect(uploaded.reason).toMatch(/try again/);
        done(await t.admin(`POST /connections/${[one, two][at]!.id}/proof`, {}));
      }
    }
    const ids = await Promise.all(
      [one, two].map(
        async ({ id }) => (await t.admin<ConnectionBody>(`GET /connections/${id}`)).body.credential?.id,
      ),
    );
    expect(ids).toEqual([first!.credential.id, first!.credential.id]);
  });

  test('with warnings about what an operator should know', async () => {
    const soon = foreign({ notAfter: t.clock.now() + 10 * DAY });
    const fresh = await addConnection(t, t.admin, 'WARN');
    // The bank refuses this stranger; what was found about it stands at the connection.
    refused(await upload(fresh.id, packed(soon)), 422, 'credential-refused');
    const { candidate } = done(await t.admin<ConnectionBody>(`GET /connections/${fresh.id}`));
    expect(candidate?.warnings).toEqual([expect.stringMatching(/expires on .* in (9|10) days/)]);
  });
});

/** A certificate of somebody else's authority, with a key that is quick to make. */
function foreign(
  request: { notBefore?: number; notAfter?: number; commonName?: string } = {},
): IssuedCertificate {
  const authority = createAuthority({
    commonName: 'Another CA',
    notBefore: t.clock.now() - 400 * DAY,
    notAfter: t.clock.now() + 400 * DAY,
  });
  return authority.issueClient({
    commonName: 'cizí',
    organisation: 'Firma',
    keyType: 'ec-P-256',
    ...request,
  });
}

/** A self-signed certificate for a key no authority here would take. */
function odd({ privateKey, publicKey }: ReturnType<typeof generateKeyPairSync>): IssuedCertificate {
  const name = { commonName: 'lichý' };
  const validity = { notBefore: t.clock.now() - DAY, notAfter: t.clock.now() + DAY };
  const own = { subject: name, issuer: name, publicKey, issuerKey: publicKey, extensions: [], ...validity };
  return {
    certificatePem: signCertificate(own, privateKey),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

describe('row 16: a certificate is refused with what to do', () => {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const pem = (from: IssuedCertificate) => ({ certificate: from.certificatePem, key: from.keyPem });
  const REFUSALS: readonly [CertificateErrorCode, string, () => unknown, RegExp][] = [
    [
      'wrong-passphrase',
      'another passphrase',
      () => ({ ...packed(issued), passphrase: 'Tajné-heslo 2' }),
      /capital letters/,
    ],
    ['wrong-passphrase', 'no passphrase', () => ({ pfx: packed(issued).pfx }), /passphrase/],
    [
      'wrong-passphrase',
      'RC2-40 with another passphrase',
      () => ({ ...packed(issued, { encryption: 'rc2-40' }), passphrase: 'x' }),
      /passphrase/,
    ],
    [
      'passphrase-needed',
      'an encrypted PEM key alone',
      () => {
        const key = createPrivateKey(issued.keyPem);
        const cipher = { cipher: 'aes-256-cbc', passphrase: PASSPHRASE };
        const encrypted = key.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString();
        return { certificate: issued.certificatePem, key: encrypted };
      },
      /Give its passphrase/,
    ],
    ['no-key', 'a PFX without a key', () => packed(issued, { keys: [] }), /Export the certificate together/],
    [
      'no-key',
      'a certificate alone',
      () => ({ pfx: base64(new X509Certificate(issued.certificatePem).raw) }),
      /private key/,
    ],
    [
      'no-certificate',
      'a PFX without a certificate',
      () => packed(issued, { certificates: [] }),
      /the bank issued/,
    ],
    [
      'key-mismatch',
      'the key of another certificate',
      () => packed({ ...issued, keyPem: foreign().keyPem }),
      /does not belong/,
    ],
    [
      'key-mismatch',
      'PEM with the key of another',
      () => pem({ ...issued, keyPem: foreign().keyPem }),
      /does not belong/,
    ],
    [
      'expired',
      'a certificate of the past',
      () => packed(foreign({ notAfter: t.clock.now() - DAY })),
      /Ask the bank for a new one/,
    ],
    [
      'not-yet-valid',
      'a certificate of the future',
      () => packed(foreign({ notBefore: t.clock.now() + DAY })),
      /Upload it again then/,
    ],
    [
      'ambiguous',
      'two certificates with their keys',
      () => {
        const other = foreign();
        return packed(issued, {
          keys: [{ pem: issued.keyPem }, { pem: other.keyPem }],
          certificates: [{ pem: issued.certificatePem }, { pem: other.certificatePem }],
        });
      },
      /Export only the one/,
    ],
    [
      'too-many-bags',
      'a whole store',
      () =>
        packed(issued, {
          certificates: Array(MAX_BAGS + 1).fill({
            pem: issued.certificatePem,
          }) as PfxContent['certificates'],
        }),
      /one certificate/,
    ],
    ['too-large', 'a file too large', () => ({ pfx: base64(Buffer.alloc(MAX_FILE_BYTES + 1)) }), /bytes/],
    [
      'too-many-iterations',
      'a file that would take hours',
      () => ({ pfx: base64(unsealed(encryptedPart(legacyScheme('1.2.840.113549.1.12.1.6', 0x7fffffff)))) }),
      /default settings/,
    ],
    [
      'unsupported-encryption',
      'RC4',
      () => ({ pfx: base64(unsealed(encryptedPart(legacyScheme('1.2.840.113549.1.12.1.1', 1)))) }),
      /AES-256/,
    ],
    [
      'unsupported-key',
      'a key too short for TLS',
      () => packed(odd(generateKeyPairSync('rsa', { modulusLength: 1024 }))),
      /RSA with 1024/,
    ],
    ['not-pkcs12', 'some other file', () => ({ pfx: base64(Buffer.from('%PDF-1.7 smlouva')) }), /PKCS#12/],
    [
      'not-pkcs12',
      'a file cut off',
      () => {
        const { pfx, passphrase } = packed(issued);
        return { pfx: base64(Buffer.from(pfx, 'base64').subarray(0, 900)), passphrase };
      },
      /cut off/,
    ],
    ['not-pkcs12', 'base64 of the wrong length', () => ({ pfx: 'AAAAA' }), /PKCS#12/],
    [
      'not-pkcs12',
      'PEM in the wrong field',
      () => ({ pfx: base64(Buffer.from(issued.certificatePem + issued.keyPem)) }),
      /PEM/,
    ],
    [
      'no-key',
      'a .p7b bundle',
      () => ({ pfx: base64(sequence(oid('1.2.840.113549.1.7.2'), context(0, sequence(integer(1))))) }),
      /private key/,
    ],
    [
      'malformed',
      'a PEM block without an end',
      () => ({ certificate: '-----BEGIN CERTIFICATE-----\nMIIB', key: issued.keyPem }),
      /Export it again/,
    ],
  ];
  let connection: ConnectionBody;
  beforeAll(async () => {
    connection = await addConnection(t, t.admin, 'REFUSED');
  });

  test.each(REFUSALS)('certificate-%s: %s', async (code, _, body, says) => {
    const calls = t.bank.requests().length;
    const { detail } = refused(await upload(connection.id, body()), 422, `certificate-${code}`);
    expect(detail).toMatch(says);
    expect(detail).not.toContain('heslo');
    expect(detail).toMatch(/\.$/);
    // The bank was not asked, and nothing was kept.
    expect(t.bank.requests()).toHaveLength(calls);
    const after = done(await t.admin<ConnectionBody>(`GET /connections/${connection.id}`));
    expect(after).toEqual(connection);
  });

  test('for every reason of the closed list', () => {
    expect(new Set(REFUSALS.map(([code]) => code))).toEqual(new Set(CERTIFICATE_ERROR_CODES));
  });

  test.each([
    ['neither form', {}],
    ['both forms', { pfx: 'AAAA', certificate: 'a', key: 'b' }],
    ['a certificate without a key', { certificate: 'a' }],
    ['a key without a certificate', { key: 'b' }],
    ['a PFX with a key beside it', { pfx: 'AAAA', key: 'b' }],
  ])('bad-certificate: %s', async (_, body) => {
    const { detail } = refused(await upload(connection.id, body), 422, 'bad-certificate');
    expect(detail).toMatch(/"pfx".*"certificate" and "key"/);
  });

  test.each([
    ['nonsense', '/pfx', { pfx: 'this is no base64!' }],
    ['base64 for URLs', '/pfx', { pfx: 'AA-_' }],
    ['a data URL', '/pfx', { pfx: 'data:application/x-pkcs12;base64,AAAA' }],
    ['an empty file', '/pfx', { pfx: '' }],
    ['more than anybody has', '/pfx', { pfx: 'A'.repeat(200_001) }],
    ['PEM without end', '/certificate', { certificate: 'x'.repeat(100_001), key: 'y' }],
    ['a novel for a passphrase', '/passphrase', { pfx: 'AAAA', passphrase: 'x'.repeat(1_001) }],
    ['a day that does not exist', '/reactivatedOn', { pfx: 'AAAA', reactivatedOn: '2026-02-30' }],
  ])('invalid-request: %s', async (_, pointer, body) => {
    const { errors } = refused(await upload(connection.id, body), 400, 'invalid-request');
    expect(errors?.map((one) => one.pointer)).toContain(pointer);
  });

  test('bad-secrets: a secret this bank does not have, or one that cannot be right', async () => {
    const body = { ...packed(issued), secrets: { clientSecret: 'two\r\nlines', apiKey: 'CANARY-1' } };
    const { errors, detail } = refused(await upload(connection.id, body), 422, 'bad-secrets');
    expect(errors?.map(({ pointer }) => pointer).sort()).toEqual([
      '/secrets/apiKey',
      '/secrets/clientSecret',
    ]);
    expect(JSON.stringify([errors, detail])).not.toMatch(/CANARY|lines/);
    expect(detail).toContain('GET /banks');
  });
});

describe("the bank's secrets", () => {
  const secretsOf = async (credential: string): Promise<CredentialSecrets['fields']> =>
    (await vault.get(t.company, credential))!.reveal().fields;

  test('stay when the certificate is uploaded again without them, and change with them', async () => {
    const connection = await addConnection(t, t.admin, 'SECRET');
    const one = done(await upload(connection.id, { ...packed(issued), secrets: { clientSecret: 'first' } }));
    expect(await secretsOf(one.credential.id)).toEqual({ clientSecret: 'first' });
    const two = done(await upload(connection.id, packed(issued)));
    expect(two.credential.id).toBe(one.credential.id);
    expect(await secretsOf(one.credential.id)).toEqual({ clientSecret: 'first' });
    done(await upload(connection.id, { ...packed(issued), secrets: { clientSecret: 'second' } }));
    expect(await secretsOf(one.credential.id)).toEqual({ clientSecret: 'second' });
  });
});

test('the pointer of a fingerprint lies under its company', async () => {
  const { uploaded } = await connect(t, t.admin, { code: 'POINTER' });
  const { fingerprint, id } = uploaded.credential;
  const { dynamo, places } = t.store;
  const pointer = await dynamo.get(places.connections, fingerprintKey(t.company, fingerprint));
  expect(pointer).toMatchObject({ pk: t.company, credential: id });
  expect(createPublicKey(issued.certificatePem).asymmetricKeyType).toBe('rsa');
});
