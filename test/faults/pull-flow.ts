import { addDays, dateIn, isoInstant } from '../../shared/domain/dates.ts';
import type { PullMode } from '../../shared/domain/records.ts';
import { planPulls } from '../../shared/flows/pull/plan.ts';
import { requestPull } from '../../shared/flows/pull/request.ts';
import { runPulls } from '../../shared/flows/pull/run.ts';
import type { Misbehaviour } from '../../infra/sandbox/types.ts';
import { createActor, FAULTS, virtualTime, type Actor, type Fault } from './actor.ts';
import { chance as chanceOf, type Chance } from './chance.ts';
import type { Engines } from './engines.ts';
import { checkPromises } from './promises.ts';
import { setStage, type QueuedMessage, type Stage } from './stage.ts';

/** A Wednesday at ten in Prague; seeds move the start by up to two weeks, so week-ends and month ends are met. */
const START = Date.parse('2026-09-16T08:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** What pull-run's queue and function are deployed with. */
const VISIBILITY = 30 * MINUTE;
const TIMEOUT = 5 * MINUTE;
const DELIVERIES = 5;
/** Movements of a busy day: more than one transaction of the store takes. */
const BUSY_DAY = 60;

export interface SeedResult {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Faults that struck, by name. */
  readonly faults: readonly string[];
}

/** Runs one seed: some slots with faults, then calm ones until everything has settled, then the promises. */
export async function runSeed(engines: Engines, seed: number): Promise<SeedResult> {
  const chance = chanceOf(seed);
  const time = virtualTime(START + chance.int(14) * DAY);
  const name = `s${seed}`;
  const places = await engines.open(name);
  const faults: string[] = [];
  try {
    const stage = await setStage(name, places, time, chance);
    const actors = new Map<Actor, Promise<unknown>>();
    for (let slot = 0; slot < 3; slot++) {
      if (slot > 0) time.advance(chance.pick([HOUR, HOUR, 13 * HOUR, DAY, 9 * DAY]));
      await meanwhile(stage, chance, faults);
      await stormySlot(stage, chance, faults, actors);
    }
    // Zombies come to their end in the storm: what they do to the calm would hang on the machine's own timing.
    for (const [actor, run] of actors) {
      const end = await Promise.race([actor.stopped, run.then(() => 'ended')]);
      if (end === 'killed') continue;
      actor.wake();
      await run;
    }
    await calmDown(stage);
    return { seed, violations: await checkPromises(stage, engines), faults };
  } finally {
    await engines.close(places);
  }
}

/** What life brings between two slots: a movement the bank shows hours late, a corrected statement, another mode. */
async function meanwhile(stage: Stage, chance: Chance, faults: string[]): Promise<void> {
  const { id, accounts } = chance.pick(stage.companies);
  const account = chance.pick(accounts);
  const { source } = stage.bank;
  if (chance.next() < 0.2) {
    const now = stage.time.now();
    const place = { accountNumber: account.handle, currency: account.currency };
    source.add({
      ...place,
      minor: BigInt(chance.int(90_000) - 45_000),
      bookedAt: now,
      visibleAt: now + HOUR,
    });
    faults.push('late-booking');
  }
  if (chance.next() < 0.1) {
    const place = { accountNumber: account.handle, currency: account.currency, bookedAt: stage.time.now() };
    for (let n = 0; n < BUSY_DAY; n++) source.add({ ...place, minor: BigInt(1_00 + n) });
    faults.push('busy-day');
  }
  const listed = source.statements(account.handle).filter(({ currency }) => currency === account.currency);
  if (chance.next() < 0.1 && listed.length > 0) {
    source.correctStatement(listed[0]!.id);
    faults.push('corrected-statement');
  }
  if (chance.next() < 0.2) {
    const today = dateIn('Europe/Prague', stage.time.now());
    const window = chance.next() < 0.5 ? { from: addDays(today, -4), to: addDays(today, -1) } : null;
    const ledger = stage.calm.ledgerOf(id, account.id);
    const connection = await stage.calm.connections.get(id, account.connection);
    const ready = { ...connection!, credential: connection!.credential! };
    stage.asked.push(
      await requestPull({ ...stage.calm, dynamo: stage.dynamo }, ledger, account, ready, window),
    );
    faults.push('on-demand');
  }
  if (chance.next() < 0.15) {
    const standing = await stage.calm.accounts.get(id, account.id);
    const mode = chance.pick<PullMode>(['statements', 'transactions', 'both']);
    await stage.calm.accounts.changeSettings(standing!, { ...standing!.settings, mode });
    faults.push('mode-change');
  }
}

async function stormySlot(
  stage: Stage,
  chance: Chance,
  faults: string[],
  actors: Map<Actor, Promise<unknown>>,
): Promise<void> {
  const bad = misbehaviour(chance);
  if (bad) {
    stage.bank.misbehave(bad);
    faults.push(`bank-${bad.kind}`);
  }
  const slot = isoInstant(Math.floor(stage.time.now() / HOUR) * HOUR);
  await plan(stage, slot, chance, faults);
  if (chance.next() < 0.15) {
    await plan(stage, slot, chance, faults);
    faults.push('duplicate-slot');
  }
  // Sometimes the slot's messages wait until the next one.
  if (chance.next() < 0.9) await deliverAll(stage, chance, faults, actors);
}

async function plan(stage: Stage, slot: string, chance: Chance, faults: string[]): Promise<void> {
  const actor = createActor(stage.time, chance.next() < 0.15 ? faultOf(chance, 6) : null, 0);
  await settle(planPulls(stage.ports(actor), slot), actor);
  if (actor.struck()) faults.push('plan');
}

/** Takes every visible message once, some twice at the same time, and puts back what was not finished. */
async function deliverAll(
  stage: Stage,
  chance: Chance,
  faults: string[],
  actors: Map<Actor, Promise<unknown>>,
): Promise<void> {
  for (let round = 0; round < DELIVERIES; round++) {
    const now = stage.time.now();
    const visible = stage.queue.filter((queued) => queued.visibleAt <= now);
    if (visible.length === 0) return;
    for (const queued of visible) {
      stage.queue.splice(stage.queue.indexOf(queued), 1);
      const twice = chance.next() < 0.15;
      if (twice) faults.push('duplicate-delivery');
      const runs = [deliver(stage, queued, chance, faults, actors)];
      if (twice) runs.push(deliver(stage, queued, chance, faults, actors));
      await Promise.all(runs);
    }
  }
}

async function deliver(
  stage: Stage,
  queued: QueuedMessage,
  chance: Chance,
  faults: string[],
  actors: Map<Actor, Promise<unknown>>,
): Promise<void> {
  const fault = chance.next() < 0.7 ? faultOf(chance, 60) : null;
  const skew = chance.next() < 0.1 ? chance.pick([-5, 5]) * MINUTE : 0;
  if (skew !== 0) faults.push('clock-skew');
  const actor = createActor(stage.time, fault, skew);
  // Now and then little of the function's time is left, so that pulls are cut between pages and accounts.
  const hurried = chance.next() < 0.15;
  if (hurried) faults.push('short-time');
  const deadline = actor.clock.now() + (hurried ? chance.pick([31_000, 31_500, 33_000]) : TIMEOUT);
  const run = runPulls(stage.ports(actor), queued.message, deadline);
  actors.set(
    actor,
    run.catch(() => undefined),
  );
  const done = await settle(run, actor);
  if (actor.struck()) faults.push(fault!.kind);
  if (!done) stage.queue.push({ ...queued, visibleAt: stage.time.now() + VISIBILITY });
  // A zombie comes back when its lease is over and, often, in the middle of its successor's run.
  if (fault?.kind === 'zombie' && actor.struck() && chance.next() < 0.5) {
    stage.time.advance(VISIBILITY);
    actor.wake();
  }
}

/** Waits for the end of a run, or for its actor's. @returns false when the message must come again */
async function settle(run: Promise<unknown>, actor: Actor): Promise<boolean> {
  return Promise.race([
    run.then(
      () => true,
      () => false,
    ),
    actor.stopped.then(() => false),
  ]);
}

function faultOf(chance: Chance, effects: number): Fault {
  return { kind: chance.pick(FAULTS), at: chance.int(effects), moment: chance.pick(['before', 'after']) };
}

function misbehaviour(chance: Chance): Misbehaviour | null {
  if (chance.next() < 0.55) return null;
  const times = chance.pick([1, 1, 2, 4]);
  const skip = chance.int(6);
  const kind = chance.pick([
    'status-503',
    'html-200',
    'garbage-json',
    'unknown-shape-500',
    'json-error-200',
    'drop',
    'stall',
    'truncate',
    'redirect',
    'invalid-request-400',
    'shift-pages',
    'repeat-page',
    'blocked-certificate',
    'no-rights',
  ] as const);
  if (chance.next() < 0.15) {
    const retryAfter = {
      seconds: chance.pick([1, 120, 86_400]),
      form: chance.pick(['seconds', 'date'] as const),
    };
    return { kind: 'status-429', times, skip, retryAfter };
  }
  return { kind, times, skip } as Misbehaviour;
}

/** The bank behaves, an operator resumes what was paused, and calm slots pass until nothing is left to do. */
async function calmDown(stage: Stage): Promise<void> {
  stage.bank.behave();
  // Longer than any silence a bank asked for, and than a message stays invisible.
  stage.time.advance(25 * HOUR);
  for (const { id, connection } of stage.companies) {
    const paused = await stage.calm.connections.get(id, connection);
    if (paused?.status !== 'paused') continue;
    await stage.calm.connections.change(paused, { status: 'active', pause: null }, [
      { type: 'connection.resumed', subject: connection, data: {} },
    ]);
  }
  for (let slot = 0; slot < 2; slot++) {
    stage.time.advance(HOUR);
    await planPulls(stage.calm, isoInstant(Math.floor(stage.time.now() / HOUR) * HOUR));
    for (let round = 0; round < 10 && stage.queue.length > 0; round++) {
      const [queued] = stage.queue.splice(0, 1);
      stage.time.advance(Math.max(0, queued!.visibleAt - stage.time.now()));
      await runPulls(stage.calm, queued!.message, stage.time.now() + TIMEOUT);
    }
  }
}
