import { conflict, connectionNotActive, unprocessable } from '../../api/problem.ts';
import { manifestOf } from '../../banks/catalog.ts';
import type { Connector, KeyShelf, Manifest } from '../../banks/contract.ts';
import { isoInstant } from '../../domain/dates.ts';
import { Failure, printable } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import type { LogFields } from '../../domain/ports.ts';
import type { Account, Connection } from '../../domain/records.ts';
import type { Accounts } from '../../store/accounts.ts';
import type { Connections } from '../../store/connections.ts';
import type { Notices, Subscription } from '../../store/notices.ts';
import { refOf } from '../account-ref.ts';
import { noPassage, problemOf } from '../bank-problem.ts';
import { atGate, type BankPorts, type Passage } from '../gateway.ts';

/** Whether a bank is asked to send notices of an account. */

export interface NoticePorts extends BankPorts {
  readonly connections: Connections;
  readonly accounts: Accounts;
  readonly notices: Notices;
}

/** The path of the route that takes notices, without its id. */
const PATH = '/notices/';

/**
 * Switches the notices of an account on. Our side is written first, so that no notice comes to an address nobody knows;
 * doing it again subscribes anew where the bank has forgotten.
 * @param publicUrl address of this gateway as the bank knows it, without a slash at its end
 * @throws Problem 409 at a bank without notices or on a connection that is not in use, 422 without a public address
 */
export async function switchOn(
  ports: NoticePorts,
  account: Account,
  publicUrl: string,
  deadline: number,
): Promise<Subscription> {
  const connection = await ports.connections.get(account.company, account.connection);
  const manifest = await manifestOf(account.bank);
  if (!manifest.evidence.notices) {
    throw conflict('no-notices', `${manifest.name} sends no notices; its accounts are pulled every hour.`);
  }
  if (connection?.status !== 'active') {
    throw connectionNotActive(connection, 'Authorise it first.');
  }
  if (!publicUrl.startsWith('https://') && connection.environment !== 'simulated') {
    throw unprocessable(
      'no-public-address',
      'The bank sends notices to a public https address only. Deploy the gateway, or set PUBLIC_URL to its address.',
    );
  }
  const standing =
    (await ports.notices.get(account.company, account.id)) ?? (await added(ports, account, publicUrl));
  const url = publicUrl + PATH + standing.id;
  try {
    const passage = await atBank(ports, manifest, connection, deadline, async (connector) => {
      // The bank still sends to an address the gateway had before.
      if (standing.url !== url && standing.bankId !== null)
        await connector.unsubscribe!(refOf(account), standing.bankId);
      return subscribed(ports, connector, account, { ...standing, url });
    });
    if (passage.state !== 'done') throw noPassage(manifest, passage, ports.clock.now());
    return passage.value;
  } catch (error) {
    throw error instanceof Failure ? problemOf(manifest, error, ports.clock.now()) : error;
  }
}

function added(
  ports: NoticePorts,
  { company, id: account }: Account,
  publicUrl: string,
): Promise<Subscription> {
  const id = Buffer.from(ports.random.bytes(32)).toString('base64url');
  return ports.notices.add({
    company,
    account,
    id,
    url: publicUrl + PATH + id,
    bankId: null,
    keys: null,
    keysAskedAt: 0,
    plannedAt: 0,
    since: isoInstant(ports.clock.now()),
  });
}

async function subscribed(
  { clock, notices }: NoticePorts,
  connector: Connector,
  account: Account,
  subscription: Subscription,
): Promise<Subscription> {
  let keys = subscription.keys;
  const shelf: KeyShelf = { get: () => keys, put: (fresh) => void (keys = fresh) };
  const bankId = await connector.subscribe!(refOf(account), subscription.url, shelf);
  return notices.change(subscription, { url: subscription.url, bankId, keys, keysAskedAt: clock.now() });
}

/**
 * Switches the notices of an account off. The bank is told as well as can be: whatever it sends on finds nobody.
 * @throws what our own tables throw
 */
export async function switchOff(ports: NoticePorts, account: Account, deadline: number): Promise<void> {
  const subscription = await ports.notices.get(account.company, account.id);
  if (!subscription) return;
  const connection = await ports.connections.get(account.company, account.connection);
  if (connection?.status === 'active') {
    const manifest = await manifestOf(account.bank);
    await unlessFailing(ports, { account: account.id }, async () => {
      const passage = await atBank(ports, manifest, connection, deadline, (connector) =>
        unsubscribe(connector, account, subscription),
      );
      if (passage.state !== 'done') throw busy();
    });
  }
  await ports.notices.remove(subscription);
}

/** Takes a subscription back at the bank. */
export async function unsubscribe(
  connector: Connector,
  account: Account,
  { bankId }: Subscription,
): Promise<void> {
  if (bankId !== null) await connector.unsubscribe?.(refOf(account), bankId);
}

/**
 * Subscribes anew under a renewed consent whatever was subscribed under the one before: the bank does not tell whether a
 * subscription outlives its consent, and the same address twice is one subscription. What fails is told and stays as it
 * was: the hourly pull goes on, and switching the account's notices on again repairs it.
 */
export async function renewNotices(
  ports: NoticePorts,
  connection: Connection,
  deadline: number,
): Promise<void> {
  const standing = await subscriptionsOf(ports, connection);
  if (standing.length === 0) return;
  const manifest = await manifestOf(connection.bank);
  await unlessFailing(ports, { connection: connection.id }, async () => {
    const passage = await atBank(ports, manifest, connection, deadline, async (connector) => {
      for (const { account, subscription } of standing)
        await unlessFailing(ports, { account: account.id }, () =>
          subscribed(ports, connector, account, subscription),
        );
    });
    if (passage.state !== 'done') throw busy();
  });
}

const busy = (): Failure => new Failure('transient', 'The bank cannot be asked in this moment');

/** The subscriptions of a connection's accounts. */
export async function subscriptionsOf(
  { notices, accounts }: Pick<NoticePorts, 'notices' | 'accounts'>,
  { company, id }: Connection,
): Promise<{ account: Account; subscription: Subscription }[]> {
  const all = await notices.list(company);
  const byId = new Map(
    (
      await accounts.getMany(
        company,
        all.map((one) => one.account),
      )
    ).map((account) => [account.id, account]),
  );
  return all.flatMap((subscription) => {
    const account = byId.get(subscription.account);
    return account?.connection === id ? [{ account, subscription }] : [];
  });
}

async function atBank<T>(
  ports: NoticePorts,
  manifest: Manifest,
  connection: Connection,
  deadline: number,
  work: (connector: Connector) => Promise<T>,
): Promise<Passage<T>> {
  const credential =
    connection.credential === null
      ? null
      : await ports.connections.credential(connection.company, connection.credential);
  if (!credential) throw new Failure('consent-needed', 'There is no consent: authorise the connection');
  const holder = newId('ntc', ports.clock.now(), ports.random);
  return atGate(ports, credential, { manifest, holder, deadline }, async ({ connect }) =>
    work((await connect(connection)).connector),
  );
}

/** Does what must not stop the rest; what failed is told. */
export async function unlessFailing(
  { log }: Pick<NoticePorts, 'log'>,
  about: LogFields,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const why = error instanceof Failure ? { kind: error.kind, reason: error.message } : printable(error);
    log.error('alarm.notices', { ...about, ...why });
  }
}
