import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { pullView } from '../../shared/api/views.ts';
import { addDays } from '../../shared/domain/dates.ts';
import type { FeedEvent } from '../../shared/domain/event.ts';
import { done, refused } from '../support/api.ts';
import {
  addKey,
  connect,
  startTestGateway,
  TODAY,
  type AccountBody,
  type Items,
  type Page,
  type TestGateway,
} from '../support/gateway.ts';

type PullBody = ReturnType<typeof pullView>;

let t: TestGateway;
let connection: string;
let accounts: readonly AccountBody[];
/** One the bank books almost nothing on: its pulls are quick. */
let idle: string;
beforeAll(async () => {
  t = await startTestGateway();
  const connected = await connect(t);
  connection = connected.connection.id;
  accounts = connected.accounts;
  idle = accounts.find(({ number }) => number === '864201352')!.id;
});
afterAll(() => t?.stop());

const account = async (id: string) => done(await t.admin<AccountBody>(`GET /accounts/${id}`));
const change = (id: string, body: unknown) => t.admin<AccountBody>(`PATCH /accounts/${id}`, body);
const ask = (id: string, body: unknown = {}) => t.admin<PullBody>(`POST /accounts/${id}/pulls`, body);
const pull = async (id: string, body: unknown = {}): Promise<PullBody> => {
  const answer = await ask(id, body);
  done(answer, 202);
  await t.gateway.drain();
  return done(await t.admin<PullBody>(`GET ${answer.headers.get('location')}`));
};
const calls = (operation: string) => t.bank.requests({ operation }).length;

describe('settings', () => {
  test('change one by one, the others stay', async () => {
    const before = (await account(idle)).settings;
    const changes = [
      { mode: 'transactions' },
      { historyDays: 400 },
      { historyDays: 1 },
      { formats: ['camt.053', 'pdf', 'mt940'] },
      { bank: { statementLine: 'ADDITIONAL' } },
      { enabled: false },
    ];
    let expected: object = before;
    for (const one of changes) {
      expected = { ...expected, ...one };
      expect(done(await change(idle, one)).settings).toEqual(expected);
      expect((await account(idle)).settings).toEqual(expected);
    }
    expect(done(await change(idle, {})).settings).toEqual(expected);
    expect(done(await change(idle, before)).settings).toEqual(before);
  });

  test('name a format once', async () => {
    expect(done(await change(idle, { formats: ['pdf', 'pdf', 'camt.053'] })).settings.formats).toEqual([
      'pdf',
      'camt.053',
    ]);
    done(await change(idle, { formats: ['camt.053'] }));
  });

  test.each([
    ['no history', { historyDays: 0 }, '/historyDays'],
    ['half a day', { historyDays: 1.5 }, '/historyDays'],
    ['more than a year and a month', { historyDays: 401 }, '/historyDays'],
    ['days in text', { historyDays: '5' }, '/historyDays'],
    ['another mode', { mode: 'everything' }, '/mode'],
    ['no format at all', { formats: [] }, '/formats'],
    ['too many formats', { formats: Array(6).fill('pdf') }, '/formats'],
    ['a format of another type', { formats: ['pdf', 7] }, '/formats/1'],
    ['enabled in text', { enabled: 'yes' }, '/enabled'],
    ['a setting of another type', { bank: { statementLine: 7 } }, '/bank/statementLine'],
  ])('%s is refused', async (_, body, pointer) => {
    const before = await account(idle);
    const { errors } = refused(await change(idle, body), 400, 'invalid-request');
    expect(errors?.map((one) => one.pointer)).toEqual([pointer]);
    expect(await account(idle)).toEqual(before);
  });

  test.each([
    [
      'a format the bank does not offer',
      { formats: ['camt.053', 'gpc', 'xlsx'] },
      ['/formats/1', '/formats/2'],
      /camt\.053, mt940, pdf/,
    ],
    ['a setting the bank does not have', { bank: { colour: 'red' } }, ['/bank/colour'], /Unknown/],
    [
      'a value the bank does not have',
      { bank: { statementLine: 'main' } },
      ['/bank/statementLine'],
      /MAIN, ADDITIONAL, MT940/,
    ],
    ['a setting every object has', { bank: { constructor: 'x' } }, ['/bank/constructor'], /Unknown/],
  ])('%s is refused, and nothing of the request is kept', async (_, body, pointers, says) => {
    const before = await account(idle);
    const { errors, detail } = refused(await change(idle, { ...body, historyDays: 77 }), 422, 'bad-settings');
    expect(errors?.map(({ pointer }) => pointer)).toEqual(pointers);
    expect(errors?.[0]?.detail).toMatch(says);
    expect(detail).toContain('GET /banks');
    expect(await account(idle)).toEqual(before);
  });

  test('hold for the schedule: a switched-off account is not pulled, on demand it is', async () => {
    for (const { id, active } of accounts) if (active) done(await change(id, { enabled: false }));
    const before = t.bank.requests().length;
    await t.gateway.runSchedules('2026-11-18T11:00:00.000Z');
    await t.gateway.drain();
    expect(t.bank.requests()).toHaveLength(before);
    expect(await pull(idle)).toMatchObject({ status: 'done' });
    done(await change(idle, { enabled: true }));
    const after = t.bank.requests().length;
    await t.gateway.runSchedules('2026-11-18T12:00:00.000Z');
    await t.gateway.drain();
    expect(t.bank.requests().length).toBeGreaterThan(after);
    expect(await account(idle)).toMatchObject({
      lastPull: { id: '2026-11-18T12:00:00.000Z', outcome: 'complete' },
    });
  });

  test('of the mode decide what is asked of the bank', async () => {
    const counts = () => [calls('getStatements'), calls('getTransactionList')];
    for (const [mode, statements, transactions] of [
      ['statements', 1, 0],
      ['transactions', 0, 1],
      ['both', 1, 1],
    ] as const) {
      done(await change(idle, { mode }));
      const [s = 0, tr = 0] = counts();
      expect(await pull(idle)).toMatchObject({ status: 'done' });
      expect(counts().map((count, at) => Math.sign(count - [s, tr][at]!))).toEqual([
        statements,
        transactions,
      ]);
    }
  });
});

