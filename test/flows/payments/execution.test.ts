import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PaymentRules } from '../../../shared/banks/contract.ts';
import { isBankingDay } from '../../../shared/domain/banking-days.ts';
import { addDays, dateIn } from '../../../shared/domain/dates.ts';
import { executionOf } from '../../../shared/flows/payments/execution.ts';

const PRAGUE = 'Europe/Prague';
const RULES = { cutOff: { normal: '15:00', urgent: '13:00' } } as PaymentRules;
const at = (text: string): number => Date.parse(text);
const dayOf = (
  requested: string | null,
  now: string,
  priority: 'normal' | 'urgent' | 'instant' = 'normal',
): string | null => executionOf(requested, priority, RULES, PRAGUE, at(now))?.day ?? null;

describe('row 39: the day of execution', () => {
  it.each([
    // Summer time: 12:59 UTC is 14:59 in Prague.
    ['before the cut-off', null, '2026-09-16T12:59:00Z', 'normal', '2026-09-16'],
    ['at the cut-off', null, '2026-09-16T13:00:59Z', 'normal', '2026-09-16'],
    ['behind it', null, '2026-09-16T13:01:00Z', 'normal', '2026-09-17'],
    ['behind it on a Friday', null, '2026-09-18T14:00:00Z', 'normal', '2026-09-21'],
    ['an urgent one has its own', null, '2026-09-16T11:30:00Z', 'urgent', '2026-09-17'],
    // Winter time: 14:00 UTC is 15:00 in Prague.
    ['in winter', null, '2026-11-18T14:00:30Z', 'normal', '2026-11-18'],
    ['in winter behind it', null, '2026-11-18T14:01:00Z', 'normal', '2026-11-19'],
    ['on a public holiday', '2026-09-28', '2026-09-16T08:00:00Z', 'normal', '2026-09-29'],
    ['on Good Friday', '2027-03-26', '2027-03-01T08:00:00Z', 'normal', '2027-03-30'],
    ['over Christmas', '2026-12-24', '2026-12-01T08:00:00Z', 'normal', '2026-12-28'],
    ['in the night of the clock change', '2026-10-25', '2026-10-25T00:30:00Z', 'normal', '2026-10-26'],
    ['an instant payment knows no week-end', '2026-09-19', '2026-09-19T20:00:00Z', 'instant', '2026-09-19'],
    ['just after midnight in Prague', null, '2026-09-16T22:30:00Z', 'normal', '2026-09-17'],
  ] as const)('%s', (_, requested, now, priority, day) => {
    expect(dayOf(requested, now, priority)).toBe(day);
  });

  it('a day gone by is refused, by the calendar of Prague', () => {
    expect(dayOf('2026-09-15', '2026-09-16T08:00:00Z')).toBeNull();
    expect(dayOf('2026-09-16', '2026-09-16T22:30:00Z')).toBeNull();
  });

  it('is a banking day, never before the one asked for, for ten years', () => {
    const start = at('2026-01-01T00:00:00Z');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_650 * 24 * 60 }), fc.nat(40), (minutes, ahead) => {
        const now = start + minutes * 60_000;
        const asked = addDays(dateIn(PRAGUE, now), ahead);
        const { day, requested } = executionOf(asked, 'normal', RULES, PRAGUE, now)!;
        expect(requested).toBe(asked);
        expect(day >= asked).toBe(true);
        expect(isBankingDay(day)).toBe(true);
        // Never further than the longest run of days without a bank, and one for the cut-off.
        expect(day <= addDays(asked, 6)).toBe(true);
      }),
    );
  });
});
