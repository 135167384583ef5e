import { isoInstant } from '../../domain/dates.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import { isFinal } from '../../domain/payment.ts';
import type { Connection } from '../../domain/records.ts';
import type { DuePayment, Payments } from '../../store/payments.ts';

/** Orders of a connection that is not in use are put off by less than this. */
const PUT_OFF_MS = 3_600_000;

/** Every order that somebody would look at soon, of all companies. @param now epoch milliseconds */
export const openOrders = (payments: Payments, now: number): Promise<DuePayment[]> =>
  payments.due(isoInstant(now + PUT_OFF_MS));

/**
 * Reminds of orders that wait, sent or unsent, because their connection is not in use: nobody asks the bank about them.
 * While a connection is in use, those of unknown outcome and the silent ones are alarms of their own.
 * @param open of this company
 */
export async function remindOfOrders(
  ports: { readonly clock: Clock; readonly log: Log; readonly payments: Payments },
  connections: readonly Connection[],
  open: readonly DuePayment[],
): Promise<void> {
  const idle = new Map(connections.filter(({ status }) => status !== 'active').map((one) => [one.id, 0]));
  if (idle.size === 0) return;
  for (const { company, payment } of open) {
    const order = await ports.payments.get(company, payment);
    const waiting = order && !isFinal(order.state) ? idle.get(order.connection) : undefined;
    if (waiting !== undefined) idle.set(order!.connection, waiting + 1);
  }
  for (const [connection, items] of idle) {
    if (items > 0) ports.log.error('alarm.payments-waiting', { connection, items });
  }
}
