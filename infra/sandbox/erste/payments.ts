import { pragueDateTime } from '../prague.ts';
import type { Misbehaviour, SandboxResponse } from '../types.ts';
import { answered, PaymentRefusal } from './answers.ts';
import type { Call } from './call.ts';
import { signingOf, statusOf, type Payment } from './payment-book.ts';
import { readPaymentOrder } from './payment-order.ts';

/**
 * Premium Payments API v1. Its contract is not public, so this is what there is evidence for:
 *
 * - seen in clients of it: the base addresses, `POST /my/payments` with `signInfo {signId, hash, state}` in its answer,
 *   and the call for the signing page with its whole answer;
 * - from the bank's own tutorial of its PSD2 payments: `Callback-Uri`, `/sign/{signId}`, `/sign/poll/{pollId}`;
 * - from the Czech Open Banking Standard (fields and form of the refusals 8.0; statuses and `TRANSACTION_MISSING` 2.0),
 *   which this bank follows closely: what is in an order, its refusals, `/status`, `DELETE`, the signing scenarios.
 *
 * Inferred without any source: `403 FORBIDDEN` for a token without the scope `siblings.payments`; `AG01` only for
 * accounts of the bank outside the consent, `AC02` for all others; `AM05` for every second use of an
 * `instructionIdentification`; the state `CANCELED` (a word of the bank's older SDK) and `RJCT` behind it; how the call
 * for the signing page is refused; the answer of the poll; how long a page is good; that a signed payment can be
 * deleted no more and is then told as missing; that a payment for today is booked as soon as it is signed. Refusals of
 * key, token and quota are taken for the accounts API's. Not simulated: signing by SMS code, bulk payments, standing
 * orders, direct debits.
 */

const SIGNING = 'USERAGENT_REDIRECT';
const POLL_MS = 5_000;

/** `createPayment`: keeps a payment for signature. */
export function createPayment({ request, books, visible, now, payments }: Call): SandboxResponse {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new PaymentRefusal(415, { error: 'UNSUPPORTED_MEDIA_TYPE' });
  const order = readPaymentOrder(request.body, { ledgers: books.ledgers, visible, now });
  const payment = payments.take(order);
  return answered(200, {
    ...order.body,
    paymentIdentification: {
      ...membersOf(order.body['paymentIdentification']),
      transactionIdentification: payment.id,
    },
    paymentTypeInformation: {
      ...membersOf(order.body['paymentTypeInformation']),
      instructionPriority: order.priority,
      serviceLevel: { code: order.service },
    },
    signInfo: { ...signInfoOf(payment), hash: payment.hash },
    instructionStatus: statusOf(payment),
  });
}

/** Members of what was read as an object, or left out. */
const membersOf = (value: unknown): object => (value ?? {}) as object;

const signInfoOf = (payment: Payment): { readonly signId: string; readonly state: string } => ({
  signId: payment.signId,
  state: signingOf(payment),
});

/** `federateSigning`: a page of internet banking on which the payer signs. */
export function federateSigning(call: Call): SandboxResponse {
  const { request, parameters, signing } = call;
  const payment = signedUnder(call);
  if (parameters['hash'] !== payment.hash)
    throw new PaymentRefusal(400, { error: 'PARAMETER_INVALID', scope: 'hash' });
  const callback = callbackIn(request.headers['callback-uri']);
  if (signingOf(payment) !== 'OPEN')
    throw new PaymentRefusal(400, { error: 'INCORRECT_SIGNID', scope: 'signId' });
  const visit = signing.open(payment, callback);
  return answered(200, {
    validTo: pragueDateTime(visit.validTo).replace(/\.\d+/, ''),
    signingUrl: `https://${request.headers['host'] ?? 'localhost'}${visit.path}`,
    poll: { id: visit.pollId, interval: POLL_MS },
    signInfo: signInfoOf(payment),
  });
}

/** A real bank wants HTTPS; a simulated one takes the local gateway's address as well. */
function callbackIn(header: string | undefined): string {
  if (header === undefined) throw new PaymentRefusal(400, { error: 'FIELD_MISSING', scope: 'Callback-Uri' });
  const url = URL.canParse(header) ? new URL(header) : null;
  const local = url?.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname);
  if (url && (url.protocol === 'https:' || local)) return header;
  throw new PaymentRefusal(400, { error: 'INVALID_AUTHORIZATION_REDIRECT_URI', scope: 'Callback-Uri' });
}

/** `signingState`: whether a payment is signed, and the ways to sign it. */
export function signingState(call: Call): SandboxResponse {
  return answered(200, { scenarios: [[SIGNING]], signInfo: signInfoOf(signedUnder(call)) });
}

/** `signingPoll`: the same for who opened a signing page. */
export function signingPoll({ parameters, signing, visible }: Call): SandboxResponse {
  const payment = signing.byPoll(parameters['poll'] ?? '')?.payment;
  if (!payment || !visible.includes(payment.order.debtor))
    throw new PaymentRefusal(404, { error: 'ID_NOT_FOUND', scope: 'pollId' });
  return answered(200, { signInfo: signInfoOf(payment) });
}

function signedUnder({ parameters, payments, visible }: Call): Payment {
  const payment = payments.bySignId(parameters['sign'] ?? '');
  if (payment && visible.includes(payment.order.debtor)) return payment;
  throw new PaymentRefusal(404, { error: 'ID_NOT_FOUND', scope: 'signId' });
}

/** `paymentStatus`: how far a payment went. */
export function paymentStatus(call: Call): SandboxResponse {
  return answered(200, { instructionStatus: statusOf(paymentOf(call)) });
}

/** `deletePayment`: takes back a payment nobody signed. */
export function deletePayment(call: Call): SandboxResponse {
  const payment = paymentOf(call);
  if (payment.stage !== 'unsigned') throw missing();
  payment.stage = 'deleted';
  return { status: 200, headers: {}, body: new Uint8Array() };
}

function paymentOf({ parameters, payments, visible }: Call): Payment {
  const payment = payments.byId(parameters['payment'] ?? '');
  if (payment && visible.includes(payment.order.debtor)) return payment;
  throw missing();
}

const missing = (): PaymentRefusal =>
  new PaymentRefusal(404, { error: 'TRANSACTION_MISSING', scope: 'paymentId' });

/** A status that the contract does not have. */
export function unheardOf(misbehaviour: Misbehaviour, response: SandboxResponse): SandboxResponse {
  if (misbehaviour.kind !== 'unknown-status' || response.status !== 200 || response.body.length === 0)
    return response;
  const body = JSON.parse(Buffer.from(response.body).toString('utf8')) as Record<string, unknown>;
  const { code = 'UNDER_REVIEW' } = misbehaviour;
  return 'instructionStatus' in body ? answered(200, { ...body, instructionStatus: code }) : response;
}
