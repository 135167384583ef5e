import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  TransactionCanceledException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAws, type LocalAws } from '../../infra/local/aws.ts';
import { dynoxideBinary, startDynamoDb } from '../../infra/local/dynamodb.ts';
import { clientConfig } from '../../infra/local/provision.ts';

/** What the store relies on, so that an engine's new version cannot take it away unseen. */

let aws: LocalAws;
let dynamodb: DynamoDBClient;
let sqs: SQSClient;
let s3: S3Client;

beforeAll(async () => {
  aws = await startAws({ environment: {} });
  dynamodb = new DynamoDBClient({ ...clientConfig(aws.env, 'DYNAMODB'), maxAttempts: 1 });
  sqs = new SQSClient({ ...clientConfig(aws.env, 'SQS'), useQueueUrlAsEndpoint: false });
  s3 = new S3Client(clientConfig(aws.env, 'S3'));
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'things',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', 'shard', 'dueAt'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'due',
          KeySchema: [
            { AttributeName: 'shard', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: 'archive' }));
});

afterAll(async () => {
  for (const client of [dynamodb, sqs, s3]) client?.destroy();
  await aws?.stop();
});

const key = (sk: string) => ({ pk: { S: 'company' }, sk: { S: sk } });
const put = (sk: string, more: Record<string, { S: string } | { N: string }> = {}) =>
  dynamodb.send(new PutItemCommand({ TableName: 'things', Item: { ...key(sk), ...more } }));
const TableName = 'things';

