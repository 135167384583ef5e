import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, dateIn, daysBetween, type PlainDate } from '../../shared/domain/dates.ts';
import { clampWindow, OVERLAP_DAYS, slices, windowOf } from '../../shared/domain/window.ts';

const PRAGUE = 'Europe/Prague';
const HOUR = 3_600_000;
const noon = (day: PlainDate): number => Date.parse(`${day}T11:00:00Z`);

const at = (day: PlainDate, told: Partial<Parameters<typeof windowOf>[0]> = {}) =>
  windowOf({
    now: noon(day),
    timeZone: PRAGUE,
    completeThrough: null,
    firstDay: day,
    historyDays: 5,
    depthDays: 89,
    ...told,
  });

describe('the window of a pull', () => {
  it('reaches back the history days at first, and one to overlap', () => {
    expect(at('2026-09-16')).toEqual({ from: '2026-09-10', to: '2026-09-16' });
  });

  it('keeps the first day in mind as long as nothing succeeded', () => {
    expect(at('2026-09-26', { firstDay: '2026-09-16' })).toEqual({ from: '2026-09-10', to: '2026-09-26' });
  });

  it('reaches back to the last complete day when that is earlier than the history days', () => {
    const window = at('2026-09-26', { completeThrough: '2026-09-16' });
    expect(window).toEqual({ from: '2026-09-15', to: '2026-09-26' });
  });

  it('reads the history days again though all is complete', () => {
    const window = at('2026-09-26', { completeThrough: '2026-09-26' });
    expect(window).toEqual({ from: '2026-09-20', to: '2026-09-26' });
  });

  it('never reaches past the bank’s depth', () => {
    const window = at('2026-09-26', { completeThrough: '2025-01-01' });
    expect(window).toEqual({ from: addDays('2026-09-26', -89), to: '2026-09-26' });
    expect(at('2026-09-26', { completeThrough: '2025-01-01', depthDays: null }).from).toBe('2024-12-31');
  });

  it('ends today in the bank’s zone', () => {
    const late = Date.parse('2026-09-16T22:30:00Z');
    expect(at('2026-09-16', { now: late }).to).toBe('2026-09-17');
    expect(at('2026-09-16', { now: late, timeZone: 'Asia/Tbilisi' }).to).toBe('2026-09-17');
    expect(at('2026-09-16', { now: late, timeZone: 'Europe/London' }).to).toBe('2026-09-16');
  });
});

describe('a window asked for by hand', () => {
  const today = '2026-09-16';

  it('is cut to what the bank can answer', () => {
    const asked = { from: '2026-01-01', to: '2026-12-31' };
    expect(clampWindow(asked, today, 30)).toEqual({ from: '2026-08-17', to: today });
    expect(clampWindow(asked, today, null)).toEqual({ from: '2026-01-01', to: today });
  });

  it('never runs backwards, whatever was asked', () => {
    const day = fc.integer({ min: -900, max: 900 }).map((days) => addDays(today, days));
    const depth = fc.option(fc.nat(400), { nil: null });
    fc.assert(
      fc.property(day, day, depth, (from, to, depthDays) => {
        const window = clampWindow({ from, to }, today, depthDays);
        expect(window.from <= window.to).toBe(true);
        expect(window.to <= today).toBe(true);
      }),
    );
  });
});

it('slices cover a window without a gap or an overlap, oldest first', () => {
  const length = fc.integer({ min: 0, max: 500 });
  fc.assert(
    fc.property(length, fc.integer({ min: 1, max: 120 }), (days, longest) => {
      const window = { from: '2026-01-15', to: addDays('2026-01-15', days) };
      const parts = slices(window, longest);
      expect(parts[0]!.from).toBe(window.from);
      expect(parts.at(-1)!.to).toBe(window.to);
      for (const [index, part] of parts.entries()) {
        expect(daysBetween(part.from, part.to)).toBeLessThan(longest);
        if (index > 0) expect(part.from).toBe(addDays(parts[index - 1]!.to, 1));
      }
    }),
  );
});

describe('hourly slots with outages', () => {
  /** Both changes of time, a leap day and a turn of the year lie within reach of these starts. */
  const start = fc.constantFrom(
    '2026-03-27T00:10:00Z',
    '2026-10-23T00:10:00Z',
    '2028-02-27T20:10:00Z',
    '2026-12-30T22:10:00Z',
  );
  /** Hours until the next slot that succeeds: mostly one, sometimes a day, sometimes nine. */
  const pauses = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(1) },
      { weight: 3, arbitrary: fc.integer({ min: 2, max: 30 }) },
      { weight: 1, arbitrary: fc.integer({ min: 31, max: 9 * 24 }) },
    ),
    { minLength: 1, maxLength: 60 },
  );
  const history = fc.integer({ min: 1, max: 6 });

  /** The windows of the slots that succeeded, each with its day. */
  function run(begin: string, hours: readonly number[], historyDays: number) {
    const windows: { day: PlainDate; from: PlainDate; to: PlainDate }[] = [];
    const firstDay = dateIn(PRAGUE, Date.parse(begin));
    let completeThrough: PlainDate | null = null;
    let now = Date.parse(begin);
    for (const pause of hours) {
      now += pause * HOUR;
      const options = { now, timeZone: PRAGUE, completeThrough, firstDay, historyDays, depthDays: 89 };
      const window = windowOf(options);
      windows.push({ day: dateIn(PRAGUE, now), ...window });
      completeThrough = window.to;
    }
    return { windows, firstDay };
  }

  it('leave no day out, and read every day once more after its end', () => {
    fc.assert(
      fc.property(start, pauses, history, (begin, hours, historyDays) => {
        const { windows, firstDay } = run(begin, hours, historyDays);
        const last = windows.at(-1)!.day;
        for (let day = addDays(firstDay, -historyDays); day <= last; day = addDays(day, 1)) {
          const reading = windows.filter(({ from, to }) => from <= day && day <= to);
          expect(reading, `${day} is read`).not.toHaveLength(0);
          if (day < last) expect(reading.some((one) => one.day > day)).toBe(true);
        }
      }),
    );
  });

  it('read a late booking of the overlap: the first success after a day reaches before it', () => {
    fc.assert(
      fc.property(start, pauses, history, (begin, hours, historyDays) => {
        const { windows } = run(begin, hours, historyDays);
        for (const [index, window] of windows.entries()) {
          const previous = windows[index - 1];
          if (previous) expect(window.from <= addDays(previous.to, -OVERLAP_DAYS)).toBe(true);
        }
      }),
    );
  });
});
