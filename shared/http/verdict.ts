import { Failure, type FailureDetail } from '../domain/failure.ts';
import { ExchangeError } from './exchange-error.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { BankRequest, BankResponse, ExchangeResponse, QuotaPolicy, Told } from './types.ts';

/** An attempt that gave no answer a connector could use. */
export interface Failed {
  readonly failure: Failure;
  /** Worth another attempt, if the request is a read. */
  readonly again: boolean;
}

/** What became of one attempt. */
export type Verdict = { readonly response: BankResponse } | Failed;

/** The attempt that is judged. */
export interface Attempt {
  readonly request: BankRequest;
  readonly requestId: string;
  /** `https://host[:port]` it went to. */
  readonly origin: string;
}

const ADVICE = {
  transient: 'It is tried again by itself.',
  'outcome-unknown': 'It is not known whether the bank took it; it is not sent again.',
} as const;

/** The kind where it stays open whether the bank took the request. */
const lost = ({ read }: BankRequest) => (read ? 'transient' : 'outcome-unknown');

const detailOf = ({ request, requestId }: Attempt): FailureDetail => ({
  operation: request.operation,
  requestId,
});

const subject = ({ request, origin }: Attempt): string => `${request.operation} at ${new URL(origin).host}`;

/** Judges an exchange without a whole answer, by the stage it broke at. */
export function judgeError(attempt: Attempt, error: unknown): Failed {
  const detail = detailOf(attempt);
  const what = `${subject(attempt)} failed`;
  const unknown = lost(attempt.request);
  if (!(error instanceof ExchangeError)) {
    return {
      failure: new Failure(unknown, `${what} before an answer came. ${ADVICE[unknown]}`, detail),
      again: true,
    };
  }
  if (error.stage === 'tls-client') {
    const advice = 'Check at the bank that the certificate is valid and not blocked, or upload a new one.';
    return {
      failure: new Failure('credential-refused', `${what}: ${error.message}. ${advice}`, detail),
      again: false,
    };
  }
  if (error.stage === 'too-large') {
    const kind = attempt.request.read ? 'protocol' : unknown;
    const advice = 'Nothing of it was kept; ask for a shorter span of days.';
    return { failure: new Failure(kind, `${what}: ${error.message}. ${advice}`, detail), again: false };
  }
  const kind = error.secured ? unknown : 'transient';
  return { failure: new Failure(kind, `${what}: ${error.message}. ${ADVICE[kind]}`, detail), again: true };
}

/** Judges a whole answer by what is no connector's business; other statuses are the connector's to map. */
export function judgeAnswer(
  attempt: Attempt,
  answer: ExchangeResponse,
  policy: QuotaPolicy,
  now: number,
): Verdict {
  const { request, requestId, origin } = attempt;
  const { status, headers, body } = answer;
  const detail = { ...detailOf(attempt), status };
  const what = `${subject(attempt)} answered ${status}`;
  const kind = lost(request);
  const told = request.told?.(answer) ?? null;
  if (status === 429 || told?.kind === 'too-many-calls') {
    return { failure: limited(what, { ...detail, ...wordsOf(told) }, answer, policy, now), again: false };
  }
  if (told) return { response: { status, headers, mediaType: mediaTypeOf(answer), body, requestId } };
  if (status >= 300 && status < 400) {
    const target = targetHost(headers['location'], origin);
    const message = `${what}, a redirect to ${target}, which is never followed. ${ADVICE[kind]}`;
    return { failure: new Failure(kind, message, detail), again: false };
  }
  if (status >= 500) return { failure: new Failure(kind, `${what}. ${ADVICE[kind]}`, detail), again: true };
  const mediaType = mediaTypeOf(answer);
  if (status >= 200 && status < 300 && status !== 204 && !isAccepted(request, mediaType)) {
    const wanted = request.accept.join(' or ');
    const message = `${what} with "${printable(mediaType)}" instead of ${wanted}, probably a maintenance page. ${ADVICE[kind]}`;
    return { failure: new Failure(kind, message, detail), again: true };
  }
  return { response: { status, headers, mediaType, body, requestId } };
}

function isAccepted({ accept }: BankRequest, mediaType: string): boolean {
  if (accept.includes(mediaType)) return true;
  return accept.includes('*/*') && mediaType !== 'text/html' && mediaType !== 'application/xhtml+xml';
}

const wordsOf = (told: Told | null): FailureDetail => ({
  ...(told?.code === undefined ? {} : { code: told.code }),
  ...(told?.requestId === undefined ? {} : { requestId: told.requestId }),
});

/** 429: how long to stay away stands in Retry-After, in what is left of the day, or in the manifest. */
function limited(
  what: string,
  detail: FailureDetail,
  answer: ExchangeResponse,
  policy: QuotaPolicy,
  now: number,
): Failure {
  const { headers } = answer;
  const asked = parseRetryAfter(headers['retry-after'], headers['date'], now) ?? policy.backoff;
  const { day } = remaining(answer, policy);
  const spent = day !== null && day <= 0;
  const notBefore = now + (spent ? Math.max(asked, policy.exhaustedBackoff) : asked);
  const why = spent ? 'the calls of the day are used up' : 'too many calls';
  const until = new Date(notBefore).toISOString();
  const message = `${what}: ${why}. The credential rests until ${until}; nothing needs to be done.`;
  return new Failure('rate-limited', message, { ...detail, notBefore });
}

/** What the bank's rate headers say is left; `null` where there is no such header or no number in it. */
export function remaining(
  { headers }: ExchangeResponse,
  policy: QuotaPolicy,
): { second: number | null; day: number | null } {
  const read = (name: string | null): number | null => {
    const text = name === null ? undefined : headers[name]?.trim();
    return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : null;
  };
  return { second: read(policy.headers.remainingSecond), day: read(policy.headers.remainingDay) };
}

/** The answer's media type in lower case without parameters, or `''`. */
export function mediaTypeOf({ headers }: ExchangeResponse): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

const printable = (text: string): string => text.replace(/[^\w./+-]/g, '').slice(0, 60);

function targetHost(location: string | undefined, origin: string): string {
  if (location === undefined) return 'nowhere';
  return URL.canParse(location, origin)
    ? printable(new URL(location, origin).hostname)
    : 'an invalid address';
}
