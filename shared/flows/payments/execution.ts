import type { PaymentRules } from '../../banks/contract.ts';
import { addDays, dateIn, type PlainDate } from '../../domain/dates.ts';
import { bankingDayFrom } from '../../domain/banking-days.ts';
import type { OrderPriority } from '../../domain/order-file.ts';

/** The day an order is asked for, and the day the bank can execute it. */
export interface Execution {
  readonly requested: PlainDate;
  readonly day: PlainDate;
}

/**
 * The day on which an order can be executed: the day asked for, moved on from week-ends, public holidays and, where
 * the bank tells its cut-off, from an evening behind it. An instant payment knows no calendar.
 * @param now epoch milliseconds
 * @returns `null` for a day gone by
 */
export function executionOf(
  requested: PlainDate | null,
  priority: OrderPriority,
  rules: PaymentRules,
  timeZone: string,
  now: number,
): Execution | null {
  const today = dateIn(timeZone, now);
  const asked = requested ?? today;
  if (asked < today) return null;
  if (priority === 'instant') return { requested: asked, day: asked };
  const cutOff = rules.cutOff[priority];
  const late = cutOff !== undefined && asked === today && timeIn(timeZone, now) > cutOff;
  return { requested: asked, day: bankingDayFrom(late ? addDays(asked, 1) : asked) };
}

/** Time of day in a zone, `HH:MM`. */
function timeIn(timeZone: string, now: number): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(now);
}
