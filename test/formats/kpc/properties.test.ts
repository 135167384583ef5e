import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValidAccountNumber, localNumber } from '../../../shared/domain/account-number.ts';
import type { OrderFile, OrderGroup, OrderPayment } from '../../../shared/domain/order-file.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { readKpc } from '../../../shared/formats/kpc/reader.ts';
import { writeKpc } from '../../../shared/formats/kpc/writer.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';
import { bytesOf, crowns, dialect, file, group } from './compose.ts';

const BANKS = ['0100', '0300', '0600', '0800', '2010', '5500'];

/** Digits that pass modulo 11: the last one or two are tried until they do. */
function valid(seed: number): string {
  for (let number = seed; ; number += 1) {
    const digits = String(number);
    if (isValidAccountNumber({ prefix: '', number: digits, bankCode: null })) return digits;
  }
}

const number = fc.integer({ min: 1000, max: 4_000_000_000 }).map(valid);
const account = fc
  .tuple(fc.constantFrom('', '19', '107', '670100', '999999'), number)
  .map(([prefix, digits]) => ({ prefix, number: digits, bankCode: null }))
  .filter(isValidAccountNumber)
  .map(localNumber);
const symbol = (most: number) => fc.option(fc.integer({ min: 1, max: most }).map(String), { nil: null });
const constant = fc.constantFrom(null, '0308', '0558', '0008', '0138');

/** Letters that every dialect takes, so that a text comes back as it was, but for spaces at its ends. */
const LETTERS = [...'abcxyzABCXYZ0123456789 /-?:().,+%&!"\'*;=@[]_{}'];
const SPECIAL = ['NP:', ' AV:', 'AV:', '   '];
const message = fc
  .array(fc.constantFrom(...LETTERS, ...SPECIAL), { maxLength: 60 })
  .map((letters) => letters.join('').slice(0, 140).trim())
  .map((text) => (text === '' ? null : text));

const payments: fc.Arbitrary<OrderPayment> = fc
  .record({
    minor: fc.bigInt({ min: 1n, max: 99_999_999_999n }),
    account,
    bankCode: fc.constantFrom('0100', '0300', '0800', '2010', '5500', '6210'),
    variableSymbol: symbol(9_999_999_999),
    constantSymbol: constant,
    specificSymbol: symbol(9_999_999_999),
    message,
  })
  .map(({ minor, account: digits, bankCode, message: text, ...symbols }) => ({
    ...symbols,
    rawSymbols: symbols,
    amount: crowns(minor),
    creditor: { ...NOBODY, number: digits, bankCode },
    message: text,
    endToEndId: null,
    instructionId: null,
  }));

const days = fc
  .integer({ min: 0, max: 9000 })
  .map((day) => new Date(Date.UTC(2020, 0, 1) + day * 86_400_000));

const groups = (bankCode: string): fc.Arbitrary<OrderGroup[]> =>
  fc.uniqueArray(
    fc
      .record({
        payer: account,
        day: days,
        kind: fc.constantFrom('credit-transfer' as const, 'collection' as const),
        payments: fc.array(payments, { minLength: 1, maxLength: 5 }),
      })
      .map(({ payer, day, kind, payments: all }) => ({
        id: null,
        kind,
        priority: 'normal' as const,
        payer: { ...NOBODY, number: payer, bankCode },
        currency: 'CZK',
        date: day.toISOString().slice(0, 10),
        sum: crowns(all.reduce((sum, { amount }) => sum + amount.minor, 0n)),
        declared: { sum: null, count: null },
        payments: all,
      })),
    // Groups of the same payer and day would become one.
    { selector: ({ payer, date, kind }) => `${payer.number} ${date} ${kind}`, minLength: 1, maxLength: 4 },
  );

/**
 * What a KPC can say of an order: everything but ids and names; raw symbols are what was written. Collections stand
 * behind credit transfers in the order the first of each kind comes. A colon after `NP` is lost where `NP:` is a mark.
 */
function said(all: readonly OrderGroup[], bank: string): unknown {
  const kinds = [...new Set(all.map(({ kind }) => kind))];
  return kinds.flatMap((kind) =>
    all
      .filter((each) => each.kind === kind)
      .map(({ payer, date, sum, payments: items }) => ({
        kind,
        payer: payer.number,
        date,
        sum,
        payments: items.map(
          ({ amount, creditor, variableSymbol, constantSymbol, specificSymbol, ...rest }) => ({
            amount,
            creditor: `${creditor.number}/${creditor.bankCode}`,
            symbols: [variableSymbol, constantSymbol, specificSymbol],
            message:
              bank === '0300' && rest.message !== null
                ? rest.message
                    .replaceAll('#', ' ')
                    .replace(/(?<=^| )(?:NP:)+/g, (marks) => marks.replaceAll(':', ' '))
                    .trim() || null
                : rest.message,
          }),
        ),
      })),
  );
}

