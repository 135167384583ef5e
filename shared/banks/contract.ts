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
import type { OrderGroup, OrderPriority } from '../domain/order-file.ts';
import type { BankState, ItemResult, Progress, Signing } from '../domain/payment.ts';
import type { PaymentKind } from '../domain/payment-kind.ts';
import type { Secret } from '../domain/secret.ts';
import type { Loss } from '../formats/stream.ts';
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
  | 'advices'
  | 'rates'
  | 'proof'
  | 'payments'
  | 'payments-foreign'
  /** That orders are rendered for people to upload, at a bank that Brana sends nothing to. */
  | 'order-files'
  /** That orders may go by a way that was never tried against the bank, where a connection is set to it. */
  | 'payments-experimental'
  | 'payment-status'
  | 'payment-search'
  | 'limits'
  | 'consent'
  /** That a consent can be taken back from here. */
  | 'revocation'
  | 'notices'
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

/** A host as the manifest has it. */
export interface HostAddress {
  /** `https://host`; `null` where the environment does not exist, or is a simulated bank's. */
  readonly origin: string | null;
  readonly base: string;
}

export interface HostRecord extends HostAddress {
  /** Where consent is granted and tokens are got, at banks with an identity provider. */
  readonly identity?: HostAddress;
}

/** What a bank's consents are like (OAuth 2.0, RFC 6749 and 9700). */
export interface ConsentRules {
  /** Longest validity in days; an authorisation may ask for less. */
  readonly maxDays: number;
  /** Whether the code is bound to its asker by PKCE (RFC 7636, S256). */
  readonly pkce: boolean;
  /** Scopes asked for. */
  readonly scopes: readonly string[];
  /** Whether a refresh makes the consent last longer, or it counts from the day it was given. */
  readonly renewedByRefresh: boolean;
}

/** A day that the bank announced for all its customers: the end of a CA, of a host, of a version. */
export interface Announcement {
  readonly on: PlainDate;
  /** What ends, and what to do. */
  readonly text: string;
  /** Where the bank says so. */
  readonly source: string;
  /** Concerns only certificates whose issuer's name holds this text. */
  readonly issuer?: string;
}

/** What a certificate request (PKCS#10) must say at a bank that signs one. */
export interface RequestRules {
  /** RSA modulus. */
  readonly keyBits: number;
  /** Country in the subject. */
  readonly country: string;
  /** A regular expression of what may stand as common name, and what is to stand there. */
  readonly commonName: { readonly pattern: string; readonly description: string };
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
  readonly authentication: 'client-certificate' | 'consent';
  /** Where the bank is, by environment; a simulated bank's origin comes from the local runner. */
  readonly hosts: Readonly<Record<Environment, HostRecord>>;
  /** How a person grants access; `null` for banks that a certificate opens. */
  readonly consent: ConsentRules | null;
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
  /**
   * `all`: the bank lists its accounts, and one that is missing is closed. `seen`: it has no such list; accounts are known
   * by what they show, and one that shows nothing is no less active.
   */
  readonly accountList: 'all' | 'seen';
  readonly statementFormats: readonly StatementFormat[];
  /** How a movement is identified: by the bank's reference, or by its content. */
  readonly identity: 'bank-reference' | 'content';
  /** Months after which the bank blocks the credential until a person reactivates it; `null` = never. */
  readonly reactivationMonths: number | null;
  /** Days to be told of beforehand, like the end of a certificate. */
  readonly announcements?: readonly Announcement[];
  /** Absent where the bank makes key and certificate itself, or where nobody signs requests. */
  readonly certificateRequest?: RequestRules;
  /** How orders reach the bank; `null` where Brana takes none. */
  readonly payments: PaymentRules | null;
  /** A second way for orders, used by connections that are set to it. */
  readonly experimental?: ExperimentalPayments;
  readonly evidence: Readonly<Partial<Record<Capability, Evidence>>>;
}

/**
 * A way for orders that was built from what is known of a bank's contract and never tried against the bank. An order
 * that does not fit it goes the ordinary way.
 */
