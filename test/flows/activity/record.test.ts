import type { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import type { Activity } from '../../../shared/domain/activity.ts';
import { isoInstant } from '../../../shared/domain/dates.ts';
import { createRecorder } from '../../../shared/flows/activity/record.ts';
import type { Connection } from '../../../shared/domain/records.ts';
import type { Exchanged } from '../../../shared/http/activity.ts';
import type { ActivityLog } from '../../../shared/store/activity.ts';
import type { Stage } from '../../faults/stage.ts';
import { get } from '../../http/support.ts';
import { sentOf } from '../../store/support.ts';
import {
  accountOf,
  callsOf,
  DAY,
  logged,
  MINUTE,
  nextSlot,
  play,
  portsOnRoad,
  portsWith,
  runSlot,
  useEngines,
} from '../pull/support.ts';

const world = useEngines();

/** Nothing is booked between two slots of this night. */
const NIGHT = Date.parse('2026-09-16T20:30:00Z');

/** A stage that was pulled once, its log on for so many milliseconds. */
async function recording(lasting: number): Promise<Stage> {
  const stage = await play(world.engines, { start: NIGHT });
  await runSlot(stage);
  await switchOn(stage, lasting);
  return stage;
}

async function switchOn(stage: Stage, lasting: number): Promise<void> {
  const connection = await connectionOf(stage);
  const until = isoInstant(stage.time.now() + lasting);
  await stage.calm.connections.change(connection, { activityUntil: until }, []);
}

async function connectionOf(stage: Stage): Promise<Connection> {
  const { id, connection } = stage.companies[0]!;
  return (await stage.calm.connections.get(id, connection))!;
}

/** What the log has, newest first. */
async function entriesOf(stage: Stage): Promise<readonly Activity[]> {
  const { id, connection } = stage.companies[0]!;
  return (await stage.calm.activity.page(id, connection, 500, null)).items;
}

describe('a pull while the log is on', () => {
  test('writes what it wrote before, and behind the lease all entries at once', async () => {
    const stage = await recording(DAY);
    const { ports, road } = portsOnRoad(stage);
    const before = stage.bank.requests().length;
    await nextSlot(stage, ports);

    const calls = Object.values(callsOf(stage, before)).reduce((sum, count) => sum + count, 0);
    expect(calls).toBeGreaterThan(2);
    // The gate, the account, the gate given back, then one write.
    const writes = road.sent.filter(({ constructor }) => /Update|Transact/.test(constructor.name));
    const [last] = writes.slice(-1) as TransactWriteItemsCommand[];
    const keys = last!.input.TransactItems!.map(({ Put }) => unmarshall(Put!.Item!));
    expect(keys).toHaveLength(calls);
    for (const { pk, sk } of keys) {
      expect(pk).toBe(`${stage.companies[0]!.id}#${stage.companies[0]!.connection}`);
      expect(sk).toMatch(/^activity#2026-09-16T21:30/);
    }
    expect(sentOf(road, 'UpdateItem')).toHaveLength(3);
    expect(writes).toHaveLength(4);
    expect(await accountOf(stage)).toMatchObject({ lastPull: { outcome: 'complete' } });
  });

  test('leaves an entry per exchange, in order, as the bank saw them', async () => {
    const stage = await recording(DAY);
    const before = stage.bank.requests().length;
    await nextSlot(stage);
    const seen = stage.bank.requests().slice(before);
    const entries = (await entriesOf(stage)).toReversed();
    expect(entries.map(({ operation }) => operation)).toEqual(seen.map(({ operation }) => operation));
    expect(entries.map(({ answer }) => answer!.status)).toEqual(seen.map(() => 200));
    for (const { url } of entries) expect(url).toMatch(/^https:\/\/localhost:1\/[a-z/{}]+$/);
    expect(entries.flatMap(({ answer }) => answer!.structure)).toContain('transactions: array');
  });

  test('leaves what failed and its repeats, and ends as it would have', async () => {
    const stage = await recording(DAY);
    const ports = portsWith(stage, (response, { url }) =>
      url.includes('/transactions') ? { ...response, status: 503 } : response,
    );
    await nextSlot(stage, ports);
    const failed = (await entriesOf(stage)).filter(({ failure }) => failure !== null);
    expect(failed.map(({ attempt, answer, failure }) => [attempt, answer?.status, failure!.kind])).toEqual([
      [3, 503, 'transient'],
      [2, 503, 'transient'],
      [1, 503, 'transient'],
    ]);
    const { lastPull } = await accountOf(stage);
    // By this id an entry is found from the pull's failure.
    expect(lastPull!.failure).toMatchObject({ kind: 'transient', requestId: failed[0]!.requestId });
  });

  test('row 67: shows no secret and no value of the bank', async () => {
    const stage = await recording(DAY);
    await nextSlot(stage);
    const text = JSON.stringify(await entriesOf(stage));
    const account = await accountOf(stage);
    const rows = stage.bank.source.booked(account.handle, account.currency, '2026-09-10', '2026-09-16');
    const hidden = [...stage.canaries, account.number, ...rows.map(({ entryReference }) => entryReference)];
    expect(hidden.length).toBeGreaterThan(5);
    for (const value of hidden) expect(text).not.toContain(value);
  });
});

test('off, nobody listens, and a pull keeps nothing of it', async () => {
  const stage = await play(world.engines, { start: NIGHT });
  await runSlot(stage);
  expect(await createRecorder(stage.calm).listener(await connectionOf(stage))).toBeNull();
  expect(await entriesOf(stage)).toEqual([]);
});

test('it ends by itself when its time has come, in the middle of a run too', async () => {
  const stage = await recording(DAY);
  stage.time.advance(DAY);
  await nextSlot(stage);
  expect(await entriesOf(stage)).toEqual([]);

  await switchOn(stage, 90 * MINUTE);
  const before = stage.bank.requests().length;
  // The second answer takes until after the end.
  let calls = 0;
  const slow = portsWith(stage, (response) => {
    if (++calls === 2) stage.time.advance(31 * MINUTE - 1);
    return response;
  });
  await nextSlot(stage, slow);
  expect(stage.bank.requests().length - before).toBeGreaterThan(2);
  expect(await entriesOf(stage)).toHaveLength(1);
});

test('an entry is read for seven days and no longer, whether it was deleted or not', async () => {
  const stage = await recording(DAY);
  await nextSlot(stage);
  const { length } = await entriesOf(stage);
  stage.time.advance(7 * DAY - MINUTE);
  expect(await entriesOf(stage)).toHaveLength(length);
  stage.time.advance(2 * MINUTE);
  expect(await entriesOf(stage)).toEqual([]);
  const items = await world.engines.dump(stage.places.connections);
  expect(items.filter(({ sk }) => String(sk).startsWith('activity#'))).toHaveLength(length);
});

describe('a log that cannot be written', () => {
  test('leaves a line and fails no run', async () => {
    const stage = await recording(DAY);
    const { ports, road } = portsOnRoad(stage);
    const broken: ActivityLog = {
      ...ports.activity,
      add: () => Promise.reject(new Error('CANARY: the table is away')),
    };
    expect(await nextSlot(stage, { ...ports, activity: broken })).toEqual([]);
    expect(await accountOf(stage)).toMatchObject({ lastPull: { outcome: 'complete' } });
    expect(sentOf(road, 'UpdateItem')).toHaveLength(3);
    expect(logged(stage, 'activity.not-written')).toMatchObject([
      { connection: stage.companies[0]!.connection, error: 'Error' },
    ]);
    expect(stage.lines.join('\n')).not.toContain('CANARY:');
  });

  test('because an exchange cannot be read, leaves a line and goes on', async () => {
    const stage = await play(world.engines);
    await switchOn(stage, DAY);
    const recorder = createRecorder(stage.calm);
    const listen = (await recorder.listener(await connectionOf(stage)))!;
    listen({ ...exchanged(1, stage), request: get('not an address') });
    listen(exchanged(2, stage));
    await recorder.save();
    expect((await entriesOf(stage)).map(({ attempt }) => attempt)).toEqual([2]);
    expect(logged(stage, 'activity.not-recorded')).toHaveLength(1);
  });
});

test('of a long run the last two hundred stay, written few at a time and read by pages', async () => {
  const stage = await play(world.engines);
  await switchOn(stage, DAY);
  const { ports, road } = portsOnRoad(stage);
  const recorder = createRecorder(ports);
  const listen = (await recorder.listener(await connectionOf(stage)))!;
  for (let n = 1; n <= 250; n++) listen(exchanged(n, stage));
  await recorder.save();
  expect(sentOf(road, 'TransactWriteItems')).toHaveLength(8);

  const { id, connection } = stage.companies[0]!;
  const attempts: number[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<ActivityLog['page']>> = await stage.calm.activity.page(
      id,
      connection,
      77,
      after,
    );
    attempts.push(...page.items.map(({ attempt }) => attempt));
    after = page.next;
  } while (after !== null);
  expect(attempts).toEqual(Array.from({ length: 200 }, (_, n) => 250 - n));
});

const exchanged = (attempt: number, { time }: Stage): Exchanged => ({
  operation: 'getThings',
  requestId: 'r',
  attempt,
  started: time.now(),
  milliseconds: 1,
  request: get('https://bank.example/things'),
  answer: null,
  failure: null,
});
