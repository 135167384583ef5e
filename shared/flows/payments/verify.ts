import type { RenderedOrder } from '../../banks/contract.ts';
import { localNumber } from '../../domain/account-number.ts';
import type { OrderGroup, OrderPayment } from '../../domain/order-file.ts';
import { formatMoney } from '../../domain/money.ts';
import { kindOf } from '../../domain/payment-kind.ts';
import { readFileAs } from '../../formats/files.ts';
import { payeeAccountText, payeeBic } from '../../formats/foreign.ts';
import { domesticAccountOf, partyIban } from '../../formats/order-party.ts';
import type { Counterparty } from '../../domain/model.ts';

/** Differences told; one is reason enough. */
const TOLD = 5;

/**
 * Reads a rendered order back and holds it against the order: every payment in its place, with its payer, creditor,
 * amount, symbols and day, and beyond the domestic clearing with the bank, the charges and the currency of the account
 * that pays. The last look before it leaves the house.
 * @returns what differs, in words; empty when nothing does
 */
export async function differences(
  groups: readonly OrderGroup[],
  format: string,
  { document }: RenderedOrder,
): Promise<string[]> {
  const { orders, quarantined } = await readFileAs(format, document.bytes);
  if (quarantined.length > 0) return [`an item cannot be read back: ${quarantined[0]!.message}`];
  const [meant, read] = [factsOf(groups, format), factsOf(orders, format)];
  if (meant.length !== read.length) return [`${meant.length} payments became ${read.length}`];
  const differing = meant.flatMap((facts, at) =>
    facts === read[at] ? [] : [`payment ${at + 1}: ${facts} became ${read[at]}`],
  );
  return differing.slice(0, TOLD);
}

/**
 * What must not change on the way, payment by payment, whatever the order of the groups is.
 * Names and messages may be transliterated, which is told with the rendering.
 */
function factsOf(groups: readonly OrderGroup[], format: string): string[] {
  return groups
    .flatMap((group) => group.payments.map((payment) => factOf(group, payment, format)))
    .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

const factOf = (group: OrderGroup, payment: OrderPayment, format: string): string =>
  [
    group.kind,
    group.priority,
    group.date ?? '',
    accountText(payment.payer ?? group.payer),
    ...(kindOf(payment) === 'domestic'
      ? [accountText(payment.creditor)]
      : [payeeAccountText(payment.creditor), payeeBic(payment.creditor) ?? '', ...abroad(payment)]),
    // The formats that name it.
    format === 'pain.001' || format === 'cobs' ? (group.payerCurrency ?? '') : '',
    formatMoney(payment.amount),
    payment.amount.currency,
    payment.variableSymbol ?? '',
    payment.constantSymbol ?? '',
    payment.specificSymbol ?? '',
  ].join(' ');

/** What only foreign payments have. */
const abroad = (payment: OrderPayment): readonly string[] =>
  kindOf(payment) === 'foreign'
    ? [
        payment.charges ?? 'shared',
        payment.creditorAddress?.country ?? '',
        payment.creditorBank?.address?.country ?? '',
      ]
    : [];

/** The same text for the same account, whichever way it is written. */
export function accountText(party: Counterparty): string {
  const iban = partyIban(party);
  if (iban !== null && iban !== 'conflict') return iban;
  const account = domesticAccountOf(party);
  if (account === null || account === 'conflict') return party.number ?? '';
  return `${localNumber(account)}/${account.bankCode ?? party.bankCode ?? ''}`;
}
