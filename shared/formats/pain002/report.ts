import type { PlainDate } from '../../domain/dates.ts';
import type { QuarantinedItem, Warning } from '../../domain/model.ts';
import type { Money } from '../../domain/money.ts';

/** Why a bank says what it says. */
export interface StatusReason {
  /** ISO 20022 reason (`AM04`), or the bank's own code. */
  readonly code: string | null;
  readonly text: string | null;
}

/**
 * What a status means for the order. `accepted` covers everything between received and settled; `changed` is accepted
 * with a change (`ACWC`), which is no final state either; `unknown` is a code nobody told us the meaning of, and
 * never ends an order.
 */
export type Outcome =
  | 'received'
  | 'pending'
  | 'accepted'
  | 'changed'
  | 'settled'
  | 'partial'
  | 'rejected'
  | 'cancelled'
  | 'unknown';

/** A status at one level of a report. */
export interface Level {
  /** The bank's own code at this level, `null` when it gives none here. */
  readonly status: string | null;
  /** What follows from the finest levels that speak about it. */
  readonly outcome: Outcome;
  readonly reasons: readonly StatusReason[];
}

/** An account as the report repeats it. */
export interface ReportedAccount {
  readonly iban: string | null;
  /** `prefix-number` or as written. */
  readonly number: string | null;
  readonly bankCode: string | null;
}

export interface TransactionStatus extends Level {
  readonly instructionId: string | null;
  readonly endToEndId: string | null;
  /** The bank's reference of the transaction, where it has one already. */
  readonly bankReference: string | null;
  /** The bank's id of this status, or its severity in words. */
  readonly statusId: string | null;
  readonly amount: Money | null;
  readonly date: PlainDate | null;
  readonly debtor: ReportedAccount;
  readonly creditor: ReportedAccount;
}

/** One `PmtInf` of the order, or one order of a file that has no such thing. */
export interface PaymentStatus extends Level {
  /** `PmtInfId` of the order; a bank that takes other formats writes the ordinal of the order in the file. */
  readonly id: string | null;
  readonly count: number | null;
  readonly transactions: readonly TransactionStatus[];
}

/** A payment status report (pain.002). */
export interface StatusReport extends Level {
  readonly id: string | null;
  readonly createdAt: string | null;
  /** `MsgId` of the order file, or the bank's number of the import. */
  readonly originalId: string | null;
  readonly originalFormat: string | null;
  /** How many transactions the order file had, as the bank counted. */
  readonly count: number | null;
  readonly payments: readonly PaymentStatus[];
  readonly warnings: readonly Warning[];
  readonly quarantined: readonly QuarantinedItem[];
}
