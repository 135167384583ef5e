import { describe, expect, test } from 'vitest';
import type { CsobCebBank } from '../../../infra/sandbox/csob-ceb/bank.ts';
import type { CebMovement } from '../../../infra/sandbox/csob-ceb/movement.ts';
import { dateIn } from '../../../shared/domain/dates.ts';
import type { FeedEvent } from '../../../shared/domain/event.ts';
import type { Account, LastPull } from '../../../shared/domain/records.ts';
import { pendingIn, type Pending } from '../../../shared/flows/pending.ts';
import { planPulls } from '../../../shared/flows/pull/plan.ts';
import type { PullPorts } from '../../../shared/flows/pull/ports.ts';
import { runPulls } from '../../../shared/flows/pull/run.ts';
import { createActor, virtualTime } from '../../faults/actor.ts';
import { chance } from '../../faults/chance.ts';
import { setCsobStage, type Stage } from '../../faults/stage.ts';
import { MINUTE, PRAGUE, slotAt, START, TIMEOUT, useEngines } from './support.ts';

/** Advices of ČSOB through the whole pull: pending until a statement covers their day, never booked. */

const $ = useEngines();
type Scene = Stage<CsobCebBank>;
let scenes = 0;

/** One company with one account in CZK, the same each time; a Wednesday at ten in Prague. */
async function scene(): Promise<Scene> {
  const tables = await $.engines.open(`advices${++scenes}`);
  const draws = { ...chance(1), next: () => 0.9, int: () => 0, pick: <T>(from: readonly T[]) => from[0]! };
  return setCsobStage('advices', tables, virtualTime(START), draws);
}

const accountOf = async ({ calm, companies: [company] }: Scene): Promise<Account> =>
  (await calm.accounts.get(company!.id, company!.accounts[0]!.id))!;

/** Pulls at a time of day in Prague, in summer time. @returns how it went */
async function pullAt(stage: Scene, at: string, ports: PullPorts = stage.calm): Promise<LastPull> {
  stage.time.advance(Date.parse(`${at}+02:00`) - stage.time.now());
  await planPulls(ports, slotAt(stage.time.now()));
  for (const queued of stage.queue.splice(0))
    await runPulls(ports, queued.message, stage.time.now() + TIMEOUT);
  return (await accountOf(stage)).lastPull!;
}

async function pendingOf(stage: Scene, limit = 500, after: string | null = null): Promise<Pending> {
  const account = await accountOf(stage);
  const ports = {
    ledger: stage.calm.ledgerOf(account.company, account.id),
    read: (sha256: string) => stage.calm.archive.read(account.company, 'advice', sha256),
  };
  return pendingIn(ports, account, dateIn(PRAGUE, stage.time.now()), { limit, after });
}

const minorsOf = ({ items }: Pending): bigint[] => items.map(({ transaction }) => transaction.amount.minor);
const sorted = (minors: readonly bigint[]): bigint[] => minors.toSorted((a, b) => Number(a - b));

/** What the bank has booked on a day so far, but what the night books. */
const bankHas = ({ bank, time }: Scene, day: string): bigint[] =>
  bank.books
    .movementsOf(bank.books.accountOf('274051905')!, day)
    .filter(({ at }) => at !== null && at <= time.now())
    .map(({ movement }) => movement.minor);

async function booked(stage: Scene): Promise<string[]> {
  const { company, id } = await accountOf(stage);
  const span = { from: '2000-01-01', to: '2100-01-01' };
  const { items } = await stage.calm.ledgerOf(company, id).transactions(span, 500, null);
  return items.map(({ transaction: t }) => `${t.bookingDate} ${t.amount.minor}`).sort();
}

const truth = ({ bank }: Scene, from: string, to: string): string[] =>
  bank.source
    .booked('274051905', 'CZK', from, to)
    .map(({ date, minor }) => `${date} ${minor}`)
    .sort();

async function eventsOf(
  { calm, companies: [company] }: Scene,
  type: FeedEvent['type'],
): Promise<FeedEvent[]> {
  const { events } = await calm.feed.read(company!.id, 0, 500);
  return events.filter((event) => event.type === type);
}

const payment = (day: string, minor: bigint): CebMovement => ({
  day,
  minor,
  kind: 'Příchozí úhrada',
  party: { name: 'Odběratel', prefix: '', number: '318870428', bank: '0800', iban: null },
  variable: '26000042',
  constant: null,
  specific: null,
  message: null,
  reference: null,
});

const WEDNESDAY = '2026-09-16';
/** The account was found on Wednesday with one day of history, and one of overlap. */
const FIRST = '2026-09-14';

