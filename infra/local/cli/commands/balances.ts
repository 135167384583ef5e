import type { Command } from '../command.ts';
import { findAccount, labelOf } from '../find.ts';
import { table } from '../text.ts';
import type { Balance } from '../types.ts';
import { minute } from './accounts.ts';

export const balances: Command = {
  name: 'balances',
  summary: 'Show the balances of an account as the bank told them last',
  args: 'ACCOUNT',
  options: {},
  takes: { least: 1, most: 1 },
  async run(context) {
    const client = context.client();
    const account = await findAccount(client, context.args[0] ?? '');
    const known = await client.call<{ at: string | null; items: readonly Balance[] }>(
      'GET',
      `/accounts/${account.id}/balances`,
    );
    if (known.at === null) {
      return { json: known, text: `No balance yet. "brana pull ${context.args[0]} --wait" asks the bank.` };
    }
    const rows = known.items.map(({ kind, amount, currency }) => [kind, amount, currency]);
    const columns = [{ title: 'BALANCE' }, { title: 'AMOUNT', right: true }, { title: 'CUR' }];
    return {
      json: known,
      text: `${labelOf(account)}, changed ${minute(known.at)}\n\n${table(columns, rows)}`,
    };
  },
};
