import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AdviceRecord, LedgerRow, PullRecord, StatementRecord } from '../../shared/domain/records.ts';
import { createLedger, type Page } from '../../shared/store/ledger.ts';
import { movement } from '../domain/movements.ts';
import { openStore, useEngines } from './support.ts';

const world = useEngines();
const AT = '2026-09-16T08:00:00.000Z';
const ALL = { from: '2026-01-01', to: '2026-12-31' };

function open(company = 'com_1', account = 'acc_1') {
  const { dynamo } = openStore(world.places);
  const ledger = createLedger(dynamo, world.places, company, account);
  return { ledger, write: (...writes: Parameters<typeof dynamo.transact>[0]) => dynamo.transact(writes) };
}

const row = (id: string, bookingDate: string, told: Parameters<typeof movement>[0] = {}): LedgerRow => ({
  id,
  key: `v1|${id}`,
  channel: 'transactions',
  transaction: movement({ bookingDate, ...told }),
  document: 'd',
  parser: 'p/1',
  storedAt: AT,
});

const statement = (id: string, to: string, told: Partial<StatementRecord> = {}): StatementRecord => ({
  id,
  bankId: `bank ${id}`,
  number: '1/2026',
  from: to,
  to,
  currency: 'CZK',
  composed: false,
  documents: { 'camt.053': 'd' },
  opening: '1.00',
  closing: '2.00',
  credits: '1.00',
  debits: '0.00',
  count: 1,
  reconciles: true,
  continuity: 'first',
  version: 1,
  read: true,
  last: true,
  warnings: [],
  receivedAt: AT,
  ...told,
});

const pull = (id: string): PullRecord => ({
  id,
  account: 'acc_1',
  kind: 'on-demand',
  window: null,
  status: 'queued',
  requestedAt: AT,
  result: null,
});

const days = Array.from({ length: 28 }, (_, n) => `2026-09-${String(n + 1).padStart(2, '0')}`);

/** Reads a list to its end. */
async function all<T>(read: (after: string | null) => Promise<Page<T>>): Promise<T[][]> {
  const pages: T[][] = [];
  let after: string | null = null;
  do {
    const page: Page<T> = await read(after);
    pages.push([...page.items]);
    after = page.next;
  } while (after !== null);
  return pages;
}

beforeAll(async () => {
  const { ledger, write } = open();
  await write(...days.flatMap((day) => [ledger.putRow(row('a', day)), ledger.putRow(row('b', day))]));
  await write(...days.map((day, n) => ledger.putStatement(statement(`s${n}`, day))));
  await write(...['pul_1', 'pul_2', 'pul_3', 'pul_4', 'pul_5'].map((id) => ledger.putPull(pull(id))));
  const other = open('com_1', 'acc_2');
  await other.write(
    other.ledger.putRow(row('x', '2026-09-10')),
    other.ledger.putStatement(statement('x', '2026-09-10')),
  );
});

describe('advices', () => {
  const advice = (id: string, day: string): AdviceRecord => ({
    id,
    bankId: `bank ${id}`,
    day,
    document: 'd',
    format: 'mt942',
    read: true,
    receivedAt: AT,
  });

  it('come by day, each once, and only those of the days and the account asked for', async () => {
    const { ledger, write } = open('com_1', 'acc_advised');
    const three = [advice('b', '2026-09-10'), advice('a', '2026-09-11'), advice('c', '2026-09-12')];
    await write(...three.toReversed().map(ledger.putAdvice));
    const window = (from: string, to: string) => ledger.advices({ from, to });
    expect(await window('2026-09-10', '2026-09-12')).toMatchObject(three);
    expect(await window('2026-09-11', '2026-09-11')).toMatchObject([three[1]!]);
    expect(await window('2026-09-13', '2026-12-31')).toEqual([]);
    expect(await open().ledger.advices(ALL)).toEqual([]);
    expect(await ledger.statementsIn(ALL)).toEqual([]);
    await expect(write(ledger.putAdvice(three[0]!))).rejects.toThrow();
    const twin = advice('z', '2026-09-10');
    await write(ledger.putAdvice(twin));
    expect((await window('2026-09-10', '2026-09-10')).map(({ id }) => id)).toEqual(['b', 'z']);
  });
});

