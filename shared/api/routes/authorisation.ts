import * as z from 'zod/mini';
import { AUTHORISATION_STATES } from '../../domain/authorisation.ts';
import { bankFields, instant, nullable, text } from '../fields.ts';
import { route } from '../route.ts';
import { account } from './accounts.ts';
import { connection, credential } from './connections.ts';

/** Consents: the bank's secrets, the link for the person, and the confirmation. */

/** An absolute address; http on this machine only. */
const url = z
  .string()
  .check(
    z.maxLength(1_000),
    z.regex(
      /^(https:\/\/[^\s/?#@]+|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?)([/?][^\s#]*)?$/,
      'Not an https address',
    ),
  );

export const authorisation = z.object({
  state: z.enum(AUTHORISATION_STATES),
  /** Why it failed and what to do. */
  reason: nullable(z.string()),
  validityDays: z.number(),
  expiresAt: instant,
  /** What the bank opened; null until it is granted. */
  accounts: nullable(
    z.array(
      z.object({
        handle: z.string(),
        iban: nullable(z.string()),
        number: z.string(),
        bankCode: nullable(z.string()),
        currency: z.string(),
        name: nullable(z.string()),
        owner: nullable(z.string()),
      }),
    ),
  ),
});

export const putSecrets = route({
  key: 'PUT /connections/{id}/secrets',
  summary: "Keep the bank's secret fields of a connection that works with consents",
  scope: 'admin',
  body: z.strictObject({
    /** By the names in GET /banks. */
    secrets: bankFields,
  }),
  status: 200,
  response: credential,
});
export const startAuthorisation = route({
  key: 'POST /connections/{id}/authorisation',
  summary: 'Start an authorisation; the link works once, for ten minutes, and is shown once',
  scope: 'admin',
  body: z.strictObject({
    /** Days the consent is to be good for; the bank's longest unless less is asked. */
    validityDays: z.optional(z.int().check(z.minimum(1), z.maximum(3_650))),
    /** Where the last page leads; one of the company's return URLs, exactly. */
    returnUrl: z.optional(url),
  }),
  status: 201,
  response: z.object({ url: z.string(), expiresAt: instant, redirectUri: z.string() }),
});
export const getAuthorisation = route({
  key: 'GET /connections/{id}/authorisation',
  summary: 'The authorisation started last: its state, and the accounts that wait for confirmation',
  scope: 'admin',
  status: 200,
  response: authorisation,
});
export const confirmAuthorisation = route({
  key: 'POST /connections/{id}/authorisation/confirmation',
  summary: 'Confirm whose accounts the consent opened, and which of them are pulled; puts it into use',
  scope: 'admin',
  body: z.strictObject({
    /** Handles of the accounts to be pulled. */
    accounts: z.array(text(200)).check(z.minLength(1), z.maxLength(999)),
  }),
  status: 200,
  response: z.object({ connection, credential, accounts: z.array(account) }),
});

export const returnUrls = z.strictObject({ returnUrls: z.array(url).check(z.maxLength(20)) });
export const getReturnUrls = route({
  key: 'GET /return-urls',
  summary: 'Addresses the last page of an authorisation may lead to',
  scope: 'admin',
  status: 200,
  response: returnUrls,
});
export const putReturnUrls = route({
  key: 'PUT /return-urls',
  summary: 'Set the addresses the last page of an authorisation may lead to; each is matched exactly',
  scope: 'admin',
  body: returnUrls,
  status: 200,
  response: returnUrls,
});
