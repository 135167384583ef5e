import * as z from 'zod/mini';
import { SCOPES } from '../../domain/records.ts';
import { instant, listOf, nullable, text } from '../fields.ts';
import { route } from '../route.ts';

/** API keys. */

export const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  user: nullable(z.string()),
  createdAt: instant,
  revokedAt: nullable(instant),
});
export const newKey = z.strictObject({
  name: text(100),
  scopes: z.array(z.enum(SCOPES)).check(z.minLength(1), z.maxLength(SCOPES.length)),
  user: z.optional(text(100)),
});

export const listKeys = route({
  key: 'GET /keys',
  summary: 'API keys of the company, without their secrets',
  scope: 'admin',
  status: 200,
  response: listOf(apiKey),
});
export const createKey = route({
  key: 'POST /keys',
  summary: 'Make an API key; the secret is shown in this answer and never again',
  scope: 'admin',
  body: newKey,
  status: 201,
  response: z.extend(apiKey, { secret: z.string() }),
});
export const revokeKey = route({
  key: 'DELETE /keys/{id}',
  summary: 'Revoke an API key; it dies within a minute',
  scope: 'admin',
  status: 204,
  response: null,
});