describe('a day', () => {
  test('its movements are pending as they are advised, and booked with its statement, once', async () => {
    const stage = await scene();
    const account = stage.bank.books.accountOf('274051905')!;
    const pulled = await pullAt(stage, `${WEDNESDAY}T10:00:00`);
    expect(pulled).toMatchObject({ outcome: 'complete', failure: null });
    const before = await booked(stage);
    expect(before).toEqual(truth(stage, FIRST, '2026-09-15'));
    expect(minorsOf(await pendingOf(stage))).toHaveLength(1);

    stage.bank.books.book(account, payment(WEDNESDAY, 777_77n));
    stage.bank.books.book(account, payment(WEDNESDAY, 777_77n));
    await pullAt(stage, `${WEDNESDAY}T18:00:00`);
    const evening = await pendingOf(stage);
    expect(evening).toMatchObject({ since: WEDNESDAY, unread: 0, next: null });
    expect(sorted(minorsOf(evening))).toEqual(sorted(bankHas(stage, WEDNESDAY)));
    expect(minorsOf(evening).filter((minor) => minor === 777_77n)).toHaveLength(2);
    expect(new Set(evening.items.map(({ id }) => id)).size).toBe(evening.items.length);
    expect(await booked(stage), 'promise 3: booked is what a statement booked').toEqual(before);

    await pullAt(stage, '2026-09-17T02:10:00');
    expect(await pendingOf(stage)).toMatchObject({ since: '2026-09-17', items: [], unread: 0 });
    const after = await booked(stage);
    expect(after).toEqual(truth(stage, FIRST, WEDNESDAY));
    expect(after.filter((row) => row.endsWith(' 77777'))).toHaveLength(2);
  });

  test('every advice is archived once, with one event; a pull that finds nothing new asks once and writes none', async () => {
    const stage = await scene();
    await pullAt(stage, `${WEDNESDAY}T18:00:00`);
    const advices = await eventsOf(stage, 'advice.received');
    const { company, id } = await accountOf(stage);
    const ledger = stage.calm.ledgerOf(company, id);
    const kept = await ledger.advices({ from: '2026-09-01', to: WEDNESDAY });
    expect(kept.length).toBe(advices.length);
    expect(kept.length).toBeGreaterThan(3);
    for (const { document, format, read } of kept) {
      expect({ format, read }).toEqual({ format: 'mt942', read: true });
      expect(await ledger.document(document)).toMatchObject({ kind: 'advice', parser: 'mt942/1' });
      expect(advices.some(({ data }) => data['document'] === document)).toBe(true);
    }
    const known = (await stage.calm.feed.read(company, 0, 500)).events.length;
    const asked = stage.bank.requests().length;
    await pullAt(stage, `${WEDNESDAY}T19:00:00`);
    expect((await stage.calm.feed.read(company, 0, 500)).events.length).toBe(known);
    const calls = stage.bank.requests().slice(asked);
    expect(calls.map(({ operation }) => operation)).toEqual(['GetDownloadFileList_v4']);
  });

  test('a statement that could not be read ends nothing', async () => {
    const stage = await scene();
    await pullAt(stage, `${WEDNESDAY}T18:00:00`);
    const evening = minorsOf(await pendingOf(stage));
    stage.bank.flaw({
      kind: 'garbled',
      matches: ({ name }) => name.includes('_20260916_') && name.endsWith('.xml'),
    });
    await pullAt(stage, '2026-09-17T02:10:00');
    expect(minorsOf(await pendingOf(stage))).toEqual(evening);
  });

  test('pages hold together', async () => {
    const stage = await scene();
    const account = stage.bank.books.accountOf('274051905')!;
    for (let n = 1; n <= 5; n++) stage.bank.books.book(account, payment(WEDNESDAY, BigInt(n)));
    await pullAt(stage, `${WEDNESDAY}T18:00:00`);
    const all = await pendingOf(stage);
    const items: unknown[] = [];
    for (let after: string | null = null; ;) {
      const page = await pendingOf(stage, 2, after);
      expect(page.items.length).toBeLessThanOrEqual(2);
      items.push(...page.items);
      if (page.next === null) break;
      after = page.next;
    }
    expect(items).toEqual(all.items);
    expect(items.length).toBeGreaterThan(4);
  });
});

