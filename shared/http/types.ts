import type { Secret } from '../domain/secret.ts';

/** One request to a bank, as a connector describes it. Paths are relative to the manifest's host and base. */
export interface BankRequest {
  /** Operation name of the bank's contract (`getTransactionList`); quotas and logs are kept by it. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with its values filled in and percent-encoded. */
  readonly path: string;
  /** `identity`: goes to the bank's identity provider instead of its API. */
  readonly host?: 'identity';
  /**
   * Path and query on the manifest's host, sent as they are, to the letter: an address the bank handed out, or one of a
   * product with a base of its own. Stands in for base, path and query.
   */
  readonly target?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string | Secret>>;
  /** Header that takes the request id the client makes, a UUID of its own for every attempt. */
  readonly requestIdHeader?: string;
  readonly body?: string | Uint8Array;
  /**
   * Media types a success may have; anything else under 2xx is `transient` (a maintenance page, say). Sent as the
   * `Accept` header unless `headers` has one. A star for both halves lets any type pass but a web page.
   */
  readonly accept: readonly string[];
  /** For banks that answer an error with a message of their contract whatever the status (SOAP faults). */
  readonly told?: (answer: ExchangeResponse) => Told | null;
  /** Only a read is ever repeated by the client. */
  readonly read: boolean;
  /** Needs no client certificate (public rates and the like). */
  readonly anonymous?: boolean;
  /** Cap on the decompressed body in bytes; the client's default when absent. */
  readonly maxBytes?: number;
}

/** What an answer says of itself: an answer the connector reads whatever its status, or "too many calls". */
export interface Told {
  readonly kind: 'answer' | 'too-many-calls';
  /** The bank's own code for it. */
  readonly code?: string;
  /** What the bank's support finds the exchange by, where the bank gives it. */
  readonly requestId?: string;
}

/** The bank's answer, whole. Statuses are not judged here: the connector's `errors.ts` maps them. */
export interface BankResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Media type in lower case without parameters, or `''`. */
  readonly mediaType: string;
  readonly body: Uint8Array;
  /** What the bank's support needs to find the exchange. */
  readonly requestId: string;
}

/**
 * The way out, as a connector sees it.
 * @throws Failure `transient` (no or broken answer, wrong media type, redirect, 5xx after retries), `rate-limited`
 * (429 or quota spent), `credential-refused` (the TLS handshake refused our certificate), `protocol` (larger than
 * the cap). On a request that is no read, whatever leaves open whether the bank took it is `outcome-unknown`;
 * `transient` then means that nothing was sent.
 */
export type BankCall = (request: BankRequest) => Promise<BankResponse>;

/** Client certificate and key, PEM. */
export interface ClientIdentity {
  readonly certificate: string;
  readonly key: Secret;
}

/** Quota of one credential as the manifest declares it. */
export interface QuotaRule {
  /** Operations the rule counts; each operation is counted by itself. `*` stands for every other one. */
  readonly operations: readonly string[];
  readonly perSecond: number;
  readonly perDay: number;
  /** Milliseconds to leave between two calls. */
  readonly spacing: number;
  /** Most calls of all the rule's operations together within any span of so many milliseconds. */
  readonly window?: { readonly calls: number; readonly milliseconds: number };
}

/** How a bank limits its callers: the part of the manifest the client works by. */
export interface QuotaPolicy {
  readonly rules: readonly QuotaRule[];
  /** Answer headers that tell what is left, lower case. */
  readonly headers: { readonly remainingSecond: string | null; readonly remainingDay: string | null };
  /** Silence in milliseconds after a 429 without a usable Retry-After. */
  readonly backoff: number;
  /** Silence in milliseconds when the day is spent. */
  readonly exhaustedBackoff: number;
}

/** What the client must remember between calls, handed in as a port: the credential's lease keeps it. */
export interface Quota {
  /**
   * Called before every request, repeats included.
   * @returns milliseconds to wait for the bank's spacing (the client sleeps, at most 2 s)
   * @throws Failure `rate-limited` when the day is spent or the credential must stay silent
   */
  take(operation: string): number;
  /** What the answer's rate headers told; `null` for a header that was not there. */
  observe(operation: string, remainingSecond: number | null, remainingDay: number | null): void;
  /** The bank said 429: no call of this credential before `until` (epoch milliseconds). */
  silence(until: number): void;
}

/**
 * The lowest port: one HTTP exchange over TLS. The real one is undici; the fault harness answers in memory.
 * @throws ExchangeError for whatever is not a whole answer
 */
export interface Exchange {
  (request: ExchangeRequest): Promise<ExchangeResponse>;
}

export interface ExchangeRequest {
  readonly method: string;
  /** Absolute https URL. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  readonly identity: ClientIdentity | null;
  /** PEM of the only CA to trust (simulated banks); `null` = the public ones. */
  readonly ca: string | null;
  readonly limits: Limits;
  readonly signal?: AbortSignal;
}

/** Deadlines in milliseconds and the cap in bytes on the decompressed body. */
export interface Limits {
  readonly connect: number;
  readonly headers: number;
  readonly bodyIdle: number;
  readonly total: number;
  readonly maxBytes: number;
}

export interface ExchangeResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
