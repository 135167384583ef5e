import * as z from 'zod/mini';
import { exponentOf } from '../../domain/money.ts';
import { CHARGES } from '../../domain/order-file.ts';
import { PAYMENT_STATES, SIGNINGS } from '../../domain/payment.ts';
import { PAYMENT_KINDS } from '../../domain/payment-kind.ts';
import { decimal, instant, nullable, pageOf, party, plainDate, text } from '../fields.ts';
import { pageQuery } from '../paging.ts';
import { route } from '../route.ts';

/** Payment orders. */

// How many digits, and which bank codes there are, is judged with the rest of the order.
const symbol = z.string().check(z.maxLength(20));
const creditor = z.strictObject({
  name: z.optional(text(140)),
  iban: z.optional(text(42)),
  /** Domestic number, `prefix-number` or `number`; abroad the account of a country without IBAN, beside the BIC. */
  number: z.optional(text(40)),
  bankCode: z.optional(text(10)),
  /** ISO 9362. Needed abroad, unless `creditorBank` names the bank. */
  bic: z.optional(text(20)),
});
const address = z.strictObject({
  street: z.optional(text(70)),
  buildingNumber: z.optional(text(16)),
  postCode: z.optional(text(16)),
  town: z.optional(text(35)),
  /** ISO 3166, two letters. */
  country: z.optional(text(2)),
  /** What has no place of its own. */
  lines: z.optional(z.array(text(70)).check(z.maxLength(2))),
});
const paymentInput = z.strictObject({
  /** Decimal, above zero. */
  amount: z.string().check(z.maxLength(20)),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'An ISO 4217 code')),
  creditor,
  variableSymbol: z.optional(symbol),
  constantSymbol: z.optional(symbol),
  specificSymbol: z.optional(symbol),
  message: z.optional(text(140)),
  endToEndId: z.optional(text(35)),
  /** Of foreign payments: where the payee lives. */
  creditorAddress: z.optional(address),
  /** Of foreign payments: the payee's bank, where it has no BIC. */
  creditorBank: z.optional(z.strictObject({ name: z.optional(text(140)), address: z.optional(address) })),
  /** Of foreign payments: who bears the banks' charges; shared when left out. */
  charges: z.optional(z.enum(CHARGES)),
});
export const orderInput = z.strictObject({
  /** Id of the account that pays. */
  account: text(60),
  /** Today when left out; moved to the next banking day. */
  executionDate: z.optional(plainDate),
  priority: z.optional(z.enum(['normal', 'urgent', 'instant'])),
  payments: z.array(paymentInput).check(z.minLength(1), z.maxLength(15_000)),
});

const state = z.enum(PAYMENT_STATES);
/** How a person signs it: in the bank's banking, on a page the bank gives the address of, or with its file. */
const signing = z.enum(SIGNINGS);
const summary = {
  id: z.string(),
  state,
  connection: z.string(),
  accounts: z.array(z.string()),
  sum: decimal,
  currency: z.string(),
  count: z.number(),
  executed: z.number(),
  rejected: z.number(),
  executionDate: plainDate,
  signing,
  /** An order of the last 24 hours that says the same. */
  duplicateOf: nullable(z.string()),
  cancelRequestedAt: nullable(instant),
  bankId: nullable(z.string()),
  createdAt: instant,
  changedAt: instant,
};
export const payment = z.object(summary);
export const accepted = z.object({
  id: z.string(),
  state,
  sum: decimal,
  currency: z.string(),
  count: z.number(),
  executionDate: plainDate,
  signing,
  /** What is changed on the way to the bank: letters replaced, a text shortened. */
  warnings: z.array(z.object({ pointer: z.string(), detail: z.string() })),
  duplicateOf: nullable(z.string()),
  createdAt: instant,
});
export const paymentDetail = z.object({
  ...summary,
  submittedBy: z.object({ key: z.string(), user: nullable(z.string()), hook: nullable(z.string()) }),
  approvedBy: nullable(z.object({ key: z.string(), user: z.string(), at: instant })),
  attempts: z.array(
    z.object({
      id: z.string(),
      startedAt: instant,
      endedAt: nullable(instant),
      outcome: nullable(z.enum(['taken', 'refused', 'not-sent', 'in-doubt', 'handed-out'])),
      step: z.string(),
      /** SHA-256 of the bytes. */
      hash: z.string(),
      fileName: z.string(),
    }),
  ),
  documents: z.array(
    z.object({
      kind: z.enum(['request', 'order', 'rendered', 'answer']),
      sha256: z.string(),
      mediaType: z.string(),
      at: instant,
    }),
  ),
  history: z.array(
    z.object({
      at: instant,
      state,
      source: z.string(),
      bankCode: nullable(z.string()),
      reason: nullable(z.string()),
    }),
  ),
});
const fullAddress = z.object({
  street: nullable(z.string()),
  buildingNumber: nullable(z.string()),
  postCode: nullable(z.string()),
  town: nullable(z.string()),
  country: nullable(z.string()),
  lines: z.array(z.string()),
});
export const paymentItem = z.object({
  index: z.number(),
  /** What it is: crowns to a Czech account, euro by SEPA, or anything else. */
  kind: z.enum(PAYMENT_KINDS),
  state: z.enum(['pending', 'executed', 'rejected']),
  amount: decimal,
  currency: z.string(),
  creditor: party,
  variableSymbol: nullable(z.string()),
  constantSymbol: nullable(z.string()),
  specificSymbol: nullable(z.string()),
  message: nullable(z.string()),
  endToEndId: nullable(z.string()),
  creditorAddress: nullable(fullAddress),
  creditorBank: nullable(z.object({ name: nullable(z.string()), address: nullable(fullAddress) })),
  charges: nullable(z.enum(CHARGES)),
  bankCode: nullable(z.string()),
  reason: nullable(z.string()),
});