describe('round trip', () => {
  it.each(BANKS)('read(write(order)) is the order at %s', (bank) => {
    fc.assert(
      fc.property(groups(bank), fc.integer({ min: 0, max: 9_999_999_999 }), (orders, serial) => {
        const options = { createdOn: '2026-09-03', clientName: 'Firma', serial: String(serial) };
        const { bytes } = writeKpc(orders, dialect(bank), options);
        const read = readKpc(bytes);
        expect([read.warnings, read.quarantined]).toEqual([[], []]);
        expect(said(read.groups, '')).toEqual(said(orders, bank));
        for (const { sum, declared } of read.groups) expect(declared.sum).toEqual(sum);
      }),
      { numRuns: 60 },
    );
  });

  it('any text is written by the rules and read back as it was written, inside its own item', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BANKS),
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        (bank, text) => {
          const item = { ...NOBODY, number: '630804003', bankCode: '5500' };
          const symbols = { variableSymbol: null, constantSymbol: null, specificSymbol: null };
          const one: OrderPayment = {
            ...symbols,
            rawSymbols: symbols,
            amount: crowns(1n),
            creditor: item,
            message: text,
            endToEndId: null,
            instructionId: null,
          };
          const orders: OrderGroup[] = [
            {
              id: null,
              kind: 'credit-transfer',
              priority: 'normal',
              payer: { ...NOBODY, number: '19-19', bankCode: bank },
              currency: 'CZK',
              date: '2026-09-04',
              sum: crowns(1n),
              declared: { sum: null, count: null },
              payments: [one],
            },
          ];
          const { bytes, losses } = writeKpc(orders, dialect(bank), { createdOn: '2026-09-03' });
          const read = readKpc(bytes, { encoding: 'windows-1250' });
          expect(read.quarantined).toEqual([]);
          const back = read.groups[0]?.payments[0]?.message ?? '';
          if (losses.length === 0) expect(back).toBe(text.normalize('NFC').trim());
          const again = writeKpc(read.groups, dialect(bank), { createdOn: '2026-09-03' });
          expect(Buffer.from(again.bytes).equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('broken files', () => {
  const SMALL = bytesOf(
    file([
      ...group(['630804003 1000 2026000123 55000308 0 AV:Žluťoučký|kůň NP:Jana'], '2 2101135843 1000 040926'),
      ...group(['19-19 630804003 1000 1 55000308'], '2 1000 20260904'),
    ]),
  );

  /** The file, or the format's own error; any other exception is a failure of the test. */
  function outcome(bytes: Uint8Array): OrderFile | FormatError {
    try {
      return readKpc(bytes);
    } catch (error) {
      if (error instanceof FormatError) return error;
      throw error;
    }
  }

  /** Whatever was read keeps its own rules. */
  function expectSound(read: OrderFile | FormatError): void {
    if (read instanceof FormatError) return;
    for (const { sum, payments: items } of read.groups) {
      expect(items.reduce((total, { amount }) => total + amount.minor, 0n)).toBe(sum.minor);
      for (const { amount, creditor } of items) {
        expect(amount.minor > 0n).toBe(true);
        expect(creditor.number).toMatch(/^(\d{1,6}-)?\d{1,10}$/);
        expect(creditor.bankCode).toMatch(/^\d{4}$/);
      }
    }
  }

  it('cut off at any byte are refused', () => {
    // The last line may lack its end.
    for (let length = 0; length < SMALL.length - 2; length++) {
      expect(outcome(SMALL.subarray(0, length)), `cut at ${length}`).toBeInstanceOf(FormatError);
    }
    expect(outcome(SMALL)).toMatchObject({ groups: [{}, {}], quarantined: [] });
  });

  it('row 35: a changed byte in an amount is told by the sum', () => {
    const text = new TextDecoder('windows-1250').decode(SMALL);
    const at = text.indexOf('1000 2026');
    for (const digit of '023456789') {
      const changed = bytesOf(text.slice(0, at) + digit + text.slice(at + 1));
      const read = outcome(changed);
      if (read instanceof FormatError) throw read;
      expect(read.warnings.map(({ rule }) => rule)).toContain('sum-differs');
    }
  });

  it('row 35: a changed digit in an account is told by modulo 11', () => {
    const text = new TextDecoder('windows-1250').decode(SMALL);
    const at = text.indexOf('630804003');
    for (let place = 0; place < 9; place++) {
      for (const digit of '0123456789') {
        if (digit === text[at + place]) continue;
        const changed = text.slice(0, at + place) + digit + text.slice(at + place + 1);
        const read = outcome(bytesOf(changed));
        if (read instanceof FormatError) throw read;
        expect(read.warnings.map(({ rule }) => rule)).toContain('account-checksum');
      }
    }
  });

  it('with changed bytes are read or refused', () => {
    const change = fc.tuple(fc.nat({ max: SMALL.length - 1 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const bytes = Uint8Array.from(SMALL);
        for (const [at, byte] of changes) bytes[at] = byte;
        expectSound(outcome(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('with pieces removed, doubled or moved are read or refused', () => {
    const place = fc.nat({ max: SMALL.length });
    fc.assert(
      fc.property(place, place, place, fc.boolean(), (a, b, target, remove) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const rest = remove
          ? Buffer.concat([SMALL.subarray(0, from), SMALL.subarray(to)])
          : Buffer.from(SMALL);
        const at = Math.min(target, rest.length);
        expectSound(
          outcome(Buffer.concat([rest.subarray(0, at), SMALL.subarray(from, to), rest.subarray(at)])),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('of any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, begun) => {
        expectSound(
          outcome(
            begun ? Buffer.concat([bytesOf('UHL1\r\n1 1501 001000 2010\r\n2 1 010126\r\n'), bytes]) : bytes,
          ),
        );
      }),
      { numRuns: 300 },
    );
  });
});
