import * as z from 'zod/mini';
import type { Route } from './route.ts';

/** The OpenAPI 3.1 document, made of the very schemas that validate. */
export function openApiDocument(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const [method = '', path = ''] = route.key.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(route, path) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Brana',
      version,
      description: 'The bank gateway in your own AWS account. Errors are problem details (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key: brana_…' } },
      schemas: { Problem: PROBLEM },
    },
  };
}

function operation(route: Route, path: string): Record<string, unknown> {
  return {
    summary: route.summary,
    operationId: operationId(route.key),
    ...(route.scope ? { security: [{ key: [] }], 'x-scope': route.scope } : { security: [] }),
    parameters: [...pathParameters(path), ...queryParameters(route.query)],
    ...requestBody(route),
    responses: {
      [route.status]: { description: 'Done', ...contentOf(route.response) },
      ...(route.also ? { [route.also.status]: { description: route.also.description } } : {}),
      default: {
        description: 'A problem; "detail" says what to do',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function requestBody({ body, files = [] }: Route): Record<string, unknown> {
  if (!body && files.length === 0) return {};
  const content = {
    ...(body ? { 'application/json': { schema: schemaOf(body, 'input') } } : {}),
    ...Object.fromEntries(files.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
  };
  return { requestBody: { required: true, content } };
}

/** `GET /accounts/{id}/pulls` → `getAccountsIdPulls`. */
function operationId(key: string): string {
  const [method = '', ...words] = key.match(/[A-Za-z]+/g) ?? [];
  return method.toLowerCase() + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function pathParameters(path: string): unknown[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodMiniType | undefined): unknown[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function contentOf(response: Route['response']): Record<string, unknown> {
  if (response === null) return {};
  if (typeof response === 'string')
    return { content: { [response]: { schema: { type: 'string', format: 'binary' } } } };
  return { content: { 'application/json': { schema: schemaOf(response, 'output') } } };
}

function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What happened and what to do next' },
    code: { type: 'string' },
    bank: { type: 'string' },
    bankCode: { type: 'string' },
    bankRequestId: { type: 'string' },
    retryAfter: { type: 'integer', description: 'Seconds' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { pointer: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
};
