import { describe, expect, it } from 'vitest';
import { addDays } from '../../../shared/domain/dates.ts';
import { planPulls } from '../../../shared/flows/pull/plan.ts';
import type { PullPorts } from '../../../shared/flows/pull/ports.ts';
import { checkPromises } from '../../faults/promises.ts';
import type { Stage } from '../../faults/stage.ts';
import {
  accountOf,
  DAY,
  drain,
  eventsOf,
  inDownload,
  inJson,
  logged,
  nextSlot,
  play,
  portsThrough,
  portsWith,
  pullByHand,
  rowsOf,
  runSlot,
  slotAt,
  statementsOf,
  told,
  truthOf,
  useEngines,
} from './support.ts';

const world = useEngines();
const LIST = /\/accounts\/statements$/;

/** Ports to a bank that does not show the statements of these days (yet). */
const hiding = (stage: Stage, hidden: (day: string) => boolean): PullPorts =>
  portsWith(
    stage,
    inJson(LIST, (body: { statements: { dateTo: string }[] }) => {
      body.statements = body.statements.filter(({ dateTo }) => !hidden(dateTo));
    }),
  );

const verdicts = async (stage: Stage): Promise<Record<string, string | null>> =>
  Object.fromEntries((await statementsOf(stage)).map(({ to, continuity }) => [to, continuity]));
const changesOf = async (stage: Stage) =>
  (await eventsOf(stage))
    .filter(({ type }) => type === 'statement.continuity')
    .map(({ data }) => `${String(data['from'])} to ${String(data['to'])}`);
const wednesday = '2026-09-16';

describe('row 47: a statement missing in the sequence', () => {
  it('is a gap, told in the event of the statement behind it; found, it heals', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 5 });
    const missing = addDays(wednesday, -3);
    await runSlot(
      stage,
      hiding(stage, (day) => day === missing),
    );
    expect(await verdicts(stage)).toMatchObject({
      [addDays(missing, -1)]: 'continuous',
      [addDays(missing, 1)]: 'gap',
    });
    const received = (await eventsOf(stage)).filter(({ type }) => type === 'statement.received');
    expect(
      received.map(({ data }) => data['continuity']).filter((verdict) => verdict === 'gap'),
    ).toHaveLength(1);
    const before = told(await rowsOf(stage));

    await nextSlot(stage);
    const all = Object.values(await verdicts(stage));
    expect(all.filter((verdict) => verdict === 'first')).toHaveLength(1);
    expect(new Set(all)).toEqual(new Set(['first', 'continuous']));
    expect(await changesOf(stage)).toEqual(['gap to continuous']);
    const found = told(await rowsOf(stage)).filter((row) => !before.includes(row));
    expect(found).toEqual(truthOf(stage, await accountOf(stage), missing, missing));
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });

  it('older than the window is sent for at once, back to the last statement before the gap', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
    await runSlot(stage);
    // For three days the bank lists nothing; then it lists everything, but the window begins behind the first ones.
    const none = hiding(stage, (day) => day >= wednesday);
    for (let day = 0; day < 4; day++) await nextSlot(stage, none, DAY);
    const { sync } = await accountOf(stage);
    expect(sync.statements).toBe(addDays(wednesday, 4));
    await nextSlot(stage);
    const all = await verdicts(stage);
    for (let day = wednesday; day <= addDays(wednesday, 3); day = addDays(day, 1))
      expect(all[day]).toBe('continuous');
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });

  it('which the bank never shows again stays a gap and fails no pull', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 5 });
    const missing = addDays(wednesday, -3);
    for (let slot = 0; slot < 3; slot++)
      await nextSlot(
        stage,
        hiding(stage, (day) => day === missing),
      );
    expect((await verdicts(stage))[addDays(missing, 1)]).toBe('gap');
    expect(await accountOf(stage)).toMatchObject({ failures: 0, lastPull: { outcome: 'complete' } });
    expect(await changesOf(stage)).toEqual([]);
  });

  it('is healed by a back-fill, which leaves the schedule alone', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 5 });
    const missing = addDays(wednesday, -3);
    await runSlot(
      stage,
      hiding(stage, (day) => day === missing),
    );
    const { sync, slot, freshAt } = await accountOf(stage);
    const pull = await pullByHand(stage, { from: missing, to: missing });
    expect(pull).toMatchObject({ status: 'done', result: { outcome: 'complete', newStatements: 1 } });
    expect(await changesOf(stage)).toEqual(['gap to continuous']);
    expect(await accountOf(stage)).toMatchObject({ sync, slot, freshAt });
  });

  it('with balances that do not meet is a mismatch, not a gap', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 3 });
    const spoiled = addDays(wednesday, -2);
    const ports = portsWith(
      stage,
      inDownload((text) => {
        if (!text.includes(`-${spoiled}</Id>`)) return text;
        // Opening and closing both a hundred too high: its own sums agree, its predecessor's do not.
        return text.replace(
          /(<Cd>(?:PRCD|CLBD)<\/Cd><\/CdOrPrtry><\/Tp><Amt Ccy="CZK">)([\d.]+)/g,
          (_, head: string, value: string) => `${head}${(Number(value) + 100).toFixed(2)}`,
        );
      }),
    );
    await runSlot(stage, ports);
    const all = await verdicts(stage);
    expect(all[spoiled]).toBe('mismatch');
    expect(all[addDays(spoiled, 1)]).toBe('mismatch');
    expect(all[addDays(spoiled, -1)]).toMatch(/first|continuous/);
  });
});

