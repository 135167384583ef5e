import * as z from 'zod/mini';
import { listOf } from '../fields.ts';
import { route } from '../route.ts';

/** Routes about the gateway itself. */

export const health = route({
  key: 'GET /health',
  summary: 'Whether the gateway answers',
  scope: null,
  status: 200,
  response: z.object({
    status: z.string(),
    time: z.string(),
    /** The gateway's address as banks and browsers know it. */
    address: z.string(),
  }),
});
export const openapi = route({
  key: 'GET /openapi.json',
  summary: 'This document',
  scope: null,
  status: 200,
  response: z.record(z.string(), z.unknown()),
});
export const banks = route({
  key: 'GET /banks',
  summary: 'The banks Brana speaks to, what each can do and what a connection needs',
  scope: 'read',
  status: 200,
  response: listOf(z.record(z.string(), z.unknown())),
});
