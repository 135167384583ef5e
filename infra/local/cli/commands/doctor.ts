import { daysBetween, isoInstant } from '../../../../shared/domain/dates.ts';
import { createClient, type Client } from '../client.ts';
import type { Command, Context } from '../command.ts';
import { CliError, EXIT } from '../exit.ts';
import { labelOf } from '../find.ts';
import { table } from '../text.ts';
import type { Account, Connection, List, Payment } from '../types.ts';

/** One thing looked at. */
export interface Check {
  readonly check: string;
  readonly subject: string;
  readonly ok: boolean;
  /** How it stands. */
  readonly state: string;
  /** What to do, when something is off. */
  readonly action: string | null;
}

export const doctor: Command = {
  name: 'doctor',
  summary: 'Look whether everything is as it should be; exit code 1 and what to do when it is not',
  args: '',
  options: {
    days: {
      type: 'string',
      value: 'N',
      help: 'certificates and reactivations due within N days are off (default 30)',
    },
    hours: {
      type: 'string',
      value: 'N',
      help: 'accounts without a complete pull for N hours are off (default 4)',
    },
  },
  takes: { least: 0, most: 0 },
  async run(context) {
    const checks = await examine(context);
    const off = checks.filter(({ ok }) => !ok);
    const rows = checks.map(({ ok, check, subject, state }) => [ok ? 'ok' : 'OFF', check, subject, state]);
    const columns = [{ title: '' }, { title: 'CHECK' }, { title: 'OF' }, { title: 'STATE', longest: 90 }];
    const actions = off.map(({ check, subject, action }) => `  ${check} of ${subject}: ${action ?? ''}`);
    return {
      json: { ok: off.length === 0, url: context.settings.url, checks },
      text: [table(columns, rows), ...(off.length > 0 ? ['', 'What to do:', ...actions] : [])].join('\n'),
      exit: off.length === 0 ? EXIT.ok : EXIT.off,
    };
  },
};

interface Health {
  readonly time: string;
  readonly address: string;
}

async function examine(context: Context): Promise<Check[]> {
  const { url } = context.settings;
  const { now } = context.terminal;
  const asked = now();
  const health = await createClient(url, null).call<Health>('GET', '/health');
  const theirs = Date.parse(health.time);
  const checks = [
    good('gateway', url, 'answers'),
    clock(theirs, (asked + now()) / 2),
    await callbacks(url, health.address),
  ];
  const client = context.client();
  let connections: readonly Connection[];
  try {
    ({ items: connections } = await client.call<List<Connection>>('GET', '/connections'));
  } catch (error) {
    if (!(error instanceof CliError) || error.problem?.status !== 401) throw error;
    const action = 'Get a valid key from an administrator and run "brana login".';
    return [...checks, bad('key', url, 'not valid, or revoked', action)];
  }
  return [
    ...checks,
    good('key', url, 'valid'),
    ...(await examineConnections(client, connections, {
      // The gateway's own time decides: it may be virtual beside simulated banks.
      now: theirs,
      days: context.options.number('days', 30),
      hours: context.options.number('hours', 4),
    })),
    ...(await examinePayments(client, theirs)),
  ];
}

/** Whether the address banks send people back to is this gateway. */
async function callbacks(url: string, address: string): Promise<Check> {
  if (address === new URL(url).origin) return good('callbacks', address, 'reachable');
  try {
    const { address: same } = await createClient(address, null).call<Health>('GET', '/health');
    if (same === address) return good('callbacks', address, 'reachable');
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
  }
  const action =
    'Banks send people back to this address. Lead its domain to the API (DNS, certificate, mapping), or correct the ' +
    'parameter publicUrl of the stack.';
  return bad('callbacks', address, 'does not lead to this gateway', action);
}

/** Certificates, schedules and signatures go by the clock; a minute is what they bear. */
const SKEW_MS = 60_000;
const HOUR_MS = 3_600_000;

function clock(theirs: number, ours: number): Check {
  const skew = Math.abs(theirs - ours);
  if (skew <= SKEW_MS) return good('clock', 'this machine', `${Math.round(skew / 1000)} s apart`);
  return bad(
    'clock',
    'this machine',
    `the gateway's is ${(skew / HOUR_MS).toFixed(1)} h ${theirs > ours ? 'ahead' : 'behind'}`,
    'Set the clock of this machine (NTP). Beside "npm run demo" the difference is meant.',
  );
}

export interface Limits {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly days: number;
  readonly hours: number;
}

async function examineConnections(
  client: Client,
  connections: readonly Connection[],
  limits: Limits,
): Promise<Check[]> {
  if (connections.length === 0) {
    return [bad('connections', 'company', 'there is none', 'Connect a bank: brana connect --help')];
  }
  const { items: accounts } = await client.call<List<Account>>('GET', '/accounts');
  return connections.flatMap((connection) => [
    ...connectionChecks(connection, limits),
    ...accounts
      .filter((one) => one.connection === connection.id && one.active && one.settings.enabled)
      .map((account) => freshness(account, connection, limits)),
  ]);
}

