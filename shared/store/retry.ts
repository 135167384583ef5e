import type { Clock, Random } from '../domain/ports.ts';

/** The store's only retry layer: the SDK's own is off, so that every wait passes the injected clock. */

/** Refusals that certainly had no effect. */
const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'SlowDown',
]);
/** Errors after which the effect is unknown; their repeat must be harmless. */
const UNCERTAIN = new Set(['InternalServerError', 'TransactionInProgressException', 'ServiceUnavailable']);

const ATTEMPTS = 8;
const FIRST_DELAY = 20;
const LONGEST_DELAY = 1_000;

export type Retry = <T>(call: () => Promise<T>, again?: (error: unknown) => boolean) => Promise<T>;

/** Repeats a call with capped full jitter while `again` says so (default: {@link isRetriable}). */
export function createRetry(clock: Clock, random: Random): Retry {
  return async (call, again = isRetriable) => {
    for (let round = 1; ; round++) {
      try {
        return await call();
      } catch (error) {
        if (round >= ATTEMPTS || !again(error)) throw error;
        await clock.sleep(jitter(random, round));
      }
    }
  };
}

/** Milliseconds to wait before the next round. */
export function jitter(random: Random, round: number): number {
  return random.next() * Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** round);
}

export function isThrottled(error: unknown): boolean {
  return error instanceof Error && THROTTLED.has(error.name);
}

/** True for throttling, server faults and answers lost on the way (no HTTP status came back). */
export function isRetriable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isThrottled(error) || UNCERTAIN.has(error.name)) return true;
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: unknown };
  const status = $metadata?.httpStatusCode;
  return status === undefined ? typeof code === 'string' || error.name === 'TimeoutError' : status >= 500;
}

export function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
