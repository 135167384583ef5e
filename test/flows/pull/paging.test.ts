import { describe, expect, it } from 'vitest';
import { planPulls } from '../../../shared/flows/pull/plan.ts';
import { runPulls } from '../../../shared/flows/pull/run.ts';
import { checkPromises } from '../../faults/promises.ts';
import type { Stage } from '../../faults/stage.ts';
import {
  accountOf,
  callsOf,
  drain,
  eventsOf,
  firstDay,
  HOUR,
  inJson,
  logged,
  MINUTE,
  nextSlot,
  play,
  portsThrough,
  portsWith,
  pullByHand,
  rowsOf,
  runSlot,
  slotAt,
  TIMEOUT,
  today,
  told,
  truthOf,
  useEngines,
  type Cast,
} from './support.ts';

const world = useEngines();
/** Many pages of few rows: the list alone, or its pages would have nothing new to tell. */
const PAGED: Cast = { mode: 'transactions', pageSize: 4, historyDays: 3 };
const PAGE = /\/transactions$/;

async function truth(stage: Stage): Promise<string[]> {
  const account = await accountOf(stage);
  return truthOf(stage, account, firstDay(account), today(stage));
}
const ledger = async (stage: Stage): Promise<string[]> => told(await rowsOf(stage));
const pagesRead = (stage: Stage): (string | null)[] =>
  stage.bank
    .requests({ operation: 'getTransactionList' })
    .map(({ query }) => new URLSearchParams(query).get('page'));

