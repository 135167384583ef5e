import { afterAll, beforeAll } from 'vitest';
import type { Clock, Random } from '../../shared/domain/ports.ts';
import { createDynamo, dynamoClient, type Dynamo, type Item, type Send } from '../../shared/store/dynamo.ts';
import { createFeed, type Feed } from '../../shared/store/feed.ts';
import type { Places } from '../../shared/store/keys.ts';
import { startEngines, type Engines } from '../faults/engines.ts';
import { virtualTime, type VirtualTime } from '../faults/actor.ts';

/** A Wednesday at ten in Prague. */
export const START = Date.parse('2026-09-16T08:00:00Z');

export const random: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  next: () => Math.random(),
};

/** The machine's own time: for writers that meet, which must really wait. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** A clock that stands until somebody sleeps; tells how often that was. */
export interface TestClock extends Clock, VirtualTime {
  readonly naps: number[];
}

export function testClock(start = START): TestClock {
  const time = virtualTime(start);
  const naps: number[] = [];
  return {
    ...time,
    naps,
    sleep: async (ms) => {
      naps.push(ms);
      time.advance(ms);
    },
  };
}

/** Engines for a test file, with tables of its own. */
export function useEngines(): { readonly engines: Engines; readonly places: Places } {
  let engines: Engines | undefined;
  let places: Places | undefined;
  beforeAll(async () => {
    engines = await startEngines();
    places = await engines.open('store');
  });
  afterAll(async () => engines?.stop());
  return {
    get engines() {
      return engines!;
    },
    get places() {
      return places!;
    },
  };
}

type Command = Parameters<Send>[0];
/** Does something else with one call than sending it. */
export type Twist = (call: () => Promise<unknown>, command: Command) => Promise<unknown>;

/** The road to an engine, on which calls can be recorded and meet with an accident. */
export interface Road<C extends object> {
  send(command: C): Promise<unknown>;
  readonly sent: C[];
  /** The next calls of this operation meet these twists, one each. */
  next(
    operation: string,
    ...twists: ((call: () => Promise<unknown>, command: C) => Promise<unknown>)[]
  ): void;
}

export function road<C extends object>(send: (command: C) => Promise<unknown>): Road<C> {
  const sent: C[] = [];
  const waiting: {
    operation: string;
    twist: (call: () => Promise<unknown>, command: C) => Promise<unknown>;
  }[] = [];
  return {
    sent,
    next: (operation, ...twists) => waiting.push(...twists.map((twist) => ({ operation, twist }))),
    send: (command) => {
      sent.push(command);
      const at = waiting.findIndex(({ operation }) => command.constructor.name === `${operation}Command`);
      const call = () => send(command);
      return at < 0 ? call() : waiting.splice(at, 1)[0]!.twist(call, command);
    },
  };
}

/** AWS's answer with an error status. */
export const awsError = (name: string, status = 400, more: object = {}): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } }, more);

export const refusedWith =
  (name: string, status = 400, more: object = {}) =>
  (): Promise<never> =>
    Promise.reject(awsError(name, status, more));

const reset = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** The effect happens, its answer never comes. */
export const lostAnswer = async (call: () => Promise<unknown>): Promise<never> => {
  await call();
  throw reset();
};

/** The call is lost on the way there. */
export const lostCall = (): Promise<never> => Promise.reject(reset());

/** A store on the engine, with the road between them. */
export function openStore(
  places: Places,
  clock: Clock = testClock(),
): { dynamo: Dynamo; feed: Feed; road: Road<Command> } {
  const way = road(dynamoClient());
  const dynamo = createDynamo(way.send, clock, random);
  return { dynamo, feed: createFeed(dynamo, places, clock, random), road: way };
}

export type { Command, Item };

/** The commands of one operation that were sent. */
export const sentOf = (way: Road<Command>, operation: string): Command[] =>
  way.sent.filter((command) => command.constructor.name === `${operation}Command`);
