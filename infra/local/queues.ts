import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Print } from './lambda.ts';
import { clientConfig, type AwsEnv } from './provision.ts';
import type { Queue, QueueMapping, Stack } from './stack.ts';

/** Event source mappings: queues start functions the way Lambda's pollers do. */

export interface Pollers {
  /**
   * Waits until every mapped queue is empty and no message is being handled. Delayed messages count. Messages that a
   * function gave back do not: they wait for their visibility timeout.
   * @returns how many messages were given back and still wait
   */
  drain(): Promise<number>;
  stop(): Promise<void>;
}

type Invoke = (functionName: string, event: unknown) => Promise<unknown>;

const LONG_POLL_SECONDS = 20;
/** Milliseconds between two looks at the queues while draining, and after a receive that failed. */
const LOOK_AGAIN = 20;
const AFTER_FAILURE = 1000;

export function startPollers(stack: Stack, env: AwsEnv, invoke: Invoke, print: Print): Pollers {
  const sqs = new SQSClient({ ...clientConfig(env, 'SQS'), useQueueUrlAsEndpoint: false, maxAttempts: 1 });
  const stopping = new AbortController();
  /** Messages given back, by id: the instant at which each is visible again. */
  const givenBack = new Map<string, number>();

  async function poll(mapping: QueueMapping): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const messages = await receive(sqs, mapping, stopping.signal);
        if (messages.length > 0) await handle(mapping, messages);
      } catch (error) {
        if (stopping.signal.aborted) return;
        const errorMessage = (error as Error).message;
        print(
          JSON.stringify({ level: 'ERROR', event: 'queue.failed', queue: mapping.queue.name, errorMessage }),
        );
        await sleep(AFTER_FAILURE, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** Runs the function with a batch and deletes what it handled; the rest comes back after its visibility timeout. */
  async function handle(mapping: QueueMapping, messages: Message[]): Promise<void> {
    for (const { MessageId } of messages) givenBack.delete(String(MessageId));
    const event = { Records: messages.map((message) => recordOf(stack, mapping.queue, message)) };
    const visibleAgain = Date.now() + visibilityOf(mapping.queue) * 1000;
    const failed = await invoke(mapping.function, event).then(
      (result) => (mapping.reportsFailures ? failedIds(result, messages) : new Set<string>()),
      () => new Set(messages.map(({ MessageId }) => String(MessageId))),
    );
    const done = messages.filter(({ MessageId }) => !failed.has(String(MessageId)));
    for (const id of failed) givenBack.set(id, visibleAgain);
    if (done.length === 0) return;
    const Entries = done.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: mapping.queue.url, Entries }));
  }

  const loops = stack.queueMappings.flatMap((mapping) =>
    Array.from({ length: mapping.concurrency }, () => poll(mapping)),
  );

  return {
    async drain() {
      for (;;) {
        const counts = await Promise.all(stack.queueMappings.map(({ queue }) => countMessages(sqs, queue)));
        for (const [id, visible] of givenBack) if (visible <= Date.now()) givenBack.delete(id);
        const total = counts.reduce((sum, count) => sum + count, 0);
        if (total <= givenBack.size) return givenBack.size;
        await sleep(LOOK_AGAIN);
      }
    },

    async stop() {
      stopping.abort();
      await Promise.all(loops);
      sqs.destroy();
    },
  };
}

async function receive(
  sqs: SQSClient,
  { queue, batchSize }: QueueMapping,
  signal: AbortSignal,
): Promise<Message[]> {
  const answer = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: Math.min(batchSize, 10),
      WaitTimeSeconds: LONG_POLL_SECONDS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
    { abortSignal: signal },
  );
  return answer.Messages ?? [];
}

/** Messages in a queue: visible, delayed and being handled. */
async function countMessages(sqs: SQSClient, queue: Queue): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['All'] }),
  );
  const states = ['', 'Delayed', 'NotVisible'];
  return states.reduce(
    (sum, state) =>
      sum + Number((Attributes as Record<string, string>)[`ApproximateNumberOfMessages${state}`] ?? 0),
    0,
  );
}

const visibilityOf = (queue: Queue): number => Number(queue.attributes['VisibilityTimeout'] ?? 30);

function recordOf(stack: Stack, queue: Queue, message: Message): object {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
    name,
    { stringValue: value.StringValue, dataType: value.DataType },
  ]);
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(attributes) as object,
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${stack.region}:${stack.accountId}:${queue.name}`,
    awsRegion: stack.region,
  };
}

/** The ids a function reported. An answer Lambda cannot read, or an id it does not know, fails the whole batch. */
function failedIds(result: unknown, messages: readonly Message[]): Set<string> {
  const all = new Set(messages.map(({ MessageId }) => String(MessageId)));
  const failures = (result as { batchItemFailures?: unknown } | null)?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return all;
  const ids = failures.map((failure) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  return ids.every((id) => typeof id === 'string' && all.has(id)) ? new Set(ids as string[]) : all;
}
