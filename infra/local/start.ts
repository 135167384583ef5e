import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_URL } from './cli/settings.ts';
import { startGateway, type Gateway } from './gateway.ts';
import { makePrivate } from './private.ts';
import { cachedPackage, LOCAL_STAGE, PROJECT_ROOT } from './template.ts';

/** `npm start`: the gateway for real use on this machine. */

const DEFAULT_PORT = Number(new URL(DEFAULT_URL).port);

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

  try {
    const { dataDir, port } = settings;
    makePrivate(dataDir);
    if (!cachedPackage(PROJECT_ROOT, LOCAL_STAGE)) console.log('Building the functions, a few seconds …');
    const gateway = await startGateway({ dataDir, port, schedule: true, extraEnv: logLevel() });
    stopOnSignal(gateway);
    await introduce(gateway, settings).catch(async (error: unknown) => {
      await gateway.stop();
      throw error;
    });
    // A machine that is off in the early morning would never be told what ends. What fails stands in the log.
    gateway.runSchedules(new Date().toISOString(), ['watch-daily']).catch(() => undefined);
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
      `\nThe company "${company}" was made. Its admin key, shown this once and saved nowhere:\n\n  ${key}`,
    );
  }
  console.log(`
Connect a bank, in another terminal:

  npx brana login --url ${gateway.url}   (asks for the key)
  npx brana banks                                (which banks there are and what each needs)
  npx brana connect BANK --code CODE …           ("npx brana connect --help" tells more)
  npx brana certificate CODE FILE.p12

Accounts are then pulled every hour. Ctrl-C stops.`);
}

type Bootstrapped = { readonly key: string } | { readonly error: string; readonly message: string };

/** Makes the first company. @returns its admin key, or `null` when a company exists already */
async function bootstrap(gateway: Gateway, name: string): Promise<string | null> {
  const result = (await gateway.invoke('admin-bootstrap', { name })) as Bootstrapped;
  if ('key' in result) return result.key;
  if (result.error === 'already-bootstrapped') return null;
  throw new Error(`The first company could not be made: ${result.message}`);
}

/** npm hands Ctrl-C on to the process that got it from the terminal already; only a later one is the user's second. */
const SECOND_AFTER = 1000;

function stopOnSignal(gateway: Gateway): void {
  let since = 0;
  const stop = (): void => {
    if (since > 0 && Date.now() - since > SECOND_AFTER) process.exit(1);
    if (since > 0) return;
    since = Date.now();
    console.log('\nStopping; what runs gets ten seconds. Ctrl-C again ends at once.');
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
