import { beforeAll, describe, expect, it } from 'vitest';
import type { Item, Key } from '../../shared/store/dynamo.ts';
import { openStore, random, refusedWith, sentOf, testClock, useEngines, type Twist } from './support.ts';

const world = useEngines();
const open = (clock = testClock()) => ({ ...openStore(world.places, clock), table: world.places.ledger });
const COUNT = 1_500;
const sk = (n: number): string => `row#${String(n).padStart(5, '0')}`;
const keys = (count: number): Key[] =>
  Array.from({ length: count }, (_, n) => ({ pk: 'com_many', sk: sk(n) }));
const names = (items: readonly Item[]): string[] => items.map((item) => String(item['sk']));

// About a kilobyte each, so that a query over all of them takes more than one answer.
beforeAll(async () => {
  const { dynamo, table } = open();
  const all = keys(COUNT).map((key) => ({ table, put: { ...key, fill: 'x'.repeat(1_000) } }));
  for (let at = 0; at < all.length; at += 100) await dynamo.transact(all.slice(at, at + 100));
});

describe('a query', () => {
  it('over more than a megabyte is read to its end, in order', async () => {
    const { dynamo, table, road } = open();
    const items = await dynamo.queryAll({ table, pk: 'com_many' });
    expect(names(items)).toEqual(keys(COUNT).map((key) => key.sk));
    expect(sentOf(road, 'Query').length).toBeGreaterThan(1);
  });

  it('gives one page and where it ended', async () => {
    const { dynamo, table } = open();
    const page = await dynamo.query({ table, pk: 'com_many', limit: 3 });
    expect(names(page.items)).toEqual([sk(0), sk(1), sk(2)]);
    expect(page.last).toEqual({ pk: 'com_many', sk: sk(2) });
    expect((await dynamo.query({ table, pk: 'com_none', limit: 3 })).last).toBeNull();
  });

  it('takes both ends of a span, and goes backwards', async () => {
    const { dynamo, table } = open();
    const between = [sk(10), sk(12)] as const;
    expect(names(await dynamo.queryAll({ table, pk: 'com_many', between }))).toEqual([
      sk(10),
      sk(11),
      sk(12),
    ]);
    const last = await dynamo.query({ table, pk: 'com_many', between, descending: true, limit: 1 });
    expect(names(last.items)).toEqual([sk(12)]);
  });

  it('takes a prefix', async () => {
    const { dynamo, table } = open();
    expect(await dynamo.queryAll({ table, pk: 'com_many', prefix: 'row#0149' })).toHaveLength(10);
    expect(await dynamo.queryAll({ table, pk: 'com_many', prefix: 'column#' })).toEqual([]);
  });

  it('throttled in the middle goes on where it was', async () => {
    const { dynamo, table, road } = open();
    const fine: Twist = (call) => call();
    const throttled = refusedWith('ThrottlingException');
    road.next('Query', fine, throttled, fine, throttled, throttled, fine);
    expect(await dynamo.queryAll({ table, pk: 'com_many' })).toHaveLength(COUNT);
  });
});

describe('many items by their keys', () => {
  it('come in batches of a hundred, those that are absent left out', async () => {
    const { dynamo, table, road } = open();
    const asked = [...keys(250), { pk: 'com_many', sk: 'absent' }];
    expect(names(await dynamo.getMany(table, asked)).sort()).toEqual(keys(250).map((key) => key.sk));
    expect(sentOf(road, 'BatchGetItem')).toHaveLength(3);
    expect(await dynamo.getMany(table, [])).toEqual([]);
  });

  /** Hands some of what was read back as not processed, the way a busy table does. */
  const partly =
    (share: () => number): Twist =>
    async (call) => {
      const answer = (await call()) as { Responses: Record<string, Item[]> };
      const [[table, items] = ['', []]] = Object.entries(answer.Responses);
      const kept = items.filter(() => random.next() >= share());
      const left = items.filter((item) => !kept.includes(item)).map(({ pk, sk }) => ({ pk, sk }));
      const UnprocessedKeys = left.length === 0 ? {} : { [table]: { Keys: left } };
      return { ...answer, Responses: { [table]: kept }, UnprocessedKeys };
    };

  it('row 51: come all and once when batches are processed in part, at random', async () => {
    for (let round = 0; round < 5; round++) {
      const clock = testClock();
      const { dynamo, table, road } = open(clock);
      road.next('BatchGetItem', ...Array.from({ length: 200 }, () => partly(() => random.next())));
      const items = await dynamo.getMany(table, keys(250));
      expect(names(items).sort()).toEqual(keys(250).map((key) => key.sk));
      expect(clock.naps.length).toBeGreaterThan(0);
    }
  });

  it('row 51: give up with a count when nothing is processed for a long time', async () => {
    const { dynamo, table, road } = open();
    road.next('BatchGetItem', ...Array.from({ length: 50 }, () => partly(() => 1)));
    await expect(dynamo.getMany(table, keys(3))).rejects.toThrow('3 keys');
    expect(sentOf(road, 'BatchGetItem').length).toBeLessThan(15);
  });

  it('row 51: are asked for again when the whole batch is throttled', async () => {
    const { dynamo, table, road } = open();
    const throttled = refusedWith('ProvisionedThroughputExceededException');
    road.next('BatchGetItem', throttled, throttled);
    expect(await dynamo.getMany(table, keys(3))).toHaveLength(3);
  });
});
