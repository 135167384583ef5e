import * as z from 'zod/mini';
import { MAX_ACTIVITY_DAYS } from '../../domain/activity.ts';
import { instant, nullable, pageOf } from '../fields.ts';
import { pageQuery } from '../paging.ts';
import { route } from '../route.ts';
import { standingConnection } from './connections.ts';

/** What was said to a connection's bank. */

/** Names, with a value where it may be shown. */
const shownFields = z.record(z.string(), nullable(z.string()));
const message = {
  headers: shownFields,
  bytes: z.number(),
  /** Fields of the body with their types, without a value; null for a body that is a file, or none. */
  structure: nullable(z.array(z.string())),
};

export const activity = z.object({
  id: z.string(),
  at: instant,
  operation: z.string(),
  method: z.string(),
  /** Host and path; what could be a value reads {}. */
  url: z.string(),
  query: shownFields,
  /** 1 for the first; the client repeats reads. */
  attempt: z.number(),
  requestId: z.string(),
  milliseconds: z.number(),
  request: z.object(message),
  /** Null when no whole answer came. */
  answer: nullable(z.object({ status: z.number(), ...message })),
  failure: nullable(z.object({ kind: z.string(), stage: nullable(z.string()), code: nullable(z.string()) })),
});

export const putActivity = route({
  key: 'PUT /connections/{id}/activity',
  summary: 'Record what is said to the bank for so many days from now; 0 stops it',
  scope: 'admin',
  body: z.strictObject({ days: z.number().check(z.int(), z.gte(0), z.lte(MAX_ACTIVITY_DAYS)) }),
  status: 200,
  response: standingConnection,
});

export const listActivity = route({
  key: 'GET /activity',
  summary: 'What was said to the bank of one connection, newest first',
  scope: 'admin',
  query: z.strictObject({
    /** Id of the connection; without it the request is refused. */
    connection: z.optional(z.string()),
    ...pageQuery,
  }),
  status: 200,
  response: pageOf(activity),
});
