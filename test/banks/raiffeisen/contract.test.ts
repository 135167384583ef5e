import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Environment } from '../../../shared/domain/model.ts';
import type { ExchangeRequest } from '../../../shared/http/types.ts';
import { euroOrder, rendered } from './orders.ts';
import { account, bankThat, statement, window } from './support.ts';

/** The bank's own Swagger documents stand beside the checkout where they may; they are not ours to publish. */
const FILES: Partial<Record<Environment, string>> = {
  production: '01rbczpremiumapi.production.yaml',
  'bank-sandbox': '02rbczpremiumapi.sandbox.yaml',
};
const folder = new URL('../../../../shared/contracts/raiffeisen/', import.meta.url);

interface Parameter {
  readonly name: string;
  readonly in: 'header' | 'path' | 'query' | 'body';
  readonly required?: boolean;
  readonly schema?: Record<string, unknown>;
}
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly consumes?: readonly string[];
}
interface Swagger {
  readonly host: string;
  readonly paths: Record<string, Record<string, Operation>>;
}

/** Headers of HTTP itself, which a contract does not list. */
const PLAIN = ['accept', 'user-agent', 'content-type'];

/** Every request the connector can send. */
async function everyRequest(environment: Environment): Promise<ExchangeRequest[]> {
  const { connector, requests } = bankThat(
    ({ path }) => {
      if (path === '/accounts')
        return { body: { accounts: [{ accountNumber: account.handle }], last: true } };
      if (path === '/payments/batches') return { body: { batchFileId: 1234 } };
      if (path.endsWith('/balance')) return { body: { numberPart2: account.handle, currencyFolders: [] } };
      return { status: 204 };
    },
    { environment },
  );
  await connector.prove();
  await connector.accounts();
  await connector.balances(account);
  await connector.transactions(account, window, '7');
  for (const statementLine of ['MAIN', 'ADDITIONAL', 'MT940']) {
    await connector.statements({ ...account, settings: { statementLine } }, window, null);
  }
  for (const format of ['camt.053', 'mt940', 'pdf']) await connector.download(account, statement, format);
  await connector.rates('2026-11-20', null);
  await connector.rates(null, 'EUR');
  for (const order of [rendered(connector), rendered(connector, euroOrder())]) {
    await connector.step(order, { step: 'upload', data: {} });
    await connector.orderStatus({ ...order, bankId: '9223372036854775807' });
  }
  return requests;
}

for (const [environment, file] of Object.entries(FILES)) {
  const path = fileURLToPath(new URL(file, folder));
  const present = existsSync(path);
  if (!present)
    console.warn(`skipped: requests are not checked against the bank's contract, ${file} is not here`);

  describe.skipIf(!present)(`requests against the bank's contract, ${environment}`, () => {
    const swagger = present ? (parse(readFileSync(path, 'utf8')) as Swagger) : { host: '', paths: {} };
    const ajv = new Ajv({ strict: false });
    formats.default(ajv);

    function operationOf(request: ExchangeRequest): { operation: Operation; values: Record<string, string> } {
      const { pathname } = new URL(request.url);
      // Literal paths first: `statements` would pass for an account number.
      const templates = Object.keys(swagger.paths).sort((a, b) => a.split('{').length - b.split('{').length);
      for (const template of templates) {
        const pattern = template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
        const match = new RegExp(`^${pattern}$`).exec(pathname);
        const operation = swagger.paths[template]?.[request.method.toLowerCase()];
        if (match && operation) return { operation, values: { ...match.groups } };
      }
      return expect.unreachable(`${request.method} ${pathname} is not in the contract`);
    }

    function check(parameter: Parameter, value: string | undefined): void {
      const { name, in: place, required, schema: _schema, ...schema } = parameter;
      if (value === undefined)
        return void expect(required ?? false, `${place} ${name} is missing`).toBe(false);
      // The contract says date-time and gives bare dates as examples.
      const { format, ...rest } = schema as { format?: string; type?: string };
      if (format === 'date-time' || format === 'date') expect(value).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      // Swagger writes numbers and booleans of a header as text.
      const typed =
        rest.type === 'integer' || rest.type === 'boolean' ? (JSON.parse(value) as unknown) : value;
      expect(ajv.validate(rest, typed), `${place} ${name}: ${ajv.errorsText()}`).toBe(true);
    }

    test('every operation, header, parameter and body', async () => {
      const requests = await everyRequest(environment as Environment);
      const met = new Set<string>();
      for (const request of requests) {
        const url = new URL(request.url);
        expect(url.host).toBe(swagger.host);
        const { operation, values } = operationOf(request);
        met.add(operation.operationId);
        const declared = (place: Parameter['in']) =>
          operation.parameters.filter((parameter) => parameter.in === place);
        const names = (place: Parameter['in']) => declared(place).map(({ name }) => name.toLowerCase());
        expect([...names('header'), ...PLAIN]).toEqual(expect.arrayContaining(Object.keys(request.headers)));
        expect(names('query')).toEqual(expect.arrayContaining([...url.searchParams.keys()]));
        for (const parameter of declared('header'))
          check(parameter, request.headers[parameter.name.toLowerCase()]);
        for (const parameter of declared('query'))
          check(parameter, url.searchParams.get(parameter.name) ?? undefined);
        for (const parameter of declared('path')) check(parameter, values[parameter.name]);
        const [body] = declared('body');
        expect(request.body !== null, 'a body where the contract has one').toBe(body !== undefined);
        if (!body?.schema) continue;
        expect(operation.consumes).toContain(request.headers['content-type']);
        const text = Buffer.from(request.body ?? []).toString();
        if (body.schema['type'] === 'string') {
          expect(ajv.validate(body.schema, text), ajv.errorsText()).toBe(true);
          continue;
        }
        const value = JSON.parse(text) as Record<string, unknown>;
        expect(ajv.validate(body.schema, value), ajv.errorsText()).toBe(true);
        const properties = Object.keys(body.schema['properties'] as object);
        expect(properties).toEqual(expect.arrayContaining(Object.keys(value)));
      }
      const all = Object.values(swagger.paths).flatMap((methods) => Object.values(methods));
      const expected = all.map(({ operationId }) => operationId);
      expect([...met].sort()).toEqual(expected.sort());
    });
  });
}
