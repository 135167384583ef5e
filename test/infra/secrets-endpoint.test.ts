import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidParameterException,
  InvalidRequestException,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../infra/local/engine.ts';
import { startSecrets } from '../../infra/local/secrets.ts';

let engine: Engine;
let client: SecretsManagerClient;

const clientOf = ({ endpoint }: Engine) =>
  new SecretsManagerClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'LOCAL', secretAccessKey: 'LOCAL' },
    maxAttempts: 1,
  });

beforeAll(async () => {
  engine = await startSecrets({ region: 'eu-central-1' });
  client = clientOf(engine);
});

afterAll(async () => {
  client?.destroy();
  await engine?.stop();
});

let count = 0;
/** A new secret with one version. */
async function create(SecretString = 'one') {
  const Name = `brana/test/secret-${++count}`;
  const { ARN = '', VersionId = '' } = await client.send(new CreateSecretCommand({ Name, SecretString }));
  return { Name, ARN, first: VersionId };
}

const read = async (SecretId: string, VersionStage?: string) =>
  (await client.send(new GetSecretValueCommand({ SecretId, ...(VersionStage ? { VersionStage } : {}) })))
    .SecretString;

const put = async (SecretId: string, SecretString: string, more: object = {}) =>
  String((await client.send(new PutSecretValueCommand({ SecretId, SecretString, ...more }))).VersionId);

const stages = async (SecretId: string) =>
  (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages;

test('a created secret is read by name and by ARN, with its version and label', async () => {
  const { Name, ARN, first } = await create('hodnota ř');
  expect(ARN).toMatch(
    new RegExp(`^arn:aws:secretsmanager:eu-central-1:000000000000:secret:${Name}-[0-9a-f]{6}$`),
  );
  expect(await read(Name)).toBe('hodnota ř');
  const byArn = await client.send(new GetSecretValueCommand({ SecretId: ARN }));
  expect(byArn).toMatchObject({ Name, ARN, VersionId: first, VersionStages: ['AWSCURRENT'] });
  expect(byArn.CreatedDate).toBeInstanceOf(Date);
});

test('bytes come back as bytes', async () => {
  const Name = 'brana/test/binary';
  const SecretBinary = Uint8Array.of(0, 255, 7);
  await client.send(new CreateSecretCommand({ Name, SecretBinary }));
  const answer = await client.send(new GetSecretValueCommand({ SecretId: Name }));
  expect(answer.SecretBinary).toEqual(SecretBinary);
  expect(answer.SecretString).toBeUndefined();
});

test('a new value becomes current, the one before stays as previous, older ones lose their label', async () => {
  const { Name, first } = await create();
  const second = await put(Name, 'two');
  expect([await read(Name), await read(Name, 'AWSPREVIOUS')]).toEqual(['two', 'one']);
  const third = await put(Name, 'three');
  expect(await stages(Name)).toEqual({ [third]: ['AWSCURRENT'], [second]: ['AWSPREVIOUS'] });
  const old = await client.send(new GetSecretValueCommand({ SecretId: Name, VersionId: first }));
  expect(old.SecretString).toBe('one');
});

test('a pending value is not current until its label moves, and can move back', async () => {
  const { Name, first } = await create();
  const pending = await put(Name, 'two', { VersionStages: ['AWSPENDING'] });
  expect([await read(Name), await read(Name, 'AWSPENDING')]).toEqual(['one', 'two']);
  const move = (to: string, from: string) =>
    client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: Name,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: to,
        RemoveFromVersionId: from,
      }),
    );
  await move(pending, first);
  expect([await read(Name), await read(Name, 'AWSPREVIOUS')]).toEqual(['two', 'one']);
  await move(first, pending);
  expect([await read(Name), await read(Name, 'AWSPREVIOUS')]).toEqual(['one', 'two']);
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: Name,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: pending,
    }),
  );
  await expect(read(Name, 'AWSPENDING')).rejects.toBeInstanceOf(ResourceNotFoundException);
});

