import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startDynamoDb } from '../../infra/local/dynamodb.ts';
import type { Engine } from '../../infra/local/engine.ts';
import { startWriteMeter, type WriteMeter } from '../../infra/local/write-meter.ts';

/** The meter against the real engine: what it counts is what was written, no more and no less. */

let engine: Engine;
let meter: WriteMeter;
let client: DynamoDBClient;
let before: number;

const TableName = 'things';
const key = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk } });
const absent = {
  ConditionExpression: 'attribute_not_exists(#pk)',
  ExpressionAttributeNames: { '#pk': 'pk' },
};
const since = (): string[] => meter.written.slice(before).map(({ table, pk, sk }) => `${table} ${pk} ${sk}`);

beforeAll(async () => {
  engine = await startDynamoDb();
  meter = await startWriteMeter(() => engine.endpoint);
  client = new DynamoDBClient({
    endpoint: meter.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'LOCAL', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
});
beforeEach(() => {
  before = meter.written.length;
});
afterAll(async () => {
  client?.destroy();
  await meter?.stop();
  await engine?.stop();
});

test('single writes count once each, reads not at all', async () => {
  await client.send(new PutItemCommand({ TableName, Item: key('a') }));
  await client.send(
    new UpdateItemCommand({
      TableName,
      Key: key('a'),
      UpdateExpression: 'SET #n = :n',
      ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':n': { N: '1' } },
    }),
  );
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: key('a') }));
  expect(Item?.['n']).toEqual({ N: '1' });
  await client.send(new DeleteItemCommand({ TableName, Key: key('a') }));
  expect(since()).toEqual(['things p a', 'things p a', 'things p a']);
});

test('a write the engine refuses counts nothing', async () => {
  await client.send(new PutItemCommand({ TableName, Item: key('b') }));
  await expect(client.send(new PutItemCommand({ TableName, Item: key('b'), ...absent }))).rejects.toThrow();
  expect(since()).toEqual(['things p b']);
});

test('a transaction counts what it writes; a condition check writes nothing', async () => {
  await client.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: key('c') } },
        { Delete: { TableName, Key: key('d') } },
        { ConditionCheck: { TableName, Key: key('e'), ...absent } },
      ],
    }),
  );
  expect(since()).toEqual(['things p c', 'things p d']);
  const refused = new TransactWriteItemsCommand({
    TransactItems: [
      { Put: { TableName, Item: key('f') } },
      { Put: { TableName, Item: key('c'), ...absent } },
    ],
  });
  await expect(client.send(refused)).rejects.toThrow();
  expect(since()).toHaveLength(2);
});

test('a batch counts each of its items', async () => {
  await client.send(
    new BatchWriteItemCommand({
      RequestItems: {
        [TableName]: [
          ...['g', 'h', 'i'].map((sk) => ({ PutRequest: { Item: key(sk) } })),
          { DeleteRequest: { Key: key('c') } },
        ],
      },
    }),
  );
  expect(since().sort()).toEqual(['things p c', 'things p g', 'things p h', 'things p i']);
});
