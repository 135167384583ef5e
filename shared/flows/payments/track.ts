import { isByFile } from '../../banks/offers.ts';
import { bankingDaysAfter } from '../../domain/banking-days.ts';
import { addDays, dateIn } from '../../domain/dates.ts';
import { changePayment } from './change.ts';
import { settle } from './settle.ts';
import { applyStatus, nextLook } from './status.ts';
import { sentOf } from './submit.ts';
import type { PaymentRun } from './work.ts';

/** Banking days after which an order the bank took and shows nowhere is an alarm. */
const SILENT_DAYS = 5;

/**
 * Follows an order that is at the bank: asks for its status where the bank has one, looks for its payments among the
 * booked movements, and gives up when nobody signed it in time.
 * @throws Failure, PaymentMoved
 */
export async function track(run: PaymentRun): Promise<void> {
  const { connector, manifest, ports } = run;
  const before = run.payment.revision;
  if (connector.orderStatus) {
    const status = await connector.orderStatus(await sentOf(run));
    if (status) await applyStatus(run, status, 'bank');
  }
  await settle(run);
  const { payment } = run;
  if (payment.dueAt === null) return;
  const sent = dateIn(manifest.timeZone, Date.parse(payment.attempts.at(-1)!.startedAt));
  const today = dateIn(manifest.timeZone, ports.clock.now());
  const asked = payment.executionDate > sent ? payment.executionDate : sent;
  if (payment.state !== 'processing' && today > addDays(asked, run.rules.tracking.expiryDays)) {
    const days = run.rules.tracking.expiryDays;
    const reason = isByFile(run.rules)
      ? `Nothing of it was booked within ${days} days. Do not upload its file any more; order it anew`
      : `Nobody signed it at the bank within ${days} days`;
    run.payment = await changePayment(
      ports,
      payment,
      { dueAt: null },
      { to: 'expired', source: 'gateway', reason },
    );
    return;
  }
  if (payment.state !== 'awaiting-signature' && today > bankingDaysAfter(asked, SILENT_DAYS)) {
    ports.log.error('alarm.payment-silent', { payment: payment.id, state: payment.state });
  }
  if (payment.revision === before) {
    run.payment = await changePayment(ports, payment, { dueAt: nextLook(run) });
  }
}
