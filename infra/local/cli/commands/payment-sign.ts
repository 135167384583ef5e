import { openBrowser } from '../browser.ts';
import type { Command } from '../command.ts';
import { exitOf, followSigning, nextStep } from './payment-follow.ts';

export const signPayment: Command = {
  name: 'payments sign',
  summary: 'Get the page of the bank where a person signs an order, and wait for it',
  args: 'ID',
  options: {
    open: { type: 'boolean', help: 'open the page in the browser of this machine' },
    'no-wait': { type: 'boolean', help: 'print the address and leave' },
    timeout: { type: 'string', value: 'SECONDS', help: 'longest wait (default 600)' },
  },
  takes: { least: 1, most: 1 },
  notes: `Only at banks that give such a page; elsewhere an order is signed in the bank's own banking. The address is for one
person, for some minutes. What was decided there is asked from the bank, so it may take a minute to show.`,
  async run(context) {
    const [id = ''] = context.args;
    const client = context.client();
    const path = `/payments/${encodeURIComponent(id)}/authorisation`;
    const page = await client.call<{ url: string; validUntil: string | null }>('POST', path);
    const until = page.validUntil === null ? '' : ` until ${page.validUntil.slice(11, 16)} UTC`;
    if (context.options.flag('open')) openBrowser(page.url);
    if (context.options.flag('no-wait')) return { json: page, text: `Sign it${until} at\n\n  ${page.url}` };
    context.progress(`Sign it${until} at\n\n  ${page.url}\n`);
    const payment = await followSigning(context, client, id, context.options.number('timeout', 600));
    return {
      json: payment,
      text: `${id} is ${payment.state}.\n${nextStep(payment)}`,
      exit: exitOf(payment.state),
    };
  },
};