describe('row 4: a run that ends in the middle of paging', () => {
  it('killed behind any page, the next run has every movement, once', { timeout: 60_000 }, async () => {
    const whole = await play(world.engines, PAGED);
    await runSlot(whole);
    const pages = pagesRead(whole).length;
    expect(pages).toBeGreaterThan(5);
    for (let killed = 1; killed <= pages; killed++) {
      const stage = await play(world.engines, PAGED);
      let seen = 0;
      let died: () => void = () => undefined;
      const dead = new Promise<void>((resolve) => (died = resolve));
      const ports = portsThrough(stage, async (part, _, call) => {
        if (seen >= killed) {
          died();
          return new Promise(() => undefined);
        }
        const answer = await call();
        if (part === 'bank' && 'body' in (answer as object) && isPage(answer)) seen += 1;
        return answer;
      });
      await planPulls(stage.calm, slotAt(stage.time.now()));
      const [{ message }] = stage.queue.splice(0) as [(typeof stage.queue)[0]];
      await Promise.race([runPulls(ports, message, stage.time.now() + TIMEOUT), dead]);
      await nextSlot(stage);
      expect(await ledger(stage), `killed behind page ${killed}`).toEqual(await truth(stage));
      expect(await checkPromises(stage, world.engines)).toEqual([]);
    }
  });

  it('short of time it saves its place, puts itself back, and goes on there', async () => {
    const stage = await play(world.engines, PAGED);
    await planPulls(stage.calm, slotAt(stage.time.now()));
    const [{ message }] = stage.queue.splice(0) as [(typeof stage.queue)[0]];
    // Each page takes twenty seconds: a run of two minutes has time for some of them.
    const slow = portsWith(stage, (response) => {
      stage.time.advance(20_000);
      return response;
    });
    await runPulls(slow, message, stage.time.now() + 2 * MINUTE);
    const first = pagesRead(stage).length;
    const { sync, slot } = await accountOf(stage);
    expect(sync.resume).toMatchObject({ cursor: String(first + 1) });
    expect(slot).toBeNull();
    expect(stage.queue).toMatchObject([{ message: { accounts: message.accounts, slot: message.slot } }]);
    const stored = (await ledger(stage)).length;
    expect(stored).toBe(first * 4);

    await drain(stage);
    // First what was left, then one pass from the first page to the last: only that one makes the window complete.
    const rest = pagesRead(stage).slice(first);
    expect(rest[0]).toBe(String(first + 1));
    expect(rest.filter((page) => page === '1')).toHaveLength(1);
    expect(await ledger(stage)).toEqual(await truth(stage));
    expect(await accountOf(stage)).toMatchObject({
      sync: { resume: null },
      lastPull: { outcome: 'complete' },
    });
  });

  it('gets to the end also when time is short every time', async () => {
    const stage = await play(world.engines, { ...PAGED, historyDays: 2 });
    const slow = portsWith(stage, (response, { url }) => {
      if (PAGE.test(new URL(url).pathname)) stage.time.advance(15_000);
      return response;
    });
    await planPulls(stage.calm, slotAt(stage.time.now()));
    let runs = 0;
    for (; stage.queue.length > 0 && runs < 40; runs++) {
      const [{ message }] = stage.queue.splice(0) as [(typeof stage.queue)[0]];
      await runPulls(slow, message, stage.time.now() + TIMEOUT / 2);
    }
    expect(runs).toBeLessThan(40);
    expect(await ledger(stage)).toEqual(await truth(stage));
  });

  it('saves its place also where every page is known already', async () => {
    const stage = await play(world.engines, PAGED);
    await runSlot(stage);
    stage.time.advance(HOUR);
    await planPulls(stage.calm, slotAt(stage.time.now()));
    const [{ message }] = stage.queue.splice(0) as [(typeof stage.queue)[0]];
    const before = pagesRead(stage).length;
    const slow = portsWith(stage, (response) => {
      stage.time.advance(20_000);
      return response;
    });
    await runPulls(slow, message, stage.time.now() + 2 * MINUTE);
    const read = pagesRead(stage).length - before;
    expect(read).toBeGreaterThan(1);
    expect((await accountOf(stage)).sync.resume).toMatchObject({ cursor: String(read + 1) });
  });

  it('whose list never ends in time is given up after some runs: asked for by hand, with advice', async () => {
    const stage = await play(world.engines, PAGED);
    const endless = portsWith(stage, (response, { url }) => {
      if (PAGE.test(new URL(url).pathname)) stage.time.advance(TIMEOUT);
      return response;
    });
    const window = { from: '2026-09-10', to: '2026-09-14' };
    const pull = await pullByHand(stage, window, endless);
    expect(pull).toMatchObject({ status: 'failed', result: { outcome: 'failed' } });
    expect(pull.result!.failure!.message).toMatch(/shorter window/);
    expect(pagesRead(stage).length).toBeLessThan(30);

    await runSlot(stage, endless);
    expect(stage.queue).toEqual([]);
    expect(pagesRead(stage).length).toBeLessThan(60);
    expect(logged(stage, 'alarm.pull')).toHaveLength(2);
    // The next slots go on where it ended; in time they are, some day, complete.
    await nextSlot(stage);
    expect(await ledger(stage)).toEqual(await truth(stage));
  });

  it('puts back the accounts it had no time for, and them alone', async () => {
    const stage = await play(world.engines, { ...PAGED, accounts: 2 });
    await planPulls(stage.calm, slotAt(stage.time.now()));
    const [{ message }] = stage.queue.splice(0) as [(typeof stage.queue)[0]];
    const slow = portsWith(stage, (response) => response);
    let calls = 0;
    const late = {
      ...slow,
      exchange: async (request: Parameters<typeof slow.exchange>[0]) => {
        calls += 1;
        return slow.exchange(request);
      },
      log: {
        ...slow.log,
        // The first account takes all the time there is.
        info: (event: string) => event === 'pull.done' && stage.time.advance(TIMEOUT),
      },
    };
    await runPulls(late, message, stage.time.now() + TIMEOUT);
    expect(calls).toBeGreaterThan(0);
    expect(stage.queue.map((queued) => queued.message.accounts)).toEqual([message.accounts.slice(1)]);
    await drain(stage);
    expect(await accountOf(stage, stage.companies[0], 1)).toMatchObject({
      lastPull: { outcome: 'complete' },
    });
  });
});

