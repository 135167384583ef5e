import fc, { type Arbitrary } from 'fast-check';
import { CHARGES, type OrderGroup, type OrderPayment } from '../../../shared/domain/order-file.ts';
import { exponentOf } from '../../../shared/domain/money.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';

/** Foreign orders of a client of ČSOB: one to change, and any that a line can say whole. */

const NO_SYMBOLS = { variableSymbol: null, constantSymbol: null, specificSymbol: null };
export const PAYER = {
  ...NOBODY,
  iban: 'CZ7403000000191177264030',
  number: '19-1177264030',
  bankCode: '0300',
};

export function payment(values: Partial<OrderPayment> = {}): OrderPayment {
  return {
    ...NO_SYMBOLS,
    rawSymbols: NO_SYMBOLS,
    amount: { minor: 90_050n, currency: 'USD' },
    creditor: { ...NOBODY, name: 'Maple Tools Inc.', number: '021000021-4417', bic: 'CHASUS33XXX' },
    creditorAddress: {
      ...{ street: 'Main Street', buildingNumber: '12', postCode: '97201', town: 'Portland', country: 'US' },
      lines: [],
    },
    message: 'Invoice 4417',
    endToEndId: 'INV-4417',
    instructionId: null,
    charges: 'shared',
    ...values,
  };
}

export function group(
  payments: readonly OrderPayment[] = [payment()],
  values: Partial<OrderGroup> = {},
): OrderGroup {
  const currency = payments[0]?.amount.currency ?? 'USD';
  return {
    id: null,
    kind: 'credit-transfer',
    priority: 'normal',
    payer: PAYER,
    currency,
    date: '2026-11-23',
    sum: { minor: payments.reduce((sum, { amount }) => sum + amount.minor, 0n), currency },
    declared: { sum: null, count: null },
    payments,
    ...values,
  };
}

const LETTERS = "abcxyzABCXYZ0189 -?:(),.'+{}/";
const text = (least: number, most: number): Arbitrary<string> =>
  fc
    .string({ unit: fc.constantFrom(...LETTERS), minLength: least, maxLength: most })
    // Symbols have a spelling of their own in a text.
    .map((written) => written.replace(/\/(VS|SS|KS)/gi, ' ').trim())
    .filter((written) => written.length >= least);

const account = fc.constantFrom(
  { iban: 'CH9300762011623852957', number: null },
  { iban: 'DE89370400440532013000', number: null },
  { iban: null, number: 'US123456789123456789' },
  { iban: null, number: '000123456789' },
  { iban: null, number: '12-34.56/78' },
);

const payments = (currency: string): Arbitrary<OrderPayment> =>
  fc
    .record({
      units: fc.bigInt({ min: 1n, max: 10n ** 12n - 1n }),
      account,
      name: text(1, 70),
      bic: fc.constantFrom('UBSWCHZH80A', 'CHASUS33'),
      message: text(3, 140),
      reference: fc.option(text(1, 16), { nil: null }),
      charges: fc.constantFrom(...CHARGES),
      bank: fc.option(text(1, 70), { nil: undefined }),
    })
    .map(({ units, account: given, name, bic, message, reference, charges, bank }) =>
      payment({
        // Two decimals at most; currencies with three end in a zero.
        amount: {
          minor:
            exponentOf(currency) === 3 ? units * 10n : exponentOf(currency) === 0 ? units / 100n + 1n : units,
          currency,
        },
        creditor: { ...NOBODY, ...given, name, bic },
        creditorAddress: {
          ...{ street: null, buildingNumber: null, postCode: null, town: null },
          country: 'US',
          lines: ['12 Main Street', '97201 Portland'],
        },
        ...(bank === undefined ? {} : { creditorBank: { name: bank, address: null } }),
        message,
        endToEndId: reference,
        charges,
      }),
    );

/** Groups that differ in day or currency, whole in every field. */
export const orders: Arbitrary<OrderGroup[]> = fc.uniqueArray(
  fc.constantFrom('USD', 'EUR', 'GBP', 'JPY', 'KWD', 'CZK').chain((currency) =>
    fc
      .record({
        date: fc.integer({ min: 0, max: 9000 }),
        payments: fc.array(payments(currency), { minLength: 1, maxLength: 4 }),
      })
      .map(({ date, payments: all }) =>
        group(all, {
          date: new Date(Date.UTC(2020, 0, 1) + date * 86_400_000).toISOString().slice(0, 10),
        }),
      ),
  ),
  { selector: ({ date, currency }) => `${date} ${currency}`, minLength: 1, maxLength: 3 },
);
