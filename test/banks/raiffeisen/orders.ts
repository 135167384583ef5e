import { createHash } from 'node:crypto';
import type { Connector, OrderToRender, SentOrder } from '../../../shared/banks/contract.ts';
import { dateIn } from '../../../shared/domain/dates.ts';
import type { OrderGroup, OrderPayment } from '../../../shared/domain/order-file.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';

/** Orders to render, and orders as they are sent. The payers are accounts of the simulated bank. */

export const TODAY = '2026-11-21';
export const PAYER = { ...NOBODY, name: 'Lísková & spol. s.r.o.', number: '5017482301', bankCode: '5500' };
export const WAGES = { ...PAYER, number: '35-2903571487' };

const symbols = { variableSymbol: '2026000123', constantSymbol: '0308', specificSymbol: '7' };

export function payment(values: Partial<OrderPayment> = {}): OrderPayment {
  return {
    ...symbols,
    rawSymbols: symbols,
    amount: { minor: 125050n, currency: 'CZK' },
    creditor: { ...NOBODY, number: '19-2000145399', bankCode: '0800' },
    message: 'Faktura 2026000123',
    endToEndId: null,
    instructionId: null,
    ...values,
  };
}

export function group(values: Partial<OrderGroup> = {}): OrderGroup {
  const payments = values.payments ?? [payment()];
  const currency = payments[0]?.amount.currency ?? 'CZK';
  return {
    id: null,
    kind: 'credit-transfer',
    priority: 'normal',
    payer: PAYER,
    currency,
    date: TODAY,
    sum: { minor: payments.reduce((sum, { amount }) => sum + amount.minor, 0n), currency },
    declared: { sum: null, count: null },
    payments,
    ...values,
  };
}

let orders = 0;

/** An order of its own: the next id and serial. */
export function order(values: Partial<OrderToRender> = {}): OrderToRender {
  orders += 1;
  return {
    id: `pay_${String(orders).padStart(26, '0')}`,
    serial: orders,
    format: 'kpc',
    createdAt: `${TODAY}T10:00:00.000Z`,
    today: TODAY,
    groups: [group()],
    ...values,
  };
}

export const euro = (values: Partial<OrderPayment> = {}): OrderPayment =>
  payment({
    variableSymbol: null,
    constantSymbol: null,
    specificSymbol: null,
    amount: { minor: 9990n, currency: 'EUR' },
    creditor: { ...NOBODY, name: 'Muster GmbH', iban: 'DE89370400440532013000' },
    endToEndId: 'RE-2026-77',
    ...values,
  });

export const euroOrder = (values: Partial<OrderToRender> = {}): OrderToRender =>
  order({ format: 'pain.001', groups: [group({ payments: [euro()] })], ...values });

/** An order as it goes to the bank. */
export function rendered(connector: Required<Connector>, one = order()): SentOrder {
  const { document } = connector.render(one);
  const sha256 = createHash('sha256').update(document.bytes).digest('hex');
  const { id, format, createdAt: sentAt } = one;
  return { id, document, sha256, format, sentAt, bankId: null, given: {} };
}

export const UPLOAD = { step: 'upload', data: {} };

/** The bank's day. */
export const bankDay = (clock: { now(): number }): string => dateIn('Europe/Prague', clock.now());
