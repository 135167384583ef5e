import type { Clock } from '../domain/ports.ts';
import { ConditionFailed, type Dynamo } from './dynamo.ts';
import { gateKey, type Places } from './keys.ts';
import { isRetriable } from './retry.ts';

/**
 * The gate of a credential: the lease that lets one caller at a time talk to the bank with a certificate, what the
 * certificate used of its quota, and how long it must stay silent. Kept by fingerprint, because the bank counts by
 * certificate even where two companies hold the same one.
 */

/** Calls by hour (epoch hours) and operation. */
export type Usage = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Lease {
  readonly fingerprint: string;
  readonly holder: string;
  /** Rises with every lease; a write carrying a lower one is a zombie's. */
  readonly fence: number;
  /** Epoch milliseconds after which another may take over. */
  readonly until: number;
  readonly usage: Usage;
}

export type Entry =
  | { readonly state: 'open'; readonly lease: Lease }
  | { readonly state: 'held' }
  /** The bank asked for silence until `notBefore` (epoch milliseconds). */
  | { readonly state: 'silent'; readonly notBefore: number };

export interface Gate {
  /** @param holder unique to the run, so that a lost answer is told from another's lease */
  enter(fingerprint: string, holder: string, duration: number): Promise<Entry>;
  /**
   * Ends the lease and keeps what was used. Does nothing when the lease was taken over.
   * @param skew seconds the bank's clock was ahead of ours, `null` when it told no time
   */
  leave(lease: Lease, usage: Usage, notBefore: number | null, skew?: number | null): Promise<void>;
  /** Seconds the bank's clock was ahead of ours when it was called last, `null` when it never told its time. */
  skewOf(fingerprint: string): Promise<number | null>;
}

const ROUNDS = 4;

export function createGate(dynamo: Dynamo, places: Places, clock: Clock): Gate {
  const table = places.connections;

  return {
    async enter(fingerprint, holder, duration) {
      for (let round = 1; ; round++) {
        const item = await dynamo.get(table, gateKey(fingerprint));
        const now = clock.now();
        const until = Number(item?.['until'] ?? 0);
        const previous = Number(item?.['fence'] ?? 0);
        const usage = (item?.['usage'] ?? {}) as Usage;
        if (item?.['holder'] === holder && until > now) {
          return { state: 'open', lease: { fingerprint, holder, fence: previous, until, usage } };
        }
        if (until > now) return { state: 'held' };
        const notBefore = Number(item?.['notBefore'] ?? 0);
        if (notBefore > now) return { state: 'silent', notBefore };
        // At least the time, so that a renewed certificate, whose gate is new, goes on above the old one's fences.
        const fence = Math.max(previous + 1, now);
        const lease: Lease = { fingerprint, holder, fence, until: now + duration, usage };
        try {
          await dynamo.update({
            table,
            update: gateKey(fingerprint),
            set: { holder, fence, until: lease.until },
            when: { equals: { fence: item ? previous : null } },
          });
          return { state: 'open', lease };
        } catch (error) {
          if (error instanceof ConditionFailed) return { state: 'held' };
          if (round >= ROUNDS || !isRetriable(error)) throw error;
        }
      }
    },

    async leave(lease, usage, notBefore, skew = null) {
      try {
        await dynamo.update({
          table,
          update: gateKey(lease.fingerprint),
          set: { until: 0, usage, notBefore: notBefore ?? undefined, ...(skew === null ? {} : { skew }) },
          when: { equals: { fence: lease.fence, holder: lease.holder } },
        });
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    async skewOf(fingerprint) {
      const item = await dynamo.get(table, gateKey(fingerprint));
      return typeof item?.['skew'] === 'number' ? item['skew'] : null;
    },
  };
}
