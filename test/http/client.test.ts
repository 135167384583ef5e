import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { Failure } from '../../shared/domain/failure.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { createBankClient, type BankClientOptions } from '../../shared/http/client.ts';
import { createExchange } from '../../shared/http/exchange.ts';
import { createQuota } from '../../shared/http/quota.ts';
import { createLog } from '../../shared/http/redaction.ts';
import type { BankRequest, QuotaPolicy } from '../../shared/http/types.ts';
import {
  bankCa,
  capturingLog,
  clientCa,
  ourIdentity,
  quick,
  seededRandom,
  selfSigned,
  startServer,
  strangerIdentity,
  virtualClock,
} from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CANARY = 'canary-7f3a';

const policy: QuotaPolicy = {
  rules: [{ operations: ['*'], perSecond: 10, perDay: 100, spacing: 150 }],
  headers: { remainingSecond: 'x-left-second', remainingDay: 'x-left-day' },
  backoff: MINUTE,
  exhaustedBackoff: HOUR,
};

const read: BankRequest = {
  operation: 'getThings',
  method: 'GET',
  path: '/things',
  accept: ['application/json'],
  read: true,
};
const submission: BankRequest = {
  ...read,
  operation: 'sendThings',
  method: 'POST',
  body: 'order',
  read: false,
};

const exchange = createExchange();
const cleanup: (() => Promise<void>)[] = [];

type Handler = (request: IncomingMessage, response: ServerResponse, number: number) => void;

/** A bank that answers by `handler`, and a client of it on a virtual clock. */
async function bank(handler: Handler, more: Partial<BankClientOptions> = {}, tls = {}) {
  const clock = virtualClock();
  let number = 0;
  const server = await startServer((request, response) => handler(request, response, (number += 1)), tls);
  cleanup.push(() => server.close());
  const log = capturingLog();
  const quota = createQuota({ policy, clock, usage: {}, notBefore: null });
  const options: BankClientOptions = {
    exchange,
    clock,
    random: seededRandom(),
    log,
    quota,
    manifestQuota: policy,
    origin: server.origin,
    base: '/api',
    identity: null,
    ca: bankCa.cert,
    limits: quick,
    deadline: clock.now() + MINUTE,
    ...more,
  };
  return { call: createBankClient(options), clock, server, log, quota, options };
}

