import * as z from 'zod/mini';
import { pageQuery } from './paging.ts';
import { route } from './route.ts';
import * as s from './schemas.ts';

/** Every route of the API. */

export const health = route({
  key: 'GET /health',
  summary: 'Whether the gateway answers',
  scope: null,
  status: 200,
  response: z.object({ status: z.string(), time: z.string() }),
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
  response: s.listOf(z.record(z.string(), z.unknown())),
});

export const listKeys = route({
  key: 'GET /keys',
  summary: 'API keys of the company, without their secrets',
  scope: 'admin',
  status: 200,
  response: s.listOf(s.apiKey),
});
export const createKey = route({
  key: 'POST /keys',
  summary: 'Make an API key; the secret is shown in this answer and never again',
  scope: 'admin',
  body: s.newKey,
  status: 201,
  response: z.extend(s.apiKey, { secret: z.string() }),
});
export const revokeKey = route({
  key: 'DELETE /keys/{id}',
  summary: 'Revoke an API key; it dies within a minute',
  scope: 'admin',
  status: 204,
  response: null,
});

export const listConnections = route({
  key: 'GET /connections',
  summary: 'Connections this key may see',
  scope: 'read',
  status: 200,
  response: s.listOf(s.connection),
});
export const createConnection = route({
  key: 'POST /connections',
  summary: 'Make a connection to a bank',
  scope: 'admin',
  body: s.newConnection,
  status: 201,
  response: s.connection,
});
export const getConnection = route({
  key: 'GET /connections/{id}',
  summary: 'One connection with its credential and state',
  scope: 'read',
  status: 200,
  response: s.connection,
});
export const changeConnection = route({
  key: 'PATCH /connections/{id}',
  summary: "Change description or the bank's fields",
  scope: 'admin',
  body: s.connectionChange,
  status: 200,
  response: s.connection,
});
export const deleteConnection = route({
  key: 'DELETE /connections/{id}',
  summary: 'Remove a connection; its accounts are no longer pulled, everything stored stays',
  scope: 'admin',
  status: 204,
  response: null,
});
export const uploadCertificate = route({
  key: 'PUT /connections/{id}/certificate',
  summary: 'Upload a client certificate; it is checked, kept in the vault and proven by a call to the bank',
  scope: 'admin',
  body: s.newCertificate,
  status: 200,
  response: z.object({
    credential: s.credential,
    proven: z.boolean(),
    /** Why it is not proven yet and what to do. */
    reason: z.nullable(z.string()),
    accounts: z.array(s.account),
  }),
});
export const proveConnection = route({
  key: 'POST /connections/{id}/proof',
  summary: 'Call the bank with the credential, list its accounts and resume a paused connection',
  scope: 'admin',
  body: s.proof,
  status: 200,
  response: z.object({ credential: s.credential, accounts: z.array(s.account) }),
});
export const listRates = route({
  key: 'GET /connections/{id}/rates',
  summary: 'Exchange rates of the bank',
  scope: 'read',
  query: z.strictObject({
    date: z.optional(s.plainDate),
    currency: z.optional(z.string().check(z.regex(/^[A-Z]{3}$/))),
  }),
  status: 200,
  response: s.listOf(s.rate),
});

export const listAccounts = route({
  key: 'GET /accounts',
  summary: 'Accounts this key may see',
  scope: 'read',
  query: z.strictObject({ connection: z.optional(z.string()) }),
  status: 200,
  response: s.listOf(s.account),
});
export const getAccount = route({
  key: 'GET /accounts/{id}',
  summary: 'One account with its settings and freshness',
  scope: 'read',
  status: 200,
  response: s.account,
});
export const changeAccount = route({
  key: 'PATCH /accounts/{id}',
  summary: 'Change how an account is pulled',
  scope: 'admin',
  body: s.accountChange,
  status: 200,
  response: s.account,
});
export const createPull = route({
  key: 'POST /accounts/{id}/pulls',
  summary: 'Pull now, or back-fill a window; answered at once, the pull runs behind',
  scope: 'read',
  body: s.newPull,
  status: 202,
  response: s.pull,
});
export const listPulls = route({
  key: 'GET /accounts/{id}/pulls',
  summary: 'Pulls somebody asked for, newest first',
  scope: 'read',
  query: z.strictObject(pageQuery),
  status: 200,
  response: s.pageOf(s.pull),
});
export const getPull = route({
  key: 'GET /accounts/{id}/pulls/{pullId}',
  summary: 'How a pull went',
  scope: 'read',
  status: 200,
  response: s.pull,
});

const spanQuery = { from: z.optional(s.plainDate), to: z.optional(s.plainDate) };
export const listTransactions = route({
  key: 'GET /accounts/{id}/transactions',
  summary: 'Booked transactions by booking date, oldest first',
  scope: 'read',
  query: z.strictObject({ ...spanQuery, ...pageQuery }),
  status: 200,
  response: s.pageOf(s.transaction),
});
export const listBalances = route({
  key: 'GET /accounts/{id}/balances',
  summary: 'The balances as the bank told them last',
  scope: 'read',
  status: 200,
  response: z.object({ at: z.nullable(z.string()), items: z.array(s.balance) }),
});
export const listStatements = route({
  key: 'GET /accounts/{id}/statements',
  summary: 'Statements by their last day, oldest first',
  scope: 'read',
  query: z.strictObject({ ...spanQuery, ...pageQuery }),
  status: 200,
  response: s.pageOf(s.statement),
});
export const statementContent = route({
  key: 'GET /statements/{id}/content',
  summary: 'The statement as the bank sent it; above 4 MB a redirect to a link of 60 seconds',
  scope: 'read',
  query: z.strictObject({ format: z.optional(z.string().check(z.maxLength(20))) }),
  status: 200,
  response: 'application/octet-stream',
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
  response: z.object({ items: z.array(s.event), next: z.number() }),
});
