import { parseArgs } from 'node:util';
import { BankDataError } from '../../sandbox/bank-data.ts';
import { CliError } from '../cli/exit.ts';
import { harmless, jsonText } from '../cli/text.ts';
import { createListener } from './listener.ts';
import { keepPaying } from './pay.ts';
import { play } from './play.ts';
import { jsonReport, textReport } from './report.ts';
import { openStage, type Stage } from './stage.ts';

/** `npm run demo`: the whole gateway on this machine with simulated banks, from the certificate to the ledger. */

const HELP = `Usage: npm run demo -- [--bank-data DIR] [--serve] [--json]

Starts the gateway in memory beside simulated banks, connects each bank through the API, pulls statements and
transactions, pays, pulls again and compares what came with what the banks hold. Leaves nothing behind.

  --bank-data DIR  serve real files of a bank instead of invented ones:
                   DIR/raiffeisen/statements/*.{xml,mt940,pdf}
                   DIR/raiffeisen/transactions/<accountNumber>_<CUR>*.json (the bank's own answers)
  --serve          stay up afterwards and print address and key
  --json           one JSON document as the last line of stdout, progress on stderr

Exit code 0 when all is well, 1 when something is off, 2 when the command line is wrong.`;

interface Settings {
  readonly bankData?: string;
  readonly serve: boolean;
  readonly json: boolean;
}

/** @returns `null` when only help was asked for @throws Error when the command line is wrong */
function readSettings(args: readonly string[]): Settings | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'bank-data': { type: 'string' },
      serve: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const { serve, json } = values;
  const bankData = values['bank-data'];
  return { serve, json, ...(bankData === undefined ? {} : { bankData }) };
}

async function main(args: readonly string[]): Promise<number> {
  let settings: Settings | null;
  try {
    settings = readSettings(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (settings) return run(settings);
  console.log(HELP);
  return 0;
}

async function run({ bankData, serve, json }: Settings): Promise<number> {
  const startedAt = Date.now();
  const say = (line: string): void =>
    void (json ? process.stderr : process.stdout).write(`${harmless(line)}\n`);
  const progress = (line: string): void =>
    say(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${line}`);
  const listener = createListener(progress);
  const fromFiles = bankData !== undefined;
  const interrupted = interruption();
  const opening = openStage({ progress, print: listener.print, ...(fromFiles ? { bankData } : {}) });
  try {
    const playing = opening.then((stage) => play(stage, { fromFiles, startedAt, listener, progress }));
    const played = await Promise.race([interrupted, playing]);
    if (!played) return INTERRUPTED;
    const isWell = played.findings.length === 0;
    if (json) process.stdout.write(`${jsonText(jsonReport(played), 0)}\n`);
    else say(`\n${textReport(played)}`);
    if (!isWell) complain(listener.complaints);
    if (serve) {
      const stage = await opening;
      say(invitation(stage));
      const stopPaying = keepPaying(stage);
      await interrupted;
      stopPaying();
    }
    return isWell ? 0 : 1;
  } catch (error) {
    complain([reasonOf(error as Error), ...listener.complaints]);
    return 1;
  } finally {
    // Whatever started is stopped, also when it was interrupted while starting.
    await opening.then(
      (stage) => stage.stop(),
      () => undefined,
    );
  }
}

/** As a shell tells it of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Resolves with Ctrl-C, or when the process is asked to end. */
function interruption(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(null));
  });
}

const complain = (lines: readonly string[]): void => {
  for (const line of lines) process.stderr.write(`${harmless(line)}\n`);
};

/** Errors written for the operator speak for themselves; of any other one the place matters too. */
const reasonOf = (error: Error): string =>
  error.constructor === Error || error instanceof CliError || error instanceof BankDataError
    ? error.message
    : (error.stack ?? error.message);

const invitation = ({ gateway, key }: Stage): string => `
The gateway stays up until Ctrl-C. In another terminal:

  export BRANA_URL=${gateway.url} BRANA_KEY=${key}
  npx brana accounts
  npx brana pull --all --wait
  npx brana pay --account ACCOUNT --to 19-2000145399/0800 --amount 100 --wait

Its clock is the simulated banks'. Somebody signs every order at its bank after a minute; nothing is pulled by itself.`;

process.exitCode = await main(process.argv.slice(2));
