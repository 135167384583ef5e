import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { startAws } from '../../infra/local/aws.ts';
import { judge, measure, readBudgets } from '../../scripts/build.ts';
import { bundle, INDEX, listFunctions, packagesOf, type Bundle } from '../../scripts/bundle.ts';
import { shakable } from '../../scripts/lean-sdk.ts';

// The bundles that are deployed: their limits, that they load, and that the leaner SDK still does its work.

const root = join(import.meta.dirname, '../..');
const functions = listFunctions(root);
const folder = mkdtempSync(join(tmpdir(), 'brana-bundles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
/** Writes a bundle where it can be run. @returns the path of its index */
function place(of: Bundle): string {
  const home = join(folder, String(count++));
  mkdirSync(home);
  for (const [name, contents] of of.files) writeFileSync(join(home, name), contents);
  return join(home, INDEX);
}

/** Runs code in a fresh process. @returns what it printed */
async function run(code: string, env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    env,
  });
  return stdout;
}

const SETTINGS = {
  AWS_REGION: 'eu-central-1',
  BRANA_STAGE: 'test',
  TABLE_CONNECTIONS: 'connections',
  TABLE_LEDGER: 'ledger',
  TABLE_EVENTS: 'events',
  ARCHIVE_BUCKET: 'archive',
  ARCHIVE_LOCK_YEARS: '0',
  TABLE_PAYMENTS: 'payments',
  PAYMENT_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/000000000000/payment',
  PULL_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/000000000000/pull',
  VAULT_PREFIX: 'brana/test/',
  DATA_KEY: 'data-key',
};

describe.each(functions)('$name', ({ name, entry }) => {
  it('keeps its budget, holds no package it must not hold, and loads', async () => {
    const built = await bundle(root, { entry });
    expect(judge(measure(name, built), built, readBudgets(root)[name])).toEqual([]);
    const code = `import { handler } from ${JSON.stringify(place(built))};
      process.stdout.write(typeof handler, () => process.exit());`;
    expect(await run(code, SETTINGS)).toBe('function');
  });
});

describe('the build', () => {
  const BUDGET = { start: 200, total: 250 };

  it.each([
    [`import { request } from 'undici'; export const handler = request;`, 'undici'],
    [`export const handler = () => import('undici');`, 'undici'],
    [`export const handler = () => import('node-forge');`, 'node-forge'],
    [`import { SaxesParser } from 'saxes'; export const handler = () => new SaxesParser();`, 'saxes'],
  ])('refuses a heavy package in a function that is no worker: %s', async (text, name) => {
    const built = await bundle(root, { text });
    const roomy = { start: 1000, total: 1000 };
    const size = measure('api-x', built);
    expect(judge(size, built, roomy)).toEqual([expect.stringContaining(`api-x bundles ${name}`)]);
    expect(judge(size, built, { ...roomy, worker: true })).toEqual([]);
  });

  it('refuses a function over its budget, at the start or as a whole, and one without', async () => {
    const built = await bundle(root, { text: `export const handler = () => import('zod');` });
    const size = measure('api-x', built);
    expect(judge(size, built, BUDGET)).toEqual([]);
    expect(judge(size, built, { ...BUDGET, start: 0.1 })).toEqual([
      expect.stringContaining('api-x: start is'),
    ]);
    expect(judge(size, built, { ...BUDGET, total: 1 })).toEqual([expect.stringContaining('api-x: total is')]);
    expect(judge(size, built, undefined)).toEqual([expect.stringContaining('infra/budgets.json')]);
  });

  /** They judge orders by rendering them, so they carry the banks' connectors, which load with the first order. */
  const RENDERING = ['api-hooks', 'api-payments'];

  it('grants no API function more than 250 KiB, but for those that render orders', () => {
    const api = Object.entries(readBudgets(root)).filter(([name]) => name.startsWith('api-'));
    expect(api.length).toBeGreaterThan(0);
    for (const [name, { total, worker }] of api)
      expect([name, total <= (RENDERING.includes(name) ? 320 : 250), worker]).toEqual([
        name,
        true,
        undefined,
      ]);
  });

  it('gives the same bytes for the same sources', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => bundle(root, { entry: functions[0]!.entry })));
    expect(first!.files).toEqual(second!.files);
  });
});

