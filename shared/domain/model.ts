import type { PlainDate } from './dates.ts';
import type { Money } from './money.ts';

/** Environments a connection can live in; hosts come from the manifest only. */
export const ENVIRONMENTS = ['production', 'bank-sandbox', 'simulated'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** The other side of a movement, as far as the bank told. */
export interface Counterparty {
  readonly name: string | null;
  readonly iban: string | null;
  /** Domestic number, `prefix-number` or `number`, without the bank code; or a foreign number as written. */
  readonly number: string | null;
  readonly bankCode: string | null;
  readonly bic: string | null;
}

/** Czech payment symbols: VS and SS without left zeros, KS four digits, `null` when absent or all zeros. */
export interface Symbols {
  readonly variableSymbol: string | null;
  readonly constantSymbol: string | null;
  readonly specificSymbol: string | null;
}

/** One booked movement on an account. */
export interface Transaction extends Symbols {
  /** The reference under which the bank keeps the movement, when it gives one. */
  readonly bankReference: string | null;
  /** Day of booking in the bank's zone. */
  readonly bookingDate: PlainDate;
  readonly valueDate: PlainDate | null;
  /** Signed from the account's point of view: credits positive, debits negative. */
  readonly amount: Money;
  readonly counterparty: Counterparty;
  /** The symbols as the bank wrote them. */
  readonly rawSymbols: Symbols;
  readonly message: string | null;
  readonly endToEndId: string | null;
  /** The bank's transaction code (ČBA code, ISO 20022 domain code …), as text. */
  readonly transactionCode: string | null;
  /** True when the bank marks the movement as a reversal (storno); the amount already has the right sign. */
  readonly reversal: boolean;
  /** Amount in the currency of the original payment, with the rate as the bank wrote it. */
  readonly original: { readonly amount: Money; readonly rate: string | null } | null;
  /** Masked card number of a card payment. */
  readonly card: string | null;
  /** Position inside a batch entry that the bank split into its details. */
  readonly batch: { readonly reference: string | null; readonly index: number } | null;
}

/** Something a reader noticed and survived. */
export interface Warning {
  /** Constant name of the rule, e.g. `turnover-differs`. */
  readonly rule: string;
  readonly message: string;
  /** Where: line, entry number or element path. */
  readonly position: string | null;
}

/** An item that could not be read: kept with its raw text, the rest of the document goes on. */
export interface QuarantinedItem extends Warning {
  readonly raw: string;
}

/** The account a statement speaks of, as the document names it. */
export interface StatementAccount {
  readonly iban: string | null;
  /** Domestic number `prefix-number` or `number`. */
  readonly number: string | null;
  readonly bankCode: string | null;
  readonly currency: string | null;
}

/** One statement read from a document: the document's own figures beside the computed ones. */
export interface Statement {
  readonly account: StatementAccount;
  /** Number of the statement as printed (camt: LglSeqNb, else ElctrncSeqNb). */
  readonly number: string | null;
  readonly from: PlainDate | null;
  readonly to: PlainDate | null;
  readonly opening: Money | null;
  readonly closing: Money | null;
  /** Computed sum of credits, ≥ 0. */
  readonly credits: Money;
  /** Computed sum of debits, ≥ 0. */
  readonly debits: Money;
  /** The document's own totals, where it has them. */
  readonly declared: {
    readonly credits: Money | null;
    readonly debits: Money | null;
    readonly count: number | null;
  };
  readonly count: number;
  /** opening + credits − debits = closing; `null` when a balance is missing. */
  readonly reconciles: boolean | null;
  readonly transactions: readonly Transaction[];
  readonly warnings: readonly Warning[];
  readonly quarantined: readonly QuarantinedItem[];
}

/** Kinds of balance, by their ISO 20022 meaning. */
export const BALANCE_KINDS = ['booked', 'available', 'available-with-credit', 'blocked'] as const;
export type BalanceKind = (typeof BALANCE_KINDS)[number];

export interface Balance {
  readonly kind: BalanceKind;
  /** The bank's own code, e.g. `CLBD`. */
  readonly code: string;
  readonly amount: Money;
}

/** An account as a bank lists it: one bank account in one currency. */
export interface BankAccount {
  /** The bank's own handle for later calls (an account id, a number), opaque to everyone but the connector. */
  readonly handle: string;
  readonly iban: string | null;
  /** Domestic number, `prefix-number` or `number`. */
  readonly number: string;
  readonly bankCode: string | null;
  readonly bic: string | null;
  readonly currency: string;
  readonly name: string | null;
  /** Whose it is, where the bank tells. */
  readonly owner?: string;
  /** False when the bank shows the currency folder as closed or blocked. */
  readonly active: boolean;
}

/** Bytes exactly as the bank sent them. */
export interface BankDocument {
  readonly bytes: Uint8Array;
  /** Media type as the bank declared it, without parameters. */
  readonly mediaType: string;
  /** Name the bank gave the file, or a speaking one; never used as a key. */
  readonly name: string;
}

/** A span of days, both included, in the bank's zone. */
export interface Window {
  readonly from: PlainDate;
  readonly to: PlainDate;
}