test('a label moves only when its present holder is named, and AWSCURRENT never goes away', async () => {
  const { Name, first } = await create();
  const second = await put(Name, 'two');
  const update = (more: object) =>
    client.send(new UpdateSecretVersionStageCommand({ SecretId: Name, VersionStage: 'AWSCURRENT', ...more }));
  await expect(update({ MoveToVersionId: first })).rejects.toBeInstanceOf(InvalidParameterException);
  await expect(update({ MoveToVersionId: first, RemoveFromVersionId: first })).rejects.toBeInstanceOf(
    InvalidParameterException,
  );
  await expect(update({ RemoveFromVersionId: second })).rejects.toBeInstanceOf(InvalidParameterException);
  await expect(update({ MoveToVersionId: randomUUID(), RemoveFromVersionId: second })).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  );
  expect(await read(Name)).toBe('two');
});

test('a repeated token with the same value changes nothing, with another value it is refused', async () => {
  const { Name } = await create();
  const ClientRequestToken = randomUUID();
  const second = await put(Name, 'two', { ClientRequestToken });
  const third = await put(Name, 'three');
  expect(await put(Name, 'two', { ClientRequestToken })).toBe(second);
  expect(await stages(Name)).toEqual({ [third]: ['AWSCURRENT'], [second]: ['AWSPREVIOUS'] });
  await expect(put(Name, 'four', { ClientRequestToken })).rejects.toBeInstanceOf(ResourceExistsException);
  expect(await read(Name)).toBe('three');
});

test('creating twice is refused, repeating a creation is not', async () => {
  const request = { Name: 'brana/test/replayed', SecretString: 'x', ClientRequestToken: randomUUID() };
  const made = await client.send(new CreateSecretCommand(request));
  const again = await client.send(new CreateSecretCommand(request));
  expect([again.ARN, again.VersionId]).toEqual([made.ARN, made.VersionId]);
  for (const other of [{ SecretString: 'y' }, { ClientRequestToken: randomUUID() }]) {
    await expect(client.send(new CreateSecretCommand({ ...request, ...other }))).rejects.toBeInstanceOf(
      ResourceExistsException,
    );
  }
});

test('64 KB fit, one byte more does not, counted in bytes', async () => {
  const { Name } = await create();
  const largest = 'ř'.repeat(32_768);
  await put(Name, largest);
  expect(await read(Name)).toBe(largest);
  await expect(put(Name, `${largest}x`)).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(
    client.send(new PutSecretValueCommand({ SecretId: Name, SecretBinary: new Uint8Array(65_537) })),
  ).rejects.toMatchObject({ name: 'ValidationException' });
  expect(await read(Name)).toBe(largest);
});

