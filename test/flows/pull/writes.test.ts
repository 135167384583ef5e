import type { TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../../shared/domain/dates.ts';
import { planPulls } from '../../../shared/flows/pull/plan.ts';
import { runPulls } from '../../../shared/flows/pull/run.ts';
import { checkPromises } from '../../faults/promises.ts';
import type { Stage } from '../../faults/stage.ts';
import type { Command, Road } from '../../store/support.ts';
import {
  accountOf,
  callsOf,
  eventsOf,
  HOUR,
  MINUTE,
  nextSlot,
  play,
  portsOnRoad,
  portsWith,
  pullByHand,
  rowsOf,
  runSlot,
  slotAt,
  today,
  told,
  truthOf,
  useEngines,
} from './support.ts';

const world = useEngines();

/** Sort keys of every item written, in order. */
function written(road: Road<Command>): string[] {
  const keyOf = (key: unknown): string => String(unmarshall(key as never)['sk']);
  return road.sent.flatMap((command) => {
    if (command.constructor.name === 'UpdateItemCommand')
      return [keyOf((command as UpdateItemCommand).input.Key)];
    if (command.constructor.name !== 'TransactWriteItemsCommand') return [];
    const { TransactItems = [] } = (command as TransactWriteItemsCommand).input;
    return TransactItems.map(({ Put, Update, Delete }) => keyOf(Put?.Item ?? Update?.Key ?? Delete?.Key));
  });
}

describe('a pull that finds nothing new', () => {
  // Nothing is booked between these two slots of the night.
  const night = Date.parse('2026-09-16T20:30:00Z');

  it.each(['statements', 'transactions', 'both'] as const)(
    'in mode %s writes the gate twice and the account once, and nothing else',
    async (mode) => {
      const stage = await play(world.engines, { mode, start: night });
      await runSlot(stage);
      const { ports, road } = portsOnRoad(stage);
      const events = (await eventsOf(stage)).length;
      await nextSlot(stage, ports);
      const account = await accountOf(stage);
      expect(account.lastPull).toMatchObject({ outcome: 'complete', newTransactions: 0, newStatements: 0 });
      expect(written(road)).toEqual(['gate', `account#${account.id}`, 'gate']);
      expect(await eventsOf(stage)).toHaveLength(events);
    },
  );

  it('writes once more per account, not per page', async () => {
    const stage = await play(world.engines, { accounts: 2, pageSize: 2, start: night });
    await runSlot(stage);
    const { ports, road } = portsOnRoad(stage);
    await nextSlot(stage, ports);
    const keys = written(road);
    expect(keys.filter((key) => key === 'gate')).toHaveLength(2);
    expect(keys.filter((key) => key.startsWith('account#'))).toHaveLength(2);
    expect(keys).toHaveLength(4);
    expect(callsOf(stage)['getTransactionList']).toBeGreaterThan(10);
  });

  it('asks the ledger once for a list, however many pages it has', async () => {
    const stage = await play(world.engines, { mode: 'transactions', pageSize: 2, start: night });
    await runSlot(stage);
    const { ports, road } = portsOnRoad(stage);
    const before = stage.bank.requests().length;
    await nextSlot(stage, ports);
    expect(callsOf(stage, before)['getTransactionList']).toBeGreaterThan(5);
    const queries = road.sent.filter(({ constructor }) => constructor.name === 'QueryCommand');
    // Four shards of the plan, one reading of the window.
    expect(queries).toHaveLength(5);
  });
});

it('one new movement is one transaction: row, document, account, event, counter', async () => {
  const stage = await play(world.engines, {
    mode: 'transactions',
    start: Date.parse('2026-09-16T20:30:00Z'),
  });
  await runSlot(stage);
  const account = await accountOf(stage);
  stage.time.advance(MINUTE);
  stage.bank.source.add({ accountNumber: account.handle, currency: account.currency, minor: 5n });
  const { ports, road } = portsOnRoad(stage);
  await nextSlot(stage, ports);
  const keys = written(road).map((key) => key.split('#')[0]);
  // Balances first, for they changed too; then the row; then the end of the pull.
  expect(keys).toEqual([
    ...['gate'],
    ...['event', 'account', 'document', 'balances', 'counter'],
    ...['event', 'account', 'transaction', 'document', 'counter'],
    ...['account', 'gate'],
  ]);
});

it('ninety new movements of one page go in chunks of forty, each with its event', async () => {
  const stage = await play(world.engines, { mode: 'transactions', pageSize: 200 });
  await runSlot(stage);
  const { handle: accountNumber, currency } = await accountOf(stage);
  for (let n = 1; n <= 90; n++) stage.bank.source.add({ accountNumber, currency, minor: BigInt(n) });
  const { ports, road } = portsOnRoad(stage);
  await nextSlot(stage, ports);
  const rows = road.sent
    .filter(({ constructor }) => constructor.name === 'TransactWriteItemsCommand')
    .map(
      (command) =>
        written({ ...road, sent: [command] }).filter((key) => key.startsWith('transaction#')).length,
    )
    .filter((count) => count > 0);
  const { newTransactions } = (await accountOf(stage)).lastPull!;
  expect(rows.slice(0, 2)).toEqual([40, 40]);
  expect(rows).toHaveLength(3);
  expect(newTransactions).toBe(rows.reduce((sum, count) => sum + count, 0));
  const booked = (await eventsOf(stage)).filter(({ type }) => type === 'transactions.booked').slice(-3);
  expect(booked.map(({ data }) => (data['transactions'] as string[]).length)).toEqual(rows);
  expect(await checkPromises(stage, world.engines)).toEqual([]);
});

describe('the modes of a pull', () => {
  it('give the same movements, whether by statements, by the list or by both', async () => {
    const ledgers: string[][] = [];
    for (const mode of ['statements', 'transactions', 'both'] as const) {
      const stage = await play(world.engines, { mode, seed: 'modes', historyDays: 4 });
      for (let slot = 0; slot < 5; slot++) await nextSlot(stage, stage.calm, 14 * HOUR);
      const account = await accountOf(stage);
      const span = [addDays(today(stage), -6), addDays(today(stage), -1)] as const;
      const rows = told(await rowsOf(stage)).filter((row) => row >= span[0] && row.slice(0, 10) <= span[1]);
      expect(rows).toEqual(truthOf(stage, account, ...span));
      expect(await checkPromises(stage, world.engines)).toEqual([]);
      ledgers.push(rows);
    }
    expect(ledgers[1]).toEqual(ledgers[0]);
    expect(ledgers[2]).toEqual(ledgers[0]);
    expect(ledgers[0]!.length).toBeGreaterThan(20);
  });

  it('changed on the way double and lose nothing', async () => {
    const stage = await play(world.engines, { mode: 'both' });
    for (const mode of ['transactions', 'statements', 'both', 'statements', 'transactions'] as const) {
      const account = await accountOf(stage);
      await stage.calm.accounts.changeSettings(account, { ...account.settings, mode });
      await nextSlot(stage, stage.calm, 11 * HOUR);
    }
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });
});

describe('a back-fill', () => {
  /** A run that had time for some pages only, so that the schedule has something to go on with. */
  async function interrupted(): Promise<Stage> {
    const stage = await play(world.engines, { mode: 'both', pageSize: 4, historyDays: 2 });
    await planPulls(stage.calm, slotAt(stage.time.now()));
    const [{ message }] = stage.queue.splice(0) as [(typeof stage.queue)[0]];
    const slow = portsWith(stage, (response, { url }) => {
      if (url.includes('/transactions')) stage.time.advance(40_000);
      return response;
    });
    await runPulls(slow, message, stage.time.now() + 3 * MINUTE);
    stage.queue.length = 0;
    return stage;
  }

  it('brings the days asked for and leaves the schedule’s own progress alone', async () => {
    const stage = await interrupted();
    const { sync, slot, freshAt } = await accountOf(stage);
    expect(sync.resume).not.toBeNull();
    const from = addDays(today(stage), -12);
    const to = addDays(today(stage), -8);
    const pull = await pullByHand(stage, { from, to });
    expect(pull).toMatchObject({ kind: 'back-fill', status: 'done', result: { outcome: 'complete' } });
    expect(await accountOf(stage)).toMatchObject({ sync, slot, freshAt, lastPull: { id: pull.id } });
    const account = await accountOf(stage);
    const rows = told(await rowsOf(stage)).filter((row) => row >= from && row.slice(0, 10) <= to);
    expect(rows).toEqual(truthOf(stage, account, from, to));
    const finished = (await eventsOf(stage)).filter(({ type }) => type === 'pull.finished');
    expect(finished).toMatchObject([
      { subject: pull.id, data: { outcome: 'complete', newTransactions: rows.length } },
    ]);

    await nextSlot(stage);
    expect(await accountOf(stage)).toMatchObject({
      sync: { resume: null },
      lastPull: { outcome: 'complete' },
    });
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });

  it('of days already in the ledger brings nothing', async () => {
    const stage = await play(world.engines, { historyDays: 3 });
    await runSlot(stage);
    const before = told(await rowsOf(stage));
    const window = { from: addDays(today(stage), -2), to: addDays(today(stage), -1) };
    const pull = await pullByHand(stage, window);
    expect(pull.result).toMatchObject({ outcome: 'complete', newTransactions: 0, newStatements: 0 });
    expect(told(await rowsOf(stage))).toEqual(before);
  });

  it('that failed says so, and the account’s freshness stays what it was', async () => {
    const stage = await play(world.engines);
    await runSlot(stage);
    const { freshAt, sync } = await accountOf(stage);
    stage.bank.misbehave({ kind: 'status-503', times: Infinity });
    const pull = await pullByHand(stage, { from: '2026-09-08', to: '2026-09-09' });
    expect(pull).toMatchObject({ status: 'failed', result: { failure: { kind: 'transient' } } });
    expect(await accountOf(stage)).toMatchObject({ freshAt, sync });
  });

  it('delivered twice is done once', async () => {
    const stage = await play(world.engines);
    await runSlot(stage);
    const asked = await pullByHand(stage, { from: '2026-09-08', to: '2026-09-09' });
    const before = stage.bank.requests().length;
    const { id } = stage.companies[0]!;
    await runPulls(
      stage.calm,
      {
        version: 1,
        company: id,
        credential: `crd_${id}`,
        slot: null,
        accounts: [{ account: asked.account, pull: asked.id }],
        postponed: 0,
        continued: 0,
      },
      stage.time.now() + 5 * MINUTE,
    );
    expect(stage.bank.requests()).toHaveLength(before);
    expect((await eventsOf(stage)).filter(({ type }) => type === 'pull.finished')).toHaveLength(1);
  });
});

it('a pull asked for without a window is the schedule’s own work, done early', async () => {
  const stage = await play(world.engines);
  const pull = await pullByHand(stage, null);
  expect(pull).toMatchObject({ kind: 'on-demand', status: 'done' });
  expect(await accountOf(stage)).toMatchObject({
    slot: null,
    sync: { transactions: '2026-09-16', statements: '2026-09-16' },
    freshAt: expect.stringMatching(/^2026-09-16T08:00/) as string,
  });
});
