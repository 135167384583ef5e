import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pending, Rates, Statement, Transaction } from '../../infra/local/cli/types.ts';
import type { CsobCebBank } from '../../infra/sandbox/csob-ceb/bank.ts';
import { parseMoney } from '../../shared/domain/money.ts';
import { openShell, type Shell } from '../infra/cli-support.ts';
import { done, refused } from '../support/api.ts';
import {
  addCompany,
  connect,
  pfxBody,
  startTestGateway,
  TODAY,
  type AccountBody,
  type ConnectionBody,
  type Page,
  type TestGateway,
  type UploadBody,
} from '../support/gateway.ts';

/** What a connection to ČSOB gives beyond statements: pending movements, rates, hints for the ERP. */

const HINTS = { contentEncoding: 'windows-1250', processingProcedure: 'CSOB-IN/7' };
const NO_HINTS = { contentEncoding: null, processingProcedure: null };

let t: TestGateway;
let shell: Shell;
let bank: CsobCebBank;
let connection: string;
let account: string;

beforeAll(async () => {
  t = await startTestGateway();
  bank = t.sandbox.banks['csob-ceb'];
  shell = openShell({ BRANA_URL: t.gateway.url, BRANA_KEY: t.adminKey });
  const made = await t.admin<ConnectionBody>('POST /connections', {
    code: 'CEB',
    bank: 'csob-ceb',
    environment: 'simulated',
    config: {
      contractNumber: bank.contract,
      clientAppGuid: '0b9c1f52-6d3e-4a87-b1c4-2e5f60718293',
      ...HINTS,
    },
  });
  connection = done(made, 201).id;
  const uploaded = await t.admin<UploadBody>(
    `PUT /connections/${connection}/certificate`,
    pfxBody(t.sandbox.certificates.ordinary),
  );
  const { accounts } = done(uploaded);
  account = accounts.find(({ currency }: AccountBody) => currency === 'CZK')!.id;
  await pull(account);
});
afterAll(async () => {
  shell?.remove();
  await t?.stop();
});

async function pull(id: string): Promise<void> {
  done(await t.admin(`POST /accounts/${id}/pulls`, {}), 202);
  await t.gateway.drain();
}

/** What the bank announced of today by now: advices are made at 9:05 and 11:05. */
const announced = (): bigint[] => {
  const own = bank.books.accountOf('274051905')!;
  const until = Date.parse(`${TODAY}T10:05:00Z`);
  return bank.books
    .movementsOf(own, TODAY)
    .filter(({ at }) => at !== null && at <= until)
    .map(({ movement }) => movement.minor);
};

const pendingOf = async (query = ''): Promise<Pending> =>
  done(await t.admin<Pending>(`GET /accounts/${account}/pending${query}`));

