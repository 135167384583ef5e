import { SPAN, type Command, type Context, type Result } from '../command.ts';
import { usageError } from '../exit.ts';
import { findAccount } from '../find.ts';
import { count, table } from '../text.ts';
import type { Account, Pending, Transaction } from '../types.ts';

export const transactions: Command = {
  name: 'transactions',
  summary: 'List booked transactions of an account, oldest first, or what is pending',
  args: 'ACCOUNT',
  options: {
    ...SPAN,
    pending: { type: 'boolean', help: 'what the bank advised of days no statement covers yet' },
  },
  takes: { least: 1, most: 1 },
  notes: 'Pending ones are information: each is booked with a statement, and gone from this list then.',
  async run(context) {
    const client = context.client();
    const account = await findAccount(client, context.args[0] ?? '');
    if (context.options.flag('pending')) return pending(context, account);
    const query = { from: context.options.text('from'), to: context.options.text('to') };
    const items: Transaction[] = [];
    for await (const item of client.pages<Transaction>(`/accounts/${account.id}/transactions`, query)) {
      items.push(item);
    }
    const text =
      items.length === 0
        ? `No transaction in these days. "brana pull ${context.args[0]} --wait" asks the bank.`
        : `${transactionTable(items)}\n\n${count(items.length, 'transaction')}`;
    return { json: { items }, text };
  },
};

async function pending(context: Context, { id }: Account): Promise<Result> {
  const { options, args } = context;
  if (options.text('from') !== undefined || options.text('to') !== undefined)
    throw usageError('--pending has days of its own: those behind the newest statement.');
  const items: Pending['items'][0][] = [];
  let page: Pending;
  for (let cursor: string | undefined; ; cursor = page.next ?? undefined) {
    page = await context.client().call<Pending>('GET', `/accounts/${id}/pending`, { query: { cursor } });
    items.push(...page.items);
    if (page.next === null) break;
  }
  const { since, at, unread } = page;
  const text = [
    items.length === 0
      ? `Nothing is pending since ${since}. "brana pull ${args[0]} --wait" asks the bank, where it sends advices.`
      : `${transactionTable(items)}\n\n${count(items.length, 'pending transaction')} since ${since}, told at ${at}`,
    ...(unread === 0 ? [] : [`${count(unread, 'advice')} could not be read; the statement will tell.`]),
  ].join('\n');
  return { json: { items, since, at, unread }, text };
}

function transactionTable(items: readonly Transaction[]): string {
  const rows = items.map((one) => [
    one.bookingDate,
    one.amount,
    one.currency,
    one.counterparty.name ?? one.card,
    accountOf(one),
    one.variableSymbol,
    one.constantSymbol,
    one.specificSymbol,
    one.message,
  ]);
  const columns = [
    { title: 'BOOKED' },
    { title: 'AMOUNT', right: true },
    { title: 'CUR' },
    { title: 'COUNTERPARTY', longest: 30 },
    { title: 'ACCOUNT' },
    { title: 'VS', right: true },
    { title: 'KS', right: true },
    { title: 'SS', right: true },
    { title: 'MESSAGE', longest: 50 },
  ];
  return table(columns, rows);
}

function accountOf({ counterparty: { number, bankCode, iban } }: Transaction): string | null {
  if (number === null) return iban;
  return bankCode === null ? number : `${number}/${bankCode}`;
}
