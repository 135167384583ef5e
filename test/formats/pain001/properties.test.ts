import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderFile, OrderGroup } from '../../../shared/domain/order-file.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { readPain001 } from '../../../shared/formats/pain001/reader.ts';
import { writePain001 } from '../../../shared/formats/pain001/writer.ts';
import { ABROAD, OPTIONS } from './compose.ts';
import { pain001Faults } from '../schemas/pain001.ts';
import { anyOrders, orders } from './orders.ts';

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

describe('row 35: round trip', () => {
  it.each([
    ['03', 'strd'],
    ['03', 'e2e'],
    ['03', 'ustrd'],
    ['09', 'strd'],
    ['09', 'ustrd'],
  ] as const)('read(write(order)) is the order in version %s, symbols in %s', (version, symbols) => {
    fc.assert(
      fc.property(orders, (groups) => {
        const { bytes } = writePain001(groups, { ...OPTIONS, version, symbols });
        const read = readPain001(bytes);
        expect(pain001Faults(bytes, version)).toEqual([]);
        expect([read.id, read.createdAt]).toEqual([OPTIONS.messageId, OPTIONS.createdAt]);
        expect([read.warnings, read.quarantined]).toEqual([[], []]);
        expect(slashedIdsGone(read)).toEqual(said(groups, symbols));
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
          const groups: OrderGroup[] = [
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
          const first = writePain001(groups, OPTIONS);
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

describe.each(['03', '09'] as const)('version %s', (version) => {
  it('keeps the message definition and can be read, or is refused, whatever the order', () => {
    let accepted = 0;
    fc.assert(
      fc.property(anyOrders, ([groups, options]) => {
        try {
          const { bytes } = writePain001(groups, { ...options, version });
          expect(pain001Faults(bytes, version)).toEqual([]);
          expect(readPain001(bytes).quarantined).toEqual([]);
          accepted += 1;
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      }),
      { numRuns: 200 },
    );
    expect(accepted).toBeGreaterThan(20);
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

  it('row 35: a changed digit in an account is told by its checksum', () => {
    const whole = SMALL.toString();
    const accounts = [...whole.matchAll(/<IBAN>(\w+)<\/IBAN>/g)];
    expect(accounts.length).toBeGreaterThan(1);
    const place = fc.constantFrom(...accounts).chain((match) =>
      fc.record({
        at: fc.integer({ min: match.index + 8, max: match.index + 5 + match[0].length - 13 }),
        digit: fc.constantFrom(...'0123456789'),
      }),
    );
    fc.assert(
      fc.property(place, ({ at, digit }) => {
        fc.pre(whole.charAt(at) !== digit);
        const read = outcome(Buffer.from(whole.slice(0, at) + digit + whole.slice(at + 1)));
        if (read instanceof FormatError) throw read;
        expect(JSON.stringify([read.warnings, read.quarantined])).toMatch(/account-(checksum|missing)|iban/);
      }),
      { numRuns: 150 },
    );
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
