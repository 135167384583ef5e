import type { HookInput } from '../../../../shared/flows/hooks/create.ts';
import { signedHeaders } from '../../../../shared/flows/hooks/signature.ts';
import { Secret } from '../../../../shared/domain/secret.ts';
import type { Client } from '../client.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, usageError } from '../exit.ts';
import { bytesOf } from '../file-input.ts';
import { findAccount } from '../find.ts';
import { readInput, readSecretFile } from '../settings.ts';
import { count, facts, table } from '../text.ts';
import type { Hook, HookRehearsal, List } from '../types.ts';

export const listHooks: Command = {
  name: 'hooks list',
  summary: 'List the hooks through which ERPs submit payments',
  args: '',
  options: {},
  takes: { least: 0, most: 0 },
  async run(context) {
    const { items } = await context.client().call<List<Hook>>('GET', '/hooks');
    const rows = items.map((hook) => [
      hook.name,
      hook.verification.kind,
      hook.user ?? 'company',
      count(hook.accounts.length, 'account'),
      Object.entries(hook.limits)
        .map(([currency, limit]) => `${hook.usedToday[currency] ?? '0'} of ${limit} ${currency}`)
        .join(', '),
      hook.lastOrderAt?.slice(0, 16) ?? 'never',
      hook.path,
    ]);
    const titles = ['NAME', 'PROOF', 'OWNER', 'PAYS FROM', 'USED TODAY', 'LAST ORDER', 'PATH'];
    const columns = titles.map((title) => ({ title }));
    const none = 'No hook yet. "brana hooks create --help" tells how to make one.';
    return { json: { items }, text: items.length === 0 ? none : table(columns, rows) };
  },
};

export const createHook: Command = {
  name: 'hooks create',
  summary: 'Make a hook from its description; its secret is shown once',
  args: 'FILE',
  options: {
    name: { type: 'string', value: 'NAME', help: 'what it is for, instead of the name in FILE' },
    user: { type: 'string', value: 'USER', help: 'its owner, who counts as the submitter of its orders' },
  },
  takes: { least: 1, most: 1 },
  notes: `FILE is the JSON that docs/hooks.md describes: how messages prove themselves, accounts (id, IBAN or number),
limits of a day, and where in a message the order stands. Needs a key with the scopes "admin" and "pay".

Example: brana hooks create erpnext.json`,
  async run(context) {
    const client = context.client();
    const described = jsonIn(context.args[0] ?? '');
    const body = {
      ...described,
      accounts: await idsOf(client, described.accounts),
      name: context.options.text('name') ?? described.name,
      user: context.options.text('user') ?? described.user,
    };
    const made = await client.call<Hook & { secret: string }>('POST', '/hooks', { body });
    return {
      json: made,
      text:
        `Hook "${made.name}" made (${made.id}). The ERP sends its messages to\n\n  ${client.url}${made.path}\n\n` +
        `Its secret is shown this once:\n\n  ${made.secret}\n\n` +
        `Next: brana hooks test ${made.id} MESSAGE.json --secret-file FILE`,
    };
  },
};

export const deleteHook: Command = {
  name: 'hooks delete',
  summary: 'Delete a hook at once; what it brought stays',
  args: 'ID',
  options: {},
  takes: { least: 1, most: 1 },
  async run(context) {
    const [id = ''] = context.args;
    await context.client().call('DELETE', `/hooks/${encodeURIComponent(id)}`);
    return { json: { id, deleted: true }, text: `${id} is deleted; messages to it are refused from now on.` };
  },
};

