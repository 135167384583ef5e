import type { PaymentPolicy } from '../../../../shared/domain/records.ts';
import type { Command } from '../command.ts';
import { usageError } from '../exit.ts';
import { oneOf } from '../file-input.ts';
import { facts } from '../text.ts';

export const paymentPolicy: Command = {
  name: 'payments policy',
  summary: "Show or change the company's rules for payments",
  args: '',
  options: {
    'approval-from': {
      type: 'string',
      multiple: true,
      value: 'CUR=SUM',
      help: 'from this sum a second person approves; a currency not listed always needs it; "never" ends it',
    },
    duplicates: { type: 'string', value: 'RULE', help: 'an order said twice in 24 hours: flag or refuse' },
  },
  takes: { least: 0, most: 0 },
  notes:
    'Example: brana payments policy --approval-from CZK=100000 --approval-from EUR=4000 --duplicates refuse',
  async run(context) {
    const client = context.client();
    const { options } = context;
    const sums = options.list('approval-from');
    const duplicates = options.text('duplicates');
    const standing = await client.call<PaymentPolicy>('GET', '/payment-policy');
    const wanted: PaymentPolicy = {
      approvalFrom: sums.length === 0 ? standing.approvalFrom : approvalOf(sums),
      duplicates:
        duplicates === undefined ? standing.duplicates : oneOf('duplicates', duplicates, ['flag', 'refuse']),
    };
    const asked = sums.length > 0 || duplicates !== undefined;
    const policy = asked
      ? await client.call<PaymentPolicy>('PUT', '/payment-policy', { body: wanted })
      : standing;
    return { json: policy, text: facts(policyFacts(policy)) };
  },
};

function approvalOf(sums: readonly string[]): PaymentPolicy['approvalFrom'] {
  if (sums.length === 1 && sums[0] === 'never') return null;
  const pairs = sums.map((text) => {
    const [, currency, sum] = /^([A-Za-z]{3})=([\d.]+)$/.exec(text) ?? [];
    if (currency === undefined || sum === undefined)
      throw usageError(`--approval-from wants CUR=SUM (CZK=100000) or "never", not "${text}"`);
    return [currency.toUpperCase(), sum] as const;
  });
  return Object.fromEntries(pairs);
}

function policyFacts({ approvalFrom, duplicates }: PaymentPolicy): [string, string | null][] {
  const sums = Object.entries(approvalFrom ?? {}).map(([currency, sum]) => `from ${sum} ${currency}`);
  return [
    ['Second person', approvalFrom === null ? 'never' : [...sums, 'any sum in other currencies'].join(', ')],
    ['Duplicates', duplicates === 'refuse' ? 'refused' : 'taken and flagged'],
  ];
}
