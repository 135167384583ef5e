import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
  type SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createQueue, queueClient, type SendToQueue } from '../../shared/store/queues.ts';
import { lostAnswer, lostCall, random, refusedWith, road, testClock, useEngines } from './support.ts';

useEngines();
let sqs: SQSClient;
let url = '';
beforeAll(async () => {
  sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  url = (await sqs.send(new CreateQueueCommand({ QueueName: 'test-queue' }))).QueueUrl!;
});

function open() {
  // The client is made once the engines' addresses stand in the environment.
  const send: SendToQueue = queueClient();
  const way = road<SendMessageCommand>(send);
  const clock = testClock();
  return { queue: createQueue<unknown>(way.send, url, clock, random), road: way, clock };
}

async function received(): Promise<unknown[]> {
  const messages: unknown[] = [];
  for (;;) {
    const answer = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
    if (!answer.Messages?.length) return messages;
    messages.push(...answer.Messages.map(({ Body }) => JSON.parse(Body!) as unknown));
  }
}

describe('a queue', () => {
  it('delivers messages as they were sent', async () => {
    const { queue } = open();
    await queue.send({ text: 'žluťoučký', list: [1, null] });
    expect(await received()).toEqual([{ text: 'žluťoučký', list: [1, null] }]);
  });

  it('holds a message back for a delay', async () => {
    const { queue } = open();
    await queue.send('later', 300);
    expect(await received()).toEqual([]);
    const attributes = new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessagesDelayed'],
    });
    const { Attributes } = await sqs.send(attributes);
    expect(Attributes).toEqual({ ApproximateNumberOfMessagesDelayed: '1' });
  });

  it.each([
    [0.2, 1],
    [900, 900],
    [86_400, 900],
    [0, 0],
    [-0.4, 0],
    [-3, 0],
  ])('takes a delay of %d s as %i, which the service accepts', async (delay, seconds) => {
    const { queue, road } = open();
    await queue.send('delayed', delay);
    expect(road.sent[0]!.input.DelaySeconds === seconds).toBe(true);
  });

  it('sends again when it does not know: twice is harmless, never is not', async () => {
    const { queue, road, clock } = open();
    await received();
    road.next('SendMessage', lostAnswer, lostCall, refusedWith('RequestThrottled', 503));
    await queue.send('twice');
    expect(await received()).toEqual(['twice', 'twice']);
    expect(clock.naps).toHaveLength(3);
  });

  it('tells when a message could not be sent', async () => {
    const { queue, road } = open();
    road.next('SendMessage', ...Array.from({ length: 20 }, () => lostCall));
    await expect(queue.send('lost')).rejects.toThrow('hang up');
  });
});
