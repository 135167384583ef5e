import * as z from 'zod/mini';
import { bankFields, decimal, nullable, plainDate, text } from '../fields.ts';
import { route } from '../route.ts';
import { account } from './accounts.ts';
import { credential } from './connections.ts';

/** The credential of a connection: upload, proof, and what is asked at the bank at once. */

const base64 = z.string().check(z.regex(/^[A-Za-z0-9+/]+={0,2}$/, 'Not base64'), z.maxLength(200_000));
const pem = z.string().check(z.maxLength(100_000));
/** Either `pfx`, or `certificate` and `key`, or a `certificate` whose key was made here. */
export const newCertificate = z.strictObject({
  /** PKCS#12 file (.pfx, .p12), base64. */
  pfx: z.optional(base64),
  /** PEM certificate, leaf first. */
  certificate: z.optional(pem),
  /** PEM private key. */
  key: z.optional(pem),
  passphrase: z._default(z.string().check(z.maxLength(1_000)), ''),
  /** Secret fields of the bank, by the names in GET /banks. */
  secrets: z._default(bankFields, {}),
  /** Day on which the certificate was issued or last reactivated at the bank. */
  reactivatedOn: z.optional(plainDate),
});
export const proof = z.strictObject({
  /** Day on which the certificate was reactivated at the bank, when that is why it is proven again. */
  reactivatedOn: z.optional(plainDate),
});

const sides = { buy: nullable(decimal), sell: nullable(decimal), middle: nullable(decimal) };
export const rate = z.object({
  /** Who publishes it: the bank, or `cnb`. */
  provider: z.string(),
  from: z.string(),
  to: z.string(),
  units: z.number(),
  ...sides,
  /** Banknotes. */
  cash: nullable(z.object(sides)),
  validFrom: z.string(),
});
export const rates = z.object({
  items: z.array(rate),
  /** Rates that could not be read. */
  quarantined: z.array(z.object({ rule: z.string(), message: z.string(), position: nullable(z.string()) })),
});

export const uploadCertificate = route({
  key: 'PUT /connections/{id}/certificate',
  summary: 'Upload a client certificate; it is checked, kept in the vault and proven by a call to the bank',
  scope: 'admin',
  body: newCertificate,
  status: 200,
  response: z.object({
    credential: credential,
    proven: z.boolean(),
    /** Why it is not proven yet and what to do. */
    reason: z.nullable(z.string()),
    accounts: z.array(account),
  }),
});
export const requestCertificate = route({
  key: 'POST /connections/{id}/certificate/request',
  summary: 'Make a certificate request (PKCS#10) for the bank or a CA to sign; its key stays in the vault',
  scope: 'admin',
  body: z.strictObject({
    /** Of the subject, as the bank wants it: GET /banks, certificateRequest. */
    commonName: text(64),
  }),
  status: 200,
  response: z.object({
    /** PEM. */
    request: z.string(),
    subject: z.string(),
  }),
});
export const proveConnection = route({
  key: 'POST /connections/{id}/proof',
  summary: 'Call the bank with the credential, list its accounts and resume a paused connection',
  scope: 'admin',
  body: proof,
  status: 200,
  response: z.object({ credential: credential, accounts: z.array(account) }),
});
export const listRates = route({
  key: 'GET /connections/{id}/rates',
  summary: 'Exchange rates of the bank',
  scope: 'read',
  query: z.strictObject({
    date: z.optional(plainDate),
    currency: z.optional(z.string().check(z.regex(/^[A-Z]{3}$/))),
  }),
  status: 200,
  response: rates,
});