describe('pending', () => {
  test('is what the bank announced of today, and no transaction', async () => {
    const { items, since, at, next, unread } = await pendingOf();
    expect({ since, next, unread }).toEqual({ since: TODAY, next: null, unread: 0 });
    expect(at).toMatch(/Z$/);
    expect(items.length).toBeGreaterThan(0);
    const minors = items.map(({ amount, currency }) => parseMoney(amount, currency).minor);
    expect(minors.sort()).toEqual(announced().sort());
    for (const item of items) expect(item).toMatchObject({ bookingDate: TODAY, ...HINTS });
    const booked = done(await t.admin<Page<Transaction>>(`GET /accounts/${account}/transactions?limit=500`));
    expect(booked.items.some(({ bookingDate }) => bookingDate === TODAY)).toBe(false);
    expect(booked.items.length).toBeGreaterThan(5);
  });

  test('comes in pages', async () => {
    const all = await pendingOf();
    const first = await pendingOf('?limit=1');
    expect(first.items).toEqual(all.items.slice(0, 1));
    const rest = first.next === null ? [] : (await pendingOf(`?cursor=${first.next}`)).items;
    expect([...first.items, ...rest]).toEqual(all.items);
    const elsewhere = Buffer.from('transaction#2026-11-18#x').toString('base64url');
    refused(await t.admin(`GET /accounts/${account}/pending?cursor=${elsewhere}`), 400, 'invalid-cursor');
  });

  test('is the company’s own', async () => {
    const other = t.as(await addCompany(t, 'com_other'));
    refused(await other(`GET /accounts/${account}/pending`), 404, 'not-found');
    refused(await t.admin('GET /accounts/acc_nothing/pending'), 404, 'not-found');
  });

  test('can be switched off by account, and nothing else can be said', async () => {
    const wrong = await t.admin(`PATCH /accounts/${account}`, { bank: { advices: 'maybe' } });
    expect(refused(wrong, 422, 'bad-settings').errors).toMatchObject([{ pointer: '/bank/advices' }]);
    for (const advices of ['no', 'yes']) {
      const changed = done(await t.admin<AccountBody>(`PATCH /accounts/${account}`, { bank: { advices } }));
      expect(changed.settings.bank).toEqual({ advices });
    }
  });

  test('brana transactions --pending', async () => {
    const listed = (await shell.brana('transactions', account, '--pending', '--json')).json<Pending>();
    expect(listed.items).toEqual((await pendingOf()).items);
    const { out, code } = await shell.brana('transactions', account, '--pending');
    expect(code).toBe(0);
    expect(out).toContain(`${listed.items.length} pending transaction`);
    expect(out).toContain(`since ${TODAY}`);
    expect((await shell.brana('transactions', account, '--pending', '--from', TODAY)).code).not.toBe(0);
  });
});

describe('hints', () => {
  test('go along with statements and their documents', async () => {
    const { items } = done(await t.admin<Page<Statement>>(`GET /accounts/${account}/statements`));
    expect(items.length).toBeGreaterThan(3);
    for (const item of items) expect(item).toMatchObject(HINTS);
    const path = `GET /statements/${items[0]!.id}/content`;
    const original = await t.admin(path);
    done(original);
    expect(original.headers.get('brana-content-encoding')).toBe(HINTS.contentEncoding);
    expect(original.headers.get('brana-processing-procedure')).toBe(HINTS.processingProcedure);
    const written = await t.admin(`${path}?format=gpc&encoding=utf-8`);
    done(written);
    expect(written.headers.get('brana-content-encoding'), 'its media type says it').toBeNull();
    expect(written.headers.get('brana-processing-procedure')).toBe(HINTS.processingProcedure);
  });

  test('a connection that notes none gives none; a bank without advices has nothing pending', async () => {
    const { accounts } = await connect(t);
    const own = accounts.find(({ number }) => number === '7342069157')!.id;
    await pull(own);
    const { items } = done(await t.admin<Page<Statement>>(`GET /accounts/${own}/statements`));
    for (const item of items) expect(item).toMatchObject(NO_HINTS);
    const content = await t.admin(`GET /statements/${items[0]!.id}/content`);
    expect(content.headers.has('brana-content-encoding')).toBe(false);
    expect(content.headers.has('brana-processing-procedure')).toBe(false);
    const pending = done(await t.admin<Pending>(`GET /accounts/${own}/pending`));
    expect(pending).toMatchObject({ items: [], at: null, unread: 0 });
  });
});

describe('rates', () => {
  test('of both providers, transfers and banknotes', async () => {
    const { items, quarantined } = done(await t.admin<Rates>(`GET /connections/${connection}/rates`));
    expect(quarantined).toEqual([]);
    expect([...new Set(items.map(({ provider }) => provider))].sort()).toEqual(['cnb', 'csob']);
    const one = done(await t.admin<Rates>(`GET /connections/${connection}/rates?date=${TODAY}&currency=EUR`));
    expect(one.items).toEqual(items.filter(({ from }) => from === 'EUR'));
  });

  test('brana rates', async () => {
    const { out, code } = await shell.brana('rates', 'CEB', '--currency', 'EUR');
    expect(code).toBe(0);
    for (const shown of ['PROVIDER', 'CASH BUY', 'cnb', 'csob', '1 EUR', '2 rates'])
      expect(out).toContain(shown);
    const { items } = (await shell.brana('rates', 'ceb', '--json')).json<Rates>();
    expect(items.length).toBeGreaterThan(5);
  });
});
