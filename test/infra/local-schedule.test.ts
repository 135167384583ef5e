import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { latestSlot, parseSchedule, runOnTime, scheduledEvent } from '../../infra/local/schedule.ts';
import type { Schedule, Stack } from '../../infra/local/stack.ts';

const MINUTE = 60_000;

/** Slots of an expression between two instants. */
function slots(expression: string, zone: string, from: string, to: string): string[] {
  const isDue = parseSchedule(expression, zone);
  const found: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += MINUTE) {
    if (isDue(new Date(at))) found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

describe('an expression', () => {
  test.each([
    ['cron(0 * * * ? *)', ['2026-11-21T09:00', '2026-11-21T10:00', '2026-11-21T11:00']],
    ['cron(0 * ? * * *)', ['2026-11-21T09:00', '2026-11-21T10:00', '2026-11-21T11:00']],
    ['rate(1 hour)', ['2026-11-21T09:00', '2026-11-21T10:00', '2026-11-21T11:00']],
    ['cron(15,45 11 * * ? *)', ['2026-11-21T10:15', '2026-11-21T10:45']],
    [
      'rate(30 minutes)',
      ['2026-11-21T09:00', '2026-11-21T09:30', '2026-11-21T10:00', '2026-11-21T10:30', '2026-11-21T11:00'],
    ],
    ['rate(1 day)', []],
  ])('%s has its slots in Prague time', (expression, expected) => {
    expect(slots(expression, 'Europe/Prague', '2026-11-21T09:00:00Z', '2026-11-21T11:00:00Z')).toEqual(
      expected,
    );
  });

  test('keeps to the wall clock when summer ends', () => {
    const at = (day: string) =>
      slots('cron(0 6 * * ? *)', 'Europe/Prague', `${day}T00:00:00Z`, `${day}T23:59:00Z`);
    expect([at('2026-10-24'), at('2026-10-26')]).toEqual([['2026-10-24T04:00'], ['2026-10-26T05:00']]);
  });

  test.each([
    'cron(0 12 ? * MON *)',
    'cron(0/5 * * * ? *)',
    'cron(0 * * * *)',
    'at(2026-11-21T00:00:00)',
    'hourly',
  ])('%s is refused', (expression) => {
    expect(() => parseSchedule(expression, 'UTC')).toThrow(
      /cannot read the schedule .*infra\/local\/schedule\.ts/,
    );
  });
});

test('the latest missed slot is made up for, once', () => {
  const hourly = parseSchedule('cron(0 * * * ? *)', 'Europe/Prague');
  fc.assert(
    fc.property(
      fc.integer({ min: 29_000_000, max: 30_000_000 }),
      fc.integer({ min: 0, max: 1440 }),
      (last, slept) => {
        const slot = latestSlot(hourly, last, last + slept);
        const hour = Math.floor((last + slept) / 60) * 60;
        expect(slot).toEqual(hour > last ? new Date(hour * MINUTE) : null);
      },
    ),
  );
});

describe('on the clock', () => {
  afterEach(() => vi.useRealTimers());

  const schedule: Schedule = {
    name: 'Hourly',
    function: 'pull-plan',
    expression: 'cron(0 * * * ? *)',
    timeZone: 'Europe/Prague',
    input: null,
  };
  function run(from: string): { slots: string[]; stop: () => void } {
    vi.useFakeTimers({ now: new Date(from), toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    const slots: string[] = [];
    return { slots, stop: runOnTime([schedule], (_, slot) => slots.push(slot)) };
  }

  test('each slot starts once, none before its time or after the stop', () => {
    const { slots, stop } = run('2026-11-21T09:00:30Z');
    vi.advanceTimersByTime(59 * MINUTE);
    expect(slots).toEqual([]);
    vi.advanceTimersByTime(61 * MINUTE);
    expect(slots).toEqual(['2026-11-21T10:00:00.000Z', '2026-11-21T11:00:00.000Z']);
    stop();
    vi.advanceTimersByTime(120 * MINUTE);
    expect(slots).toHaveLength(2);
  });

  test('after a night asleep the latest slot alone is made up for', () => {
    const { slots, stop } = run('2026-11-20T22:30:00Z');
    vi.setSystemTime(new Date('2026-11-21T06:20:00Z'));
    vi.advanceTimersByTime(MINUTE);
    expect(slots).toEqual(['2026-11-21T06:00:00.000Z']);
    vi.advanceTimersByTime(5 * MINUTE);
    expect(slots).toHaveLength(1);
    stop();
  });
});

test('an input of its own is given instead of the default event, its keywords filled in', () => {
  const schedule: Schedule = {
    name: 'Nightly',
    function: 'pull-plan',
    expression: 'rate(1 day)',
    timeZone: 'UTC',
    input:
      '{"slot":"<aws.scheduler.scheduled-time>","arn":"<aws.scheduler.schedule-arn>","n":<aws.scheduler.attempt-number>}',
  };
  const stack = { region: 'eu-central-1', accountId: '1' } as Stack;
  expect(scheduledEvent(schedule, stack, '2026-11-21T03:00:00.000Z')).toEqual({
    slot: '2026-11-21T03:00:00Z',
    arn: 'arn:aws:scheduler:eu-central-1:1:schedule/default/Nightly',
    n: 1,
  });
});
