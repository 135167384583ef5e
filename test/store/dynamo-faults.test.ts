import type { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { ConditionFailed, type Key } from '../../shared/store/dynamo.ts';
import {
  lostAnswer,
  lostCall,
  openStore,
  refusedWith,
  sentOf,
  testClock,
  useEngines,
  type Command,
} from './support.ts';

const world = useEngines();
const open = (clock = testClock()) => ({ ...openStore(world.places, clock), table: world.places.events });
const key = (sk: string): Key => ({ pk: 'com_faults', sk });
const times = <T>(count: number, what: T): T[] => Array.from({ length: count }, () => what);
const tokenOf = (command: Command) => (command as TransactWriteItemsCommand).input.ClientRequestToken;

const THROTTLES = [
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
];

describe('throttling', () => {
  it.each(THROTTLES)('%s is waited out on the clock, by every operation', async (name) => {
    const clock = testClock();
    const { dynamo, table, road } = open(clock);
    const item = key(`throttled ${name}`);
    for (const operation of ['TransactWriteItems', 'GetItem', 'Query', 'BatchGetItem', 'UpdateItem']) {
      road.next(operation, ...times(3, refusedWith(name)));
    }
    await dynamo.transact([{ table, put: { ...item, a: 1 } }]);
    expect(await dynamo.get(table, item)).toEqual({ ...item, a: 1 });
    expect(await dynamo.queryAll({ table, pk: item.pk, prefix: item.sk })).toHaveLength(1);
    expect(await dynamo.getMany(table, [item])).toHaveLength(1);
    expect(await dynamo.update({ table, update: item, set: { a: 2 } })).toEqual({ ...item, a: 2 });
    expect(clock.naps).toHaveLength(15);
    expect(road.sent).toHaveLength(20);
  });

  it('is given up after eight attempts, with the reason', async () => {
    const { dynamo, table, road } = open();
    road.next('GetItem', ...times(20, refusedWith('ThrottlingException')));
    await expect(dynamo.get(table, key('never'))).rejects.toThrow('ThrottlingException');
    expect(road.sent).toHaveLength(8);
  });

  it('waits longer from attempt to attempt, never more than a second', async () => {
    const clock = testClock();
    const { dynamo, table, road } = open(clock);
    road.next('GetItem', ...times(7, refusedWith('ThrottlingException')));
    await dynamo.get(table, key('patient'));
    for (const [at, nap] of clock.naps.entries()) {
      expect(nap).toBeLessThanOrEqual(Math.min(1_000, 20 * 2 ** (at + 1)));
    }
  });
});

describe('a refusal for good', () => {
  it.each(['ValidationException', 'AccessDeniedException', 'ResourceNotFoundException'])(
    '%s is not repeated',
    async (name) => {
      const { dynamo, table, road } = open();
      road.next('GetItem', refusedWith(name));
      road.next('UpdateItem', refusedWith(name));
      road.next('TransactWriteItems', refusedWith(name));
      await expect(dynamo.get(table, key('a'))).rejects.toThrow(name);
      await expect(dynamo.update({ table, update: key('a'), set: { a: 1 } })).rejects.toThrow(name);
      await expect(dynamo.transact([{ table, put: { ...key('a') } }])).rejects.toThrow(name);
      expect(road.sent).toHaveLength(3);
    },
  );
});

describe('a lost answer', () => {
  it('to a read is asked for again', async () => {
    const { dynamo, table, road } = open();
    await dynamo.transact([{ table, put: { ...key('read') } }]);
    road.next('GetItem', lostAnswer, lostCall, refusedWith('InternalServerError', 500));
    expect(await dynamo.get(table, key('read'))).toEqual(key('read'));
    expect(sentOf(road, 'GetItem')).toHaveLength(4);
  });

  it('to a transaction is the same request again: same token, one effect', async () => {
    const { dynamo, table, road } = open();
    road.next('TransactWriteItems', lostAnswer, lostAnswer, lostCall);
    // Without the token the repeat would find the key taken.
    await dynamo.transact([{ table, put: { ...key('once'), a: 1 }, when: 'absent' }]);
    const tokens = sentOf(road, 'TransactWriteItems').map(tokenOf);
    expect(tokens).toHaveLength(4);
    expect(new Set(tokens).size).toBe(1);
    expect(await dynamo.get(table, key('once'))).toEqual({ ...key('once'), a: 1 });
  });

  it('to an update is not: only the caller can tell its own write from another’s', async () => {
    const { dynamo, table, road } = open();
    road.next('UpdateItem', lostAnswer);
    await expect(dynamo.update({ table, update: key('update'), set: { a: 1 } })).rejects.toThrow('hang up');
    expect(road.sent).toHaveLength(1);
    expect(await dynamo.get(table, key('update'))).toMatchObject({ a: 1 });
  });

  it('never makes two callers with the same write under one condition both the first', async () => {
    const { dynamo, table, road } = open();
    await dynamo.transact([{ table, put: { ...key('taken'), state: 'opened' } }]);
    const take = () =>
      dynamo
        .transact([
          { table, update: key('taken'), set: { state: 'answered' }, when: { equals: { state: 'opened' } } },
        ])
        .then(
          () => 'first',
          (error: unknown) => (error instanceof ConditionFailed ? 'late' : error),
        );
    // One after the other, and all at once.
    expect([await take(), await take()]).toEqual(['first', 'late']);
    await dynamo.transact([{ table, put: { ...key('taken'), state: 'opened' } }]);
    const all = await Promise.all(times(20, 0).map(take));
    expect(all.toSorted()).toEqual(['first', ...times(19, 'late')]);
    const tokens = sentOf(road, 'TransactWriteItems').map(tokenOf);
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it('leads to other tokens for other content', async () => {
    const { dynamo, table, road } = open();
    await dynamo.transact([{ table, put: { ...key('token'), a: 1 } }]);
    await dynamo.transact([{ table, put: { ...key('token'), a: 2 } }]);
    const [one, other] = sentOf(road, 'TransactWriteItems').map(tokenOf);
    expect(one).not.toBe(other);
    expect(await dynamo.get(table, key('token'))).toMatchObject({ a: 2 });
  });
});

describe('writers that meet', () => {
  const cancelled = (...codes: string[]) =>
    refusedWith('TransactionCanceledException', 400, {
      CancellationReasons: codes.map((Code) => ({ Code })),
    });

  it.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    '%s of an item is waited out',
    async (code) => {
      const clock = testClock();
      const { dynamo, table, road } = open(clock);
      road.next('TransactWriteItems', ...times(5, cancelled('None', code)));
      await dynamo.transact([{ table, put: { ...key(code) } }]);
      expect(await dynamo.get(table, key(code))).toEqual(key(code));
      expect(clock.naps).toHaveLength(5);
    },
  );

  it('a conflict that does not end is thrown', async () => {
    const { dynamo, table, road } = open();
    road.next('TransactWriteItems', ...times(20, cancelled('TransactionConflict')));
    const work = dynamo.transact([{ table, put: { ...key('stuck') } }]);
    await expect(work).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(road.sent).toHaveLength(8);
  });

  it('a failed condition beside a conflict is a failed condition', async () => {
    const { dynamo, table, road } = open();
    road.next('TransactWriteItems', cancelled('TransactionConflict', 'ConditionalCheckFailed'));
    const work = dynamo.transact([{ table, put: { ...key('a') } }, { table, put: { ...key('b') } }]); // prettier-ignore
    await expect(work).rejects.toEqual(new ConditionFailed(1));
    expect(road.sent).toHaveLength(1);
  });

  it('a transaction still in progress is asked for again under its token', async () => {
    const { dynamo, table, road } = open();
    road.next('TransactWriteItems', refusedWith('TransactionInProgressException'));
    await dynamo.transact([{ table, put: { ...key('progress') }, when: 'absent' }]);
    const [one, other] = sentOf(road, 'TransactWriteItems').map(tokenOf);
    expect(one).toBe(other);
  });
});