describe('row 5: rows the bank inserts while we page', () => {
  it('once: nothing is doubled, the list is read once more and is complete', async () => {
    const stage = await play(world.engines, PAGED);
    stage.bank.misbehave({ kind: 'shift-pages', operation: 'getTransactionList', skip: 1, rows: 2 });
    await runSlot(stage);
    expect(pagesRead(stage).filter((page) => page === '1')).toHaveLength(2);
    expect(await ledger(stage)).toEqual(await truth(stage));
    expect(await accountOf(stage)).toMatchObject({ failures: 0, lastPull: { outcome: 'complete' } });
  });

  it('on every page, in both readings: what came is kept, the window is not called complete', async () => {
    const stage = await play(world.engines, PAGED);
    stage.bank.misbehave({ kind: 'shift-pages', operation: 'getTransactionList', times: 40 });
    await runSlot(stage);
    const account = await accountOf(stage);
    expect(account).toMatchObject({
      sync: { transactions: null },
      lastPull: { failure: { kind: 'transient' } },
    });
    expect((await ledger(stage)).length).toBeGreaterThan(10);
    stage.bank.behave();
    await nextSlot(stage);
    expect(await ledger(stage)).toEqual(await truth(stage));
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });

  it('a reference twice on one page is no shifted page: the second row is set aside, the window is complete', async () => {
    const stage = await play(world.engines, PAGED);
    let at = 0;
    const twice = portsWith(
      stage,
      inJson(PAGE, (body: { transactions: { entryReference: string; amount: { value: number } }[] }) => {
        if (at++ > 0) return;
        const [first] = body.transactions;
        body.transactions.push({ ...first!, amount: { ...first!.amount, value: 123_456.78 } });
      }),
    );
    await runSlot(stage, twice);
    expect(await accountOf(stage)).toMatchObject({ lastPull: { outcome: 'complete' } });
    expect(pagesRead(stage).filter((page) => page === '1')).toHaveLength(1);
    const aside = (await eventsOf(stage)).filter(({ type }) => type === 'document.quarantined');
    expect(aside).toMatchObject([{ data: { rule: 'reference-repeats' } }]);
    expect(logged(stage, 'alarm.quarantined')).toHaveLength(1);
  });
});

describe('row 6: a list without an end', () => {
  it('that shows its first page for ever is a protocol failure, with an alarm; what came is kept', async () => {
    const stage = await play(world.engines, { ...PAGED, historyDays: 1 });
    stage.bank.misbehave({ kind: 'repeat-page', operation: 'getTransactionList', times: Infinity });
    await planPulls(stage.calm, slotAt(stage.time.now()));
    const [{ message }] = stage.queue.splice(0) as [(typeof stage.queue)[0]];
    await runPulls(stage.calm, message, stage.time.now() + HOUR);
    expect(pagesRead(stage)).toHaveLength(11);
    const { lastPull, sync } = await accountOf(stage);
    expect(lastPull).toMatchObject({ outcome: 'failed', failure: { kind: 'protocol' } });
    expect(lastPull!.failure!.message).toMatch(/circles/);
    expect(sync.transactions).toBeNull();
    expect(await ledger(stage)).toHaveLength(4);
    expect(logged(stage, 'alarm.pull')).toMatchObject([{ kind: 'protocol' }]);
    stage.bank.behave();
    await nextSlot(stage);
    expect(await ledger(stage)).toEqual(await truth(stage));
  });

  it('of empty pages is one, too', async () => {
    const stage = await play(world.engines, { ...PAGED, historyDays: 1 });
    const endless = portsWith(
      stage,
      inJson(PAGE, () => ({ lastPage: false, transactions: [] })),
    );
    stage.bank.misbehave({ kind: 'repeat-page', operation: 'getTransactionList', times: Infinity });
    await runSlot(stage, endless);
    expect(pagesRead(stage)).toHaveLength(10);
    expect(await accountOf(stage)).toMatchObject({ lastPull: { failure: { kind: 'protocol' } } });
  });

  it('of statements is one as well, and the movements are pulled all the same', async () => {
    const stage = await play(world.engines, { mode: 'both', historyDays: 2 });
    stage.bank.misbehave({ kind: 'repeat-page', operation: 'getStatements', times: Infinity });
    await planPulls(stage.calm, slotAt(stage.time.now()));
    const [{ message }] = stage.queue.splice(0) as [(typeof stage.queue)[0]];
    await runPulls(stage.calm, message, stage.time.now() + HOUR);
    expect(callsOf(stage)['getStatements']).toBeLessThanOrEqual(101);
    expect(await accountOf(stage)).toMatchObject({ lastPull: { failure: { kind: 'protocol' } } });
    expect(await ledger(stage)).toEqual(await truth(stage));
  });
});

/** A page of the list, by its bytes. */
function isPage(answer: unknown): boolean {
  const { body } = answer as { body: Uint8Array };
  return Buffer.from(body.subarray(0, 200)).toString('utf8').includes('lastPage');
}
