import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { FunctionError, Invocation, Outcome, WorkerData } from './lambda-worker.ts';
import type { LambdaFunction } from './stack.ts';

/** A function that threw, timed out or crashed. */
export class InvocationError extends Error {
  readonly errorType: string;

  constructor(functionName: string, error: Pick<FunctionError, 'errorType' | 'errorMessage'>) {
    super(`${functionName} failed: ${error.errorType}: ${error.errorMessage}`);
    this.name = 'InvocationError';
    this.errorType = error.errorType;
  }
}

/** Receives one line of output: a function's log, or the runner's word on a failure. */
export type Print = (line: string) => void;

export interface Lambda {
  /**
   * Runs a function with an event and gives its result, both as JSON.
   * @param requestId the `awsRequestId` of the context
   * @throws InvocationError when the function throws, crashes or takes longer than its timeout
   */
  invoke(event: unknown, requestId?: string): Promise<unknown>;
  /** Invocations that run. */
  readonly running: number;
  stop(): Promise<void>;
}

interface Sandbox {
  readonly worker: Worker;
  readonly waiting: Map<string, { resolve(result: unknown): void; reject(error: InvocationError): void }>;
}

/**
 * A function of the stack, run from its bundle in a worker thread: like a sandbox of Lambda it has an environment and
 * modules of its own, starts with the first invocation and may crash alone. Unlike one it takes several events at once.
 * @param env the whole environment the function sees
 * @param clockOffsetMs milliseconds its clock runs ahead, told with each event in BRANA_CLOCK_OFFSET_MS
 */
export function createLambda(
  fn: LambdaFunction,
  env: Readonly<Record<string, string>>,
  print: Print,
  clockOffsetMs?: () => number,
): Lambda {
  let current: Sandbox | undefined;
  const sandboxes = new Set<Sandbox>();

  function start(): Sandbox {
    const workerData: WorkerData = {
      handlerFile: fn.handlerFile,
      handlerExport: fn.handlerExport,
      functionName: fn.arn.split(':').at(-1) ?? fn.name,
      arn: fn.arn,
      memory: fn.memory,
    };
    const worker = new Worker(new URL('./lambda-worker.ts', import.meta.url), {
      workerData,
      env: { ...env },
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    const sandbox: Sandbox = { worker, waiting: new Map() };
    sandboxes.add(sandbox);
    for (const stream of [worker.stdout, worker.stderr]) createInterface(stream).on('line', print);
    worker.on('message', (outcome: Outcome) => {
      const waiting = sandbox.waiting.get(outcome.id);
      sandbox.waiting.delete(outcome.id);
      if ('result' in outcome) return waiting?.resolve(outcome.result);
      print(logLine(fn.name, outcome.id, outcome.error));
      waiting?.reject(new InvocationError(fn.name, outcome.error));
    });
    let cause = 'the function ended its process';
    worker.once('error', (error: Error) => (cause = error.stack ?? error.message));
    worker.once('exit', () => {
      if (current === sandbox) current = undefined;
      sandboxes.delete(sandbox);
      for (const [id, { reject }] of sandbox.waiting) {
        const error = { errorType: 'Runtime.ExitError', errorMessage: 'the function crashed', trace: cause };
        print(logLine(fn.name, id, error));
        reject(new InvocationError(fn.name, error));
      }
    });
    return sandbox;
  }

  /** Takes no more events; ends when those it has are answered. A function that hangs is thus left behind. */
  async function retire(sandbox: Sandbox): Promise<void> {
    if (current === sandbox) current = undefined;
    if (sandbox.waiting.size === 0) await sandbox.worker.terminate();
  }

  return {
    get running() {
      return [...sandboxes].reduce((sum, { waiting }) => sum + waiting.size, 0);
    },

    async invoke(event, id = randomUUID()) {
      const sandbox = (current ??= start());
      const milliseconds = fn.timeout * 1000;
      const invocation: Invocation = {
        id,
        event,
        deadline: Date.now() + milliseconds,
        clockOffsetMs: clockOffsetMs?.() ?? null,
      };
      let timer: NodeJS.Timeout | undefined;
      try {
        return await new Promise((resolve, reject) => {
          timer = setTimeout(() => {
            const error = {
              errorType: 'Sandbox.Timedout',
              errorMessage: `no result within ${fn.timeout} s`,
              trace: '',
            };
            print(logLine(fn.name, id, error));
            sandbox.waiting.delete(id);
            void retire(sandbox);
            reject(new InvocationError(fn.name, error));
          }, milliseconds);
          sandbox.waiting.set(id, { resolve, reject });
          sandbox.worker.postMessage(invocation);
        });
      } finally {
        clearTimeout(timer);
        if (current !== sandbox) void retire(sandbox);
      }
    },

    async stop() {
      await Promise.all([...sandboxes].map(({ worker }) => worker.terminate()));
    },
  };
}

/** One JSON line, as the runtime logs an error. */
function logLine(fn: string, requestId: string, error: FunctionError): string {
  return JSON.stringify({ level: 'ERROR', event: 'function.failed', function: fn, requestId, ...error });
}
