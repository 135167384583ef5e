import { createHash } from 'node:crypto';
import { formatMoney } from '../../../shared/domain/money.ts';
import type { SandboxClock, SandboxRequest, SandboxResponse } from '../types.ts';
import { errorPage, escape, page } from './identity/pages.ts';
import type { Payment, PaymentBook } from './payment-book.ts';

/** One visit to internet banking to sign a payment. */
export interface SigningVisit {
  /** Path of the page. */
  readonly path: string;
  readonly pollId: string;
  readonly payment: Payment;
  /** Where the browser goes afterwards. */
  readonly callback: string;
  /** The bank's epoch milliseconds. */
  readonly validTo: number;
}

/** The pages of internet banking on which payers sign; plain HTML without scripts, open to everybody with the address. */
export interface SigningPages {
  /** A new page for a payment; older ones of it stay good until one of them, or a lever, has settled it. */
  open(payment: Payment, callback: string): SigningVisit;
  byPoll(pollId: string): SigningVisit | undefined;
  /** `null` for a path that is not internet banking's. */
  handle(request: SandboxRequest): SandboxResponse | null;
}

const BASE = '/sign/';
const VALID_MS = 600_000;

export function signingPages(seed: string, clock: SandboxClock, book: PaymentBook): SigningPages {
  const visits: SigningVisit[] = [];

  function answer({ method, path, body }: SandboxRequest): SandboxResponse {
    const visit = visits.find((one) => one.path === path);
    if (!visit) return html(404, errorPage('Not found', 'There is nothing to sign under this address.'));
    if (method !== 'GET' && method !== 'POST')
      return html(405, errorPage('Not so', 'This page is opened, and its form sent.'));
    const { payment, validTo } = visit;
    if (validTo <= clock.now() || payment.stage !== 'unsigned')
      return html(
        410,
        errorPage('Too late', 'The payment is settled, or the time of this page is over. Nothing was done.'),
      );
    if (method === 'GET') return html(200, signingPage(payment), visit.callback);
    const action = new URLSearchParams(Buffer.from(body).toString('utf8')).get('action');
    if (action !== 'sign' && action !== 'cancel')
      return html(400, errorPage('Not so', 'Press one of the two buttons of the page.'));
    book.settle(payment, action === 'sign' ? 'signed' : 'cancelled');
    return {
      status: 303,
      headers: { location: visit.callback, 'cache-control': 'no-store' },
      body: new Uint8Array(),
    };
  }

  return {
    open: (payment, callback) => {
      const token = createHash('sha256').update(`${seed}|visit|${visits.length}`).digest('hex');
      const visit = {
        path: BASE + token.slice(0, 32),
        pollId: token.slice(32),
        payment,
        callback,
        validTo: clock.now() + VALID_MS,
      };
      visits.push(visit);
      return visit;
    },
    byPoll: (pollId) => visits.find((visit) => visit.pollId === pollId && visit.payment.stage !== 'deleted'),
    handle: (request) => (request.path.startsWith(BASE) ? answer(request) : null),
  };
}

function signingPage({ order }: Payment): string {
  const { debtor, creditor, minor, currency } = order;
  const lines = [
    ['Amount', `${formatMoney({ minor, currency })} ${currency}`],
    ['From', debtor.key.account.iban],
    ['To', [creditor.iban, creditor.name].filter((part) => part !== null).join(', ')],
    ['On', order.day ?? 'at once'],
    ['Variable symbol', order.variable],
    ['Constant symbol', order.constant],
    ['Specific symbol', order.specific],
    ['Message', order.message],
    ['Reference', order.reference],
  ].flatMap(([name, value]) => (value ? [`<dt>${name}</dt><dd>${escape(value)}</dd>`] : []));
  return page(
    'Sign a payment',
    `<p>A simulated bank: there is no code to enter.</p>
<dl>${lines.join('')}</dl>
<form method="post"><button type="submit" name="action" value="sign">Sign</button>
<button type="submit" name="action" value="cancel">Cancel</button></form>`,
  );
}

/** @param callback address the form's answer leads to, which browsers hold against `form-action` as well */
function html(status: number, text: string, callback?: string): SandboxResponse {
  const forms = callback === undefined ? "'none'" : `'self' ${new URL(callback).origin}`;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; form-action ${forms}; frame-ancestors 'none'; base-uri 'none'`,
    },
    body: Buffer.from(text),
  };
}
