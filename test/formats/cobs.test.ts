import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { czechIban } from '../../shared/domain/account-number.ts';
import type { OrderGroup, OrderPayment } from '../../shared/domain/order-file.ts';
import { readCobsPayment } from '../../shared/formats/cobs/reader.ts';
import { writeCobsPayment } from '../../shared/formats/cobs/writer.ts';
import { FormatError } from '../../shared/formats/errors.ts';
import { readFileAs } from '../../shared/formats/files.ts';
import { NOBODY } from '../../shared/formats/order-party.ts';
import { recognise } from '../../shared/formats/recognise.ts';
import { differences } from '../../shared/flows/payments/verify.ts';

// One payment as the Czech Open Banking Standard has it (COBS 8.0, POST /my/payments).

const ID = 'pay-01KAJ9W3T5ZQ8Y2M4N6P7R1S0V';
const NO_SYMBOLS = { variableSymbol: null, constantSymbol: null, specificSymbol: null };
const OURS = czechIban({ prefix: '19', number: '2000145399', bankCode: '0800' });
const THEIRS = czechIban({ prefix: '', number: '3170482907', bankCode: '0800' });

function payment(values: Partial<OrderPayment> = {}): OrderPayment {
  const symbols = { variableSymbol: '2026123', constantSymbol: '0308', specificSymbol: '1' };
  return {
    amount: { minor: 124_540n, currency: 'CZK' },
    creditor: { ...NOBODY, name: 'Dodavatel a.s.', number: '3170482907', bankCode: '0800' },
    ...symbols,
    rawSymbols: symbols,
    message: 'faktura 2026123',
    endToEndId: null,
    instructionId: null,
    ...values,
  };
}
const group = (one: OrderPayment = payment(), values: Partial<OrderGroup> = {}): OrderGroup => ({
  id: null,
  kind: 'credit-transfer',
  priority: 'normal',
  payer: { ...NOBODY, iban: OURS },
  payerCurrency: 'CZK',
  currency: one.amount.currency,
  date: '2026-11-30',
  sum: one.amount,
  declared: { sum: null, count: null },
  payments: [one],
  ...values,
});
const euro = (values: Partial<OrderPayment> = {}) =>
  payment({
    amount: { minor: 4_578_945n, currency: 'EUR' },
    creditor: { ...NOBODY, name: 'Erste Lieferung GmbH', iban: 'AT611904300234573201', bic: 'GIBAATWWXXX' },
    ...NO_SYMBOLS,
    rawSymbols: NO_SYMBOLS,
    ...values,
  });
const textOf = (of: OrderGroup = group()): string =>
  Buffer.from(writeCobsPayment([of], ID).bytes).toString('utf8');

describe('one payment', () => {
  test('domestic, with the names of the standard', () => {
    expect(JSON.parse(textOf())).toEqual({
      paymentIdentification: { instructionIdentification: ID },
      paymentTypeInformation: { instructionPriority: 'NORM' },
      amount: { instructedAmount: { value: 1245.4, currency: 'CZK' } },
      requestedExecutionDate: '2026-11-30',
      debtorAccount: { identification: { iban: OURS }, currency: 'CZK' },
      creditor: { name: 'Dodavatel a.s.' },
      creditorAccount: { identification: { iban: THEIRS } },
      remittanceInformation: {
        unstructured: 'faktura 2026123',
        structured: { creditorReferenceInformation: { reference: ['VS:2026123', 'KS:0308', 'SS:1'] } },
      },
    });
  });

  test('an amount is written digit for digit, never through a JS number', () => {
    const amount = { minor: 9_007_199_254_740_993n, currency: 'CZK' };
    expect(textOf(group(payment({ amount })))).toContain('"value":90071992547409.93');
    const { groups } = readCobsPayment(Buffer.from(textOf(group(payment({ amount })))));
    expect(groups[0]!.payments[0]!.amount).toEqual(amount);
  });

  test('SEPA: the symbols stand before the text, the bank is named by its BIC', () => {
    const body = JSON.parse(textOf(group(euro({ variableSymbol: '77' })))) as Record<string, unknown>;
    expect(body['remittanceInformation']).toEqual({ unstructured: '/VS/77 faktura 2026123' });
    expect(body['creditorAgent']).toEqual({ financialInstitutionIdentification: { bic: 'GIBAATWWXXX' } });
  });

  test('without symbols and message it has no remittance information at all', () => {
    const one = payment({ ...NO_SYMBOLS, message: null });
    expect(JSON.parse(textOf(group(one)))).not.toHaveProperty('remittanceInformation');
  });

  test.each([
    ['normal', 'NORM'],
    ['urgent', 'HIGH'],
    ['instant', 'INST'],
  ] as const)('priority %s is %s', (priority, word) => {
    expect(textOf(group(payment(), { priority }))).toContain(`"instructionPriority":"${word}"`);
  });

  test('letters that have no place are replaced and told', () => {
    const { losses } = writeCobsPayment([group(euro({ message: 'Žluťoučký kůň' }))], ID);
    expect(losses).toMatchObject([{ rule: 'letter-replaced', position: '/0/payments/0/message' }]);
  });

  const digits = (most: number) => fc.integer({ min: 1, max: 10 ** most - 1 }).map(String);
  const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
  test('whatever is written is read back as it was meant', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt(1n, 999_999_999_99n),
        fc.record({
          variableSymbol: orNull(digits(10)),
          constantSymbol: orNull(digits(4).map((one) => one.padStart(4, '0'))),
          specificSymbol: orNull(digits(10)),
        }),
        orNull(fc.constantFrom('faktura 2026123', '/VS/9 cizí', 'VS:9', '/VS/1/SS/2', 'a "b" \\ c')),
        fc.boolean(),
        fc.constantFrom('normal', 'urgent', 'instant'),
        async (minor, symbols, message, sepa, priority) => {
          const values = { ...symbols, rawSymbols: symbols, message };
          const one = sepa
            ? euro({ ...values, amount: { minor, currency: 'EUR' } })
            : payment({ ...values, amount: { minor, currency: 'CZK' } });
          const groups = [group(one, { priority: sepa ? 'normal' : priority })];
          // Acceptance refuses a text that says other symbols outside the domestic clearing's own places.
          fc.pre(!(message ?? '').includes('/VS/'));
          const { bytes } = writeCobsPayment(groups, ID);
          const document = { bytes, mediaType: 'application/json', name: 'order.json' };
          expect(await differences(groups, 'cobs', { document, losses: [] })).toEqual([]);
        },
      ),
    );
  });

  test('one byte of it changed is another payment, or none', async () => {
    const groups = [group()];
    const { bytes } = writeCobsPayment(groups, ID);
    const text = Buffer.from(bytes).toString('utf8');
    for (const word of [
      '1245.40',
      'VS:2026123',
      '0308',
      'SS:1',
      OURS,
      THEIRS,
      '2026-11-30',
      'NORM',
      '"CZK"}',
    ]) {
      const at = text.indexOf(word) + 3;
      const spoiled = Buffer.from(bytes);
      spoiled[at] = spoiled[at] === 0x31 ? 0x32 : 0x31;
      const document = { bytes: spoiled, mediaType: 'application/json', name: 'order.json' };
      const told = await differences(groups, 'cobs', { document, losses: [] }).catch(
        (error: unknown) => error,
      );
      expect(told, word).not.toEqual([]);
    }
  });
});

