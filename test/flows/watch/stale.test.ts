import { expect, test } from 'vitest';
import type { FeedEvent } from '../../../shared/domain/event.ts';
import { isoInstant } from '../../../shared/domain/dates.ts';
import { paymentKey } from '../../../shared/store/keys.ts';
import type { Stage } from '../../faults/stage.ts';
import {
  accountOf,
  eventsOf,
  HOUR,
  logged,
  nextSlot,
  play,
  pullByHand,
  runSlot,
  useEngines,
} from '../pull/support.ts';
import { list, standingOf, watch } from './stage.ts';

const world = useEngines();
const told = async (stage: Stage): Promise<FeedEvent[]> =>
  (await eventsOf(stage)).filter(({ type }) => /^account\.(stale|fresh|failing|recovered)$/.test(type));

async function begun(): Promise<Stage> {
  const stage = await play(world.engines);
  await list(stage);
  await runSlot(stage);
  return stage;
}

test('an account nobody pulls is told once, and once that it is well again', async () => {
  const stage = await begun();
  const { freshAt, id } = await accountOf(stage);
  stage.time.advance(35 * HOUR);
  await watch(stage);
  expect(await told(stage)).toEqual([]);
  stage.time.advance(2 * HOUR);
  await Promise.all([watch(stage), watch(stage)]);
  await watch(stage);
  expect(await told(stage)).toMatchObject([{ type: 'account.stale', subject: id, data: { since: freshAt } }]);
  expect(logged(stage, 'alarm.account-stale').length).toBeGreaterThanOrEqual(1);

  // A pull of old days says nothing about the present.
  await pullByHand(stage, { from: '2026-09-14', to: '2026-09-15' });
  expect(await told(stage)).toHaveLength(1);
  await nextSlot(stage);
  expect((await told(stage)).slice(1)).toMatchObject([
    { type: 'account.fresh', subject: id, data: { since: freshAt } },
  ]);
  expect((await accountOf(stage)).staleSince).toBeUndefined();
  await nextSlot(stage);
  await watch(stage);
  expect(await told(stage)).toHaveLength(2);
  stage.time.advance(37 * HOUR);
  await watch(stage);
  expect((await told(stage)).map(({ type }) => type)).toEqual([
    'account.stale',
    'account.fresh',
    'account.stale',
  ]);
});

test('a mark set while a pull runs neither breaks the pull nor is lost', async () => {
  const stage = await begun();
  stage.time.advance(37 * HOUR);
  let marked = false;
  const ports = {
    ...stage.calm,
    exchange: async (request: Parameters<typeof stage.calm.exchange>[0]) => {
      if (!marked) await watch(stage);
      marked = true;
      return stage.calm.exchange(request);
    },
  };
  expect(await runSlot(stage, ports)).toEqual([]);
  expect(await accountOf(stage)).toMatchObject({ lastPull: { outcome: 'complete' } });
  // Read before the mark, the pull does not end it; the next one does.
  expect((await told(stage)).map(({ type }) => type)).toEqual(['account.stale']);
  await nextSlot(stage);
  expect((await told(stage)).map(({ type }) => type)).toEqual(['account.stale', 'account.fresh']);
});

test('one whose pulls fail was told already, one of a paused connection is the pause’s', async () => {
  const failing = await begun();
  failing.bank.misbehave({ kind: 'status-503', times: Infinity });
  for (let slot = 0; slot < 40; slot++) await nextSlot(failing);
  await watch(failing);
  expect((await told(failing)).map(({ type }) => type)).toEqual(['account.failing']);

  const paused = await begun();
  const pause = { kind: 'consent-needed', message: '', since: isoInstant(paused.time.now()) } as const;
  const { credential } = await standingOf(paused);
  await paused.calm.connections.change(
    await standingOf(paused),
    { status: 'paused', pause, credential, candidate: null },
    [],
  );
  paused.bank.misbehave({ kind: 'status-503', times: Infinity });
  paused.time.advance(40 * HOUR);
  await watch(paused);
  expect(await told(paused)).toEqual([]);
});

test('orders of a connection that is not in use are reminded of, those of others are not', async () => {
  const stage = await begun();
  const order = (id: string, connection: string, state: string) => ({
    table: stage.places.payments,
    put: {
      ...paymentKey(stage.companies[0]!.id, id),
      id,
      connection,
      state,
      dueShard: '1',
      dueAt: isoInstant(stage.time.now() + HOUR / 4),
    },
  });
  const { id } = await standingOf(stage);
  await stage.dynamo.transact([
    order('pay_1', id, 'outcome-unknown'),
    order('pay_2', id, 'accepted'),
    order('pay_3', id, 'executed'),
    order('pay_4', 'con_other', 'accepted'),
  ]);
  await watch(stage);
  expect(logged(stage, 'alarm.payments-waiting')).toEqual([]);
  const pause = { kind: 'consent-needed', message: '', since: isoInstant(stage.time.now()) } as const;
  await stage.calm.connections.change(await standingOf(stage), { status: 'paused', pause }, []);
  stage.bank.misbehave({ kind: 'status-503', times: Infinity });
  await watch(stage);
  expect(logged(stage, 'alarm.payments-waiting')).toMatchObject([{ connection: id, items: 2 }]);
});
