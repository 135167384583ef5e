import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bank } from '../../../shared/banks/erste/index.ts';
import type { OrderToRender } from '../../../shared/banks/contract.ts';
import { Failure } from '../../../shared/domain/failure.ts';
import type { OrderGroup, OrderPayment } from '../../../shared/domain/order-file.ts';
import { readFileAs } from '../../../shared/formats/files.ts';

// Orders as files for the bank's own channels, without any access to the bank.

const { render } = bank.connect({
  environment: 'production',
  config: {},
  secrets: {},
  origin: '',
  call: () => Promise.reject(new Failure('unsupported', 'Rendering calls nobody')),
});

const NOBODY = { name: null, iban: null, number: null, bankCode: null, bic: null };
const SYMBOLS = { variableSymbol: '2026000123', constantSymbol: null, specificSymbol: null };

const payment = (minor: bigint, more: Partial<OrderPayment> = {}): OrderPayment => ({
  amount: { minor, currency: 'CZK' },
  creditor: { ...NOBODY, name: 'Dodavatel a.s.', number: '19-2000145399', bankCode: '0800' },
  ...SYMBOLS,
  rawSymbols: SYMBOLS,
  message: null,
  endToEndId: null,
  instructionId: null,
  ...more,
});
const group = (payments: readonly OrderPayment[], more: Partial<OrderGroup> = {}): OrderGroup => ({
  id: null,
  kind: 'credit-transfer',
  priority: 'normal',
  payer: { ...NOBODY, name: 'Lísková & spol. s.r.o.', number: '3170482907', bankCode: '0800' },
  payerCurrency: 'CZK',
  currency: 'CZK',
  date: '2026-11-23',
  sum: { minor: payments.reduce((sum, { amount }) => sum + amount.minor, 0n), currency: 'CZK' },
  declared: { sum: null, count: null },
  payments,
  ...more,
});
const order = (groups: readonly OrderGroup[], more: Partial<OrderToRender> = {}): OrderToRender => ({
  id: 'pay_01kar8',
  serial: 4711,
  format: 'kpc',
  createdAt: '2026-11-21T10:00:00.000Z',
  today: '2026-11-21',
  groups,
  ...more,
});
const refusal = (of: OrderToRender): Failure => {
  try {
    render!(of);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('The order was rendered');
};

describe('an order file', () => {
  test('is a KPC that reads back as it was meant', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.bigInt(1n, 99_999_999n), { minLength: 1, maxLength: 20 }),
        async (minors) => {
          const { document } = render!(order([group(minors.map((minor) => payment(minor)))]));
          expect(document).toMatchObject({ mediaType: 'text/plain', name: 'pay_01kar8.kpc' });
          const { orders, quarantined } = await readFileAs('kpc', document.bytes);
          expect(quarantined).toEqual([]);
          expect(orders.flatMap(({ payments }) => payments.map(({ amount }) => amount.minor))).toEqual(
            minors,
          );
          expect(orders[0]).toMatchObject({ date: '2026-11-23', payer: { number: '3170482907' } });
        },
      ),
      { numRuns: 30 },
    );
  });

  test('is unlike that of every other order, and the same for the same', () => {
    const groups = [group([payment(1_00n)])];
    const bytes = (serial: number) => Buffer.from(render!(order(groups, { serial })).document.bytes);
    expect(bytes(1).equals(bytes(1))).toBe(true);
    expect(bytes(1).equals(bytes(2))).toBe(false);
  });

  test('has no more payments than the largest channel takes', () => {
    const many = (count: number) => order([group(Array.from({ length: count }, () => payment(1n)))]);
    expect(render!(many(1_000)).document.bytes.length).toBeLessThan(2 * 1024 * 1024);
    expect(refusal(many(1_001)).message).toContain('1000 payments');
  });

  test('tells by a pointer what the bank or the format does not take', () => {
    const urgent = refusal(order([group([payment(1n)], { priority: 'urgent' })]));
    expect([urgent.kind, urgent.detail.field]).toEqual(['rejected', '/0/priority']);
    const euro = { currency: 'EUR', sum: { minor: 1n, currency: 'EUR' } };
    const inEuro = payment(1n, { amount: { minor: 1n, currency: 'EUR' } });
    expect(refusal(order([group([inEuro], euro)])).kind).toBe('rejected');
    const past = refusal(order([group([payment(1n)], { date: '2026-11-20' })]));
    expect(past.detail.field).toMatch(/^\/0/);
  });
});

describe('one payment for the experimental way', () => {
  const cobs = (of: readonly OrderGroup[], more: Partial<OrderToRender> = {}) =>
    order(of, { format: 'cobs', ...more });

  test('is JSON under the order’s id', () => {
    const { document } = render!(cobs([group([payment(100n)])]));
    expect([document.mediaType, document.name]).toEqual(['application/json', 'pay_01kar8.json']);
    expect(JSON.parse(Buffer.from(document.bytes).toString())).toMatchObject({
      paymentIdentification: { instructionIdentification: 'pay-01kar8' },
    });
  });

  test('is refused for a day gone by, for several payments, and for another currency', () => {
    expect(refusal(cobs([group([payment(100n)])], { today: '2026-11-24' })).detail.field).toBe('/0/date');
    expect(refusal(cobs([group([payment(1n), payment(2n)])])).message).toContain('takes one payment at once');
    const dollars = payment(100n, { amount: { minor: 100n, currency: 'USD' } });
    expect(refusal(cobs([group([dollars], { currency: 'USD' })])).detail.field).toBe('/0/payments/0');
  });
});
