import * as z from 'zod/mini';
import {
  ADDRESS_FIELDS,
  BANK_FIELDS,
  CREDITOR_FIELDS,
  PAYMENT_FIELDS,
  VERIFICATIONS,
} from '../../domain/hook.ts';
import { decimal, instant, listOf, nullable, party, plainDate, text } from '../fields.ts';
import { route } from '../route.ts';
import { accepted } from './payments.ts';

/** Hooks: payment orders from an ERP that can only send webhooks. */

const pointer = z.string().check(z.maxLength(200));
const source = z.strictObject({
  constant: z.optional(text(200)),
  /** Place of the value (RFC 6901), in the payment or in the whole message. */
  pointer: z.optional(pointer),
  from: z.optional(z.literal('body')),
  /** True lets the place be missing. */
  optional: z.optional(z.boolean()),
});

const sources = <const Names extends readonly string[]>(names: Names) =>
  Object.fromEntries(names.map((name) => [name, z.optional(source)])) as {
    [Name in Names[number]]: z.ZodMiniOptional<typeof source>;
  };

const mapping = z.strictObject({
  /** A constant is an account's id; a place holds its IBAN or `number/bank code`. */
  account: source,
  executionDate: z.optional(source),
  priority: z.optional(source),
  /** Place of the payment or of the list of payments; empty = the whole message. */
  payments: pointer,
  payment: z.strictObject({
    ...sources(PAYMENT_FIELDS),
    /** `account` holds an IBAN or `number/bank code` in one. */
    creditor: z.strictObject(sources(CREDITOR_FIELDS)),
    /** Of foreign payments. */
    creditorAddress: z.optional(z.strictObject(sources(ADDRESS_FIELDS))),
    creditorBank: z.optional(z.strictObject(sources(BANK_FIELDS))),
  }),
});

/** Letters of an HTTP header's name. */
const header = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,60}$/, 'The name of an HTTP header'));
const verification = {
  kind: z.enum(VERIFICATIONS),
  header: z.optional(header),
  encoding: z.optional(z.enum(['hex', 'base64'])),
  prefix: z.optional(z.string().check(z.maxLength(40))),
};
const currency = z.string().check(z.regex(/^[A-Z]{3}$/, 'An ISO 4217 code'));

export const newHook = z.strictObject({
  name: text(100),
  /** Its owner, who counts as the submitter of its orders. */
  user: z.optional(text(100)),
  verification: z.strictObject(verification),
  /** Place of the message's own id; not with Standard Webhooks, whose signed message id it is. */
  idempotencyKey: z.optional(pointer),
  /** Ids of the accounts it may pay from. */
  accounts: z.array(text(60)).check(z.minLength(1), z.maxLength(50)),
  /** Highest sum of a day (Europe/Prague) by currency. */
  limits: z.record(currency, z.string().check(z.regex(/^\d{1,12}(\.\d{1,3})?$/, 'A decimal sum'))),
  mapping,
});

export const hook = z.object({
  id: z.string(),
  name: z.string(),
  /** Where the ERP sends its messages, below the API's address. */
  path: z.string(),
  user: nullable(z.string()),
  /** Key it was made with. */
  createdBy: z.string(),
  verification: z.object(verification),
  idempotencyKey: nullable(z.string()),
  accounts: z.array(z.string()),
  limits: z.record(z.string(), decimal),
  /** Sums of today's orders. */
  usedToday: z.record(z.string(), decimal),
  mapping,
  createdAt: instant,
  lastOrderAt: nullable(instant),
});

const finding = z.object({ pointer: z.string(), detail: z.string() });
export const rehearsal = z.object({
  verification: z.enum(['ok', 'header-missing', 'signature-wrong', 'timestamp-off']),
  /** The order the message would make; `null` when it would make none. */
  order: nullable(
    z.object({
      state: accepted.shape.state,
      account: z.string(),
      sum: decimal,
      currency: z.string(),
      count: z.number(),
      executionDate: plainDate,
      duplicateOf: nullable(z.string()),
      /** The first hundred. */
      payments: z.array(
        z.object({
          amount: decimal,
          currency: z.string(),
          creditor: party,
          variableSymbol: nullable(z.string()),
          constantSymbol: nullable(z.string()),
          specificSymbol: nullable(z.string()),
          message: nullable(z.string()),
          endToEndId: nullable(z.string()),
        }),
      ),
    }),
  ),
  /** Why it would make none, by the places in the message. */
  findings: z.array(finding),
  /** What would be changed on the way to the bank. */
  warnings: z.array(finding),
});

export const listHooks = route({
  key: 'GET /hooks',
  summary: 'Hooks of the company, without their secrets',
  scope: 'admin',
  status: 200,
  response: listOf(hook),
});
export const createHook = route({
  key: 'POST /hooks',
  summary:
    'Makes a hook; the secret is shown in this answer and never again. Needs the scope "pay" beside "admin"',
  scope: 'admin',
  body: newHook,
  status: 201,
  response: z.extend(hook, { secret: z.string() }),
});
export const deleteHook = route({
  key: 'DELETE /hooks/{id}',
  summary: 'Deletes a hook; what it brought stays',
  scope: 'admin',
  status: 204,
  response: null,
});
export const testHook = route({
  key: 'POST /hooks/{id}/test',
  summary: 'Shows what a message would do: its proof, the order it would make, every finding. Sends nothing',
  scope: 'admin',
  body: z.strictObject({
    /** The message as it would be sent, to the letter. */
    body: z.string(),
    headers: z.optional(z.record(header, z.string().check(z.maxLength(8_000)))),
  }),
  status: 200,
  response: rehearsal,
});
export const receiveOrder = route({
  key: 'POST /hooks/payments/{hook}',
  summary:
    'Takes the order a message of an ERP brings; the message proves itself as its hook says. Answers like POST /payments',
  scope: null,
  files: ['*/*'],
  status: 202,
  response: accepted,
});
