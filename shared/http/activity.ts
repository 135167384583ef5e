import type { Activity, ActivityMessage, ShownFields } from '../domain/activity.ts';
import { isoInstant } from '../domain/dates.ts';
import type { FailureKind } from '../domain/failure.ts';
import { ExchangeError } from './exchange-error.ts';
import { urlTemplate } from './redaction.ts';
import type { ExchangeRequest, ExchangeResponse } from './types.ts';

/**
 * The one list of what the activity log shows of an exchange. A value is shown where its name is listed and it has the
 * shape such a value has, so that a secret in the wrong place stays hidden; every other value reads `null`. Never to be
 * listed: authorisation, cookies, API keys, client and account ids, texts.
 */
const DIGITS = /^-?\d{1,9}$/;
const DAY = /^\d{4}-\d{2}-\d{2}(T[\d:.]{5,15}(Z|[+-]\d\d:?\d\d)?)?$/;
const NUMBER = /^\d{1,5}$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const MEDIA_TYPE = /^[a-z]{1,20}\/[a-z0-9.+-]{1,60}(; ?charset="?[A-Za-z0-9-]{1,20}"?)?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const HEADERS: Readonly<Record<string, RegExp>> = {
  accept: /^[a-z*]{1,20}\/[a-z0-9*.+-]{1,60}(, ?[a-z*]{1,20}\/[a-z0-9*.+-]{1,60}){0,5}$/,
  'content-type': MEDIA_TYPE,
  'content-length': DIGITS,
  'content-encoding': /^(gzip|br|deflate|identity)$/,
  date: HTTP_DATE,
  'retry-after': new RegExp(`${DIGITS.source}|${HTTP_DATE.source}`),
  'x-request-id': UUID,
  'x-correlation-id': UUID,
  'x-ratelimit-limit-second': DIGITS,
  'x-ratelimit-limit-day': DIGITS,
  'x-ratelimit-remaining-second': DIGITS,
  'x-ratelimit-remaining-day': DIGITS,
  'ratelimit-limit': DIGITS,
  'ratelimit-remaining': DIGITS,
  'ratelimit-reset': DIGITS,
};

/** Windows and pages. */
const QUERY: Readonly<Record<string, RegExp>> = {
  ...Object.fromEntries(
    ['from', 'to', 'fromDate', 'toDate', 'dateFrom', 'dateTo', 'date'].map((name) => [name, DAY]),
  ),
  ...Object.fromEntries(['page', 'size', 'limit'].map((name) => [name, NUMBER])),
};

const HIDDEN = '{}';
/** Letters with at most one digit: what a contract calls a field. Ids, account numbers and tokens have more. */
const NAME = /^@?[A-Za-z_.:-]{1,40}(\d[A-Za-z_.:-]{0,20})?$/;
/** Headers or parameters of one message. */
const MOST_FIELDS = 60;

/** The name of a field as it may be shown; `{}` for one that could itself be a value. */
export const shownName = (name: string): string => (NAME.test(name) ? name : HIDDEN);

/** One attempt at an exchange, as the bank client tells of it. */
export interface Exchanged {
  readonly operation: string;
  readonly requestId: string;
  readonly attempt: number;
  /** Epoch milliseconds. */
  readonly started: number;
  readonly milliseconds: number;
  readonly request: ExchangeRequest;
  readonly answer: ExchangeResponse | null;
  /** What the client made of it, with the error of an exchange that broke; `null`: the connector judges the answer. */
  readonly failure: { readonly kind: FailureKind; readonly error?: unknown } | null;
}

/** Names and types of the fields of a body; `null` where it has none. */
export type StructureOf = (body: Uint8Array, mediaType: string) => readonly string[] | null;

/** What may be kept of an exchange. */
export function shownExchange(exchanged: Exchanged, structureOf: StructureOf): Omit<Activity, 'id'> {
  const { operation, requestId, attempt, started, milliseconds, request, answer, failure } = exchanged;
  const message = (headers: Readonly<Record<string, string>>, body: Uint8Array): ActivityMessage => ({
    headers: shown(Object.entries(headers), HEADERS),
    bytes: body.length,
    structure: structureOf(body, (headers['content-type'] ?? '').toLowerCase()),
  });
  const error = failure?.error instanceof ExchangeError ? failure.error : null;
  return {
    at: isoInstant(started),
    operation,
    method: request.method,
    url: urlTemplate(request.url),
    query: shown(new URL(request.url).searchParams, QUERY),
    attempt,
    requestId,
    milliseconds,
    request: message(request.headers, request.body ?? new Uint8Array()),
    answer: answer && { status: answer.status, ...message(answer.headers, answer.body) },
    failure: failure && { kind: failure.kind, stage: error?.stage ?? null, code: error?.code ?? null },
  };
}

function shown(
  fields: Iterable<readonly [string, string]>,
  allowed: Readonly<Record<string, RegExp>>,
): ShownFields {
  const all = [...fields].slice(0, MOST_FIELDS);
  return Object.fromEntries(
    all.map(([name, value]) => {
      const shape = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
      return [shownName(name), shape?.test(value) ? value : null];
    }),
  );
}
