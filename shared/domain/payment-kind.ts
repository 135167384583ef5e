import { isSepaIban } from './countries.ts';
import { normaliseIban } from './iban.ts';
import type { Counterparty } from './model.ts';
import type { OrderPayment } from './order-file.ts';

/**
 * What a payment is; everything else follows from it: the format it travels in, what it needs, what it may ask for.
 *
 * - `domestic`: crowns to a Czech account, through the Czech clearing, with symbols.
 * - `sepa`: euro to an IBAN of a SEPA country, charges shared (the scheme knows no other).
 * - `foreign`: everything else: other currencies wherever they go, crowns abroad, euro beyond SEPA or at charges that
 *   one side bears alone.
 */
export const PAYMENT_KINDS = ['domestic', 'sepa', 'foreign'] as const;
export type PaymentKind = (typeof PAYMENT_KINDS)[number];

/** The one place where it is decided what a payment is. */
export function kindOf({
  amount,
  creditor,
  charges,
}: Pick<OrderPayment, 'amount' | 'creditor' | 'charges'>): PaymentKind {
  if (amount.currency === 'CZK' && isCzech(creditor)) return 'domestic';
  const shared = charges === undefined || charges === 'shared';
  const iban = ibanIn(creditor);
  const sepa = iban === null ? isCzech(creditor) : isSepaIban(iban);
  return amount.currency === 'EUR' && sepa && shared ? 'sepa' : 'foreign';
}

/**
 * Whether a party's account is a Czech one: by its IBAN, else by a bank code, for only the Czech number comes with one.
 * A number with neither code nor BIC is taken for a Czech one whose code was forgotten.
 */
export function isCzech(party: Counterparty): boolean {
  const iban = ibanIn(party);
  return iban === null ? party.bankCode !== null || party.bic === null : iban.startsWith('CZ');
}

const ibanIn = ({ iban }: Counterparty): string | null =>
  iban === null ? null : (normaliseIban(iban) ?? iban);
