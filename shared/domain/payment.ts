import type { PlainDate } from './dates.ts';

/**
 * The life of a payment order (design, chapter 5): its states, and every edge between two of them. Whoever changes a
 * state goes through {@link mayBecome}; there is no other rule.
 */

export const PAYMENT_STATES = [
  'accepted',
  'awaiting-approval',
  'submitting',
  'submitted',
  'awaiting-signature',
  'processing',
  'outcome-unknown',
  'executed',
  'partly-executed',
  'rejected',
  'cancelled',
  'expired',
] as const;
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** States the bank may report for an order it has. */
export type BankState = Extract<
  PaymentState,
  | 'submitted'
  | 'awaiting-signature'
  | 'processing'
  | 'executed'
  | 'partly-executed'
  | 'rejected'
  | 'cancelled'
  | 'expired'
>;

const FINAL = ['executed', 'partly-executed', 'rejected', 'cancelled', 'expired'] as const;
const AT_BANK = ['submitted', 'awaiting-signature', 'processing'] as const;

/**
 * Every edge, pairwise. `submitting` goes back to `accepted` only while the process that sent it lives and knows that
 * nothing left; `outcome-unknown` goes back to `accepted` only when an operator says that the bank has nothing.
 * `accepted` goes straight to `awaiting-signature` when a person was handed the file of an order for a bank that Brana
 * sends nothing to: from then on it may be there, and nobody of ours sent it.
 */
const EDGES: Readonly<Record<PaymentState, readonly PaymentState[]>> = {
  accepted: ['awaiting-approval', 'submitting', 'awaiting-signature', 'rejected', 'cancelled', 'expired'],
  'awaiting-approval': ['accepted', 'rejected', 'cancelled', 'expired'],
  submitting: ['accepted', ...AT_BANK, 'outcome-unknown', 'executed', 'partly-executed', 'rejected'],
  submitted: ['awaiting-signature', 'processing', ...FINAL],
  'awaiting-signature': ['processing', ...FINAL],
  processing: FINAL,
  'outcome-unknown': ['accepted', ...AT_BANK, ...FINAL],
  executed: [],
  'partly-executed': [],
  rejected: [],
  cancelled: [],
  expired: [],
};

/** Whether an order may go from one state to another. */
export const mayBecome = (from: PaymentState, to: PaymentState): boolean => EDGES[from].includes(to);

/** Whether nothing more happens to an order. */
export const isFinal = (state: PaymentState): boolean => EDGES[state].length === 0;

/** Whether the bank has the order, or may have it. */
export const mayBeAtBank = (state: PaymentState): boolean =>
  state === 'submitting' ||
  state === 'outcome-unknown' ||
  (AT_BANK as readonly PaymentState[]).includes(state);

/** What became of one payment of an order. */
export type ItemState = 'pending' | 'executed' | 'rejected';

/** How many payments of an order stand where. */
export interface Tally {
  readonly count: number;
  readonly executed: number;
  readonly rejected: number;
}

/**
 * The state that the payments of an order add up to once the bank has it, `null` while some are pending.
 * A rejected payment beside an executed one makes the order partly executed.
 */
export function rollUp({ count, executed, rejected }: Tally): BankState | null {
  if (executed + rejected < count) return null;
  if (rejected === 0) return 'executed';
  return executed === 0 ? 'rejected' : 'partly-executed';
}

/** Who or what moved an order. */
export type PaymentSource = 'api' | 'hook' | 'approver' | 'gateway' | 'bank' | 'statement' | 'operator';

/** One step of an order's life. */
export interface HistoryEntry {
  /** UTC instant. */
  readonly at: string;
  readonly state: PaymentState;
  readonly source: PaymentSource;
  /** The bank's own code or status, as it wrote it. */
  readonly bankCode: string | null;
  readonly reason: string | null;
}

/** Where a submission stands: the step that comes next, and what the ones before gave. JSON of at most 4 KB. */
export interface Progress {
  readonly step: string;
  readonly data: Readonly<Record<string, string>>;
}

/** One try to bring an order to the bank. */
export interface Attempt {
  readonly id: string;
  readonly startedAt: string;
  /** SHA-256 of the rendered bytes, hex. */
  readonly hash: string;
  readonly fileName: string;
  readonly progress: Progress;
  readonly endedAt: string | null;
  /**
   * How it ended: `taken` the bank has it, `refused` the bank said no, `not-sent` no byte left, `in-doubt` nobody
   * knows, `handed-out` a person got the file to bring it there; `null` while it runs.
   */
  readonly outcome: 'taken' | 'refused' | 'not-sent' | 'in-doubt' | 'handed-out' | null;
}

/**
 * How a person signs an order: in the bank's own `banking`; on a `page` whose address the bank gives; or as the `file`
 * that a person uploads there.
 */
export const SIGNINGS = ['banking', 'page', 'file'] as const;
export type Signing = (typeof SIGNINGS)[number];

/** A document of an order in the archive. */
export interface PaymentDocument {
  readonly kind: 'request' | 'order' | 'rendered' | 'answer';
  readonly sha256: string;
  readonly mediaType: string;
  readonly at: string;
}

/** Result of one payment that is not pending, by its place in the order. */
export interface ItemResult {
  /** Counted from 0 over all groups of the order. */
  readonly index: number;
  readonly state: Exclude<ItemState, 'pending'>;
  readonly bankCode: string | null;
  readonly reason: string | null;
}

/** A payment order as the table holds it; its payments themselves stand in the archived document `order`. */
export interface PaymentRecord {
  readonly id: string;
  readonly company: string;
  readonly connection: string;
  readonly bank: string;
  readonly user: string | null;
  readonly state: PaymentState;
  readonly revision: number;
  /** Rises by one with every order of the connection; makes the rendered bytes unique. */
  readonly serial: number;
  readonly format: string;
  readonly signing: Signing;
  readonly currency: string;
  /** Sum of all payments, decimal string. */
  readonly sum: string;
  readonly tally: Tally;
  /** Ids of the accounts that pay. */
  readonly accounts: readonly string[];
  readonly executionDate: PlainDate;
  readonly attempts: readonly Attempt[];
  readonly documents: readonly PaymentDocument[];
  readonly history: readonly HistoryEntry[];
  /** Which payments have a result (`domain/marks.ts`). */
  readonly settled: string;
  /** The payments the bank rejected; the first five hundred. */
  readonly results: readonly ItemResult[];
  /** The bank's id of the order, once it told one. */
  readonly bankId: string | null;
  /** The bank's own word for how it stands, as told last. */
  readonly bankStatus: string | null;
  readonly cancelRequestedAt: string | null;
  /** UTC instant at which somebody was last shown the bank's page to sign on; absent where nobody was. */
  readonly signingAt?: string;
  /** What is changed on the way to the bank (letters replaced, a text shortened); the first fifty. */
  readonly warnings: readonly { readonly pointer: string; readonly detail: string }[];
  /** An order of the last 24 hours that says the same. */
  readonly duplicateOf: string | null;
  /** API key and user it was submitted with. */
  readonly submittedBy: { readonly key: string; readonly user: string | null; readonly hook: string | null };
  readonly approvedBy: { readonly key: string; readonly user: string; readonly at: string } | null;
  /** UTC instant at which somebody looks at it again; `null` when nothing more happens by itself. */
  readonly dueAt: string | null;
  readonly createdAt: string;
  readonly changedAt: string;
}