describe('pages', () => {
  it('of rows come by booking date, each row once, whatever the size', async () => {
    const { ledger } = open();
    for (const limit of [1, 5, 7, 56, 57, 500]) {
      const pages = await all((after) => ledger.transactions(ALL, limit, after));
      const found = pages.flat().map(({ id, transaction }) => `${transaction.bookingDate}${id}`);
      expect(found).toEqual(days.flatMap((day) => [`${day}a`, `${day}b`]));
    }
  });

  it('of rows keep to the window, both days included', async () => {
    const { ledger } = open();
    const pages = await all((after) => ledger.transactions({ from: days[3]!, to: days[4]! }, 3, after));
    expect(pages.flat()).toHaveLength(4);
    expect((await ledger.transactions({ from: '2026-10-01', to: '2026-10-31' }, 10, null)).items).toEqual([]);
  });

  it('of statements come oldest first, of pulls latest first', async () => {
    const { ledger } = open();
    const statements = await all((after) => ledger.statements(ALL, 3, after));
    expect(statements.flat().map(({ to }) => to)).toEqual(days);
    const pulls = await all((after) => ledger.pulls(2, after));
    expect(pulls.flat().map(({ id }) => id)).toEqual(['pul_5', 'pul_4', 'pul_3', 'pul_2', 'pul_1']);
  });

  it('of another account are its own', async () => {
    const { ledger } = open('com_1', 'acc_2');
    expect((await ledger.transactions(ALL, 10, null)).items.map(({ id }) => id)).toEqual(['x']);
    expect((await open('com_2', 'acc_1').ledger.transactions(ALL, 10, null)).items).toEqual([]);
  });

  it('go on behind a row that meanwhile has a neighbour', async () => {
    const { ledger, write } = open('com_1', 'acc_3');
    await write(ledger.putRow(row('a', '2026-09-01')), ledger.putRow(row('c', '2026-09-01')));
    const first = await ledger.transactions(ALL, 1, null);
    await write(ledger.putRow(row('b', '2026-09-01')));
    const rest = await ledger.transactions(ALL, 10, first.next);
    expect(rest.items.map(({ id }) => id)).toEqual(['b', 'c']);
  });
});

