import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Clock, Random } from '../domain/ports.ts';
import { createRetry } from './retry.ts';

/** A queue of JSON messages, delivered at least once. */
export interface Queue<T> {
  /** @param delay seconds before the message is seen, at most 900 */
  send(message: T, delay?: number): Promise<void>;
}

/** Sends one SQS command; the port that the fault harness wraps. */
export type SendToQueue = (command: SendMessageCommand) => Promise<unknown>;

export function queueClient(): SendToQueue {
  // The host inside a queue URL does not resolve on every machine; the configured endpoint decides.
  const client = new SQSClient({ maxAttempts: 1, useQueueUrlAsEndpoint: false });
  return (command) => client.send(command);
}

export function createQueue<T>(send: SendToQueue, url: string, clock: Clock, random: Random): Queue<T> {
  // A message sent twice is harmless, since every consumer is idempotent: lost answers are repeated.
  const retry = createRetry(clock, random);
  return {
    async send(message, delay = 0) {
      await retry(() =>
        send(
          new SendMessageCommand({
            QueueUrl: url,
            MessageBody: JSON.stringify(message),
            DelaySeconds: Math.min(900, Math.max(0, Math.ceil(delay))),
          }),
        ),
      );
    },
  };
}
