import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, dateIn, daysBetween, isPlainDate, maxDate, minDate } from '../../shared/domain/dates.ts';

describe('plain dates', () => {
  it.each(['2026-09-03', '2024-02-29', '2000-02-29', '1999-12-31'])('%s exists', (date) => {
    expect(isPlainDate(date)).toBe(true);
  });

  it.each([
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31',
    '2026-9-3',
    '20260903',
    '2026-09-03T00:00',
    '',
  ])('%j does not', (date) => {
    expect(isPlainDate(date)).toBe(false);
  });

  it('counts days over years and leap days', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    fc.assert(
      fc.property(fc.integer({ min: -20_000, max: 20_000 }), (days) => {
        expect(daysBetween('2026-09-03', addDays('2026-09-03', days))).toBe(days);
      }),
    );
  });

  it('takes the calendar of the zone, also across the change of time', () => {
    expect(dateIn('Europe/Prague', Date.parse('2026-09-03T21:59:59Z'))).toBe('2026-09-03');
    expect(dateIn('Europe/Prague', Date.parse('2026-09-03T22:00:00Z'))).toBe('2026-09-04');
    expect(dateIn('Europe/Prague', Date.parse('2026-11-21T22:59:59Z'))).toBe('2026-11-21');
    expect(dateIn('Europe/Prague', Date.parse('2026-11-21T23:00:00Z'))).toBe('2026-11-22');
  });

  it('compares as text', () => {
    expect(minDate('2026-09-03', '2026-10-01')).toBe('2026-09-03');
    expect(maxDate('2026-09-03', '2026-10-01')).toBe('2026-10-01');
  });
});
