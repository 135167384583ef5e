import { isoInstant } from '../../domain/dates.ts';
import { printable } from '../../domain/failure.ts';
import type { PaymentPorts } from './ports.ts';

/** Queues every payment that is due: what a lost message or a dead process left behind is found here. */
export async function sweepPayments(
  ports: Pick<PaymentPorts, 'clock' | 'log' | 'payments' | 'queue'>,
): Promise<{ due: number }> {
  const due = await ports.payments.due(isoInstant(ports.clock.now()));
  for (const { company, payment } of due) {
    try {
      await ports.queue.send({ version: 1, company, payment });
    } catch (error) {
      ports.log.error('alarm.payment', { payment, ...printable(error) });
    }
  }
  return { due: due.length };
}
