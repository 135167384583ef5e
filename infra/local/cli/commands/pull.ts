import type { Command, Context } from '../command.ts';
import type { Client } from '../client.ts';
import { CliError, EXIT, usageError } from '../exit.ts';
import { findAccount, labelOf } from '../find.ts';
import { count, table } from '../text.ts';
import type { Account, List, Pull } from '../types.ts';

export const pull: Command = {
  name: 'pull',
  summary: 'Pull accounts now, or back-fill a span of days',
  args: 'ACCOUNT … | --all',
  options: {
    all: { type: 'boolean', help: 'every account that is switched on' },
    from: { type: 'string', value: 'YYYY-MM-DD', help: 'back-fill: first day' },
    to: { type: 'string', value: 'YYYY-MM-DD', help: 'back-fill: last day (default today)' },
    wait: { type: 'boolean', help: 'wait for the end; exit code 1 when a pull failed' },
    timeout: { type: 'string', value: 'SECONDS', help: 'longest wait (default 600)' },
  },
  takes: { least: 0, most: 500 },
  async run(context) {
    const client = context.client();
    const accounts = await wanted(context, client);
    const window = windowOf(context);
    const asked: Asked[] = [];
    for (const account of accounts) {
      const path = `/accounts/${account.id}/pulls`;
      asked.push({ account, pull: await client.call<Pull>('POST', path, { body: window }) });
    }
    context.progress(`${count(asked.length, 'pull')} queued.`);
    const ended = context.options.flag('wait') ? await waitFor(context, client, asked) : asked;
    const failed = ended.some((one) => one.pull.status === 'failed');
    return {
      json: { items: ended.map((one) => one.pull) },
      text: pullTable(ended),
      exit: failed ? EXIT.off : EXIT.ok,
    };
  },
};

interface Asked {
  readonly account: Account;
  readonly pull: Pull;
}

async function wanted({ args, options }: Context, client: Client): Promise<Account[]> {
  if (options.flag('all') === args.length > 0) throw usageError('Name the accounts to pull, or give --all.');
  if (args.length > 0) return Promise.all(args.map((name) => findAccount(client, name)));
  const { items } = await client.call<List<Account>>('GET', '/accounts');
  const on = items.filter(({ active, settings }) => active && settings.enabled);
  if (on.length > 0) return on;
  throw new CliError(EXIT.off, 'No account is switched on. "brana accounts" lists them.');
}

function windowOf({ options, terminal }: Context): { from?: string; to?: string } {
  const from = options.text('from');
  const to = options.text('to');
  if (from === undefined && to === undefined) return {};
  if (from === undefined) throw usageError('A back-fill needs its first day: --from YYYY-MM-DD');
  return { from, to: to ?? new Date(terminal.now()).toISOString().slice(0, 10) };
}

const LOOK_AGAIN_MS = 500;

/** Looks at the pulls until all ended. @throws CliError `off` when that takes too long */
async function waitFor(context: Context, client: Client, asked: readonly Asked[]): Promise<Asked[]> {
  const seconds = context.options.number('timeout', 600);
  const end = context.terminal.now() + seconds * 1000;
  const ended = new Map<string, Asked>();
  for (;;) {
    for (const { account, pull: queued } of asked.filter((one) => !ended.has(one.pull.id))) {
      const now = await client.call<Pull>('GET', `/accounts/${account.id}/pulls/${queued.id}`);
      if (now.status === 'queued') continue;
      ended.set(queued.id, { account, pull: now });
      context.progress(`${ended.size}/${asked.length}  ${labelOf(account)}  ${outcomeOf(now)}`);
    }
    if (ended.size === asked.length) return asked.map((one) => ended.get(one.pull.id) ?? one);
    if (context.terminal.now() >= end) {
      const waiting = asked.length - ended.size;
      throw new CliError(
        EXIT.off,
        `${count(waiting, 'pull')} still waiting after ${seconds} s. They go on by themselves; "brana accounts" shows ` +
          'how they end. A bank that asked for silence can make them wait for long.',
      );
    }
    await context.terminal.sleep(LOOK_AGAIN_MS);
  }
}

const outcomeOf = ({ status, result }: Pull): string => result?.outcome ?? status;

function pullTable(asked: readonly Asked[]): string {
  const rows = asked.map(({ account, pull }) => [
    labelOf(account),
    pull.window ? `${pull.window.from} to ${pull.window.to}` : 'now',
    outcomeOf(pull),
    pull.result?.newTransactions ?? null,
    pull.result?.newStatements ?? null,
    pull.result?.failure?.message ?? null,
    pull.id,
  ]);
  const columns = [
    { title: 'ACCOUNT' },
    { title: 'DAYS' },
    { title: 'OUTCOME' },
    { title: 'NEW TRANSACTIONS', right: true },
    { title: 'NEW STATEMENTS', right: true },
    { title: 'WHY' },
    { title: 'ID' },
  ];
  return table(columns, rows);
}
