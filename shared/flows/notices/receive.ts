import { notFound, Problem } from '../../api/problem.ts';
import { manifestOf } from '../../banks/catalog.ts';
import { loadBank } from '../../banks/connectors.ts';
import type { KeyShelf, Notice } from '../../banks/contract.ts';
import { Failure, printable } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import type { Account, Connection } from '../../domain/records.ts';
import type { Subscription } from '../../store/notices.ts';
import type { Queue } from '../../store/queues.ts';
import { knownFields } from '../consent/secrets.ts';
import { atGate, secretsOf } from '../gateway.ts';
import type { PullMessage } from '../pull/message.ts';
import type { NoticePorts } from './switch.ts';

export interface ReceivePorts extends NoticePorts {
  readonly queue: Queue<PullMessage>;
}

/**
 * What became of a notice: `planned` a pull is on its way, `joined` one that is planned already will see it, `replayed`
 * it came before, `old` it was signed too long ago, `idle` the account is not pulled in this moment.
 */
export type NoticeOutcome = 'planned' | 'joined' | 'replayed' | 'old' | 'idle';

/** Behind an outage banks send notices of several hours (Česká spořitelna: four). */
const OLDEST_MS = 5 * 3_600_000;
/** How far a bank's clock may be ahead. */
const AHEAD_MS = 5 * 60_000;
/** A booking rarely comes alone: the pull waits a little for the others, and the next one a minute. */
const GATHER_MS = 5_000;
const APART_MS = 60_000;
/** The bank is asked for its keys no more often, whoever knocks. */
const KEYS_MS = 5 * 60_000;
/** Seconds after which a bank may try again what could not be judged. */
const AGAIN = 60;
const ROUNDS = 5;

/**
 * Takes a notice of a bank: found by the unguessable id of its address, proven by the bank's signature, taken once, and
 * answered by a pull of its account. Nothing it says is believed or kept; many of them make one pull.
 * @param deadline epoch milliseconds
 * @throws Problem 404 alike for an address nobody has and a notice that is not the bank's; 503 when that cannot be told now
 */
export async function receiveNotice(
  ports: ReceivePorts,
  id: string,
  notice: Notice,
  deadline: number,
): Promise<NoticeOutcome> {
  const subscription = await ports.notices.find(id);
  const account = subscription && (await ports.accounts.get(subscription.company, subscription.account));
  const connection = account && (await ports.connections.get(account.company, account.connection));
  if (!subscription || !connection) throw notFound('address');
  const signed = await verified(ports, subscription, connection, notice, deadline);
  if (!signed) {
    ports.log.warn('notice.refused', { account: account.id });
    throw notFound('address');
  }
  const outcome = await taken(ports, subscription, account, connection, signed);
  ports.log.info('notice.taken', { account: account.id, outcome });
  return outcome;
}

interface Signed {
  readonly nonce: string;
  readonly signedAt: number;
}

/** What a notice of the bank tells of itself; `null` for any other. @throws Problem 503 */
async function verified(
  ports: ReceivePorts,
  subscription: Subscription,
  connection: Connection,
  notice: Notice,
  deadline: number,
): Promise<Signed | null> {
  const { keys, keysAskedAt } = subscription;
  const { verifyNotice } = await offline(ports, connection);
  try {
    return await verifyNotice!(notice, { get: () => keys, put: () => undefined });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.kind === 'rejected') return null;
  }
  if (ports.clock.now() - keysAskedAt < KEYS_MS) {
    if (keys === null) throw undecided();
    return null;
  }
  return withFreshKeys(ports, subscription, connection, notice, deadline);
}

/** A connector that reaches nobody: a notice is judged by the keys that are kept. */
async function offline(ports: ReceivePorts, connection: Connection) {
  const { connect } = await loadBank(connection.bank);
  const reach = () => Promise.reject(new Failure('unsupported', 'A notice is judged without the bank'));
  return connect({
    environment: connection.environment,
    config: connection.config,
    secrets: secretsOf(await knownFields(ports, connection)),
    origin: '',
    call: reach,
    consent: { identity: '', token: reach },
  });
}

/** The keys that are kept do not fit: the bank may have new ones, or somebody else knocks. */
async function withFreshKeys(
  ports: ReceivePorts,
  subscription: Subscription,
  connection: Connection,
  notice: Notice,
  deadline: number,
): Promise<Signed | null> {
  const { clock, connections, notices } = ports;
  const credential =
    connection.credential === null
      ? null
      : await connections.credential(connection.company, connection.credential);
  if (!credential) throw undecided();
  const manifest = await manifestOf(connection.bank);
  const holder = newId('ntc', clock.now(), ports.random);
  let fresh: string | null = null;
  const shelf: KeyShelf = { get: () => fresh, put: (keys) => void (fresh = keys) };
  try {
    const passage = await atGate(ports, credential, { manifest, holder, deadline }, async ({ connect }) => {
      await notices.change(subscription, { keysAskedAt: clock.now() });
      const { connector } = await connect(connection);
      try {
        return await connector.verifyNotice!(notice, shelf);
      } finally {
        if (fresh !== null) await notices.change(subscription, { keys: fresh });
      }
    });
    if (passage.state === 'done') return passage.value;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.kind === 'rejected') return null;
    ports.log.warn('notice.undecided', {
      connection: connection.id,
      kind: error.kind,
      reason: error.message,
    });
  }
  throw undecided();
}

const undecided = (): Problem =>
  new Problem({
    status: 503,
    code: 'undecided',
    title: 'Try again',
    detail: `This cannot be judged in this moment; send it again in ${AGAIN} seconds.`,
    retryAfter: AGAIN,
  });

async function taken(
  ports: ReceivePorts,
  subscription: Subscription,
  account: Account,
  connection: Connection,
  { nonce, signedAt }: Signed,
): Promise<NoticeOutcome> {
  const { clock, notices } = ports;
  const now = clock.now();
  if (signedAt < now - OLDEST_MS || signedAt > now + AHEAD_MS) return 'old';
  if (await notices.came(subscription, nonce)) return 'replayed';
  const { status, credential } = connection;
  const pulled = status === 'active' && account.active && account.settings.enabled;
  const outcome =
    pulled && credential !== null ? await planned(ports, subscription, account, credential) : 'idle';
  // Last, so that a notice whose pull could not be queued is taken when it comes again.
  await notices.remember(subscription, nonce, signedAt + OLDEST_MS);
  return outcome;
}

/**
 * Queues a pull, unless one that is still to begin will see what this notice tells of. Never two within a minute, and
 * never none: a notice behind the beginning of the last pull gets another one.
 */
async function planned(
  { clock, notices, queue, log }: ReceivePorts,
  subscription: Subscription,
  { id, company }: Account,
  credential: string,
): Promise<NoticeOutcome> {
  let standing: Subscription | null = subscription;
  for (let round = 1; standing && round <= ROUNDS; round++) {
    const now = clock.now();
    if (standing.plannedAt > now) return 'joined';
    const at = Math.max(now + GATHER_MS, standing.plannedAt + APART_MS);
    if (await notices.plan(standing, at)) {
      const accounts = [{ account: id, pull: null }];
      const message: PullMessage = {
        version: 1,
        company,
        credential,
        slot: null,
        accounts,
        postponed: 0,
        continued: 0,
      };
      try {
        await queue.send(message, (at - now) / 1000);
        return 'planned';
      } catch (error) {
        log.error('alarm.notices', { account: id, ...printable(error) });
        await notices.plan({ ...standing, plannedAt: at }, standing.plannedAt);
        throw error;
      }
    }
    standing = await notices.get(company, id);
  }
  return 'joined';
}
