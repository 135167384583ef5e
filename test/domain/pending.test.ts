import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hintsOf } from '../../shared/domain/hints.ts';
import { pendingOf, sortKeyOf, type Advised } from '../../shared/domain/pending.ts';
import type { Transaction } from '../../shared/domain/model.ts';
import { movement } from './movements.ts';

const advice = (document: string, ...transactions: readonly Transaction[]): Advised => ({
  document,
  transactions,
});
const minors = (advices: readonly Advised[], from = '2026-09-16'): bigint[] =>
  pendingOf(advices, from).map(({ transaction }) => transaction.amount.minor);

describe('what is pending', () => {
  test('movements of days from the given one on; earlier ones stand in a statement', () => {
    const days = ['2026-09-15', '2026-09-16', '2026-09-17'].map((bookingDate, at) =>
      movement({ bookingDate, minor: BigInt(at) }),
    );
    expect(minors([advice('a', ...days)])).toEqual([1n, 2n]);
    expect(minors([advice('a', ...days)], '2026-09-18')).toEqual([]);
  });

  test('of two advices that tell the same, the first one is named', () => {
    const one = movement({ bankReference: '26762' });
    const rows = pendingOf([advice('a', one), advice('b', one, movement({ minor: 5n }))], '2026-09-16');
    expect(rows.map(({ document }) => document).sort()).toEqual(['a', 'b']);
    expect(pendingOf([advice('a', one)], '2026-09-16')[0]!.id).toBe(
      pendingOf([advice('x'), advice('b', one)], '2026-09-16')[0]!.id,
    );
  });

  test('two equal ones within an advice are two, told again they stay two', () => {
    const one = movement({ valueDate: '2026-09-16', variableSymbol: '1' });
    expect(minors([advice('a', one, one)])).toHaveLength(2);
    expect(minors([advice('a', one), advice('b', one, one), advice('c', one)])).toHaveLength(2);
  });

  test.each([
    ['the reference', { bankReference: '2' }],
    ['the amount', { minor: 101_00n }],
    ['the day, for references may begin anew', { bookingDate: '2026-09-17' }],
  ])('with references, %s tells one from another', (_, change) => {
    const one = { bankReference: '1', valueDate: '2026-09-16' };
    expect(minors([advice('a', movement(one)), advice('b', movement({ ...one, ...change }))])).toHaveLength(
      2,
    );
  });

  test.each([
    ['the value date', { valueDate: '2026-09-17' }],
    ['the amount', { minor: 101_00n }],
    ['VS', { variableSymbol: '2' }],
    ['KS', { constantSymbol: '0308' }],
    ['SS', { specificSymbol: '9' }],
    ['the currency', { amount: { minor: 100_00n, currency: 'EUR' } }],
  ])('without references, %s tells one from another', (_, change) => {
    const one = { valueDate: '2026-09-16', variableSymbol: '1' };
    expect(minors([advice('a', movement(one)), advice('b', movement({ ...one, ...change }))])).toHaveLength(
      2,
    );
  });

  test('without references, names and texts do not: banks write them in another way', () => {
    const one = { valueDate: '2026-09-16', variableSymbol: '1' };
    expect(
      minors([advice('a', movement(one)), advice('b', movement({ ...one, message: 'other' }))]),
    ).toHaveLength(1);
  });

  test('telling all of it again, in any number of advices, changes nothing but who told it first', () => {
    const some = fc.array(
      fc.record({
        bankReference: fc.option(fc.constantFrom('1', '2', '3')),
        minor: fc.constantFrom(1n, 2n),
        bookingDate: fc.constantFrom('2026-09-15', '2026-09-16', '2026-09-17'),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.array(some, { maxLength: 4 }), (told) => {
        const advices = told.map((rows, at) => advice(String(at), ...rows.map(movement)));
        const rows = pendingOf(advices, '2026-09-16');
        const ids = rows.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(rows.map(sortKeyOf)).toEqual(rows.map(sortKeyOf).toSorted());
        expect(pendingOf([...advices, ...advices.toReversed()], '2026-09-16')).toEqual(rows);
        // Never more than all, and never fewer than any one advice tells.
        const counts = advices.map((one) => pendingOf([one], '2026-09-16').length);
        expect(rows.length).toBeGreaterThanOrEqual(Math.max(0, ...counts));
        expect(rows.length).toBeLessThanOrEqual(counts.reduce((sum, one) => sum + one, 0));
      }),
    );
  });
});

test('hints are what the connection notes; nothing noted is null', () => {
  const config = { contractNumber: '1', contentEncoding: ' windows-1250 ', processingProcedure: 'CSOB-IN' };
  expect(hintsOf({ config })).toEqual({ contentEncoding: 'windows-1250', processingProcedure: 'CSOB-IN' });
  const nothing = { contentEncoding: null, processingProcedure: null };
  expect(hintsOf({ config: { contentEncoding: '', processingProcedure: ' ' } })).toEqual(nothing);
  expect(hintsOf({ config: {} })).toEqual(nothing);
  expect(hintsOf(null)).toEqual(nothing);
});
