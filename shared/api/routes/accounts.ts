import * as z from 'zod/mini';
import { ENVIRONMENTS } from '../../domain/model.ts';
import { PULL_MODES } from '../../domain/records.ts';
import { bankFields, instant, listOf, nullable, pageOf, plainDate } from '../fields.ts';
import { pageQuery } from '../paging.ts';
import { route } from '../route.ts';

/** Accounts, their settings and their pulls. */

export const account = z.object({
  id: z.string(),
  connection: z.string(),
  bank: z.string(),
  environment: z.enum(ENVIRONMENTS),
  iban: nullable(z.string()),
  number: z.string(),
  bankCode: nullable(z.string()),
  bic: nullable(z.string()),
  currency: z.string(),
  name: nullable(z.string()),
  active: z.boolean(),
  settings: z.object({
    enabled: z.boolean(),
    mode: z.enum(PULL_MODES),
    historyDays: z.number(),
    formats: z.array(z.string()),
    bank: z.record(z.string(), z.string()),
  }),
  freshAt: nullable(instant),
  /** Day up to which each channel is complete. */
  complete: z.object({ transactions: nullable(plainDate), statements: nullable(plainDate) }),
  lastPull: nullable(z.lazy(() => pullResult)),
  failures: z.number(),
});
export const accountChange = z.strictObject({
  enabled: z.optional(z.boolean()),
  mode: z.optional(z.enum(PULL_MODES)),
  historyDays: z.optional(z.number().check(z.int(), z.gte(1), z.lte(400))),
  formats: z.optional(z.array(z.string().check(z.maxLength(20))).check(z.minLength(1), z.maxLength(5))),
  bank: z.optional(bankFields),
});

const pullResult = z.object({
  id: z.string(),
  startedAt: instant,
  finishedAt: instant,
  outcome: z.enum(['complete', 'incomplete', 'failed']),
  failure: nullable(z.object({ kind: z.string(), message: z.string(), requestId: nullable(z.string()) })),
  newTransactions: z.number(),
  newStatements: z.number(),
});
/** Both or neither: with a window it is a back-fill. */
export const newPull = z.strictObject({ from: z.optional(plainDate), to: z.optional(plainDate) });
export const pull = z.object({
  id: z.string(),
  account: z.string(),
  kind: z.enum(['on-demand', 'back-fill']),
  window: nullable(z.object({ from: plainDate, to: plainDate })),
  status: z.enum(['queued', 'done', 'failed']),
  requestedAt: instant,
  result: nullable(pullResult),
});

export const listAccounts = route({
  key: 'GET /accounts',
  summary: 'Accounts this key may see',
  scope: 'read',
  query: z.strictObject({ connection: z.optional(z.string()) }),
  status: 200,
  response: listOf(account),
});
export const getAccount = route({
  key: 'GET /accounts/{id}',
  summary: 'One account with its settings and freshness',
  scope: 'read',
  status: 200,
  response: account,
});
export const changeAccount = route({
  key: 'PATCH /accounts/{id}',
  summary: 'Change how an account is pulled',
  scope: 'admin',
  body: accountChange,
  status: 200,
  response: account,
});
export const createPull = route({
  key: 'POST /accounts/{id}/pulls',
  summary: 'Pull now, or back-fill a window; answered at once, the pull runs behind',
  scope: 'read',
  body: newPull,
  status: 202,
  response: pull,
});
export const listPulls = route({
  key: 'GET /accounts/{id}/pulls',
  summary: 'Pulls somebody asked for, newest first',
  scope: 'read',
  query: z.strictObject(pageQuery),
  status: 200,
  response: pageOf(pull),
});
export const getPull = route({
  key: 'GET /accounts/{id}/pulls/{pullId}',
  summary: 'How a pull went',
  scope: 'read',
  status: 200,
  response: pull,
});
