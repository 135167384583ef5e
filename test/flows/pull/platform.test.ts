import { describe, expect, it } from 'vitest';
import { planPulls } from '../../../shared/flows/pull/plan.ts';
import { runPulls } from '../../../shared/flows/pull/run.ts';
import { chance } from '../../faults/chance.ts';
import { checkPromises } from '../../faults/promises.ts';
import type { Stage } from '../../faults/stage.ts';
import { awsError } from '../../store/support.ts';
import {
  accountOf,
  deliver,
  drain,
  eventsOf,
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

async function isWhole(stage: Stage): Promise<void> {
  const account = await accountOf(stage);
  const from = firstDay(account);
  const rows = told(await rowsOf(stage)).filter((row) => row >= from);
  expect(rows).toEqual(truthOf(stage, account, from, today(stage)));
  expect(await checkPromises(stage, world.engines)).toEqual([]);
}

/** Statements in the archive without a record, and records without an object. */
async function orphans(stage: Stage): Promise<string[]> {
  const { company, id } = await accountOf(stage);
  const objects = (await world.engines.objects(`${company}/`)).map(({ key }) => key);
  const ledger = stage.calm.ledgerOf(company, id);
  const unknown = await Promise.all(
    objects
      .filter((key) => key.includes('/statement/'))
      .map(async (key) => ((await ledger.document(key.split('/').at(-1)!)) ? [] : [key])),
  );
  const items = (await world.engines.dump(stage.places.ledger)).filter(({ sk }) =>
    String(sk).startsWith('document#'),
  );
  const missing = items.filter(
    ({ kind, sha256 }) => !objects.includes(`${company}/${String(kind)}/${String(sha256)}`),
  );
  return [...unknown.flat(), ...missing.map(({ sk }) => String(sk))];
}

describe('row 50: one of archive and table fails', () => {
  it('the table: the documents wait in the archive, the next run records them, nothing twice', async () => {
    const stage = await play(world.engines);
    const broken = portsThrough(stage, (_, operation, call) =>
      operation === 'TransactWriteItemsCommand' ? Promise.reject(awsError('AccessDeniedException')) : call(),
    );
    expect(await runSlot(stage, broken)).toHaveLength(0);
    expect((await accountOf(stage)).lastPull).toMatchObject({ outcome: 'failed' });
    expect(await rowsOf(stage)).toEqual([]);
    expect((await world.engines.objects(`${stage.companies[0]!.id}/`)).length).toBeGreaterThan(0);
    await nextSlot(stage);
    await isWhole(stage);
    expect(await orphans(stage)).toEqual([]);
  });

  it('the table altogether: the message comes again', async () => {
    const stage = await play(world.engines);
    const broken = portsThrough(stage, (part, operation, call) =>
      part === 'table' && /Transact|Update/.test(operation)
        ? Promise.reject(awsError('AccessDeniedException'))
        : call(),
    );
    expect(await runSlot(stage, broken)).toHaveLength(1);
    expect(stage.queue).toHaveLength(1);
    stage.time.advance(30 * MINUTE);
    await drain(stage);
    await isWhole(stage);
    expect(await orphans(stage)).toEqual([]);
  });

  it('the archive: nothing is read, nothing stored, and the next run has it all', async () => {
    const stage = await play(world.engines);
    const broken = portsThrough(stage, (part, _, call) =>
      part === 'archive' ? Promise.reject(awsError('InternalError', 500)) : call(),
    );
    await runSlot(stage, broken);
    expect((await accountOf(stage)).lastPull).toMatchObject({ outcome: 'failed' });
    expect(await rowsOf(stage)).toEqual([]);
    await nextSlot(stage);
    await isWhole(stage);
    expect(await orphans(stage)).toEqual([]);
  });

  it('either, at any one call: the next run completes it', { timeout: 60_000 }, async () => {
    for (let at = 0, struck = true; struck; at += 3) {
      struck = false;
      const stage = await play(world.engines, { historyDays: 1, pageSize: 30 });
      let calls = 0;
      const broken = portsThrough(stage, (part, _, call) => {
        if ((part !== 'table' && part !== 'archive') || calls++ !== at) return call();
        struck = true;
        return Promise.reject(awsError('AccessDeniedException', 403));
      });
      await planPulls(stage.calm, slotAt(stage.time.now()));
      await drain(stage, broken);
      await nextSlot(stage);
      await isWhole(stage);
      expect(await orphans(stage), `failed at call ${at}`).toEqual([]);
    }
  });
});

describe('row 51: a throttled table', () => {
  it('that refuses every third call and reads batches in part delays the pull, and loses no row', async () => {
    const luck = chance(51);
    const stage = await play(world.engines, { accounts: 2 });
    let refused = 0;
    const busy = portsThrough(stage, async (part, operation, call) => {
      if (part === 'table' && luck.next() < 0.33) {
        refused += 1;
        throw awsError('ProvisionedThroughputExceededException');
      }
      const answer = await call();
      return operation === 'BatchGetItemCommand' && luck.next() < 0.5 ? unread(answer) : answer;
    });
    for (let slot = 0; slot < 4; slot++) await nextSlot(stage, busy);
    expect(refused).toBeGreaterThan(20);
    await isWhole(stage);
  });

  it('that refuses for minutes sends the message back to the queue; it comes again', async () => {
    const stage = await play(world.engines);
    await planPulls(stage.calm, slotAt(stage.time.now()));
    const throttled = portsThrough(stage, (part, _, call) =>
      part === 'table' ? Promise.reject(awsError('ThrottlingException')) : call(),
    );
    expect(await drain(stage, throttled)).toHaveLength(1);
    expect(stage.queue).toHaveLength(1);
    expect(stage.bank.requests()).toEqual([]);
    stage.time.advance(30 * MINUTE);
    expect(await drain(stage)).toEqual([]);
    await isWhole(stage);
  });
});

/** A batch of which the table read nothing. */
function unread<T>(answer: T): T {
  const { Responses = {} } = answer as { Responses?: Record<string, { pk: unknown; sk: unknown }[]> };
  const keys = Object.entries(Responses).map(([table, items]) => [
    table,
    { Keys: items.map(({ pk, sk }) => ({ pk, sk })) },
  ]);
  return { ...answer, Responses: {}, UnprocessedKeys: Object.fromEntries(keys) as unknown };
}

describe('row 53: a worker that outlives its message’s visibility', () => {
  it('is refused once its lease was taken over: it changes nothing any more', async () => {
    const stage = await play(world.engines);
    await planPulls(stage.calm, slotAt(stage.time.now()));
    const [queued] = stage.queue.splice(0) as [(typeof stage.queue)[0]];
    let asleep: () => void = () => undefined;
    let wake: () => void = () => undefined;
    const slept = new Promise<void>((resolve) => (asleep = resolve));
    const woken = new Promise<void>((resolve) => (wake = resolve));
    let calls = 0;
    const slow = portsThrough(stage, async (part, _, call) => {
      const answer = await call();
      // It falls asleep with an answer of the bank in its hand, having stored some before.
      if (part === 'bank' && ++calls === 4) {
        asleep();
        await woken;
      }
      return answer;
    });
    const zombie = runPulls(slow, queued.message, stage.time.now() + TIMEOUT);
    await slept;
    stage.time.advance(30 * MINUTE);
    stage.queue.push(queued);
    expect(await deliver(stage, queued)).toBeNull();
    await isWhole(stage);
    const dump = async () =>
      Promise.all(Object.values(stage.places).map((table) => world.engines.dump(table as string)));
    const before = await dump();
    const { fence } = await accountOf(stage);
    wake();
    await zombie.catch(() => undefined);
    expect(await dump()).toEqual(before);
    expect(calls).toBe(4);
    expect((await accountOf(stage)).fence).toBe(fence);
  });
});

describe('row 53: a worker that writes after its lease ended, before its successor did', () => {
  it('is one writer of two: its rows count, and are neither doubled nor lost', async () => {
    // At night nothing else is booked. One movement of the early morning shows late, on the third page of the list.
    const start = Date.parse('2026-09-16T20:30:00Z');
    const stage = await play(world.engines, { mode: 'transactions', pageSize: 5, start });
    await runSlot(stage);
    const { handle: accountNumber, currency } = await accountOf(stage);
    const reference = stage.bank.source.add({
      accountNumber,
      currency,
      minor: 5n,
      bookedAt: Date.parse('2026-09-15T22:10:00Z'),
    });
    stage.time.advance(HOUR);
    await planPulls(stage.calm, slotAt(stage.time.now()));
    const [queued] = stage.queue.splice(0) as [(typeof stage.queue)[0]];
    const waiter = () => {
      let resolve: () => void = () => undefined;
      const promise = new Promise<void>((done) => (resolve = done));
      return { promise, resolve: () => resolve() };
    };
    const [asleep, woken, wrote] = [waiter(), waiter(), waiter()];
    let pages = 0;
    let awake = false;
    let accepted = false;
    const zombies = portsThrough(stage, async (part, operation, call) => {
      const answer = await call().catch((error: unknown) => {
        wrote.resolve();
        throw error;
      });
      if (part === 'bank' && ++pages === 4) {
        // The balances are stored, two pages were known, the third is in its hand.
        asleep.resolve();
        await woken.promise;
        awake = true;
      } else if (awake && operation === 'TransactWriteItemsCommand') {
        accepted = true;
        wrote.resolve();
        return new Promise(() => undefined);
      }
      return answer;
    });
    void runPulls(zombies, queued.message, stage.time.now() + 2 * TIMEOUT);
    await asleep.promise;
    stage.time.advance(11 * MINUTE);
    let calls = 0;
    const heirs = portsThrough(stage, async (part, _, call) => {
      const answer = await call();
      // The successor has read the ledger and holds the same page when the other one stores it.
      if (part === 'bank' && ++calls === 4) {
        woken.resolve();
        await wrote.promise;
      }
      return answer;
    });
    stage.queue.push(queued);
    expect(await deliver(stage, queued, heirs)).toBeNull();
    expect(accepted).toBe(true);
    expect(calls).toBeGreaterThan(3);
    expect(await accountOf(stage)).toMatchObject({ lastPull: { outcome: 'complete' } });
    const rows = (await rowsOf(stage)).filter(({ transaction }) => transaction.bankReference === reference);
    expect(rows).toHaveLength(1);
    await isWhole(stage);
  });
});

describe('row 55: a vault that is down', () => {
  it('postpones the pull: no call to the bank, the next slot is fine', async () => {
    const stage = await play(world.engines);
    const down = portsThrough(stage, (part, _, call) =>
      part === 'vault' ? Promise.reject(awsError('InternalServiceError', 500)) : call(),
    );
    const [error] = await runSlot(stage, down);
    expect(error!.message).toMatch(/vault does not answer/);
    expect(stage.bank.requests()).toEqual([]);
    expect(await accountOf(stage)).toMatchObject({ lastPull: null, slot: null });
    const { id, connection } = stage.companies[0]!;
    expect(await stage.calm.connections.get(id, connection)).toMatchObject({ status: 'active' });
    // The gate was left: the next slot need not wait for the end of a lease.
    await nextSlot(stage);
    expect(await accountOf(stage)).toMatchObject({ lastPull: { outcome: 'complete' } });
    await isWhole(stage);
  });

  it('is not noticed by a worker that read the secret in the last ten minutes', async () => {
    const stage = await play(world.engines);
    let down = false;
    const ports = portsThrough(stage, (part, _, call) =>
      part === 'vault' && down ? Promise.reject(awsError('InternalServiceError', 500)) : call(),
    );
    await runSlot(stage, ports);
    down = true;
    expect(await nextSlot(stage, ports, 9 * MINUTE)).toEqual([]);
    const asked = await pullByHand(stage, null, ports);
    expect(asked).toMatchObject({ status: 'done', result: { outcome: 'complete' } });
    expect(await nextSlot(stage, ports)).toHaveLength(1);
  });

  it('without the credential’s secret pauses the connections, with what to do', async () => {
    const stage = await play(world.engines);
    const empty = portsThrough(stage, (part, _, call) =>
      part === 'vault' ? Promise.reject(awsError('ResourceNotFoundException')) : call(),
    );
    expect(await runSlot(stage, empty)).toEqual([]);
    const { id, connection } = stage.companies[0]!;
    const paused = await stage.calm.connections.get(id, connection);
    expect(paused).toMatchObject({ status: 'paused', pause: { kind: 'credential-refused' } });
    expect(paused!.pause!.message).toMatch(/upload the certificate/);
    expect((await eventsOf(stage)).filter(({ type }) => type === 'connection.paused')).toHaveLength(1);
    expect(await pullByHand(stage, null, empty)).toMatchObject({ status: 'failed' });
    expect(stage.bank.requests()).toEqual([]);
  });
});
