import { expect } from 'vitest';
import type { Route } from '../../shared/api/route.ts';
import { ROUTES } from '../../shared/api/routes.ts';
import { refused, type Call, type OpenApi, type Operation } from '../support/api.ts';

/** What holds for every route is tested on every route: the list the handlers and the description are made of. */
export { ROUTES };
export const WITH_BODY = ROUTES.filter(({ body }) => body !== undefined);

/** The least a route takes that does not take an empty body, by its key. */
export const LEAST: Readonly<Record<string, unknown>> = {
  'POST /hooks/{id}/test': { body: '{}' },
  'PUT /accounts/{id}/notices': { on: false },
  'PUT /connections/{id}/secrets': { secrets: {} },
  'POST /connections/{id}/certificate/request': { commonName: 'gateway' },
  'PUT /connections/{id}/activity': { days: 0 },
  'POST /connections/{id}/authorisation/confirmation': { accounts: ['x'] },
  'POST /payments/{id}/approval': { approve: false },
  'POST /payments/{id}/resolution': { outcome: 'executed', reason: 'seen in the statement' },
};

export const keysOf = (list: readonly Route[]): string[] => list.map(({ key }) => key);

/** The route with ids nothing has; a request is checked before anything is looked up. */
export const filled = (key: string, id = 'x'): string => key.replaceAll(/\{\w+\}/g, id);

export function operation(document: OpenApi, key: string): Operation {
  const [method = '', path = ''] = key.split(' ');
  return document.paths[path]![method.toLowerCase()]!;
}

export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}
export const bodySchema = (document: OpenApi, key: string): Schema =>
  operation(document, key).requestBody!.content['application/json']!.schema as Schema;

/** JSON pointers of the findings in a 400, each once. */
export async function findings(call: Call, target: string, body?: unknown, raw?: string): Promise<string[]> {
  const answer = await call(target, body, raw === undefined ? {} : { raw });
  const { errors = [] } = refused(answer, 400, 'invalid-request');
  for (const { detail } of errors) expect(detail).not.toMatch(/^(Invalid input)?$/);
  return [...new Set(errors.map(({ pointer }) => pointer))];
}
