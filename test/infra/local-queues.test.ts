import { GetItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type Gateway, type GatewayOptions } from '../../infra/local/gateway.ts';
import { clientConfig } from '../../infra/local/provision.ts';
import type { Resource } from '../../infra/local/template.ts';
import { makeStack } from '../support/stack.ts';

// Each message says what becomes of it; the log tells what was handled.
const RUN = `
  export const handler = async (event) => {
    console.log(JSON.stringify({ batch: event.Records }));
    const bodies = event.Records.map(({ body }) => body);
    if (bodies.includes('throw')) throw new Error('the whole batch');
    if (bodies.includes('nonsense')) return { batchItemFailures: [{ itemIdentifier: 'unknown' }] };
    const failed = event.Records.filter(({ body }) => body.startsWith('fail'));
    for (const record of failed) console.log(JSON.stringify({ failed: record.body }));
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };`;

// Sends as many messages as it is asked to, by SQS's own protocol.
const PLAN = `
  export const handler = async (event) => {
    console.log(JSON.stringify({ planned: event }));
    for (let i = 0; i < 3; i++) {
      await fetch(process.env.AWS_ENDPOINT_URL_SQS, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
        body: JSON.stringify({ QueueUrl: process.env.QUEUE_URL, MessageBody: 'planned ' + i }),
      });
    }
    return {};
  };`;

const queue = (name: string, properties: object = {}): Record<string, Resource> => ({
  [name]: { Type: 'AWS::SQS::Queue', Properties: { QueueName: name, ...properties } },
});
const mapping = (queueId: string, more: object): Resource => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    EventSourceArn: { 'Fn::GetAtt': [queueId, 'Arn'] },
    FunctionName: { 'Fn::GetAtt': ['pull-run', 'Arn'] },
    ...more,
  },
});
const schedule = (more: object): Resource => ({
  Type: 'AWS::Scheduler::Schedule',
  Properties: {
    ScheduleExpression: 'rate(1 hour)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: { 'Fn::GetAtt': ['pull-plan', 'Arn'] }, RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] } },
    ...more,
  },
});

const stack = makeStack(
  {
    'pull-plan': { code: PLAN, env: { QUEUE_URL: { Ref: 'work' } } },
    'pull-run': { code: RUN },
  },
  {
    ...queue('dead'),
    ...queue('work', {
      VisibilityTimeout: 1,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['dead', 'Arn'] }, maxReceiveCount: 2 },
    }),
    ...queue('patient', { VisibilityTimeout: 900 }),
    workMapping: mapping('work', { BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] }),
    patientMapping: mapping('patient', { FunctionResponseTypes: ['ReportBatchItemFailures'] }),
    ...queue('simple'),
    simpleMapping: mapping('simple', { ScalingConfig: { MaximumConcurrency: 2 } }),
    things: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'things',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      },
    },
    Hourly: schedule({}),
    Off: schedule({ State: 'DISABLED' }),
    Role: { Type: 'AWS::IAM::Role' },
  },
);

const url = (gateway: Gateway, name: string) =>
  gateway.stack.queues.find((known) => known.name === name)?.url;
const sqsOf = (gateway: Gateway) =>
  new SQSClient({ ...clientConfig(gateway.env, 'SQS'), useQueueUrlAsEndpoint: false });

/** Runs `use` with a gateway and what its functions printed. */
async function withGateway<T>(
  use: (gateway: Gateway, printed: string[]) => Promise<T>,
  options: Partial<GatewayOptions> = {},
): Promise<T> {
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  const gateway = await startGateway({ packaged: stack.packaged, schedule: false, print, ...options });
  try {
    return await use(gateway, printed);
  } finally {
    await gateway.stop();
  }
}

afterAll(() => stack.remove());

