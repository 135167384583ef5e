import { Failure, type FailureDetail } from '../domain/failure.ts';
import type { Clock, Log, Random } from '../domain/ports.ts';
import { Secret } from '../domain/secret.ts';
import { ExchangeError } from './exchange-error.ts';
import { parseHttpDate, parseRetryAfter } from './retry-after.ts';
import type {
  BankCall,
  BankRequest,
  BankResponse,
  ClientIdentity,
  Exchange,
  ExchangeRequest,
  ExchangeResponse,
  Limits,
  Quota,
  QuotaPolicy,
} from './types.ts';
import { uuid } from './uuid.ts';

export interface BankClientOptions {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly quota: Quota;
  /** The manifest's `quota`. */
  readonly manifestQuota: QuotaPolicy;
  /** `https://host[:port]`, from the manifest (a simulated bank's from the local runner). */
  readonly origin: string;
  /** Path before every request's own, from the manifest. */
  readonly base: string;
  readonly identity: ClientIdentity | null;
  /** PEM of the only CA to trust; `null` = the public ones. */
  readonly ca: string | null;
  readonly limits?: Partial<Limits>;
  /** Epoch milliseconds at which the caller's time ends. */
  readonly deadline: number;
}

export const DEFAULT_LIMITS: Limits = {
  connect: 10_000,
  headers: 30_000,
  bodyIdle: 15_000,
  total: 60_000,
  maxBytes: 16 * 1024 * 1024,
};

const MAX_ATTEMPTS = 3;
/** Full jitter: a pause between nothing and this doubled with every attempt, up to the cap. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 4_000;
/** The longest spacing waited for; anything longer is for the schedule. */
const LONGEST_SPACING = 2_000;
/** An attempt that could not last this long is not begun. */
const SHORTEST_ATTEMPT = 1_000;

interface Failed {
  readonly failure: Failure;
  /** Worth another attempt, if the request is a read. */
  readonly again: boolean;
}

/** What became of one attempt. */
type Outcome = { readonly response: BankResponse } | Failed;

/**
 * The one client every bank is spoken to through: request ids, spacing and quota, deadlines, content-type check,
 * rate limits, and the only place where a bank request is repeated (reads only, at most three attempts with full
 * jitter, never past the deadline). What it throws is told at {@link BankCall}.
 */
export function createBankClient(options: BankClientOptions): BankCall {
  const { clock, random, quota, deadline } = options;
  const host = new URL(options.origin).host;

  async function waitForSlot(request: BankRequest): Promise<void> {
    const wait = quota.take(request.operation);
    if (wait > LONGEST_SPACING) {
      const notBefore = clock.now() + wait;
      const message = `${request.operation} must wait ${wait} ms for the bank's spacing; the next run goes on.`;
      throw new Failure('rate-limited', message, { operation: request.operation, notBefore });
    }
    requireTime(request, wait + SHORTEST_ATTEMPT);
    if (wait > 0) await clock.sleep(wait);
  }

  function requireTime(request: BankRequest, needed: number): void {
    if (clock.now() + needed <= deadline) return;
    const message = `${request.operation} was not called: the run's time is nearly over. The next run goes on.`;
    throw new Failure('transient', message, { operation: request.operation });
  }

  async function attempt(request: BankRequest, number: number): Promise<Outcome> {
    await waitForSlot(request);
    const requestId = uuid(random);
    const started = clock.now();
    const facts = { operation: request.operation, method: request.method, host, attempt: number, requestId };
    let answer: ExchangeResponse;
    try {
      answer = await options.exchange(exchangeRequest(options, request, requestId, deadline - started));
    } catch (error) {
      const outcome = broken(request, host, requestId, error);
      const { stage, code } = error instanceof ExchangeError ? error : { stage: null, code: null };
      const milliseconds = clock.now() - started;
      options.log.warn('bank.call.broken', {
        ...facts,
        stage,
        code,
        kind: outcome.failure.kind,
        milliseconds,
      });
      return outcome;
    }
    const now = clock.now();
    const left = observe(options, request.operation, answer);
    options.log.info('bank.call', {
      ...facts,
      status: answer.status,
      mediaType: mediaTypeOf(answer),
      bytes: answer.body.length,
      milliseconds: now - started,
      skewSeconds: skewOf(answer, now),
      remainingDay: left.day,
    });
    return judge(options, request, host, requestId, answer, left.day);
  }

  return async function call(request) {
    for (let number = 1; ; number++) {
      const outcome = await attempt(request, number);
      if ('response' in outcome) return outcome.response;
      const pause = random.next() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** number);
      const inTime = clock.now() + pause + SHORTEST_ATTEMPT <= deadline;
      if (!outcome.again || !request.read || number === MAX_ATTEMPTS || !inTime) throw outcome.failure;
      await clock.sleep(pause);
    }
  };
}

function exchangeRequest(
  { origin, base, identity, ca, limits }: BankClientOptions,
  request: BankRequest,
  requestId: string,
  timeLeft: number,
): ExchangeRequest {
  const url = new URL(base + request.path, origin);
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
  const headers: Record<string, string> = { accept: request.accept.join(', '), 'user-agent': 'brana' };
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    headers[name.toLowerCase()] = value instanceof Secret ? value.reveal() : value;
  }
  if (request.requestIdHeader !== undefined) headers[request.requestIdHeader.toLowerCase()] = requestId;
  const allowed = { ...DEFAULT_LIMITS, ...limits };
  return {
    method: request.method,
    url: url.href,
    headers,
    body: typeof request.body === 'string' ? new TextEncoder().encode(request.body) : (request.body ?? null),
    identity: request.anonymous === true ? null : identity,
    ca,
    limits: {
      ...allowed,
      total: Math.min(allowed.total, timeLeft),
      maxBytes: request.maxBytes ?? allowed.maxBytes,
    },
  };
}

