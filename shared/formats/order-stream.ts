import type { QuarantinedItem, Warning } from '../domain/model.ts';
import type { OrderFile, OrderGroup, OrderPayment } from '../domain/order-file.ts';

/**
 * What a reader of order files yields while it goes through a file: payments as they come, then the group that closes
 * over them. Nothing of the file is kept, so memory does not grow with it.
 */
export type OrderEvent =
  /** The file's own header; comes once, before the first group ends. */
  | { readonly type: 'file'; readonly id: string | null; readonly createdAt: string | null }
  | { readonly type: 'payment'; readonly payment: OrderPayment }
  | { readonly type: 'quarantined'; readonly item: QuarantinedItem }
  | { readonly type: 'warning'; readonly warning: Warning }
  /** Ends a group: its figures, without the payments yielded before. */
  | { readonly type: 'group'; readonly group: Omit<OrderGroup, 'payments'> };

/** Warnings kept of one rule; a file that is wrong throughout is wrong a hundred times in the same way. */
const MAX_WARNINGS = 100;

/** The whole-file form. Nothing is given of a file that ends in an error. */
export function collectOrders(events: Iterable<OrderEvent>): OrderFile {
  const groups: OrderGroup[] = [];
  const warnings: Warning[] = [];
  const quarantined: QuarantinedItem[] = [];
  let header: Pick<OrderFile, 'id' | 'createdAt'> = { id: null, createdAt: null };
  let payments: OrderPayment[] = [];
  const counts = new Map<string, number>();
  for (const event of events) {
    switch (event.type) {
      case 'file':
        header = { id: event.id, createdAt: event.createdAt };
        break;
      case 'payment':
        payments.push(event.payment);
        break;
      case 'quarantined':
        quarantined.push(event.item);
        break;
      case 'warning': {
        const { rule } = event.warning;
        const count = (counts.get(rule) ?? 0) + 1;
        counts.set(rule, count);
        if (count <= MAX_WARNINGS) warnings.push(event.warning);
        break;
      }
      case 'group':
        groups.push({ ...event.group, payments });
        payments = [];
    }
  }
  for (const [rule, count] of counts) {
    if (count <= MAX_WARNINGS) continue;
    const message = `${count - MAX_WARNINGS} more warnings of the rule ${rule} were left out.`;
    warnings.push({ rule: 'more-warnings', message, position: null });
  }
  return { ...header, groups, warnings, quarantined };
}

/**
 * The same payments in groups of one payer each: a group whose payments name their own payers is divided, in the order
 * the payers appear; its declared figures belong to none of the parts. Other groups stay as they are.
 */
export function groupByPayer(group: OrderGroup): OrderGroup[] {
  if (group.payments.every(({ payer }) => payer === undefined)) return [group];
  const parts = new Map<string, { payer: OrderGroup['payer']; payments: OrderPayment[] }>();
  for (const { payer = group.payer, ...payment } of group.payments) {
    const key = JSON.stringify([payer.iban, payer.number, payer.bankCode]);
    const part = parts.get(key);
    if (part) part.payments.push(payment);
    else parts.set(key, { payer, payments: [payment] });
  }
  return [...parts.values()].map(({ payer, payments }) => ({
    ...group,
    payer,
    sum: {
      minor: payments.reduce((total, { amount }) => total + amount.minor, 0n),
      currency: group.currency,
    },
    declared: parts.size === 1 ? group.declared : { sum: null, count: null },
    payments,
  }));
}
