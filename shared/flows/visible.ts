import { maySee, type Caller } from '../api/caller.ts';
import { notFound, Problem } from '../api/problem.ts';
import type { FeedEvent } from '../domain/event.ts';
import type { Account, Connection, Credential } from '../domain/records.ts';
import type { PaymentRecord } from '../domain/payment.ts';
import type { Accounts } from '../store/accounts.ts';
import type { Connections } from '../store/connections.ts';
import type { Payments } from '../store/payments.ts';

/** What a caller sees. An id of another company, or of another user, is answered like one that does not exist. */

/** @throws Problem 404 */
export async function visibleConnection(
  store: { connections: Connections },
  caller: Caller,
  id: string | undefined,
): Promise<Connection> {
  const connection = id ? await store.connections.get(caller.company, id) : null;
  if (!connection || !maySee(caller, connection.user)) throw notFound('connection');
  return connection;
}

export async function visibleConnections(
  store: { connections: Connections },
  caller: Caller,
): Promise<Connection[]> {
  return (await store.connections.list(caller.company)).filter(({ user }) => maySee(caller, user));
}

/** @throws Problem 404 */
export async function visibleAccount(
  store: { accounts: Accounts },
  caller: Caller,
  id: string | undefined,
): Promise<Account> {
  const account = id ? await store.accounts.get(caller.company, id) : null;
  if (!account || !maySee(caller, account.user)) throw notFound('account');
  return account;
}

export async function visibleAccounts(store: { accounts: Accounts }, caller: Caller): Promise<Account[]> {
  return (await store.accounts.list(caller.company)).filter(({ user }) => maySee(caller, user));
}

/** @throws Problem 404 */
export async function visiblePayment(
  store: { payments: Payments },
  caller: Caller,
  id: string | undefined,
): Promise<PaymentRecord> {
  const payment = id ? await store.payments.get(caller.company, id) : null;
  if (!payment || !maySee(caller, payment.user)) throw notFound('payment');
  return payment;
}

/** The credentials some connections refer to, by id. */
export async function credentialsOf(
  store: { connections: Connections },
  connections: readonly Connection[],
): Promise<Map<string, Credential>> {
  const found = new Map<string, Credential>();
  for (const { company, credential, candidate } of connections) {
    for (const id of [credential, candidate]) {
      if (id === null || found.has(id)) continue;
      const record = await store.connections.credential(company, id);
      if (record) found.set(id, record);
    }
  }
  return found;
}

/**
 * Refuses a user's key what belongs to the whole company: it uses company connections, but administers its own only.
 * @throws Problem 403
 */
export function requireOwn<T extends { readonly user: string | null }>(caller: Caller, owned: T): T {
  if (caller.user === null || owned.user === caller.user) return owned;
  throw new Problem({
    status: 403,
    code: 'not-yours',
    title: 'This belongs to the whole company',
    detail: `A key of the user "${caller.user}" administers that user's own connections only; use a key of no user.`,
  });
}

/** The events a caller may hear of: a user's key hears of what it may see, a key of no user of everything. */
export async function visibleEvents(
  store: { connections: Connections; accounts: Accounts },
  caller: Caller,
  events: readonly FeedEvent[],
): Promise<readonly FeedEvent[]> {
  if (caller.user === null) return events;
  const [connections, accounts] = await Promise.all([
    store.connections.list(caller.company),
    store.accounts.list(caller.company),
  ]);
  const hidden = new Set(
    [...connections, ...accounts].filter(({ user }) => !maySee(caller, user)).map(({ id }) => id),
  );
  // A statement's id begins with its account's; a pull names its account, a payment its connection.
  const about = ({ subject, data }: FeedEvent): string[] => [
    subject.split('-')[0]!,
    String(data['account'] ?? ''),
    String(data['connection'] ?? ''),
  ];
  return events.filter((event) => !about(event).some((id) => hidden.has(id)));
}
