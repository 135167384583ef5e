import { resolve } from 'node:path';
import { chmodSync, mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startGateway, type Gateway } from './gateway.ts';
import { PROJECT_ROOT } from './template.ts';

/** `npm start`: the gateway for real use on this machine. */

const DEFAULT_PORT = 7317;

const HELP = `Usage: npm start -- [--port N] [--data DIR] [--company NAME]

Runs Brana on this machine: real banks, hourly pulls, data kept between runs.

  --port N        port on 127.0.0.1 (default ${DEFAULT_PORT})
  --data DIR      where everything is kept (default .brana)
  --company NAME  name of the company made at the first start (default "My company")

Functions log to stderr as JSON lines (BRANA_LOG_LEVEL=warn: problems only). Ctrl-C stops.
Exit codes: 0 after a clean stop, 1 when it cannot start, 2 when the command line is wrong.`;

interface Settings {
  readonly port: number;
  readonly dataDir: string;
  readonly company: string;
}

/** @returns the settings, or `null` when only help was asked for @throws Error when the command line is wrong */
function readSettings(args: readonly string[]): Settings | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      data: { type: 'string', default: resolve(PROJECT_ROOT, '.brana') },
      company: { type: 'string', default: 'My company' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`--port must be a number from 1 to 65535, not "${values.port}".`);
  }
  return { port, dataDir: resolve(values.data), company: values.company };
}

async function main(args: readonly string[]): Promise<void> {
  let settings: Settings | null;
  try {
    settings = readSettings(args);
  } catch (error) {
    fail(2, `${(error as Error).message}\n\n${HELP}`);
    return;
  }
  if (!settings) return console.log(HELP);

  // Certificates' keys lie in the data folder: its owner alone may look.
  process.umask(0o077);
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  chmodSync(settings.dataDir, 0o700);
  try {
    const { dataDir, port } = settings;
    const gateway = await startGateway({ dataDir, port, schedule: true, extraEnv: logLevel() });
    stopOnSignal(gateway);
    await introduce(gateway, settings).catch(async (error: unknown) => {
      await gateway.stop();
      throw error;
    });
  } catch (error) {
    fail(1, (error as Error).message);
  }
}

async function introduce(gateway: Gateway, { dataDir, company }: Settings): Promise<void> {
  const key = await bootstrap(gateway, company);
  console.log(`Brana listens on ${gateway.url} (this machine only).`);
  console.log(`Data: ${dataDir} (certificates' keys included, not encrypted: keep it on an encrypted disk).`);
  if (key !== null) {
    console.log(
      `\nThe company "${company}" was made. Its admin key, shown this once and saved nowhere:\n\n  ${key}\n`,
    );
  }
  console.log(`Connect a bank, in another terminal:

  export BRANA_URL=${gateway.url} BRANA_KEY=${key ?? '<your admin key>'}
  npx brana banks
  npx brana connect --help

Accounts are pulled every hour. Ctrl-C stops.`);
}

type Bootstrapped = { readonly key: string } | { readonly error: string; readonly message: string };

/** Makes the first company. @returns its admin key, or `null` when a company exists already */
async function bootstrap(gateway: Gateway, name: string): Promise<string | null> {
  const result = (await gateway.invoke('admin-bootstrap', { name })) as Bootstrapped;
  if ('key' in result) return result.key;
  if (result.error === 'already-bootstrapped') return null;
  throw new Error(`The first company could not be made: ${result.message}`);
}

function stopOnSignal(gateway: Gateway): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    console.log('\nStopping; running pulls get ten seconds. Ctrl-C again ends at once.');
    void gateway.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** BRANA_LOG_LEVEL=warn quietens the functions. */
function logLevel(): Record<string, string> {
  const level = process.env['BRANA_LOG_LEVEL'];
  return level === undefined ? {} : { BRANA_LOG_LEVEL: level };
}

function fail(code: number, message: string): void {
  console.error(message);
  process.exitCode = code;
}

await main(process.argv.slice(2));