/** The kind for an exchange that leaves open whether the bank took the request. */
const lost = (request: BankRequest) => (request.read ? 'transient' : 'outcome-unknown');

/** An exchange without a whole answer. */
function broken(request: BankRequest, host: string, requestId: string, error: unknown): Failed {
  const detail: FailureDetail = { operation: request.operation, requestId };
  const what = `${request.operation} at ${host} failed`;
  if (!(error instanceof ExchangeError)) {
    const message = `${what} before an answer came. It is tried again by itself.`;
    return { failure: new Failure(lost(request), message, detail), again: true };
  }
  if (error.stage === 'tls-client') {
    const message = `${what}: ${error.message}. Check at the bank that the certificate is valid and not blocked, or upload a new one.`;
    return { failure: new Failure('credential-refused', message, detail), again: false };
  }
  if (error.stage === 'too-large') {
    const message = `${what}: ${error.message}. Nothing of it was kept; ask for a shorter span of days.`;
    return {
      failure: new Failure(request.read ? 'protocol' : 'outcome-unknown', message, detail),
      again: false,
    };
  }
  const kind = error.secured ? lost(request) : 'transient';
  return { failure: new Failure(kind, `${what}: ${error.message}. ${ADVICE[kind]}`, detail), again: true };
}

const ADVICE = {
  transient: 'It is tried again by itself.',
  'outcome-unknown': 'It is not known whether the bank took it; it is not sent again.',
} as const;

/** A whole answer: what the client itself must see in it; other statuses are the connector's to map. */
function judge(
  options: BankClientOptions,
  request: BankRequest,
  host: string,
  requestId: string,
  answer: ExchangeResponse,
  remainingDay: number | null,
): Outcome {
  const { status, headers, body } = answer;
  const detail: FailureDetail = { operation: request.operation, requestId, status };
  const what = `${request.operation} at ${host} answered ${status}`;
  const kind = lost(request);
  if (status === 429) return limited(options, answer, what, detail, remainingDay);
  if (status >= 300 && status < 400) {
    const message = `${what}, a redirect to ${targetHost(headers['location'], options.origin)}, which is never followed. ${ADVICE[kind]}`;
    return { failure: new Failure(kind, message, detail), again: false };
  }
  if (status >= 500) return { failure: new Failure(kind, `${what}. ${ADVICE[kind]}`, detail), again: true };
  const mediaType = mediaTypeOf(answer);
  if (status >= 200 && status < 300 && status !== 204 && !request.accept.includes(mediaType)) {
    const message = `${what} with content of type "${printable(mediaType)}" instead of ${request.accept.join(' or ')}, probably a maintenance page. ${ADVICE[kind]}`;
    return { failure: new Failure(kind, message, detail), again: true };
  }
  return { response: { status, headers, mediaType, body, requestId } };
}

/** 429: leave at once; how long to stay away stands in Retry-After, in the day's rest or in the manifest. */
function limited(
  { clock, quota, manifestQuota }: BankClientOptions,
  { headers }: ExchangeResponse,
  what: string,
  detail: FailureDetail,
  remainingDay: number | null,
): Failed {
  const now = clock.now();
  const asked = parseRetryAfter(headers['retry-after'], headers['date'], now) ?? manifestQuota.backoff;
  const daySpent = remainingDay !== null && remainingDay <= 0;
  const notBefore = now + (daySpent ? Math.max(asked, manifestQuota.exhaustedBackoff) : asked);
  quota.silence(notBefore);
  const why = daySpent ? 'the calls of the day are used up' : 'too many calls';
  const message = `${what}: ${why}. The credential rests until ${new Date(notBefore).toISOString()}; nothing needs to be done.`;
  return { failure: new Failure('rate-limited', message, { ...detail, notBefore }), again: false };
}

function observe(
  { quota, manifestQuota }: BankClientOptions,
  operation: string,
  { headers }: ExchangeResponse,
) {
  const read = (name: string | null): number | null => {
    const text = name === null ? undefined : headers[name]?.trim();
    return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : null;
  };
  const left = {
    second: read(manifestQuota.headers.remainingSecond),
    day: read(manifestQuota.headers.remainingDay),
  };
  quota.observe(operation, left.second, left.day);
  return left;
}

function mediaTypeOf({ headers }: ExchangeResponse): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** How far the bank's clock is ahead of ours, in seconds. */
function skewOf({ headers }: ExchangeResponse, now: number): number | null {
  const date = parseHttpDate(headers['date']);
  return date === null ? null : Math.round((date - now) / 1_000);
}

const printable = (text: string): string => text.replace(/[^\w./+-]/g, '').slice(0, 60);

function targetHost(location: string | undefined, origin: string): string {
  try {
    return location === undefined ? 'nowhere' : printable(new URL(location, origin).hostname);
  } catch {
    return 'an invalid address';
  }
}
