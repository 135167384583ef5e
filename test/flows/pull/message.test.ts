import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePullMessage, PoisonMessage, type PullMessage } from '../../../shared/flows/pull/message.ts';
import { requestPull } from '../../../shared/flows/pull/request.ts';
import { BUCKET } from '../../faults/engines.ts';
import type { Stage } from '../../faults/stage.ts';
import { play, useEngines } from './support.ts';

const world = useEngines();

const message: PullMessage = {
  version: 1,
  company: 'com_1',
  credential: 'crd_1',
  slot: '2026-09-16T08:00:00.000Z',
  accounts: [{ account: 'acc_1', pull: null }],
  postponed: 0,
  continued: 0,
};
const text = (told: object): string => JSON.stringify({ ...message, ...told });

describe('a pull message', () => {
  it('is read as it was written, with what a newer version adds', () => {
    expect(parsePullMessage(JSON.stringify(message))).toEqual(message);
    expect(parsePullMessage(text({ added: 1 }))).toMatchObject(message);
    const { postponed: _, continued: __, ...older } = message;
    expect(parsePullMessage(JSON.stringify(older))).toEqual(message);
    const asked = { slot: null, accounts: [{ account: 'acc_1', pull: 'pul_1' }] };
    expect(parsePullMessage(text(asked))).toMatchObject(asked);
  });

  const POISON = [
    '',
    'no json',
    'null',
    '[]',
    '"text"',
    '{}',
    text({ version: 2 }),
    text({ company: 7 }),
    text({ credential: null }),
    text({ slot: 7 }),
    text({ accounts: null }),
    text({ accounts: [null] }),
    text({ accounts: [{}] }),
    text({ accounts: [{ account: 'acc_1' }] }),
    text({ accounts: [{ account: 'acc_1', pull: 7 }] }),
    text({ postponed: 'often' }),
    text({ continued: '1' }),
  ];

  it.each(POISON)('%j is poison', (body) => {
    expect(() => parsePullMessage(body)).toThrow(PoisonMessage);
  });

  it('or poison is what any text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(() => parsePullMessage(body)).toThrow(PoisonMessage);
      }),
    );
  });

  it('row 52: one that is poison goes back alone; the others of its batch are done', async () => {
    const stage = await play(world.engines);
    const { id, connection, accounts } = stage.companies[0]!;
    const standing = (await stage.calm.connections.get(id, connection))!;
    const pause = {
      kind: 'credential-refused',
      message: 'unblock the certificate',
      since: message.slot!,
    } as const;
    await stage.calm.connections.change(standing, { status: 'paused', pause }, []);
    const ledger = stage.calm.ledgerOf(id, accounts[0]!.id);
    const bodies: string[] = [];
    for (let n = 0; n < 9; n++) {
      const ready = { ...standing, credential: standing.credential! };
      await requestPull({ ...stage.calm, dynamo: stage.dynamo }, ledger, accounts[0]!, ready, null);
      bodies.push(JSON.stringify(stage.queue.pop()!.message));
    }
    bodies.splice(4, 0, '{"version":1,"company":');

    const handler = await handlerOn(stage.places, `harness/${id.slice('com_'.length, -'_0'.length)}/`);
    const Records = bodies.map((body, n) => ({ messageId: `m${n}`, body }) as SQSRecord);
    const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
    const answer = await handler({ Records } as SQSEvent, context);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm4' }] });
    // Nothing can be pulled on a paused connection; that each was ended shows that each was worked on.
    const { items } = await ledger.pulls(20, null);
    expect(items).toHaveLength(9);
    for (const pull of items)
      expect(pull).toMatchObject({
        status: 'failed',
        result: { failure: { kind: pause.kind, message: pause.message } },
      });
  });
});

/** The deployed function, on the tables and the vault of a stage. */
async function handlerOn(places: Stage['places'], vaultPrefix: string) {
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'pull' }));
  Object.assign(process.env, {
    TABLE_CONNECTIONS: places.connections,
    TABLE_LEDGER: places.ledger,
    TABLE_EVENTS: places.events,
    PULL_QUEUE_URL: QueueUrl,
    ARCHIVE_BUCKET: BUCKET,
    ARCHIVE_LOCK_YEARS: '0',
    VAULT_PREFIX: vaultPrefix,
    DATA_KEY: 'harness-data-key',
    BRANA_LOG_LEVEL: 'warn',
  });
  return (await import('../../../functions/pull/run.ts')).handler;
}
