import type { Clock } from '../../shared/domain/ports.ts';

/**
 * One run of a function in the harness. Every effect it has passes {@link Actor.effect}, where the seed's fault waits
 * for it: the call never comes back (kill), comes back after the lease was taken over (zombie), is refused, or its
 * answer is lost.
 */
export const FAULTS = ['kill', 'zombie', 'throttle', 'conflict', 'partial', 'lost', 'broken'] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** The effect, counted from 0, at which it strikes. */
  readonly at: number;
  /** Before the effect, or after it. */
  readonly moment: 'before' | 'after';
}

/** Effects by the part of the world they touch; some faults strike only some. */
export type Part = 'table' | 'archive' | 'vault' | 'queue' | 'bank';

export interface Actor {
  readonly clock: Clock;
  /** Resolves when the actor was killed or fell asleep. */
  readonly stopped: Promise<'killed' | 'asleep'>;
  effect<T>(part: Part, operation: string, call: () => Promise<T>): Promise<T>;
  /** Brings a zombie back to life. */
  wake(): void;
  /** True when its fault struck. */
  struck(): boolean;
}

/** How many calls in a row a throttled table refuses. */
const THROTTLES = 3;

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

export function createActor(time: VirtualTime, fault: Fault | null, skew: number): Actor {
  let count = 0;
  let alive = true;
  let struck = false;
  let throttles = 0;
  let asleep: Promise<void> | null = null;
  let wake = (): void => undefined;
  let stop: (how: 'killed' | 'asleep') => void = () => undefined;
  const stopped = new Promise<'killed' | 'asleep'>((resolve) => {
    stop = resolve;
  });

  async function strike(kind: FaultKind): Promise<void> {
    struck = true;
    if (kind === 'kill') {
      alive = false;
      stop('killed');
      return never();
    }
    asleep = new Promise((resolve) => {
      wake = resolve;
    });
    stop('asleep');
    await asleep;
    asleep = null;
  }

  return {
    stopped,
    wake: () => wake(),
    struck: () => struck,
    clock: {
      now: () => time.now() + skew,
      sleep: async (ms) => {
        if (!alive) return never();
        time.advance(ms);
      },
    },

    async effect(part, operation, call) {
      if (!alive) return never();
      if (asleep) await asleep;
      const mine = count++;
      const due = fault !== null && !struck && mine >= fault.at;
      if (throttles > 0 && part === 'table') {
        throttles -= 1;
        throw named('ProvisionedThroughputExceededException', 400);
      }
      if (!due || !applies(fault.kind, part, operation)) return call();
      switch (fault.kind) {
        case 'kill':
        case 'zombie': {
          if (fault.moment === 'before') await strike(fault.kind);
          const result = await call();
          // Of effects side by side the first to come back is struck.
          if (fault.moment === 'after' && !struck) await strike(fault.kind);
          return result;
        }
        case 'throttle':
          struck = true;
          throttles = THROTTLES;
          throw named('ThrottlingException', 400);
        case 'conflict':
          struck = true;
          throw conflicted();
        case 'partial':
          struck = true;
          return unprocessed(await call());
        case 'lost':
          struck = true;
          await call();
          throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
        case 'broken':
          struck = true;
          throw named('AccessDeniedException', 403);
      }
    },
  };
}

/** Banks are made to misbehave at the bank; the vault and the archive are not throttled by DynamoDB's errors. */
function applies(kind: FaultKind, part: Part, operation: string): boolean {
  if (kind === 'kill' || kind === 'zombie') return true;
  if (part === 'bank') return false;
  if (kind === 'conflict') return operation === 'TransactWriteItemsCommand';
  if (kind === 'partial') return operation === 'BatchGetItemCommand';
  if (kind === 'throttle') return part === 'table';
  return true;
}

const named = (name: string, status: number): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });

const conflicted = (): Error =>
  Object.assign(named('TransactionCanceledException', 400), {
    CancellationReasons: [{ Code: 'TransactionConflict' }],
  });

/** BatchGetItem that read nothing of what it was asked. */
function unprocessed<T>(answer: T): T {
  const { Responses } = answer as { Responses?: Record<string, Record<string, unknown>[]> };
  const keys = Object.entries(Responses ?? {}).map(([table, items]) => [
    table,
    { Keys: items.map(({ pk, sk }) => ({ pk, sk })) },
  ]);
  return { ...answer, Responses: {}, UnprocessedKeys: Object.fromEntries(keys) as unknown };
}

/** One time for everybody; sleeping moves it. */
export interface VirtualTime {
  now(): number;
  advance(ms: number): void;
}

export function virtualTime(start: number): VirtualTime {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += Math.ceil(Math.max(0, ms));
    },
  };
}
