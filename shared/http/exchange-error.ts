/**
 * Where an exchange broke:
 * - `dns`, `connect`: the server was not reached
 * - `tls-server`: the server's certificate or protocol is not good enough (theirs)
 * - `tls-client`: our client certificate was refused or is unusable (ours)
 * - `sent`: the connection broke after the request went out, before an answer came
 * - `headers`: the answer is no HTTP
 * - `body`: the answer's body is cut off or damaged
 * - `too-large`: the decompressed body is larger than the cap
 * - `timeout`: a deadline passed after the secure connection stood
 */
export const EXCHANGE_STAGES = [
  'dns',
  'connect',
  'tls-server',
  'tls-client',
  'sent',
  'headers',
  'body',
  'too-large',
  'timeout',
] as const;
export type ExchangeStage = (typeof EXCHANGE_STAGES)[number];

const WHAT: Readonly<Record<ExchangeStage, string>> = {
  dns: 'its name could not be resolved',
  connect: 'no secure connection could be opened in time',
  'tls-server': 'its TLS certificate or protocol is not acceptable, so nothing was sent',
  'tls-client': 'it refused our client certificate',
  sent: 'the connection broke before an answer came',
  headers: 'the answer is not valid HTTP',
  body: 'the answer was cut off or damaged',
  'too-large': 'the answer is larger than allowed',
  timeout: 'the answer did not come in time',
};

/** An exchange that gave no whole answer. Neither message nor code holds anything of the request or the answer. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly stage: ExchangeStage;
  /** False only when it is certain that the secure connection never stood, so no byte of the request left. */
  readonly secured: boolean;
  /** The system's, OpenSSL's or HTTP library's code, e.g. `CERT_HAS_EXPIRED`. */
  readonly code: string | null;

  constructor(stage: ExchangeStage, secured: boolean, code: string | null) {
    super(code === null ? WHAT[stage] : `${WHAT[stage]} (${code})`);
    this.stage = stage;
    this.secured = secured;
    this.code = code;
  }
}

/** The `code` of a thrown thing, when it has one that is safe to print. */
export function codeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[A-Z0-9_/]{1,80}$/.test(code) ? code : null;
}