export interface ExperimentalPayments {
  /** The field of a connection, and its value, by which an operator asks for it. */
  readonly asked: { readonly field: string; readonly value: string };
  readonly rules: PaymentRules;
  /** Scopes its consent needs beside the ordinary ones. */
  readonly scopes: readonly string[];
}

/**
 * A format of orders, by our name: `zps` is the bank's "TXT ZPS" of foreign orders (ČSOB), `cobs` one payment as the
 * Czech Open Banking Standard has it.
 */
export type OrderFileFormat = 'kpc' | 'pain.001' | 'zps' | 'cobs';

/** What an order format is used for. The first one that fits an order is taken. */
export interface OrderFormat {
  readonly format: OrderFileFormat;
  /** Kinds of payment it carries. */
  readonly kinds: readonly PaymentKind[];
  /** Currencies it is used for; `null` = any. */
  readonly currencies: readonly string[] | null;
  /** Priorities that can be asked for. */
  readonly priorities: readonly OrderPriority[];
}

/** What a bank does with orders, as data: validation, submission, tracking and resolution go by it. */
export interface PaymentRules {
  readonly formats: readonly OrderFormat[];
  readonly maxPayments: number;
  /** Largest rendered file in bytes, `null` when the bank does not tell. */
  readonly maxBytes: number | null;
  /**
   * Steps of a submission in their order, and what a lost answer to one means. None at a bank that Brana sends nothing
   * to: there an order is handed out as a file, which a person uploads.
   */
  readonly steps: readonly { readonly name: string; readonly lost: 'repeatable' | 'in-doubt' }[];
  /** What the bank does with bytes it has already: the only ground on which anything is sent a second time. */
  readonly repeat: 'refuses-duplicates' | 'honours-key' | 'findable' | 'none';
  /** How a person signs an order. */
  readonly signing: Signing;
  /** Times of day (bank's zone) until which an order is executed the same day, by priority; absent = not told. */
  readonly cutOff: Readonly<Partial<Record<OrderPriority, string>>>;
  readonly tracking: {
    /** Seconds between two looks in the first minutes, and how many minutes these are. */
    readonly eager: number;
    readonly eagerMinutes: number;
    /** Seconds between two looks afterwards. */
    readonly patient: number;
    /** Days after which an order nobody signed is given up. */
    readonly expiryDays: number;
    /** Minutes until an order the bank took must be findable there: before, not finding it means nothing. */
    readonly visibleAfter: number;
  };
  /** Orders a day that may still be executed as instant payments, `null` = no such limit. */
  readonly instantPerDay: number | null;
}

/** What a connector is built from: everything it may touch. */
export interface BankAccess {
  readonly environment: Environment;
  /** The connection's fields that are not secret. */
  readonly config: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Origin of the bank's host, against which addresses that the bank hands out are held. */
  readonly origin: string;
  readonly call: BankCall;
  /** What a bank with consents is used with; absent at banks that a certificate opens. */
  readonly consent?: ConsentAccess;
}

