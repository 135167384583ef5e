import type { OrderGroup } from '../domain/order-file.ts';
import { kindOf, type PaymentKind } from '../domain/payment-kind.ts';
import type { OrderFileFormat, OrderFormat, PaymentRules } from './contract.ts';

/** What a manifest offers for a payment. */

/** Whether orders are handed out as files, because Brana sends nothing to the bank. */
export const isByFile = ({ steps }: Pick<PaymentRules, 'steps'>): boolean => steps.length === 0;

/** The format a payment of this kind and currency goes in; `null` where the bank gets none through Brana. */
export const formatFor = (
  { formats }: Pick<PaymentRules, 'formats'>,
  kind: PaymentKind,
  currency: string,
): OrderFormat | null =>
  formats.find((one) => one.kinds.includes(kind) && (one.currencies?.includes(currency) ?? true)) ?? null;

/**
 * The first thing in an order that its format does not carry at this bank.
 * @returns what, in words, and its JSON pointer from the groups; `null` when the bank takes it all
 */
export function notOffered(
  rules: Pick<PaymentRules, 'formats'>,
  format: OrderFileFormat,
  groups: readonly OrderGroup[],
): { readonly what: string; readonly pointer: string } | null {
  for (const [at, { currency, kind: groupKind, priority, payments }] of groups.entries()) {
    if (groupKind !== 'credit-transfer') {
      return { what: 'Only payments are taken, no collections', pointer: `/${at}/kind` };
    }
    for (const [index, payment] of payments.entries()) {
      const kind = kindOf(payment);
      const offered = formatFor(rules, kind, currency);
      if (offered?.format !== format) {
        const what = `The bank gets no ${kind} payments in ${currency} as ${format}`;
        return { what, pointer: `/${at}/payments/${index}` };
      }
      if (!offered.priorities.includes(priority)) {
        const what = `The bank has no ${priority} payments as ${format}, only ${offered.priorities.join(', ')}`;
        return { what, pointer: `/${at}/priority` };
      }
    }
  }
  return null;
}
