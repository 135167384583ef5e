import { describe, expect, it } from 'vitest';
import type { Misbehaviour } from '../../../infra/sandbox/types.ts';
import { ExchangeError } from '../../../shared/http/exchange-error.ts';
import { checkPromises } from '../../faults/promises.ts';
import type { Stage } from '../../faults/stage.ts';
import {
  accountOf,
  eventsOf,
  firstDay,
  inDownload,
  inJson,
  logged,
  nextSlot,
  play,
  portsWith,
  rowsOf,
  runSlot,
  statementsOf,
  today,
  told,
  truthOf,
  useEngines,
} from './support.ts';

const world = useEngines();

async function isWhole(stage: Stage): Promise<void> {
  const account = await accountOf(stage);
  const from = firstDay(account);
  const rows = told(await rowsOf(stage)).filter((row) => row >= from);
  expect(rows).toEqual(truthOf(stage, account, from, today(stage)));
}

/** What stands in the ledger and the archive of the first company. */
async function holdings(stage: Stage) {
  const { id } = stage.companies[0]!;
  const objects = await world.engines.objects(`${id}/`);
  return {
    rows: (await rowsOf(stage)).length,
    statements: (await statementsOf(stage)).length,
    kinds: objects.map(({ key }) => key.split('/')[1]!),
    texts: objects.map(({ bytes }) => Buffer.from(bytes).toString('utf8')),
  };
}

describe('row 9: a maintenance page under status 200', () => {
  it('is no empty statement and no empty day: transient, nothing is recorded', async () => {
    const stage = await play(world.engines);
    stage.bank.misbehave({ kind: 'html-200', times: Infinity });
    await runSlot(stage);
    expect((await accountOf(stage)).lastPull).toMatchObject({
      outcome: 'failed',
      failure: { kind: 'transient' },
    });
    expect(await accountOf(stage)).toMatchObject({
      sync: { transactions: null, statements: null },
      freshAt: null,
      balancesHash: null,
    });
    expect(await holdings(stage)).toEqual({ rows: 0, statements: 0, kinds: [], texts: [] });
    stage.bank.behave();
    await nextSlot(stage);
    await isWhole(stage);
  });

  it('at the download alone: the statement is had by the next slot', async () => {
    const stage = await play(world.engines, { mode: 'statements' });
    stage.bank.misbehave({ kind: 'html-200', operation: 'downloadStatement', times: Infinity });
    await runSlot(stage);
    expect(await statementsOf(stage)).toEqual([]);
    stage.bank.behave();
    await nextSlot(stage);
    const statements = await statementsOf(stage);
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.every(({ read }) => read)).toBe(true);
  });

  it('once is not noticed: the client asks again', async () => {
    const stage = await play(world.engines);
    stage.bank.misbehave({ kind: 'html-200' });
    await runSlot(stage);
    expect((await accountOf(stage)).lastPull).toMatchObject({ outcome: 'complete' });
    await isWhole(stage);
  });
});

describe.each<[string, Misbehaviour]>([
  ['row 10: an answer that drips', { kind: 'drip' }],
  ['row 10: an answer that stalls', { kind: 'stall' }],
  ['row 11: an answer that is cut off', { kind: 'truncate' }],
  ['row 11: an answer that never came', { kind: 'drop' }],
  ['row 13: a redirect', { kind: 'redirect', location: 'http://169.254.169.254/latest?role=1' }],
])('%s', (_, misbehaviour) => {
  it.each(['getBalance', 'getStatements', 'downloadStatement', 'getTransactionList'])(
    'to %s stores nothing of it, and the next slot has everything',
    async (operation) => {
      const stage = await play(world.engines);
      stage.bank.misbehave({ ...misbehaviour, operation, times: Infinity });
      await runSlot(stage);
      const { lastPull } = await accountOf(stage);
      expect(lastPull).toMatchObject({ outcome: 'failed', failure: { kind: 'transient' } });
      const kind = { getBalance: 'balances', getTransactionList: 'transactions' }[operation] ?? 'statement';
      expect((await holdings(stage)).kinds).not.toContain(kind);
      // Where a redirect led is told by its host alone.
      expect(lastPull!.failure!.message).not.toContain('latest');
      stage.bank.behave();
      await nextSlot(stage);
      await isWhole(stage);
      expect(await checkPromises(stage, world.engines)).toEqual([]);
    },
  );
});