describe('DynamoDB', () => {
  test('a failed condition shows the old item when asked to', async () => {
    await put('condition', { fence: { N: '7' } });
    const refused = await dynamodb
      .send(
        new PutItemCommand({
          TableName,
          Item: key('condition'),
          ConditionExpression: 'attribute_not_exists(pk)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConditionalCheckFailedException);
    expect((refused as ConditionalCheckFailedException).Item?.['fence']).toEqual({ N: '7' });
  });

  test('a transaction is all or nothing and names the condition that failed by its position', async () => {
    await put('taken');
    const refused = await dynamodb
      .send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName, Item: key('fresh') } },
            { Put: { TableName, Item: key('taken'), ConditionExpression: 'attribute_not_exists(pk)' } },
          ],
        }),
      )
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TransactionCanceledException);
    const codes = (refused as TransactionCanceledException).CancellationReasons?.map(({ Code }) => Code);
    expect(codes).toEqual(['None', 'ConditionalCheckFailed']);
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: key('fresh') }));
    expect(Item).toBeUndefined();
  });

  test('a repeated ClientRequestToken writes once, and is refused with another body', async () => {
    const send = (by: string) =>
      dynamodb.send(
        new TransactWriteItemsCommand({
          ClientRequestToken: 'token-of-one-transaction',
          TransactItems: [
            {
              Update: {
                TableName,
                Key: key('counter'),
                UpdateExpression: 'ADD #n :by',
                ExpressionAttributeNames: { '#n': 'n' },
                ExpressionAttributeValues: { ':by': { N: by } },
              },
            },
          ],
        }),
      );
    await send('1');
    await send('1');
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: key('counter') }));
    expect(Item?.['n']).toEqual({ N: '1' });
    await expect(send('2')).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' });
  });

  test('an item stands in a sparse index only while it has the index key', async () => {
    const due = async () => {
      const { Items = [] } = await dynamodb.send(
        new QueryCommand({
          TableName,
          IndexName: 'due',
          KeyConditionExpression: '#shard = :shard AND #dueAt <= :now',
          ExpressionAttributeNames: { '#shard': 'shard', '#dueAt': 'dueAt' },
          ExpressionAttributeValues: { ':shard': { S: '0' }, ':now': { S: '2026-11-21T10:00:00Z' } },
        }),
      );
      return Items.map(({ sk }) => sk?.S);
    };
    await put('a', { shard: { S: '0' }, dueAt: { S: '2026-11-21T09:00:00Z' } });
    await put('b', { shard: { S: '0' }, dueAt: { S: '2026-11-21T11:00:00Z' } });
    expect(await due()).toEqual(['a']);
    await dynamodb.send(
      new UpdateItemCommand({
        TableName,
        Key: key('a'),
        UpdateExpression: 'REMOVE #shard, #dueAt',
        ExpressionAttributeNames: { '#shard': 'shard', '#dueAt': 'dueAt' },
      }),
    );
    expect(await due()).toEqual([]);
  });

  const refusals: [string, () => Promise<unknown>][] = [
    ['an empty key', () => dynamodb.send(new PutItemCommand({ TableName, Item: key('') }))],
    [
      'an empty set',
      () => dynamodb.send(new PutItemCommand({ TableName, Item: { ...key('x'), s: { SS: [] } } })),
    ],
    ['39 digits', () => put('x', { n: { N: '1'.repeat(39) } })],
    ['an index key of another type', () => put('x', { shard: { N: '1' }, dueAt: { S: 'a' } })],
    ['an item above 400 KB', () => put('x', { text: { S: 'x'.repeat(400 * 1024) } })],
    [
      'a reserved word without alias',
      () =>
        dynamodb.send(
          new UpdateItemCommand({
            TableName,
            Key: key('x'),
            UpdateExpression: 'SET status = :v',
            ExpressionAttributeValues: { ':v': { S: 'v' } },
          }),
        ),
    ],
    [
      'an unused value',
      () =>
        dynamodb.send(
          new UpdateItemCommand({
            TableName,
            Key: key('x'),
            UpdateExpression: 'SET #a = :v',
            ExpressionAttributeNames: { '#a': 'a' },
            ExpressionAttributeValues: { ':v': { S: 'v' }, ':unused': { S: 'v' } },
          }),
        ),
    ],
    [
      'a filter on a key',
      () =>
        dynamodb.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk',
            FilterExpression: 'sk = :pk',
            ExpressionAttributeValues: { ':pk': { S: 'company' } },
          }),
        ),
    ],
    [
      'a consistent read of an index',
      () =>
        dynamodb.send(
          new QueryCommand({
            TableName,
            IndexName: 'due',
            ConsistentRead: true,
            KeyConditionExpression: 'shard = :s',
            ExpressionAttributeValues: { ':s': { S: '0' } },
          }),
        ),
    ],
    [
      '26 items in a batch',
      () =>
        dynamodb.send(
          new BatchWriteItemCommand({
            RequestItems: {
              [TableName]: Array.from({ length: 26 }, (_, i) => ({ PutRequest: { Item: key(`batch${i}`) } })),
            },
          }),
        ),
    ],
    [
      'one item twice in a transaction',
      () =>
        dynamodb.send(
          new TransactWriteItemsCommand({
            TransactItems: [
              { Put: { TableName, Item: key('twice') } },
              { Delete: { TableName, Key: key('twice') } },
            ],
          }),
        ),
    ],
    [
      '101 items in a transaction',
      () =>
        dynamodb.send(
          new TransactWriteItemsCommand({
            TransactItems: Array.from({ length: 101 }, (_, i) => ({
              Put: { TableName, Item: key(`many${i}`) },
            })),
          }),
        ),
    ],
  ];
  test.each(refusals)('refuses %s', async (_, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('S3', () => {
  test('gives back the bytes and the type, under a key with slashes', async () => {
    const Body = Buffer.from([0, 255, 13, 10, 0xc5, 0x99]);
    const at = { Bucket: 'archive', Key: 'com_1/statement/0a1b' };
    await s3.send(new PutObjectCommand({ ...at, Body, ContentType: 'application/xml', IfNoneMatch: '*' }));
    const stored = await s3.send(new GetObjectCommand(at));
    expect(Buffer.from(await stored.Body!.transformToByteArray())).toEqual(Body);
    expect(stored.ContentType).toBe('application/xml');
  });

  test('says that a key is missing', async () => {
    await expect(s3.send(new GetObjectCommand({ Bucket: 'archive', Key: 'none' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });
});

describe('SQS', () => {
  async function queue(name: string, attributes: Record<string, string> = {}) {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    const receive = async (WaitTimeSeconds = 0) => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds }),
      );
      return Messages;
    };
    return { QueueUrl, receive };
  }

  test('a received message is out of sight until its time is over or it is given back', async () => {
    const { QueueUrl, receive } = await queue('visibility');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    const [first] = await receive();
    expect(await receive()).toEqual([]);
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: first?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    const [again] = await receive();
    expect(again?.Body).toBe('one');
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
    expect(await receive()).toEqual([]);
  });

  test('a long poll ends with the message that arrives', async () => {
    const { QueueUrl, receive } = await queue('long-poll');
    const waiting = receive(20);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'late' }));
    expect((await waiting).map(({ Body }) => Body)).toEqual(['late']);
  });

  test('a delayed message is counted and comes later', async () => {
    const { QueueUrl, receive } = await queue('delay');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 1 }));
    expect(await receive()).toEqual([]);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes?.['ApproximateNumberOfMessagesDelayed']).toBe('1');
    expect((await receive(5)).map(({ Body }) => Body)).toEqual(['later']);
  });

  test('a message received too often moves to the dead letters', async () => {
    const dead = await queue('dead');
    const { QueueUrl, receive } = await queue('work');
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: `arn:aws:sqs:${aws.env['AWS_REGION']}:000000000000:dead`,
      maxReceiveCount: 1,
    });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
    const [first] = await receive();
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: first?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    expect(await receive()).toEqual([]);
    expect((await dead.receive()).map(({ Body }) => Body)).toEqual(['poison']);
  });

  test('a batch with two equal ids is refused', async () => {
    const { QueueUrl } = await queue('batch');
    const entry = { Id: 'same', MessageBody: 'x' };
    await expect(
      sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [entry, entry] })),
    ).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
  });
});

