import { describe, expect, it } from 'vitest';
import { readFileAs } from '../../shared/formats/files.ts';
import { allTransactions, ask, CURRENT, download, EXPORT, NOON, seededBank, testClock } from './support.ts';

const TODAY = '2026-11-21';

describe('a movement booked by a test', () => {
  it('is in the list at once, in the balance, and in the statement next morning', () => {
    const { source, clock } = seededBank();
    const booked = () =>
      source.folders(CURRENT).find(({ currency }) => currency === 'EUR')?.balances?.booked ?? 0n;
    const before = booked();
    const reference = source.add({
      accountNumber: CURRENT,
      currency: 'EUR',
      minor: -12_34n,
      message: 'navíc',
    });
    expect(source.booked(CURRENT, 'EUR', TODAY, TODAY)).toContainEqual({
      entryReference: reference,
      date: TODAY,
      minor: -12_34n,
    });
    expect(booked() - before).toBe(-12_34n);
    clock.set('2026-11-22T03:00:00Z');
    const [first, second] = source.issues(CURRENT, 'EUR').slice(-2);
    expect(second?.movements.map((one) => one.reference)).toContain(reference);
    expect(second?.opening).toBe(first?.closing);
    expect(second?.closing).toBe(booked());
  });

  it('may show only after midnight', () => {
    const { source, clock } = seededBank();
    clock.set('2026-11-21T22:50:00Z');
    const before = source.folders(CURRENT)[0]?.balances?.booked ?? 0n;
    const visibleAt = Date.parse('2026-11-21T23:30:00Z');
    source.add({ accountNumber: CURRENT, currency: 'CZK', minor: 5n, visibleAt, variable: '7' });
    const found = () => source.booked(CURRENT, 'CZK', TODAY, TODAY).some(({ minor }) => minor === 5n);
    expect(found()).toBe(false);
    expect(source.folders(CURRENT)[0]?.balances?.booked).toBe(before);
    clock.set('2026-11-21T23:30:00Z');
    expect(found()).toBe(true);
  });

  it('is refused on a day whose statement is out, and on an account the bank does not have', () => {
    const { source } = seededBank();
    const extra = { accountNumber: CURRENT, currency: 'CZK', minor: 1n };
    expect(() => source.add({ ...extra, bookedAt: NOON - 86_400_000 })).toThrow('2026-11-20 is out');
    expect(() => source.add({ ...extra, visibleAt: NOON + 86_400_000 })).toThrow('2026-11-21 is out');
    expect(() => source.add({ ...extra, currency: 'GBP' })).toThrow('no account');
  });
});

describe('statements taken back and corrected', () => {
  it('a removed statement leaves a gap in the numbers and cannot be downloaded', async () => {
    const { bank, source } = seededBank();
    const numbers = () =>
      source.statements(EXPORT).flatMap((one) => (one.lines[0] === 'MAIN' ? [one.number] : []));
    const before = numbers();
    const victim = source.statements(EXPORT).filter(({ lines }) => lines[0] === 'MAIN')[3];
    source.removeStatement(victim?.id ?? '');
    expect(numbers()).toEqual(before.filter((number) => number !== victim?.number));
    expect((await download(bank, EXPORT, victim?.id ?? '', 'xml')).status).toBe(404);
  });

  it('a corrected statement stands beside the first, under the same number', async () => {
    const { source, clock } = seededBank();
    const first = source.issues(CURRENT, 'CZK').findLast(({ lines }) => lines[0] === 'MAIN');
    clock.advance(60_000);
    const id = source.correctStatement(first?.id ?? '');
    const both = source
      .statements(CURRENT)
      .filter(({ number, currency }) => number === first?.number && currency === 'CZK');
    expect(both.map((one) => one.id).sort()).toEqual([first?.id, id].sort());
    const [old, fresh] = await Promise.all(
      [first?.id ?? '', id].map(async (one) => (await source.document(one, 'xml', 'cs')) as Uint8Array),
    );
    expect(Buffer.from(old as Uint8Array).equals(Buffer.from(fresh as Uint8Array))).toBe(false);
    const [before] = (await readFileAs('camt.053', old as Uint8Array)).statements;
    const [after] = (await readFileAs('camt.053', fresh as Uint8Array)).statements;
    expect(after?.number).toBe(before?.number);
    expect(after?.transactions).toEqual(before?.transactions);
    expect(() => source.correctStatement('unknown')).toThrow('lists no statement');
  });
});

