import type { Verdict } from './continuity.ts';
import type { PlainDate } from './dates.ts';
import type { FailureKind } from './failure.ts';
import type { Channel } from './identity.ts';
import type { Balance, Environment, Transaction } from './model.ts';
import type { Secret } from './secret.ts';

/**
 * What the tables hold, as plain records. Instants are UTC ISO 8601 text, amounts decimal strings of minor units are
 * never stored as numbers.
 */

export const SCOPES = ['read', 'pay', 'admin', 'match'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Company {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  /** Rules for payments; the defaults where nobody set any. */
  readonly policy?: PaymentPolicy;
  /** Addresses the last page of an authorisation may lead to, each matched exactly. */
  readonly returnUrls?: readonly string[];
}

/** How a company wants its payments handled. */
export interface PaymentPolicy {
  /**
   * Sums from which a second person must approve, by currency; `null` = never. A currency that is not listed needs
   * approval at any sum.
   */
  readonly approvalFrom: Readonly<Record<string, string>> | null;
  /** What becomes of an order that says the same as one of the last 24 hours. */
  readonly duplicates: 'flag' | 'refuse';
}

export const DEFAULT_POLICY: PaymentPolicy = { approvalFrom: null, duplicates: 'flag' };

export interface ApiKey {
  readonly id: string;
  readonly company: string;
  readonly name: string;
  /** SHA-256 of the key, hex. The key itself is shown once and kept nowhere. */
  readonly hash: string;
  /** First characters of the key, to tell keys apart. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  /** A key of one user sees company connections and that user's own. */
  readonly user: string | null;
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

export type ConnectionStatus = 'new' | 'active' | 'paused';

/** Why a connection is paused and what ends it. */
export interface Pause {
  readonly kind: FailureKind;
  /** What happened and what to do. */
  readonly message: string;
  readonly since: string;
}

export interface Connection {
  readonly id: string;
  readonly company: string;
  readonly code: string;
  readonly description: string;
  readonly bank: string;
  readonly environment: Environment;
  /** `null`: available for the company; else for this user only. */
  readonly user: string | null;
  /** The bank's fields that are not secret, by the manifest's names. */
  readonly config: Readonly<Record<string, string>>;
  readonly status: ConnectionStatus;
  readonly pause: Pause | null;
  /** The credential in use. */
  readonly credential: string | null;
  /** Uploaded, but not yet proven by a call. */
  readonly candidate: string | null;
  /** The certificate the current one took over from: should the bank refuse the new one, it returns, once. */
  readonly previous?: string | null;
  /** Consents that others took the place of, whose tokens and secrets are still to be erased; absent while there was none. */
  readonly retired?: readonly string[];
  /** A key made here that waits for its certificate. */
  readonly request?: CertificateRequest | null;
  /** Which steps of the ladder were told: days left (0 = over) by what ends, and when. */
  readonly told?: Readonly<Record<string, number>>;
  /** UTC instant until which its exchanges with the bank are recorded; absent or `null` while they never were. */
  readonly activityUntil?: string | null;
  readonly createdAt: string;
  /** Rises with every change; a conditional write asks for it. */
  readonly revision: number;
}

/** A key that was made here and waits for its certificate. */
export interface CertificateRequest {
  /** Id the credential will have; the vault keeps the key under it. */
  readonly credential: string;
  readonly createdAt: string;
}

/** What proves us to a bank: a client certificate, or a consent that a person gave. */
export type Credential = CertificateCredential | ConsentCredential;

interface CredentialBase {
  readonly id: string;
  readonly company: string;
  /** What the bank counts by, hex: SHA-256 of the certificate, or of the consent's id. */
  readonly fingerprint: string;
  /** UTC instants between which it opens the bank. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly warnings: readonly string[];
  readonly provenAt: string | null;
  readonly createdAt: string;
}

export interface CertificateCredential extends CredentialBase {
  readonly kind: 'client-certificate';
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly keyType: string;
  /** Day by which a person must reactivate it at the bank, when the bank asks for that. */
  readonly reactivateBy: PlainDate | null;
}

export interface ConsentCredential extends CredentialBase {
  readonly kind: 'consent';
  /** When a person gave it; `null` while nobody has, and `notBefore` and `notAfter` mean nothing. */
  readonly grantedAt: string | null;
  /** Scopes the bank granted. */
  readonly scopes: readonly string[];
}

/** What the vault keeps for a credential. */
export interface CredentialSecrets {
  /** Absent for a consent. */
  readonly certificatePem?: string;
  readonly keyPem?: string;
  /** The bank's secret fields by the manifest's names. */
  readonly fields: Readonly<Record<string, string>>;
  /** The consent's refresh token as it was copied here last, for recovery. */
  readonly refresh?: { readonly version: number; readonly token: string };
}

/** The tokens of a consent, the working copy. */
export interface Tokens {
  readonly company: string;
  readonly credential: string;
  /** Rises with every change. */
  readonly version: number;
  readonly accessToken: Secret;
  /** Epoch milliseconds until which the access token is good. */
  readonly accessUntil: number;
  readonly refreshToken: Secret;
  /** Version and instant (epoch milliseconds) at which the vault was given the refresh token it has. */
  readonly vaulted: { readonly version: number; readonly at: number } | null;
  /** Version in which the refresh token came. */
  readonly refreshVersion: number;
}

export const PULL_MODES = ['statements', 'transactions', 'both'] as const;
export type PullMode = (typeof PULL_MODES)[number];

export interface AccountSettings {
  readonly enabled: boolean;
  readonly mode: PullMode;
  readonly historyDays: number;
  /** Statement formats to keep, by our names; the first parsed one feeds the ledger. */
  readonly formats: readonly string[];
  /** Bank-specific settings by the manifest's names. */
  readonly bank: Readonly<Record<string, string>>;
}

/** How far each channel is known to be complete, and where a broken pass goes on. */
export interface Sync {
  readonly transactions: PlainDate | null;
  readonly statements: PlainDate | null;
  /** A transaction pass that ran out of time: its window and the next page. */
  readonly resume: { readonly from: PlainDate; readonly to: PlainDate; readonly cursor: string } | null;
}

export type PullOutcome = 'complete' | 'incomplete' | 'failed';

export interface LastPull {
  /** The pull's id, or the slot of a scheduled one. */
  readonly id: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly outcome: PullOutcome;
  readonly failure: {
    readonly kind: FailureKind;
    readonly message: string;
    readonly requestId: string | null;
  } | null;
  readonly newTransactions: number;
  readonly newStatements: number;
}

export interface Account {
  readonly id: string;
  readonly company: string;
  readonly connection: string;
  readonly bank: string;
  readonly environment: Environment;
  readonly user: string | null;
  readonly handle: string;
  readonly iban: string | null;
  readonly number: string;
  readonly bankCode: string | null;
  readonly bic: string | null;
  readonly currency: string;
  readonly name: string | null;
  /** False when the bank no longer lists it, or lists it as closed. */
  readonly active: boolean;
  /** Frozen at the first import: part of every transaction key. */
  readonly scope: string;
  readonly settings: AccountSettings;
  readonly sync: Sync;
  readonly lastPull: LastPull | null;
  /** Instant of the last complete pull. */
  readonly freshAt: string | null;
  /** Since when it has had no complete pull, once that was told; absent while it is well. */
  readonly staleSince?: string | undefined;
  /** The slot last served, so that a slot fired twice is served once. */
  readonly slot: string | null;
  /** Failed pulls in a row. */
  readonly failures: number;
  /** Hash of the balances last stored. */
  readonly balancesHash: string | null;
  /** Fencing number of the last writer, and a count of writes. */
  readonly fence: number;
  readonly revision: number;
  readonly createdAt: string;
}

export type PullStatus = 'queued' | 'done' | 'failed';

/** A pull somebody asked for, or a scheduled one that brought something. */
export interface PullRecord {
  readonly id: string;
  readonly account: string;
  readonly kind: 'on-demand' | 'back-fill';
  readonly window: { readonly from: PlainDate; readonly to: PlainDate } | null;
  readonly status: PullStatus;
  readonly requestedAt: string;
  readonly result: LastPull | null;
}

export interface DocumentRecord {
  readonly sha256: string;
  readonly kind: DocumentKind;
  /** Our format name: `camt.053`, `mt940`, `pdf`, `json`. */
  readonly format: string;
  readonly mediaType: string;
  readonly name: string;
  readonly size: number;
  readonly receivedAt: string;
  /** Version of the parser that read it; `null` when nothing did. */
  readonly parser: string | null;
}

/**
 * `advice`: what the bank tells of a day before its statement. `order`: a payment order as it came, as it went, and what
 * the bank answered. `converted`: written by us from a statement, to be fetched once.
 */
export const DOCUMENT_KINDS = [
  'statement',
  'advice',
  'transactions',
  'balances',
  'order',
  'converted',
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

export interface StatementRecord {
  readonly id: string;
  /** The bank's id of it. */
  readonly bankId: string;
  readonly number: string | null;
  readonly from: PlainDate;
  readonly to: PlainDate;
  readonly currency: string;
  /** True when the bank gives none and we composed it from the movements of a day. */
  readonly composed: boolean;
  /** Format → archived document. */
  readonly documents: Readonly<Record<string, string>>;
  /** Decimal strings; `null` where the document does not say or was not read. */
  readonly opening: string | null;
  readonly closing: string | null;
  readonly credits: string | null;
  readonly debits: string | null;
  readonly count: number | null;
  readonly reconciles: boolean | null;
  readonly continuity: Verdict | null;
  /** 1 for the first; a corrected statement with the same number is kept beside it with the next version. */
  readonly version: number;
  /** False when no reader could read it: the documents are kept all the same. */
  readonly read: boolean;
  /** False for all but the last statement of a file that holds several: only that one tells the file was read whole. */
  readonly last: boolean;
  readonly warnings: readonly string[];
  readonly receivedAt: string;
}

/** An advice that was archived. What it tells is read from its document whenever somebody asks; nothing of it is booked. */
export interface AdviceRecord {
  readonly id: string;
  /** The bank's id of it. */
  readonly bankId: string;
  /** Day it speaks of. */
  readonly day: PlainDate;
  /** SHA-256 of the archived document. */
  readonly document: string;
  /** Our name of its format. */
  readonly format: string;
  /** False when no reader could read it: the document is kept all the same. */
  readonly read: boolean;
  readonly receivedAt: string;
}

/** A stored movement. */
export interface LedgerRow {
  readonly id: string;
  readonly key: string;
  readonly channel: Channel;
  readonly transaction: Transaction;
  /** Document it was read from, and the version of the reader. */
  readonly document: string;
  readonly parser: string;
  readonly storedAt: string;
}

export interface BalancesRecord {
  readonly at: string;
  readonly balances: readonly Balance[];
  readonly document: string;
}

export interface QuarantineRecord {
  readonly id: string;
  readonly document: string;
  readonly rule: string;
  readonly message: string;
  readonly position: string | null;
  /** The raw text, bounded; the whole stands in the document. */
  readonly raw: string;
  readonly at: string;
}
