import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { activityView, transactionView } from '../../shared/api/views.ts';
import type { FeedEvent } from '../../shared/domain/event.ts';
import { createVault, vaultClient } from '../../shared/store/vault.ts';
import { openShell, type Shell } from '../infra/cli-support.ts';
import { done, refused, type Call } from '../support/api.ts';
import {
  addCompany,
  addConnection,
  addKey,
  connect,
  pfxBody,
  random,
  startTestGateway,
  type AccountBody,
  type ConnectionBody,
  type Items,
  type Page,
  type TestGateway,
  type UploadBody,
} from '../support/gateway.ts';
import { addErste, browserOf, confirmAll, start, walk } from './consent-support.ts';

// The activity log over the API, and row 67: what it must not show.

type ActivityBody = ReturnType<typeof activityView>;
type Standing = ConnectionBody & { readonly activityUntil: string | null };

const DAY = 86_400_000;
const CLIENT_SECRET = 'CANARY-client-secret-91c4d2';

let t: TestGateway;
let shell: Shell;
beforeAll(async () => {
  t = await startTestGateway();
  shell = openShell({ BRANA_URL: t.gateway.url, BRANA_KEY: t.adminKey });
});
afterAll(async () => {
  shell?.remove();
  await t?.stop();
});

const entriesOf = async (id: string, query = '', call: Call = t.admin): Promise<Page<ActivityBody>> =>
  done(await call<Page<ActivityBody>>(`GET /activity?connection=${id}${query}`));

const switchTo = async (id: string, days: number, call: Call = t.admin): Promise<Standing> =>
  done(await call<Standing>(`PUT /connections/${id}/activity`, { days }));

/** Pulls an account now. */
async function pull(account: string): Promise<void> {
  done(await t.admin(`POST /accounts/${account}/pulls`, {}), 202);
  await t.gateway.drain();
}

