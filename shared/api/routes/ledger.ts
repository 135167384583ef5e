import * as z from 'zod/mini';
import { BALANCE_KINDS } from '../../domain/model.ts';
import { decimal, instant, nullable, pageOf, party, plainDate } from '../fields.ts';
import { pageQuery } from '../paging.ts';
import { route } from '../route.ts';

/** What the ledger holds of an account. */

export const transaction = z.object({
  id: z.string(),
  bankReference: nullable(z.string()),
  bookingDate: plainDate,
  valueDate: nullable(plainDate),
  /** Signed decimal: debits negative. */
  amount: decimal,
  currency: z.string(),
  counterparty: party,
  variableSymbol: nullable(z.string()),
  constantSymbol: nullable(z.string()),
  specificSymbol: nullable(z.string()),
  message: nullable(z.string()),
  endToEndId: nullable(z.string()),
  transactionCode: nullable(z.string()),
  reversal: z.boolean(),
  original: nullable(z.object({ amount: decimal, currency: z.string(), rate: nullable(z.string()) })),
  card: nullable(z.string()),
  document: z.string(),
});
/** What the connection says of the bank's files, for the ERP that reads them; Brana does not act on it. */
export const hints = { contentEncoding: nullable(z.string()), processingProcedure: nullable(z.string()) };
export const balance = z.object({
  kind: z.enum(BALANCE_KINDS),
  code: z.string(),
  amount: decimal,
  currency: z.string(),
});
export const statement = z.object({
  id: z.string(),
  account: z.string(),
  number: nullable(z.string()),
  from: plainDate,
  to: plainDate,
  currency: z.string(),
  opening: nullable(decimal),
  closing: nullable(decimal),
  credits: nullable(decimal),
  debits: nullable(decimal),
  count: nullable(z.number()),
  reconciles: nullable(z.boolean()),
  continuity: nullable(z.enum(['first', 'continuous', 'gap', 'mismatch'])),
  version: z.number(),
  /** False when no reader could read it; the original is kept all the same. */
  read: z.boolean(),
  /** True when the bank gives no statements and this one was composed from the movements of a day. */
  composed: z.boolean(),
  formats: z.array(z.string()),
  ...hints,
  warnings: z.array(z.string()),
  receivedAt: instant,
});

const spanQuery = { from: z.optional(plainDate), to: z.optional(plainDate) };
export const listTransactions = route({
  key: 'GET /accounts/{id}/transactions',
  summary: 'Booked transactions by booking date, oldest first',
  scope: 'read',
  query: z.strictObject({ ...spanQuery, ...pageQuery }),
  status: 200,
  response: pageOf(transaction),
});
export const listBalances = route({
  key: 'GET /accounts/{id}/balances',
  summary: 'The balances as the bank told them last',
  scope: 'read',
  status: 200,
  response: z.object({ at: z.nullable(z.string()), items: z.array(balance) }),
});
export const listStatements = route({
  key: 'GET /accounts/{id}/statements',
  summary: 'Statements by their last day, oldest first',
  scope: 'read',
  query: z.strictObject({ ...spanQuery, ...pageQuery }),
  status: 200,
  response: pageOf(statement),
});
