import type { Command, Context, Result } from '../command.ts';
import type { Client } from '../client.ts';
import { CliError, EXIT, usageError } from '../exit.ts';
import { findAccount, findConnection, labelOf } from '../find.ts';
import { table } from '../text.ts';
import type { Account, List, Manifest, Notices } from '../types.ts';
import { minute } from './accounts.ts';

const CONNECTION = { type: 'string', value: 'CONNECTION' } as const;

export const listNotices: Command = {
  name: 'notices',
  summary: 'Show of which accounts the bank sends word of what it books',
  args: '[ACCOUNT …]',
  options: { connection: { ...CONNECTION, help: 'only accounts of this connection' } },
  takes: { least: 0, most: 500 },
  notes: `Without arguments: every account at a bank that sends notices. A notice pulls its account within seconds.

Example: brana notices --connection CS`,
  async run(context) {
    const client = context.client();
    const { items: banks } = await client.call<List<Manifest>>('GET', '/banks');
    const sending = new Set(banks.filter(({ evidence }) => evidence.notices).map(({ id }) => id));
    const named = await namedOf(context, client);
    const accounts = named ?? (await accountsOf(client)).filter(({ bank }) => sending.has(bank));
    const standing: Standing[] = [];
    for (const account of accounts) {
      const notices = await client.call<Notices>('GET', `/accounts/${account.id}/notices`);
      standing.push({ account, notices });
    }
    return standing.length === 0 ? { json: { items: [] }, text: NONE } : shown(standing, sending);
  },
};

export const noticesOn: Command = {
  name: 'notices on',
  summary: 'Have the bank send word of what it books; each notice pulls its account within seconds',
  args: 'ACCOUNT … | --connection CONNECTION',
  options: { connection: { ...CONNECTION, help: 'every account of it that is pulled' } },
  takes: { least: 0, most: 500 },
  notes: `Needs a bank that sends notices, an active connection, and a gateway with a public https address. Doing it again
subscribes anew where the bank has forgotten. The hourly pull goes on beside it.

Example: brana notices on 19-2000145399/0800`,
  run: (context) => switchAll(context, true),
};

export const noticesOff: Command = {
  name: 'notices off',
  summary: 'Have the bank send no more of them; accounts are pulled every hour as before',
  args: 'ACCOUNT … | --connection CONNECTION',
  options: { connection: { ...CONNECTION, help: 'every account of it' } },
  takes: { least: 0, most: 500 },
  notes: 'Example: brana notices off --connection CS',
  run: (context) => switchAll(context, false),
};

interface Standing {
  readonly account: Account;
  readonly notices: Notices;
}

const NONE =
  'No account is at a bank that sends notices; accounts are pulled every hour. "brana banks" lists the banks.';

/** The accounts the command line names, `null` when it names none. */
async function namedOf({ args, options }: Context, client: Client): Promise<readonly Account[] | null> {
  const code = options.text('connection');
  if (code !== undefined && args.length > 0)
    throw usageError('Either name the accounts, or give --connection.');
  if (code === undefined) {
    return args.length === 0 ? null : Promise.all(args.map((name) => findAccount(client, name)));
  }
  const connection = await findConnection(client, code);
  const accounts = await accountsOf(client, connection.id);
  if (accounts.length > 0) return accounts;
  throw new CliError(
    EXIT.off,
    `${connection.code} has no account yet: "brana doctor" says what it waits for.`,
  );
}

async function accountsOf(client: Client, connection?: string): Promise<readonly Account[]> {
  return (await client.call<List<Account>>('GET', '/accounts', { query: { connection } })).items;
}

async function switchAll(context: Context, on: boolean): Promise<Result> {
  const client = context.client();
  const named = await namedOf(context, client);
  if (named === null)
    throw usageError(`Name the accounts, or give --connection: brana notices ${on ? 'on' : 'off'} --help`);
  const whole = context.options.text('connection') !== undefined;
  // A notice of an account that is not pulled leads to nothing.
  const wanted = on && whole ? named.filter(({ active, settings }) => active && settings.enabled) : named;
  if (wanted.length === 0) {
    throw new CliError(
      EXIT.off,
      'No account of it is pulled. Switch one on first: brana accounts ACCOUNT --set enabled=yes',
    );
  }
  const standing: Standing[] = [];
  for (const [at, account] of wanted.entries()) {
    // Before, so that a refusal follows the name of its account; doing all of it again is harmless.
    context.progress(`${at + 1}/${wanted.length}  ${labelOf(account)} …`);
    const path = `/accounts/${account.id}/notices`;
    standing.push({ account, notices: await client.call<Notices>('PUT', path, { body: { on } }) });
  }
  return shown(standing);
}

/** @param sending ids of the banks that send notices, where that is not known of every account */
function shown(standing: readonly Standing[], sending?: ReadonlySet<string>): Result {
  const stateOf = ({ account, notices }: Standing): string => {
    if (sending && !sending.has(account.bank)) return 'not sent by this bank';
    return notices.on ? 'on' : 'off';
  };
  const rows = standing.map((one) => [
    labelOf(one.account),
    one.account.bank,
    stateOf(one),
    one.notices.since === null ? null : minute(one.notices.since),
    one.account.id,
  ]);
  const columns = ['ACCOUNT', 'BANK', 'NOTICES', 'SINCE', 'ID'].map((title) => ({ title }));
  const items = standing.map(({ account, notices }) => ({ account: account.id, ...notices }));
  return { json: { items }, text: table(columns, rows) };
}