/** State, certificate and reactivation of a connection. */
export function connectionChecks(connection: Connection, limits: Limits): Check[] {
  const { code, status, pause, credential } = connection;
  const checks: Check[] = [];
  if (pause) {
    const action = `${pause.message} Then: brana proof ${code}`;
    checks.push(bad('connection', code, `paused since ${pause.since}: ${pause.kind}`, action));
  } else if (status === 'active') {
    checks.push(good('connection', code, 'active'));
  } else {
    checks.push(bad('connection', code, status, firstStep(connection)));
  }
  if (!credential) return checks;
  const what = credential.kind === 'consent' ? 'consent' : 'certificate';
  checks.push(
    due(what, code, credential.notAfter.slice(0, 10), limits, {
      state: 'valid until',
      action:
        what === 'consent'
          ? `Let somebody with the rights at the bank give it anew: brana authorise ${code}`
          : `Get a new one from the bank and upload it: brana certificate ${code} FILE.p12`,
    }),
  );
  if (credential.reactivateBy !== null) {
    checks.push(
      due('reactivation', code, credential.reactivateBy, limits, {
        state: 'by',
        action:
          'Reactivate the certificate in internet banking, then: ' +
          `brana proof ${code} --reactivated-on YYYY-MM-DD`,
      }),
    );
  }
  return [...checks, ...bankClock(connection)];
}

function firstStep({ code, candidate }: Connection): string {
  if (candidate === null) {
    return `Upload its certificate: brana certificate ${code} FILE.p12; or let a person give access: brana authorise ${code}`;
  }
  return candidate.kind === 'consent'
    ? `Let a person give access, and confirm the accounts: brana authorise ${code}`
    : `Its certificate waits for a proof: brana proof ${code}`;
}

/** How far the bank's clock was from the gateway's at the last call. */
function bankClock({ code, bankClock: seconds }: Connection): Check[] {
  if (seconds === null) return [];
  const state = `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} the gateway's`;
  if (Math.abs(seconds) * 1000 <= SKEW_MS) return [good('bank clock', code, state)];
  const action =
    'Tokens and signatures go by the clock. Set that of the gateway’s machine (NTP); AWS keeps its own, so there the ' +
    'bank’s is wrong: tell the bank.';
  return [bad('bank clock', code, state, action)];
}

function due(
  check: string,
  subject: string,
  day: string,
  { now, days }: Limits,
  texts: { state: string; action: string },
): Check {
  const left = daysBetween(isoInstant(now).slice(0, 10), day);
  const state = `${texts.state} ${day}, ${left < 0 ? `${-left} days ago` : `${left} days left`}`;
  return left > days ? good(check, subject, state) : bad(check, subject, state, texts.action);
}

/** Whether an account that is switched on is pulled as often as it should be. */
export function freshness(account: Account, connection: Connection, { now, hours }: Limits): Check {
  const subject = labelOf(account);
  const { freshAt, lastPull } = account;
  const age = freshAt === null ? Infinity : (now - Date.parse(freshAt)) / HOUR_MS;
  const state = freshAt === null ? 'never pulled' : `pulled ${Math.max(0, age).toFixed(1)} h ago`;
  if (age <= hours) return good('account', subject, state);
  if (lastPull?.failure) {
    const { kind, message } = lastPull.failure;
    return bad('account', subject, `${state}; last: ${kind}`, message);
  }
  const action =
    connection.status === 'active'
      ? `Pull it now: brana pull ${account.id} --wait. If that works, see whether the hourly schedule runs.`
      : `Its connection is not active, see ${connection.code}.`;
  return bad('account', subject, state, action);
}

async function examinePayments(client: Client, now: number): Promise<Check[]> {
  const checks: Check[] = [];
  for await (const payment of client.pages<Payment>('/payments', { state: 'outcome-unknown' })) {
    checks.push(unknownOutcome(payment, now));
  }
  return checks.length > 0 ? checks : [good('payments', 'company', 'none with an unknown outcome')];
}

/** An order of which nobody knows whether the bank has it. @param now epoch milliseconds */
export function unknownOutcome({ id, sum, currency, changedAt }: Payment, now: number): Check {
  const hours = (now - Date.parse(changedAt)) / HOUR_MS;
  return bad(
    'payment',
    id,
    `outcome unknown for ${Math.max(0, hours).toFixed(1)} h, ${sum} ${currency}`,
    `Brana goes on looking for it; do not order it anew. Look in the bank's own banking whether it is there, then: ` +
      `brana payments resolve ${id} --outcome at-bank|executed|not-at-bank|send-again --reason "how you know"`,
  );
}

const good = (check: string, subject: string, state: string): Check => ({
  check,
  subject,
  ok: true,
  state,
  action: null,
});

const bad = (check: string, subject: string, state: string, action: string): Check => ({
  check,
  subject,
  ok: false,
  state,
  action,
});
