import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { describe, expect, test } from 'vitest';
import { Problem } from '../../shared/api/problem.ts';
import { route } from '../../shared/api/route.ts';
import { on, serve, type Answer } from '../../shared/api/serve.ts';
import { createLog } from '../../shared/http/redaction.ts';

const thing = route({
  key: 'POST /things/{id}',
  summary: 'A thing',
  scope: 'pay',
  query: z.strictObject({ q: z.optional(z.string()) }),
  body: z.strictObject({ name: z.optional(z.string()) }),
  status: 201,
  response: z.unknown(),
});

function eventOf(more: Partial<APIGatewayProxyEventV2> = {}): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: thing.key,
    rawPath: '/things/1',
    rawQueryString: '',
    headers: { authorization: 'Bearer key' },
    pathParameters: { id: '1' },
    isBase64Encoded: false,
    requestContext: { requestId: 'request-1' },
    ...more,
  } as APIGatewayProxyEventV2;
}

/** Serves one route by `handle`. @returns the result, its body as JSON, and the lines logged */
async function call(handle: (request: unknown) => Promise<Answer>, event = eventOf()) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
    level: 'info',
    now: () => 0,
  });
  const authenticate = async () => ({ company: 'com_1', key: 'key_1', scopes: ['pay'], user: null }) as const;
  const result = await serve({ log, authenticate }, [on(thing, handle)])(event, {});
  const body = JSON.parse(result.isBase64Encoded ? 'null' : (result.body ?? 'null')) as Record<
    string,
    unknown
  >;
  return { ...result, body, lines };
}

describe('an error nobody foresaw', () => {
  const SECRET = 'CANARY secret at /var/task/index.mjs:1:2';

  test.each([
    ['an error', () => Promise.reject(new TypeError(SECRET))],
    [
      'an error with a status of its own',
      () => Promise.reject(Object.assign(new Error(SECRET), { statusCode: 418, expose: true })),
    ],
    [
      'an error that wants to be shown',
      () => Promise.reject(Object.assign(new Error(SECRET), { expose: true, headers: { 'x-leak': SECRET } })),
    ],
    ['text', () => Promise.reject(SECRET)],
    ['nothing', () => Promise.reject(undefined)],
    [
      'a throw before the promise',
      () => {
        throw new RangeError(SECRET);
      },
    ],
  ] as [string, () => Promise<Answer>][])(
    '(%s) is 500 with the request id and nothing else',
    async (_, handle) => {
      const { statusCode, headers, body, lines } = await call(handle);
      expect(statusCode).toBe(500);
      expect(headers).toMatchObject({
        'Content-Type': 'application/problem+json',
        'x-request-id': 'request-1',
      });
      expect(body).toEqual({
        type: 'urn:brana:problem:internal',
        status: 500,
        code: 'internal',
        title: 'Brana failed',
        detail: expect.stringContaining('request-1'),
      });
      expect(JSON.stringify([headers, body])).not.toContain('CANARY');
      const alarm = lines.find(({ event }) => event === 'alarm.api');
      expect(alarm).toMatchObject({ level: 'error', route: thing.key, requestId: 'request-1' });
      expect(JSON.stringify(lines)).not.toContain('CANARY');
    },
  );

  test('is told apart by its kind in the log', async () => {
    const { lines } = await call(() => Promise.reject(new RangeError('too far')));
    expect(lines.find(({ event }) => event === 'alarm.api')).toMatchObject({ error: 'RangeError' });
  });
});

test('a problem is shown with every field, and Retry-After as a header', async () => {
  const fields = {
    status: 503,
    code: 'bank-unavailable',
    title: 'The bank cannot be used now',
    detail: 'Try again later.',
    bank: 'raiffeisen',
    bankCode: 'X1',
    bankRequestId: 'b-1',
    retryAfter: 17,
    errors: [{ pointer: '/a', detail: 'b' }],
  };
  const { statusCode, headers, body, lines } = await call(() => Promise.reject(new Problem(fields)));
  expect([statusCode, headers?.['Retry-After'], headers?.['Content-Type']]).toEqual([
    503,
    '17',
    'application/problem+json',
  ]);
  expect(body).toEqual({ type: 'urn:brana:problem:bank-unavailable', ...fields });
  expect(lines.map(({ event, code, status }) => [event, code, status])).toEqual([
    ['api.refused', 'bank-unavailable', 503],
  ]);
});

test('an answer is JSON, bytes or nothing', async () => {
  const json = await call(async () => ({ body: { a: 1 }, headers: { location: '/x' } }));
  expect(json).toMatchObject({ statusCode: 201, body: { a: 1 } });
  expect(json.headers).toEqual({
    'cache-control': 'no-store',
    'content-type': 'application/json',
    location: '/x',
    'x-request-id': 'request-1',
  });
  const bytes = await call(async () => ({
    body: Buffer.of(0, 255),
    headers: { 'content-type': 'application/pdf' },
  }));
  expect(bytes).toMatchObject({ isBase64Encoded: true, headers: { 'content-type': 'application/pdf' } });
  const nothing = await call(async () => ({ status: 204 }));
  expect(nothing.statusCode).toBe(204);
  expect(nothing).not.toHaveProperty('isBase64Encoded');
  expect(nothing.body).toBeNull();
});

test('a handler gets what was validated, decoded', async () => {
  let seen: unknown;
  const event = eventOf({
    rawQueryString: 'q=1',
    queryStringParameters: { q: '1' },
    isBase64Encoded: true,
    body: Buffer.from('{"name":"Škoda"}').toString('base64'),
  });
  await call(async (request) => {
    seen = request;
    return {};
  }, event);
  expect(seen).toEqual({
    caller: { company: 'com_1', key: 'key_1', scopes: ['pay'], user: null },
    params: { id: '1' },
    query: { q: '1' },
    body: { name: 'Škoda' },
    bytes: Buffer.from('{"name":"Škoda"}'),
    mediaType: '',
    headers: event.headers,
    requestId: 'request-1',
  });
});

test('a route key this function does not have is 404', async () => {
  const { statusCode, body } = await call(async () => ({}), eventOf({ routeKey: 'GET /else' }));
  expect([statusCode, body['code']]).toEqual([404, 'not-found']);
});

test('a request is logged by its route, never by its path, query or body', async () => {
  const event = eventOf({
    rawPath: '/things/CANARY-path',
    pathParameters: { id: 'CANARY-path' },
    rawQueryString: 'q=CANARY-query',
    queryStringParameters: { q: 'CANARY-query' },
    headers: { authorization: 'Bearer CANARY-key', cookie: 'CANARY-cookie' },
    body: '{"name":"CANARY-body"}',
  });
  const { lines } = await call(async () => ({ body: { answer: 'CANARY-answer' } }), event);
  expect(lines).toEqual([
    expect.objectContaining({
      event: 'api.answered',
      route: thing.key,
      status: 201,
      requestId: 'request-1',
      apiKey: 'key_1',
    }),
  ]);
  expect(JSON.stringify(lines)).not.toContain('CANARY');
});
