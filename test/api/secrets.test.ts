import { createHash } from 'node:crypto';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePfx } from '../../infra/sandbox/pki/pfx.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { readClientCertificate } from '../../shared/formats/pkcs12/certificate.ts';
import { PRINTABLE } from '../../shared/http/redaction.ts';
import { createVault, vaultClient } from '../../shared/store/vault.ts';
import { done, refused } from '../support/api.ts';
import {
  addConnection,
  addKey,
  connect,
  random,
  startTestGateway,
  TODAY,
  type AccountBody,
  type TestGateway,
  type UploadBody,
} from '../support/gateway.ts';

// Row 67: secrets that may stand in the vault and nowhere else, searched for in everything that comes out.

const PASSPHRASE = 'CANARY-passphrase-Žluť-7f3a';
const CLIENT_SECRET = 'CANARY-client-secret-91c4d2';
const WRONG = 'CANARY-wrong-passphrase-55e1';
const MISPLACED = 'CANARY-misplaced-secret-0b77';

let t: TestGateway;
let uploaded: UploadBody;
let accounts: readonly AccountBody[];
let keyPem: string;
let pfx: string;
const apiKeys: string[] = [];
/** Secret → its forms that are searched for. */
const needles = new Map<string, readonly string[]>();

const formsOf = (secret: string): string[] => [
  secret,
  Buffer.from(secret).toString('latin1'),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
];

beforeAll(async () => {
  t = await startTestGateway();
  const { ordinary, legacy } = t.sandbox.certificates;
  t.bank.restrict(ordinary.serial, { accounts: ['864201352'] });
  t.bank.restrict(legacy.serial, { accounts: ['5017482301'] });
  const { pfx: given, passphrase } = legacy;
  const identity = await readClientCertificate(
    { pfx: given, passphrase: new Secret(passphrase) },
    t.clock.now(),
  );
  keyPem = identity.keyPem.reveal();
  const { certificatePem } = identity;
  const file = writePfx({ certificatePem, keyPem, passphrase: PASSPHRASE, encryption: 'rc2-40' });
  pfx = Buffer.from(file).toString('base64');

  const reader = await addKey(t, ['read']);
  apiKeys.push(t.adminKey, reader.secret);
  await exercise(reader.call);

  const body = keyPem.split('\n').slice(1, -2);
  needles.set('passphrase', formsOf(PASSPHRASE));
  needles.set('client secret', formsOf(CLIENT_SECRET));
  needles.set('wrong passphrase', formsOf(WRONG));
  needles.set('misplaced secret', formsOf(MISPLACED));
  needles.set('private key', [...body.slice(2, -2), 'PRIVATE KEY']);
  needles.set('certificate file', [pfx.slice(200, 260), pfx.slice(-100, -40)]);
  for (const [at, secret] of apiKeys.entries()) {
    needles.set(`API key ${at}`, [secret.slice(13), ...formsOf(secret).slice(1)]);
  }
});
afterAll(() => t?.stop());

