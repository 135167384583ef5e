import fc, { type Arbitrary } from 'fast-check';
import { czechIban, isValidAccountNumber, localNumber } from '../../../shared/domain/account-number.ts';
import { bicOfCode } from '../../../shared/domain/bank-codes.ts';
import type { Counterparty } from '../../../shared/domain/model.ts';
import {
  CHARGES,
  type OrderGroup,
  type OrderPayment,
  type PostalAddress,
} from '../../../shared/domain/order-file.ts';
import type { Pain001Options } from '../../../shared/formats/pain001/writer.ts';
import { ABROAD } from './compose.ts';

/** Orders: those pain.001 can say whole, and any that the model can hold. */

/** Numbers that pass modulo 11. */
const number = fc.integer({ min: 1000, max: 4_000_000_000 }).map((seed) => {
  for (let digits = seed; ; digits += 1) {
    if (isValidAccountNumber({ prefix: '', number: String(digits), bankCode: null })) return String(digits);
  }
});

/** Letters of both schemes, so that a text comes back as it was. */
const text = (most: number) =>
  fc
    .string({ unit: fc.constantFrom(..."abcxyzABCXYZ0189 -?:(),.'+"), maxLength: most })
    .map((written) => written.trim())
    .map((written) => (written === '' ? null : written));
const name = text(70).map((written) => written ?? 'Jana');
const id = fc.option(
  fc.string({ unit: fc.constantFrom(...'abcXYZ0189-?:().,+'), minLength: 1, maxLength: 35 }),
  { nil: null },
);

const czech = fc
  .record({
    number,
    prefix: fc.constantFrom('', '19'),
    bankCode: fc.constantFrom('0100', '0800', '5500', '2200'),
    name,
  })
  .map(({ name: holder, ...account }) => ({
    name: holder,
    iban: czechIban(account),
    number: localNumber(account),
    bankCode: account.bankCode,
    bic: bicOfCode(account.bankCode),
  }));
const abroad = fc.record({ name, bic: fc.constantFrom('COBADEFFXXX', 'DEUTDEFF', null) }).map((bank) => ({
  ...ABROAD,
  ...bank,
}));
const symbol = (most: number) => fc.option(fc.integer({ min: 1, max: most }).map(String), { nil: null });

const payments = (currency: string): Arbitrary<OrderPayment> =>
  fc
    .record({
      minor: fc.bigInt({ min: 1n, max: 99_999_999_999n }),
      creditor: currency === 'CZK' ? czech : fc.oneof(czech, abroad),
      variableSymbol: symbol(9_999_999_999),
      constantSymbol: fc.constantFrom(null, '0308', '0558'),
      specificSymbol: symbol(9_999_999_999),
      // Symbols may take up to 36 characters of the text.
      message: text(100),
      endToEndId: id,
      instructionId: id,
    })
    .map(({ minor, variableSymbol, constantSymbol, specificSymbol, ...rest }) => {
      const symbols = { variableSymbol, constantSymbol, specificSymbol };
      return { ...rest, ...symbols, rawSymbols: symbols, amount: { minor, currency } };
    });

const accountAbroad = fc.constantFrom(
  { iban: 'CH9300762011623852957', number: null },
  { iban: 'DE89370400440532013000', number: null },
  { iban: null, number: 'US-0012.44/17' },
  { iban: null, number: '000123456789' },
);
const address: Arbitrary<PostalAddress> = fc.record({
  street: text(70),
  buildingNumber: text(16),
  postCode: text(16),
  town: text(35).map((written) => written ?? 'Basel'),
  country: fc.constantFrom('CH', 'DE', 'US'),
  lines: fc.array(
    text(70).map((line) => line ?? 'c/o'),
    { maxLength: 2 },
  ),
});

/** Payments beyond the Czech clearing and SEPA. */
export const foreignPayments = (currency: string): Arbitrary<OrderPayment> =>
  fc
    .record({
      payment: payments(currency),
      account: accountAbroad,
      name,
      bic: fc.constantFrom('UBSWCHZH80A', 'CHASUS33'),
      creditorAddress: fc.option(address, { nil: undefined }),
      bank: fc.option(fc.record({ name, address: fc.option(address, { nil: null }) }), { nil: undefined }),
      charges: fc.constantFrom(...CHARGES),
    })
    .map(({ payment, account, name: holder, bic, creditorAddress, bank, charges }) => ({
      ...payment,
      creditor: { ...account, name: holder, bankCode: null, bic },
      ...(creditorAddress ? { creditorAddress } : {}),
      ...(bank ? { creditorBank: bank } : {}),
      charges,
    }));

const priority = (currency: string) =>
  currency === 'CZK' || currency === 'EUR'
    ? fc.constantFrom('normal' as const, 'urgent' as const, 'instant' as const)
    : fc.constantFrom('normal' as const, 'urgent' as const);

/** Groups that a pain.001 says whole. */
export const orders: Arbitrary<OrderGroup[]> = fc.uniqueArray(
  fc.constantFrom('CZK', 'EUR', 'USD', 'GBP', 'JPY', 'KWD').chain((currency) =>
    fc
      .record({
        id: fc.string({ unit: fc.constantFrom(...'abcXYZ0189-'), minLength: 1, maxLength: 35 }),
        priority: priority(currency),
        payer: czech.filter(({ bankCode }) => bankCode !== '0100'),
        debited: currency === 'CZK' ? fc.constant('CZK') : fc.constantFrom('CZK', 'USD', null),
        date: fc.integer({ min: 0, max: 9000 }),
        payments: fc.array(
          currency === 'CZK' || currency === 'EUR' ? payments(currency) : foreignPayments(currency),
          { minLength: 1, maxLength: 4 },
        ),
      })
      .map(({ date, debited, ...group }) => {
        const sum = { minor: group.payments.reduce((all, { amount }) => all + amount.minor, 0n), currency };
        return {
          ...group,
          ...(debited === null ? {} : { payerCurrency: debited }),
          kind: 'credit-transfer' as const,
          currency,
          date: new Date(Date.UTC(2020, 0, 1) + date * 86_400_000).toISOString().slice(0, 10),
          sum,
          declared: { sum, count: group.payments.length },
        };
      }),
  ),
  { selector: (group) => group.id, minLength: 1, maxLength: 4 },
);

