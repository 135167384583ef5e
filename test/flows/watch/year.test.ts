import { describe, expect, test } from 'vitest';
import { addDays, dateIn, daysBetween } from '../../../shared/domain/dates.ts';
import type { FeedEvent } from '../../../shared/domain/event.ts';
import { watchAll } from '../../../shared/flows/watch/daily.ts';
import { endsOf, LADDER, stepOf, type End } from '../../../shared/flows/watch/ends.ts';
import { manifestOf } from '../../../shared/banks/catalog.ts';
import { createActor, FAULTS, virtualTime, type Actor } from '../../faults/actor.ts';
import { chance as chanceOf, type Chance } from '../../faults/chance.ts';
import { useEngines } from '../pull/support.ts';
import {
  addCompany,
  addConnection,
  certificateUntil,
  consentUntil,
  DAY,
  eventsOf,
  watchWorld,
  type World,
} from './support.ts';

// Rows 15 and 22: whatever ends is told step by step, each step once, over a year and more in which the daily run is
// missed, comes twice, dies in the middle or meets with throttles and lost answers.

const shared = useEngines();
const DAYS = 400;
const FIRST = '2027-10-04';
const COMPANIES = ['com_a'];

/** What was seen by a run that ended well: by its end every step reached must have been told. */
interface Seen {
  readonly key: string;
  readonly step: number;
  readonly at: number;
}

const keyOf = (subject: string, { what, until }: Pick<End, 'what' | 'until'>): string =>
  `${subject} ${what} ${until}`;

async function setUp(world: World, places: Parameters<typeof addCompany>[1]): Promise<void> {
  for (const company of COMPANIES) {
    await addCompany(world, places, company);
    const shared = certificateUntil(company, `crd_${company}_rb`, addDays(FIRST, 377), {
      reactivateBy: addDays(FIRST, 45),
    });
    const own = certificateUntil(company, `crd_${company}_ceb`, addDays(FIRST, 260), {
      issuer: 'C=CZ, O=Československá obchodní banka a.s., CN=CEB Business Connector CA',
    });
    const consent = consentUntil(company, `crd_${company}_cs`, addDays(FIRST, 170));
    for (const one of [shared, own]) await world.calm.connections.addCredential(one);
    await world.calm.connections.addCredential(consent);
    await addConnection(world, company, `con_${company}_1`, { credential: shared.id });
    await addConnection(world, company, `con_${company}_2`, { credential: shared.id });
    await addConnection(world, company, `con_${company}_3`, { bank: 'csob-ceb', credential: own.id });
    await addConnection(world, company, `con_${company}_4`, { bank: 'erste', credential: consent.id });
    await addConnection(world, company, `con_${company}_5`, { status: 'new' });
  }
}

/** What an operator does: renews in time, late, or not at all. */
async function operate(world: World, day: number): Promise<void> {
  const { connections } = world.calm;
  for (const company of COMPANIES) {
    if (day === 40) {
      const standing = (await connections.credential(company, `crd_${company}_rb`))!;
      await connections.changeCredential(standing, { reactivateBy: addDays(FIRST, 45 + 365) } as object);
    }
    if (day === 175) {
      const renewed = consentUntil(company, `crd_${company}_cs2`, addDays(FIRST, 175 + 180));
      await connections.addCredential(renewed);
      const standing = (await connections.get(company, `con_${company}_4`))!;
      await connections.change(standing, { credential: renewed.id }, []);
    }
  }
}

async function endsNow(world: World): Promise<{ subject: string; end: End }[]> {
  const { connections, clock } = world.calm;
  const found: { subject: string; end: End }[] = [];
  for (const company of COMPANIES) {
    for (const one of await connections.list(company)) {
      const credential = one.credential && (await connections.credential(company, one.credential));
      if (!credential) continue;
      const manifest = await manifestOf(one.bank);
      found.push(...endsOf(manifest, credential, clock.now()).map((end) => ({ subject: one.id, end })));
    }
  }
  return found;
}

