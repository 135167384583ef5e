import type { Command } from '../command.ts';
import { table } from '../text.ts';
import type { List, Manifest } from '../types.ts';

export const banks: Command = {
  name: 'banks',
  summary: 'List the banks Brana speaks to',
  args: '',
  options: {},
  takes: { least: 0, most: 0 },
  async run(context) {
    const { items } = await context.client().call<List<Manifest>>('GET', '/banks');
    const rows = items.map((bank) => [
      bank.id,
      bank.name,
      bank.country,
      bank.product,
      bank.statementFormats.map(({ format }) => format).join(', '),
      bank.fields.map(({ name, required }) => (required ? name : `[${name}]`)).join(', '),
    ]);
    const columns = ['BANK', 'NAME', 'COUNTRY', 'PRODUCT', 'STATEMENTS', 'FIELDS'].map((title) => ({
      title,
    }));
    return {
      json: { items },
      text: `${table(columns, rows)}\n\nConnect one: brana connect BANK --help`,
    };
  },
};
