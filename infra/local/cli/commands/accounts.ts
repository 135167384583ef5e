import type { Command } from '../command.ts';
import { usageError } from '../exit.ts';
import { findAccount, findConnection, labelOf } from '../find.ts';
import { facts, table } from '../text.ts';
import type { Account, List } from '../types.ts';

export const accounts: Command = {
  name: 'accounts',
  summary: 'List accounts, show one, or change how one is pulled',
  args: '[ACCOUNT]',
  options: {
    connection: { type: 'string', value: 'CONNECTION', help: 'only accounts of this connection' },
    set: { type: 'string', multiple: true, value: 'NAME=VALUE', help: 'change a setting of ACCOUNT' },
  },
  takes: { least: 0, most: 1 },
  notes: `Settings:
  enabled=yes|no                      whether the hourly pull includes it
  mode=statements|transactions|both   what is pulled
  history=DAYS                        days read again at every pull (1 to 400)
  formats=camt.053,pdf                statement formats to keep
  NAME=VALUE                          a setting of the bank's own, e.g. statement-line=MAIN

Example: brana accounts 5017482301/5500:CZK --set mode=both --set history=10`,
  async run(context) {
    const client = context.client();
    const { options, args } = context;
    const changes = options.list('set');
    if (args[0] === undefined) {
      if (changes.length > 0) throw usageError('Name the account to change: brana accounts ACCOUNT --set …');
      const code = options.text('connection');
      const connection = code === undefined ? undefined : (await findConnection(client, code)).id;
      const { items } = await client.call<List<Account>>('GET', '/accounts', { query: { connection } });
      return { json: { items }, text: items.length === 0 ? NONE : accountTable(items) };
    }
    const account = await findAccount(client, args[0]);
    const shown =
      changes.length === 0
        ? account
        : await client.call<Account>('PATCH', `/accounts/${account.id}`, { body: changeOf(changes) });
    return { json: shown, text: facts(accountFacts(shown)) };
  },
};

const NONE =
  'No account yet. Accounts come with a proven certificate: "brana connections" shows what is connected, ' +
  '"brana certificate --help" how to go on.';

export function accountTable(items: readonly Account[]): string {
  const rows = items.map((account) => [
    `${account.number}${account.bankCode === null ? '' : `/${account.bankCode}`}`,
    account.currency,
    account.name,
    stateOf(account),
    account.settings.mode,
    account.settings.historyDays,
    account.settings.formats.join(', '),
    account.freshAt === null ? 'never' : minute(account.freshAt),
    account.id,
  ]);
  const columns = [
    { title: 'ACCOUNT' },
    { title: 'CUR' },
    { title: 'NAME', longest: 30 },
    { title: 'STATE' },
    { title: 'MODE' },
    { title: 'HISTORY', right: true },
    { title: 'FORMATS' },
    { title: 'FRESH' },
    { title: 'ID' },
  ];
  return table(columns, rows);
}

function stateOf({ active, settings, failures }: Account): string {
  if (!active) return 'closed';
  if (!settings.enabled) return 'off';
  return failures === 0 ? 'on' : `failing (${failures})`;
}

function accountFacts(account: Account): [string, string | null][] {
  const { settings, lastPull, complete } = account;
  return [
    ['Account', labelOf(account)],
    ['IBAN', account.iban],
    ['Name', account.name],
    ['Bank', `${account.bank} (${account.environment})`],
    ['State', stateOf(account)],
    ['Mode', settings.mode],
    ['History', `${settings.historyDays} days`],
    ['Formats', settings.formats.join(', ')],
    ...Object.entries(settings.bank).map(([name, value]): [string, string] => [name, value]),
    ['Statements until', complete.statements],
    ['Transactions until', complete.transactions],
    ['Fresh', account.freshAt],
    ['Last pull', lastPull && `${lastPull.outcome}, ${lastPull.finishedAt}`],
    ['Failure', lastPull?.failure ? `${lastPull.failure.kind}: ${lastPull.failure.message}` : null],
    ['Id', account.id],
  ];
}

/** `NAME=VALUE` pairs as the body of a change; names that are no common setting are the bank's own. */
function changeOf(pairs: readonly string[]): Record<string, unknown> {
  const change: Record<string, unknown> = {};
  const bank: Record<string, string> = {};
  for (const pair of pairs) {
    const [, name = '', value = ''] = /^([A-Za-z-]+)=(.+)$/.exec(pair) ?? [];
    if (name === '') throw usageError(`--set wants NAME=VALUE, not "${pair}"`);
    if (name === 'enabled') change['enabled'] = yesOrNo(value);
    else if (name === 'mode') change['mode'] = value;
    else if (name === 'history') change['historyDays'] = wholeNumber(value);
    else if (name === 'formats') change['formats'] = value.split(',').map((format) => format.trim());
    else bank[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  return Object.keys(bank).length === 0 ? change : { ...change, bank };
}

function yesOrNo(value: string): boolean {
  if (value !== 'yes' && value !== 'no') throw usageError(`enabled is "yes" or "no", not "${value}"`);
  return value === 'yes';
}

function wholeNumber(value: string): number {
  if (!/^\d{1,4}$/.test(value)) throw usageError(`history is a number of days, not "${value}"`);
  return Number(value);
}

/** An instant to the minute, UTC. */
export const minute = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')}Z`;