/** Mostly the one, now and then the other. */
const rarely = <A, B>(usual: Arbitrary<A>, odd: Arbitrary<B>): Arbitrary<A | B> =>
  fc.oneof({ weight: 15, arbitrary: usual }, { weight: 1, arbitrary: odd });

const anyText: Arbitrary<string | null> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ maxLength: 40 }),
  fc.constantFrom(null, 'Žluťoučký kůň & spol. <s.r.o.>', '§'.repeat(200)),
);
const anyId = rarely(id, anyText);
const anyBic = fc.oneof(
  fc.constantFrom(null, null, 'GIBACZPX', 'COBADEFFXXX'),
  fc.stringMatching(/^[A-Z0-9]{4}DE[A-Z0-9]{2}([A-Z0-9]{3})?$/),
  fc.stringMatching(/^[A-Z]{6}[A-Z0-9]{2}$/),
);
const anyParty = (party: Arbitrary<Counterparty>): Arbitrary<Counterparty> =>
  fc.tuple(party, anyText, rarely(fc.constant(null), anyBic)).map(([one, holder, bic]) => ({
    ...one,
    name: holder,
    bic: bic ?? one.bic,
  }));
const anyAddress: Arbitrary<PostalAddress> = fc.record({
  street: anyText,
  buildingNumber: anyText,
  postCode: anyText,
  town: anyText,
  country: rarely(fc.constantFrom('DE', 'CZ', null), anyText),
  lines: fc.array(
    anyText.map((line) => line ?? ''),
    { maxLength: 4 },
  ),
});

const anyPayment = (currency: string): Arbitrary<OrderPayment> =>
  fc
    .tuple(
      payments(currency),
      anyParty(currency === 'CZK' ? czech : fc.oneof(czech, abroad)),
      rarely(
        fc.constant({}),
        fc.record({
          charges: fc.constantFrom(...CHARGES),
          creditorBank: fc.record({ name: anyText, address: fc.option(anyAddress, { nil: null }) }),
        }),
      ),
      fc.record({ message: anyText, endToEndId: anyId, instructionId: anyId }),
      rarely(fc.bigInt({ min: 1n, max: 99_999_999_999n }), fc.bigInt({ min: -1n, max: 10n ** 19n })),
      anyAddress,
    )
    .map(([payment, creditor, foreign, texts, minor, creditorAddress]) => ({
      ...payment,
      ...foreign,
      ...texts,
      creditor,
      amount: { minor, currency },
      creditorAddress,
    }));

/** Foreign payments of which mostly the texts are anything. */
const anyForeignPayment = (currency: string): Arbitrary<OrderPayment> =>
  fc
    .tuple(
      foreignPayments(currency),
      fc.record({ message: anyText, endToEndId: anyId, instructionId: anyId }),
      rarely(fc.constant(null), anyAddress),
      rarely(fc.constant(null), anyBic),
    )
    .map(([payment, texts, creditorAddress, bic]) => ({
      ...payment,
      ...texts,
      ...(creditorAddress ? { creditorAddress } : {}),
      creditor: { ...payment.creditor, bic: bic ?? payment.creditor.bic },
    }));

/** Groups as they may come, and what they are written with; not all can be. */
export const anyOrders: Arbitrary<readonly [OrderGroup[], Pain001Options]> = fc.tuple(
  fc.array(
    fc.constantFrom('CZK', 'EUR', 'USD', 'JPY').chain((currency) =>
      fc
        .record({
          id: anyId,
          priority: fc.constantFrom('normal' as const, 'urgent' as const, 'instant' as const),
          payer: anyParty(czech),
          date: rarely(fc.constantFrom('2026-09-04', '2028-02-29'), fc.constantFrom(null, '2026-02-30', '')),
          payments: fc.array(
            currency === 'CZK' || currency === 'EUR' ? anyPayment(currency) : anyForeignPayment(currency),
            { minLength: 1, maxLength: 3 },
          ),
        })
        .map((group) => ({
          ...group,
          kind: 'credit-transfer' as const,
          currency,
          sum: { minor: group.payments.reduce((all, { amount }) => all + amount.minor, 0n), currency },
          declared: { sum: null, count: null },
        })),
    ),
    { minLength: 1, maxLength: 2 },
  ),
  fc.record({
    version: fc.constantFrom('03' as const, '09' as const),
    messageId: rarely(fc.constant('GW-20260903-000017'), anyId).map((given) => given ?? ''),
    createdAt: rarely(
      fc.constantFrom('2026-09-03T08:15:00', '2026-09-03T08:15:00.123Z', '2026-09-03T08:15:00+02:00'),
      fc.constantFrom(
        '2026-13-03T08:15:00',
        '2026-02-30T08:15:00Z',
        '2026-09-03T25:61:00',
        '2026-09-03T08:15:00+99:99',
      ),
    ),
    initiator: anyText.map((given) => given ?? ''),
    symbols: fc.constantFrom('strd' as const, 'e2e' as const, 'ustrd' as const),
  }),
);
