import { SPAN, type Command } from '../command.ts';
import { findAccount } from '../find.ts';
import { count, table } from '../text.ts';
import type { Transaction } from '../types.ts';

export const transactions: Command = {
  name: 'transactions',
  summary: 'List booked transactions of an account, oldest first',
  args: 'ACCOUNT',
  options: SPAN,
  takes: { least: 1, most: 1 },
  async run(context) {
    const client = context.client();
    const account = await findAccount(client, context.args[0] ?? '');
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