describe('the leaner SDK', () => {
  const CALLS = `
    import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
    import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
    import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
    import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
    import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
    const table = { TableName: 'things' };
    const dynamo = new DynamoDBClient({});
    const s3 = new S3Client({ forcePathStyle: true });
    const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
    const secrets = new SecretsManagerClient({});
    export async function all() {
      await dynamo.send(new CreateTableCommand({
        ...table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }));
      await dynamo.send(new PutItemCommand({ ...table, Item: { pk: { S: 'a' }, n: { N: '12.50' } } }));
      const { Item } = await dynamo.send(new GetItemCommand({ ...table, Key: { pk: { S: 'a' } } }));
      const refused = await dynamo.send(new GetItemCommand({ TableName: 'absent', Key: { pk: { S: 'a' } } }))
        .catch((error) => error.name);
      const object = { Bucket: 'things', Key: 'a/b' };
      await s3.send(new CreateBucketCommand({ Bucket: 'things' }));
      await s3.send(new PutObjectCommand({ ...object, Body: new Uint8Array([1, 2, 3]), Tagging: 'retention=raw' }));
      const body = (await s3.send(new GetObjectCommand(object))).Body;
      const missing = await s3.send(new GetObjectCommand({ ...object, Key: 'absent' })).catch((error) => error.name);
      const link = await getSignedUrl(s3, new GetObjectCommand(object), { expiresIn: 60 });
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'things' }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      await secrets.send(new CreateSecretCommand({ Name: 'things/a', SecretString: 'secret' }));
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: 'things/a' }));
      return {
        item: Item,
        refused,
        body: [...(await body.transformToByteArray())],
        missing,
        linked: [...new Uint8Array(await (await fetch(link)).arrayBuffer())],
        message: Messages[0].Body,
        secret: SecretString,
      };
    }
    export const put = () => s3.send(new PutObjectCommand({ Bucket: 'things', Key: 'a', Body: 'x' }));
    export const get = () => dynamo.send(new GetItemCommand({ ...table, Key: { pk: { S: 'a' } } }));
  `;

  it('talks to all four services at the endpoints of the environment', async () => {
    const aws = await startAws({ environment: {} });
    try {
      const index = place(await bundle(root, { text: CALLS }));
      const code = `import { all } from ${JSON.stringify(index)}; console.log(JSON.stringify(await all()));`;
      expect(JSON.parse(await run(code, aws.env))).toEqual({
        item: { pk: { S: 'a' }, n: { N: '12.5' } },
        refused: 'ResourceNotFoundException',
        body: [1, 2, 3],
        missing: 'NoSuchKey',
        linked: [1, 2, 3],
        message: 'hello',
        secret: 'secret',
      });
    } finally {
      await aws.stop();
    }
  });

  it('signs with the credentials of the environment, and the same as the SDK as published', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers);
      request
        .resume()
        .on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const env = {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'session-token',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    for (const lean of [true, false]) {
      const index = place(await bundle(root, { text: CALLS }, lean));
      await run(`import { get, put } from ${JSON.stringify(index)}; await get(); await put();`, env);
    }
    server.close();
    expect(seen).toHaveLength(4);
    for (const headers of seen) {
      expect(headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE\/\d{8}\/eu-central-1\//,
      );
      expect(headers['x-amz-security-token']).toBe('session-token');
    }
    const shape = (headers: IncomingHttpHeaders): string[] => Object.keys(headers).toSorted();
    expect(seen.slice(0, 2).map(shape)).toEqual(seen.slice(2).map(shape));
  });

  it('says what is missing when the environment holds no credentials', async () => {
    const index = place(await bundle(root, { text: CALLS }));
    const code = `import { get } from ${JSON.stringify(index)};
      get().then(() => console.log('sent'), (error) => console.log(error.name));`;
    expect((await run(code, { AWS_REGION: 'eu-central-1', AWS_PROFILE: 'someone' })).trim()).toBe(
      'CredentialsProviderError',
    );
  });

  it('leaves out what Lambda never uses, and nothing of it comes back unseen', async () => {
    const packages = async (lean: boolean): Promise<string[]> =>
      [...packagesOf(await bundle(root, { text: CALLS }, lean))].filter((name) =>
        /credential-provider-(node|ini|sso|process|web-identity|imds|login|http)|token-providers|bowser|mnemonist/.test(
          name,
        ),
      );
    expect(await packages(true)).toEqual([]);
    // Were this empty too, the SDK had moved and the list above would check nothing.
    expect((await packages(false)).length).toBeGreaterThanOrEqual(8);
  });

  it.each(['client-dynamodb', 'client-s3', 'client-sqs', 'client-secrets-manager'])(
    'changes no schema of %s',
    async (client) => {
      const file = join(root, 'node_modules/@aws-sdk', client, 'dist-es/schemas/schemas_0.js');
      const original = await readFile(file, 'utf8');
      const marked = shakable(original);
      expect(marked.split('/* @__PURE__ */').length).toBeGreaterThan(50);
      const [before, after] = await Promise.all([original, marked].map((text) => exportsOf(text, file)));
      expect(Object.keys(before!)).toEqual(Object.keys(after!));
      expect(JSON.stringify(after)).toBe(JSON.stringify(before));
    },
  );
});

/** What a module of the SDK exports, its text given. */
async function exportsOf(text: string, file: string): Promise<Record<string, unknown>> {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: join(file, '..'), sourcefile: file },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  const path = join(folder, `${count++}.mjs`);
  writeFileSync(path, outputFiles[0]!.contents);
  return (await import(path)) as Record<string, unknown>;
}
