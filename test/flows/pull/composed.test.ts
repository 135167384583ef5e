import { describe, expect, it } from 'vitest';
import { manifestOf } from '../../../shared/banks/catalog.ts';
import { addDays } from '../../../shared/domain/dates.ts';
import type { Window } from '../../../shared/domain/model.ts';
import { readCamt053 } from '../../../shared/formats/camt/reader.ts';
import { atGate } from '../../../shared/flows/gateway.ts';
import { pullAccount } from '../../../shared/flows/pull/account.ts';
import type { PullPorts } from '../../../shared/flows/pull/ports.ts';
import { createActor } from '../../faults/actor.ts';
import { checkPromises } from '../../faults/promises.ts';
import type { Stage } from '../../faults/stage.ts';
import {
  accountOf,
  DAY,
  eventsOf,
  HOUR,
  inJson,
  logged,
  play,
  portsWith,
  rowsOf,
  slotAt,
  statementsOf,
  TIMEOUT,
  today,
  useEngines,
} from './support.ts';

const world = useEngines();

/** Pulls the account as from a bank that gives movements and balances, but no statements. */
async function pull(stage: Stage, ports: PullPorts = stage.calm, asked: Window | null = null): Promise<void> {
  const account = await accountOf(stage);
  const connection = (await stage.calm.connections.get(account.company, account.connection))!;
  const credential = (await stage.calm.connections.credential(account.company, connection.credential!))!;
  const manifest = await manifestOf(account.bank);
  const deadline = stage.time.now() + TIMEOUT;
  const holder = `run ${stage.time.now()}`;
  await atGate(ports, credential, { manifest, holder, deadline }, async (session) => {
    const { connector } = await session.connect(connection);
    const run = {
      ports,
      manifest,
      connector: {
        accounts: connector.accounts!.bind(connector),
        balances: connector.balances!.bind(connector),
        transactions: connector.transactions!.bind(connector),
      },
      ledger: ports.ledgerOf(account.company, account.id),
      ref: { ...account, settings: account.settings.bank },
      fence: session.fence,
      deadline,
      asked,
      account,
      newTransactions: 0,
      newStatements: 0,
    };
    await pullAccount(run, slotAt(stage.time.now()), slotAt(stage.time.now()));
  });
}

const book = async (stage: Stage, more: { minor: bigint; bookedAt?: number; visibleAt?: number }) => {
  const { handle, currency } = await accountOf(stage);
  return stage.bank.source.add({ accountNumber: handle, currency, ...more });
};

interface Folder {
  balances: { balanceType: string; value: number }[];
}

/** A bank that leaves a movement out of its list, and out of its balances what it is worth. */
function without(stage: Stage, reference: string, worth: number): PullPorts {
  const list = inJson(/\/transactions$/, (body: { transactions: { entryReference: string }[] }) => {
    body.transactions = body.transactions.filter(({ entryReference }) => entryReference !== reference);
  });
  const balance = inBalances(({ balances }) => {
    for (const one of balances) one.value = Number((one.value - worth).toFixed(2));
  });
  return portsWith(stage, (response, request) => balance(list(response, request), request));
}

/** Changes every folder that has balances: a closed one has none. */
const inBalances = (change: (folder: Folder) => void) =>
  inJson(/\/balance$/, ({ currencyFolders }: { currencyFolders: Partial<Folder>[] }) => {
    for (const folder of currencyFolders) if (folder.balances) change(folder as Folder);
  });

const figures = async (stage: Stage) =>
  (await statementsOf(stage)).map(({ from, opening, closing, version, continuity, reconciles }) => ({
    from,
    opening,
    closing,
    version,
    continuity,
    reconciles,
  }));

