/**
 * What every simulated bank is to the rest: a function from a request to an answer. The same function is called in
 * memory by the fault harness and by the TLS server of the demo, so everything that only a socket can do (cut a body,
 * drip it, close the line) is a hint the server executes.
 */

/** The bank's time, epoch milliseconds; often virtual. */
export interface SandboxClock {
  now(): number;
}

export interface PeerCertificate {
  /** Serial number in hex, as `X509Certificate.serialNumber` prints it. */
  readonly serial: string;
  /** SHA-256 of the DER form, lower-case hex. */
  readonly fingerprint: string;
}

export interface SandboxRequest {
  readonly method: string;
  /** Path as sent, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The client certificate the TLS layer verified; `null` when the caller showed none. */
  readonly clientCertificate: PeerCertificate | null;
}

/** How the bytes travel when they do not simply travel. Counts are bytes of the body as sent. */
export type Delivery =
  /** The bank did its work, then the line closes without a byte of answer. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'drip'; readonly bytesPerSecond: number }
  /** Sends `after` bytes and then nothing more, the line stays open. */
  | { readonly kind: 'stall'; readonly after: number }
  /** Sends `after` bytes and closes: a content-length not reached, or a chunked body without its end. */
  | { readonly kind: 'truncate'; readonly after: number; readonly framing: 'length' | 'chunked' }
  /** Repeats the body until the caller hangs up. */
  | { readonly kind: 'endless' }
  /** Whole, but later. */
  | { readonly kind: 'delay'; readonly milliseconds: number };

export interface SandboxResponse {
  readonly status: number;
  /** Lower-case names; content-length is the server's affair. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Values of `set-cookie`, which cannot be joined into one. */
  readonly cookies?: readonly string[];
  readonly delivery?: Delivery;
}

/** One request as the bank remembers it. */
export interface LoggedRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Operation of the bank's contract, `null` for a path that is none. */
  readonly operation: string | null;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly requestId: string | null;
  /** Serial of the client certificate. */
  readonly certificate: string | null;
  readonly status: number;
}

/** A misbehaviour asked for. Everything else about it stands in `scenarios.ts`. */
export type Misbehaviour = {
  /** Operation it applies to; every one when absent. */
  readonly operation?: string;
  /** Requests it applies to, 1 when absent; `Infinity` = until {@link SandboxBank.behave}. */
  readonly times?: number;
  /** Matching requests that go through untouched first. */
  readonly skip?: number;
  /**
   * Whether it comes after the bank carried the request out, so that only its answer is lost or wrong. Absent: yes where
   * the way of its answer is spoiled (`drop`, `truncate` …), no where another answer is given instead.
   */
  readonly afterwards?: boolean;
} & MisbehaviourKind;

export type MisbehaviourKind =
  | { readonly kind: 'status-503' }
  /** Without `retryAfter` the header is absent. */
  | {
      readonly kind: 'status-429';
      readonly retryAfter?: { readonly seconds: number; readonly form: 'seconds' | 'date' };
    }
  /** A maintenance page: HTML under status 200. */
  | { readonly kind: 'html-200' }
  /** The bank's error object under status 200, where a document was expected. */
  | { readonly kind: 'json-error-200' }
  | { readonly kind: 'garbage-json' }
  /** An error object of another family, `{"httpCode", …}`. */
  | { readonly kind: 'unknown-shape-500' }
  | { readonly kind: 'redirect'; readonly location?: string }
  /** A small gzip body that unpacks to `mebibytes` (1024 when absent). */
  | { readonly kind: 'gzip-bomb'; readonly mebibytes?: number }
  | { readonly kind: 'giant-body' }
  | { readonly kind: 'blocked-certificate' }
  | { readonly kind: 'no-rights' }
  | { readonly kind: 'invalid-request-400' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'drip'; readonly bytesPerSecond?: number }
  | { readonly kind: 'stall'; readonly after?: number }
  /** `after` bytes are sent, half of the body when absent. */
  | { readonly kind: 'truncate'; readonly after?: number; readonly framing?: 'length' | 'chunked' }
  /** Every page is the first one again and never the last. */
  | { readonly kind: 'repeat-page' }
  /** New movements are booked right before each page after the first is answered. */
  | { readonly kind: 'shift-pages'; readonly rows?: number }
  /** The answer comes whole, but `milliseconds` (1000 when absent) later. */
  | { readonly kind: 'delay'; readonly milliseconds?: number }
  /** An order has a status that no contract knows. */
  | { readonly kind: 'unknown-status'; readonly code?: string };

export interface SandboxBank {
  readonly id: string;
  handle(request: SandboxRequest): Promise<SandboxResponse>;
  /** Every request so far, oldest first; narrowed by operation and certificate serial. */
  requests(filter?: { operation?: string; certificate?: string }): readonly LoggedRequest[];
  /** Asks for a misbehaviour; several wait in the order they were asked for. */
  misbehave(misbehaviour: Misbehaviour): void;
  /** Drops every misbehaviour still waiting. */
  behave(): void;
}
