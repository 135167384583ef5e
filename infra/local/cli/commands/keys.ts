import type { Command } from '../command.ts';
import { usageError } from '../exit.ts';
import { table } from '../text.ts';
import type { ApiKey, List } from '../types.ts';

export const listKeys: Command = {
  name: 'keys list',
  summary: 'List the API keys of the company',
  args: '',
  options: {},
  takes: { least: 0, most: 0 },
  async run(context) {
    const { items } = await context.client().call<List<ApiKey>>('GET', '/keys');
    const rows = items.map((key) => [
      key.name,
      `${key.prefix}…`,
      key.scopes.join(', '),
      key.user ?? 'company',
      key.createdAt.slice(0, 10),
      key.revokedAt === null ? 'valid' : `revoked ${key.revokedAt.slice(0, 10)}`,
      key.id,
    ]);
    const columns = ['NAME', 'KEY', 'SCOPES', 'FOR', 'MADE', 'STATE', 'ID'].map((title) => ({ title }));
    return { json: { items }, text: table(columns, rows) };
  },
};

export const createKey: Command = {
  name: 'keys create',
  summary: 'Make an API key; it is shown once',
  args: '',
  options: {
    name: { type: 'string', value: 'NAME', help: 'what it is for' },
    scope: { type: 'string', multiple: true, value: 'SCOPE', help: 'read, pay, admin or match' },
    user: { type: 'string', value: 'USER', help: 'a key of this user only' },
  },
  takes: { least: 0, most: 0 },
  notes: 'Example: brana keys create --name "ERP" --scope read',
  async run(context) {
    const { options } = context;
    const name = options.text('name');
    const scopes = options.list('scope');
    if (name === undefined || scopes.length === 0) throw usageError('Give --name NAME and --scope SCOPE.');
    const body = { name, scopes, user: options.text('user') };
    const made = await context.client().call<ApiKey & { secret: string }>('POST', '/keys', { body });
    return {
      json: made,
      text: `Key "${made.name}" made (${made.id}). It is shown this once:\n\n  ${made.secret}`,
    };
  },
};

export const revokeKey: Command = {
  name: 'keys revoke',
  summary: 'Revoke an API key; it dies within a minute',
  args: 'ID',
  options: {},
  takes: { least: 1, most: 1 },
  async run(context) {
    const [id = ''] = context.args;
    await context.client().call('DELETE', `/keys/${encodeURIComponent(id)}`);
    return { json: { id, revoked: true }, text: `${id} is revoked; the gateway forgets it within a minute.` };
  },
};
