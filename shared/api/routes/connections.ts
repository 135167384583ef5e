import * as z from 'zod/mini';
import { ENVIRONMENTS } from '../../domain/model.ts';
import { bankFields, instant, listOf, nullable, plainDate, text } from '../fields.ts';
import { route } from '../route.ts';

/** Connections to banks. */

export const newConnection = z.strictObject({
  code: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,20}$/)),
  description: z._default(z.string().check(z.maxLength(200)), ''),
  bank: text(40),
  environment: z._default(z.enum(ENVIRONMENTS), 'production'),
  /** Leave out for a connection of the whole company. */
  user: z.optional(text(100)),
  config: z._default(bankFields, {}),
});
export const connectionChange = z.strictObject({
  description: z.optional(z.string().check(z.maxLength(200))),
  config: z.optional(bankFields),
});

export const credential = z.object({
  id: z.string(),
  kind: z.string(),
  /** Of a certificate; null for a consent. */
  subject: nullable(z.string()),
  issuer: nullable(z.string()),
  serial: nullable(z.string()),
  keyType: nullable(z.string()),
  fingerprint: z.string(),
  notBefore: instant,
  notAfter: instant,
  /** What a consent allows; null for a certificate. */
  scopes: nullable(z.array(z.string())),
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

/** A connection and how it stands. */
export const standingConnection = z.extend(connection, {
  /** Whether the bank may be called: in use, and within its dates. */
  authorised: z.boolean(),
  /** Day of the nearest end of certificate, reactivation or consent, in the bank's zone. */
  validUntil: nullable(plainDate),
  /** Days until then, 0 when it has come. */
  daysLeft: nullable(z.number()),
  freshness: z.object({
    state: z.enum(['new', 'fresh', 'stale', 'expiring', 'paused']),
    /** Since when, or of an end, when it comes. */
    at: instant,
    /** What to do. */
    detail: nullable(z.string()),
  }),
  /** Seconds the bank's clock was ahead of ours at the last call. */
  bankClock: nullable(z.number()),
  /** Since when a key made here waits for its certificate. */
  requestedAt: nullable(instant),
  /** Until when what is said to the bank is recorded; null while it is not. */
  activityUntil: nullable(instant),
});

export const listConnections = route({
  key: 'GET /connections',
  summary: 'Connections this key may see',
  scope: 'read',
  status: 200,
  response: listOf(standingConnection),
});
export const createConnection = route({
  key: 'POST /connections',
  summary: 'Make a connection to a bank',
  scope: 'admin',
  body: newConnection,
  status: 201,
  response: standingConnection,
});
export const getConnection = route({
  key: 'GET /connections/{id}',
  summary: 'One connection with its credential and state',
  scope: 'read',
  status: 200,
  response: standingConnection,
});
export const changeConnection = route({
  key: 'PATCH /connections/{id}',
  summary: "Change description or the bank's fields",
  scope: 'admin',
  body: connectionChange,
  status: 200,
  response: standingConnection,
});
export const deleteConnection = route({
  key: 'DELETE /connections/{id}',
  summary: 'Remove a connection; its accounts are no longer pulled, everything stored stays',
  scope: 'admin',
  status: 204,
  response: null,
});
