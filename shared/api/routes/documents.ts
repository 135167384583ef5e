import * as z from 'zod/mini';
import { route } from '../route.ts';

/** Documents as the bank sent them. */

export const statementContent = route({
  key: 'GET /statements/{id}/content',
  summary: 'The statement as the bank sent it; above 4 MB a redirect to a link of 60 seconds',
  scope: 'read',
  query: z.strictObject({ format: z.optional(z.string().check(z.maxLength(20))) }),
  status: 200,
  also: { status: 303, description: 'Above 4 MB: the location is a link that lives 60 seconds' },
  response: '*/*',
});