/** Everything an operator and an ERP do with secrets about, good and bad. */
async function exercise(reader: TestGateway['admin']): Promise<void> {
  const { id } = await addConnection(t, t.admin, 'CANARY');
  const target = `PUT /connections/${id}/certificate`;
  const body = { pfx, passphrase: PASSPHRASE, secrets: { clientSecret: CLIENT_SECRET } };
  refused(await t.admin(target, { ...body, passphrase: WRONG }), 422, 'certificate-wrong-passphrase');
  refused(await t.admin(target, { ...body, more: MISPLACED }), 400, 'invalid-request');
  refused(await t.admin(target, { ...body, passphrase: [PASSPHRASE] }), 400, 'invalid-request');
  refused(await t.admin(target, { ...body, secrets: { other: MISPLACED } }), 422, 'bad-secrets');
  refused(
    await t.admin(target, { ...body, secrets: { clientSecret: `${MISPLACED}\n` } }),
    422,
    'bad-secrets',
  );
  refused(await t.admin(target, undefined, { raw: `${JSON.stringify(body)}}` }), 400, 'not-json');
  refused(
    await t.admin(target, { certificate: keyPem, key: keyPem, passphrase: WRONG }),
    422,
    'certificate-no-certificate',
  );
  const config = { clientId: t.sandbox.clientId, clientSecret: MISPLACED };
  refused(await t.admin('POST /connections', { code: 'C2', bank: 'raiffeisen', config }), 422, 'bad-config');
  refused(await t.admin(`GET /connections?secret=${MISPLACED}`), 400, 'invalid-request');
  refused(await t.as(`${t.adminKey}x`)('GET /keys'), 401, 'unauthenticated');

  // The bank away, the certificate blocked, then all is well.
  t.bank.misbehave({ kind: 'html-200', times: 3 });
  expect(done(await t.admin(target, body))).toMatchObject({ proven: false });
  t.bank.block(t.sandbox.certificates.legacy.serial);
  refused(await t.admin(`POST /connections/${id}/proof`, {}), 422, 'credential-refused');
  t.bank.unblock(t.sandbox.certificates.legacy.serial);
  uploaded = done(await t.admin<UploadBody>(target, body));
  accounts = uploaded.accounts;
  await connect(t, t.admin, { code: 'SECOND' });

  const account = accounts.find(({ number, currency }) => number === '5017482301' && currency === 'CZK')!.id;
  done(await t.admin(`POST /connections/${id}/proof`, {}));
  done(await t.admin(`PATCH /accounts/${account}`, { historyDays: 1 }));
  for (const kind of ['garbage-json', 'truncate', null] as const) {
    if (kind !== null) t.bank.misbehave({ kind, operation: 'getTransactionList', times: 3 });
    done(await reader(`POST /accounts/${account}/pulls`, {}), 202);
    await t.gateway.drain();
    t.bank.behave();
  }
  const creditor = { name: 'Dodavatel', number: '19-2000145399', bankCode: '0800' };
  const order = { account, payments: [{ amount: '12.50', currency: 'CZK', creditor }] };
  const headers = { 'idempotency-key': 'first' };
  const paid = done(await t.admin<{ id: string }>('POST /payments', order, { headers }), 202);
  await t.gateway.drain();
  expect(done(await t.admin<{ state: string }>(`GET /payments/${paid.id}`)).state).toBe('submitted');
  await t.gateway.runSchedules('2026-11-18T11:00:00.000Z');
  await t.gateway.drain();
  for (const list of ['keys', 'connections', 'accounts', 'events?limit=500', 'banks', `connections/${id}`]) {
    done(await t.admin(`GET /${list}`));
  }
  for (const list of ['transactions', 'balances', 'statements', 'pulls']) {
    done(await reader(`GET /accounts/${account}/${list}`));
  }
  done(await reader(`GET /connections/${id}/rates`));
  const { items } = done(await reader<{ items: { id: string }[] }>(`GET /accounts/${account}/statements`));
  done(await reader(`GET /statements/${items[0]!.id}/content`));
}

/** @throws naming where one of the secrets stands */
function search(texts: Iterable<string>, where: string, except: readonly string[] = []): void {
  let searched = 0;
  for (const text of texts) {
    searched += 1;
    for (const [secret, forms] of needles) {
      if (except.includes(secret)) continue;
      for (const form of forms) {
        if (text.includes(form)) throw new Error(`The ${secret} stands in ${where}: ${text.slice(0, 200)}`);
      }
    }
  }
  expect(searched, where).toBeGreaterThan(0);
}

test('the secrets are in use: the vault has them, the bank got them', async () => {
  const vault = createVault(vaultClient(), t.gateway.env['VAULT_PREFIX']!, t.clock, random);
  const kept = (await vault.get(t.company, uploaded.credential.id))!.reveal();
  expect(kept.fields).toEqual({ clientSecret: CLIENT_SECRET });
  expect(kept.keyPem).toBe(keyPem);
  expect(JSON.stringify(kept)).not.toContain(PASSPHRASE);
  expect(t.bank.requests().length).toBeGreaterThan(20);
});

