import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isFinal,
  mayBeAtBank,
  mayBecome,
  PAYMENT_STATES,
  rollUp,
  type PaymentState,
} from '../../shared/domain/payment.ts';
import { Marks } from '../../shared/domain/marks.ts';

/**
 * The edges of the design (chapter 5) and of orders handed out as files, written out by hand: the table is held against
 * them pair by pair.
 */
const DRAWN = `
accepted -> awaiting-approval submitting awaiting-signature rejected cancelled expired
awaiting-approval -> accepted rejected cancelled expired
submitting -> accepted submitted awaiting-signature processing outcome-unknown executed partly-executed rejected
submitted -> awaiting-signature processing executed partly-executed rejected cancelled expired
awaiting-signature -> processing executed partly-executed rejected cancelled expired
processing -> executed partly-executed rejected cancelled expired
outcome-unknown -> accepted submitted awaiting-signature processing executed partly-executed rejected cancelled expired
executed ->
partly-executed ->
rejected ->
cancelled ->
expired ->
`;
const edges = new Map(
  DRAWN.trim()
    .split('\n')
    .map((line) => {
      const [from = '', to = ''] = line.split('->');
      return [from.trim(), new Set(to.trim().split(' ').filter(Boolean))] as const;
    }),
);

describe('the states of a payment', () => {
  const pairs = PAYMENT_STATES.flatMap((from) => PAYMENT_STATES.map((to) => [from, to] as const));
  it.each(pairs)('%s to %s', (from, to) => {
    expect(mayBecome(from, to)).toBe(edges.get(from)!.has(to));
  });

  it('end in five ways', () => {
    expect(PAYMENT_STATES.filter(isFinal).sort()).toEqual(
      ['cancelled', 'executed', 'expired', 'partly-executed', 'rejected'].sort(),
    );
  });

  it('leave `submitting` and `outcome-unknown` by no edge that would send twice', () => {
    const into = (state: PaymentState) => PAYMENT_STATES.filter((from) => mayBecome(from, state));
    // Only an order that is at rest goes on its way; one in doubt rests only by an operator's word.
    expect(into('submitting')).toEqual(['accepted']);
    expect(into('outcome-unknown')).toEqual(['submitting']);
  });

  it('that may be at the bank are these', () => {
    expect(PAYMENT_STATES.filter(mayBeAtBank)).toEqual([
      'submitting',
      'submitted',
      'awaiting-signature',
      'processing',
      'outcome-unknown',
    ]);
  });
});

describe('what the payments of an order add up to', () => {
  it.each([
    [{ count: 3, executed: 0, rejected: 0 }, null],
    [{ count: 3, executed: 2, rejected: 0 }, null],
    [{ count: 3, executed: 1, rejected: 1 }, null],
    [{ count: 3, executed: 3, rejected: 0 }, 'executed'],
    [{ count: 3, executed: 2, rejected: 1 }, 'partly-executed'],
    [{ count: 3, executed: 0, rejected: 3 }, 'rejected'],
    [{ count: 1, executed: 1, rejected: 0 }, 'executed'],
  ] as const)('%j is %s', (tally, state) => {
    expect(rollUp(tally)).toBe(state);
  });
});

describe('marks', () => {
  it('are the numbers that were added, through their text', () => {
    const set = fc.uniqueArray(fc.nat(14_999), { maxLength: 50 });
    fc.assert(
      fc.property(set, fc.nat(14_999), (numbers, other) => {
        const marks = new Marks('', 15_000);
        for (const number of numbers) marks.add(number);
        const again = new Marks(marks.toString(), 15_000);
        for (const number of numbers) expect(again.has(number)).toBe(true);
        expect(again.has(other)).toBe(numbers.includes(other));
      }),
    );
  });

  it('outside the order are nobody’s', () => {
    const marks = new Marks('', 8);
    marks.add(8);
    marks.add(-1);
    expect([...Array(20).keys()].some((number) => marks.has(number))).toBe(false);
    expect(marks.toString()).toHaveLength(4);
  });
});
