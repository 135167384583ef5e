import { describe, expect, it } from 'vitest';
import { planPulls } from '../../../shared/flows/pull/plan.ts';
import { checkPromises } from '../../faults/promises.ts';
import type { Stage } from '../../faults/stage.ts';
import {
  accountOf,
  callsOf,
  DAY,
  deliver,
  drain,
  firstDay,
  HOUR,
  MINUTE,
  nextSlot,
  play,
  portsThrough,
  pullByHand,
  rowsOf,
  runSlot,
  slotAt,
  TIMEOUT,
  today,
  told,
  truthOf,
  useEngines,
} from './support.ts';

const world = useEngines();

/** Asks made more than once, by operation, path and query: a download has its own body every time. */
function repeated(stage: Stage): string[] {
  const asks = stage.bank
    .requests()
    .filter(({ operation }) => operation !== 'downloadStatement')
    .map(({ operation, path, query }) => `${operation} ${path}?${query}`);
  return asks.filter((ask, at) => asks.indexOf(ask) !== at);
}

async function isWhole(stage: Stage): Promise<void> {
  const account = await accountOf(stage);
  const from = firstDay(account);
  expect(told(await rowsOf(stage)).filter((row) => row >= from)).toEqual(
    truthOf(stage, account, from, today(stage)),
  );
}

describe('row 1: a slot fired twice', () => {
  it('at the same time is served once', async () => {
    const stage = await play(world.engines);
    const slot = slotAt(stage.time.now());
    await Promise.all([planPulls(stage.calm, slot), planPulls(stage.calm, slot)]);
    expect(stage.queue).toHaveLength(2);
    await Promise.all([...stage.queue].map((queued) => deliver(stage, queued)));
    // Whoever found the credential busy looks once more, and finds nothing to do.
    stage.time.advance(MINUTE);
    await drain(stage);
    expect(repeated(stage)).toEqual([]);
    expect(stage.queue).toEqual([]);
    await isWhole(stage);
  });

  it('one after the other is served once, and the second asks the bank nothing', async () => {
    const stage = await play(world.engines);
    await runSlot(stage);
    const before = stage.bank.requests().length;
    await runSlot(stage);
    expect(stage.bank.requests()).toHaveLength(before);
  });

  it('is served once when the second looked before the first was done', async () => {
    const stage = await play(world.engines);
    const slot = slotAt(stage.time.now());
    await planPulls(stage.calm, slot);
    await planPulls(stage.calm, slot);
    const [first, second] = [...stage.queue];
    let before = 0;
    const late = portsThrough(stage, async (_, operation, call) => {
      const answer = await call();
      if (operation === 'BatchGetItemCommand' && before === 0) {
        await deliver(stage, first!);
        before = stage.bank.requests().length;
      }
      return answer;
    });
    expect(await deliver(stage, second!, late)).toBeNull();
    expect(before).toBeGreaterThan(0);
    expect(stage.bank.requests()).toHaveLength(before);
  });

  it('late is not served when a later one was', async () => {
    const stage = await play(world.engines);
    await planPulls(stage.calm, slotAt(stage.time.now()));
    const [late] = [...stage.queue];
    stage.queue.length = 0;
    await nextSlot(stage);
    const before = stage.bank.requests().length;
    stage.queue.push(late!);
    await deliver(stage, late!);
    expect(stage.bank.requests()).toHaveLength(before);
  });
});

describe('row 2: missed slots', () => {
  it('of nine days are made up for by the next', async () => {
    const stage = await play(world.engines);
    await runSlot(stage);
    await nextSlot(stage, stage.calm, 9 * DAY);
    await isWhole(stage);
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });

  it('from the very first on are made up for as well', async () => {
    const stage = await play(world.engines);
    await nextSlot(stage, stage.calm, 9 * DAY);
    await isWhole(stage);
  });

  it('in which the bank refused cost no day either', async () => {
    const stage = await play(world.engines);
    await runSlot(stage);
    stage.bank.misbehave({ kind: 'status-503', times: Infinity });
    for (let day = 0; day < 9; day++) await nextSlot(stage, stage.calm, DAY);
    stage.bank.behave();
    await nextSlot(stage);
    await isWhole(stage);
  });

  it('and those served give the same ledger', async () => {
    const stage = await play(world.engines);
    for (let slot = 0; slot < 30; slot++)
      await nextSlot(stage, stage.calm, slot % 7 === 0 ? 30 * HOUR : 3 * HOUR);
    await isWhole(stage);
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });
});

