import * as z from 'zod/mini';
import { instant, nullable, plainDate } from '../fields.ts';
import { pageQuery } from '../paging.ts';
import { route } from '../route.ts';
import { hints, transaction } from './ledger.ts';

/** What the archived documents say: a statement as a file, advices as pending movements. */

export const pending = z.object({ ...transaction.shape, ...hints });

export const pendingList = z.object({
  items: z.array(pending),
  next: nullable(z.string()),
  /** First day that no statement covers. */
  since: plainDate,
  /** When the last advice of these days came. */
  at: nullable(instant),
  /** Advices of these days that could not be read. */
  unread: z.number(),
});

export const listPending = route({
  key: 'GET /accounts/{id}/pending',
  summary:
    'Movements the bank advised of days that no statement covers yet, oldest first. They are information, not booked: ' +
    'each comes again in a statement and is gone from here then',
  scope: 'read',
  query: z.strictObject(pageQuery),
  status: 200,
  response: pendingList,
});

export const statementContent = route({
  key: 'GET /statements/{id}/content',
  summary:
    'The statement as the bank sent it (`format=original`, or a format of the bank), or written as gpc, mt940, camt.053, ' +
    'camt.053.001.08, csv or json; above 4 MB a redirect to a link of 60 seconds. The header `brana-losses` lists by ' +
    'rule what the format could not say; `brana-content-encoding` and `brana-processing-procedure` hand on what the ' +
    'connection notes for the reader of the bank’s files',
  scope: 'read',
  query: z.strictObject({
    format: z.optional(z.string().check(z.maxLength(20))),
    encoding: z.optional(z.string().check(z.maxLength(20))),
  }),
  status: 200,
  also: { status: 303, description: 'Above 4 MB: the location is a link that lives 60 seconds' },
  response: '*/*',
});