describe('row 47: a corrected statement under the same number', () => {
  it('is kept beside the first as its second version; no movement is doubled', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 3 });
    await runSlot(stage);
    const [target] = (await statementsOf(stage)).slice(-2);
    const before = told(await rowsOf(stage));
    stage.bank.source.correctStatement(target!.bankId);
    await nextSlot(stage);
    const versions = (await statementsOf(stage)).filter(
      ({ number, to }) => number === target!.number && to === target!.to,
    );
    expect(versions.map(({ version }) => version).sort()).toEqual([1, 2]);
    expect(new Set(versions.map(({ documents }) => documents['camt.053'])).size).toBe(2);
    expect(versions.map(({ continuity }) => continuity)).toEqual(['continuous', 'continuous']);
    expect(told(await rowsOf(stage))).toEqual(before);
    // What follows it is judged as before, against either version.
    expect(await changesOf(stage)).toEqual([]);
    await nextSlot(stage, stage.calm, DAY);
    expect((await verdicts(stage))[addDays(target!.to, 2)]).toBe('continuous');
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });

  it('corrected again it is the third', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
    await runSlot(stage);
    const target = (await statementsOf(stage)).at(-1)!;
    stage.bank.source.correctStatement(target.bankId);
    stage.bank.source.correctStatement(target.bankId);
    await nextSlot(stage);
    const versions = (await statementsOf(stage)).filter(({ to }) => to === target.to);
    expect(versions.map(({ version }) => version).sort()).toEqual([1, 2, 3]);
  });
});

describe('days without a statement', () => {
  it('are no gap where the bank issues none for idle days', async () => {
    // EUR abroad: nothing at week-ends, and no statement for it.
    const stage = await play(world.engines, { folder: 2, mode: 'statements', historyDays: 9 });
    await runSlot(stage);
    for (let day = 0; day < 6; day++) await nextSlot(stage, stage.calm, DAY);
    const all = await statementsOf(stage);
    const skipped = all.some(({ from }, at) => at > 0 && from > addDays(all[at - 1]!.to, 1));
    expect(skipped).toBe(true);
    expect(new Set(Object.values(await verdicts(stage)))).toEqual(new Set(['first', 'continuous']));
  });

  it('nor is the new year', async () => {
    const start = Date.parse('2026-12-30T09:00:00Z');
    const stage = await play(world.engines, { mode: 'statements', historyDays: 1, start });
    for (let day = 0; day < 5; day++) await nextSlot(stage, stage.calm, DAY);
    const numbers = (await statementsOf(stage)).map(({ number }) => number);
    expect(numbers).toContain('365');
    expect(numbers).toContain('1');
    expect(new Set(Object.values(await verdicts(stage)))).toEqual(new Set(['first', 'continuous']));
  });
});

