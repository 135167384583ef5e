import * as z from 'zod/mini';
import { route } from '../route.ts';

/** What a statement says, as a file. */

export const statementContent = route({
  key: 'GET /statements/{id}/content',
  summary:
    'The statement as the bank sent it (`format=original`, or a format of the bank), or written as gpc, mt940, camt.053, ' +
    'camt.053.001.08, csv or json; above 4 MB a redirect to a link of 60 seconds. The header `brana-losses` lists by ' +
    'rule what the format could not say',
  scope: 'read',
  query: z.strictObject({
    format: z.optional(z.string().check(z.maxLength(20))),
    encoding: z.optional(z.string().check(z.maxLength(20))),
  }),
  status: 200,
  also: { status: 303, description: 'Above 4 MB: the location is a link that lives 60 seconds' },
  response: '*/*',
});
