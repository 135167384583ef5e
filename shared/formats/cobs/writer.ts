import { isPlainDate } from '../../domain/dates.ts';
import { jsonText, rawNumber } from '../../domain/json.ts';
import type { Counterparty } from '../../domain/model.ts';
import { formatMoney } from '../../domain/money.ts';
import type { OrderGroup, OrderPayment, OrderPriority } from '../../domain/order-file.ts';
import { kindOf } from '../../domain/payment-kind.ts';
import { isValidIban } from '../../domain/account-number.ts';
import { FormatError } from '../errors.ts';
import { fitText, lossesOf } from '../letters.ts';
import { partyIban } from '../order-party.ts';
import { references, slashedText } from '../pain001/symbols.ts';
import type { Loss, Written } from '../stream.ts';

/**
 * Writer of one payment as the Czech Open Banking Standard has it (COBS 8.0, `POST /my/payments`): JSON with the names
 * of ISO 20022. Domestic payments and SEPA; the standard also knows foreign ones, which nobody needs here yet.
 */

/** Letters of a payee's name and of the text; the standard sets no lengths, ISO 20022 does. */
const MAX_NAME = 70;
const MAX_TEXT = 140;

const PRIORITIES: Readonly<Record<OrderPriority, string>> = {
  normal: 'NORM',
  urgent: 'HIGH',
  instant: 'INST',
};

/**
 * Writes the one payment of an order.
 * @param id `instructionIdentification`, by which the bank tells repeated orders: at most 35 plain characters
 * @throws FormatError naming the rule and the JSON pointer, from the list of groups, of what cannot be written
 */
export function writeCobsPayment(groups: readonly OrderGroup[], id: string): Written {
  const [group] = groups;
  const [payment] = group?.payments ?? [];
  if (!group || !payment || groups.length > 1 || group.payments.length > 1) {
    throw new FormatError('payment-count', 'An order of this format has exactly one payment: divide it');
  }
  if (!/^[!-~]{1,35}$/.test(id))
    throw new FormatError('id-unwritable', 'The id has 1 to 35 plain characters');
  const losses: Loss[] = [];
  const written = {
    paymentIdentification: {
      instructionIdentification: id,
      ...(payment.endToEndId === null ? {} : { endToEndIdentification: payment.endToEndId }),
    },
    paymentTypeInformation: { instructionPriority: PRIORITIES[group.priority] },
    amount: { instructedAmount: amountOf(payment) },
    requestedExecutionDate: dayOf(group),
    debtorAccount: {
      identification: { iban: ibanOf(payment.payer ?? group.payer, '/0/payer') },
      ...(group.payerCurrency === undefined ? {} : { currency: group.payerCurrency }),
    },
    ...creditorOf(payment, losses),
    ...remittanceOf(payment, losses),
  };
  return { bytes: new TextEncoder().encode(jsonText(written)), losses };
}

function amountOf({ amount }: OrderPayment): { value: unknown; currency: string } {
  if (amount.minor <= 0n)
    throw new FormatError('amount-not-positive', 'The amount is not above zero', '/0/payments/0/amount');
  return { value: rawNumber(formatMoney(amount)), currency: amount.currency };
}

function dayOf({ date }: OrderGroup): string {
  if (date !== null && isPlainDate(date)) return date;
  throw new FormatError('date-missing', 'There is no day of execution: give one as YYYY-MM-DD', '/0/date');
}

function ibanOf(party: Counterparty, pointer: string): string {
  const iban = partyIban(party);
  if (iban !== null && iban !== 'conflict' && isValidIban(iban)) return iban;
  throw new FormatError('iban-missing', 'The account has no valid IBAN: give one', pointer);
}

function creditorOf(payment: OrderPayment, losses: Loss[]) {
  const at = '/0/payments/0/creditor';
  const sepa = kindOf(payment) === 'sepa';
  const { creditor } = payment;
  const name = fitText(creditor.name ?? '', MAX_NAME, sepa ? 'epc' : 'domestic');
  losses.push(...lossesOf(name, `${at}/name`));
  if (sepa && name.text === '')
    throw new FormatError('name-missing', 'A SEPA payment needs the name of the payee', `${at}/name`);
  return {
    ...(creditor.bic === null || !sepa
      ? {}
      : { creditorAgent: { financialInstitutionIdentification: { bic: creditor.bic } } }),
    ...(name.text === '' ? {} : { creditor: { name: name.text } }),
    creditorAccount: { identification: { iban: ibanOf(creditor, at) } },
  };
}

/** Domestic symbols have a place of their own; in SEPA they stand before the text, as in a pain.001. */
function remittanceOf(payment: OrderPayment, losses: Loss[]) {
  const domestic = kindOf(payment) === 'domestic';
  const symbols = domestic ? '' : slashedText(payment);
  const room = symbols === '' ? MAX_TEXT : MAX_TEXT - symbols.length - 1;
  const message = fitText(payment.message ?? '', room, domestic ? 'domestic' : 'epc');
  losses.push(...lossesOf(message, '/0/payments/0/message'));
  const text = [symbols, message.text].filter((part) => part !== '').join(' ');
  const reference = domestic ? references(payment) : [];
  if (text === '' && reference.length === 0) return {};
  return {
    remittanceInformation: {
      ...(text === '' ? {} : { unstructured: text }),
      ...(reference.length === 0 ? {} : { structured: { creditorReferenceInformation: { reference } } }),
    },
  };
}
