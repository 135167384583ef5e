import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../shared/domain/failure.ts';
import { createQuota, type Usage } from '../../shared/http/quota.ts';
import type { QuotaRule } from '../../shared/http/types.ts';
import { virtualClock } from './support.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const rules: QuotaRule[] = [
  { operations: ['download'], perSecond: 5, perDay: 15, spacing: 250 },
  { operations: ['*'], perSecond: 10, perDay: 50, spacing: 150 },
];
const policy = { rules, exhaustedBackoff: HOUR };

const fresh = (clock = virtualClock(), usage: Usage = {}, notBefore: number | null = null, own = policy) =>
  createQuota({ policy: own, clock, usage, notBefore });

describe('row 7: quota of a credential', () => {
  test('spacing is kept between any two calls; the longer of an operation counts', () => {
    const quota = fresh();
    expect([quota.take('list'), quota.take('list'), quota.take('download'), quota.take('list')]).toEqual([
      0, 150, 400, 550,
    ]);
  });

  test('no rule, no limit', () => {
    const quota = fresh(virtualClock(), {}, null, { rules: [], exhaustedBackoff: HOUR });
    for (let call = 0; call < 100; call++) expect(quota.take('anything')).toBe(0);
  });

  test('row 7: a spent day refuses with an hour of silence for the whole credential', () => {
    const clock = virtualClock();
    const quota = fresh(clock);
    for (let call = 0; call < 15; call++) clock.advance(quota.take('download'));
    expect(() => quota.take('download')).toThrow(Failure);
    expect(quota.notBefore()).toBe(clock.now() + HOUR);
    expect(() => quota.take('list')).toThrow(/rests until/);
    clock.advance(HOUR);
    expect(quota.notBefore()).toBeNull();
    expect(quota.take('list')).toBe(0);
  });

  test('what a lease remembers counts, and what is older than a day does not', () => {
    const clock = virtualClock();
    const hour = Math.floor(clock.now() / HOUR);
    const usage = {
      [hour - 25]: { download: 9 },
      [hour - 24]: { download: 7 },
      [hour]: { download: 7, list: 2 },
    };
    const quota = fresh(clock, usage);
    expect(quota.take('download')).toBe(0);
    expect(() => quota.take('download')).toThrow(/15 calls of the last 24 hours/);
    expect(quota.usage()).toEqual({ [hour - 24]: { download: 7 }, [hour]: { download: 8, list: 2 } });
    expect(JSON.parse(JSON.stringify(quota.usage()))).toEqual(quota.usage());
  });

  test('a silence handed over by the lease is kept', () => {
    const clock = virtualClock();
    const quota = fresh(clock, {}, clock.now() + 5_000);
    expect(() => quota.take('list')).toThrow(expect.objectContaining({ kind: 'rate-limited' }));
    clock.advance(5_000);
    expect(quota.take('list')).toBe(0);
  });

  test('the bank’s headers: nothing left of the second waits, nothing left of the day stops', () => {
    const clock = virtualClock();
    const quota = fresh(clock);
    quota.take('list');
    quota.observe('list', 0, 40);
    expect(quota.take('list')).toBe(1_000);
    quota.observe('list', null, null);
    quota.observe('list', 3, 0);
    expect(() => quota.take('list')).toThrow(/rests until/);
  });

  test('row 8: any order of calls obeys every rule, over days and over restarts', () => {
    const step = fc.record({
      operation: fc.constantFrom('list', 'download', 'balance'),
      pause: fc.oneof(
        fc.constant(0),
        fc.integer({ min: 0, max: 2_000 }),
        fc.integer({ min: 0, max: 3 * HOUR }),
      ),
      restart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 250 }), (steps) => {
        const clock = virtualClock();
        let quota = fresh(clock);
        const calls: { operation: string; at: number }[] = [];
        for (const { operation, pause, restart } of steps) {
          clock.advance(pause);
          if (restart) {
            // A later run of the same credential; the lease keeps only what `usage` and `notBefore` tell.
            clock.advance(1_000);
            quota = fresh(clock, quota.usage(), quota.notBefore());
          }
          try {
            clock.advance(quota.take(operation));
            calls.push({ operation, at: clock.now() });
          } catch (error) {
            expect((error as Failure).kind).toBe('rate-limited');
          }
        }
        for (const [index, call] of calls.entries()) {
          const rule = rules[call.operation === 'download' ? 0 : 1] as QuotaRule;
          const same = calls.slice(0, index + 1).filter(({ operation }) => operation === call.operation);
          expect(same.filter(({ at }) => at > call.at - 1_000).length).toBeLessThanOrEqual(rule.perSecond);
          expect(same.filter(({ at }) => at > call.at - DAY).length).toBeLessThanOrEqual(rule.perDay);
          const previous = calls[index - 1];
          if (previous) expect(call.at - previous.at).toBeGreaterThanOrEqual(rule.spacing);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('per second without spacing', () => {
    const clock = virtualClock();
    const burst = {
      rules: [{ operations: ['*'], perSecond: 3, perDay: 1_000, spacing: 0 }],
      exhaustedBackoff: HOUR,
    };
    const quota = fresh(clock, {}, null, burst);
    const waits = Array.from({ length: 7 }, () => quota.take('list'));
    expect(waits).toEqual([0, 0, 0, 1_000, 1_000, 1_000, 2_000]);
  });
});

describe('row 7: calls within a span of minutes', () => {
  const MINUTE = 60_000;
  const span: QuotaRule = {
    operations: ['list', 'start', 'finish'],
    perSecond: 100,
    perDay: 10_000,
    spacing: 0,
    window: { calls: 6, milliseconds: 20 * MINUTE },
  };
  const spanned = {
    rules: [span, { operations: ['*'], perSecond: 100, perDay: 10_000, spacing: 0 }],
    exhaustedBackoff: HOUR,
  };

  test('operations of a rule share its window; others are free of it', () => {
    const clock = virtualClock();
    const quota = fresh(clock, {}, null, spanned);
    const first = clock.now();
    for (const operation of ['list', 'start', 'finish', 'list', 'list', 'start']) {
      quota.take(operation);
      clock.advance(MINUTE);
    }
    for (let file = 0; file < 50; file++) quota.take('download');
    expect(() => quota.take('list')).toThrow(
      expect.objectContaining({
        kind: 'rate-limited',
        detail: expect.objectContaining({ notBefore: first + 20 * MINUTE }),
      }),
    );
    expect(quota.notBefore()).toBe(first + 20 * MINUTE);
    clock.advance(first + 20 * MINUTE - clock.now());
    expect(quota.take('list')).toBe(0);
    expect(() => quota.take('finish')).toThrow(/6 calls of the last 20 minutes/);
  });

  test('the lease keeps the instants, and only those that still count', () => {
    const clock = virtualClock();
    const quota = fresh(clock, {}, null, spanned);
    for (let call = 0; call < 4; call++) quota.take('list');
    clock.advance(10 * MINUTE);
    const usage = JSON.parse(JSON.stringify(quota.usage())) as Usage;
    expect(usage['window:list']).toEqual({ [clock.now() - 10 * MINUTE]: 4 });
    const next = fresh(clock, usage, quota.notBefore(), spanned);
    next.take('start');
    next.take('finish');
    expect(() => next.take('list')).toThrow(Failure);
    clock.advance(25 * MINUTE);
    expect(Object.keys(next.usage()).filter((key) => key.startsWith('window'))).toEqual([]);
    expect(fresh(clock, usage, null, spanned).take('list')).toBe(0);
  });

  test('a credential without such a rule keeps nothing of it', () => {
    const quota = fresh();
    quota.take('list');
    expect(Object.keys(quota.usage()).every((key) => /^\d+$/.test(key))).toBe(true);
  });

  test('any order of calls and restarts stays within the window', () => {
    const step = fc.record({
      operation: fc.constantFrom('list', 'start', 'finish', 'download'),
      pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5 * MINUTE })),
      restart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const clock = virtualClock();
        let quota = fresh(clock, {}, null, spanned);
        const calls: number[] = [];
        for (const { operation, pause, restart } of steps) {
          clock.advance(pause);
          if (restart)
            quota = fresh(
              clock,
              JSON.parse(JSON.stringify(quota.usage())) as Usage,
              quota.notBefore(),
              spanned,
            );
          try {
            clock.advance(quota.take(operation));
            if (operation !== 'download') calls.push(clock.now());
          } catch (error) {
            expect((error as Failure).kind).toBe('rate-limited');
          }
        }
        for (const at of calls) {
          const within = calls.filter((other) => other <= at && other > at - 20 * MINUTE);
          expect(within.length).toBeLessThanOrEqual(6);
        }
      }),
      { numRuns: 60 },
    );
  });
});
