import { Failure } from '../domain/failure.ts';
import type { Clock } from '../domain/ports.ts';
import type { Quota, QuotaPolicy, QuotaRule } from './types.ts';

/**
 * Calls by hour (epoch hours, as text) and operation: JSON that the credential's lease keeps between runs. Beside the
 * hours stand, for each rule with a window, the instants of its calls: `window:` and the rule's first operation.
 */
export type Usage = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A quota with what must be remembered of it. */
export interface CredentialQuota extends Quota {
  /** What was used in the last day, earlier hours left out. */
  usage(): Usage;
  /** Epoch milliseconds before which the credential must stay silent, `null` when it may speak. */
  notBefore(): number | null;
}

export interface QuotaOptions {
  readonly policy: Pick<QuotaPolicy, 'rules' | 'exhaustedBackoff'>;
  readonly clock: Pick<Clock, 'now'>;
  /** What the lease remembers; `{}` for a credential never used. */
  readonly usage: Usage;
  readonly notBefore: number | null;
}

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const hourOf = (instant: number): number => Math.floor(instant / HOUR);

const windowKey = ({ operations }: QuotaRule): string => `window:${operations[0] ?? ''}`;

const instantsOf = (counted: Readonly<Record<string, number>>): number[] =>
  Object.entries(counted)
    .flatMap(([instant, count]) => Array.from({ length: count }, () => Number(instant)))
    .sort((a, b) => a - b);

function countsOf(instants: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const instant of instants) counts[instant] = (counts[instant] ?? 0) + 1;
  return counts;
}

/**
 * The arithmetic of a bank's limits for one credential, which one caller holds at a time. The sliding day is counted
 * in whole hours, and an hour counts as long as any instant of it lies within the last 24 hours: never too little.
 * Each operation is counted by itself; spacing is kept between any two calls.
 */
export function createQuota({ policy, clock, usage: before, notBefore }: QuotaOptions): CredentialQuota {
  const counts = new Map<number, Map<string, number>>(
    Object.entries(before)
      .filter(([key]) => /^\d+$/.test(key))
      .map(([hour, operations]) => [Number(hour), new Map(Object.entries(operations))]),
  );
  /** Instants of the calls within each rule's window, oldest first. */
  const windows = new Map<QuotaRule, number[]>(
    policy.rules
      .filter(({ window }) => window !== undefined)
      .map((rule) => [rule, instantsOf(before[windowKey(rule)] ?? {})]),
  );
  /** Instants of the calls within the last second, by operation. */
  const recent = new Map<string, number[]>();
  /** Until when the bank's own headers forbid an operation. */
  const pauses = new Map<string, number>();
  let silentUntil = notBefore ?? 0;
  let last = -Infinity;

  const ruleFor = (operation: string): QuotaRule | undefined =>
    policy.rules.find((rule) => rule.operations.includes(operation)) ??
    policy.rules.find((rule) => rule.operations.includes('*'));

  function forgetOld(now: number): void {
    for (const hour of counts.keys()) if (hour < hourOf(now - DAY)) counts.delete(hour);
    for (const [rule, calls] of windows) {
      windows.set(
        rule,
        calls.filter((call) => call > now - (rule.window?.milliseconds ?? 0)),
      );
    }
  }

  function usedToday(operation: string): number {
    let used = 0;
    for (const operations of counts.values()) used += operations.get(operation) ?? 0;
    return used;
  }

  /** The instant at which the rule's window has room again; `null` when it has room. */
  function fullUntil(rule: QuotaRule): number | null {
    const calls = windows.get(rule) ?? [];
    const { window } = rule;
    const oldest = window && calls[calls.length - window.calls];
    return oldest === undefined ? null : oldest + window!.milliseconds;
  }

  function record(operation: string, instant: number): void {
    const rule = ruleFor(operation);
    if (rule) windows.get(rule)?.push(instant);
    const hour = hourOf(instant);
    const operations = counts.get(hour) ?? new Map<string, number>();
    counts.set(hour, operations.set(operation, (operations.get(operation) ?? 0) + 1));
    const calls = (recent.get(operation) ?? []).filter((call) => call > instant - SECOND);
    recent.set(operation, [...calls, instant]);
    last = instant;
  }

  /** The first instant from `now` on at which the rule allows a call. */
  function firstSlot(operation: string, rule: QuotaRule | undefined, now: number): number {
    const spaced = Math.max(now, last + (rule?.spacing ?? 0), pauses.get(operation) ?? 0);
    if (!rule) return spaced;
    const calls = (recent.get(operation) ?? []).filter((call) => call > spaced - SECOND);
    const blocking = calls[calls.length - rule.perSecond];
    return blocking === undefined ? spaced : blocking + SECOND;
  }

  function refuse(operation: string, until: number, why: string): never {
    const message = `${operation} was not called: ${why}. The credential rests until ${new Date(until).toISOString()}; nothing needs to be done.`;
    throw new Failure('rate-limited', message, { operation, notBefore: until });
  }

  return {
    take(operation) {
      const now = clock.now();
      if (now < silentUntil) refuse(operation, silentUntil, 'the bank asked this credential for silence');
      const rule = ruleFor(operation);
      forgetOld(now);
      if (rule && usedToday(operation) >= rule.perDay) {
        silentUntil = now + policy.exhaustedBackoff;
        refuse(operation, silentUntil, `its ${rule.perDay} calls of the last 24 hours are used up`);
      }
      const free = rule ? fullUntil(rule) : null;
      if (rule?.window && free !== null) {
        silentUntil = free;
        const minutes = rule.window.milliseconds / MINUTE;
        refuse(operation, free, `its ${rule.window.calls} calls of the last ${minutes} minutes are used up`);
      }
      const slot = firstSlot(operation, rule, now);
      record(operation, slot);
      return slot - now;
    },

    observe(operation, remainingSecond, remainingDay) {
      const now = clock.now();
      if (remainingDay !== null && remainingDay <= 0)
        silentUntil = Math.max(silentUntil, now + policy.exhaustedBackoff);
      else if (remainingSecond !== null && remainingSecond <= 0) pauses.set(operation, now + SECOND);
    },

    silence(until) {
      silentUntil = Math.max(silentUntil, until);
    },

    usage() {
      forgetOld(clock.now());
      const hours = [...counts].map(
        ([hour, operations]) => [String(hour), Object.fromEntries(operations)] as const,
      );
      const spans = [...windows]
        .filter(([, calls]) => calls.length > 0)
        .map(([rule, calls]) => [windowKey(rule), countsOf(calls)] as const);
      return Object.fromEntries([...hours, ...spans]);
    },

    notBefore: () => (silentUntil > clock.now() ? silentUntil : null),
  };
}
