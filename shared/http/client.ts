import { Failure } from '../domain/failure.ts';
import type { Clock, Log, Random } from '../domain/ports.ts';
import type { Exchanged } from './activity.ts';
import { ExchangeError } from './exchange-error.ts';
import { hostOf, outgoing, type Line } from './outgoing.ts';
import { clockSkew, parseHttpDate } from './http-date.ts';
import type {
  BankCall,
  BankRequest,
  Exchange,
  ExchangeResponse,
  Limits,
  Quota,
  QuotaPolicy,
} from './types.ts';
import { uuid } from './uuid.ts';
import { judgeAnswer, judgeError, mediaTypeOf, remaining, type Verdict } from './verdict.ts';

export interface BankClientOptions extends Line {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly quota: Quota;
  /** The manifest's `quota`. */
  readonly manifestQuota: QuotaPolicy;
  readonly limits?: Partial<Limits>;
  /** Epoch milliseconds at which the caller's time ends. */
  readonly deadline: number;
  /** Hears after each answer how many seconds the bank's clock is ahead of ours. */
  readonly onSkew?: (seconds: number) => void;
  /** Hears of every attempt once it is over: the activity log. */
  readonly onExchange?: (exchanged: Exchanged) => void;
}

const DEFAULT_LIMITS: Limits = {
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

/**
 * The one client every bank is spoken to through: request ids, spacing and quota, deadlines, content-type check,
 * rate limits, and the only place where a bank request is repeated (reads only, at most three attempts with full
 * jitter, never past the deadline). What it throws is told at {@link BankCall}.
 */
export function createBankClient(options: BankClientOptions): BankCall {
  const { clock, random, quota, deadline } = options;

  async function waitForSlot({ operation }: BankRequest): Promise<void> {
    const wait = quota.take(operation);
    const now = clock.now();
    if (wait > LONGEST_SPACING) {
      const message = `${operation} must wait ${wait} ms for the bank's spacing. The next run goes on.`;
      throw new Failure('rate-limited', message, { operation, notBefore: now + wait });
    }
    if (now + wait + SHORTEST_ATTEMPT > deadline) {
      const message = `${operation} was not called: the run's time is nearly over. The next run goes on.`;
      throw new Failure('transient', message, { operation });
    }
    if (wait > 0) await clock.sleep(wait);
  }

  async function once(request: BankRequest, number: number): Promise<Verdict> {
    await waitForSlot(request);
    const started = clock.now();
    const { origin } = hostOf(options, request);
    const attempt = { request, requestId: uuid(random), origin };
    const sent = outgoing(options, request, attempt.requestId, limitsOf(options, request, started));
    const facts = factsOf(origin, request, attempt.requestId, number);
    const { requestId } = attempt;
    const exchanged = { operation: request.operation, requestId, attempt: number, started, request: sent };
    let answer: ExchangeResponse;
    try {
      answer = await options.exchange(sent);
    } catch (error) {
      const failed = judgeError(attempt, error);
      const milliseconds = clock.now() - started;
      const { kind } = failed.failure;
      options.onExchange?.({ ...exchanged, milliseconds, answer: null, failure: { kind, error } });
      options.log.warn('bank.call.broken', {
        ...facts,
        ...named(error),
        kind,
        milliseconds,
      });
      return failed;
    }
    const now = clock.now();
    const { second, day } = remaining(answer, options.manifestQuota);
    quota.observe(request.operation, second, day);
    const answered = told(answer, started, now);
    if (answered.skewSeconds !== null) options.onSkew?.(answered.skewSeconds);
    options.log.info('bank.call', {
      ...facts,
      ...answered,
      milliseconds: now - started,
      remainingDay: day,
    });
    const verdict = judgeAnswer(attempt, answer, options.manifestQuota, now);
    const failure = 'failure' in verdict ? { kind: verdict.failure.kind } : null;
    options.onExchange?.({ ...exchanged, milliseconds: now - started, answer, failure });
    return verdict;
  }

  return async function call(request) {
    for (let number = 1; ; number++) {
      const verdict = await once(request, number);
      if ('response' in verdict) return verdict.response;
      const { failure, again } = verdict;
      if (failure.detail.notBefore !== undefined) quota.silence(failure.detail.notBefore);
      const pause = Math.floor(random.next() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** number));
      const inTime = clock.now() + pause + SHORTEST_ATTEMPT <= deadline;
      if (!again || !request.read || number === MAX_ATTEMPTS || !inTime) throw failure;
      await clock.sleep(pause);
    }
  };
}

function limitsOf({ limits, deadline }: BankClientOptions, { maxBytes }: BankRequest, now: number): Limits {
  const all = { ...DEFAULT_LIMITS, ...limits };
  return {
    ...all,
    total: Math.min(all.total, Math.floor(deadline - now)),
    maxBytes: maxBytes ?? all.maxBytes,
  };
}

function factsOf(origin: string, { operation, method }: BankRequest, requestId: string, attempt: number) {
  return { operation, method, host: new URL(origin).host, attempt, requestId };
}

/** What the log may tell of an answer; `skewSeconds` is how far the bank's clock is ahead of ours. */
function told(answer: ExchangeResponse, started: number, now: number) {
  const date = parseHttpDate(answer.headers['date']);
  return {
    status: answer.status,
    mediaType: mediaTypeOf(answer),
    bytes: answer.body.length,
    skewSeconds: date === null ? null : clockSkew(date, started, now),
  };
}

function named(error: unknown) {
  if (error instanceof ExchangeError) return { stage: error.stage, code: error.code };
  return { error: error instanceof Error ? error.name : typeof error };
}