describe('statements of a bank that gives none', () => {
  it('are composed for every day with movements that is over, and say so', async () => {
    const stage = await play(world.engines, { mode: 'transactions', historyDays: 4 });
    await pull(stage);
    const statements = await statementsOf(stage);
    const rows = await rowsOf(stage);
    const days = [...new Set(rows.map(({ transaction }) => transaction.bookingDate))].sort();
    expect(statements.map(({ to }) => to)).toEqual(days.filter((day) => day < today(stage)));
    expect(statements.length).toBeGreaterThan(2);
    for (const [at, statement] of statements.entries()) {
      const own = rows.filter(({ transaction }) => transaction.bookingDate === statement.to);
      expect(statement).toMatchObject({
        composed: true,
        read: true,
        from: statement.to,
        number: null,
        count: own.length,
        reconciles: true,
        version: 1,
        continuity: at === 0 ? 'first' : 'continuous',
      });
      if (at > 0) expect(statement.opening).toBe(statements[at - 1]!.closing);
    }
    const received = (await eventsOf(stage)).filter(({ type }) => type === 'statement.received');
    expect(received.map(({ data }) => data['composed'])).toEqual(statements.map(() => true));
    expect((await accountOf(stage)).sync.statements).toBe(addDays(today(stage), -1));
    expect((await accountOf(stage)).lastPull).toMatchObject({
      outcome: 'complete',
      newStatements: statements.length,
    });
  });

  it('have the balances the bank would have printed', async () => {
    const stage = await play(world.engines, { mode: 'transactions', historyDays: 4 });
    await pull(stage);
    const { handle, currency } = await accountOf(stage);
    const printed = stage.bank.source
      .statements(handle)
      .filter((issue) => issue.currency === currency && issue.lines.includes('MAIN'));
    for (const { to, closing } of await statementsOf(stage)) {
      const issue = printed.find((one) => one.to === to);
      if (issue) expect(closing?.replace('.', '')).toBe(String(issue.closing));
    }
  });

  it('are documents like others: kept, readable, marked as ours', async () => {
    const stage = await play(world.engines, { mode: 'transactions' });
    await pull(stage);
    const [statement] = await statementsOf(stage);
    const { company, id } = await accountOf(stage);
    const sha256 = statement!.documents['camt.053']!;
    const bytes = (await stage.calm.archive.read(company, 'statement', sha256))!;
    expect(Buffer.from(bytes).toString()).toContain('<AddtlStmtInf>Composed by Brana');
    const [read] = readCamt053(bytes);
    const rows = (await rowsOf(stage)).filter(({ transaction }) => transaction.bookingDate === statement!.to);
    expect(read!.reconciles).toBe(true);
    expect(
      read!.transactions.map((one) => [one.bankReference, one.amount.minor, one.variableSymbol]),
    ).toEqual(rows.map(({ transaction: t }) => [t.bankReference, t.amount.minor, t.variableSymbol]));
    expect(await stage.calm.ledgerOf(company, id).document(sha256)).toMatchObject({ parser: 'composed/1' });
  });

  it('cost nothing more until the next day is over', async () => {
    const stage = await play(world.engines, {
      mode: 'transactions',
      start: Date.parse('2026-09-16T20:30:00Z'),
    });
    await pull(stage);
    const before = stage.bank.requests().length;
    stage.time.advance(HOUR);
    await pull(stage);
    const asked = stage.bank.requests().slice(before);
    expect(asked.filter(({ operation }) => operation === 'getBalance')).toHaveLength(1);
    expect((await accountOf(stage)).lastPull).toMatchObject({ newStatements: 0, outcome: 'complete' });
  });

  it('come in a further version when a day gets a late booking, and those behind it follow', async () => {
    const stage = await play(world.engines, { mode: 'transactions', historyDays: 3 });
    const { handle, currency } = await accountOf(stage);
    const yesterdays = stage.bank.source.booked(
      handle,
      currency,
      addDays(today(stage), -2),
      addDays(today(stage), -2),
    );
    const late = yesterdays[0]!;
    // Until then the bank shows the movement neither in its list nor in its balance.
    await pull(stage, without(stage, late.entryReference, Number(late.minor) / 100));
    const before = await figures(stage);
    expect(before.every(({ reconciles }) => reconciles)).toBe(true);
    stage.time.advance(DAY);
    await pull(stage);
    const after = await figures(stage);
    const versions = after.filter(({ from }) => from === late.date).map(({ version }) => version);
    expect(versions.sort()).toEqual([1, 2]);
    const last = (day: string) =>
      after.filter(({ from }) => from === day).reduce((a, b) => (b.version > a.version ? b : a));
    const days = [...new Set(after.map(({ from }) => from))].sort();
    for (const [at, day] of days.entries()) {
      expect(last(day)).toMatchObject({ reconciles: true });
      if (at > 0)
        expect(last(day)).toMatchObject({ opening: last(days[at - 1]!).closing, continuity: 'continuous' });
    }
    // A third look finds everything as it stands.
    stage.time.advance(DAY);
    const standing = (await statementsOf(stage)).length;
    await pull(stage);
    const added = (await statementsOf(stage)).slice(standing);
    expect(added.every(({ to }) => to > before.at(-1)!.from)).toBe(true);
  });

  it('wait while the balance moves, and are composed by the next pull', async () => {
    const stage = await play(world.engines, { mode: 'transactions' });
    let calls = 0;
    const moving = portsWith(
      stage,
      inBalances(({ balances }) => {
        calls += 1;
        for (const one of balances) one.value = Number((one.value + calls).toFixed(2));
      }),
    );
    await pull(stage, moving);
    expect(calls).toBeGreaterThan(1);
    expect(await statementsOf(stage)).toEqual([]);
    stage.time.advance(HOUR);
    await pull(stage);
    expect((await statementsOf(stage)).length).toBeGreaterThan(0);
    expect((await figures(stage)).every(({ reconciles }) => reconciles)).toBe(true);
  });

  it('a movement the list never showed is seen in figures that do not add up', async () => {
    const stage = await play(world.engines, { mode: 'transactions', historyDays: 1 });
    await pull(stage);
    const hidden = await book(stage, { minor: 777_00n });
    await book(stage, { minor: 1_00n });
    stage.time.advance(DAY);
    await pull(stage, without(stage, hidden, 0));
    const last = (await figures(stage)).at(-1)!;
    expect(last).toMatchObject({ reconciles: false, continuity: 'mismatch' });
  });

  it('without a booked balance there is none, and the log says why', async () => {
    const stage = await play(world.engines, { mode: 'transactions' });
    const bare = inBalances((folder) => {
      folder.balances = folder.balances.filter(({ balanceType }) => balanceType === 'CLAV');
    });
    await pull(stage, portsWith(stage, bare));
    expect(await statementsOf(stage)).toEqual([]);
    expect(logged(stage, 'statement.not-composed')).toMatchObject([{ reason: 'no-booked-balance' }]);
  });

  it(
    'a run killed at any effect of composing leaves each day one statement',
    { timeout: 120_000 },
    async () => {
      let struck = true;
      let effect = 12;
      for (; struck; effect += 4) {
        const stage = await play(world.engines, { mode: 'transactions', historyDays: 2 });
        const actor = createActor(stage.time, { kind: 'kill', at: effect, moment: 'after' }, 0);
        await Promise.race([pull(stage, stage.ports(actor)), actor.stopped]);
        struck = actor.struck();
        stage.time.advance(HOUR);
        await pull(stage);
        const days = (await statementsOf(stage)).map(({ to }) => to);
        expect(new Set(days).size).toBe(days.length);
        expect((await figures(stage)).every(({ reconciles, version }) => reconciles && version === 1)).toBe(
          true,
        );
        expect(await checkPromises(stage, world.engines)).toEqual([]);
      }
      expect(effect).toBeGreaterThan(20);
    },
  );
});
