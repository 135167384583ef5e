import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExchangeError } from '../../shared/http/exchange-error.ts';
import { shownExchange, shownName, type Exchanged } from '../../shared/http/activity.ts';
import { structureOf } from '../../shared/flows/activity/structure.ts';
import { createBankClient } from '../../shared/http/client.ts';
import { createQuota } from '../../shared/http/quota.ts';
import type { ExchangeResponse, QuotaPolicy } from '../../shared/http/types.ts';
import { capturingLog, get, seededRandom, virtualClock } from './support.ts';

// Row 67: what the activity log shows of an exchange.

const CANARY = 'canary-7f3a91';
const bytes = (text: string): Uint8Array => Buffer.from(text);

const exchanged = (more: Partial<Exchanged> = {}): Exchanged => ({
  operation: 'getThings',
  requestId: '0b9c1f52-6d3e-4a87-b1c4-2e5f60718293',
  attempt: 1,
  started: Date.parse('2026-11-18T11:00:00Z'),
  milliseconds: 12,
  request: get('https://bank.example/api/v1/things'),
  answer: { status: 200, headers: {}, body: new Uint8Array() },
  failure: null,
  ...more,
});
const shown = (more: Partial<Exchanged> = {}) => shownExchange(exchanged(more), structureOf);
const answered = (headers: Record<string, string>, body = '') =>
  shown({ answer: { status: 200, headers, body: bytes(body) } }).answer!;
const asked = (url: string, headers: Record<string, string> = {}) =>
  shown({ request: get(url, { headers }) });

describe('row 67: headers', () => {
  test('row 67: of the list are shown, of the others only the names', () => {
    const headers = {
      'content-type': 'application/json;charset=UTF-8',
      'content-length': '512',
      date: 'Wed, 18 Nov 2026 11:00:00 GMT',
      'retry-after': '120',
      'x-ratelimit-remaining-day': '4321',
      'set-cookie': `session=${CANARY}`,
      'x-vendor-thing': CANARY,
    };
    expect(answered(headers).headers).toEqual({ ...headers, 'set-cookie': null, 'x-vendor-thing': null });
  });

  test('row 67: of the list hide what has another shape than such a value', () => {
    const wrong = {
      'content-type': `text/html; token=${CANARY}`,
      'content-length': CANARY,
      date: CANARY,
      'retry-after': `120 ${CANARY}`,
      'x-ratelimit-remaining-day': '9007199254740993',
      'x-request-id': CANARY,
    };
    expect(Object.values(answered(wrong).headers)).toEqual(Object.keys(wrong).map(() => null));
  });

  test('row 67: that prove us to the bank are never shown', () => {
    const secret = {
      authorization: `Bearer ${CANARY}`,
      'web-api-key': CANARY,
      cookie: CANARY,
      accept: CANARY,
    };
    expect(asked('https://bank.example/x', secret).request.headers).toEqual({
      authorization: null,
      'web-api-key': null,
      cookie: null,
      accept: null,
    });
  });
});

describe('row 67: addresses', () => {
  test('row 67: show host and path without values, windows and pages of the query', () => {
    const url =
      'https://bank.example/api/v1/accounts/CZ6508000000192000145399/balance?from=2026-11-01&page=2&size=x&iban=CZ65&code=abc';
    expect(asked(url)).toMatchObject({
      url: 'https://bank.example/api/v1/accounts/{}/balance',
      query: { from: '2026-11-01', page: '2', size: null, iban: null, code: null },
    });
  });
});

describe('row 67: bodies', () => {
  const structure = (type: string, text: string) => answered({ 'content-type': type }, text).structure;

  test('row 67: of JSON show names and types', () => {
    const text =
      '{"accounts":[{"iban":"CZ65","balance":1.5},{"iban":null,"more":{"ok":true}}],"next":null,"none":[]}';
    expect(structure('application/json; charset=utf-8', text)).toEqual([
      '.: object',
      'accounts: array',
      'accounts[]: object',
      'accounts[].iban: null|string',
      'accounts[].balance: number',
      'accounts[].more: object',
      'accounts[].more.ok: boolean',
      'next: null',
      'none: array',
    ]);
  });

  test('row 67: of XML show the elements', () => {
    const text =
      '<s:Envelope xmlns:s="urn:x"><s:Body a="v"><Fault>text</Fault><Fault/></s:Body></s:Envelope>';
    expect(structure('text/xml', text)).toEqual(['Envelope', 'Envelope/Body', 'Envelope/Body/Fault']);
  });

  test('row 67: of a form show the parameters', () => {
    const type = 'application/x-www-form-urlencoded';
    expect(structure(type, `grant_type=refresh_token&client_secret=${CANARY}`)).toEqual([
      'grant_type',
      'client_secret',
    ]);
  });

  test('row 67: that are files, damaged or large show their size only', () => {
    for (const [type, text] of [
      ['application/pdf', '%PDF'],
      ['text/plain', 'GPC'],
      ['text/html', '<html>'],
      ['application/json', '{"a":'],
      ['application/xml', '<a><b></a>'],
      ['application/xml', '<!DOCTYPE a [<!ENTITY b "c">]><a/>'],
      ['application/json', `"${'x'.repeat(300_000)}"`],
      ['application/json', ''],
    ] as const) {
      const { bytes: size, structure: told } = answered({ 'content-type': type }, text);
      expect([told, size], type).toEqual([null, text.length]);
    }
  });

  test('row 67: however odd, show a bounded structure', () => {
    const deep = `${'{"a":'.repeat(400)}1${'}'.repeat(400)}`;
    const wide = JSON.stringify(
      Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`f${'x'.repeat(n % 39)}${n % 10}`, n])),
    );
    expect(structure('application/json', deep)).toHaveLength(13);
    expect(structure('application/json', wide)!.length).toBeLessThanOrEqual(100);
    expect(structure('application/json', '['.repeat(100_000))).toBeNull();
    const letters = [...'abcdefghijklmnopqrstuvwxyz'];
    const many = letters.flatMap((one) => letters.map((other) => `<${one}${other}/>`)).join('');
    expect(structure('text/xml', `<a>${many}</a>`)).toHaveLength(100);
    expect(structure('application/json', '{"__proto__":{"x":1}}')).toContain('__proto__.x: number');
  });
});

