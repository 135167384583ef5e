import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVENT_TYPES, type FeedEvent } from '../../shared/domain/event.ts';
import { createFeed, RETENTION_DAYS } from '../../shared/store/feed.ts';
import { done, refused } from '../support/api.ts';
import { addCompany, connect, random, startTestGateway, type TestGateway } from '../support/gateway.ts';

interface Events {
  readonly items: readonly FeedEvent[];
  readonly next: number;
}

let t: TestGateway;
let account: string;
beforeAll(async () => {
  t = await startTestGateway();
  const { accounts, connection } = await connect(t);
  account = accounts.find(({ number }) => number === '5017482301')!.id;
  done(await t.admin(`PATCH /accounts/${account}`, { historyDays: 2 }));
  done(await t.admin(`POST /accounts/${account}/pulls`, {}), 202);
  await t.gateway.drain();
  done(await t.admin(`DELETE /connections/${connection.id}`), 204);
});
afterAll(() => t?.stop());

const read = async (query = ''): Promise<Events> => done(await t.admin<Events>(`GET /events${query}`));

test('are dense and in order from the first, each with an id of its own', async () => {
  const { items, next } = await read('?limit=500');
  expect(items.map(({ sequence }) => sequence)).toEqual(items.map((_, at) => at + 1));
  expect(next).toBe(items.length);
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  const times = items.map(({ at }) => at);
  expect(times).toEqual([...times].sort());
});

test('tell the story: company, connection, certificate, accounts, what was booked, the end of the pull', async () => {
  const types = (await read('?limit=500')).items.map(({ type }) => type);
  expect(types.slice(0, 3)).toEqual(['company.created', 'connection.created', 'credential.current']);
  expect(types.slice(3, 9)).toEqual(Array(6).fill('account.discovered'));
  for (const type of ['balances.changed', 'statement.received', 'transactions.booked'])
    expect(types).toContain(type);
  expect(types.slice(-2)).toEqual(['pull.finished', 'connection.deleted']);
  for (const type of types) expect(EVENT_TYPES).toContain(type);
});

test('are thin: ids and verdicts, no amounts, names, numbers or texts', async () => {
  const { items } = await read('?limit=500');
  const booked = items.filter(({ type }) => type === 'transactions.booked');
  const { items: rows } = done(
    await t.admin<{ items: { id: string }[] }>(`GET /accounts/${account}/transactions?limit=500`),
  );
  // Each row is told once.
  const told = booked.flatMap(({ data }) => data['transactions'] as readonly string[]);
  expect(new Set(told).size).toBe(told.length);
  expect(told.length).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(0);
  const text = JSON.stringify(items);
  for (const { iban, number, name } of t.seeded.accounts()) {
    for (const private_ of [iban, number, name]) if (private_ !== null) expect(text).not.toContain(private_);
  }
  expect(text).not.toMatch(/\d+\.\d{2}"/);
});

describe('are read on', () => {
  test('from any place, in pages of any size, nothing twice and nothing missed', async () => {
    const { items: all } = await read('?limit=500');
    for (const limit of [1, 3, all.length, 500]) {
      const read_: FeedEvent[] = [];
      for (let after = 0; ;) {
        const page = await read(`?after=${after}&limit=${limit}`);
        if (page.items.length === 0) break;
        read_.push(...page.items);
        expect(page.next).toBe(page.items.at(-1)!.sequence);
        after = page.next;
      }
      expect(read_).toEqual(all);
    }
    expect((await read('?after=4&limit=2')).items).toEqual(all.slice(4, 6));
  });

  test('where nothing is new, from the same place again', async () => {
    const { next } = await read('?limit=500');
    expect(await read(`?after=${next}`)).toEqual({ items: [], next });
    expect(await read('?after=9007199254740990')).toEqual({ items: [], next: 9007199254740990 });
  });

  test.each(['-1', '1.5', 'x', '9007199254740991', '9007199254740992', '1e300'])(
    'not from %s',
    async (after) => {
      const { errors } = refused(await t.admin(`GET /events?after=${after}`), 400, 'invalid-request');
      expect(errors?.map(({ pointer }) => pointer)).toContain('/query/after');
    },
  );

  test.each(['0', '-1', '501', 'all'])('not %s at a time', async (limit) => {
    refused(await t.admin(`GET /events?limit=${limit}`), 400, 'invalid-request');
  });
});

test('stay for ninety days; a page of older ones leads on to the younger', async () => {
  const call = t.as(await addCompany(t, 'com_old'));
  const { dynamo, places } = t.store;
  const at = (days: number) =>
    createFeed(dynamo, places, { ...t.clock, now: () => t.clock.now() - days * 86_400_000 }, random);
  for (const days of [200, RETENTION_DAYS + 1, RETENTION_DAYS - 1, 0]) {
    await at(days).commit('com_old', [], [{ type: 'connection.created', subject: `con_${days}`, data: {} }]);
  }
  const first = done(await call<Events>('GET /events?limit=2'));
  expect(first).toEqual({ items: [], next: 2 });
  const second = done(await call<Events>(`GET /events?after=${first.next}`));
  expect(second.items.map(({ subject }) => subject)).toEqual([`con_${RETENTION_DAYS - 1}`, 'con_0']);
});