describe('a statement listed before its file can be had', () => {
  it('leaves the pull incomplete and is asked for again', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
    const late = portsWith(stage, (response, { url }) =>
      url.endsWith('/download') ? { status: 204, headers: {}, body: new Uint8Array() } : response,
    );
    await runSlot(stage, late);
    expect(await accountOf(stage)).toMatchObject({
      sync: { statements: null },
      lastPull: { outcome: 'incomplete' },
      freshAt: null,
      failures: 0,
    });
    await nextSlot(stage);
    expect((await statementsOf(stage)).length).toBeGreaterThan(0);
    expect(await accountOf(stage)).toMatchObject({ lastPull: { outcome: 'complete' } });
  });

  it('in one of two formats: that one is put beside the other when it comes', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
    const account = await accountOf(stage);
    await stage.calm.accounts.changeSettings(account, { ...account.settings, formats: ['camt.053', 'pdf'] });
    const late = portsWith(stage, (response, { body, url }) =>
      url.endsWith('/download') &&
      Buffer.from(body ?? [])
        .toString('utf8')
        .includes('"pdf"')
        ? { status: 204, headers: {}, body: new Uint8Array() }
        : response,
    );
    await runSlot(stage, late);
    const first = await statementsOf(stage);
    expect(first.every(({ documents }) => Object.keys(documents).join() === 'camt.053')).toBe(true);
    await nextSlot(stage);
    const second = await statementsOf(stage);
    expect(second.map(({ documents }) => Object.keys(documents).sort())).toEqual(
      first.map(() => ['camt.053', 'pdf']),
    );
    expect(second.map(({ version, continuity }) => [version, continuity])).toEqual(
      first.map(({ version, continuity }) => [version, continuity]),
    );
    expect(logged(stage, 'statement.format-added')).toHaveLength(first.length);
  });

  it('in the format that is read: the movements come with it', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
    const account = await accountOf(stage);
    await stage.calm.accounts.changeSettings(account, { ...account.settings, formats: ['camt.053', 'pdf'] });
    const late = portsWith(stage, (response, { body, url }) =>
      url.endsWith('/download') &&
      !Buffer.from(body ?? [])
        .toString('utf8')
        .includes('"pdf"')
        ? { status: 204, headers: {}, body: new Uint8Array() }
        : response,
    );
    await runSlot(stage, late);
    expect(await rowsOf(stage)).toEqual([]);
    await nextSlot(stage);
    const statements = await statementsOf(stage);
    expect(statements.every(({ read }) => read)).toBe(true);
    const span = [statements[0]!.from, statements.at(-1)!.to] as const;
    expect(told(await rowsOf(stage))).toEqual(truthOf(stage, account, ...span));
  });
});

describe('one file that holds several statements', () => {
  const stmt = (text: string): string => /<Stmt>.*<\/Stmt>/s.exec(text)![0];

  /** The last two days in one document, as some banks send them after a holiday, and no other statement. */
  async function joined(stage: Stage): Promise<PullPorts> {
    const { source } = stage.bank;
    const [before, last] = source
      .issues('5017482301', 'CZK')
      .filter(({ period }) => period === 'daily')
      .slice(-2);
    const bytes = await source.document(before!.id, 'xml', 'cs');
    const earlier = stmt(Buffer.from(bytes!).toString('utf8'));
    return portsWith(stage, (response, request) => {
      const listed = inJson(LIST, (body: { statements: { dateTo: string }[] }) => {
        body.statements = body.statements.filter(({ dateTo }) => dateTo === last!.to);
      })(response, request);
      return inDownload((text) => text.replace('<Stmt>', `${earlier}<Stmt>`))(listed, request);
    });
  }

  it('stores each of them, with its own verdict', async () => {
    const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
    await runSlot(stage, await joined(stage));
    expect(await statementsOf(stage)).toMatchObject([
      { read: true, reconciles: true, continuity: 'first' },
      { read: true, reconciles: true, continuity: 'continuous' },
    ]);
  });

  it('loses none of them when the run dies between two', { timeout: 60_000 }, async () => {
    let died = true;
    for (let at = 5; died; at++) {
      const stage = await play(world.engines, { mode: 'statements', historyDays: 1 });
      let effects = 0;
      const ports = portsThrough(stage, (_, __, call) =>
        effects++ < at ? call() : Promise.reject(new Error('died')),
      );
      const { exchange } = await joined(stage);
      await planPulls(stage.calm, slotAt(stage.time.now()));
      died = (await drain(stage, { ...ports, exchange })).length > 0;
      stage.queue.length = 0;
      await nextSlot(stage, await joined(stage));
      const statements = await statementsOf(stage);
      expect(statements, `died at ${at}`).toHaveLength(2);
      const account = await accountOf(stage);
      const expected = statements.flatMap(({ to }) => truthOf(stage, account, to, to));
      expect(told(await rowsOf(stage)), `died at ${at}`).toEqual(expected);
    }
  });
});