describe('a renewed access', () => {
  it('may number accounts anew and show fewer of them', async () => {
    const { bank, source } = seededBank();
    const ids = async () => (await ask(bank, '/accounts')).json.accounts.map((one) => one.accountId);
    const before = await ids();
    source.renumberAccounts();
    expect(await ids()).toEqual(before.map((id) => id + 1000));
    source.hideAccount(EXPORT);
    expect(await ids()).toHaveLength(before.length - 1);
    expect((await ask(bank, `/accounts/${EXPORT}/balance`)).status).toBe(404);
  });
});

describe('paging', () => {
  const span = ['2026-11-09', TODAY] as const;

  it('gives every row once, newest first, and 204 behind the last page', async () => {
    const clock = testClock();
    const { bank, source } = seededBank({
      clock,
      pageSize: 7,
      limits: () => ({ perSecond: 1e6, perDay: 1e6 }),
    });
    const rows = await allTransactions(bank, CURRENT, 'CZK', ...span);
    const truth = source.booked(CURRENT, 'CZK', ...span).map(({ entryReference }) => entryReference);
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.map((row) => row.entryReference)).toEqual(truth.reverse());
    const query = { from: span[0], to: span[1], page: String(Math.ceil(rows.length / 7) + 1) };
    expect((await ask(bank, `/accounts/${CURRENT}/CZK/transactions`, { query })).status).toBe(204);
  });

  it('a list that fills its last page exactly ends there', async () => {
    const { source } = seededBank();
    const pageSize = source.booked(CURRENT, 'CZK', '2026-11-18', '2026-11-18').length;
    const query = { from: '2026-11-18', to: '2026-11-18' };
    const answer = await ask(seededBank({ pageSize }).bank, `/accounts/${CURRENT}/CZK/transactions`, {
      query,
    });
    expect(answer.json.lastPage).toBe(true);
    expect(answer.json.transactions).toHaveLength(pageSize);
  });

  it('pages of lists carry their figures', async () => {
    const { bank } = seededBank();
    const page = async (number: string) =>
      (await ask(bank, '/accounts', { query: { page: number, size: '3' } })).json;
    expect(await page('1')).toMatchObject({
      page: 1,
      size: 3,
      first: true,
      last: false,
      totalPages: 2,
      totalSize: 4,
    });
    expect(await page('2')).toMatchObject({ first: false, last: true });
    expect((await page('2')).accounts).toHaveLength(1);
    expect((await ask(bank, '/accounts', { query: { size: '0' } })).status).toBe(400);
  });

  it('repeat-page never ends', async () => {
    const { bank } = seededBank({ pageSize: 500 });
    bank.misbehave({ kind: 'repeat-page', times: 8 });
    const query = { from: span[0], to: span[1] };
    const first = await ask(bank, `/accounts/${CURRENT}/CZK/transactions`, { query });
    const ninth = await ask(bank, `/accounts/${CURRENT}/CZK/transactions`, {
      query: { ...query, page: '9' },
    });
    expect(first.json.lastPage).toBe(false);
    expect(ninth.json).toEqual(first.json);
    const body = { accountNumber: EXPORT };
    const list = await ask(bank, '/accounts/statements', { body, query: { page: '99', size: '500' } });
    expect(list.json).toMatchObject({ page: 1, last: false });
  });

  it('shift-pages books rows between pages: the next page repeats the end of the last', async () => {
    const { bank, source } = seededBank({ pageSize: 10 });
    const page = async (number: string) => {
      const query = { from: span[0], to: span[1], page: number };
      const { json } = await ask(bank, `/accounts/${CURRENT}/CZK/transactions`, { query });
      return json.transactions.map((row) => row.entryReference);
    };
    bank.misbehave({ kind: 'shift-pages', operation: 'getTransactionList', times: Infinity, rows: 2 });
    const before = source.booked(CURRENT, 'CZK', ...span).length;
    const first = await page('1');
    expect(source.booked(CURRENT, 'CZK', ...span)).toHaveLength(before);
    expect((await page('2')).slice(0, 2)).toEqual(first.slice(-2));
    expect(source.booked(CURRENT, 'CZK', ...span)).toHaveLength(before + 2);
  });
});
