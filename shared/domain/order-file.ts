import type { PlainDate } from './dates.ts';
import type { Counterparty, QuarantinedItem, Symbols, Warning } from './model.ts';
import type { Money } from './money.ts';

/** A postal address by its parts, as ISO 20022 has them. */
export interface PostalAddress {
  readonly street: string | null;
  readonly buildingNumber: string | null;
  readonly postCode: string | null;
  readonly town: string | null;
  /** ISO 3166 code of two letters. */
  readonly country: string | null;
  /** Unstructured lines, where the file has them. */
  readonly lines: readonly string[];
}

/** Who bears the banks' charges: each side its own bank's, or one side all (ISO 20022: SHAR, DEBT, CRED). */
export const CHARGES = ['shared', 'payer', 'payee'] as const;
export type Charges = (typeof CHARGES)[number];

/** A bank by name, where it has no BIC or the name is to stand beside it. */
export interface BankName {
  readonly name: string | null;
  readonly address: PostalAddress | null;
}

/** One payment of an order file. */
export interface OrderPayment extends Symbols {
  /** Positive, in the currency it is to arrive in. */
  readonly amount: Money;
  /** Who is to be paid; in a collection, who is to be debited. */
  readonly creditor: Counterparty;
  /** The symbols as the file wrote them. */
  readonly rawSymbols: Symbols;
  readonly message: string | null;
  readonly endToEndId: string | null;
  /** The instruction's own id (pain `InstrId`), `null` where the format has none. */
  readonly instructionId: string | null;
  /**
   * Who pays, where the file names it with each payment instead of once per group (KPC single orders): then it stands
   * on every payment of the group, and the group's payer is known only if all of them agree.
   */
  readonly payer?: Counterparty;
  /** The creditor's address, where the file has one. */
  readonly creditorAddress?: PostalAddress;
  /** The creditor's bank by name, beside or instead of its BIC. */
  readonly creditorBank?: BankName;
  /** Absent where nothing was said: shared. */
  readonly charges?: Charges;
}

export type OrderKind = 'credit-transfer' | 'collection';
export type OrderPriority = 'normal' | 'urgent' | 'instant';

/**
 * One group of an order file: a KPC group or a pain.001 `PmtInf`. All payments share the date, and the payer unless
 * each of them names its own.
 */
export interface OrderGroup {
  /** The group's own id (pain `PmtInfId`), `null` where the format has none. */
  readonly id: string | null;
  readonly kind: OrderKind;
  readonly priority: OrderPriority;
  /** The account to be debited; in a collection, the one to be credited. */
  readonly payer: Counterparty;
  /** Currency of the account to be debited, where it is known: one number may stand for an account in each of several. */
  readonly payerCurrency?: string;
  /** Currency of the payments. */
  readonly currency: string;
  /** Requested execution date. */
  readonly date: PlainDate | null;
  /** Computed sum of the payments. */
  readonly sum: Money;
  /** The file's own figures, where it has them. */
  readonly declared: { readonly sum: Money | null; readonly count: number | null };
  readonly payments: readonly OrderPayment[];
}

/** A whole order file as read. */
export interface OrderFile {
  /** The file's own id (pain `MsgId`, KPC file number), `null` where it has none. */
  readonly id: string | null;
  readonly createdAt: string | null;
  readonly groups: readonly OrderGroup[];
  readonly warnings: readonly Warning[];
  readonly quarantined: readonly QuarantinedItem[];
}