describe('row 11: a body cut by the bank itself, whole on the line', () => {
  it('JSON cut at any place: kept for the operator, nothing of it in the ledger', async () => {
    for (const keep of [0.02, 0.3, 0.6, 0.98]) {
      const stage = await play(world.engines, { mode: 'transactions' });
      const cut = portsWith(stage, (response, { url }) =>
        url.includes('/transactions')
          ? { ...response, body: response.body.subarray(0, Math.floor(response.body.length * keep)) }
          : response,
      );
      await runSlot(stage, cut);
      expect((await accountOf(stage)).lastPull).toMatchObject({ failure: { kind: 'protocol' } });
      expect(await rowsOf(stage)).toEqual([]);
      expect((await holdings(stage)).kinds).toContain('transactions');
      await nextSlot(stage);
      await isWhole(stage);
    }
  });

  it('a statement cut at any place: kept, set aside whole, not one movement of it taken', async () => {
    for (const keep of [0.05, 0.5, 0.99]) {
      const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
      let cuts = 0;
      const cut = portsWith(
        stage,
        inDownload((text) => (cuts++ > 0 ? text : text.slice(0, Math.floor(text.length * keep)))),
      );
      await runSlot(stage, cut);
      const [broken, ...others] = await statementsOf(stage);
      expect(broken).toMatchObject({ read: false, continuity: null, opening: null, closing: null });
      expect(others.every(({ read }) => read)).toBe(true);
      const days = new Set((await rowsOf(stage)).map(({ transaction }) => transaction.bookingDate));
      expect(days.has(broken!.to)).toBe(false);
      expect(logged(stage, 'alarm.quarantined')).toHaveLength(1);
    }
  });
});

describe.each<[string, Misbehaviour]>([
  ['row 12: a gzip bomb', { kind: 'gzip-bomb', mebibytes: 16 }],
  ['row 12: a body without end', { kind: 'giant-body' }],
])('%s', (_, misbehaviour) => {
  it('is a protocol failure with an alarm; nothing of it is kept, and the other steps go on', async () => {
    const stage = await play(world.engines);
    stage.bank.misbehave({ ...misbehaviour, operation: 'getStatements' } as Misbehaviour);
    await runSlot(stage);
    expect((await accountOf(stage)).lastPull).toMatchObject({
      outcome: 'failed',
      failure: { kind: 'protocol' },
    });
    expect(logged(stage, 'alarm.pull')).toMatchObject([{ kind: 'protocol' }]);
    expect((await holdings(stage)).statements).toBe(0);
    // Movements came by the list.
    await isWhole(stage);
    await nextSlot(stage);
    expect((await holdings(stage)).statements).toBeGreaterThan(0);
    await isWhole(stage);
  });
});

describe('row 14: a server that is not the bank', () => {
  it('is asked for nothing more in this slot, and blamed, not our certificate', async () => {
    const stage = await play(world.engines, { accounts: 2 });
    const ports = {
      ...stage.calm,
      exchange: () => Promise.reject(new ExchangeError('tls-server', false, 'CERT_HAS_EXPIRED')),
    };
    await runSlot(stage, ports);
    expect((await accountOf(stage)).lastPull).toMatchObject({ failure: { kind: 'transient' } });
    const { id, connection } = stage.companies[0]!;
    expect(await stage.calm.connections.get(id, connection)).toMatchObject({ status: 'active' });
  });
});

