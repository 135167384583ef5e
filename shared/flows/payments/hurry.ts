import { isFinal, type PaymentRecord } from '../../domain/payment.ts';
import type { PaymentPorts } from './ports.ts';

/** Queues a payment that somebody has to look at. The sweep finds it anyway; a message only hurries it. */
export async function hurry(
  { queue, log }: Pick<PaymentPorts, 'queue' | 'log'>,
  { company, id, state }: PaymentRecord,
): Promise<void> {
  if (isFinal(state) || state === 'awaiting-approval') return;
  try {
    await queue.send({ version: 1, company, payment: id });
  } catch {
    log.warn('payment.not-queued', { payment: id });
  }
}
