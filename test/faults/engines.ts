import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { startAws } from '../../infra/local/aws.ts';
import type { Item } from '../../shared/store/dynamo.ts';
import type { Places } from '../../shared/store/keys.ts';

/**
 * The real engines behind the store, shared by all seeds of a process; every seed has tables of its own, so that one
 * seed's leftovers never reach another's index.
 */
export interface Engines {
  readonly env: Readonly<Record<string, string>>;
  open(seed: string): Promise<Places>;
  close(places: Places): Promise<void>;
  dump(table: string): Promise<Item[]>;
  /** Keys and bytes of every object below a prefix. */
  objects(prefix: string): Promise<{ key: string; bytes: Uint8Array }[]>;
  stop(): Promise<void>;
}

export const BUCKET = 'archive';
/** Name of the data key that seals tokens. */
export const DATA_KEY = 'harness-data-key';

export async function startEngines(): Promise<Engines> {
  const aws = await startAws();
  Object.assign(process.env, aws.env);
  const dynamodb = new DynamoDBClient({});
  const s3 = new S3Client({ forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const secrets = new SecretsManagerClient({});
  await secrets.send(new CreateSecretCommand({ Name: DATA_KEY, SecretString: 'k'.repeat(64) }));
  secrets.destroy();

  const create = (name: string, due: boolean) =>
    dynamodb.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [...['pk', 'sk'], ...(due ? ['dueShard', 'dueAt'] : [])].map(
          (AttributeName) => ({
            AttributeName,
            AttributeType: 'S' as const,
          }),
        ),
        ...(due
          ? {
              GlobalSecondaryIndexes: [
                {
                  IndexName: 'due',
                  KeySchema: [
                    { AttributeName: 'dueShard', KeyType: 'HASH' as const },
                    { AttributeName: 'dueAt', KeyType: 'RANGE' as const },
                  ],
                  Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['connection'] },
                },
              ],
            }
          : {}),
      }),
    );

  return {
    env: aws.env,

    async open(seed) {
      const places = {
        connections: `connections-${seed}`,
        ledger: `ledger-${seed}`,
        events: `events-${seed}`,
        payments: `payments-${seed}`,
      };
      await Promise.all([
        create(places.connections, true),
        create(places.ledger, false),
        create(places.events, false),
        create(places.payments, true),
      ]);
      return places;
    },

    async close(places) {
      await Promise.all(
        Object.values(places).map((name) =>
          dynamodb.send(new DeleteTableCommand({ TableName: name as string })),
        ),
      );
    },

    async dump(table) {
      const items: Item[] = [];
      let start: Record<string, never> | undefined;
      do {
        const answer = await dynamodb.send(new ScanCommand({ TableName: table, ExclusiveStartKey: start }));
        items.push(...(answer.Items ?? []).map((item) => unmarshall(item)));
        start = answer.LastEvaluatedKey as Record<string, never> | undefined;
      } while (start);
      return items;
    },

    async objects(prefix) {
      const listed = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
      return Promise.all(
        (listed.Contents ?? []).map(async ({ Key }) => {
          const answer = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
          return { key: Key!, bytes: (await answer.Body?.transformToByteArray()) ?? new Uint8Array() };
        }),
      );
    },

    async stop() {
      dynamodb.destroy();
      s3.destroy();
      await aws.stop();
    },
  };
}