describe('row 67: names', () => {
  test.each([
    'CZ6508000000192000145399',
    '19-2000145399',
    'Jana Nováková',
    'a.b c',
    '',
    'x'.repeat(80),
    '1250.50',
  ])('row 67: %j could be a value and is hidden', (name) => {
    expect(shownName(name)).toBe('{}');
    const body = bytes(JSON.stringify({ [name]: 1 }));
    expect(structureOf(body, 'application/json')).toEqual(['.: object', '{}: number']);
  });

  test.each(['iban', 'accountNumber', 'x-b3-traceid', 'access_token', 'BkToCstmrStmt', '@type', 'line1'])(
    '%s is what a contract calls a field',
    (name) => expect(shownName(name)).toBe(name),
  );
});

test('row 67: a canary as any value anywhere never comes out', () => {
  const values = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value, canaries));
  const name = fc.stringMatching(/^[a-z][a-z-]{0,20}$/);
  const headers = fc.dictionary(
    name,
    fc.constantFrom(CANARY, `${CANARY}; a`, `application/json; x=${CANARY}`),
  );
  fc.assert(
    fc.property(values, headers, fc.constantFrom('json', 'problem+json', 'xml'), (body, fields, kind) => {
      const entry = shown({
        request: get(`https://bank.example/things/${CANARY}/${CANARY}?page=${CANARY}&q=${CANARY}`, {
          headers: { ...fields, 'content-type': 'application/x-www-form-urlencoded' },
          body: bytes(`token=${CANARY}`),
        }),
        answer: {
          status: 200,
          headers: { ...fields, 'content-type': `application/${kind}` },
          body: bytes(kind === 'xml' ? `<a b="${CANARY}">${CANARY}<![CDATA[<${CANARY}>]]></a>` : body),
        },
      });
      expect(JSON.stringify(entry)).not.toContain(CANARY);
    }),
  );
});

/** Every text of a document replaced by the canary. */
function canaries(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? CANARY : value;
}

test('a broken exchange tells where it broke, and of a foreign error nothing', () => {
  const broken = (error: unknown) => shown({ answer: null, failure: { kind: 'transient', error } });
  expect(broken(new ExchangeError('connect', false, 'ECONNREFUSED'))).toMatchObject({
    answer: null,
    failure: { kind: 'transient', stage: 'connect', code: 'ECONNREFUSED' },
  });
  expect(broken(new Error(CANARY)).failure).toEqual({ kind: 'transient', stage: null, code: null });
});

describe('the bank client', () => {
  const policy: QuotaPolicy = {
    rules: [{ operations: ['*'], perSecond: 10, perDay: 3, spacing: 0 }],
    headers: { remainingSecond: null, remainingDay: null },
    backoff: 60_000,
    exhaustedBackoff: 60_000,
  };

  /** Calls once; `answers` are statuses, `null` for an exchange that breaks. @returns what was heard */
  async function heard(answers: readonly (number | null)[]): Promise<Exchanged[]> {
    const clock = virtualClock();
    const all: Exchanged[] = [];
    const left = [...answers];
    const call = createBankClient({
      exchange: (): Promise<ExchangeResponse> => {
        clock.advance(7);
        const status = left.shift() ?? null;
        if (status === null) return Promise.reject(new ExchangeError('sent', true, 'ECONNRESET'));
        return Promise.resolve({
          status,
          headers: { 'content-type': 'application/json' },
          body: bytes('{}'),
        });
      },
      clock,
      random: seededRandom(),
      log: capturingLog(),
      quota: createQuota({ policy, clock, usage: {}, notBefore: null }),
      manifestQuota: policy,
      origin: 'https://bank.example',
      base: '/api',
      identity: null,
      ca: null,
      deadline: clock.now() + 60_000,
      onExchange: (one) => void all.push(one),
    });
    const ask = {
      operation: 'getThings',
      method: 'GET',
      path: '/things',
      accept: ['application/json'],
    } as const;
    await call({ ...ask, read: true }).catch(() => null);
    return all;
  }

  test('tells of every attempt, repeats too, with what it made of each', async () => {
    const all = await heard([null, 503, 200]);
    expect(all.map(({ attempt, answer, failure }) => [attempt, answer?.status, failure?.kind])).toEqual([
      [1, undefined, 'transient'],
      [2, 503, 'transient'],
      [3, 200, undefined],
    ]);
    expect(all.map(({ milliseconds }) => milliseconds)).toEqual([7, 7, 7]);
    expect(new Set(all.map(({ requestId }) => requestId)).size).toBe(3);
    expect(shownExchange(all[0]!, structureOf)).toMatchObject({
      operation: 'getThings',
      url: 'https://bank.example/api/things',
      failure: { kind: 'transient', stage: 'sent', code: 'ECONNRESET' },
    });
  });

  test('leaves an answer to the connector, whatever its status', async () => {
    expect((await heard([403])).map(({ answer, failure }) => [answer?.status, failure])).toEqual([
      [403, null],
    ]);
  });
});
