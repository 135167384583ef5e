import type { PaymentMessage } from '../../shared/flows/payments/message.ts';
import { sweepPayments } from '../../shared/flows/payments/sweep.ts';
import { createQueue, queueClient } from '../../shared/store/queues.ts';
import { clock, log, openStore, random, setting } from '../compose.ts';

const { payments } = openStore();
const queue = createQueue<PaymentMessage>(queueClient(), setting('PAYMENT_QUEUE_URL'), clock, random);

/** Invoked every minute: queues the payments that are due. */
export async function handler(): Promise<{ due: number }> {
  return sweepPayments({ clock, log, payments, queue });
}