describe('a cursor that is none of the list', () => {
  it.each([
    '',
    'transaction#',
    'statement#2026-09-10#s9',
    'transaction#2026-08-01#a',
    'transaction#2027-01-01#a',
    'transaction#\u{1f600}',
    'transaction#2026-09-10#\u{1f600}',
    'transaction#2026-09-20#\u{1f600}',
    'transaction#2026-09-20#\u{10ffff}',
    'transaction#\uffff\uffff',
    'zzz',
  ])('%j shows nothing of another list and breaks nothing', async (cursor) => {
    const { ledger } = open();
    const window = { from: '2026-09-05', to: '2026-09-20' };
    const { items } = await ledger.transactions(window, 100, cursor);
    for (const { transaction } of items) {
      expect(transaction.bookingDate >= window.from && transaction.bookingDate <= window.to).toBe(true);
    }
  });

  it('of pulls neither', async () => {
    const { ledger } = open();
    for (const cursor of ['pull#', 'pull#\u{1f600}', 'transaction#2026-09-10#a', 'quarantine#x', '']) {
      for (const { id } of (await ledger.pulls(100, cursor)).items) expect(id).toMatch(/^pul_/);
    }
  });

  it('is survived whatever it is', async () => {
    const { ledger } = open();
    const cursor = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `transaction#${text}`);
    await fc.assert(
      fc.asyncProperty(cursor, async (after) => {
        const { items } = await ledger.transactions(ALL, 5, after);
        expect(items.length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 50 },
    );
  });
});

describe('what identity asks', () => {
  it('are rows of the window and a few days around it', async () => {
    const { ledger } = open();
    const known = await ledger.known({ from: days[10]!, to: days[11]! }, 3);
    const found = [...new Set(known.map(({ bookingDate }) => bookingDate))];
    expect(found).toEqual(days.slice(7, 15));
    expect(known[0]).toMatchObject({ id: 'a', minor: 100_00n, channel: 'transactions', reference: null });
  });

  it('refuses a row that is there already', async () => {
    const { ledger, write } = open();
    await expect(write(ledger.putRow(row('a', days[0]!)))).rejects.toMatchObject({ name: 'ConditionFailed' });
  });
});

describe('statements', () => {
  it('have neighbours on both sides, nearest first, without themselves', async () => {
    const { ledger } = open();
    const { before, after } = await ledger.neighbours(days[10]!, 's10');
    expect(before.map(({ id }) => id)).toEqual(['s9', 's8', 's7', 's6', 's5']);
    expect(after.map(({ id }) => id)).toEqual(['s11', 's12', 's13', 's14', 's15']);
    expect((await ledger.neighbours(days[0]!, 's0')).before).toEqual([]);
    expect((await ledger.neighbours(days[27]!, 's27')).after).toEqual([]);
  });

  it('have neighbours before they stand themselves', async () => {
    const { ledger } = open();
    const { before, after } = await ledger.neighbours(days[10]!, 's10a');
    expect([before[0]!.id, after[0]!.id]).toEqual(['s10', 's11']);
  });

  it('are found by their last day, and change in place', async () => {
    const { ledger, write } = open('com_1', 'acc_4');
    const mine = statement('s', '2026-09-16');
    await write(ledger.putStatement(mine));
    await write(ledger.changeStatement(mine, { continuity: 'gap' }));
    expect(await ledger.statement('2026-09-16', 's')).toMatchObject({ ...mine, continuity: 'gap' });
    expect(await ledger.statementsIn({ from: '2026-09-16', to: '2026-09-16' })).toHaveLength(1);
    expect(await ledger.statementsIn({ from: '2026-09-17', to: '2026-09-30' })).toEqual([]);
    await expect(write(ledger.changeStatement(statement('none', '2026-09-16'), {}))).rejects.toThrow();
  });
});

describe('the rest of the ledger', () => {
  it('keeps balances, to the heller, the latest alone', async () => {
    const { ledger, write } = open();
    expect(await ledger.balances()).toBeNull();
    const balance = (minor: bigint) =>
      ({ kind: 'booked', code: 'CLBD', amount: { minor, currency: 'CZK' } }) as const;
    await write(ledger.putBalances({ at: AT, balances: [balance(-5n)], document: 'd1' }));
    const latest = { at: AT, balances: [balance(10n ** 19n + 1n)], document: 'd2' };
    await write(ledger.putBalances(latest));
    expect(await ledger.balances()).toEqual(latest);
  });

  it('keeps documents, pulls and what was set aside', async () => {
    const { ledger, write } = open();
    const document = {
      sha256: 'ab',
      kind: 'statement',
      format: 'camt.053',
      mediaType: 'application/xml',
      name: 'výpis ../č. 1.xml',
      size: 3,
      receivedAt: AT,
      parser: null,
    } as const;
    const item = { id: 'q', document: 'ab', rule: 'r', message: 'm', position: null, raw: '{}', at: AT };
    await write(ledger.putDocument(document), ledger.putQuarantined(item));
    expect(await ledger.document('ab')).toMatchObject(document);
    expect(await ledger.document('cd')).toBeNull();
    expect(await ledger.quarantined()).toMatchObject([item]);
    expect(await ledger.pull('pul_1')).toMatchObject(pull('pul_1'));
  });
});
