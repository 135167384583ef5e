import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startDynamoDb } from './dynamodb.ts';
import type { Engine } from './engine.ts';
import { startS3Sqs } from './s3sqs.ts';
import { startSecrets } from './secrets.ts';

/** The region a local stack believes to be in, unless AWS_REGION says otherwise. */
const DEFAULT_REGION = 'eu-central-1';

/** The embedded AWS, started. */
export interface LocalAws {
  /** Standard variables that lead every AWS client here. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Service = 'DYNAMODB' | 'S3' | 'SQS' | 'SECRETS_MANAGER';

const variableOf = (service: Service): string => `AWS_ENDPOINT_URL_${service}`;

/** Endpoints started by this process: a variable that names one is not the user's choice. */
const ours = new Set<string>();

function chosenByUser(service: Service, environment: Environment): string | undefined {
  const url = environment[variableOf(service)] ?? environment['AWS_ENDPOINT_URL'];
  return url === undefined || url === '' || ours.has(url) ? undefined : url;
}

/**
 * Starts DynamoDB, S3, SQS and Secrets Manager on free ports of 127.0.0.1. A service whose standard endpoint variable
 * (`AWS_ENDPOINT_URL_DYNAMODB`, …, or `AWS_ENDPOINT_URL` for all) is set already is used from there and not started.
 * @param options.dataDir where everything is kept; in memory when absent
 * @throws Error when an engine does not start; the others are stopped again
 */
export async function startAws(
  options: { dataDir?: string; environment?: Environment } = {},
): Promise<LocalAws> {
  const { dataDir, environment = process.env } = options;
  const region = environment['AWS_REGION'] || DEFAULT_REGION;
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = (name: string): string | undefined =>
    dataDir === undefined ? undefined : join(dataDir, name);

  const engines: { services: Service[]; start: () => Promise<Engine> }[] = [
    { services: ['DYNAMODB'], start: () => startDynamoDb(file('dynamodb.db')) },
    {
      services: ['S3', 'SQS'],
      start: () => startS3Sqs({ region, ...(dataDir === undefined ? {} : { dataDir }) }),
    },
    {
      services: ['SECRETS_MANAGER'],
      start: () =>
        startSecrets({ region, ...(dataDir === undefined ? {} : { file: join(dataDir, 'secrets.db') }) }),
    },
  ];

  const endpoints: Record<string, string> = {};
  const starts = engines.map(async ({ services, start }) => {
    const missing: Service[] = [];
    for (const service of services) {
      const chosen = chosenByUser(service, environment);
      if (chosen === undefined) missing.push(service);
      else endpoints[variableOf(service)] = chosen;
    }
    if (missing.length === 0) return null;
    const engine = await start();
    ours.add(engine.endpoint);
    for (const service of missing) endpoints[variableOf(service)] = engine.endpoint;
    return engine;
  });

  const settled = await Promise.allSettled(starts);
  const stop = async (): Promise<void> => {
    await Promise.all(
      settled.map((start) => (start.status === 'fulfilled' ? start.value?.stop() : undefined)),
    );
  };
  const failed = settled.find((start) => start.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const foreign = Object.values(endpoints).some((endpoint) => !ours.has(endpoint));
  return { env: { ...endpoints, AWS_REGION: region, ...credentials(foreign ? environment : {}) }, stop };
}

/**
 * The embedded engines check no credentials, but the SDK signs with some: invented ones, never the user's real ones,
 * unless an engine is the user's own. An empty profile keeps the SDK from looking into `~/.aws`.
 */
function credentials(environment: Environment): Record<string, string> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = environment;
  return {
    AWS_ACCESS_KEY_ID: id || 'LOCAL',
    AWS_SECRET_ACCESS_KEY: (id && secret) || randomBytes(20).toString('hex'),
    AWS_SESSION_TOKEN: (id && token) || '',
    AWS_PROFILE: '',
  };
}
