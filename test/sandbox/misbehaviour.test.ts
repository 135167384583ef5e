import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ask, CURRENT, NOON, request, seededBank } from './support.ts';
import type { Misbehaviour } from '../../infra/sandbox/types.ts';

describe('answers in place of the bank’s', () => {
  const once = async (misbehaviour: Misbehaviour) => {
    const { bank } = seededBank();
    bank.misbehave(misbehaviour);
    const answer = await bank.handle(request('/accounts'));
    expect((await bank.handle(request('/accounts'))).status).toBe(200);
    return { ...answer, text: Buffer.from(answer.body).toString('utf8') };
  };

  it.each([
    ['status-503', 503, 'text/html'],
    ['html-200', 200, 'text/html'],
    ['json-error-200', 200, 'application/json'],
    ['garbage-json', 200, 'application/json'],
    ['unknown-shape-500', 500, 'application/json'],
    ['blocked-certificate', 401, 'application/json'],
    ['no-rights', 403, 'application/json'],
    ['invalid-request-400', 400, 'application/json'],
    ['status-429', 429, 'application/json'],
  ] as const)('%s', async (kind, status, type) => {
    const answer = await once({ kind });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain(type);
    expect(answer.headers).not.toHaveProperty('retry-after');
    const parsed = () => JSON.parse(answer.text) as unknown;
    if (type === 'text/html' || kind === 'garbage-json') expect(parsed).toThrow(SyntaxError);
    else expect(parsed()).toHaveProperty(kind === 'unknown-shape-500' ? 'httpCode' : 'error');
  });

  it('status-429 writes Retry-After in every form', async () => {
    const seconds = await once({ kind: 'status-429', retryAfter: { seconds: 86_400, form: 'seconds' } });
    expect(seconds.headers['retry-after']).toBe('86400');
    const date = await once({ kind: 'status-429', retryAfter: { seconds: 90, form: 'date' } });
    expect(Date.parse(date.headers['retry-after'] ?? '')).toBe(NOON + 90_000);
  });

  it('redirect', async () => {
    const location = 'http://169.254.169.254/latest/';
    expect(await once({ kind: 'redirect', location })).toMatchObject({ status: 302, headers: { location } });
  });

  it('gzip-bomb unpacks to what was asked for', async () => {
    const { body, headers } = await once({ kind: 'gzip-bomb', mebibytes: 48 });
    expect(headers['content-encoding']).toBe('gzip');
    expect(body.length).toBeLessThan(100_000);
    expect(gunzipSync(body).length).toBe(48 * 2 ** 20);
  });
});

describe('hints for the server', () => {
  it.each([
    [{ kind: 'drop' }, { kind: 'drop' }],
    [{ kind: 'drip' }, { kind: 'drip', bytesPerSecond: 1 }],
    [
      { kind: 'stall', after: 3 },
      { kind: 'stall', after: 3 },
    ],
    [
      { kind: 'truncate', after: 64 },
      { kind: 'truncate', after: 64, framing: 'length' },
    ],
    [{ kind: 'giant-body' }, { kind: 'endless' }],
  ] as [Misbehaviour, object][])('%j', async (misbehaviour, delivery) => {
    const { bank } = seededBank();
    bank.misbehave(misbehaviour);
    expect((await ask(bank, '/accounts')).delivery).toEqual(delivery);
    expect((await ask(bank, '/accounts')).delivery).toBeUndefined();
  });

  it('the effect happens: a dropped request is in the log and used its quota', async () => {
    const { bank } = seededBank();
    bank.misbehave({ kind: 'drop' });
    await ask(bank, '/accounts');
    expect((await ask(bank, '/accounts')).headers['x-ratelimit-remaining-second']).toBe('8');
    expect(bank.requests({ operation: 'getAccounts' })).toHaveLength(2);
  });
});

describe('which requests are hit', () => {
  it('by operation, count and place; others pass', async () => {
    const { bank } = seededBank();
    bank.misbehave({ kind: 'status-503', operation: 'getBalance', times: 2, skip: 1 });
    const statuses: number[] = [];
    for (let call = 0; call < 4; call += 1) {
      expect((await ask(bank, '/accounts')).status).toBe(200);
      statuses.push((await ask(bank, `/accounts/${CURRENT}/balance`)).status);
    }
    expect(statuses).toEqual([200, 503, 503, 200]);
  });

  it('several wait in the order they were asked for, until the bank is told to behave', async () => {
    const { bank } = seededBank();
    bank.misbehave({ kind: 'status-503' });
    bank.misbehave({ kind: 'no-rights', times: Infinity });
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await ask(bank, '/accounts')).status);
    expect(statuses).toEqual([503, 403, 403]);
    bank.behave();
    expect((await ask(bank, '/accounts')).status).toBe(200);
  });
});
