import type { Command } from '../command.ts';
import { findConnection } from '../find.ts';
import { count, table } from '../text.ts';
import type { Rates } from '../types.ts';

export const rates: Command = {
  name: 'rates',
  summary: 'Show exchange rates as the bank of a connection gives them',
  args: 'CONNECTION',
  options: {
    date: { type: 'string', value: 'YYYY-MM-DD', help: 'valid on this day (default the newest)' },
    currency: { type: 'string', value: 'CODE', help: 'of this currency only, e.g. EUR' },
  },
  takes: { least: 1, most: 1 },
  notes:
    'Asked at the bank at once, so it counts towards its limits. A bank may give the rates of several providers.',
  async run(context) {
    const client = context.client();
    const { options, args } = context;
    const { id } = await findConnection(client, args[0] ?? '');
    const query = { date: options.text('date'), currency: options.text('currency') };
    const answer = await client.call<Rates>('GET', `/connections/${id}/rates`, { query });
    const { items, quarantined } = answer;
    const text = [
      items.length === 0 ? 'The bank gives no such rates.' : rateTable(items),
      ...quarantined.map(({ message }) => message),
    ].join('\n');
    return { json: answer, text };
  },
};

function rateTable(items: Rates['items']): string {
  const rows = items.map((one) => [
    one.provider,
    one.validFrom,
    `${one.units} ${one.from}`,
    one.to,
    one.buy,
    one.sell,
    one.middle,
    one.cash?.buy ?? null,
    one.cash?.sell ?? null,
  ]);
  const right = true;
  const columns = [
    { title: 'PROVIDER' },
    { title: 'VALID FROM' },
    { title: 'FROM', right },
    { title: 'TO' },
    { title: 'BUY', right },
    { title: 'SELL', right },
    { title: 'MIDDLE', right },
    { title: 'CASH BUY', right },
    { title: 'CASH SELL', right },
  ];
  return `${table(columns, rows)}\n\n${count(items.length, 'rate')}`;
}