/** One run with a fault, or none: whether it came to a good end by itself, and its end after it was woken. */
function run(world: World, actor: Actor): { good: Promise<boolean>; end: () => Promise<unknown> } {
  const ended = watchAll(world.ports(actor), world.time.now() + 600_000).then(
    () => true,
    () => false,
  );
  const { stopped } = actor;
  return {
    good: Promise.race([ended, stopped.then(() => false)]),
    end: async () => {
      const how = await Promise.race([ended, stopped]);
      if (how === 'killed') return;
      actor.wake();
      await ended;
    },
  };
}

function actorOf(world: World, chance: Chance): Actor {
  if (chance.next() < 0.6) return createActor(world.time, null, 0);
  // A round is some twenty calls.
  const fault = {
    kind: chance.pick(FAULTS),
    at: chance.int(22),
    moment: chance.pick(['before', 'after'] as const),
  };
  return createActor(world.time, fault, 0);
}

async function play(seed: number): Promise<{ world: World; seen: Seen[]; calls: number }> {
  const chance = chanceOf(seed);
  const places = await shared.engines.open(`watch${seed}`);
  const start = Date.parse(`${FIRST}T03:40:00Z`);
  const time = virtualTime(start);
  const world = watchWorld(places, time);
  await setUp(world, places);
  const seen: Seen[] = [];
  let absent = 0;
  let calls = 0;
  for (let day = 0; day < DAYS; day++) {
    time.advance(start + day * DAY - time.now());
    await operate(world, day);
    if (absent === 0 && chance.next() < 0.08) absent = 1 + chance.int(chance.pick([2, 6, 20]));
    if (absent > 0) {
      absent -= 1;
      continue;
    }
    const runs = chance.next() < 0.2 ? 2 : 1;
    const started = Array.from({ length: runs }, () => run(world, actorOf(world, chance)));
    calls += runs;
    const good = await Promise.all(started.map((one) => one.good));
    // What fell asleep in the middle comes back half an hour later.
    time.advance(DAY / 48);
    await Promise.all(started.map((one) => one.end()));
    if (!good.some(Boolean)) continue;
    const at = time.now();
    for (const { subject, end } of await endsNow(world)) {
      const step = stepOf(end);
      if (step !== null) seen.push({ key: keyOf(subject, end), step, at });
    }
  }
  return { world, seen, calls };
}

const stepTold = ({ type, data }: FeedEvent): number =>
  type === 'access.expired' ? 0 : LADDER.findLast((step) => Number(data['days']) <= step)!;

describe.each([19])('400 days, seed %i', (seed) => {
  test(
    'tell each step once, the day it is, and miss none that a run has seen',
    { timeout: 180_000 },
    async () => {
      const { world, seen, calls } = await play(seed);
      expect(calls).toBeGreaterThan(200);
      const events: FeedEvent[] = [];
      for (const company of COMPANIES) events.push(...(await eventsOf(world, company, /^access\./)));
      const byKey = new Map<string, FeedEvent[]>();
      for (const event of events) {
        const key = keyOf(event.subject, event.data as unknown as End);
        byKey.set(key, [...(byKey.get(key) ?? []), event]);
      }
      for (const [key, list] of byKey) {
        const steps = list.map(stepTold);
        expect(steps, `${key}: nearer and nearer, none twice`).toEqual(
          [...new Set(steps)].sort((a, b) => b - a),
        );
        for (const { type, at, data } of list) {
          const today = dateIn('Europe/Prague', Date.parse(at));
          const day = dateIn('Europe/Prague', Date.parse(String(data['until'])));
          if (type === 'access.expiring')
            expect(data['days'], `${key} on ${today}`).toBe(daysBetween(today, day));
          else expect(Date.parse(String(data['until'])) <= Date.parse(at) || today >= day).toBe(true);
        }
      }
      const missing = seen.filter(
        ({ key, step, at }) =>
          !byKey.get(key)?.some((event) => stepTold(event) === step && Date.parse(event.at) <= at),
      );
      expect(missing).toEqual([]);
      const kinds = new Set([...byKey.keys()].map((key) => key.split(' ')[1]));
      expect([...kinds].sort()).toEqual(['announcement', 'certificate', 'consent', 'reactivation']);
      expect(seen.length).toBeGreaterThan(100);
    },
  );
});
