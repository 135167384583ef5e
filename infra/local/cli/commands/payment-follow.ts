import type { PaymentState } from '../../../../shared/domain/payment.ts';
import type { Client } from '../client.ts';
import type { Context } from '../command.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import type { Payment, PaymentDetail } from '../types.ts';

/** How an order goes on, for whoever waits for it. */

/** States in which nothing happens until a person does something, or at all. */
const RESTS: ReadonlySet<PaymentState> = new Set([
  ...(['awaiting-approval', 'awaiting-signature', 'outcome-unknown'] as const),
  ...(['executed', 'partly-executed', 'rejected', 'cancelled', 'expired'] as const),
]);

/** States an order should not end in. */
const OFF: ReadonlySet<PaymentState> = new Set([
  ...(['outcome-unknown', 'partly-executed', 'rejected', 'cancelled', 'expired'] as const),
]);

export const exitOf = (state: PaymentState): ExitCode => (OFF.has(state) ? EXIT.off : EXIT.ok);

/** Whether nothing happens before somebody does something; a file waits for whoever uploads it. */
const rests = ({ state, signing }: Payment): boolean =>
  RESTS.has(state) || (state === 'accepted' && signing === 'file');

const SIGN: Readonly<Record<Payment['signing'], (id: string) => string>> = {
  banking: () => 'Sign it in internet banking; until then the bank does not execute it.',
  page: (id) => `A person signs it on a page of the bank: brana payments sign ${id}`,
  file: () => 'Sign it where its file was uploaded, in the bank’s own banking.',
};

/** What to do with an order as it stands. */
export function nextStep({ id, state, signing }: Pick<Payment, 'id' | 'state' | 'signing'>): string {
  switch (state) {
    case 'accepted':
      return signing === 'file'
        ? `Brana sends this bank nothing: save the order's file and upload it there, once: brana payments file ${id}`
        : `Look at it: brana payments ${id}`;
    case 'awaiting-approval':
      return `A second person must approve it: brana payments approve ${id}`;
    case 'awaiting-signature':
      return SIGN[signing](id);
    case 'outcome-unknown':
      return `The bank's answer was lost. Brana looks for it; never order it anew before that ends: brana payments ${id}`;
    default:
      return `Look at it: brana payments ${id}`;
  }
}

const LOOK_AGAIN_MS = 1_000;

/** Looks at an order until it rests, telling each step. @throws CliError `off` when that takes too long */
export const followPayment = (context: Watcher, client: Client, id: string, seconds: number) =>
  follow(context, client, id, seconds, rests);

/** The same for an order that somebody is about to sign, until it no longer waits for that. */
export const followSigning = (context: Watcher, client: Client, id: string, seconds: number) =>
  follow(context, client, id, seconds, ({ state }) => state !== 'awaiting-signature');

type Watcher = Pick<Context, 'terminal' | 'progress'>;

async function follow(
  { terminal, progress }: Watcher,
  client: Client,
  id: string,
  seconds: number,
  until: (payment: PaymentDetail) => boolean,
): Promise<PaymentDetail> {
  const end = terminal.now() + seconds * 1000;
  for (let told = 0; ;) {
    const payment = await client.call<PaymentDetail>('GET', `/payments/${encodeURIComponent(id)}`);
    for (const { at, state, bankCode, reason } of payment.history.slice(told)) {
      progress([at.slice(11, 19), state, bankCode, reason].filter(Boolean).join('  '));
    }
    told = payment.history.length;
    if (until(payment)) return payment;
    if (terminal.now() >= end) {
      throw new CliError(
        EXIT.off,
        `${id} is still ${payment.state} after ${seconds} s. It goes on by itself: brana payments ${id}`,
      );
    }
    await terminal.sleep(LOOK_AGAIN_MS);
  }
}
