import { devNull } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAws } from './aws.ts';
import { listenLocally } from './engine.ts';
import { createFront } from './http.ts';
import { createLambda, type Lambda, type Print } from './lambda.ts';
import { tryLock } from './lock.ts';
import { provision, type AwsEnv } from './provision.ts';
import { startPollers } from './queues.ts';
import { resolveStack } from './resolve.ts';
import { runOnTime, scheduledEvent } from './schedule.ts';
import type { LambdaFunction, Stack } from './stack.ts';
import { packagedTemplate, type Package } from './template.ts';

export interface GatewayOptions {
  /** Where everything is kept; in memory when absent. */
  readonly dataDir?: string;
  /** Port on 127.0.0.1; any free one when absent. */
  readonly port?: number;
  /** Stage to package for. */
  readonly stage?: string;
  /** True runs the schedules of the template at their times. */
  readonly schedule: boolean;
  /** Variables every function gets on top of the template's. */
  readonly extraEnv?: Readonly<Record<string, string>>;
  /** Milliseconds the functions' clock runs ahead, asked with each invocation. */
  readonly clockOffsetMs?: () => number;
  /** Takes each line the functions log and the runner's word on failures; stderr when absent. */
  readonly print?: Print;
  /** What to run instead of this checkout. */
  readonly packaged?: Package;
}

export interface Gateway {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Variables that lead AWS clients to the engines, with the template's names of tables, queues and buckets. */
  readonly env: Readonly<Record<string, string>>;
  readonly stack: Stack;
  /** Runs a function by its short name, e.g. `pull-plan`. @throws InvocationError when it fails */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /**
   * Runs every scheduled function for one slot, an ISO 8601 instant. @throws InvocationError when one fails
   */
  runSchedules(slot: string, functions?: readonly string[]): Promise<void>;
  /**
   * Waits until the queues are empty and nothing of them is being handled.
   * @returns how many messages were given back by their function and wait for their visibility timeout
   */
  drain(): Promise<number>;
  stop(): Promise<void>;
}

/** Milliseconds a stopping gateway gives requests and functions that still run. */
const GRACE = 10_000;
const DEFAULT_ACCOUNT = '000000000000';

/**
 * Starts the gateway on this machine: the embedded AWS, the packaged functions, HTTP routes, queues and schedules.
 * @throws Error when the port or the data folder is taken, an engine does not start or packaging fails; whatever was
 * started is stopped again
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const print = options.print ?? ((line) => void process.stderr.write(`${line}\n`));
  const undo: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await start(options, print, (step) => undo.push(step), stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: GatewayOptions,
  print: Print,
  onStop: (step: () => unknown) => void,
  stop: () => Promise<void>,
): Promise<Gateway> {
  const { dataDir } = options;
  if (dataDir !== undefined) onStop(lockData(dataDir));
  const { stack, env } = await startStack(options, onStop);

  const lambdas = new Map<string, Lambda>();
  for (const fn of stack.functions) {
    const lambda = createLambda(fn, environmentOf(fn, env, options), print, options.clockOffsetMs);
    lambdas.set(fn.name, lambda);
    onStop(() => lambda.stop());
  }
  const invoke = (name: string, event: unknown, requestId?: string): Promise<unknown> => {
    const lambda = lambdas.get(name);
    if (lambda) return lambda.invoke(event, requestId);
    throw new Error(`There is no function ${name}; there are ${[...lambdas.keys()].join(', ')}.`);
  };
  onStop(() => settle(() => [...lambdas.values()].every(({ running }) => running === 0)));

  const pollers = startPollers(stack, env, invoke, print);
  onStop(() => pollers.stop());

  if (options.schedule) {
    const run = (name: string, event: unknown): void => void invoke(name, event).catch(() => undefined);
    onStop(runOnTime(stack.schedules, (due, slot) => run(due.function, scheduledEvent(due, stack, slot))));
  }

  const server = createFront(stack, invoke, print);
  const port = await listenLocally(server, options.port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(
      `Port ${options.port} on 127.0.0.1 is taken by another program. Stop it, or choose another with --port.`,
      { cause: error },
    );
  });
  onStop(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await Promise.race([closed, sleep(GRACE, undefined, { ref: false })]);
    server.closeAllConnections();
  });

  return {
    url: `http://127.0.0.1:${port}`,
    env: { ...env, ...namesOf(stack) },
    stack,
    invoke: async (name, event) => invoke(name, event),
    async runSchedules(slot, functions) {
      const wanted = stack.schedules.filter((due) => functions?.includes(due.function) ?? true);
      await Promise.all(wanted.map((due) => invoke(due.function, scheduledEvent(due, stack, slot))));
    },
    drain: () => pollers.drain(),
    stop,
  };
}

/**
 * Starts the engines with the stack's tables, queues and buckets in them, and no function.
 * @param onStop is given how to stop them
 */
export async function startStack(
  options: Pick<GatewayOptions, 'dataDir' | 'stage' | 'packaged'>,
  onStop: (step: () => unknown) => void,
): Promise<{ stack: Stack; env: AwsEnv }> {
  const { dataDir, stage } = options;
  const packaged = options.packaged ?? (await packagedTemplate(stage === undefined ? {} : { stage }));
  const aws = await startAws(dataDir === undefined ? {} : { dataDir });
  onStop(() => aws.stop());
  const stack = resolveStack(packaged, {
    region: aws.env['AWS_REGION'] ?? '',
    accountId: process.env['AWS_ACCOUNT_ID'] ?? DEFAULT_ACCOUNT,
    sqsEndpoint: aws.env['AWS_ENDPOINT_URL_SQS'] ?? '',
  });
  await provision(stack, aws.env);
  return { stack, env: aws.env };
}

/** The variables of all functions together: the names of what the stack has. */
export function namesOf(stack: Stack): Record<string, string> {
  return Object.assign({}, ...stack.functions.map(({ env }) => env)) as Record<string, string>;
}

/**
 * All a function sees: what the template gives it and where AWS is, nothing of this process, so that a variable
 * forgotten in the template is missed here too. AWS_LAMBDA_FUNCTION_NAME stays unset: by it a function knows that it
 * is deployed.
 */
function environmentOf(fn: LambdaFunction, env: AwsEnv, options: GatewayOptions): Record<string, string> {
  const { extraEnv = {} } = options;
  return {
    AWS_DEFAULT_REGION: env['AWS_REGION'] ?? '',
    // The user's own files must not lead a client elsewhere.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    ...env,
    ...fn.env,
    ...extraEnv,
  };
}

/** One process per data folder. @returns gives the folder back */
function lockData(dataDir: string): () => void {
  const release = tryLock(join(dataDir, 'lock'));
  if (release) return release;
  throw new Error(
    `Another Brana runs with the data in ${dataDir}. Stop it first, or give this one another folder with --data.`,
  );
}

/** Waits for `done`, at most the grace period. */
async function settle(done: () => boolean): Promise<void> {
  for (const end = Date.now() + GRACE; !done() && Date.now() < end;) await sleep(20);
}
