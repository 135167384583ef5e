import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clockSkew, parseHttpDate } from '../../shared/http/http-date.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const httpDate = (instant: number): number => parseHttpDate(new Date(instant).toUTCString())!;

test('row 18: equal clocks never differ, whenever the bank answers between question and answer', () => {
  fc.assert(
    fc.property(fc.nat(999), fc.nat(30_000), fc.nat(30_000), (fraction, thinking, travelling) => {
      const asked = NOON + fraction;
      const written = asked + thinking;
      expect(clockSkew(httpDate(written), asked, written + travelling)).toBe(0);
    }),
  );
});

test('row 18: a skew is told to the second, plus half of what the call took', () => {
  fc.assert(
    fc.property(
      fc.nat(999),
      fc.nat(4_000),
      fc.nat(4_000),
      fc.oneof(fc.integer({ min: 10, max: 7_200 }), fc.integer({ min: -7_200, max: -10 })),
      (fraction, thinking, travelling, skew) => {
        const asked = NOON + fraction;
        const written = asked + thinking;
        const answered = written + travelling;
        const told = clockSkew(httpDate(written + skew * 1_000), asked, answered);
        expect(Math.abs(told - skew)).toBeLessThanOrEqual((1_000 + answered - asked) / 2_000 + 1);
      },
    ),
  );
});
