import type { Money } from './money.ts';
import { formatMoney, parseMoney } from './money.ts';
import type { OrderGroup, OrderPayment } from './order-file.ts';

/** Groups of an order as JSON text and back: how an order stands in the archive. Amounts are decimal strings. */

export const ORDER_MEDIA_TYPE = 'application/vnd.brana.order+json';

interface StoredMoney {
  readonly amount: string;
  readonly currency: string;
}
type Stored<T> = { readonly [K in keyof T]: T[K] extends Money ? StoredMoney : T[K] };
type StoredPayment = Stored<OrderPayment>;
type StoredGroup = Omit<Stored<OrderGroup>, 'payments' | 'declared'> & {
  readonly payments: readonly StoredPayment[];
};

const stored = (money: Money): StoredMoney => ({ amount: formatMoney(money), currency: money.currency });
const money = ({ amount, currency }: StoredMoney): Money => parseMoney(amount, currency);

export function groupsToJson(groups: readonly OrderGroup[]): Uint8Array {
  const plain = groups.map(({ declared: _, ...group }) => ({
    ...group,
    sum: stored(group.sum),
    payments: group.payments.map((payment) => ({ ...payment, amount: stored(payment.amount) })),
  }));
  return new TextEncoder().encode(JSON.stringify({ version: 1, groups: plain }));
}

/** @throws Error for bytes that {@link groupsToJson} did not write */
export function groupsFromJson(bytes: Uint8Array): OrderGroup[] {
  const { version, groups } = JSON.parse(new TextDecoder().decode(bytes)) as {
    version: unknown;
    groups: StoredGroup[];
  };
  if (version !== 1) throw new Error('This is no stored order of version 1');
  return groups.map((group) => ({
    ...group,
    sum: money(group.sum),
    declared: { sum: null, count: null },
    payments: group.payments.map((payment) => ({ ...payment, amount: money(payment.amount) })),
  }));
}

/** All payments of an order in their order; an item's index counts over all groups. */
export const paymentsOf = (groups: readonly OrderGroup[]): OrderPayment[] =>
  groups.flatMap(({ payments }) => payments);