describe('the activity log of a connection', () => {
  let id: string;
  let account: string;
  beforeAll(async () => {
    const { connection, accounts } = await connect(t, t.admin, { code: 'LOG' });
    id = connection.id;
    account = accounts.find(({ number, currency }) => number === '5017482301' && currency === 'CZK')!.id;
  });

  test('is off until somebody switches it on', async () => {
    await pull(account);
    expect(done(await t.admin<Standing>(`GET /connections/${id}`)).activityUntil).toBeNull();
    expect(await entriesOf(id)).toEqual({ items: [], next: null });
  });

  test.each([-1, 1.5, 8, 365, '1', null])('is not on for %j days', async (days) => {
    refused(await t.admin(`PUT /connections/${id}/activity`, { days }), 400, 'invalid-request');
  });

  test('is on for the days asked for, says so, and tells it in the feed', async () => {
    const { activityUntil } = await switchTo(id, 7);
    expect(Math.abs(Date.parse(activityUntil!) - t.clock.now() - 7 * DAY)).toBeLessThan(60_000);
    const { items } = done(await t.admin<Items<FeedEvent>>('GET /events?limit=500'));
    expect(items.at(-1)).toMatchObject({
      type: 'activity.switched',
      subject: id,
      data: { until: activityUntil },
    });
  });

  test('then lists what is said to the bank, newest first, by pages', async () => {
    await pull(account);
    const { items: all, next } = await entriesOf(id);
    expect(next).toBeNull();
    expect(all.length).toBeGreaterThan(2);
    expect(all.map(({ at }) => at)).toEqual(
      all
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    expect(all.map(({ operation }) => operation)).toContain('getTransactionList');
    const list = all.find(({ operation }) => operation === 'getTransactionList')!;
    expect(list).toMatchObject({
      method: 'GET',
      url: expect.stringMatching(
        /^https:\/\/(localhost|127\.0\.0\.1):\d+\/[a-z/{}]+\/accounts\/\{\}\/\{\}\/transactions$/,
      ),
      query: { from: expect.stringMatching(/^2026-11-/) },
      attempt: 1,
      request: { headers: { accept: 'application/json', 'x-ibm-client-id': null } },
      answer: { status: 200, headers: { 'content-type': expect.stringContaining('application/json') } },
      failure: null,
    });
    expect(list.answer!.structure).toContain('transactions[].amount.currency: string');

    const paged: ActivityBody[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page<ActivityBody> = await entriesOf(id, `&limit=2${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.items);
      cursor = page.next;
    }
    expect(paged).toEqual(all);
  });

  test('is shown by "brana activity", which switches it too', async () => {
    const { items } = await entriesOf(id);
    const json = (await shell.brana('activity', 'log', '--limit', '500', '--json')).json<
      Page<ActivityBody>
    >();
    expect(json.items).toEqual(items);
    const text = (await shell.brana('activity', 'LOG', '--limit', '1')).out;
    expect(text).toContain(items[0]!.requestId);
    expect(text).not.toContain(items[1]!.requestId);
    expect(text).toContain('Recording until');

    const off = await shell.brana('activity', 'LOG', '--off', '--json');
    expect(off.json<Standing>().activityUntil).toBeNull();
    expect((await shell.brana('activity', 'LOG', '--on', '1')).out).toContain('is recorded until 2026-11-19');
    for (const wrong of [
      ['--on', '8'],
      ['--on', '0'],
      ['--on', 'x'],
      ['--on', '1', '--off'],
    ]) {
      expect((await shell.brana('activity', 'LOG', ...wrong)).code).toBe(2);
    }
  });

  test('ends by itself: nothing more is recorded, what there is can still be read', async () => {
    const { length } = (await entriesOf(id)).items;
    const record = (await t.store.connections.get(t.company, id))!;
    const activityUntil = new Date(t.clock.now() - 1).toISOString();
    await t.store.connections.change(record, { activityUntil }, []);
    expect(done(await t.admin<Standing>(`GET /connections/${id}`)).activityUntil).toBeNull();
    await pull(account);
    expect((await entriesOf(id)).items).toHaveLength(length);
  });

  test('is switched off at once, and off again changes nothing', async () => {
    await switchTo(id, 1);
    expect((await switchTo(id, 0)).activityUntil).toBeNull();
    const { length } = (await entriesOf(id)).items;
    const { items } = done(await t.admin<Items<FeedEvent>>('GET /events?limit=500'));
    expect((await switchTo(id, 0)).activityUntil).toBeNull();
    expect(done(await t.admin<Items<FeedEvent>>('GET /events?limit=500')).items).toHaveLength(items.length);
    await pull(account);
    expect((await entriesOf(id)).items).toHaveLength(length);
  });
});

describe('who may', () => {
  const both = (call: Call, id: string) =>
    Promise.all([
      call(`PUT /connections/${id}/activity`, { days: 1 }),
      call(`GET /activity?connection=${id}`),
    ]);
  let companys: string;
  let janas: string;
  let petrs: string;
  beforeAll(async () => {
    companys = (await addConnection(t, t.admin, 'COMPANY')).id;
    janas = (await addConnection(t, t.admin, 'JANA', 'jana')).id;
    petrs = (await addConnection(t, t.admin, 'PETR', 'petr')).id;
  });

  test.each(['read', 'pay', 'match'] as const)('a key of the scope %s alone may not', async (scope) => {
    const { call } = await addKey(t, [scope]);
    for (const answer of await both(call, companys)) refused(answer, 403, 'scope-missing');
  });

  test('nobody without a key', async () => {
    for (const answer of await both(t.as(null), companys)) refused(answer, 401, 'unauthenticated');
  });

  test('an administrator may, for the company and for each user', async () => {
    for (const id of [companys, janas, petrs]) for (const answer of await both(t.admin, id)) done(answer);
  });

  test("a user's admin key may for that user's own, for nothing of the company, and finds no other user's", async () => {
    const { call } = await addKey(t, ['read', 'admin'], 'jana');
    for (const answer of await both(call, janas)) done(answer);
    for (const answer of await both(call, companys)) refused(answer, 403, 'not-yours');
    for (const answer of await both(call, petrs)) refused(answer, 404, 'not-found');
  });

  test('row 63: another company finds nothing, as of a connection nobody has', async () => {
    const call = t.as(await addCompany(t, 'com_other_activity'));
    for (const answer of await both(call, companys)) refused(answer, 404, 'not-found');
    const foreign = await call(`GET /activity?connection=${companys}`);
    expect(foreign.body).toEqual((await call('GET /activity?connection=con_nobody')).body);
  });

  test('a list without its connection, or with a cursor of another list, is refused', async () => {
    const { errors } = refused(await t.admin('GET /activity'), 400, 'invalid-request');
    expect(errors).toMatchObject([{ pointer: '/query/connection' }]);
    for (const key of ['transaction#2026-11-18#a', 'connection#', '']) {
      const cursor = Buffer.from(key).toString('base64url') || 'AA';
      refused(await t.admin(`GET /activity?connection=${companys}&cursor=${cursor}`), 400, 'invalid-cursor');
    }
    for (const key of ['activity#', 'activity# ', 'activity#~', 'activity#2026', 'activity#0000#x']) {
      const cursor = Buffer.from(key).toString('base64url');
      done(await t.admin(`GET /activity?connection=${companys}&cursor=${cursor}`));
    }
  });
});

// Everything each bank's connection does, recorded, and all of it searched.
describe('row 67: no secret, number, name, text or amount stands in the log', () => {
  const needles = new Map<string, string>();
  const seek = (what: string, ...values: readonly (string | null | undefined)[]): void => {
    // Shorter ones stand in any text by chance.
    for (const value of values) if (value && value.length >= 6) needles.set(value, what);
  };
  const recorded = new Map<string, readonly ActivityBody[]>();

  beforeAll(async () => {
    seek('API key', t.adminKey);
    seek('client secret', CLIENT_SECRET);
    await raiffeisen();
    await csob();
    await erste();
  });

  async function raiffeisen(): Promise<void> {
    const { ordinary, legacy } = t.sandbox.certificates;
    const { id } = await addConnection(t, t.admin, 'RBX');
    await switchTo(id, 1);
    seek('passphrase', legacy.passphrase, ordinary.passphrase);
    seek('client id', t.sandbox.clientId);
    const body = { ...pfxBody(legacy), secrets: { clientSecret: CLIENT_SECRET } };
    const { accounts } = done(await t.admin<UploadBody>(`PUT /connections/${id}/certificate`, body));
    await use(id, accounts, 'getTransactionList');
  }

  async function csob(): Promise<void> {
    const contractNumber = t.sandbox.banks['csob-ceb'].contract;
    const clientAppGuid = '5d0f2a34-71c6-4b8e-9a27-c3d41e5f6a71';
    const config = { contractNumber, clientAppGuid };
    seek('contract', contractNumber);
    const made = { code: 'CEBX', bank: 'csob-ceb', environment: 'simulated', config };
    const { id } = done(await t.admin<ConnectionBody>('POST /connections', made), 201);
    await switchTo(id, 1);
    const body = pfxBody(t.sandbox.certificates.ordinary);
    const { accounts } = done(await t.admin<UploadBody>(`PUT /connections/${id}/certificate`, body));
    await use(id, accounts);
  }

  async function erste(): Promise<void> {
    const { banks, application } = t.sandbox;
    const { id } = await addErste(t, t.admin, 'CSX');
    await switchTo(id, 1);
    seek('application', ...Object.values(application));
    const { url } = await start({ bank: banks.erste }, t.admin, id);
    await walk(browserOf(t), url);
    const { accounts, credential } = await confirmAll(t.admin, id);
    const vault = createVault(vaultClient(), t.gateway.env['VAULT_PREFIX']!, t.clock, random);
    const token = (await vault.get(t.company, credential.id))!.reveal().refresh!.token;
    expect(token.length).toBeGreaterThan(20);
    seek('refresh token', token);
    await use(id, accounts);
  }

  /** Pulls every account, pays from one, meets with a damaged answer, and notes what may not be seen. */
  async function use(id: string, accounts: readonly AccountBody[], failing?: string): Promise<void> {
    const active = accounts.filter((one) => one.active);
    if (failing !== undefined) t.bank.misbehave({ kind: 'garbage-json', operation: failing, times: 1 });
    for (const { id: account } of active) await pull(account);
    const payer = active.find(({ currency }) => currency === 'CZK')!;
    const creditor = { name: 'Kanárek a synové', number: '19-2000145399', bankCode: '0800' };
    const payments = [{ amount: '98765.43', currency: 'CZK', creditor, message: 'CANARY message' }];
    const headers = { 'idempotency-key': id };
    done(await t.admin('POST /payments', { account: payer.id, payments }, { headers }), 202);
    await t.gateway.drain();
    seek('payee', creditor.name, creditor.number, '2000145399', '98765.43', 'CANARY message');
    for (const account of active) {
      seek('account', account.iban, account.number, account.name);
      const path = `GET /accounts/${account.id}/transactions?limit=500`;
      for (const row of done(await t.admin<Page<ReturnType<typeof transactionView>>>(path)).items) {
        const { name, iban, number } = row.counterparty;
        seek('movement', row.bankReference, name, iban, number, row.message, row.endToEndId);
        seek('amount', row.amount.replace('-', ''));
      }
    }
    recorded.set(id, (await entriesOf(id, '&limit=500')).items);
  }

  test('the search has what to look for and where', () => {
    expect(new Set(needles.values())).toEqual(
      new Set([
        ...['API key', 'client secret', 'passphrase', 'client id', 'contract', 'application'],
        ...['refresh token', 'payee', 'account', 'movement', 'amount'],
      ]),
    );
    expect(needles.size).toBeGreaterThan(100);
    const operations = [...recorded.values()].map((all) => new Set(all.map(({ operation }) => operation)));
    expect(operations).toHaveLength(3);
    for (const seen of operations) expect(seen.size).toBeGreaterThan(3);
    const [, , ofErste] = operations;
    expect([...ofErste!]).toContain('token');
  });

  test.each([
    [
      'in an answer of the API',
      (id: string) => entriesOf(id, '&limit=500').then((page) => JSON.stringify(page)),
    ],
    ['in a table', (id: string) => itemsOf(id)],
    [
      'in what the command line prints',
      async (id: string) => (await shell.brana('activity', id, '--limit', '500')).out,
    ],
    [
      'in its JSON',
      async (id: string) => (await shell.brana('activity', id, '--limit', '500', '--json')).out,
    ],
  ] as const)('%s', async (_, read) => {
    for (const id of recorded.keys()) {
      const text = await read(id);
      expect(text).toContain(recorded.get(id)![0]!.requestId);
      // Addresses as they are said: a bank may be known by a word of its own in them.
      const found = [...needles].filter(
        ([value]) => text.includes(value) || text.includes(encodeURIComponent(value)),
      );
      expect(found).toEqual([]);
    }
  });

  async function itemsOf(id: string): Promise<string> {
    const { dynamo, places } = t.store;
    const items = await dynamo.queryAll({ table: places.connections, pk: `${t.company}#${id}` });
    expect(items.length).toBe(recorded.get(id)!.length);
    return JSON.stringify(items);
  }
});