describe('row 43: the bank changes its answers', () => {
  const rows = /\/transactions$/;

  it('fields nobody knows are kept in the document and hurt nobody', async () => {
    const stage = await play(world.engines, { mode: 'transactions' });
    const richer = portsWith(
      stage,
      inJson(rows, (body: { transactions: object[] }) => ({
        ...body,
        newField: { deep: [1] },
        transactions: body.transactions.map((row) => ({ ...row, greenScore: 7 })),
      })),
    );
    await runSlot(stage, richer);
    await isWhole(stage);
    expect((await holdings(stage)).texts.some((text) => text.includes('greenScore'))).toBe(true);
  });

  it.each<[string, (row: Record<string, unknown>) => object]>([
    ['without its reference', ({ entryReference: _, ...row }) => row],
    ['without its amount', ({ amount: _, ...row }) => row],
    ['without any date', ({ bookingDate: _, valueDate: __, ...row }) => row],
    ['with another direction', (row) => ({ ...row, creditDebitIndication: 'BOTH' })],
    ['with an amount that is none', (row) => ({ ...row, amount: { value: 'much', currency: 'CZK' } })],
    ['in another currency', (row) => ({ ...row, amount: { value: 1, currency: 'EUR' } })],
  ])('a row %s is set aside with an alarm, the rest is stored', async (_, spoil) => {
    const stage = await play(world.engines, { mode: 'transactions', pageSize: 30, historyDays: 1 });
    const spoiled: string[] = [];
    const ports = portsWith(
      stage,
      inJson(rows, (body: { transactions: Record<string, unknown>[] }) => {
        if (spoiled.length > 0) return;
        spoiled.push(String(body.transactions[1]!['entryReference']));
        body.transactions[1] = spoil(body.transactions[1]!) as Record<string, unknown>;
      }),
    );
    await runSlot(stage, ports);
    const account = await accountOf(stage);
    const expected = truthOf(stage, account, firstDay(account), today(stage));
    expect(told(await rowsOf(stage))).toEqual(expected.filter((row) => !row.includes(spoiled[0]!)));
    const aside = await stage.calm.ledgerOf(account.company, account.id).quarantined();
    expect(aside).toHaveLength(1);
    expect(aside[0]!.message).toMatch(/kept aside/);
    expect(logged(stage, 'alarm.quarantined')).toHaveLength(1);
    const event = (await eventsOf(stage)).find(({ type }) => type === 'document.quarantined');
    expect(event).toMatchObject({ subject: account.id, data: { items: [aside[0]!.id] } });

    // Read again it is not news again; mended by the bank it is stored.
    stage.time.advance(3_600_000);
    await runSlot(stage);
    await isWhole(stage);
    expect(logged(stage, 'alarm.quarantined')).toHaveLength(1);
  });

  it('two rows spoiled in the same way are one item, and stop nothing', async () => {
    const stage = await play(world.engines, { mode: 'transactions', pageSize: 30, historyDays: 1 });
    const ports = portsWith(
      stage,
      inJson(rows, (body: { transactions: object[] }) => {
        body.transactions.push({ entryReference: null }, { entryReference: null });
      }),
    );
    expect(await runSlot(stage, ports)).toEqual([]);
    expect((await accountOf(stage)).lastPull).toMatchObject({ outcome: 'complete' });
    await isWhole(stage);
  });

  it('an entry of a statement that cannot be read is set aside, the others stored, the sums told wrong', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
    let spoiled = 0;
    const ports = portsWith(
      stage,
      inDownload((text) => (spoiled++ > 0 ? text : text.replace('<Sts>BOOK</Sts>', '<Sts>MAYBE</Sts>'))),
    );
    await runSlot(stage, ports);
    const account = await accountOf(stage);
    const aside = await stage.calm.ledgerOf(account.company, account.id).quarantined();
    expect(aside).toMatchObject([{ rule: 'status-unknown' }]);
    const [first] = await statementsOf(stage);
    expect(first).toMatchObject({ read: true, reconciles: false, continuity: 'mismatch' });
    const onDay = (await rowsOf(stage)).filter(({ transaction }) => transaction.bookingDate === first!.to);
    expect(onDay).toHaveLength(truthOf(stage, account, first!.to, first!.to).length - 1);
  });

  it('a list without its rows is a protocol failure, no empty day', async () => {
    const stage = await play(world.engines, { mode: 'transactions' });
    const ports = portsWith(
      stage,
      inJson(rows, () => ({ movements: [] })),
    );
    await runSlot(stage, ports);
    expect(await accountOf(stage)).toMatchObject({
      sync: { transactions: null },
      lastPull: { failure: { kind: 'protocol' } },
    });
  });
});