describe('row 3: a run that finds the one before it still active', () => {
  it('leaves at once: it asks the bank nothing, writes nothing, and comes again', async () => {
    const stage = await play(world.engines);
    await planPulls(stage.calm, slotAt(stage.time.now()));
    await planPulls(stage.calm, slotAt(stage.time.now() + HOUR));
    const [first, second] = [...stage.queue];
    const order: string[] = [];
    let newcomer: Promise<unknown> | null = null;
    const slow = portsThrough(stage, async (part, operation, call) => {
      order.push(`first ${part} ${operation}`);
      // In the middle of its work the newcomer comes, and leaves.
      if (part === 'bank' && !newcomer) await (newcomer = deliver(stage, second!, quick));
      return call();
    });
    const quick = portsThrough(stage, (part, operation, call) => {
      order.push(`second ${part} ${operation}`);
      return call();
    });
    expect(await deliver(stage, first!, slow)).toBeNull();
    const steps = order.filter((one) => one.startsWith('second'));
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.filter((one) => /bank|Update|Transact|archive/.test(one))).toEqual([]);
    expect(stage.queue).toMatchObject([{ message: { postponed: 1, slot: second!.message.slot } }]);
    stage.time.advance(MINUTE);
    await drain(stage);
    expect(stage.queue).toEqual([]);
    await isWhole(stage);
  });

  it('gives way behind a credential that stays busy; the next slot covers its window', async () => {
    const stage = await play(world.engines);
    const { fingerprint } = (await stage.calm.connections.credential(
      stage.companies[0]!.id,
      `crd_${stage.companies[0]!.id}`,
    ))!;
    await stage.calm.gate.enter(fingerprint, 'somebody else', HOUR);
    await planPulls(stage.calm, slotAt(stage.time.now()));
    let looks = 0;
    for (; stage.queue.length > 0 && looks < 100; looks++) {
      await drain(stage);
      stage.time.advance(MINUTE);
    }
    expect(looks).toBeLessThan(30);
    expect(callsOf(stage)).toEqual({});
    stage.time.advance(HOUR);
    await runSlot(stage);
    await isWhole(stage);
  });

  it('waits in the queue when somebody asked for it', async () => {
    const stage = await play(world.engines);
    const { fingerprint } = (await stage.calm.connections.credential(
      stage.companies[0]!.id,
      `crd_${stage.companies[0]!.id}`,
    ))!;
    const entry = await stage.calm.gate.enter(fingerprint, 'somebody else', TIMEOUT);
    expect(entry.state).toBe('open');
    expect(await pullByHand(stage, null)).toMatchObject({ status: 'queued' });
    expect(stage.queue).toMatchObject([{ message: { postponed: 1, slot: null } }]);
    expect(callsOf(stage)).toEqual({});
    stage.time.advance(2 * TIMEOUT);
    await drain(stage);
    const ledger = stage.calm.ledgerOf(stage.companies[0]!.id, stage.companies[0]!.accounts[0]!.id);
    expect(await ledger.pull(stage.asked[0]!.id)).toMatchObject({ status: 'done' });
  });
});

it('the plan has one message per credential, with every due account, and none for a paused connection', async () => {
  const stage = await play(world.engines, { companies: 2, accounts: 2, sharedCertificate: true });
  const [one, other] = stage.companies;
  const connection = (await stage.calm.connections.get(other!.id, other!.connection))!;
  expect(await planPulls(stage.calm, slotAt(stage.time.now()))).toEqual({ messages: 2, accounts: 4 });
  await stage.calm.connections.change(connection, { status: 'paused' }, []);
  stage.queue.length = 0;
  expect(await planPulls(stage.calm, slotAt(stage.time.now()))).toEqual({ messages: 1, accounts: 2 });
  const planned = stage.queue.flatMap(({ message }) => message.accounts.map(({ account }) => account));
  expect(planned.sort()).toEqual(one!.accounts.map(({ id }) => id).sort());
});

it('row 45: a movement booked before midnight and shown after it is found, on its own day', async () => {
  const stage = await play(world.engines);
  await runSlot(stage);
  const { source } = stage.bank;
  // Booked before midnight, shown after it.
  const account = await accountOf(stage);
  const midnight = Date.parse(`${today(stage)}T21:59:00Z`);
  stage.time.advance(midnight - stage.time.now());
  const reference = source.add({
    accountNumber: account.handle,
    currency: account.currency,
    minor: 77n,
    visibleAt: midnight + 3 * MINUTE,
  });
  await runSlot(stage);
  await nextSlot(stage);
  const rows = await rowsOf(stage);
  expect(rows.filter(({ transaction }) => transaction.bankReference === reference)).toHaveLength(1);
});
