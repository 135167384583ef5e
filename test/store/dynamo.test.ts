import { describe, expect, it } from 'vitest';
import { ConditionFailed, type Key, type Update, type Write } from '../../shared/store/dynamo.ts';
import { openStore, useEngines } from './support.ts';

const world = useEngines();
const open = () => ({ ...openStore(world.places), table: world.places.connections });
const key = (sk: string): Key => ({ pk: 'com_dynamo', sk });

/** The index a write's condition failed at. */
async function failedAt(work: Promise<unknown>): Promise<number> {
  const error = await work.then(
    () => new Error('nothing failed'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConditionFailed) return error.index;
  throw error;
}

describe('one item', () => {
  it('is null before it is written, and what was written after', async () => {
    const { dynamo, table } = open();
    expect(await dynamo.get(table, key('one'))).toBeNull();
    const item = {
      ...key('one'),
      text: 'ě',
      number: 7,
      flag: false,
      none: null,
      list: ['a'],
      map: { deep: 1 },
    };
    await dynamo.transact([{ table, put: item }]);
    expect(await dynamo.get(table, key('one'))).toEqual(item);
  });

  it('takes attributes by names DynamoDB reserves', async () => {
    const { dynamo, table } = open();
    const set = { status: 'new', name: 'n', date: 'd', owner: 'o', data: 1, state: 's', ttl: 2 };
    await dynamo.transact([{ table, put: { ...key('reserved'), ...set } }]);
    const when = { equals: { status: 'new' }, below: { ttl: 3 } };
    const update = { table, update: key('reserved'), set: { status: 'old', name: undefined }, when };
    expect(await dynamo.update(update)).toMatchObject({ status: 'old', date: 'd' });
  });

  it('keeps what an update does not name, and drops what it unsets', async () => {
    const { dynamo, table } = open();
    await dynamo.transact([{ table, put: { ...key('update'), a: 1, b: 2 } }]);
    const item = await dynamo.update({ table, update: key('update'), set: { b: undefined, c: 3 } });
    expect(item).toEqual({ ...key('update'), a: 1, c: 3 });
  });
});

describe('conditions', () => {
  it.each<[string, NonNullable<Update['when']>, boolean]>([
    ['exists', { exists: true }, true],
    ['equals', { equals: { fence: 5, holder: 'a' } }, true],
    ['equals another', { equals: { fence: 6 } }, false],
    ['equals, one of two', { equals: { fence: 5, holder: 'b' } }, false],
    ['absent, as null', { equals: { other: null } }, true],
    ['absent, but there', { equals: { fence: null } }, false],
    ['below', { below: { fence: 6 } }, true],
    ['below, equal', { below: { fence: 5 } }, false],
    ['below, absent', { below: { other: 0 } }, true],
    ['all together', { exists: true, equals: { holder: 'a' }, below: { fence: 6 } }, true],
    ['all together, one wrong', { exists: true, equals: { holder: 'a' }, below: { fence: 5 } }, false],
  ])('%s', async (name, when, holds) => {
    const { dynamo, table } = open();
    const update = key(`condition ${name}`);
    await dynamo.transact([{ table, put: { ...update, fence: 5, holder: 'a' } }]);
    const write = dynamo.update({ table, update, set: { done: true }, when });
    if (holds) expect(await write).toMatchObject({ done: true });
    else expect(await failedAt(write)).toBe(0);
    expect((await dynamo.get(table, update))?.['done']).toBe(holds ? true : undefined);
  });

  it('exists does not make the item', async () => {
    const { dynamo, table } = open();
    const write = { table, update: key('nowhere'), set: { a: 1 }, when: { exists: true } };
    expect(await failedAt(dynamo.update(write))).toBe(0);
    expect(await dynamo.get(table, key('nowhere'))).toBeNull();
  });
});

describe('a transaction', () => {
  it('tells which condition failed first, and does nothing', async () => {
    const { dynamo, table } = open();
    await dynamo.transact([{ table, put: { ...key('there'), revision: 1 } }]);
    const fine: Write = { table, put: { ...key('fine') }, when: 'absent' };
    const taken: Write = { table, put: { ...key('there') }, when: 'absent' };
    const stale: Write = { table, update: key('there'), set: { a: 1 }, when: { equals: { revision: 2 } } };
    expect(await failedAt(dynamo.transact([fine, taken]))).toBe(1);
    expect(await failedAt(dynamo.transact([fine, { table, remove: key('none') }, stale]))).toBe(2);
    expect(await dynamo.get(table, key('fine'))).toBeNull();
  });

  it('puts, updates and removes, all or nothing', async () => {
    const { dynamo, table } = open();
    await dynamo.transact([
      { table, put: { ...key('t1'), a: 1 } },
      { table, put: { ...key('t2'), a: 1 } },
    ]);
    await dynamo.transact([
      { table, put: { ...key('t3') } },
      { table, update: key('t1'), set: { a: 2 }, when: { equals: { a: 1 } } },
      { table, remove: key('t2') },
    ]);
    const items = await dynamo.getMany(table, ['t1', 't2', 't3'].map(key));
    const found = new Map(items.map((item) => [item['sk'], item['a']]));
    expect(found).toEqual(new Map([['t1', 2], ['t3', undefined]])); // prettier-ignore
  });

  it('leaves undefined attributes of a put out', async () => {
    const { dynamo, table } = open();
    await dynamo.transact([{ table, put: { ...key('undefined'), a: undefined, b: { c: undefined } } }]);
    expect(await dynamo.get(table, key('undefined'))).toEqual({ ...key('undefined'), b: {} });
  });
});
