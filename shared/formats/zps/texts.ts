import type { OrderPayment, PostalAddress } from '../../domain/order-file.ts';
import { fitText, lossesOf } from '../letters.ts';
import { slashedText } from '../pain001/symbols.ts';
import type { Loss } from '../stream.ts';
import { inLines, LINE, LINES, MAX_REFERENCE, NAME_LINES } from './fields.ts';

/** The texts of a payment as the lines of its fields, and what it took to fit them. */

/** Letters of foreign orders; the bank makes anything else a space. */
export const LETTERS = 'swift';

/** Payee or bank: two lines of a name and two of an address. */
export type NameAndAddress = readonly [string, string, string, string];

export interface PaymentTexts {
  readonly reference: string;
  readonly bank: NameAndAddress;
  readonly payee: NameAndAddress;
  /** One to four lines; the first one is empty where there is no purpose. */
  readonly purpose: readonly string[];
}

/** @param pointer of the payment, for the losses */
export function textsOf(payment: OrderPayment, pointer: string, losses: Loss[]): PaymentTexts {
  const fit = (text: string | null, most: number, field: string): string => {
    const fitted = fitText(text ?? '', most, LETTERS);
    losses.push(...lossesOf(fitted, `${pointer}/${field}`));
    return fitted.text;
  };
  const { creditor, creditorAddress, creditorBank } = payment;
  const place = (name: string | null, nameField: string, address: PostalAddress | null, field: string) => {
    const names = inLines(fit(name, NAME_LINES * LINE, nameField));
    const lines = addressLines(address, (text, most) => fit(text, most, field));
    return [names[0] ?? '', names[1] ?? '', lines[0] ?? '', lines[1] ?? ''] as const;
  };
  // A foreign payment has no symbols of its own, so they stand in front of the text, as in SEPA.
  const symbols = slashedText(payment);
  const room = LINES * LINE - (symbols === '' ? 0 : symbols.length + 1);
  const message = fit(payment.message, room, 'message');
  return {
    reference: fit(payment.endToEndId, MAX_REFERENCE, 'endToEndId'),
    bank: place(
      creditorBank?.name ?? null,
      'creditorBank/name',
      creditorBank?.address ?? null,
      'creditorBank/address',
    ),
    payee: place(creditor.name, 'creditor/name', creditorAddress ?? null, 'creditorAddress'),
    purpose: inLines([symbols, message].filter((part) => part !== '').join(' ')),
  };
}

/** An address in two lines: its parts each in one where they fit, else one behind the other. */
function addressLines(
  address: PostalAddress | null,
  fit: (text: string, most: number) => string,
): readonly string[] {
  if (!address) return [];
  const { street, buildingNumber, postCode, town, lines } = address;
  const parts = [[street, buildingNumber], [postCode, town], lines.slice(0, 1), lines.slice(1)]
    .map((words) => words.filter((word) => word !== null && word.trim() !== '').join(' '))
    .filter((part) => part !== '');
  const whole = parts.length <= 2 && parts.every((part) => part.length <= LINE);
  return whole ? parts.map((part) => fit(part, LINE)) : inLines(fit(parts.join(', '), 2 * LINE));
}
