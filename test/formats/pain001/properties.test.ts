import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { czechIban, isValidAccountNumber, localNumber } from '../../../shared/domain/account-number.ts';
import { bicOfCode } from '../../../shared/domain/bank-codes.ts';
import type { OrderFile, OrderGroup, OrderPayment } from '../../../shared/domain/order-file.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { readPain001 } from '../../../shared/formats/pain001/reader.ts';
import { writePain001 } from '../../../shared/formats/pain001/writer.ts';
import { ABROAD, OPTIONS } from './compose.ts';

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

const payments = (currency: string): fc.Arbitrary<OrderPayment> =>
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

const groups: fc.Arbitrary<OrderGroup[]> = fc.uniqueArray(
  fc.constantFrom('CZK', 'EUR').chain((currency) =>
    fc
      .record({
        id: fc.string({ unit: fc.constantFrom(...'abcXYZ0189-'), minLength: 1, maxLength: 35 }),
        priority: fc.constantFrom('normal' as const, 'urgent' as const, 'instant' as const),
        payer: czech.filter(({ bankCode }) => bankCode !== '0100'),
        date: fc.integer({ min: 0, max: 9000 }),
        payments: fc.array(payments(currency), { minLength: 1, maxLength: 4 }),
      })
      .map(({ date, ...group }) => {
        const sum = { minor: group.payments.reduce((all, { amount }) => all + amount.minor, 0n), currency };
        return {
          ...group,
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

/** What a document says of an order: everything, but that symbols may stand in place of the end-to-end id. */
function said(all: readonly OrderGroup[], spelling: string): unknown {
  return all.map((group) => ({
    ...group,
    payments: group.payments.map(({ endToEndId, ...payment }) => {
      const hasSymbols =
        payment.variableSymbol !== null || payment.specificSymbol !== null || payment.constantSymbol !== null;
      const replaced = spelling === 'e2e' && group.currency === 'CZK' && hasSymbols;
      return { ...payment, endToEndId: replaced ? null : endToEndId };
    }),
  }));
}

const slashedIdsGone = (read: OrderFile): OrderGroup[] =>
  read.groups.map((group) => ({
    ...group,
    payments: group.payments.map((payment) =>
      payment.endToEndId?.startsWith('/') ? { ...payment, endToEndId: null } : payment,
    ),
  }));

describe('round trip', () => {
  it.each([
    ['03', 'strd'],
    ['03', 'e2e'],
    ['03', 'ustrd'],
    ['09', 'strd'],
    ['09', 'ustrd'],
  ] as const)('read(write(order)) is the order in version %s, symbols in %s', (version, symbols) => {
    fc.assert(
      fc.property(groups, (orders) => {
        const { bytes } = writePain001(orders, { ...OPTIONS, version, symbols });
        const read = readPain001(bytes);
        expect([read.id, read.createdAt]).toEqual([OPTIONS.messageId, OPTIONS.createdAt]);
        expect([read.warnings, read.quarantined]).toEqual([[], []]);
        expect(slashedIdsGone(read)).toEqual(said(orders, symbols));
      }),
      { numRuns: 60 },
    );
  });

  it('any text is written by the rules, and comes back as it was written', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom('CZK', 'EUR'),
        (message, currency) => {
          const creditor = currency === 'CZK' ? { ...ABROAD, iban: 'CZ8755000000000630804003' } : ABROAD;
          const symbols = { variableSymbol: null, constantSymbol: null, specificSymbol: null };
          const amount = { minor: 1n, currency };
          const one = {
            ...symbols,
            rawSymbols: symbols,
            amount,
            creditor,
            message,
            endToEndId: null,
            instructionId: null,
          };
          const orders: OrderGroup[] = [
            {
              id: null,
              kind: 'credit-transfer',
              priority: 'normal',
              payer: { ...ABROAD, iban: 'CZ6508000000192000145399' },
              currency,
              date: '2026-09-04',
              sum: amount,
              declared: { sum: null, count: null },
              payments: [one],
            },
          ];
          const first = writePain001(orders, OPTIONS);
          const read = readPain001(first.bytes);
          expect(read.quarantined).toEqual([]);
          if (first.losses.length === 0) {
            expect(read.groups[0]?.payments[0]?.message ?? '').toBe(message.normalize('NFC').trim());
          }
          expect(writePain001(read.groups, OPTIONS).bytes).toEqual(first.bytes);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('broken documents', () => {
  const SMALL = readFileSync(new URL('fixtures/domestic-v03.xml', import.meta.url));
  const END = SMALL.lastIndexOf('>');

  function outcome(bytes: Uint8Array): OrderFile | FormatError {
    try {
      return readPain001(bytes);
    } catch (error) {
      if (error instanceof FormatError) return error;
      throw error;
    }
  }

  function expectSound(read: OrderFile | FormatError): void {
    if (read instanceof FormatError) return;
    for (const { sum, currency, payments: items } of read.groups) {
      const same = items.filter(({ amount }) => amount.currency === currency);
      expect(same.reduce((total, { amount }) => total + amount.minor, 0n)).toBe(sum.minor);
      for (const { amount } of items) expect(amount.minor > 0n).toBe(true);
    }
  }

  it('cut off at any byte are refused', () => {
    for (let length = 0; length <= END; length++) {
      expect(outcome(SMALL.subarray(0, length)), `cut at ${length}`).toMatchObject({ rule: 'truncated' });
    }
    expect(outcome(SMALL)).toMatchObject({ quarantined: [] });
  });

  it('row 35: a changed digit of an amount is told by the sum', () => {
    const whole = SMALL.toString();
    for (const digit of '03456789') {
      const changed = whole.replace('"CZK">1250.50', `"CZK">${digit}250.50`);
      const read = outcome(Buffer.from(changed));
      if (read instanceof FormatError) throw read;
      expect(read.warnings.map(({ rule }) => rule)).toContain('sum-differs');
    }
  });

  it('with changed bytes are read or refused', () => {
    const change = fc.tuple(fc.nat({ max: SMALL.length - 1 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Uint8Array.from(SMALL);
        for (const [at, byte] of changes) bytes[at] = byte;
        expectSound(outcome(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it('with elements removed, doubled or moved are read or refused', () => {
    const lines = SMALL.toString().split('\n');
    const place = fc.nat({ max: lines.length });
    fc.assert(
      fc.property(place, place, place, fc.boolean(), (a, b, target, remove) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const rest = remove ? lines.toSpliced(from, to - from) : lines;
        const moved = rest.toSpliced(Math.min(target, rest.length), 0, ...lines.slice(from, to));
        expectSound(outcome(Buffer.from(moved.join('\n'))));
      }),
      { numRuns: 300 },
    );
  });

  it('of any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expectSound(outcome(bytes))),
      { numRuns: 200 },
    );
  });
});
