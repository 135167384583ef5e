import type { OrderGroup } from '../domain/order-file.ts';
import { kindOf, type PaymentKind } from '../domain/payment-kind.ts';
import type {
  ExperimentalPayments,
  Manifest,
  OrderFileFormat,
  OrderFormat,
  PaymentRules,
} from './contract.ts';

/** What a manifest offers for a payment. */

/** Whether orders are handed out as files, because Brana sends nothing to the bank. */
export const isByFile = ({ signing }: Pick<PaymentRules, 'signing'>): boolean => signing === 'file';

/** A bank's experimental way for orders, where a connection is set to it. */
const experimentalOf = (
  { experimental }: Pick<Manifest, 'experimental'>,
  config: Readonly<Record<string, string>>,
): ExperimentalPayments | null =>
  experimental && config[experimental.asked.field] === experimental.asked.value ? experimental : null;

/** Scopes to ask for with a connection's consent. */
export const scopesOf = (
  manifest: Pick<Manifest, 'consent' | 'experimental'>,
  config: Readonly<Record<string, string>>,
): readonly string[] => [
  ...(manifest.consent?.scopes ?? []),
  ...(experimentalOf(manifest, config)?.scopes ?? []),
];

/** The rules for a fresh order of a connection: the experimental way where it is set and fits, else the ordinary one. */
export function rulesForNew(
  manifest: Pick<Manifest, 'payments' | 'experimental'>,
  config: Readonly<Record<string, string>>,
  groups: readonly OrderGroup[],
): PaymentRules | null {
  const { payments } = manifest;
  const rules = experimentalOf(manifest, config)?.rules;
  if (!rules) return payments;
  const all = groups.flatMap((group) => group.payments);
  const format = all[0] && formatFor(rules, kindOf(all[0]), all[0].amount.currency)?.format;
  const fits = format !== undefined && all.length <= rules.maxPayments && !notOffered(rules, format, groups);
  return fits ? rules : payments;
}

/** The rules an order goes by: those that its format belongs to, whatever its connection is set to by now. */
export function rulesOf(
  { payments, experimental }: Pick<Manifest, 'payments' | 'experimental'>,
  format: string,
): PaymentRules {
  const belongs = experimental?.rules.formats.some((one) => one.format === format);
  return belongs ? experimental!.rules : payments!;
}

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
