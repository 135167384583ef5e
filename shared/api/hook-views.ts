import type { Hook } from '../domain/hook.ts';
import { formatMoney } from '../domain/money.ts';
import type { OrderPayment } from '../domain/order-file.ts';
import type { PaymentRecord } from '../domain/payment.ts';

/** Hooks as the API shows them; the secret is in no view. */

/** Payments of a dry run that are shown. */
const SHOWN = 100;

/** @param today calendar day of the limits */
export const hookView = (h: Hook, today: string) => ({
  id: h.id,
  name: h.name,
  path: `/hooks/payments/${h.id}`,
  user: h.user,
  createdBy: h.createdBy,
  verification: h.verification,
  idempotencyKey: h.idempotencyKey,
  accounts: h.accounts,
  limits: h.limits,
  usedToday: h.usage?.day === today ? h.usage.sums : {},
  mapping: h.mapping,
  createdAt: h.createdAt,
  lastOrderAt: h.lastOrderAt,
});

interface Findings {
  readonly pointer: string;
  readonly detail: string;
}

/** What a message would do. */
export const rehearsalView = (r: {
  readonly verdict: string;
  readonly order: { readonly payment: PaymentRecord; readonly payments: readonly OrderPayment[] } | null;
  readonly findings: readonly Findings[];
  readonly warnings: readonly Findings[];
}) => ({
  verification: r.verdict,
  order: r.order && orderView(r.order.payment, r.order.payments),
  findings: r.findings.slice(0, SHOWN),
  warnings: r.warnings.slice(0, SHOWN),
});

const orderView = (p: PaymentRecord, payments: readonly OrderPayment[]) => ({
  state: p.state,
  account: p.accounts[0]!,
  sum: p.sum,
  currency: p.currency,
  count: p.tally.count,
  executionDate: p.executionDate,
  duplicateOf: p.duplicateOf,
  payments: payments.slice(0, SHOWN).map((one) => ({
    amount: formatMoney(one.amount),
    currency: one.amount.currency,
    creditor: one.creditor,
    variableSymbol: one.variableSymbol,
    constantSymbol: one.constantSymbol,
    specificSymbol: one.specificSymbol,
    message: one.message,
    endToEndId: one.endToEndId,
  })),
});
