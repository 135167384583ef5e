import { manifestOf } from '../../banks/catalog.ts';
import { printable } from '../../domain/failure.ts';
import type { Connection } from '../../domain/records.ts';
import type { Companies } from '../../store/companies.ts';
import type { DuePayment, Payments } from '../../store/payments.ts';
import type { CredentialPorts } from '../certificates.ts';
import { strikeRetired } from '../consent/retire.ts';
import { heal, LOOK_MS } from './heal.ts';
import { tellStale } from './stale.ts';
import { tellEnds } from './tell.ts';
import { openOrders, remindOfOrders } from './waiting.ts';

export interface WatchPorts extends CredentialPorts {
  readonly companies: Companies;
  readonly payments: Payments;
}

export interface Watched {
  readonly companies: number;
  readonly connections: number;
  /** Connections that are in use again. */
  readonly healed: number;
}

/** Does one part; what breaks it is told and counted, and the others go on. */
type Attempt = (about: { company?: string; connection?: string }, work: () => Promise<void>) => Promise<void>;

/**
 * The daily round (design, chapter 5, Watch): over every company's connections, tells what ends soon, what is stale and
 * what waits, erases what is left of consents that others took the place of, then looks whether connections that are not
 * in use can be used again. Whatever it tells is remembered with
 * the telling, so it may be run at any time, twice, or again after it died. One company or connection that cannot be
 * read stops no other.
 * @param deadline epoch milliseconds at which the invocation ends
 * @throws Error when something could not be looked at: the invocation is repeated, and does only what is left
 */
export async function watchAll(ports: WatchPorts, deadline: number): Promise<Watched> {
  const companies = await ports.companies.all();
  const orders = await openOrders(ports.payments, ports.clock.now());
  const seen: Connection[] = [];
  let failed = 0;
  const attempt: Attempt = async (about, work) => {
    try {
      await work();
    } catch (error) {
      failed += 1;
      ports.log.error('alarm.watch', { ...about, ...printable(error) });
    }
  };
  for (const company of companies) {
    if (ports.clock.now() >= deadline) throw new Error('The daily round did not end in its time');
    await attempt({ company }, async () => {
      const connections = await ports.connections.list(company);
      seen.push(...connections);
      const own = orders.filter((order) => order.company === company);
      await tellCompany(ports, company, connections, own, attempt);
    });
  }
  for (const connection of seen)
    await attempt({ connection: connection.id }, () => strikeRetired(ports, connection));
  // What talks to banks comes last: what is to be told waits for none of them, and the next day goes on.
  let healed = 0;
  for (const connection of seen.filter(({ status }) => status !== 'active')) {
    if (ports.clock.now() + LOOK_MS >= deadline) break;
    await attempt({ connection: connection.id }, async () => {
      if (await heal(ports, connection)) healed += 1;
    });
  }
  ports.log.info('watch.done', { items: seen.length, failures: failed });
  if (failed > 0) throw new Error(`${failed} parts of the daily round failed: see alarm.watch in the log`);
  return { companies: companies.length, connections: seen.length, healed };
}

async function tellCompany(
  ports: WatchPorts,
  company: string,
  connections: readonly Connection[],
  orders: readonly DuePayment[],
  attempt: Attempt,
): Promise<void> {
  const accounts = await ports.accounts.list(company);
  for (const connection of connections) {
    await attempt({ connection: connection.id }, async () => {
      const { credential: id } = connection;
      const credential = id === null ? null : await ports.connections.credential(company, id);
      if (!credential) return;
      await tellEnds(ports, connection, credential, await manifestOf(connection.bank));
      await tellStale(ports, connection, credential, accounts);
    });
  }
  await remindOfOrders(ports, connections, orders);
}