describe('a pull on demand', () => {
  test('is taken at once, queued, and ends; the answer tells where to look', async () => {
    const answer = await ask(idle);
    const asked = done(answer, 202);
    expect(asked).toEqual({
      id: expect.stringMatching(/^pul_[0-9a-z]{26}$/),
      account: idle,
      kind: 'on-demand',
      window: null,
      status: 'queued',
      requestedAt: expect.any(String),
      result: null,
    });
    expect(answer.headers.get('location')).toBe(`/accounts/${idle}/pulls/${asked.id}`);
    await t.gateway.drain();
    const ended = done(await t.admin<PullBody>(`GET ${answer.headers.get('location')}`));
    expect(ended).toMatchObject({
      ...asked,
      status: 'done',
      result: { id: asked.id, outcome: 'complete', failure: null },
    });
    expect(Date.parse(ended.result!.finishedAt)).toBeGreaterThanOrEqual(Date.parse(ended.result!.startedAt));
    const now = await account(idle);
    expect(now.lastPull).toEqual(ended.result);
    expect(now.freshAt).toBe(ended.result!.finishedAt);
    expect(now.complete).toEqual({ transactions: TODAY, statements: TODAY });
    const { items } = done(await t.admin<Items<FeedEvent>>('GET /events?limit=500'));
    expect(items.filter(({ subject }) => subject === asked.id).map(({ type, data }) => [type, data])).toEqual(
      [['pull.finished', { account: idle, outcome: 'complete', newTransactions: 0, newStatements: 0 }]],
    );
  });

  test('needs no body at all, and the scope "read" only', async () => {
    const { call } = await addKey(t, ['read']);
    done(await call(`POST /accounts/${idle}/pulls`), 202);
    await t.gateway.drain();
  });

  test('that fails says why, with what the bank can be asked about', async () => {
    t.bank.misbehave({ kind: 'status-503', times: Infinity });
    const failed = await pull(idle);
    const last = t.bank.requests().at(-1)!;
    t.bank.behave();
    expect(failed).toMatchObject({
      status: 'failed',
      result: { outcome: 'failed', failure: { kind: 'transient', requestId: last.requestId } },
    });
    expect(failed.result!.failure!.message).toMatch(/503.*tried again/);
    expect(await account(idle)).toMatchObject({ failures: 1, lastPull: { outcome: 'failed' } });
    expect(await pull(idle)).toMatchObject({ status: 'done' });
    expect(await account(idle)).toMatchObject({ failures: 0 });
  });

  test('of an account whose connection is not active is refused', async () => {
    const { connections } = t.store;
    const standing = (await connections.get(t.company, connection))!;
    const pause = {
      kind: 'consent-needed',
      message: 'Renew the consent.',
      since: standing.createdAt,
    } as const;
    const paused = (await connections.change(standing, { status: 'paused', pause }, []))!;
    expect(refused(await ask(idle), 409, 'connection-not-active').detail).toContain('Renew the consent.');
    await connections.change(paused, { status: 'active', pause: null }, []);
    done(await ask(idle), 202);
    await t.gateway.drain();
  });
});

