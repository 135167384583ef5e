import { PAYMENT_STATES } from '../../../../shared/domain/payment.ts';
import type { Client } from '../client.ts';
import type { Command } from '../command.ts';
import { oneOf } from '../file-input.ts';
import { count, facts, table } from '../text.ts';
import type { Payment, PaymentDetail, PaymentItem } from '../types.ts';
import { minute } from './accounts.ts';
import { nextStep } from './payment-follow.ts';

export const payments: Command = {
  name: 'payments',
  summary: 'List payment orders, newest first, or show one with its history and payments',
  args: '[ID]',
  options: {
    state: { type: 'string', value: 'STATE', help: 'only orders in this state' },
    limit: { type: 'string', value: 'N', help: 'at most so many orders, or payments of one (default 50)' },
  },
  takes: { least: 0, most: 1 },
  notes: `States: ${PAYMENT_STATES.join(', ')}.`,
  async run(context) {
    const client = context.client();
    const limit = context.options.number('limit', 50);
    const [id] = context.args;
    if (id !== undefined) return show(client, id, limit);
    const given = context.options.text('state');
    const state = given === undefined ? undefined : oneOf('state', given, PAYMENT_STATES);
    const items: Payment[] = [];
    for await (const item of client.pages<Payment>('/payments', { state })) {
      if (items.length >= limit) break;
      items.push(item);
    }
    const none = state
      ? `No payment order is ${state}.`
      : 'No payment order yet. "brana pay --help" tells how to make one.';
    return { json: { items }, text: items.length === 0 ? none : paymentTable(items) };
  },
};

async function show(client: Client, id: string, limit: number) {
  const path = `/payments/${encodeURIComponent(id)}`;
  const payment = await client.call<PaymentDetail>('GET', path);
  const items = await itemsOf(client, path, limit);
  const text = [facts(factsOf(payment)), historyTable(payment), itemTable(items, payment.count)];
  return { json: { ...payment, items }, text: text.join('\n\n') };
}

async function itemsOf(client: Client, path: string, limit: number): Promise<PaymentItem[]> {
  const items: PaymentItem[] = [];
  for (let after: number | null | undefined; after !== null && items.length < limit;) {
    const page: { items: readonly PaymentItem[]; next: number | null } = await client.call(
      'GET',
      `${path}/items`,
      { query: { limit: Math.min(500, Math.max(1, limit - items.length)), after } },
    );
    items.push(...page.items);
    after = page.next;
  }
  return items;
}

function paymentTable(items: readonly Payment[]): string {
  const rows = items.map((one) => [
    one.id,
    one.state,
    one.sum,
    one.currency,
    one.count,
    one.executionDate,
    minute(one.createdAt),
    one.duplicateOf === null ? '' : `same as ${one.duplicateOf}`,
  ]);
  const columns = [
    { title: 'ID' },
    { title: 'STATE' },
    { title: 'SUM', right: true },
    { title: 'CUR' },
    { title: 'PAYMENTS', right: true },
    { title: 'DAY' },
    { title: 'ORDERED' },
    { title: '' },
  ];
  return table(columns, rows);
}

export function factsOf(payment: PaymentDetail): [string, string | null][] {
  const { id, state, sum, currency, count: all, executed, rejected, submittedBy, approvedBy } = payment;
  return [
    ['Order', id],
    ['State', state],
    ['Next', nextStep(payment).startsWith('Look') ? null : nextStep(payment)],
    ['Sum', `${sum} ${currency}, ${count(all, 'payment')}`],
    ['Executed', executed > 0 ? String(executed) : null],
    ['Rejected', rejected > 0 ? String(rejected) : null],
    ['Day', payment.executionDate],
    ['Accounts', payment.accounts.join(', ')],
    ['Ordered by', [submittedBy.user, submittedBy.hook, submittedBy.key].filter(Boolean).join(', ')],
    ['Approved by', approvedBy && `${approvedBy.user}, ${minute(approvedBy.at)}`],
    ['Same as', payment.duplicateOf],
    ['Cancel wished', payment.cancelRequestedAt && minute(payment.cancelRequestedAt)],
    ["Bank's id", payment.bankId],
    ['Attempts', payment.attempts.map(({ outcome }) => outcome ?? 'running').join(', ')],
  ];
}

function historyTable({ history }: PaymentDetail): string {
  const rows = history.map((one) => [
    one.at.slice(0, 19).replace('T', ' '),
    one.state,
    one.source,
    one.bankCode,
    one.reason,
  ]);
  const columns = [
    { title: 'AT (UTC)' },
    { title: 'STATE' },
    { title: 'BY' },
    { title: 'BANK CODE' },
    { title: 'WHY', longest: 120 },
  ];
  return table(columns, rows);
}

function itemTable(items: readonly PaymentItem[], all: number): string {
  const rows = items.map(({ creditor, ...one }) => [
    one.index + 1,
    one.state,
    one.amount,
    one.currency,
    creditor.bankCode === null
      ? (creditor.iban ?? creditor.number)
      : `${creditor.number}/${creditor.bankCode}`,
    creditor.name,
    one.variableSymbol,
    one.message,
    one.reason,
  ]);
  const columns = [
    { title: 'N', right: true },
    { title: 'STATE' },
    { title: 'AMOUNT', right: true },
    { title: 'CUR' },
    { title: 'TO' },
    { title: 'NAME', longest: 30 },
    { title: 'VS' },
    { title: 'MESSAGE', longest: 40 },
    { title: 'WHY', longest: 80 },
  ];
  const left = all - items.length;
  return table(columns, rows) + (left > 0 ? `\n… and ${left} more: --limit ${all} shows them` : '');
}