const json = (response: ServerResponse, status: number, value: unknown, headers = {}) =>
  void response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify(value));

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => expect.unreachable('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

afterEach(async () => {
  await Promise.all(cleanup.splice(0).map((close) => close()));
});
afterAll(() => exchange.close());

describe('requests', () => {
  test('path, query, headers, secrets and a request id of its own for every attempt', async () => {
    const seen: Record<string, unknown>[] = [];
    const { call } = await bank((request, response, number) => {
      seen.push({ ...request.headers, url: request.url });
      if (number === 1) json(response, 500, {});
      else json(response, 200, { ok: true });
    });
    const answer = await call({
      ...read,
      query: { from: '2026-11-01', text: 'a&b' },
      headers: { 'X-Client': 'id', 'X-Client-Secret': new Secret('s3cret') },
      requestIdHeader: 'X-Request-Id',
    });
    expect(seen).toHaveLength(2);
    expect(seen[1]).toMatchObject({
      url: '/api/things?from=2026-11-01&text=a%26b',
      accept: 'application/json',
      'x-client': 'id',
      'x-client-secret': 's3cret',
      'x-request-id': answer.requestId,
    });
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(seen[0]?.['x-request-id']).toMatch(uuid);
    expect(answer.requestId).toMatch(uuid);
    expect(seen[0]?.['x-request-id']).not.toBe(answer.requestId);
  });

  test('a value in the path cannot lead elsewhere', async () => {
    const { call, server, options } = await bank((_request, response) => json(response, 200, {}));
    for (const path of ['/accounts/../keys', '/accounts/%2e%2e/keys', '/a?b=c', '/a#b']) {
      expect((await failureOf(call({ ...read, path }))).kind, path).toBe('rejected');
    }
    expect(server.requests()).toBe(0);
    await call({ ...read, path: `/accounts/${encodeURIComponent("a/b?#% ž'()*")}` });
    await call({ ...read, path: '//evil.example/' });
    expect(server.requests()).toBe(2);
    const bare = createBankClient({ ...options, base: '' });
    expect((await failureOf(bare({ ...read, path: '@evil.example' }))).kind).toBe('rejected');
  });

  test('statuses below 500 are the connector’s to judge', async () => {
    for (const status of [200, 204, 400, 401, 403, 404, 418]) {
      const { call, server } = await bank((_request, response) =>
        status === 204 ? void response.writeHead(204).end() : json(response, status, {}),
      );
      expect((await call(read)).status).toBe(status);
      expect(server.requests()).toBe(1);
    }
  });

  test('spacing is slept on the clock, by attempts too', async () => {
    const { call, clock } = await bank((_request, response) => json(response, 200, {}));
    const start = clock.now();
    await call(read);
    await call(read);
    await call(read);
    expect(clock.now() - start).toBe(300);
  });

  test('an anonymous request shows no certificate', async () => {
    const who = (request: IncomingMessage, response: ServerResponse) => {
      const socket = request.socket as import('node:tls').TLSSocket;
      json(response, 200, { name: socket.getPeerCertificate().subject?.CN ?? null });
    };
    const { call } = await bank(
      who,
      { identity: ourIdentity },
      { ca: clientCa.cert, requestCert: true, rejectUnauthorized: false },
    );
    const name = async (request: BankRequest) => Buffer.from((await call(request)).body).toString();
    expect(await name(read)).toBe('{"name":"company"}');
    expect(await name({ ...read, anonymous: true })).toBe('{"name":null}');
  });

  test('row 18: the skew of the bank’s clock is logged', async () => {
    const { call, clock, log } = await bank((_request, response) =>
      json(response, 200, {}, { date: new Date(clock.now() + 5 * MINUTE).toUTCString() }),
    );
    await call(read);
    expect(log.lines).toMatchObject([
      { event: 'bank.call', fields: { skewSeconds: 300, status: 200, attempt: 1 } },
    ]);
  });
});

describe('row 7: 429', () => {
  const now = virtualClock().now();
  const at = (instant: number) => new Date(instant).toUTCString();
  const forms: [string, Record<string, string>, number][] = [
    ['seconds', { 'retry-after': '120' }, now + 120_000],
    ['zero seconds', { 'retry-after': '0' }, now + 1_000],
    ['a day long', { 'retry-after': '86400' }, now + 24 * HOUR],
    ['a year long is a day', { 'retry-after': '31536000' }, now + 24 * HOUR],
    ['a number beyond numbers', { 'retry-after': '9'.repeat(400) }, now + 24 * HOUR],
    ['an HTTP date', { 'retry-after': at(now + 10 * MINUTE), date: at(now) }, now + 10 * MINUTE],
    [
      'an HTTP date by a skewed clock',
      { 'retry-after': at(now + 2 * HOUR), date: at(now + HOUR) },
      now + HOUR,
    ],
    ['an HTTP date in the past', { 'retry-after': at(now - HOUR), date: at(now) }, now + 1_000],
    ['absent', {}, now + MINUTE],
    ['negative', { 'retry-after': '-5' }, now + MINUTE],
    ['a fraction', { 'retry-after': '1.5' }, now + MINUTE],
    ['words', { 'retry-after': 'soon' }, now + MINUTE],
    ['no HTTP date', { 'retry-after': '2026-11-21T12:00:00Z' }, now + MINUTE],
    ['the day is spent', { 'x-left-day': '0' }, now + HOUR],
    ['the day is overspent', { 'x-left-day': '-3', 'retry-after': '5' }, now + HOUR],
    ['the day is spent and more is asked', { 'x-left-day': '0', 'retry-after': '7200' }, now + 2 * HOUR],
    ['something is left of the day', { 'x-left-day': '17', 'x-left-second': '0' }, now + MINUTE],
  ];
  for (const [form, headers, notBefore] of forms) {
    test(`row 7: Retry-After: ${form}`, async () => {
      const { call, clock, server, quota } = await bank((_request, response) =>
        json(response, 429, {}, headers),
      );
      const failure = await failureOf(call(read));
      expect(failure.kind).toBe('rate-limited');
      expect(failure.detail).toMatchObject({ status: 429, operation: 'getThings', notBefore });
      expect(quota.notBefore()).toBe(notBefore);
      expect(clock.now(), 'nothing was slept').toBe(now);
      expect((await failureOf(call({ ...read, operation: 'other' }))).kind).toBe('rate-limited');
      expect(server.requests(), 'no other call of the credential').toBe(1);
    });
  }

  test('row 7: a spent day told by a success stops the next call', async () => {
    const { call, server } = await bank((_request, response) =>
      json(response, 200, {}, { 'x-left-day': '0' }),
    );
    await call(read);
    const failure = await failureOf(call(read));
    expect(failure).toMatchObject({ kind: 'rate-limited', detail: { notBefore: now + HOUR } });
    expect(server.requests()).toBe(1);
  });

  test('row 7: a spacing longer than two seconds is no sleep but a rate limit', async () => {
    const slow = { ...policy, rules: [{ operations: ['*'], perSecond: 10, perDay: 100, spacing: 5_000 }] };
    const clock = virtualClock();
    const quota = createQuota({ policy: slow, clock, usage: {}, notBefore: null });
    const { call, server } = await bank((_request, response) => json(response, 200, {}), { quota, clock });
    await call(read);
    expect(await failureOf(call(read))).toMatchObject({
      kind: 'rate-limited',
      detail: { notBefore: now + 5_000 },
    });
    expect(server.requests()).toBe(1);
  });
});

describe('row 9: not what was asked for', () => {
  const page = (_request: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<h1>Odstávka</h1>');

  test('row 9: HTML with 200 is transient, after three attempts', async () => {
    const { call, server } = await bank(page);
    const failure = await failureOf(call(read));
    expect(failure).toMatchObject({ kind: 'transient', detail: { status: 200, operation: 'getThings' } });
    expect(failure.message).toContain('text/html');
    expect(server.requests()).toBe(3);
  });

  test('row 9: a page that goes away is not noticed', async () => {
    const { call } = await bank((request, response, number) =>
      number < 3 ? page(request, response) : json(response, 200, {}),
    );
    expect((await call(read)).status).toBe(200);
  });

  test('row 9: no content type at all', async () => {
    const { call } = await bank((_request, response) => response.end('{}'));
    expect((await failureOf(call(read))).kind).toBe('transient');
  });
});

describe('repeats', () => {
  const failing: Record<string, Handler> = {
    '500': (_request, response) => json(response, 500, {}),
    '503': (_request, response) => json(response, 503, {}),
    'a closed connection': (request) => void request.socket.destroy(),
    'a cut body': (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{', () => response.socket?.destroy());
    },
  };
  for (const [what, handler] of Object.entries(failing)) {
    test(`row 11: ${what}: a read is tried three times`, async () => {
      const { call, server, clock } = await bank(handler);
      const start = clock.now();
      expect((await failureOf(call(read))).kind).toBe('transient');
      expect(server.requests()).toBe(3);
      expect(clock.now() - start).toBeLessThan(3_000);
    });

    test(`${what}: a submission is sent once and its outcome is unknown`, async () => {
      const { call, server } = await bank(handler);
      expect((await failureOf(call(submission))).kind).toBe('outcome-unknown');
      expect(server.requests()).toBe(1);
    });
  }

  test('a submission that provably never left is transient', async () => {
    const { call, server } = await bank(
      () => {},
      {},
      selfSigned({ commonName: 'bank', hosts: ['127.0.0.1'] }),
    );
    expect((await failureOf(call(submission))).kind).toBe('transient');
    expect(server.requests()).toBe(0);
  });

  test('no attempt begins without time, and none lasts longer than the time left', async () => {
    const clock = virtualClock();
    const { call, server } = await bank((_request, response) => json(response, 500, {}), {
      clock,
      deadline: clock.now() + 1_100,
      random: { ...seededRandom(), next: () => 0.5 },
    });
    const failure = await failureOf(call(read));
    expect(failure).toMatchObject({ kind: 'transient', detail: { status: 500 } });
    expect(server.requests()).toBe(1);
    clock.advance(500);
    expect((await failureOf(call(read))).message).toContain('nearly over');
    expect(server.requests()).toBe(1);
  });

  test('a clock that does not count in whole milliseconds does no harm', async () => {
    const clock = virtualClock(1_795_255_200_000.25);
    const { call } = await bank((_request, response) => json(response, 200, {}), {
      clock,
      deadline: clock.now() + 3_000.5,
    });
    expect((await call(read)).status).toBe(200);
  });

  test('row 10: a stalled answer is cut off by the run’s deadline', async () => {
    const clock = virtualClock();
    const { call, server } = await bank(() => {}, {
      clock,
      deadline: clock.now() + 1_200,
      limits: { ...quick, total: 60_000 },
    });
    expect((await failureOf(call(read))).kind).toBe('transient');
    expect(server.requests()).toBe(1);
  });

  test('every attempt counts', async () => {
    const { call, quota } = await bank((_request, response) => json(response, 500, {}));
    await failureOf(call(read));
    expect(Object.values(quota.usage())).toEqual([{ getThings: 3 }]);
  });
});

describe('what a failure says', () => {
  test('row 12: a body over the cap is protocol and not repeated', async () => {
    const { call, server } = await bank((_request, response) => json(response, 200, 'x'.repeat(2_000)));
    expect((await failureOf(call({ ...read, maxBytes: 1_000 }))).kind).toBe('protocol');
    expect(server.requests()).toBe(1);
  });

  const targets = {
    'https://login.example/page?token=abc': 'login.example',
    'http://169.254.169.254/latest/meta-data/': '169.254.169.254',
    '/again': '127.0.0.1',
    'https://[': 'an invalid address',
  };
  for (const [location, host] of Object.entries(targets)) {
    test(`row 13: a redirect to ${location} names ${host} only and is not followed`, async () => {
      const { call, server } = await bank(
        (_request, response) => void response.writeHead(302, { location }).end(),
      );
      const failure = await failureOf(call(read));
      expect(failure.kind).toBe('transient');
      expect(failure.message).toContain(`redirect to ${host},`);
      expect(failure.message).not.toMatch(/token|latest|\/again/);
      expect(server.connections()).toBe(1);
      expect(server.requests()).toBe(1);
    });
  }

  test('row 14: their bad certificate is transient, our refused one is credential-refused', async () => {
    const theirs = await bank(() => {}, {}, selfSigned({ commonName: 'bank', hosts: ['127.0.0.1'] }));
    const bad = await failureOf(theirs.call(read));
    expect(bad.kind).toBe('transient');
    expect(bad.message).toContain('its TLS certificate');

    const demanding = { ca: clientCa.cert, requestCert: true };
    const ours = await bank(() => {}, { identity: strangerIdentity }, demanding);
    const refused = await failureOf(ours.call(read));
    expect(refused.kind).toBe('credential-refused');
    expect(refused.message).toContain('our client certificate');
    expect(ours.server.requests()).toBe(0);
  });

  test('row 67: no secret, query, header or body in any error or log line', async () => {
    const answers: Handler[] = [
      (_request, response) => json(response, 200, { secret: CANARY }),
      (_request, response) => json(response, 500, { secret: CANARY }, { 'x-echo': CANARY }),
      (_request, response) => json(response, 429, { secret: CANARY }, { 'retry-after': CANARY }),
      (_request, response) =>
        void response.writeHead(200, { 'content-type': `text/${CANARY}=1` }).end(CANARY),
      (_request, response) =>
        void response.writeHead(302, { location: `https://bank.example/${CANARY}` }).end(),
      (_request, response) => void response.socket?.write(`${CANARY}\r\n\r\n`),
      (request) => void request.socket.destroy(),
    ];
    const output: string[] = [];
    const log = createLog({ write: (line) => void output.push(line), level: 'info', now: () => 0 });
    for (const handler of answers.slice(0)) {
      const { call } = await bank(handler, { log });
      const request = {
        ...read,
        path: `/accounts/${CANARY}`,
        query: { token: CANARY },
        headers: { 'x-secret': new Secret(CANARY), 'x-id': CANARY },
        body: CANARY,
        method: 'POST' as const,
      };
      await call(request).catch((error: unknown) => {
        output.push(String(error), JSON.stringify(error), (error as Error).stack ?? '');
        expect((error as Error).cause).toBeUndefined();
      });
    }
    expect(output.length).toBeGreaterThan(answers.length);
    // The one place a canary may stand is a media type, cut down to its harmless letters.
    const found = output.filter((line) => line.includes(CANARY) && !line.includes(`text/${CANARY}`));
    expect(found).toEqual([]);
  });
});
