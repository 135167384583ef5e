import { maySee, type Caller } from '../../shared/api/caller.ts';
import { cursorOf, sortKeyOf } from '../../shared/api/paging.ts';
import { notFound, Problem } from '../../shared/api/problem.ts';
import * as routes from '../../shared/api/routes/payments.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { acceptedView, paymentDetailView, paymentItemView, paymentView } from '../../shared/api/views.ts';
import { Marks } from '../../shared/domain/marks.ts';
import { groupsFromJson, paymentsOf } from '../../shared/domain/order-json.ts';
import type { PaymentRecord } from '../../shared/domain/payment.ts';
import { DEFAULT_POLICY } from '../../shared/domain/records.ts';
import { acceptOrder, keyReused } from '../../shared/flows/payments/accept.ts';
import { approvePayment, cancelPayment, resolvePayment } from '../../shared/flows/payments/decide.ts';
import { handOut } from '../../shared/flows/payments/file.ts';
import { listPayments } from '../../shared/flows/payments/list.ts';
import { draftOfFile, draftOfJson } from '../../shared/flows/payments/order.ts';
import { requireOwn, visibleAccounts, visiblePayment } from '../../shared/flows/visible.ts';
import { log, openStore } from '../compose.ts';
import { orderPorts } from '../order-ports.ts';

const store = openStore();
const ports = orderPorts(store);

const visible = (caller: Caller, id: string | undefined): Promise<PaymentRecord> =>
  visiblePayment(store, caller, id);

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.createPayment, async ({ caller, body, bytes, mediaType, headers }) => {
    const accounts = await visibleAccounts(store, caller);
    const account = body && (accounts.find(({ id }) => id === body.account) ?? null);
    const { payment, replayed } = await acceptOrder(ports, {
      caller,
      source: 'api',
      hook: null,
      idempotencyKey: keyOf(headers['idempotency-key']),
      bytes,
      mediaType,
      draft: body ? draftOfJson(body, account) : await draftOfFile(bytes, accounts),
      alwaysApprove: false,
    });
    // A key is the company's: it may have made an order on somebody else's own connection.
    if (replayed && !maySee(caller, payment.user)) throw keyReused();
    return {
      body: acceptedView(payment),
      headers: {
        location: `/payments/${payment.id}`,
        ...(replayed ? { 'idempotency-replayed': 'true' } : {}),
      },
    };
  }),

  on(routes.listPayments, async ({ caller, query }) => {
    const { items, next } = await listPayments(ports, caller.company, {
      after: sortKeyOf(query.cursor, 'payment#'),
      limit: query.limit,
      isWanted: ({ user, state }) =>
        maySee(caller, user) && (query.state === undefined || state === query.state),
    });
    return { body: { items: items.map(paymentView), next: cursorOf(next) } };
  }),

  on(routes.getPayment, async ({ caller, params }) => ({
    body: paymentDetailView(await visible(caller, params['id'])),
  })),

  on(routes.listPaymentItems, async ({ caller, params, query }) => {
    const payment = await visible(caller, params['id']);
    const { sha256 } = payment.documents.find(({ kind }) => kind === 'order')!;
    const bytes = await ports.archive.read(caller.company, 'order', sha256);
    if (!bytes) throw notFound('order in the archive');
    const all = paymentsOf(groupsFromJson(bytes));
    const settled = new Marks(payment.settled, all.length);
    const first = (query.after ?? -1) + 1;
    const items = all
      .slice(first, first + query.limit)
      .map((one, at) => paymentItemView(payment, first + at, one, settled.has(first + at)));
    const last = first + items.length - 1;
    return { body: { items, next: last + 1 < all.length ? last : null } };
  }),

  on(routes.paymentFile, async ({ caller, params }) => {
    // At most as large as the bank takes, which is far below what an answer carries.
    const { bytes, mediaType, fileName } = await handOut(ports, await visible(caller, params['id']));
    return {
      body: bytes,
      headers: {
        'content-type': mediaType,
        'content-disposition': `attachment; filename="${fileName}"`,
        'x-content-type-options': 'nosniff',
      },
    };
  }),

  on(routes.cancelPayment, async ({ caller, params }) => ({
    body: paymentDetailView(await cancelPayment(ports, await visible(caller, params['id']))),
  })),

  on(routes.approvePayment, async ({ caller, params, body }) => {
    const payment = await visible(caller, params['id']);
    const decision = { approve: body.approve, reason: body.reason ?? null };
    return { body: paymentDetailView(await approvePayment(ports, caller, payment, decision)) };
  }),

  on(routes.resolvePayment, async ({ caller, params, body }) => ({
    body: paymentDetailView(await resolvePayment(ports, await visible(caller, params['id']), body)),
  })),

  on(routes.getPolicy, async ({ caller }) => ({
    body: (await store.companies.get(caller.company))?.policy ?? DEFAULT_POLICY,
  })),

  on(routes.setPolicy, async ({ caller, body }) => {
    requireOwn(caller, { user: null });
    await store.companies.setPolicy(caller.company, body, caller.key);
    return { body };
  }),
]);

/** A key of the caller's own making, unique for each order. @throws Problem 400 */
function keyOf(header: string | undefined): string {
  const key = header?.replace(/^"(.*)"$/, '$1') ?? '';
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem({
    status: 400,
    code: 'idempotency-key-missing',
    title: 'Idempotency-Key missing',
    detail:
      'Send the header Idempotency-Key with an id of your own for this order (1 to 255 plain characters), and the ' +
      'same one when you repeat it: then it is never paid twice.',
  });
}
