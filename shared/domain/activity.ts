import type { FailureKind } from './failure.ts';

/**
 * The activity log of a connection: what was said to its bank, for a person who looks for a fault. It holds the shape of
 * each exchange and none of its content.
 */

/** Most days for which it can be switched on. */
export const MAX_ACTIVITY_DAYS = 7;
/** Days an entry can be read. */
export const ACTIVITY_KEPT_DAYS = 7;

/** Names as they were, values only where the allow-list has them; `null` for the others. */
export type ShownFields = Readonly<Record<string, string | null>>;

/** One side of an exchange. */
export interface ActivityMessage {
  readonly headers: ShownFields;
  /** Size of the body. */
  readonly bytes: number;
  /** Names and types of its fields, without a value; `null` for a body that has no such structure. */
  readonly structure: readonly string[] | null;
}

/** One exchange with a bank, repeats each for itself. */
export interface Activity {
  readonly id: string;
  /** UTC instant at which it began. */
  readonly at: string;
  /** Operation name of the bank's contract. */
  readonly operation: string;
  readonly method: string;
  /** Address without query, values in its path as `{}`. */
  readonly url: string;
  readonly query: ShownFields;
  /** 1 for the first. */
  readonly attempt: number;
  /** Ours; the bank's support finds the exchange by it where the bank takes one. */
  readonly requestId: string;
  readonly milliseconds: number;
  readonly request: ActivityMessage;
  /** `null` when no whole answer came. */
  readonly answer: (ActivityMessage & { readonly status: number }) | null;
  /** What the client made of it; `null` for an answer that the connector judges. */
  readonly failure: {
    readonly kind: FailureKind;
    /** Where the exchange broke: `connect`, `tls-client`, `timeout`, …; `null` for a whole answer. */
    readonly stage: string | null;
    /** Code of the system or the HTTP library. */
    readonly code: string | null;
  } | null;
}

/** The instant until which a connection's exchanges are recorded; `null` when they are not. */
export function recordedUntil(
  { activityUntil = null }: { readonly activityUntil?: string | null },
  now: number,
): string | null {
  return activityUntil !== null && Date.parse(activityUntil) > now ? activityUntil : null;
}