describe('a queue', () => {
  let gateway: Gateway;
  let sqs: SQSClient;
  const printed: string[] = [];

  beforeAll(async () => {
    gateway = await startGateway({
      packaged: stack.packaged,
      schedule: false,
      print: (line) => printed.push(line),
    });
    sqs = sqsOf(gateway);
  });
  afterAll(async () => {
    sqs?.destroy();
    await gateway?.stop();
  });

  const send = (name: string, ...bodies: string[]) =>
    sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: url(gateway, name),
        Entries: bodies.map((MessageBody, i) => ({ Id: String(i), MessageBody })),
      }),
    );
  const batches = () =>
    printed
      .map((line) => JSON.parse(line) as { batch?: SQSEvent['Records'] })
      .flatMap(({ batch }) => (batch ? [batch] : []));
  const handled = () =>
    batches()
      .flat()
      .map(({ body }) => body)
      .sort();

  test('hands its messages to the function in the form of SQS events', async () => {
    printed.length = 0;
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: url(gateway, 'work'),
        MessageBody: 'hello',
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'greeting' } },
      }),
    );
    expect(await gateway.drain()).toBe(0);
    expect(batches()).toMatchObject([
      [
        {
          body: 'hello',
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:work',
          awsRegion: 'eu-central-1',
          attributes: { ApproximateReceiveCount: '1' },
          messageAttributes: { kind: { stringValue: 'greeting', dataType: 'String' } },
        },
      ],
    ]);
  });

  test('drains to the last message, each handled once', async () => {
    printed.length = 0;
    const bodies = Array.from({ length: 40 }, (_, i) => `message ${i}`);
    for (let i = 0; i < bodies.length; i += 10) await send('work', ...bodies.slice(i, i + 10));
    await gateway.drain();
    expect(handled()).toEqual(bodies.toSorted());
  });

  test('gets back only what failed, and loses it to the dead letters in the end', async () => {
    printed.length = 0;
    await send('work', 'ok 1', 'fail', 'ok 2');
    expect(await gateway.drain()).toBe(1);
    expect(handled()).toEqual(['fail', 'ok 1', 'ok 2']);
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url(gateway, 'dead'), WaitTimeSeconds: 10 }),
    );
    expect(Messages?.map(({ Body }) => Body)).toEqual(['fail']);
    expect(handled()).toEqual(['fail', 'fail', 'ok 1', 'ok 2']);
  });

  test.each(['throw', 'nonsense'])(
    'gets the whole batch back when its function answers with "%s"',
    async (what) => {
      const before = await gateway.drain();
      await send('patient', what, 'innocent');
      expect((await gateway.drain()) - before).toBe(2);
    },
  );

  test('whose mapping expects no report loses a batch the function did not throw on', async () => {
    printed.length = 0;
    const before = await gateway.drain();
    await send('simple', 'fail');
    expect(await gateway.drain()).toBe(before);
    expect(handled()).toEqual(['fail']);
  });
});

describe('a schedule', () => {
  test('starts its function with the event of EventBridge Scheduler', async () => {
    await withGateway(async (gateway, printed) => {
      await gateway.runSchedules('2026-11-21T10:00:00.000Z');
      expect(await gateway.drain()).toBe(0);
      const lines = printed.map(
        (line) => JSON.parse(line) as { planned?: unknown; batch?: { body: string }[] },
      );
      expect(lines.filter(({ planned }) => planned)).toMatchObject([
        {
          planned: {
            source: 'aws.scheduler',
            'detail-type': 'Scheduled Event',
            time: '2026-11-21T10:00:00Z',
            resources: ['arn:aws:scheduler:eu-central-1:000000000000:schedule/default/Hourly'],
            detail: '{}',
          },
        },
      ]);
      const bodies = lines.flatMap(({ batch = [] }) => batch.map(({ body }) => body));
      expect(bodies.sort()).toEqual(['planned 0', 'planned 1', 'planned 2']);
    });
  });
});

describe('a data folder', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'brana-data-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  test('keeps rows and messages over a restart', async () => {
    const item = { pk: { S: 'kept' } };
    await withGateway(
      async (gateway) => {
        const dynamodb = new DynamoDBClient(clientConfig(gateway.env, 'DYNAMODB'));
        await dynamodb.send(new PutItemCommand({ TableName: 'things', Item: item }));
        dynamodb.destroy();
        const sqs = sqsOf(gateway);
        const QueueUrl = url(gateway, 'work');
        await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'for later', DelaySeconds: 1 }));
        sqs.destroy();
      },
      { dataDir },
    );
    await withGateway(
      async (gateway, printed) => {
        const dynamodb = new DynamoDBClient(clientConfig(gateway.env, 'DYNAMODB'));
        const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'things', Key: item }));
        dynamodb.destroy();
        expect(Item).toEqual(item);
        await gateway.drain();
        expect(printed.join()).toContain('for later');
      },
      { dataDir },
    );
  });

  test('serves one gateway at a time, and a start that fails gives it back', async () => {
    await withGateway(
      async (gateway) => {
        await expect(withGateway(async () => undefined, { dataDir })).rejects.toThrow(
          /Another Brana runs with the data in .*--data/,
        );
        const port = Number(new URL(gateway.url).port);
        const elsewhere = mkdtempSync(join(tmpdir(), 'brana-data-'));
        const start = () => withGateway(async () => 'started', { dataDir: elsewhere, port });
        await expect(start()).rejects.toThrow(/Port \d+ .* is taken.*--port/);
        expect(await withGateway(async () => 'started', { dataDir: elsewhere })).toBe('started');
        rmSync(elsewhere, { recursive: true, force: true });
      },
      { dataDir },
    );
  });
});