test('the search finds what there is to find', () => {
  for (const [, forms] of needles) expect(() => search([`…${forms[0]}…`], 'here')).toThrow('here');
});

describe('no secret stands', () => {
  test('in an answer, but a new key in the one that makes it', () => {
    const made = t.seen.filter((answer) => answer.startsWith('201 POST /keys'));
    expect(made).toHaveLength(apiKeys.length - 1);
    // The key is shown; everything else is searched there too.
    search(
      made,
      'the answer that makes a key',
      [...needles.keys()].filter((name) => name.startsWith('API key')),
    );
    search(t.seen.filter((answer) => !made.includes(answer)).map(withoutRequestLine), 'an answer');
  });

  /** Secrets in the query are the caller's own doing. */
  function withoutRequestLine(answer: string): string {
    return answer.slice(answer.indexOf('\n'));
  }

  test('in anything the functions and the runner printed', () => {
    search(t.printed, 'a log line');
  });

  test('in a table', async () => {
    const client = new DynamoDBClient({});
    const tables = Object.entries(t.gateway.env).filter(([name]) => name.startsWith('TABLE_'));
    expect(tables.length).toBeGreaterThanOrEqual(3);
    for (const [, TableName] of tables) {
      const { Items = [], LastEvaluatedKey } = await client.send(new ScanCommand({ TableName }));
      expect(LastEvaluatedKey).toBeUndefined();
      search(
        Items.map((item) => JSON.stringify(item)),
        TableName,
      );
    }
  });

  test('in the archive, neither in keys nor in documents', async () => {
    const client = new S3Client({ forcePathStyle: true });
    const Bucket = t.gateway.env['ARCHIVE_BUCKET']!;
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.length).toBeGreaterThan(3);
    for (const { Key } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = Buffer.from(await Body!.transformToByteArray());
      search([Key!, bytes.toString('latin1'), bytes.toString('utf8')], `the document ${Key}`);
      // The name of a document is its content.
      expect(Key).toMatch(new RegExp(`/${createHash('sha256').update(bytes).digest('hex')}$`));
    }
  });

  test('in an address the bank was called at', () => {
    search(
      t.bank.requests().map(({ path, query }) => `${path}?${query}`),
      'an address',
    );
  });
});

describe('the log', () => {
  test('names no account, no person and no amount', async () => {
    const printed = t.printed.join('\n');
    const booked = t.seeded.booked('5017482301', 'CZK', TODAY, TODAY);
    const texts = [
      ...t.seeded
        .accounts()
        .flatMap(({ number, iban, name, friendlyName }) => [number, iban, name, friendlyName]),
      ...booked.map(({ entryReference }) => entryReference),
      t.sandbox.clientId,
    ];
    for (const text of texts) if (text !== null) expect(printed).not.toContain(text);
  });

  test('is JSON lines of listed fields, everything else is redacted', () => {
    const head = ['time', 'level', 'event'];
    for (const line of t.printed) {
      const fields = JSON.parse(line) as Record<string, unknown>;
      for (const name of head) expect(fields).toHaveProperty(name);
      for (const [name, value] of Object.entries(fields)) {
        if (!head.includes(name) && !PRINTABLE.has(name)) expect(value, name).toBe('[redacted]');
      }
    }
    expect(t.printed.length).toBeGreaterThan(50);
  });

  test('has a line for every request, by its route, with the id the caller got', () => {
    const lines = t.printed.map((line) => JSON.parse(line) as Record<string, unknown>);
    const logged = new Set(
      lines.filter(({ event }) => /^api\./.test(String(event))).map(({ requestId }) => requestId),
    );
    for (const answer of t.seen) {
      const id = /^x-request-id\n(.+)$/m.exec(answer)?.[1];
      expect(logged.has(id), answer.slice(0, 80)).toBe(true);
    }
  });
});
