import { namesOf, startStack } from '../../infra/local/gateway.ts';
import type { Stack } from '../../infra/local/stack.ts';

/** The embedded AWS with the stack's tables, queues and buckets, in memory. */
export interface Engines {
  /** Endpoints, region and credentials for the SDK, and the template's names (`TABLE_LEDGER`, `PULL_QUEUE_URL`, …). */
  readonly env: Readonly<Record<string, string>>;
  readonly stack: Stack;
  stop(): Promise<void>;
}

/**
 * Starts engines of their own for a test file, empty and in memory. An engine whose `AWS_ENDPOINT_URL_*` is set is
 * used instead, so that the same tests run against another one.
 */
export async function startEngines(): Promise<Engines> {
  const undo: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const { stack, env } = await startStack({}, (step) => undo.push(step));
    return { env: { ...env, ...namesOf(stack) }, stack, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
