import { randomBytes } from 'node:crypto';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTableCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  ResourceExistsException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Bucket, KeyElement, Queue, Stack, StackSecret, Table } from './stack.ts';

/** Variables that lead the SDK to the engines, see {@link startAws}. */
export type AwsEnv = Readonly<Record<string, string>>;

/** What every client of the local runner is built with. The SDK would read the process's own variables instead. */
export function clientConfig(env: AwsEnv, service: 'DYNAMODB' | 'S3' | 'SECRETS_MANAGER' | 'SQS') {
  const token = env['AWS_SESSION_TOKEN'];
  return {
    endpoint: env[`AWS_ENDPOINT_URL_${service}`] ?? '',
    region: env['AWS_REGION'] ?? '',
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      ...(token ? { sessionToken: token } : {}),
    },
  };
}

/**
 * Makes the stack's tables, queues, buckets and secrets in the engines; what exists already stays and gets what is new
 * (indexes, queue attributes).
 * @throws Error when a table of that name has other keys
 */
export async function provision(stack: Stack, env: AwsEnv): Promise<void> {
  const dynamodb = new DynamoDBClient(clientConfig(env, 'DYNAMODB'));
  const sqs = new SQSClient({ ...clientConfig(env, 'SQS'), useQueueUrlAsEndpoint: false });
  const s3 = new S3Client({ ...clientConfig(env, 'S3'), forcePathStyle: true });
  const secrets = new SecretsManagerClient(clientConfig(env, 'SECRETS_MANAGER'));
  try {
    await Promise.all([
      ...stack.tables.map((table) => provideTable(dynamodb, table)),
      provideQueues(sqs, stack.queues),
      ...stack.buckets.map((bucket) => provideBucket(s3, bucket, stack.region)),
      ...stack.secrets.map((secret) => provideSecret(secrets, secret)),
    ]);
  } finally {
    for (const client of [dynamodb, sqs, s3, secrets]) client.destroy();
  }
}

async function provideTable(dynamodb: DynamoDBClient, table: Table): Promise<void> {
  try {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: table.name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [...table.keySchema],
        AttributeDefinitions: [...table.attributes],
        ...(table.indexes.length > 0
          ? { GlobalSecondaryIndexes: structuredClone(table.indexes) as never }
          : {}),
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    await completeTable(dynamodb, table);
  }
}

/** Gives a table of an earlier version the indexes it lacks. */
async function completeTable(dynamodb: DynamoDBClient, table: Table): Promise<void> {
  const { Table: existing } = await dynamodb.send(new DescribeTableCommand({ TableName: table.name }));
  refuseOtherKeys(table, existing ?? {});
  const known = existing?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName) ?? [];
  for (const index of table.indexes.filter(({ IndexName }) => !known.includes(IndexName))) {
    await dynamodb.send(
      new UpdateTableCommand({
        TableName: table.name,
        AttributeDefinitions: [...table.attributes],
        GlobalSecondaryIndexUpdates: [{ Create: structuredClone(index) as never }],
      }),
    );
  }
}

function refuseOtherKeys(table: Table, existing: TableDescription): void {
  const text = (keys: readonly Partial<KeyElement>[] = []): string =>
    keys.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ');
  if (text(existing.KeySchema as KeyElement[]) === text(table.keySchema)) return;
  throw new Error(
    `The table ${table.name} has the keys ${text(existing.KeySchema as KeyElement[])}, this version needs ` +
      `${text(table.keySchema)}. The data was written by another version: start with another data folder.`,
  );
}

/** First every queue, then their attributes: a redrive policy names a queue that must be there. */
async function provideQueues(sqs: SQSClient, queues: readonly Queue[]): Promise<void> {
  for (const { name } of queues) await sqs.send(new CreateQueueCommand({ QueueName: name }));
  for (const { url, attributes } of queues) {
    if (Object.keys(attributes).length === 0) continue;
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { ...attributes } }));
  }
}

async function provideBucket(s3: S3Client, { name }: Bucket, region: string): Promise<void> {
  const exists = await s3.send(new HeadBucketCommand({ Bucket: name })).then(
    () => true,
    () => false,
  );
  if (exists) return;
  await s3.send(
    new CreateBucketCommand({
      Bucket: name,
      ...(region === 'us-east-1'
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: region as never } }),
    }),
  );
}

async function provideSecret(secrets: SecretsManagerClient, { name, length }: StackSecret): Promise<void> {
  const value = randomBytes(length).toString('hex').slice(0, length);
  try {
    await secrets.send(new CreateSecretCommand({ Name: name, SecretString: value }));
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error;
  }
}
