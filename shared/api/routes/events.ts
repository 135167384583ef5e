import * as z from 'zod/mini';
import { EVENT_TYPES } from '../../domain/event.ts';
import { instant } from '../fields.ts';
import { route } from '../route.ts';

/** The feed. */

export const event = z.object({
  id: z.string(),
  sequence: z.number(),
  type: z.enum(EVENT_TYPES),
  subject: z.string(),
  at: instant,
  data: z.record(z.string(), z.unknown()),
});

export const listEvents = route({
  key: 'GET /events',
  summary: 'Events in order; "next" is the "after" of the following call',
  scope: 'read',
  query: z.strictObject({
    after: z._default(z.coerce.number().check(z.int(), z.gte(0), z.lt(Number.MAX_SAFE_INTEGER)), 0),
    limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(500)), 100),
  }),
  status: 200,
  response: z.object({ items: z.array(event), next: z.number() }),
});