export interface ConsentAccess {
  /** Origin and base path of the bank's identity provider. */
  readonly identity: string;
  /**
   * The consent's access token, fresh enough to be used.
   * @param refused the token the bank just refused: another one is got in its place
   * @throws Failure `consent-needed` when there is none to be had
   */
  token(refused?: Secret): Promise<Secret>;
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

/** One advice on a bank's list: movements of a day, told before the day's statement. */
export interface AdviceRef {
  /** The bank's id of the advice. */
  readonly id: string;
  /** Day it speaks of. */
  readonly day: PlainDate;
  /** Our name of its format: `mt942`. */
  readonly format: string;
}

export interface AdviceList {
  readonly advices: readonly AdviceRef[];
  /** Items of the list that could not be read; the others go on. */
  readonly quarantined: readonly QuarantinedItem[];
}

/**
 * Advices are information only: whatever they tell comes again in a statement, and only that is booked. An account
 * for which they are switched off lists none.
 */
export interface PullsAdvices {
  advices(account: AccountRef, window: Window): Promise<AdviceList>;
  /** `null` when the bank has no such document (yet). */
  downloadAdvice(account: AccountRef, advice: AdviceRef): Promise<BankDocument | null>;
}

/** What a bank pays for a unit, and what it takes for it; decimal strings, `null` where it publishes none. */
export interface RateSides {
  readonly buy: string | null;
  readonly sell: string | null;
  readonly middle: string | null;
}

/** One exchange rate as it is published: the sides of transfers (devizy), and of banknotes beside them. */
export interface ExchangeRate extends RateSides {
  /** Who publishes it: the bank, by its id without the product (`csob`), or `cnb`. */
  readonly provider: string;
  readonly from: string;
  readonly to: string;
  readonly units: number;
  /** Banknotes (valuty); `null` where they are not dealt in. */
  readonly cash: RateSides | null;
  /** Day or instant, as the bank writes it. */
  readonly validFrom: string;
}

export interface RateList {
  readonly rates: readonly ExchangeRate[];
  /** Rates that could not be read; the others are there. */
  readonly quarantined: readonly QuarantinedItem[];
}

export interface ReadsRates {
  /** Rates of a day, the latest for `null`; of all currencies or one. */
  rates(date: PlainDate | null, currency: string | null): Promise<RateList>;
}

export interface ProvesItself {
  /** The cheapest harmless call that shows the credential works. */
  prove(): Promise<void>;
}

/** What a consent page is asked for with. */
export interface ConsentRequest {
  /** Exactly as registered at the bank. */
  readonly redirectUri: string;
  readonly state: string;
  /** PKCE challenge (S256), `null` at banks without it. */
  readonly challenge: string | null;
  readonly scopes: readonly string[];
}

/** What the callback brought, with what only the one who asked can know. */
export interface ConsentAnswer {
  readonly code: Secret;
  readonly redirectUri: string;
  readonly verifier: Secret | null;
}

/** What a token endpoint gave (RFC 6749, 5.1). */
export interface TokenGrant {
  readonly accessToken: Secret;
  /** Seconds from now. */
  readonly expiresIn: number;
  /** `null`: the bank gave none, and the one there was stays. */
  readonly refreshToken: Secret | null;
  /** Scopes granted; `null`: those that were asked for. */
  readonly scopes: readonly string[] | null;
}

export interface GrantsConsent {
  /** Address of the bank's consent page, for a browser. Pure. */
  consentUrl(request: ConsentRequest): string;
  /** Exchanges a code for tokens, once. @throws Failure `rejected` when the bank refuses the code */
  exchangeCode(answer: ConsentAnswer): Promise<TokenGrant>;
  /**
   * Gets a fresh access token.
   * @throws Failure `consent-needed` when the consent has ended or was revoked, `credential-refused` when the bank
   * refuses the client itself, `outcome-unknown` when the answer was lost: the refresh token may have been spent
   */
  refreshTokens(refreshToken: Secret): Promise<TokenGrant>;
  revokeTokens?(refreshToken: Secret): Promise<void>;
}

/** A message from a bank, as it arrived. */
export interface Notice {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** Where the public keys a bank signs its notices with are kept between two of them: whoever asks keeps them. */
export interface KeyShelf {
  /** What was put there last; `null` for nothing. */
  get(): string | null;
  /** @param keys JSON of a few KB at most */
  put(keys: string): void;
}

/** Messages by which a bank says that something was booked. A notice is a reason to pull, never data. */
export interface ReceivesNotices {
  /**
   * Asks the bank to send notices of an account to an address; the same address twice is one subscription.
   * @param shelf gets the bank's keys, so that the first notice needs no call
   * @returns the bank's id of the subscription
   */
  subscribe(account: AccountRef, url: string, shelf?: KeyShelf): Promise<string>;
  unsubscribe(account: AccountRef, id: string): Promise<void>;
  /**
   * Checks that a notice is the bank's own, by the keys on the shelf; asks the bank for its keys only where these do
   * not fit. Without a shelf the connector keeps them itself.
   * @returns what tells it from every other, and the instant of signing in epoch milliseconds
   * @throws Failure `rejected` for any other
   */
  verifyNotice(
    notice: Notice,
    shelf?: KeyShelf,
  ): Promise<{ readonly nonce: string; readonly signedAt: number }>;
}

/** An order to be rendered: everything that goes into its bytes. */
export interface OrderToRender {
  /** Our id, `pay_…`. */
  readonly id: string;
  /** Rises by one with every order of the connection; goes into the slot that makes the bytes unique. */
  readonly serial: number;
  readonly format: OrderFileFormat;
  /** UTC instant, ISO 8601. */
  readonly createdAt: string;
  /** Day of rendering in the bank's zone. */
  readonly today: PlainDate;
  readonly groups: readonly OrderGroup[];
}

/** Rendered bytes and what the format could not say unchanged. */
export interface RenderedOrder {
  readonly document: BankDocument;
  readonly losses: readonly Loss[];
}

/** The order as the bank is to get it, or has got it. */
export interface SentOrder {
  readonly id: string;
  readonly document: BankDocument;
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
  readonly format: OrderFileFormat;
  /** UTC instant of the first attempt. */
  readonly sentAt: string;
  /** The bank's id, `null` while unknown. */
  readonly bankId: string | null;
  /** What the bank gave with its answers so far, for the calls that follow. */
  readonly given: Progress['data'];
}

/** What the bank says of an order. */
export interface OrderStatus {
  /** `null` for a status nobody knows: the order stays where it is, with an alarm. */
  readonly state: BankState | null;
  readonly bankId: string | null;
  /** The bank's own words for it: `FOR_SIGN`, `PART`. */
  readonly bankCode: string | null;
  readonly reason: string | null;
  /** Results of single payments, where the bank tells them. */
  readonly results: readonly ItemResult[];
  /** The answer as the bank sent it. */
  readonly document: BankDocument | null;
}

/**
 * What a step of a submission led to: more steps; an order the bank has, with what later calls need; or `duplicate`, the bank says it has these
 * very bytes already, which is a success or a refusal depending on what was tried before.
 */
export type StepResult =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'taken'; readonly status: OrderStatus; readonly given?: Progress['data'] }
  | { readonly kind: 'duplicate'; readonly bankCode: string };

export interface SubmitsPayments {
  /** Pure. @throws Failure `rejected` naming what the format or the bank does not take */
  render(order: OrderToRender): RenderedOrder;
  /**
   * Does one step, the one `progress` names (the manifest's first in a fresh attempt).
   * @throws Failure `rejected` when the bank refused for good; `outcome-unknown` when the answer to an in-doubt step
   * was lost; `transient` when nothing was sent, or the step may be repeated
   */
  step(order: SentOrder, progress: Progress): Promise<StepResult>;
}

export interface TracksPayments {
  /** What the bank says now; `null` when it says nothing of this order (yet). */
  orderStatus(order: SentOrder): Promise<OrderStatus | null>;
}

export interface FindsPayments {
  /** Looks for an order whose answer was lost by what the bank can search; `null` when it is not there (yet). */
  findOrder(order: SentOrder): Promise<OrderStatus | null>;
}

/** Where a person signs an order at the bank. */
export interface SigningPage {
  /** Address for a browser. */
  readonly url: string;
  /** UTC instant, `null` where the bank tells none. */
  readonly validUntil: string | null;
}

export interface HasSigningPage {
  /**
   * Asks the bank for the page where a person signs an order it has. Signs nothing by itself; each call may give another
   * page.
   * @param returnTo address the browser comes back to; that it came proves nothing
   * @throws Failure as every read; `rejected` for an order that cannot be signed (any more)
   */
  signingPage(order: Pick<SentOrder, 'bankId' | 'given'>, returnTo: string): Promise<SigningPage>;
}

/** Implementing a capability is the opt-in; what a bank does not have is absent. */
export type Connector = Partial<
  ListsAccounts &
    ReadsBalances &
    PullsTransactions &
    PullsStatements &
    PullsAdvices &
    ReadsRates &
    ProvesItself &
    SubmitsPayments &
    TracksPayments &
    FindsPayments &
    HasSigningPage &
    GrantsConsent &
    ReceivesNotices
>;

/** What a bank's folder exports through the catalog. */
export interface Bank {
  readonly manifest: Manifest;
  connect(access: BankAccess): Connector;
}
