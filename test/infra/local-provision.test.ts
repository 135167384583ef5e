import { DescribeTableCommand, DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAws, type LocalAws } from '../../infra/local/aws.ts';
import { clientConfig, provision } from '../../infra/local/provision.ts';
import type { Stack, Table } from '../../infra/local/stack.ts';

let aws: LocalAws;
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  aws = await startAws({ environment: {} });
  dynamodb = new DynamoDBClient(clientConfig(aws.env, 'DYNAMODB'));
});
afterAll(async () => {
  dynamodb?.destroy();
  await aws?.stop();
});

const stackOf = (more: Partial<Stack>): Stack => ({
  name: 'test',
  region: 'eu-central-1',
  accountId: '000000000000',
  tables: [],
  queues: [],
  buckets: [],
  secrets: [],
  functions: [],
  routes: [],
  queueMappings: [],
  schedules: [],
  ...more,
});

const hash = (AttributeName: string) => [{ AttributeName, KeyType: 'HASH' as const }];
const plain: Table = {
  name: 'ledger',
  keySchema: hash('pk'),
  attributes: [{ AttributeName: 'pk', AttributeType: 'S' }],
  indexes: [],
};
const indexed: Table = {
  ...plain,
  attributes: [...plain.attributes, { AttributeName: 'due', AttributeType: 'S' }],
  indexes: [{ IndexName: 'due', KeySchema: hash('due'), Projection: { ProjectionType: 'ALL' } }],
};

test('a table of an earlier version gets its new index, rows included, and nothing happens the third time', async () => {
  await provision(stackOf({ tables: [plain] }), aws.env);
  const Item = { pk: { S: 'row' }, due: { S: 'now' } };
  await dynamodb.send(new PutItemCommand({ TableName: 'ledger', Item }));
  await provision(stackOf({ tables: [indexed] }), aws.env);
  await provision(stackOf({ tables: [indexed] }), aws.env);
  const found = await dynamodb.send(
    new QueryCommand({
      TableName: 'ledger',
      IndexName: 'due',
      KeyConditionExpression: '#due = :now',
      ExpressionAttributeNames: { '#due': 'due' },
      ExpressionAttributeValues: { ':now': { S: 'now' } },
    }),
  );
  expect(found.Items).toEqual([Item]);
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: 'ledger' }));
  expect(Table?.GlobalSecondaryIndexes).toHaveLength(1);
});

test('a table with other keys is refused, with what to do', async () => {
  await provision(stackOf({ tables: [{ ...plain, name: 'other' }] }), aws.env);
  const changed: Table = {
    ...plain,
    name: 'other',
    keySchema: hash('id'),
    attributes: [{ AttributeName: 'id', AttributeType: 'S' }],
  };
  await expect(provision(stackOf({ tables: [changed] }), aws.env)).rejects.toThrow(
    /table other has the keys pk HASH, this version needs id HASH.*another data folder/,
  );
});

test('queues take over changed attributes, whatever their order, and buckets may exist already', async () => {
  const url = (name: string) => `${aws.env['AWS_ENDPOINT_URL_SQS']}/000000000000/${name}`;
  const make = (VisibilityTimeout: string) =>
    provision(
      stackOf({
        buckets: [{ name: 'archive' }],
        queues: [
          {
            name: 'work',
            url: url('work'),
            attributes: {
              VisibilityTimeout,
              RedrivePolicy: JSON.stringify({
                deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:000000000000:dead',
                maxReceiveCount: 2,
              }),
            },
          },
          { name: 'dead', url: url('dead'), attributes: {} },
        ],
      }),
      aws.env,
    );
  await make('30');
  await make('60');
  const sqs = new SQSClient({ ...clientConfig(aws.env, 'SQS'), useQueueUrlAsEndpoint: false });
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url('work'), AttributeNames: ['All'] }),
  );
  sqs.destroy();
  expect(Attributes).toMatchObject({
    VisibilityTimeout: '60',
    RedrivePolicy: expect.stringContaining('dead') as string,
  });
  const s3 = new S3Client(clientConfig(aws.env, 'S3'));
  await s3.send(new HeadBucketCommand({ Bucket: 'archive' }));
  s3.destroy();
});

test('a secret of the stack is made once, by chance', async () => {
  const client = new SecretsManagerClient(clientConfig(aws.env, 'SECRETS_MANAGER'));
  const make = async (): Promise<string | undefined> => {
    await provision(stackOf({ secrets: [{ name: 'data-key', length: 64 }] }), aws.env);
    return (await client.send(new GetSecretValueCommand({ SecretId: 'data-key' }))).SecretString;
  };
  const first = await make();
  expect(first).toMatch(/^[A-Za-z0-9]{64}$/);
  expect(await make()).toBe(first);
  client.destroy();
});