test('a value of both kinds, of none, or with a short token is refused', async () => {
  const { Name } = await create();
  const attempt = (more: object) => client.send(new PutSecretValueCommand({ SecretId: Name, ...more }));
  await expect(attempt({})).rejects.toBeInstanceOf(InvalidParameterException);
  await expect(attempt({ SecretString: 'x', SecretBinary: Uint8Array.of(1) })).rejects.toBeInstanceOf(
    InvalidParameterException,
  );
  await expect(attempt({ SecretString: 'x', ClientRequestToken: 'short' })).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('a secret that is not there is not found', async () => {
  await expect(read('brana/test/none')).rejects.toBeInstanceOf(ResourceNotFoundException);
  const Name = 'brana/test/empty';
  await client.send(new CreateSecretCommand({ Name }));
  await expect(read(Name)).rejects.toBeInstanceOf(ResourceNotFoundException);
  await put(Name, 'now', { VersionStages: ['AWSPENDING'] });
  expect(await read(Name)).toBe('now');
});

test('a deleted secret is out of reach until it is restored; a forced deletion is final', async () => {
  const { Name } = await create();
  const { DeletionDate } = await client.send(
    new DeleteSecretCommand({ SecretId: Name, RecoveryWindowInDays: 7 }),
  );
  const days = ((DeletionDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(7);
  await expect(read(Name)).rejects.toBeInstanceOf(InvalidRequestException);
  await expect(put(Name, 'x')).rejects.toBeInstanceOf(InvalidRequestException);
  await expect(client.send(new CreateSecretCommand({ Name, SecretString: 'x' }))).rejects.toBeInstanceOf(
    InvalidRequestException,
  );
  expect((await client.send(new DescribeSecretCommand({ SecretId: Name }))).DeletedDate).toBeInstanceOf(Date);
  await client.send(new RestoreSecretCommand({ SecretId: Name }));
  expect(await read(Name)).toBe('one');

  await client.send(new DeleteSecretCommand({ SecretId: Name, ForceDeleteWithoutRecovery: true }));
  await expect(read(Name)).rejects.toBeInstanceOf(ResourceNotFoundException);
  await client.send(new CreateSecretCommand({ Name, SecretString: 'anew' }));
  expect(await read(Name)).toBe('anew');
});

test('the list goes by pages and leaves deleted secrets out', async () => {
  const { Name } = await create();
  await client.send(new DeleteSecretCommand({ SecretId: Name }));
  const names: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new ListSecretsCommand({ MaxResults: 3, ...(NextToken ? { NextToken } : {}) }),
    );
    expect(page.SecretList?.length).toBeLessThanOrEqual(3);
    names.push(...(page.SecretList ?? []).map((entry) => String(entry.Name)));
    ({ NextToken } = page);
  } while (NextToken);
  expect(names).toEqual([...new Set(names)].sort());
  expect(names).toContain('brana/test/binary');
  expect(names).not.toContain(Name);
});

test('versions without a label are kept up to a hundred', async () => {
  const { Name, first } = await create();
  for (let i = 0; i < 103; i++) await put(Name, `value ${i}`);
  await expect(
    client.send(new GetSecretValueCommand({ SecretId: Name, VersionId: first })),
  ).rejects.toBeInstanceOf(ResourceNotFoundException);
  expect([await read(Name), await read(Name, 'AWSPREVIOUS')]).toEqual(['value 102', 'value 101']);
});

test('nobody gets an answer who does not know the path, and no refusal repeats a value', async () => {
  const { origin, pathname } = new URL(engine.endpoint);
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'secretsmanager.ListSecrets',
  };
  const ask = (url: string, init: RequestInit) => fetch(url, { method: 'POST', headers, ...init });
  expect((await ask(origin, { body: '{}' })).status).toBe(403);
  expect((await ask(`${origin}${pathname.slice(0, -1)}`, { body: '{}' })).status).toBe(403);
  expect((await ask(engine.endpoint, { body: '{}' })).status).toBe(200);

  const broken = await ask(engine.endpoint, { body: '{"SecretString":"do-not-repeat' });
  expect(broken.status).toBe(400);
  expect(await broken.text()).not.toContain('do-not-repeat');
  const unknown = await ask(engine.endpoint, {
    body: '{}',
    headers: { ...headers, 'x-amz-target': 'secretsmanager.RotateSecret' },
  });
  expect([unknown.status, await unknown.json()]).toMatchObject([
    400,
    { __type: 'UnknownOperationException' },
  ]);
});

test('secrets in a file are there after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brana-secrets-'));
  const start = () => startSecrets({ region: 'eu-central-1', file: join(folder, 'secrets.db') });
  try {
    const before = await start();
    const writer = clientOf(before);
    await writer.send(new CreateSecretCommand({ Name: 'kept', SecretString: 'still here' }));
    writer.destroy();
    await before.stop();
    const after = await start();
    const reader = clientOf(after);
    const answer = await reader.send(new GetSecretValueCommand({ SecretId: 'kept' }));
    expect(answer.SecretString).toBe('still here');
    reader.destroy();
    await after.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