describe('a back-fill', () => {
  test('reads the days asked for and leaves the schedule’s progress alone', async () => {
    const euro = accounts.find(({ number, currency }) => number === '7342069157' && currency === 'EUR')!.id;
    const window = { from: addDays(TODAY, -30), to: addDays(TODAY, -25) };
    const filled = await pull(euro, window);
    expect(filled).toMatchObject({ kind: 'back-fill', window, status: 'done' });
    const booked = t.seeded.booked('7342069157', 'EUR', window.from, window.to);
    expect(filled.result!.newTransactions).toBe(booked.length);
    expect(booked.length).toBeGreaterThan(0);
    expect(await account(euro)).toMatchObject({
      complete: { transactions: null, statements: null },
      freshAt: null,
    });
    // Once more brings nothing twice.
    expect(await pull(euro, window)).toMatchObject({ result: { newTransactions: 0, newStatements: 0 } });
  });

  test('of one day, and one that ends in the future', async () => {
    expect(await pull(idle, { from: TODAY, to: TODAY })).toMatchObject({ status: 'done' });
    expect(await pull(idle, { from: addDays(TODAY, -1), to: addDays(TODAY, 400) })).toMatchObject({
      status: 'done',
    });
  });

  test.each([
    ['only a beginning', { from: '2026-11-01' }],
    ['only an end', { to: '2026-11-01' }],
    ['the end before the beginning', { from: '2026-11-02', to: '2026-11-01' }],
    ['more years than any bank keeps', { from: '0001-01-01', to: '2026-11-01' }],
    ['a window that begins tomorrow', { from: addDays(TODAY, 1), to: addDays(TODAY, 2) }],
  ])('with %s is refused, and nothing is queued', async (_, body) => {
    const before = done(await t.admin<Page<PullBody>>(`GET /accounts/${idle}/pulls`)).items.length;
    const { detail } = refused(await ask(idle, body), 422, 'bad-window');
    expect(detail).toMatch(/"from"/);
    expect(done(await t.admin<Page<PullBody>>(`GET /accounts/${idle}/pulls`)).items).toHaveLength(before);
  });

  test.each(['2026-02-30', '2026-13-01', '1.11.2026', '2026-11-01T00:00:00Z', '', '20261101'])(
    'from "%s" is refused',
    async (from) => {
      const { errors } = refused(await ask(idle, { from, to: '2026-11-01' }), 400, 'invalid-request');
      expect(new Set(errors?.map(({ pointer }) => pointer))).toEqual(new Set(['/from']));
    },
  );
});

describe('the list of pulls', () => {
  test('is newest first, in pages, each once', async () => {
    const all = done(await t.admin<Page<PullBody>>(`GET /accounts/${idle}/pulls?limit=500`));
    expect(all.next).toBeNull();
    expect(all.items.length).toBeGreaterThan(8);
    const times = all.items.map(({ requestedAt }) => requestedAt);
    expect(times).toEqual([...times].sort().reverse());
    const paged: PullBody[] = [];
    for (let cursor = ''; ;) {
      const page = done(await t.admin<Page<PullBody>>(`GET /accounts/${idle}/pulls?limit=2${cursor}`));
      paged.push(...page.items);
      if (page.next === null) break;
      expect(page.items).toHaveLength(2);
      cursor = `&cursor=${page.next}`;
    }
    expect(paged).toEqual(all.items);
  });

  test('has no pull of another account', async () => {
    const other = accounts.find(({ id, active }) => id !== idle && active)!.id;
    const { items } = done(await t.admin<Page<PullBody>>(`GET /accounts/${idle}/pulls`));
    refused(await t.admin(`GET /accounts/${other}/pulls/${items[0]!.id}`), 404, 'not-found');
  });
});

describe('rates', () => {
  interface Rate {
    readonly from: string;
    readonly to: string;
  }
  const rates = (query = '') => t.admin<Items<Rate>>(`GET /connections/${connection}/rates${query}`);

  test('come as the bank publishes them, all or one, today or of a day', async () => {
    const all = done(await rates()).items;
    expect(all.map(({ from }) => from)).toEqual(['CHF', 'EUR', 'GBP', 'HUF', 'JPY', 'PLN', 'USD']);
    const one = done(await rates('?currency=EUR')).items;
    expect(one).toEqual(all.filter(({ from }) => from === 'EUR'));
    const earlier = done(await rates('?currency=EUR&date=2026-10-01')).items;
    expect(earlier).toHaveLength(1);
    expect(earlier).not.toEqual(one);
    expect(done(await rates('?currency=XXX')).items).toEqual([]);
  });

  test('of a bank that is away are a problem that names it', async () => {
    t.bank.misbehave({ kind: 'html-200', times: 3 });
    const problem = refused(await rates(), 503, 'bank-unavailable');
    expect(problem).toMatchObject({ bank: 'raiffeisen', bankRequestId: t.bank.requests().at(-1)!.requestId });
    t.bank.behave();
    done(await rates());
  });
});
