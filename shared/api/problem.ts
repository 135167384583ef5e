import type { Connection } from '../domain/records.ts';

/**
 * Problem details for HTTP APIs (RFC 9457). `type` is a stable URN per code; `detail` says what to do next. Thrown
 * anywhere below a handler, rendered by middy's error handler.
 */
export interface ProblemFields {
  readonly status: number;
  /** Stable code for programs, also the end of `type`. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** Findings in the request, by JSON pointer; the first fifty are told. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly bank?: string;
  /** The bank's own code and the id its support can find. */
  readonly bankCode?: string;
  readonly bankRequestId?: string;
  /** Seconds, also sent as Retry-After. */
  readonly retryAfter?: number;
}

/** Findings told at once: a request with a million faults does not get a million answers. */
const FINDINGS_LIMIT = 50;

export class Problem extends Error {
  override readonly name = 'Problem';
  // The three names middy's error handler looks for.
  readonly statusCode: number;
  readonly expose = true;
  readonly headers: Record<string, string>;
  readonly fields: ProblemFields;

  constructor(fields: ProblemFields) {
    const { errors, ...rest } = fields;
    const shown = errors ? { errors: errors.slice(0, FINDINGS_LIMIT) } : {};
    super(JSON.stringify({ type: `urn:brana:problem:${fields.code}`, ...rest, ...shown }));
    this.fields = fields;
    this.statusCode = fields.status;
    this.headers = {
      'Content-Type': 'application/problem+json',
      ...(fields.retryAfter === undefined ? {} : { 'Retry-After': String(fields.retryAfter) }),
    };
  }
}

/** A foreign id and an unknown one look alike, so that nobody learns what exists. */
export const notFound = (what: string): Problem =>
  new Problem({
    status: 404,
    code: 'not-found',
    title: 'Not found',
    detail: `There is no such ${what} for this API key.`,
  });

export const conflict = (code: string, detail: string): Problem =>
  new Problem({ status: 409, code, title: 'Conflict', detail });

/** @param otherwise what to do where the connection's pause does not say it */
export const connectionNotActive = (
  connection: Pick<Connection, 'pause'> | null,
  otherwise: string,
  of = 'account',
): Problem =>
  conflict(
    'connection-not-active',
    `The connection of this ${of} is not active. ${connection?.pause?.message ?? otherwise}`,
  );

export const unprocessable = (code: string, detail: string, errors?: ProblemFields['errors']): Problem =>
  new Problem({
    status: 422,
    code,
    title: 'The request cannot be carried out',
    detail,
    ...(errors ? { errors } : {}),
  });
