import { AUTHORISATION_MS } from '../../../../shared/flows/consent/start.ts';
import { openBrowser } from '../browser.ts';
import type { Command, Context } from '../command.ts';
import { CliError, EXIT, usageError } from '../exit.ts';
import { findConnection } from '../find.ts';
import { askSecrets, SECRET_OPTION, secretsIn } from '../secrets.ts';
import { facts, table } from '../text.ts';
import type { Authorisation, Authorised, Connection, List, Manifest } from '../types.ts';
import { accountTable } from './accounts.ts';

/** Milliseconds between two looks at what the person at the bank does. */
const PAUSE = 2_000;

export const authorise: Command = {
  name: 'authorise',
  summary: 'Let a person give a connection access at the bank: prints the link and waits',
  args: 'CONNECTION',
  options: {
    days: {
      type: 'string',
      value: 'N',
      help: "days the consent is to be good for; the bank's longest when absent",
    },
    'return-url': {
      type: 'string',
      value: 'URL',
      help: "where the last page leads; from the company's list",
    },
    secret: SECRET_OPTION,
    open: { type: 'boolean', help: 'open the link in the browser of this machine' },
    all: { type: 'boolean', help: 'confirm every account the bank shows, without looking' },
  },
  takes: { least: 1, most: 1 },
  notes: `For banks that work with consents (OAuth). Secret fields are asked for the first time, or given with --secret.
The link works once, for ten minutes. Afterwards the accounts are shown, and "brana authorise confirm" puts them in use.

Example: brana authorise CS --days 180`,
  async run(context) {
    const client = context.client();
    const connection = await findConnection(client, context.args[0] ?? '');
    await giveSecrets(context, connection);
    const days = context.options.text('days');
    const path = `/connections/${connection.id}/authorisation`;
    const { url, expiresAt } = await client.call<{ url: string; expiresAt: string }>('POST', path, {
      body: {
        validityDays: days === undefined ? undefined : context.options.number('days', 0),
        returnUrl: context.options.text('return-url'),
      },
    });
    context.progress(
      `Open this link in a browser, once, until ${expiresAt.slice(11, 16)} UTC:\n\n  ${url}\n`,
    );
    if (context.options.flag('open')) openBrowser(url);
    const standing = await wait(context, path);
    if (standing.state === 'confirmed') {
      return { json: standing, text: `Somebody confirmed the accounts already.\n\n${shown(standing)}` };
    }
    if (context.options.flag('all')) {
      return confirm(
        context,
        connection,
        (standing.accounts ?? []).map(({ handle }) => handle),
      );
    }
    const next = `Are these accounts of yours? Then: brana authorise confirm ${connection.code} --all, or name them`;
    return { json: standing, text: `The bank gave access.\n\n${shown(standing)}\n\n${next}` };
  },
};

export const confirmAuthorisation: Command = {
  name: 'authorise confirm',
  summary: 'Confirm the accounts a consent opened; they are pulled from then on',
  args: 'CONNECTION [ACCOUNT …]',
  options: { all: { type: 'boolean', help: 'every account the bank showed' } },
  takes: { least: 1, most: 100 },
  notes: 'Example: brana authorise confirm CS CZ6508000000192000145399',
  async run(context) {
    const client = context.client();
    const [name = '', ...wanted] = context.args;
    const connection = await findConnection(client, name);
    const standing = await client.call<Authorisation>('GET', `/connections/${connection.id}/authorisation`);
    const accounts = standing.accounts ?? [];
    const handles = context.options.flag('all')
      ? accounts.map(({ handle }) => handle)
      : wanted.map((text) => handleOf(accounts, text));
    if (handles.length === 0) throw usageError(`Name the accounts, or give --all:\n${shown(standing)}`);
    return confirm(context, connection, handles);
  },
};

/** Secrets that were given are kept; the first time the ones that are missing are asked for. */
async function giveSecrets(context: Context, connection: Connection): Promise<void> {
  const client = context.client();
  let secrets = secretsIn(context);
  if (Object.keys(secrets).length === 0 && !connection.credential && !connection.candidate) {
    const { items } = await client.call<List<Manifest>>('GET', '/banks');
    secrets = await askSecrets(
      context,
      items.find(({ id }) => id === connection.bank)!,
    );
  }
  if (Object.keys(secrets).length === 0) return;
  await client.call('PUT', `/connections/${connection.id}/secrets`, { body: { secrets } });
}

async function wait(context: Context, path: string): Promise<Authorisation> {
  const client = context.client();
  // Counted here, because this machine's clock need not be the gateway's.
  const end = context.terminal.now() + AUTHORISATION_MS;
  let told = '';
  for (;;) {
    const standing = await client.call<Authorisation>('GET', path);
    if (standing.state !== told) context.progress(STATES[standing.state]);
    told = standing.state;
    if (standing.state === 'granted' || standing.state === 'confirmed') return standing;
    if (standing.state === 'failed')
      throw new CliError(EXIT.off, standing.reason ?? 'The authorisation failed');
    if (standing.state !== 'answered' && context.terminal.now() >= end) {
      throw new CliError(EXIT.off, 'Nobody finished within ten minutes. Start again: brana authorise');
    }
    await context.terminal.sleep(PAUSE);
  }
}

const STATES: Readonly<Record<Authorisation['state'], string>> = {
  waiting: 'Waiting for somebody to open the link …',
  opened: 'The link is open; waiting for the bank …',
  answered: 'The bank answered …',
  granted: 'Granted.',
  confirmed: 'Confirmed.',
  failed: 'Failed.',
};

async function confirm(context: Context, { id }: Connection, accounts: readonly string[]) {
  const confirmed = await context
    .client()
    .call<Authorised>('POST', `/connections/${id}/authorisation/confirmation`, { body: { accounts } });
  const { credential } = confirmed;
  const known = facts([
    ['Valid until', credential.notAfter.slice(0, 10)],
    ['Scopes', (credential.scopes ?? []).join(', ')],
    ['Warnings', credential.warnings.join('; ')],
  ]);
  return {
    json: confirmed,
    text: `${known}\n\n${accountTable(confirmed.accounts)}\n\nNext: brana pull --all --wait`,
  };
}

function handleOf(accounts: NonNullable<Authorisation['accounts']>, text: string): string {
  const wanted = text.replace(/\s+/g, '').toUpperCase();
  const found = accounts.filter(({ handle, iban, number, bankCode }) =>
    [handle, iban, number, `${number}/${bankCode}`].some((one) => one?.toUpperCase() === wanted),
  );
  if (found.length === 1) return found[0]!.handle;
  throw usageError(`"${text}" is ${found.length === 0 ? 'none' : 'more than one'} of the accounts shown.`);
}

function shown({ accounts }: Authorisation): string {
  if (!accounts) return 'The bank did not list the accounts yet; "brana authorise confirm" asks it again.';
  const titles = ['ACCOUNT', 'CUR', 'NAME', 'OWNER'];
  return table(
    titles.map((title) => ({ title })),
    accounts.map(({ iban, number, bankCode, currency, name, owner }) => [
      iban ?? `${number}/${bankCode}`,
      currency,
      name,
      owner,
    ]),
  );
}
