import type { OrderPayment } from '../../domain/order-file.ts';
import { FormatError } from '../errors.ts';
import { checkForeign, payeeAccount, type NoteFault } from '../foreign.ts';
import { element, type Node } from './xml.ts';

/** What is peculiar to foreign payments in a pain.001. */

/**
 * Everything that is missing or wrong in a foreign payment, all at once. Addresses of cross-border payments name town
 * and country apart since November 2026 (SWIFT CBPR+, end of unstructured addresses).
 */
export function checkPain001Foreign(payment: OrderPayment, pointer: string, note: NoteFault): void {
  checkForeign(payment, pointer, note);
  const { creditorAddress: address } = payment;
  if (!address || (address.town?.trim() && address.country)) return;
  const message = "The payee's address needs town and country; further lines may stand beside them";
  note(`${pointer}/creditorAddress`, 'address-incomplete', message);
}

/** @throws FormatError for the first thing {@link checkPain001Foreign} finds */
export function refuseIncomplete(payment: OrderPayment, pointer: string): void {
  checkPain001Foreign(payment, pointer, (at, rule, message) => {
    throw new FormatError(rule, message, at);
  });
}

/** `Id` of the account to pay to: an IBAN, or what another country has instead. */
export function foreignAccountId({ creditor }: OrderPayment): Node {
  const account = payeeAccount(creditor)!;
  return 'iban' in account
    ? element('Id', [element('IBAN', account.iban)])
    : element('Id', [element('Othr', [element('Id', account.other)])]);
}