export const createPayment = route({
  key: 'POST /payments',
  summary:
    'Takes an order as JSON, or a KPC or pain.001 file as it is. Needs the header Idempotency-Key: the same key with ' +
    'the same body gives the same answer again, with another body 422',
  scope: 'pay',
  body: orderInput,
  files: ['text/plain', 'application/xml', 'application/octet-stream'],
  status: 202,
  response: accepted,
});
export const listPayments = route({
  key: 'GET /payments',
  summary: 'Payment orders, newest first',
  scope: 'read',
  query: z.strictObject({ ...pageQuery, state: z.optional(state) }),
  status: 200,
  response: pageOf(payment),
});
export const getPayment = route({
  key: 'GET /payments/{id}',
  summary: 'An order with its attempts, documents and history',
  scope: 'read',
  status: 200,
  response: paymentDetail,
});
export const listPaymentItems = route({
  key: 'GET /payments/{id}/items',
  summary: 'The payments of an order, each with what became of it',
  scope: 'read',
  query: z.strictObject({
    limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(500)), 100),
    /** Index of the last item of the page before. */
    after: z.optional(z.coerce.number().check(z.int(), z.gte(0))),
  }),
  status: 200,
  response: z.object({ items: z.array(paymentItem), next: nullable(z.number()) }),
});
export const paymentFile = route({
  key: 'GET /payments/{id}/file',
  summary:
    'The file of an order for a bank that Brana sends nothing to, to be uploaded and signed in the bank’s own banking. ' +
    'The first time moves the order to "awaiting-signature"; the bytes are the same every time',
  scope: 'pay',
  status: 200,
  response: 'application/octet-stream',
});
export const signPayment = route({
  key: 'POST /payments/{id}/authorisation',
  summary:
    'Asks the bank for the page where a person signs an order that is "awaiting-signature" there, at banks that have ' +
    'one; the address is good for one browser and some minutes. What becomes of the order is told by the bank',
  scope: 'pay',
  status: 200,
  response: z.object({ url: z.string(), validUntil: nullable(instant) }),
});
export const cancelPayment = route({
  key: 'DELETE /payments/{id}',
  summary: 'Cancels an order. Once it is on its way the wish is noted, and the bank’s answer decides',
  scope: 'pay',
  status: 200,
  response: paymentDetail,
});
export const approvePayment = route({
  key: 'POST /payments/{id}/approval',
  summary: 'Approves or rejects an order that waits for a second person',
  scope: 'pay',
  body: z.strictObject({ approve: z.boolean(), reason: z.optional(text(500)) }),
  status: 200,
  response: paymentDetail,
});
export const resolvePayment = route({
  key: 'POST /payments/{id}/resolution',
  summary: 'Says what became of an order whose outcome is unknown, and why one knows',
  scope: 'pay',
  body: z.strictObject({
    outcome: z.enum(['at-bank', 'executed', 'not-at-bank', 'send-again']),
    reason: text(500),
  }),
  status: 200,
  response: paymentDetail,
});

/** Whether every sum is one of its currency. */
function areSums(sums: Readonly<Record<string, string>>): boolean {
  return Object.entries(sums).every(([currency, sum]) => {
    const [, decimals = ''] = sum.split('.');
    return decimals.length <= exponentOf(currency);
  });
}

const policy = z.object({
  approvalFrom: nullable(z.record(z.string(), decimal)),
  duplicates: z.enum(['flag', 'refuse']),
});
export const getPolicy = route({
  key: 'GET /payment-policy',
  summary: 'How this company wants its payments handled',
  scope: 'read',
  status: 200,
  response: policy,
});
export const setPolicy = route({
  key: 'PUT /payment-policy',
  summary: 'Sets from which sum a second person must approve, and what becomes of possible duplicates',
  scope: 'admin',
  body: z.strictObject({
    /** By currency; one that is not listed needs approval at any sum; `null` = never. */
    approvalFrom: z.nullable(
      z
        .record(
          z.string().check(z.regex(/^[A-Z]{3}$/)),
          z.string().check(z.regex(/^\d{1,12}(\.\d{1,3})?$/, 'A decimal sum')),
        )
        .check(z.refine(areSums, 'A sum has more decimals than its currency')),
    ),
    duplicates: z.enum(['flag', 'refuse']),
  }),
  status: 200,
  response: policy,
});