describe('what goes wrong with one', () => {
  const ONE = 'AV_274051905_20260915_0001.STA';
  const one = ({ name }: { name: string }): boolean => name === ONE;

  test('a garbled one is kept and set aside, asked for once; others and the statement arrive', async () => {
    const stage = await scene();
    stage.bank.flaw({ kind: 'garbled', matches: ({ name }) => name === 'AV_274051905_20260916_0001.STA' });
    const pulled = await pullAt(stage, `${WEDNESDAY}T18:00:00`);
    expect(pulled.outcome).toBe('complete');
    const pending = await pendingOf(stage);
    expect(pending.unread).toBe(1);
    expect(minorsOf(pending).length).toBe(bankHas(stage, WEDNESDAY).length - 1);
    expect(await eventsOf(stage, 'document.quarantined')).toHaveLength(1);
    expect(await booked(stage)).toEqual(truth(stage, FIRST, '2026-09-15'));
    const before = stage.bank.requests({ operation: 'downloadFile' }).length;
    await pullAt(stage, `${WEDNESDAY}T19:00:00`);
    expect(stage.bank.requests({ operation: 'downloadFile' }).length).toBe(before);
    await pullAt(stage, '2026-09-17T02:10:00');
    expect(await pendingOf(stage)).toMatchObject({ items: [], unread: 0 });
    expect(await booked(stage)).toEqual(truth(stage, FIRST, WEDNESDAY));
  });

  test.each([
    ['size', 'transient'],
    ['foreign-url', 'protocol'],
  ] as const)(
    '%s: the pull tells of it (%s), the others and the statements are there',
    async (kind, failure) => {
      const stage = await scene();
      const whole = await scene();
      await pullAt(whole, `${WEDNESDAY}T18:00:00`);
      const count = (await eventsOf(whole, 'advice.received')).length;
      stage.bank.flaw({ kind, matches: one });
      const pulled = await pullAt(stage, `${WEDNESDAY}T18:00:00`);
      expect(pulled).toMatchObject({ outcome: 'failed', failure: { kind: failure } });
      expect((await accountOf(stage)).sync.statements).toBe(WEDNESDAY);
      expect(await booked(stage)).toEqual(truth(stage, FIRST, '2026-09-15'));
      expect(await eventsOf(stage, 'advice.received')).toHaveLength(count - 1);
      stage.bank.flaw(null);
      expect((await pullAt(stage, `${WEDNESDAY}T19:00:00`)).outcome).toBe('complete');
      expect(await eventsOf(stage, 'advice.received')).toHaveLength(count);
    },
  );

  test('one in preparation is fetched by the next pull', async () => {
    const stage = await scene();
    stage.bank.flaw({ kind: 'preparing', matches: ({ type }) => type === 'AVIZO' });
    expect((await pullAt(stage, `${WEDNESDAY}T18:00:00`)).outcome).toBe('complete');
    expect(minorsOf(await pendingOf(stage))).toEqual([]);
    stage.bank.flaw(null);
    await pullAt(stage, `${WEDNESDAY}T19:00:00`);
    expect(sorted(minorsOf(await pendingOf(stage)))).toEqual(sorted(bankHas(stage, WEDNESDAY)));
  });

  test('switched off, none is asked for', async () => {
    const stage = await scene();
    const account = await accountOf(stage);
    await stage.calm.accounts.changeSettings(account, { ...account.settings, bank: { advices: 'no' } });
    await pullAt(stage, `${WEDNESDAY}T18:00:00`);
    expect(await eventsOf(stage, 'advice.received')).toEqual([]);
    expect(await booked(stage)).toEqual(truth(stage, FIRST, '2026-09-15'));
  });
});

describe('a run cut short', () => {
  test('at any of its effects, the next one leaves every advice and movement once', async () => {
    const whole = await scene();
    await pullAt(whole, `${WEDNESDAY}T12:00:00`);
    const count = (await eventsOf(whole, 'advice.received')).length;
    let cut = 0;
    for (let at = 24; ; at += 5) {
      const stage = await scene();
      stage.time.advance(Date.parse(`${WEDNESDAY}T12:00:00+02:00`) - stage.time.now());
      const moment = at % 2 === 0 ? 'before' : 'after';
      const actor = createActor(stage.time, { kind: 'kill', at, moment }, 0);
      await planPulls(stage.calm, slotAt(stage.time.now()));
      const [queued] = stage.queue.splice(0);
      const run = runPulls(stage.ports(actor), queued!.message, stage.time.now() + TIMEOUT);
      await Promise.race([run, actor.stopped]);
      if (!actor.struck()) break;
      cut += 1;
      // Behind the killed one's lease.
      stage.time.advance(30 * MINUTE);
      stage.queue.length = 0;
      await pullAt(stage, `${WEDNESDAY}T13:00:00`);
      expect(await eventsOf(stage, 'advice.received'), `cut at ${at}`).toHaveLength(count);
      expect(await booked(stage)).toEqual(truth(stage, FIRST, '2026-09-15'));
      expect((await pendingOf(stage)).unread).toBe(0);
    }
    expect(cut).toBeGreaterThan(5);
  });
});
