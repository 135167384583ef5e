import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refused } from '../support/api.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import {
  bodySchema,
  filled,
  findings,
  keysOf,
  operation,
  ROUTES,
  WITH_BODY,
  type Schema,
} from './every-route.ts';

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
});
afterAll(() => t?.stop());

/** The types a value may have; a nullable field has two. */
const typesOf = ({ type, anyOf }: Schema): (string | undefined)[] =>
  anyOf ? anyOf.flatMap(typesOf) : [type as string | undefined];

const WITHOUT_BODY = ROUTES.filter(({ body, files }) => body === undefined && files === undefined);
const WITH_QUERY = ROUTES.filter(({ query }) => query !== undefined);

describe('a query', () => {
  test.each(keysOf(ROUTES))('%s: unknown fields are refused by name', async (key) => {
    for (const name of ['unknown', 'company', '__proto__', 'constructor', 'Limit']) {
      expect(await findings(t.admin, `${filled(key)}?${name}=1`)).toEqual([`/query/${name}`]);
    }
  });

  test.each(keysOf(ROUTES))('%s: more than 4 096 characters are too many', async (key) => {
    const { detail } = refused(await t.admin(`${filled(key)}?q=${'x'.repeat(4096)}`), 414, 'query-too-long');
    expect(detail).toContain('4096');
  });

  test.each(keysOf(WITH_QUERY))('%s: values of a wrong type are refused by name', async (key) => {
    const wrong: Readonly<Record<string, readonly string[]>> = {
      integer: ['x', '1.5', '-1', '1e99', 'NaN', 'Infinity', '0b', '1,2', '%00', '9007199254740993'],
      // Every text field of a query has a pattern, but those below.
      string: ['%C5%99%C5%AFza', '%00', '2026-02-30', '2026-1-1', 'null', '2026-11-18T00:00:00Z', '..%2F'],
    };
    const free = ['connection', 'format', 'encoding'];
    for (const parameter of operation(t.document, key).parameters.filter((one) => one.in === 'query')) {
      const { name, schema } = parameter as unknown as { name: string; schema: Schema };
      if (free.includes(name)) continue;
      for (const value of wrong[schema.type as string]!) {
        // A cursor of letters is well formed; what it means is asked when the list is read.
        if (name === 'cursor' && /^[\w-]+$/.test(value)) continue;
        expect(await findings(t.admin, `${filled(key)}?${name}=${value}`), `${name}=${value}`).toEqual([
          `/query/${name}`,
        ]);
      }
      // Given twice, API Gateway joins the values.
      expect(await findings(t.admin, `${filled(key)}?${name}=%C2%A7&${name}=%C2%A7`)).toEqual([
        `/query/${name}`,
      ]);
    }
  });

  test('every finding is told at once', async () => {
    const target = 'GET /accounts/x/transactions?limit=0&from=today&to=2026-13-01&cursor=%20&more=1';
    const expected = ['/query/cursor', '/query/from', '/query/limit', '/query/more', '/query/to'];
    expect((await findings(t.admin, target)).sort()).toEqual(expected);
  });
});

describe('a body', () => {
  test.each(keysOf(WITHOUT_BODY))('%s takes none', async (key) => {
    for (const raw of ['{}', 'null', ' ', 'x', 'a=1']) {
      refused(await t.admin(filled(key), undefined, { raw }), 400, 'body-not-expected');
    }
    const binary = { raw: Buffer.of(0, 255), headers: { 'content-type': 'application/octet-stream' } };
    refused(await t.admin(filled(key), undefined, binary), 400, 'body-not-expected');
  });

  test.each(keysOf(WITH_BODY))('%s: what is no JSON is refused', async (key) => {
    const broken = ['{', '{"name":', "{'name': 1}", '<xml/>', 'name=x', '{}{}', '\u0000', 'NaN'];
    for (const raw of [...broken, '['.repeat(1_000_000), '{"a":'.repeat(100_000)]) {
      const { detail } = refused(await t.admin(filled(key), undefined, { raw }), 400, 'not-json');
      expect(detail).toMatch(/JSON/);
    }
    // Not UTF-8: handed over in base64, it is no JSON either.
    const raw = Buffer.from('7b226e616d65223affff7d', 'hex');
    refused(await t.admin(filled(key), undefined, { raw }), 400, 'not-json');
  });

  test.each(keysOf(WITH_BODY))('%s: JSON that is no object is refused', async (key) => {
    for (const body of [null, [], [{}], 'text', 7, true]) {
      expect(await findings(t.admin, filled(key), body)).toEqual(['']);
    }
  });

  test.each(keysOf(WITH_BODY))('%s: a missing body is an empty object', async (key) => {
    const [bare, empty] = [await t.admin(filled(key)), await t.admin(filled(key), {})];
    expect([bare.status, bare.body]).toEqual([empty.status, empty.body]);
    expect(bare.status).toBeLessThan(500);
  });

  test.each(keysOf(WITH_BODY))('%s: every field is held to its type', async (key) => {
    const { properties = {} } = bodySchema(t.document, key);
    const values: Readonly<Record<string, unknown>> = {
      string: 'x',
      integer: 1,
      boolean: true,
      array: [],
      object: {},
      null: null,
    };
    for (const [name, schema] of Object.entries(properties)) {
      for (const [type, value] of Object.entries(values)) {
        if (typesOf(schema).includes(type)) continue;
        const pointers = await findings(t.admin, filled(key), { [name]: value });
        expect(pointers, `${name}: ${JSON.stringify(value)}`).toContain(`/${name}`);
      }
    }
  });

  test.each(keysOf(ROUTES))('%s: more than 5 MB is 413', async (key) => {
    const limit = 5 * 1024 * 1024;
    const raw = `{"name":"${'x'.repeat(limit)}"}`;
    const { detail } = refused(await t.admin(filled(key), undefined, { raw }), 413, 'body-too-large');
    expect(detail).toContain(String(limit));
  });

  test('of 5 MB to the byte is looked at', async () => {
    const frame = '{"name":""}'.length;
    const raw = `{"name":"${'x'.repeat(5 * 1024 * 1024 - frame)}"}`;
    expect(raw.length).toBe(5 * 1024 * 1024);
    expect((await findings(t.admin, 'POST /keys', undefined, raw)).sort()).toEqual(['/name', '/scopes']);
  });

  test('that API Gateway or Lambda would not carry is 413 as well', async () => {
    for (const size of [8, 11]) {
      const answer = await t.admin('POST /keys', undefined, { raw: Buffer.alloc(size * 2 ** 20, 'x') });
      expect(answer.status).toBe(413);
    }
  });
});
