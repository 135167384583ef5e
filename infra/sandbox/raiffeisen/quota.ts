import type { SandboxClock } from '../types.ts';
import type { Operation } from './routes.ts';

export interface Limits {
  readonly perSecond: number;
  readonly perDay: number;
}

/** Limits of the contract: per operation, in a sliding second and a sliding day; lower for downloads. */
export function contractLimits(operation: Operation): Limits {
  return operation === 'downloadStatement' ? { perSecond: 5, perDay: 1500 } : { perSecond: 10, perDay: 5000 };
}

const SECOND = 1000;
const DAY = 86_400_000;

export interface QuotaVerdict {
  readonly granted: boolean;
  /** `x-ratelimit-*` as they stand after this request. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Counts requests of each caller and operation. A refused request is not counted: the window slides over what was
 * served.
 */
export function quotas(
  clock: SandboxClock,
  limitsOf: (operation: Operation) => Limits,
): { take(caller: string, operation: Operation): QuotaVerdict } {
  const served = new Map<string, number[]>();
  return {
    take: (caller, operation) => {
      const now = clock.now();
      const key = `${caller}|${operation}`;
      const today = (served.get(key) ?? []).filter((at) => at > now - DAY);
      const lastSecond = today.filter((at) => at > now - SECOND).length;
      const { perSecond, perDay } = limitsOf(operation);
      const granted = lastSecond < perSecond && today.length < perDay;
      if (granted) today.push(now);
      served.set(key, today);
      const used = granted ? 1 : 0;
      return {
        granted,
        headers: {
          'x-ratelimit-limit-second': String(perSecond),
          'x-ratelimit-limit-day': String(perDay),
          'x-ratelimit-remaining-second': String(Math.max(0, perSecond - lastSecond - used)),
          'x-ratelimit-remaining-day': String(Math.max(0, perDay - today.length)),
        },
      };
    },
  };
}
