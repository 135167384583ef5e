import { createHash } from 'node:crypto';
import { Problem } from '../../api/problem.ts';
import type { Hook } from '../../domain/hook.ts';
import type { OrderPayment } from '../../domain/order-file.ts';
import type { PaymentRecord } from '../../domain/payment.ts';
import { acceptOrder } from '../payments/accept.ts';
import type { OrderFinding } from '../payments/order.ts';
import { judgeMessage } from './receive.ts';
import type { Message, Verdict } from './signature.ts';
import { inPlace, placed, requestOf, submissionOf, type HookPorts } from './submission.ts';

/** What a message would do. */
export interface Rehearsal {
  readonly verdict: Verdict;
  /** The order it would make; `null` when it would make none. */
  readonly order: { readonly payment: PaymentRecord; readonly payments: readonly OrderPayment[] } | null;
  /** Why it would make none, by the places in the message. */
  readonly findings: readonly OrderFinding[];
  /** What would be changed on the way to the bank. */
  readonly warnings: readonly OrderFinding[];
}

/**
 * Goes the whole way of a message with ports that keep nothing: signature, mapping, every judgement of an order, the
 * limit. That a message was sent before is not looked at.
 */
export async function rehearse(ports: HookPorts, hook: Hook, message: Message): Promise<Rehearsal> {
  const verdict = await judgeMessage(ports, hook, message);
  try {
    const { submission, placeOf } = await submissionOf(ports, hook, requestOf(hook, message));
    const { payment } = await inPlace(placeOf, () => acceptOrder(keepingNothing(ports), submission));
    const payments = submission.draft.groups.flatMap(({ group }) => group.payments);
    return {
      verdict,
      order: { payment, payments },
      findings: [],
      warnings: placed(placeOf, payment.warnings),
    };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { errors, detail } = error.fields;
    return { verdict, order: null, findings: errors ?? [{ pointer: '', detail }], warnings: [] };
  }
}

const keepingNothing = (ports: HookPorts): HookPorts => ({
  ...ports,
  archive: {
    ...ports.archive,
    keep: (_company, _kind, bytes) => Promise.resolve(createHash('sha256').update(bytes).digest('hex')),
  },
  payments: {
    ...ports.payments,
    request: () => Promise.resolve(null),
    accept: () => Promise.resolve(true),
  },
  queue: { ...ports.queue, send: () => Promise.resolve() },
});
