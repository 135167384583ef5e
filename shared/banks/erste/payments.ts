import { Failure } from '../../domain/failure.ts';
import { jsonOrNull, textAt } from '../../domain/json.ts';
import type { BankState } from '../../domain/payment.ts';
import type { Environment } from '../../domain/model.ts';
import type { BankResponse } from '../../http/types.ts';
import type { OrderStatus, SentOrder, SigningPage, StepResult } from '../contract.ts';
import { documentOf } from '../answers.ts';
import { readJson, succeeded, type Client } from './client.ts';
import { says } from './errors.ts';
import { refusalOf } from './payment-errors.ts';

/**
 * Premium Payments API v1, experimental: every path and every name of an answer stands here, the body of an order in
 * `formats/cobs`. The contract is not public. Seen in code that ran against the bank's sandbox: the hosts, the creation
 * with `signInfo`, and the address of the signing page. Taken from the bank's PSD2 tutorial: the state of the signing.
 * Everything else is inferred from the Czech Open Banking Standard (COBS 8.0).
 */

/** The product has a base of its own on the host of the accounts. */
const BASES: Readonly<Record<Environment, string>> = {
  production: '/webapi/api/v1/payments',
  'bank-sandbox': '/api/csas/public/sandbox/v1/payments',
  simulated: '/webapi/api/v1/payments',
};

const DUPLICATE = 'AM05';

export interface Payments {
  /** The one step: tells the bank of a payment, which waits there for a person to sign it. */
  create(order: SentOrder): Promise<StepResult>;
  status(order: SentOrder): Promise<OrderStatus | null>;
  signingPage(order: Pick<SentOrder, 'given'>, returnTo: string): Promise<SigningPage>;
}

export function openPayments(client: Client, environment: Environment): Payments {
  const base = BASES[environment];
  const get = (operation: string, path: string, headers: Record<string, string> = {}) =>
    client({ operation, method: 'GET', path, target: base + path, headers });

  return {
    async create(order) {
      const operation = 'createPayment';
      const path = '/my/payments';
      const body = order.document.bytes;
      const response = await client({ operation, method: 'POST', path, target: base + path, body });
      if (says(response, null, DUPLICATE)) return { kind: 'duplicate', bankCode: DUPLICATE };
      if (response.status !== 200 && response.status !== 201) throw refusalOf(response, operation);
      return taken(response, order, operation);
    },

    async status(order) {
      const { bankId } = order;
      if (bankId === null) return null;
      const { signId } = order.given;
      if (signId !== undefined && (await isUnsigned(get, signId)))
        return statusOf(bankId, 'awaiting-signature', 'OPEN');
      const operation = 'paymentStatus';
      const response = await get(operation, `/my/payments/${encodeURIComponent(bankId)}/status`);
      // No verdict: the bank may not show it yet, and movements tell as well.
      if (says(response, 404, 'TRANSACTION_MISSING')) return null;
      const body = readJson(succeeded(response, operation), operation);
      const code = textAt(body, 'instructionStatus');
      const state = code !== null && Object.hasOwn(STATES, code) ? STATES[code]! : null;
      const reason = state === null ? UNKNOWN : state === 'rejected' ? REFUSED : null;
      const document = documentOf(response, `payment-${order.id}.json`);
      return {
        ...statusOf(bankId, state, code && shown(code)),
        reason,
        document,
      };
    },

    async signingPage({ given: { signId = '', hash = '' } }, returnTo) {
      const operation = 'federateSigning';
      const path = `/my/payments/federate/sign/${encodeURIComponent(signId)}/hash/${encodeURIComponent(hash)}`;
      const response = succeeded(await get(operation, path, { 'Callback-Uri': returnTo }), operation);
      const body = readJson(response, operation);
      const url = textAt(body, 'signingUrl') ?? '';
      if (URL.parse(url)?.protocol !== 'https:') {
        const message = `${operation} gave no https address of a page to sign on. Sign the payment in the bank's own banking.`;
        throw new Failure('protocol', message, { operation, requestId: response.requestId });
      }
      const until = Date.parse(textAt(body, 'validTo') ?? '');
      return { url, validUntil: Number.isNaN(until) ? null : new Date(until).toISOString() };
    },
  };
}

type Get = (operation: string, path: string) => Promise<BankResponse>;

/** Whether the bank says that the signing is still open. What it does not say is for its status to tell. */
async function isUnsigned(get: Get, signId: string): Promise<boolean> {
  const operation = 'signingState';
  const response = await get(operation, `/my/payments/sign/${encodeURIComponent(signId)}`);
  return response.status === 200 && textAt(readJson(response, operation), 'signInfo', 'state') === 'OPEN';
}

/**
 * ISO 20022 statuses as COBS explains them. `ACSC` is "debited", but nothing of this way was seen at the bank: only the
 * movement proves that it was paid.
 */
const STATES: Readonly<Record<string, BankState>> = {
  ACTC: 'awaiting-signature',
  ACWC: 'awaiting-signature',
  ACSP: 'processing',
  ACSC: 'processing',
  RJCT: 'rejected',
};

const REFUSED = 'The bank refused the payment after it was signed: see it in its banking';
const UNKNOWN = 'The bank gives a status that the standard does not explain: see the payment in its banking';

/** A status as it may stand in a record; the standard's have 35 letters at most. */
const shown = (code: string): string => code.replace(/[^\w-]/g, '').slice(0, 35);

const statusOf = (bankId: string, state: BankState | null, bankCode: string | null): OrderStatus => ({
  state,
  bankId,
  bankCode,
  reason: null,
  results: [],
  document: null,
});

/** @throws Failure `outcome-unknown` when a success does not say what it made: nobody knows what is at the bank */
function taken(response: BankResponse, order: SentOrder, operation: string): StepResult {
  const body = jsonOrNull(response.body);
  const bankId = textAt(body, 'paymentIdentification', 'transactionIdentification');
  const signId = textAt(body, 'signInfo', 'signId');
  const hash = textAt(body, 'signInfo', 'hash');
  if (
    bankId === null ||
    signId === null ||
    hash === null ||
    [bankId, signId, hash].some((id) => id.length > 500)
  ) {
    const message =
      `${operation} answered ${response.status} without the ids of the payment and of its signing, so it may be there ` +
      'or not. Look for it in the bank’s banking.';
    const { status, requestId } = response;
    throw new Failure('outcome-unknown', message, { operation, status, requestId });
  }
  const document = documentOf(response, `payment-${order.id}.json`);
  const code = textAt(body, 'instructionStatus');
  const status = { ...statusOf(bankId, 'awaiting-signature', code && shown(code)), document };
  return { kind: 'taken', status, given: { signId, hash } };
}
