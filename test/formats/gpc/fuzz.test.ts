import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../shared/domain/model.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { readGpc, type GpcOptions } from '../../../shared/formats/gpc/reader.ts';
import { fixture } from './compose.ts';

const FIXTURES = ['day-edit.gpc', 'day-internal.gpc', 'day-extended.gpc'] as const;

/** What is read, or the rule by which the file is refused; any other error fails the test. */
function outcome(bytes: Uint8Array, options: GpcOptions = {}): Statement[] | string {
  try {
    return readGpc(bytes, options);
  } catch (error) {
    if (error instanceof FormatError) return error.rule;
    throw error;
  }
}

/** Money is only ever what some line says. */
function isHonest(statements: readonly Statement[]): boolean {
  return statements.every(({ opening, closing, credits, debits, reconciles, count, transactions }) => {
    const sum = transactions.reduce((total, { amount }) => total + amount.minor, 0n);
    const balanced = (opening?.minor ?? 0n) + sum === (closing?.minor ?? 0n);
    return balanced === reconciles && credits.minor - debits.minor === sum && count === transactions.length;
  });
}

describe('a file that is cut off', () => {
  it.each(FIXTURES)('%s at any byte is refused, or lacks whole records at its end', (name) => {
    const bytes = fixture(name);
    const whole = readGpc(bytes)[0]?.transactions ?? [];
    for (let at = 0; at < bytes.length; at++) {
      const read = outcome(bytes.subarray(0, at));
      if (typeof read === 'string') continue;
      expect(isHonest(read)).toBe(true);
      const [statement] = read;
      expect(statement?.quarantined).toEqual([]);
      statement?.transactions.forEach(({ amount, bookingDate }, index) => {
        expect({ amount, bookingDate }).toEqual({
          amount: whole[index]?.amount,
          bookingDate: whole[index]?.bookingDate,
        });
      });
      if (statement && statement.count < whole.length) expect(statement.reconciles).toBe(false);
    }
  });
});

describe('damaged files', () => {
  it('with any bytes changed are read or refused', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.constantFrom(...FIXTURES),
        fc.array(change, { minLength: 1, maxLength: 5 }),
        (name, changes) => {
          const bytes = Uint8Array.from(fixture(name));
          for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
          const read = outcome(bytes);
          expect(typeof read === 'string' || isHonest(read)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('with pieces taken out, doubled or moved are read or refused', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FIXTURES), fc.nat(), fc.nat(), fc.nat(), (name, a, b, c) => {
        const bytes = fixture(name);
        const [from = 0, to = 0] = [a % bytes.length, b % bytes.length].toSorted((x, y) => x - y);
        const place = c % bytes.length;
        const moved = Buffer.concat([
          bytes.subarray(0, place),
          bytes.subarray(from, to),
          bytes.subarray(place),
        ]);
        const without = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
        for (const damaged of [moved, without]) {
          const read = outcome(damaged);
          expect(typeof read === 'string' || isHonest(read)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('of random bytes are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(typeof outcome(bytes)).toBe('string');
        const begun = outcome(Buffer.concat([Buffer.from('074'), bytes]));
        expect(typeof begun === 'string' || isHonest(begun)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
