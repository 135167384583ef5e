import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refused } from '../support/api.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { bodySchema, filled, findings, keysOf, LEAST, operation, ROUTES, WITH_BODY } from './every-route.ts';

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
});
afterAll(() => t?.stop());

const WITH_ID = ROUTES.filter(({ key }) => key.includes('{'));

describe('row 64: what a caller may not set', () => {
  // Fields of the records behind the API, and of records of systems like this one.
  const CORPUS = [
    ...['id', 'company', 'companyId', 'tenant', 'status', 'state', 'credential', 'candidate', 'pause'],
    ...['scope', 'scopes', 'revision', 'fence', 'slot', 'sync', 'freshAt', 'lastPull', 'failures', 'active'],
    ...['handle', 'iban', 'number', 'hash', 'secret', 'prefix', 'revokedAt', 'createdAt', 'provenAt', 'pk'],
    ...['sk', 'dueAt', 'dueShard', 'fingerprint', 'reactivateBy', 'role', 'admin', 'isAdmin', 'environment'],
    ...['host', 'origin', 'url', 'ca', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'],
  ];

  test.each(keysOf(WITH_BODY))('%s', async (key) => {
    const declared = Object.keys(bodySchema(t.document, key).properties ?? {});
    const foreign = CORPUS.filter((name) => !declared.includes(name));
    // In two parts: fifty findings are told at most, those of missing fields among them.
    for (const names of [foreign.slice(0, 25), foreign.slice(25)]) {
      // Written by hand: an object literal would take "__proto__" for something else.
      const raw = `{${names.map((name) => `"${name}":{"admin":true}`).join(',')}}`;
      const pointers = await findings(t.admin, filled(key), undefined, raw);
      expect(pointers).toEqual(expect.arrayContaining(names.map((name) => `/${name}`)));
    }
  });

  test('a refused request changes nothing', async () => {
    const connection = { code: 'KEEP', bank: 'raiffeisen', config: { clientId: 'c' } };
    const made = await t.admin<{ id: string }>('POST /connections', connection);
    const target = `/connections/${made.body.id}`;
    const { body: before } = await t.admin(`GET ${target}`);
    for (const field of [
      'company',
      'id',
      'status',
      'credential',
      'revision',
      'environment',
      'bank',
      'user',
    ]) {
      expect(await findings(t.admin, `PATCH ${target}`, { description: 'changed', [field]: 'x' })).toEqual([
        `/${field}`,
      ]);
    }
    const after = await t.admin(`GET ${target}`);
    expect(after.body).toEqual(before);
    refused(
      await t.admin('POST /connections', { ...connection, code: 'NEW', status: 'active' }),
      400,
      'invalid-request',
    );
    expect((await t.admin('GET /connections')).bytes.toString()).not.toContain('"NEW"');
  });
});

describe('what comes back about a bad request', () => {
  test('names fields by JSON pointer (RFC 6901)', async () => {
    const names = ['a/b', 'm~n', '', 'ř', 'a"b', '~1'];
    const body = Object.fromEntries(names.map((name) => [name, 1]));
    const expected = ['/a~1b', '/m~0n', '/', '/ř', '/a"b', '/~01'];
    expect((await findings(t.admin, 'POST /accounts/x/pulls', body)).sort()).toEqual(expected.sort());
    expect(await findings(t.admin, 'GET /banks?a/b=1&m~n=1')).toEqual(['/query/a~1b', '/query/m~0n']);
  });

  test('stays small, however much is wrong', async () => {
    const many = (count: number, value: unknown) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`field${i}`, value]));
    const floods: [string, unknown][] = [
      ['POST /keys', many(30_000, 1)],
      ['POST /keys', { name: 'n', scopes: Array(100_000).fill('x') }],
      ['POST /keys', { ['x'.repeat(1_000_000)]: 1 }],
      ['POST /connections', { code: 'C', bank: 'raiffeisen', config: many(30_000, 'v') }],
      ['POST /connections', { code: 'C', bank: 'raiffeisen', config: many(30_000, 1) }],
      ['POST /connections', { code: 'C', bank: 'x'.repeat(1_000_000) }],
      ['PATCH /accounts/x', { bank: many(30_000, 'v') }],
    ];
    for (const [target, body] of floods) {
      const answer = await t.admin(target, body);
      expect([400, 404, 422], target).toContain(answer.status);
      expect(answer.bytes.length, target).toBeLessThan(50_000);
    }
  });

  test('repeats no value: what was sent may be a secret in the wrong field', async () => {
    const canary = 'CANARY-in-a-wrong-field';
    for (const route of WITH_BODY) {
      const { properties = {} } = bodySchema(t.document, route.key);
      for (const name of Object.keys(properties)) {
        for (const value of [canary, [canary], { [name]: canary }, { 'not a name': canary }]) {
          const answer = await t.admin(filled(route.key), { [name]: value });
          // The one value told back is the bank nobody knows, and the name of a new thing.
          if (answer.status < 400) continue;
          expect(answer.bytes.toString(), `${route.key} ${name}`).not.toContain(canary);
        }
      }
    }
  });
});

describe('an id in the path', () => {
  const IDS = [
    ...['%00', '%20', '%0A', '..%2F..%2Fconnections', '%2e%2e%2f', '%25', '%F0%9F%92%B6', 'null', '-'],
    ...[
      'key%23x',
      'a'.repeat(1_100),
      'a'.repeat(4_000),
      `acc_${'x'.repeat(2_000)}-20261118-${'a'.repeat(16)}`,
    ],
    ...[
      'con_00000000000000000000000000',
      'acc_x-20261118-0123456789abcdef',
      'acc_x-99999999-0123456789abcdef',
    ],
    ...['__proto__', 'constructor', '%7B%7D', '%22', "'%20OR%201=1--", '${jndi:x}', '$ne', '*', '%25x'],
  ];

  test.each(WITH_ID.map((route) => [route.key, route] as const))(
    '%s: is found or not',
    async (key, route) => {
      for (const id of IDS) {
        const answer = await t.admin(filled(key, id), route.body ? (LEAST[key] ?? {}) : undefined);
        const { title } = refused(answer, 404, 'not-found');
        expect(title).toBe('Not found');
      }
    },
  );

  test('that is badly encoded is 400', async () => {
    expect((await t.admin('GET /accounts/%ZZ')).status).toBe(400);
  });
});

test('no random request ends in a failure of ours', async () => {
  const bodies = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()));
  for (const { key, body } of ROUTES) {
    const parameters = operation(t.document, key).parameters.filter((one) => one.in === 'query');
    const names = Object.keys(body ? (bodySchema(t.document, key).properties ?? {}) : {});
    const fields = fc.record(Object.fromEntries(names.map((name) => [name, fc.jsonValue()])), {
      requiredKeys: [],
    });
    const query = fc.record(
      Object.fromEntries(parameters.map(({ name }) => [name, fc.string({ unit: 'binary' })])),
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(query, fc.oneof(bodies, fields), async (asked, sent) => {
        const search = new URLSearchParams(asked as Record<string, string>).toString();
        const target = `${filled(key)}${search === '' ? '' : `?${search}`}`;
        const { status } = await t.admin(target, body ? sent : undefined);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 15 },
    );
  }
});

test('a route that does not exist is 404, another method too', async () => {
  for (const target of [
    'GET /',
    'GET /v1/banks',
    'PUT /keys',
    'DELETE /banks',
    'PATCH /events',
    'GET /health/',
  ]) {
    expect((await t.admin(target)).status, target).toBe(404);
  }
});