describe('what cannot be written', () => {
  test.each<[string, readonly OrderGroup[], string]>([
    ['two payments', [{ ...group(), payments: [payment(), payment()] }], 'payment-count'],
    ['two groups', [group(), group()], 'payment-count'],
    ['none', [], 'payment-count'],
    ['no amount', [group(payment({ amount: { minor: 0n, currency: 'CZK' } }))], 'amount-not-positive'],
    ['no day', [group(payment(), { date: null })], 'date-missing'],
    ['a payer without IBAN', [group(payment(), { payer: NOBODY })], 'iban-missing'],
    ['a payee without IBAN', [group(payment({ creditor: NOBODY }))], 'iban-missing'],
    [
      'an IBAN with a wrong digit',
      [group(euro({ creditor: { ...euro().creditor, iban: 'AT611904300234573202' } }))],
      'iban-missing',
    ],
    [
      'a SEPA payee without name',
      [group(euro({ creditor: { ...euro().creditor, name: null } }))],
      'name-missing',
    ],
  ])('%s', (_, groups, rule) => {
    expect(() => writeCobsPayment(groups, ID)).toThrow(expect.objectContaining({ rule }) as Error);
  });

  test.each(['', 'a'.repeat(36), 'two words', 'ě'])('an id that is none: "%s"', (id) => {
    expect(() => writeCobsPayment([group()], id)).toThrow(FormatError);
  });
});

describe('what is read', () => {
  const spoil = (change: (body: Record<string, unknown>) => void): Uint8Array => {
    const body = JSON.parse(textOf()) as Record<string, unknown>;
    change(body);
    return Buffer.from(JSON.stringify(body));
  };

  test('is recognised by its amount', async () => {
    expect(recognise(Buffer.from(textOf())).format).toBe('cobs');
    expect((await readFileAs('cobs', Buffer.from(textOf()))).orders).toHaveLength(1);
  });

  test('the reference of the standard, one string, is read as well', () => {
    const structured = { creditorReferenceInformation: { reference: 'VS:0055' } };
    const { groups } = readCobsPayment(
      spoil((body) => void (body['remittanceInformation'] = { structured })),
    );
    expect(groups[0]!.payments[0]).toMatchObject({ variableSymbol: '55', message: null });
  });

  test.each<[string, Uint8Array, string]>([
    ['no JSON', Buffer.from('instructedAmount'), 'not-cobs'],
    ['no amount', spoil((body) => delete body['amount']), 'amount-unreadable'],
    [
      'an amount finer than its currency',
      spoil((body) => void (body['amount'] = { instructedAmount: { value: 1.234, currency: 'CZK' } })),
      'amount-unreadable',
    ],
    ['no payee', spoil((body) => delete body['creditorAccount']), 'account-missing'],
    ['no payer', spoil((body) => delete body['debtorAccount']), 'account-missing'],
    [
      'a priority of its own',
      spoil((body) => void (body['paymentTypeInformation'] = { instructionPriority: 'SOON' })),
      'priority-unknown',
    ],
  ])('%s is refused', (_, bytes, rule) => {
    expect(() => readCobsPayment(bytes)).toThrow(expect.objectContaining({ rule }) as Error);
  });
});
