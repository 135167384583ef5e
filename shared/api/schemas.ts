import * as z from 'zod/mini';
import { isPlainDate } from '../domain/dates.ts';
import { PULL_MODES, SCOPES } from '../domain/records.ts';
import { ENVIRONMENTS, BALANCE_KINDS } from '../domain/model.ts';
import { EVENT_TYPES } from '../domain/event.ts';

/** The shapes of the API. Requests are strict: a field nobody knows is refused, never passed over. */

const text = (longest: number) => z.string().check(z.minLength(1), z.maxLength(longest));
export const plainDate = z
  .string()
  .check(z.regex(/^\d{4}-\d{2}-\d{2}$/), z.refine(isPlainDate, 'Not a calendar day (YYYY-MM-DD)'));
const instant = z.string();
const nullable = <T extends z.ZodMiniType>(schema: T) => z.nullable(schema);
const decimal = z.string();

export const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  user: nullable(z.string()),
  createdAt: instant,
  revokedAt: nullable(instant),
});
export const newKey = z.strictObject({
  name: text(100),
  scopes: z.array(z.enum(SCOPES)).check(z.minLength(1), z.maxLength(SCOPES.length)),
  user: z.optional(text(100)),
});

const config = z.record(
  z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9]{0,40}$/)),
  z.string().check(z.maxLength(500)),
);
export const newConnection = z.strictObject({
  code: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,20}$/)),
  description: z._default(z.string().check(z.maxLength(200)), ''),
  bank: text(40),
  environment: z._default(z.enum(ENVIRONMENTS), 'production'),
  /** Leave out for a connection of the whole company. */
  user: z.optional(text(100)),
  config: z._default(config, {}),
});
export const connectionChange = z.strictObject({
  description: z.optional(z.string().check(z.maxLength(200))),
  config: z.optional(config),
});

export const credential = z.object({
  id: z.string(),
  kind: z.string(),
  subject: z.string(),
  issuer: z.string(),
  serial: z.string(),
  fingerprint: z.string(),
  notBefore: instant,
  notAfter: instant,
  keyType: z.string(),
  warnings: z.array(z.string()),
  reactivateBy: nullable(plainDate),
  provenAt: nullable(instant),
});
export const connection = z.object({
  id: z.string(),
  code: z.string(),
  description: z.string(),
  bank: z.string(),
  environment: z.enum(ENVIRONMENTS),
  user: nullable(z.string()),
  config: z.record(z.string(), z.string()),
  status: z.enum(['new', 'active', 'paused']),
  /** Why it is paused and what to do. */
  pause: nullable(z.object({ kind: z.string(), message: z.string(), since: instant })),
  credential: nullable(credential),
  /** Uploaded, waiting for a call that proves it. */
  candidate: nullable(credential),
  createdAt: instant,
});

const base64 = z.string().check(z.regex(/^[A-Za-z0-9+/]+={0,2}$/, 'Not base64'), z.maxLength(200_000));
const pem = z.string().check(z.maxLength(100_000));
/** Either `pfx`, or `certificate` and `key`. */
export const newCertificate = z.strictObject({
  /** PKCS#12 file (.pfx, .p12), base64. */
  pfx: z.optional(base64),
  /** PEM certificate, leaf first. */
  certificate: z.optional(pem),
  /** PEM private key. */
  key: z.optional(pem),
  passphrase: z._default(z.string().check(z.maxLength(1_000)), ''),
  /** Secret fields of the bank, by the names in GET /banks. */
  secrets: z._default(config, {}),
  /** Day on which the certificate was issued or last reactivated at the bank. */
  reactivatedOn: z.optional(plainDate),
});
export const proof = z.strictObject({
  /** Day on which the certificate was reactivated at the bank, when that is why it is proven again. */
  reactivatedOn: z.optional(plainDate),
});

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
  bank: z.optional(config),
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

export const transaction = z.object({
  id: z.string(),
  bankReference: nullable(z.string()),
  bookingDate: plainDate,
  valueDate: nullable(plainDate),
  /** Signed decimal: debits negative. */
  amount: decimal,
  currency: z.string(),
  counterparty: z.object({
    name: nullable(z.string()),
    iban: nullable(z.string()),
    number: nullable(z.string()),
    bankCode: nullable(z.string()),
    bic: nullable(z.string()),
  }),
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
  formats: z.array(z.string()),
  warnings: z.array(z.string()),
  receivedAt: instant,
});
export const event = z.object({
  id: z.string(),
  sequence: z.number(),
  type: z.enum(EVENT_TYPES),
  subject: z.string(),
  at: instant,
  data: z.record(z.string(), z.unknown()),
});
export const rate = z.object({
  from: z.string(),
  to: z.string(),
  units: z.number(),
  buy: decimal,
  sell: decimal,
  middle: decimal,
  validFrom: z.string(),
});

/** A list without pages. */
export const listOf = (item: z.ZodMiniType) => z.object({ items: z.array(item) });
/** A page; `next` is the cursor of the one behind it. */
export const pageOf = (item: z.ZodMiniType) => z.object({ items: z.array(item), next: nullable(z.string()) });
