/**
 * Events: facts the ERP reads in order. Each state change is in exactly one event, written in the transaction that
 * makes the change. Payloads are thin: ids and verdicts, no amounts, names or texts.
 */
export const EVENT_TYPES = [
  'company.created',
  'connection.created',
  'connection.deleted',
  'connection.paused',
  'connection.resumed',
  'activity.switched',
  'credential.current',
  'authorisation.granted',
  'authorisation.failed',
  'access.expiring',
  'access.expired',
  'credential.returned',
  'account.discovered',
  'account.failing',
  'account.recovered',
  'account.stale',
  'account.fresh',
  'transactions.booked',
  'statement.received',
  'statement.continuity',
  'advice.received',
  'balances.changed',
  'document.quarantined',
  'pull.finished',
  'payment.accepted',
  'payment.changed',
  'payment.items',
  'payment-policy.changed',
  'return-urls.changed',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

export type EventData = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** An event before it has its place in the feed. */
export interface NewEvent {
  readonly type: EventType;
  /** Id of what changed. */
  readonly subject: string;
  readonly data: EventData;
}

/** An event in the feed. `sequence` is dense and rises by one per company. */
export interface FeedEvent extends NewEvent {
  readonly id: string;
  readonly sequence: number;
  /** UTC instant, ISO 8601. */
  readonly at: string;
}
