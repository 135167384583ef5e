import * as z from 'zod/mini';
import { instant, nullable } from '../fields.ts';
import { route } from '../route.ts';

/** Notices of banks: messages that something was booked, each a reason to pull. */

export const notices = z.object({
  /** Whether the bank sends them. */
  on: z.boolean(),
  since: nullable(instant),
});

export const getNotices = route({
  key: 'GET /accounts/{id}/notices',
  summary: 'Whether the bank sends notices of what it books on an account',
  scope: 'read',
  status: 200,
  response: notices,
});
export const putNotices = route({
  key: 'PUT /accounts/{id}/notices',
  summary:
    'Has the bank send notices of what it books on an account, or no more; each notice pulls the account soon after. ' +
    'Needs a bank that sends them, and a public https address',
  scope: 'admin',
  body: z.strictObject({ on: z.boolean() }),
  status: 200,
  response: notices,
});
export const receiveNotice = route({
  key: 'POST /notices/{id}',
  summary:
    'Takes a notice from a bank, which proves itself by its signature. For banks, not for callers of this API',
  scope: null,
  files: ['*/*'],
  status: 200,
  response: null,
});