export const testHook: Command = {
  name: 'hooks test',
  summary: 'Show what a message to a hook would do; nothing is sent',
  args: 'ID MESSAGE',
  options: {
    header: { type: 'string', multiple: true, value: 'NAME:VALUE', help: 'a header as the ERP sent it' },
    'secret-file': {
      type: 'string',
      value: 'FILE',
      help: "file that holds the hook's secret: the message is signed here as the ERP would",
    },
  },
  takes: { least: 2, most: 2 },
  notes: `MESSAGE is the body to the letter ("-" is stdin). Without headers and secret the order is shown all the same.

Example: brana hooks test hook_01… message.json --secret-file secret.txt`,
  async run(context) {
    const client = context.client();
    const [id = '', file = ''] = context.args;
    const bytes = bytesOf(file);
    const headers = { ...headersIn(context), ...(await signature(context, client, id, bytes)) };
    const body = { body: Buffer.from(bytes).toString('utf8'), headers };
    const seen = await client.call<HookRehearsal>('POST', `/hooks/${encodeURIComponent(id)}/test`, { body });
    const good = seen.verification === 'ok' && seen.order !== null;
    return { json: seen, text: textOf(seen), exit: good ? EXIT.ok : EXIT.off };
  },
};

const VERDICTS: Readonly<Record<HookRehearsal['verification'], string>> = {
  ok: 'proven',
  'header-missing': 'NOT proven: a header it must have is missing',
  'signature-wrong': 'NOT proven: the signature does not fit the body and the secret',
  'timestamp-off': 'NOT proven: it was signed more than five minutes from now',
};

function textOf({ verification, order, findings, warnings }: HookRehearsal): string {
  const found = [...findings, ...warnings].map(
    ({ pointer, detail }) => `  ${pointer || 'message'}: ${detail}`,
  );
  const head: [string, string | null][] = [['message', VERDICTS[verification]]];
  if (order === null) return [facts([...head, ['order', 'none: correct this']]), ...found].join('\n');
  const { state, sum, currency, executionDate, duplicateOf, payments } = order;
  head.push(
    ['order', `${sum} ${currency} in ${count(order.count, 'payment')}, would be ${state}`],
    ['account', order.account],
    ['day', executionDate],
    ['says the same as', duplicateOf],
  );
  const rows = payments.map(({ amount, currency, creditor, variableSymbol, message }) => [
    `${amount} ${currency}`,
    creditor.iban ?? `${creditor.number ?? ''}/${creditor.bankCode ?? ''}`,
    creditor.name,
    variableSymbol,
    message,
  ]);
  const columns = ['AMOUNT', 'TO', 'NAME', 'VS', 'MESSAGE'].map((title) => ({ title }));
  return [facts(head), ...found, '', table(columns, rows)].join('\n');
}

function headersIn({ options }: Context): Record<string, string> {
  return Object.fromEntries(
    options.list('header').map((text) => {
      const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(text) ?? [];
      if (name === undefined || value === undefined) throw usageError('--header wants NAME:VALUE');
      return [name, value];
    }),
  );
}

async function signature(
  { options }: Context,
  client: Client,
  id: string,
  bytes: Uint8Array,
): Promise<Record<string, string>> {
  const file = options.text('secret-file');
  if (file === undefined) return {};
  const { items } = await client.call<List<Hook>>('GET', '/hooks');
  const hook = items.find((one) => one.id === id);
  if (!hook) throw usageError(`There is no hook "${id}". "brana hooks list" lists them.`);
  const secret = new Secret(readSecretFile(file, '--secret-file'));
  const { header = '', encoding = 'hex', prefix = '', kind } = hook.verification;
  // The gateway's own time, which may be virtual: whether this machine's clock is right is the doctor's question.
  const { time } = await client.call<{ time: string }>('GET', '/health');
  return signedHeaders({ kind, header, encoding, prefix }, secret, bytes, {
    id: 'test',
    now: Date.parse(time),
  });
}

type Described = Omit<HookInput, 'accounts'> & { readonly accounts?: unknown };

function jsonIn(file: string): Described {
  try {
    const value: unknown = JSON.parse(readInput(file, 'The description').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Described;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw usageError(`${file} is no JSON object. docs/hooks.md has examples.`);
}

/** Accounts as people name them, as ids. What is no list of texts is for the gateway to refuse. */
async function idsOf(client: Client, accounts: unknown): Promise<unknown> {
  if (!Array.isArray(accounts) || accounts.some((one) => typeof one !== 'string')) return accounts;
  return Promise.all((accounts as string[]).map(async (one) => (await findAccount(client, one)).id));
}
