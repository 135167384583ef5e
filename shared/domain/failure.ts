/**
 * The closed set of ways in which talking to a bank fails. A connector throws one of these and nothing else; the
 * effect of each kind stands in one table (`flows/effects.ts`).
 */
export const FAILURE_KINDS = [
  'transient',
  'rate-limited',
  'consent-needed',
  'credential-refused',
  'rejected',
  'outcome-unknown',
  'protocol',
  'unsupported',
] as const;

export type FailureKind = (typeof FAILURE_KINDS)[number];

/** What is known beyond the kind. Holds no body, header or secret of an exchange. */
export interface FailureDetail {
  /** HTTP status of the bank's answer, when there was one. */
  readonly status?: number;
  /** The bank's own error code, as it wrote it. */
  readonly code?: string;
  /** The request field the bank complained about. */
  readonly field?: string;
  /** `rate-limited`: epoch milliseconds before which the credential must stay silent. */
  readonly notBefore?: number;
  /** The request id the bank's support can find. */
  readonly requestId?: string;
  /** The bank's operation, by the name in its contract. */
  readonly operation?: string;
}

/** A bank call that did not give what was asked. `message` is written for the operator: what happened, what to do. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly detail: FailureDetail;

  constructor(kind: FailureKind, message: string, detail: FailureDetail = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
    this.kind = kind;
    this.detail = detail;
  }
}

/** Anything thrown, as a {@link Failure}: an error nobody foresaw counts as `transient` on a read. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Failure('transient', message, {}, error);
}

/** What may be printed of an error that is not ours: its class and where it arose, never its words. */
export function printable(error: unknown): { error: string; at: string | null } {
  if (!(error instanceof Error)) return { error: typeof error, at: null };
  const frame = /\n\s+at (.*)/.exec(error.stack ?? '')?.[1] ?? null;
  return { error: error.name, at: frame && frame.replace(/file:\/\/\S*\/(?=[^/]+$)/, '') };
}
