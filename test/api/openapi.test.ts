import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAGE_ROUTES } from '../../shared/api/pages.ts';
import { done, type OpenApi, type Operation } from '../support/api.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { keysOf, operation, ROUTES } from './every-route.ts';

// That answers follow these schemas is checked on every answer of every test that goes through support/api.ts.

let t: TestGateway;
let operations: [key: string, operation: Operation][];
beforeAll(async () => {
  t = await startTestGateway();
  operations = Object.entries(t.document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      one,
    ]),
  );
});
afterAll(() => t?.stop());

type Json = Readonly<Record<string, unknown>>;

describe('/openapi.json', () => {
  test('is served to everybody', async () => {
    const answer = await t.as(null)<OpenApi>('GET /openapi.json');
    expect(done(answer)).toEqual(t.document);
  });

  test('is OpenAPI 3.1: the fields the standard demands', () => {
    const document = t.document as OpenApi & { info: Json; components: { securitySchemes: Json } };
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: 'Brana', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    for (const path of Object.keys(document.paths)) expect(path).toMatch(/^\/[A-Za-z./{}-]*$/);
    for (const [key, one] of operations) {
      expect(Object.keys(one.responses), key).toContain('default');
      expect(Object.keys(one.responses).filter((status) => !/^(default|[1-5]\d\d)$/.test(status))).toEqual(
        [],
      );
      for (const response of Object.values(one.responses)) {
        expect((response as Json)['description'], key).toEqual(expect.any(String));
      }
      for (const scheme of one.security.flatMap((needed) => Object.keys(needed as Json))) {
        expect(document.components.securitySchemes).toHaveProperty(scheme);
      }
      expect((one as unknown as Json)['summary'], key).toEqual(expect.stringMatching(/\w/));
    }
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has every route of the list and no other', () => {
    expect(operations.map(([key]) => key).sort()).toEqual([...keysOf(ROUTES)].sort());
  });

  test('has every route that is deployed and no other, but for the pages', () => {
    const deployed = t.gateway.stack.routes.map(({ routeKey }) => routeKey);
    expect([...deployed].sort()).toEqual([...PAGE_ROUTES, ...operations.map(([key]) => key)].sort());
  });

  test('names exactly the parameters of each path', () => {
    for (const [key, { parameters }] of operations) {
      const named = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      expect(named, key).toEqual([...key.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      for (const one of parameters as unknown as Json[]) {
        expect(one['schema'], key).toEqual(expect.any(Object));
        if (one['in'] === 'path') expect(one['required']).toBe(true);
        else expect(one['in']).toBe('query');
      }
    }
  });

  test('tells which scope a route needs, and that a few need no key', () => {
    for (const { key, scope } of ROUTES) {
      const one = operation(t.document, key) as Operation & { 'x-scope'?: string };
      expect(one['x-scope'] ?? null, key).toBe(scope);
      expect(one.security, key).toEqual(scope === null ? [] : [{ key: [] }]);
    }
    expect(ROUTES.filter(({ scope }) => scope === null).map(({ key }) => key)).toEqual([
      'GET /health',
      'GET /openapi.json',
      'POST /notices/{id}',
      'POST /hooks/payments/{hook}',
    ]);
  });

  test('has schemas that are JSON Schema 2020-12, and requests refuse unknown fields', () => {
    const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
    ajvFormats.default(ajv);
    const check = (schema: unknown, what: string): void => {
      expect(ajv.validateSchema(schema as Json), `${what}: ${ajv.errorsText()}`).toBe(true);
      if (JSON.stringify(schema).includes('$ref') || JSON.stringify(schema).includes('"binary"')) return;
      expect(() => ajv.compile(schema as Json), what).not.toThrow();
    };
    for (const [key, one] of operations) {
      for (const parameter of one.parameters as unknown as { name: string; schema: unknown }[]) {
        check(parameter.schema, `${key} ${parameter.name}`);
      }
      const body = one.requestBody?.content['application/json']?.schema;
      if (body) {
        check(body, `${key} body`);
        expect(body, key).toMatchObject({ type: 'object', additionalProperties: false });
      }
      for (const [status, { content = {} }] of Object.entries(one.responses)) {
        for (const { schema } of Object.values(content) as { schema: unknown }[])
          check(schema, `${key} ${status}`);
      }
    }
    check(
      (t.document as unknown as { components: { schemas: Json } }).components.schemas['Problem'],
      'Problem',
    );
  });

  test('has every reference it makes', () => {
    const text = JSON.stringify(t.document);
    for (const [, pointer] of text.matchAll(/"\$ref":"#([^"]+)"/g)) {
      const target = pointer!
        .split('/')
        .slice(1)
        .reduce<unknown>((at, part) => (at as Json | undefined)?.[part], t.document);
      expect(target, pointer).toBeDefined();
    }
  });
});

describe('/health', () => {
  test('answers everybody, with the time of the gateway', async () => {
    const { status, time } = done(await t.as(null)<{ status: string; time: string }>('GET /health'));
    expect(status).toBe('ok');
    expect(Math.abs(Date.parse(time) - t.clock.now())).toBeLessThan(60_000);
    done(await t.as('not a key')('GET /health'));
  });
});

test('GET /banks tells what a form needs, and nothing about hosts of simulated banks', async () => {
  const answer = await t.admin<{ items: Json[] }>('GET /banks');
  const [bank] = done(answer).items;
  expect(bank).toMatchObject({
    id: 'raiffeisen',
    authentication: 'client-certificate',
    evidence: expect.any(Object),
  });
  expect(answer.bytes.toString()).not.toContain(new URL(t.sandbox.origins.raiffeisen).host);
});
