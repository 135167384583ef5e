import { type Command, type Context, type Options } from '../command.ts';
import { usageError } from '../exit.ts';
import { findConnection } from '../find.ts';
import { table } from '../text.ts';
import type { Connection, List, Manifest } from '../types.ts';

export const connections: Command = {
  name: 'connections',
  summary: 'List the connections to banks',
  args: '',
  options: {},
  takes: { least: 0, most: 0 },
  async run(context) {
    const { items } = await context.client().call<List<Connection>>('GET', '/connections');
    const rows = items.map((one) => [
      one.code,
      one.bank,
      one.environment,
      one.user ?? 'company',
      one.freshness.state,
      one.validUntil === null ? 'no access yet' : `${one.validUntil}, ${one.daysLeft} days`,
      one.id,
    ]);
    const titles = ['CODE', 'BANK', 'ENVIRONMENT', 'FOR', 'STATE', 'VALID UNTIL', 'ID'];
    const toDo = items.flatMap(({ code, freshness: { detail } }) =>
      detail === null ? [] : [`  ${code}: ${detail}`],
    );
    return {
      json: { items },
      text:
        items.length === 0
          ? 'No connection yet. "brana banks" lists the banks, "brana connect --help" tells how to connect one.'
          : [
              table(
                titles.map((title) => ({ title })),
                rows,
              ),
              ...(toDo.length > 0 ? ['', 'What to do:', ...toDo] : []),
            ].join('\n'),
    };
  },
};

export const connect: Command = {
  name: 'connect',
  summary: 'Make a connection to a bank',
  args: 'BANK',
  options: {
    code: { type: 'string', value: 'CODE', help: 'your short name for the connection, e.g. RB' },
    description: { type: 'string', value: 'TEXT', help: 'what it is for' },
    environment: {
      type: 'string',
      value: 'ENV',
      help: 'production (default), bank-sandbox, or simulated beside "npm run demo"',
    },
    user: { type: 'string', value: 'USER', help: 'for this user only, not for the whole company' },
  },
  takes: { least: 1, most: 1 },
  notes: `The bank's own fields are options too, by the names in "brana banks": clientId is --client-id.
Secret fields are not given here but with the certificate, or with "brana authorise".

Example: brana connect raiffeisen --code RB --client-id 0123456789abcdef`,
  furtherOptions: async (context) => fieldOptions(await bankOf(context)),
  async run(context) {
    const { options } = context;
    const bank = await bankOf(context);
    const code = options.text('code');
    if (code === undefined) throw usageError('Give the connection a short name: --code CODE');
    const wanted = {
      code,
      bank: bank.id,
      description: options.text('description'),
      environment: options.text('environment'),
      user: options.text('user'),
      config: fieldsIn(options, bank),
    };
    const made = await context.client().call<Connection>('POST', '/connections', { body: wanted });
    return {
      json: made,
      text: `Connection ${made.code} to ${bank.name} made (${made.id}).\nNext: ${bank.consent ? `brana authorise ${made.code}` : `brana certificate ${made.code} FILE.p12`}`,
    };
  },
};

export const setConnection: Command = {
  name: 'connections set',
  summary: "Change the description of a connection, or the bank's fields",
  args: 'CONNECTION',
  options: { description: { type: 'string', value: 'TEXT', help: 'what it is for' } },
  takes: { least: 1, most: 1 },
  notes: `The bank's own fields are options too, as with "brana connect". Secret fields change with "brana authorise --secret",
or with the certificate.

Example: brana connections set CS --payments experimental`,
  furtherOptions: async (context) => fieldOptions((await standing(context)).bank),
  async run(context) {
    const { options } = context;
    const { connection, bank } = await standing(context);
    const config = fieldsIn(options, bank);
    const description = options.text('description');
    if (description === undefined && Object.keys(config).length === 0) {
      const names = openFields(bank).map(({ name }) => `--${optionName(name)}`);
      throw usageError(`Say what is to be changed: --description, ${names.join(', ')}.`);
    }
    const path = `/connections/${connection.id}`;
    const changed = await context.client().call<Connection>('PATCH', path, { body: { description, config } });
    const known = Object.entries(changed.config).map(([name, value]) => `  ${name}: ${value}`);
    return { json: changed, text: [`Connection ${changed.code} is changed.`, ...known].join('\n') };
  },
};

export const deleteConnection: Command = {
  name: 'connections delete',
  summary: 'Delete a connection: its consent is given back to the bank, what was pulled stays',
  args: 'CONNECTION',
  options: {},
  takes: { least: 1, most: 1 },
  async run(context) {
    const client = context.client();
    const { id, code } = await findConnection(client, context.args[0] ?? '');
    await client.call('DELETE', `/connections/${id}`);
    return { json: { id, code }, text: `Connection ${code} is deleted. Its accounts are no longer pulled.` };
  },
};

/** The connection named first on the command line, with its bank. @throws CliError */
async function standing({ args, client }: Context): Promise<{ connection: Connection; bank: Manifest }> {
  const connection = await findConnection(client(), args[0] ?? '');
  const { items } = await client().call<List<Manifest>>('GET', '/banks');
  return { connection, bank: items.find(({ id }) => id === connection.bank)! };
}

/** The bank named first on the command line. @throws CliError */
async function bankOf({ args, client }: Context): Promise<Manifest> {
  const { items } = await client().call<List<Manifest>>('GET', '/banks');
  const bank = items.find(({ id }) => id === args[0]);
  if (bank) return bank;
  const known = items.map(({ id }) => id).join(', ');
  throw usageError(
    args[0] === undefined
      ? `Name the bank: brana connect BANK. Known: ${known}.`
      : `Unknown bank "${args[0]}". Known: ${known}.`,
  );
}

const openFields = (bank: Manifest) => bank.fields.filter(({ secret }) => !secret);

/** The bank's fields that were given. */
const fieldsIn = (options: Context['options'], bank: Manifest): Record<string, string> =>
  Object.fromEntries(
    openFields(bank).flatMap(({ name }) => {
      const value = options.text(optionName(name));
      return value === undefined ? [] : [[name, value] as const];
    }),
  );

const fieldOptions = (bank: Manifest): Options =>
  Object.fromEntries(
    openFields(bank).map(({ name, description }) => [
      optionName(name),
      { type: 'string', value: 'VALUE', help: description },
    ]),
  );

/** `clientId` → `client-id` */
const optionName = (field: string): string => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
