import type {
  Balance,
  BankAccount,
  BankDocument,
  Environment,
  QuarantinedItem,
  Transaction,
  Window,
} from '../domain/model.ts';
import type { PlainDate } from '../domain/dates.ts';
import type { Secret } from '../domain/secret.ts';
import type { BankCall, QuotaRule } from '../http/types.ts';

/**
 * What a bank is to the rest of Brana: a manifest (data) and a connector (capabilities). Flows know this file and
 * the catalog, never a bank's folder.
 */

/** `verified`: stands in the bank's own document. `inferred`: our judgement, to be tested against the bank. */
export type Evidence = 'verified' | 'inferred';

/** A field a connection of this bank needs from its operator. */
export interface ConnectionField {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly required: boolean;
  /** Secret fields go to the vault and are never shown again. */
  readonly secret: boolean;
  /** A regular expression the value must match, when there is a rule. */
  readonly pattern?: string;
}

/** A setting an account of this bank has beyond the common ones. */
export interface AccountSetting {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly values: readonly string[];
  readonly default: string;
}

export type Capability =
  | 'accounts'
  | 'balances'
  | 'transactions'
  | 'statements'
  | 'rates'
  | 'proof'
  | 'limits'
  | 'identity'
  | 'statement-line'
  /** That a statement names a movement by the reference the transaction list has. */
  | 'shared-reference';

export interface StatementFormat {
  /** Our name: `camt.053`, `mt940`, `pdf`. */
  readonly format: string;
  /** True for a format we read into the ledger; others are kept and handed out as they are. */
  readonly parsed: boolean;
  /** Pulled unless the account says otherwise. */
  readonly default: boolean;
}

export interface Manifest {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly bankCode: string | null;
  readonly bic: string | null;
  /** The bank's name of the product. */
  readonly product: string;
  /** Where the bank documents it. */
  readonly documentation: string;
  /** IANA zone of the bank's calendar. */
  readonly timeZone: string;
  readonly authentication: 'client-certificate';
  /** Origin and base path by environment; a simulated bank's origin comes from the local runner. */
  readonly hosts: Readonly<Record<Environment, { readonly origin: string | null; readonly base: string }>>;
  readonly fields: readonly ConnectionField[];
  readonly accountSettings: readonly AccountSetting[];
  readonly quota: {
    readonly rules: readonly QuotaRule[];
    /** Answer headers that tell what is left, lower case. */
    readonly headers: { readonly remainingSecond: string | null; readonly remainingDay: string | null };
    /** Silence in milliseconds after a 429 without Retry-After. */
    readonly backoff: number;
    /** Silence in milliseconds when the day is spent. */
    readonly exhaustedBackoff: number;
    /** Callers one credential bears at once. */
    readonly callers: number;
  };
  readonly history: {
    /** Days back a transaction call may reach. */
    readonly transactionDays: number;
    /** Longest span of one statement list call in days. */
    readonly statementSpanDays: number;
    /** Days back statements are kept at the bank, `null` = not told. */
    readonly statementDays: number | null;
  };
  readonly statementFormats: readonly StatementFormat[];
  /** How a movement is identified: by the bank's reference, or by its content. */
  readonly identity: 'bank-reference' | 'content';
  /** Months after which the bank blocks the credential until a person reactivates it; `null` = never. */
  readonly reactivationMonths: number | null;
  readonly evidence: Readonly<Partial<Record<Capability, Evidence>>>;
}

/** What a connector is built from: everything it may touch. */
export interface BankAccess {
  readonly environment: Environment;
  /** The connection's fields that are not secret. */
  readonly config: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly call: BankCall;
}

/** An account as a connector is asked about it. */
export interface AccountRef {
  readonly handle: string;
  readonly number: string;
  readonly iban: string | null;
  readonly currency: string;
  /** Bank-specific settings of the account by the manifest's names. */
  readonly settings: Readonly<Record<string, string>>;
}

/** An opaque place in a list; JSON-safe text of at most 1 KB. */
export type Cursor = string;

export interface TransactionPage {
  /** The page as the bank sent it; `null` when the bank answered "nothing" without a body. */
  readonly document: BankDocument | null;
  /** Reads the document (archive first, then parse). @throws Failure `protocol` when it is no such document */
  parse(): ParsedTransactions;
}

export interface ParsedTransactions {
  readonly transactions: readonly Transaction[];
  readonly quarantined: readonly QuarantinedItem[];
  /** Where to go on; `null` = this was the last page. */
  readonly next: Cursor | null;
}

export interface StatementRef {
  /** The bank's id of the statement. */
  readonly id: string;
  /** Number as the bank lists it, e.g. `194/2026`. */
  readonly number: string | null;
  readonly from: PlainDate;
  readonly to: PlainDate;
  readonly currency: string;
  /** Our names of the formats on offer. */
  readonly formats: readonly string[];
}

export interface StatementList {
  readonly statements: readonly StatementRef[];
  /** Items of the list that could not be read; the others go on. */
  readonly quarantined: readonly QuarantinedItem[];
  readonly next: Cursor | null;
}

export interface BalanceAnswer {
  readonly document: BankDocument;
  parse(): { readonly balances: readonly Balance[] };
}

export interface ListsAccounts {
  /** Every account and currency the credential sees. */
  accounts(): Promise<readonly BankAccount[]>;
}

export interface ReadsBalances {
  balances(account: AccountRef): Promise<BalanceAnswer>;
}

export interface PullsTransactions {
  transactions(account: AccountRef, window: Window, cursor: Cursor | null): Promise<TransactionPage>;
}

export interface PullsStatements {
  statements(account: AccountRef, window: Window, cursor: Cursor | null): Promise<StatementList>;
  /** `null` when the bank has no such document (yet). */
  download(account: AccountRef, statement: StatementRef, format: string): Promise<BankDocument | null>;
}

/** One exchange rate as the bank publishes it; decimal strings. */
export interface ExchangeRate {
  readonly from: string;
  readonly to: string;
  readonly units: number;
  readonly buy: string;
  readonly sell: string;
  readonly middle: string;
  readonly validFrom: string;
}

export interface ReadsRates {
  rates(date: PlainDate | null, currency: string | null): Promise<readonly ExchangeRate[]>;
}

export interface ProvesItself {
  /** The cheapest harmless call that shows the credential works. */
  prove(): Promise<void>;
}

/** Implementing a capability is the opt-in; what a bank does not have is absent. */
export type Connector = Partial<
  ListsAccounts & ReadsBalances & PullsTransactions & PullsStatements & ReadsRates & ProvesItself
>;

/** What a bank's folder exports through the catalog. */
export interface Bank {
  readonly manifest: Manifest;
  connect(access: BankAccess): Connector;
}
