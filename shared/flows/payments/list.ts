import type { PaymentRecord } from '../../domain/payment.ts';
import type { Clock } from '../../domain/ports.ts';
import { paymentKey } from '../../store/keys.ts';
import type { Payments } from '../../store/payments.ts';

/** Milliseconds one page may be searched for: less than a request may take. */
const PATIENCE = 10_000;

/**
 * A page of the wanted payments, newest first. It is full unless the list ends there, or finding them takes too long:
 * then `next` leads on all the same.
 * @param options.after sort key behind which the page begins, `null` = the newest
 */
export async function listPayments(
  { payments, clock }: { readonly payments: Payments; readonly clock: Clock },
  company: string,
  options: {
    readonly after: string | null;
    readonly limit: number;
    isWanted(payment: PaymentRecord): boolean;
  },
): Promise<{ items: PaymentRecord[]; next: string | null }> {
  const { limit, isWanted } = options;
  const items: PaymentRecord[] = [];
  let next = options.after;
  const end = clock.now() + PATIENCE;
  do {
    const page = await payments.list(company, limit, next);
    items.push(...page.items.filter(isWanted));
    next = page.next;
    if (items.length > limit) {
      items.length = limit;
      next = paymentKey(company, items.at(-1)!.id).sk;
    }
  } while (next !== null && items.length < limit && clock.now() < end);
  return { items, next };
}
