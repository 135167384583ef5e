import type { Command, Context, Result } from '../command.ts';
import { usageError } from '../exit.ts';
import { oneOf } from '../file-input.ts';
import { facts } from '../text.ts';
import type { PaymentDetail } from '../types.ts';
import { factsOf } from './payments.ts';

/** What people decide about a payment order. */

type Method = 'POST' | 'DELETE';

async function decided(context: Context, method: Method, end: string, body?: unknown): Promise<Result> {
  const [id = ''] = context.args;
  const path = `/payments/${encodeURIComponent(id)}${end}`;
  const options = body === undefined ? {} : { body };
  const payment = await context.client().call<PaymentDetail>(method, path, options);
  return { json: payment, text: facts(factsOf(payment)) };
}

export const cancelPayment: Command = {
  name: 'payments cancel',
  summary: 'Cancel an order that is not at the bank yet; later the wish is noted and the bank decides',
  args: 'ID',
  options: {},
  takes: { least: 1, most: 1 },
  notes: `What the bank has already is cancelled there: an order that nobody signs is not executed. "Cancel wished" in
"brana payments ID" says that Brana noted it.`,
  run: (context) => decided(context, 'DELETE', ''),
};

export const approvePayment: Command = {
  name: 'payments approve',
  summary: 'Approve, or reject, an order that waits for a second person',
  args: 'ID',
  options: {
    reject: { type: 'boolean', help: 'reject it instead' },
    reason: { type: 'string', value: 'TEXT', help: 'why; stands in its history' },
  },
  takes: { least: 1, most: 1 },
  notes:
    'Needs a key of a person (--user when it was made), older than 24 hours, of another one than submitted it.',
  run: (context) =>
    decided(context, 'POST', '/approval', {
      approve: !context.options.flag('reject'),
      reason: context.options.text('reason'),
    }),
};

const OUTCOMES = ['at-bank', 'executed', 'not-at-bank', 'send-again'] as const;

export const resolvePayment: Command = {
  name: 'payments resolve',
  summary: 'Say what became of an order whose outcome is unknown',
  args: 'ID',
  options: {
    outcome: { type: 'string', value: 'OUTCOME', help: OUTCOMES.join(', ') },
    reason: { type: 'string', value: 'TEXT', help: 'how you know; stands in its history' },
  },
  takes: { least: 1, most: 1 },
  notes: `  at-bank      the bank has it; Brana follows it there
  executed     it was paid
  not-at-bank  the bank does not have it; it ends as rejected
  send-again   the bank does not have it; Brana sends it again

Look in internet banking first. The last two are refused for as long as the bank may not show the order yet.`,
  async run(context) {
    const { options } = context;
    const [outcome, reason] = [options.text('outcome'), options.text('reason')];
    if (outcome === undefined || reason === undefined) throw usageError('Give --outcome and --reason.');
    return decided(context, 'POST', '/resolution', { outcome: oneOf('outcome', outcome, OUTCOMES), reason });
  },
};
