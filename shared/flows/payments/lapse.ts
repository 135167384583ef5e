import type { Manifest, PaymentRules } from '../../banks/contract.ts';
import { rulesOf } from '../../banks/offers.ts';
import { addDays, dateIn, isoInstant, type PlainDate } from '../../domain/dates.ts';
import type { OrderGroup } from '../../domain/order-file.ts';
import type { PaymentRecord } from '../../domain/payment.ts';
import { executionOf } from './execution.ts';

/**
 * What becomes of an order whose day goes by before anything of it was sent, because the bank was down, the connection
 * paused or nobody approved it. For as many days as the bank gives people for a signature it still goes, for the next
 * day the bank can do, and its history tells so: whoever ordered it wants it paid. Then it is given up, since nobody
 * expects a payment weeks later. An order of which anything may be at the bank is never touched: there the bank's
 * word decides.
 */

/** The instant at which to see whether an order is to be given up. */
export const lapseOf = (day: PlainDate, { tracking }: PaymentRules): string =>
  isoInstant(Date.parse(addDays(day, tracking.expiryDays + 1)));

/** Whether an order waits to be sent whose day went by too long ago. */
export function hasLapsed(payment: PaymentRecord, manifest: Manifest, now: number): boolean {
  const waits = payment.state === 'accepted' || payment.state === 'awaiting-approval';
  const { tracking } = rulesOf(manifest, payment.format);
  const last = addDays(payment.executionDate, tracking.expiryDays);
  return waits && nothingSent(payment) && dateIn(manifest.timeZone, now) > last;
}

/** Whether an order must get another day before it is rendered. */
export const isLate = (payment: PaymentRecord, today: PlainDate): boolean =>
  payment.executionDate < today && nothingSent(payment);

/** The groups of a late order, those of a day gone by with the next one the bank can do. */
export function redated(
  groups: readonly OrderGroup[],
  rules: PaymentRules,
  timeZone: string,
  now: number,
): OrderGroup[] {
  const today = dateIn(timeZone, now);
  return groups.map((group) => {
    if (group.date === null || group.date >= today) return group;
    return { ...group, date: executionOf(null, group.priority, rules, timeZone, now)!.day };
  });
}

const nothingSent = ({ attempts }: PaymentRecord): boolean =>
  attempts.every(({ outcome }) => outcome === 'not-sent');
