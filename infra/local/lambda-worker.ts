import { parentPort, workerData } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';

/** The inside of a function's sandbox: loads the bundle once and answers invocations. See `lambda.ts`. */

export interface WorkerData {
  readonly handlerFile: string;
  readonly handlerExport: string;
  readonly functionName: string;
  readonly arn: string;
  readonly memory: number;
}

export interface Invocation {
  readonly id: string;
  readonly event: unknown;
  /** Epoch milliseconds at which the function's time is over. */
  readonly deadline: number;
  /** Milliseconds the function's clock runs ahead; `null` = it is the machine's. */
  readonly clockOffsetMs: number | null;
}

export type Outcome =
  { readonly id: string; readonly result: unknown } | { readonly id: string; readonly error: FunctionError };

/** An error as Lambda reports it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: string;
}

type Handler = (event: unknown, context: object) => unknown;

const data = workerData as WorkerData;
const port = parentPort;
if (!port) throw new Error('infra/local/lambda-worker.ts runs in a worker thread only.');

let loading: Promise<Handler> | undefined;

async function load(): Promise<Handler> {
  const module = (await import(pathToFileURL(data.handlerFile).href)) as Record<string, unknown>;
  const handler = module[data.handlerExport];
  if (typeof handler === 'function') return handler as Handler;
  throw new Error(`${data.handlerFile} exports no function ${data.handlerExport}.`);
}

/** The context object of the Node.js runtime. */
function contextOf({ id, deadline }: Invocation): object {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.arn,
    memoryLimitInMB: String(data.memory),
    awsRequestId: id,
    logGroupName: `/aws/lambda/${data.functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

async function run(invocation: Invocation): Promise<Outcome> {
  const { id, clockOffsetMs } = invocation;
  if (clockOffsetMs !== null) process.env['BRANA_CLOCK_OFFSET_MS'] = String(clockOffsetMs);
  try {
    const handler = await (loading ??= load());
    const result: unknown = await handler(invocation.event, contextOf(invocation));
    // What Lambda hands on is JSON: dates become text, undefined disappears.
    return { id, result: JSON.parse(JSON.stringify(result ?? null)) as unknown };
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return { id, error: { errorType: name, errorMessage: message, trace: stack ?? '' } };
  }
}

port.on(
  'message',
  (invocation: Invocation) => void run(invocation).then((outcome) => port.postMessage(outcome)),
);