describe('starting', () => {
  test('engines of the user are used, the others started', async () => {
    const DYNAMODB = 'http://127.0.0.1:9/';
    const own = await startAws({
      environment: {
        AWS_ENDPOINT_URL_DYNAMODB: DYNAMODB,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'mine',
        AWS_SECRET_ACCESS_KEY: 'mine too',
      },
    });
    try {
      expect(own.env).toMatchObject({
        AWS_ENDPOINT_URL_DYNAMODB: DYNAMODB,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'mine',
      });
      expect(own.env['AWS_ENDPOINT_URL_S3']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    } finally {
      await own.stop();
    }
  });

  test('variables left by this process are not taken for the choice of the user, nor are real credentials used', async () => {
    const second = await startAws({ environment: { ...aws.env, AWS_ACCESS_KEY_ID: 'real' } });
    try {
      expect(second.env['AWS_ENDPOINT_URL_DYNAMODB']).not.toBe(aws.env['AWS_ENDPOINT_URL_DYNAMODB']);
      expect(second.env['AWS_ACCESS_KEY_ID']).not.toBe('real');
    } finally {
      await second.stop();
    }
  });

  test('a platform without a binary is told what to set instead', () => {
    expect(() => dynoxideBinary('plan9', 'mips')).toThrow(/plan9-mips.*AWS_ENDPOINT_URL_DYNAMODB/s);
  });

  test('a database file that cannot be opened is named by the engine', async () => {
    await expect(startDynamoDb('/nowhere/at/all.db')).rejects.toThrow(/did not start: .*unable to open/s);
  });

  // Elsewhere 127.0.0.2 is no address of the machine.
  test.runIf(process.platform === 'linux').for(['DYNAMODB', 'S3', 'SQS', 'SECRETS_MANAGER'])(
    'the %s engine listens on 127.0.0.1 alone',
    async (service) => {
      const { port } = new URL(aws.env[`AWS_ENDPOINT_URL_${service}`] ?? '');
      const probe = createServer();
      // A listener on all addresses would be in the way of this one.
      await new Promise<void>((resolve, reject) => {
        probe.once('error', reject);
        probe.listen(Number(port), '127.0.0.2', resolve);
      });
      await new Promise((resolve) => probe.close(resolve));
    },
  );

  test('the engine dies with a process that is killed', async () => {
    const script = `
      import { startDynamoDb } from ${JSON.stringify(new URL('../../infra/local/dynamodb.ts', import.meta.url).href)};
      const { endpoint } = await startDynamoDb();
      console.log(endpoint);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const endpoint = line.toString().trim();
    expect((await fetch(endpoint, { method: 'POST' })).status).toBe(400);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect.poll(() => fetch(endpoint, { method: 'POST' }).then(String, () => 'gone')).toBe('gone');
  });

  test('data in a folder is there again after a stop', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'brana-engines-'));
    try {
      const first = await startAws({ dataDir, environment: {} });
      const before = new S3Client(clientConfig(first.env, 'S3'));
      await before.send(new CreateBucketCommand({ Bucket: 'kept' }));
      await before.send(new PutObjectCommand({ Bucket: 'kept', Key: 'a', Body: 'b' }));
      before.destroy();
      await first.stop();
      const second = await startAws({ dataDir, environment: {} });
      const after = new S3Client(clientConfig(second.env, 'S3'));
      const stored = await after.send(new GetObjectCommand({ Bucket: 'kept', Key: 'a' }));
      expect(await stored.Body?.transformToString()).toBe('b');
      after.destroy();
      await second.stop();
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
