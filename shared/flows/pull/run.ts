import { manifestOf } from '../../banks/catalog.ts';
import { isoInstant } from '../../domain/dates.ts';
import { Failure, printable } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import type { Account, Connection, Credential, LastPull } from '../../domain/records.ts';
import { refOf } from '../account-ref.ts';
import { EFFECTS } from '../effects.ts';
import { atGate, type Session } from '../gateway.ts';
import { pauseConnection, pauseCredential } from '../pause.ts';
import { pullAccount } from './account.ts';
import type { PullMessage, PullTarget } from './message.ts';
import { LeaseLost, TimeShort, type AccountRun, type PullPorts } from './ports.ts';

/** Time kept back for the last writes of a page in flight. */
const RESERVE_MS = 30_000;
/** Seconds until a pull somebody asked for is tried again behind a busy credential. */
const BUSY_DELAY = 20;
/** Tries of a scheduled pull behind a busy credential: longer than a payment, or a pull of the slot before, holds it. */
const BUSY_ROUNDS = 20;
/** Postponements before such a pull is given up: longer than a bank's silence of a day. */
const POSTPONEMENTS = 200;
/** Runs one message may take for want of time: more would spend a day's calls on a list that never ends in time. */
const CONTINUATIONS = 24;

/**
 * Runs one message of the pull queue: takes the credential's lease and walks its accounts in order. A failure of one
 * account never stops another, unless it concerns the credential they share. What time does not allow goes back to
 * the queue.
 * @param deadline epoch milliseconds at which the invocation ends
 */
export async function runPulls(ports: PullPorts, message: PullMessage, deadline: number): Promise<void> {
  const credential = await ports.connections.credential(message.company, message.credential);
  const targets = await targetsOf(ports, message);
  if (!credential || targets.length === 0) return;
  try {
    await pullAtGate(ports, message, credential, targets[0]!.account.bank, deadline);
  } catch (error) {
    // Nothing in the vault for this credential: only a person can help.
    if (!(error instanceof Failure) || EFFECTS[error.kind].pauses !== 'credential') throw error;
    await pauseCredential(ports, message.company, credential.id, error);
    for (const { target, account } of targets) {
      const connection = await ports.connections.get(message.company, account.connection);
      if (!(await movedOn(ports, message, target, connection))) await end(ports, account, target, error);
    }
  }
}

async function pullAtGate(
  ports: PullPorts,
  message: PullMessage,
  credential: Credential,
  bank: string,
  deadline: number,
): Promise<void> {
  const manifest = await manifestOf(bank);
  const holder = newId('run', ports.clock.now(), ports.random);
  const passage = await atGate(ports, credential, { manifest, holder, deadline }, async (session) =>
    // Read again: what was due before the lease may be done by now.
    walk(ports, message, credential, await targetsOf(ports, message), session, deadline - RESERVE_MS),
  );
  if (passage.state === 'held' && message.postponed < BUSY_ROUNDS) {
    return ports.queue.send({ ...message, postponed: message.postponed + 1 }, BUSY_DELAY);
  }
  if (passage.state === 'held') return postpone(ports, message, BUSY_DELAY);
  if (passage.state === 'silent') {
    return postpone(ports, message, (passage.notBefore - ports.clock.now()) / 1000);
  }
  if (passage.value.length > 0) await putBack(ports, message, passage.value);
}

/** What this run had no time for goes on in the next one, within reason. */
async function putBack(
  ports: PullPorts,
  message: PullMessage,
  accounts: readonly PullTarget[],
): Promise<void> {
  const continued = message.continued + 1;
  if (continued < CONTINUATIONS) return ports.queue.send({ ...message, accounts, continued });
  ports.log.error('alarm.pull', { slot: message.slot, accounts: accounts.length, kind: 'transient' });
  const failure = new Failure(
    'transient',
    `The pull did not end within ${CONTINUATIONS} runs; ask for a shorter window`,
  );
  await endAll(ports, { ...message, accounts }, failure);
}

/** The accounts that still want this pull, read as they stand now. */
async function targetsOf(
  ports: PullPorts,
  message: PullMessage,
): Promise<{ target: PullTarget; account: Account }[]> {
  const ids = [...new Set(message.accounts.map((target) => target.account))];
  const accounts = new Map(
    (await ports.accounts.getMany(message.company, ids)).map((account) => [account.id, account]),
  );
  return message.accounts.flatMap((target) => {
    const account = accounts.get(target.account);
    if (!account || (target.pull === null && !isDue(account, message.slot))) return [];
    return [{ target, account }];
  });
}

/** A slot fired twice, or delivered twice, is served once. */
const isDue = (account: Account, slot: string | null): boolean =>
  account.settings.enabled &&
  account.active &&
  (slot === null || account.slot === null || account.slot < slot);

/**
 * @returns the targets that time did not allow
 * @throws whatever our own parts threw for one account, after the others had their turn: the message comes again
 */
async function walk(
  ports: PullPorts,
  message: PullMessage,
  credential: Credential,
  targets: readonly { target: PullTarget; account: Account }[],
  session: Session,
  deadline: number,
): Promise<PullTarget[]> {
  const closed = new Set<string>();
  let broken: Error | null = null;
  for (const [at, { target, account }] of targets.entries()) {
    const rest = (): PullTarget[] => targets.slice(at).map((one) => one.target);
    if (ports.clock.now() >= deadline) return rest();
    if (closed.has(account.connection)) continue;
    const connection = await ports.connections.get(message.company, account.connection);
    if (!connection || connection.status !== 'active' || connection.credential !== credential.id) {
      if (!(await movedOn(ports, message, target, connection)))
        await refuse(ports, account, target, connection);
      continue;
    }
    try {
      const failure = await pullOne(ports, session, connection, account, target, message.slot, deadline);
      if (!failure) continue;
      const effect = EFFECTS[failure.kind];
      if (effect.pauses === 'connection') await pauseConnection(ports, connection, failure);
      if (effect.pauses === 'credential')
        await pauseCredential(ports, message.company, credential.id, failure);
      if (effect.ends === 'connection') closed.add(connection.id);
      if (effect.ends === 'credential') return [];
    } catch (error) {
      // What was asked for must not be lost with the lease: whoever is next finds done what is done.
      if (error instanceof TimeShort || error instanceof LeaseLost) return rest();
      broken = error instanceof Error ? error : new Error(String(error));
      ports.log.error('alarm.pull', { account: account.id, ...printable(error) });
    }
  }
  if (broken !== null) throw broken;
  return [];
}

async function pullOne(
  ports: PullPorts,
  session: Session,
  connection: Connection,
  account: Account,
  target: PullTarget,
  slot: string | null,
  deadline: number,
): Promise<Failure | null> {
  const { manifest, connector } = await session.connect(connection);
  const ledger = ports.ledgerOf(account.company, account.id);
  const asked = target.pull === null ? null : await ledger.pull(target.pull);
  // Asked for once, done once: the message may have come twice.
  if (target.pull !== null && asked?.status !== 'queued') return null;
  const run: AccountRun = {
    ports,
    manifest,
    connector,
    ledger,
    ref: refOf(account),
    fence: session.fence,
    deadline,
    asked: asked?.window ?? null,
    account,
    newTransactions: 0,
    newStatements: 0,
  };
  const id = target.pull ?? slot ?? newId('pul', ports.clock.now(), ports.random);
  const failure = await pullAccount(run, id, target.pull === null ? slot : null);
  ports.log.info('pull.done', {
    account: account.id,
    outcome: failure?.kind ?? 'complete',
    newTransactions: run.newTransactions,
    newStatements: run.newStatements,
  });
  return failure;
}

/**
 * A connection that goes by another credential by now, because its consent or certificate was renewed meanwhile, is pulled
 * with that one.
 */
async function movedOn(
  { queue }: PullPorts,
  message: PullMessage,
  target: PullTarget,
  connection: Connection | null,
): Promise<boolean> {
  const credential = connection?.status === 'active' ? connection.credential : null;
  if (credential === null || credential === message.credential) return false;
  await queue.send({ ...message, credential, accounts: [target] });
  return true;
}

/** Ends a pull somebody asked for on a connection that cannot be used; a scheduled one just passes. */
async function refuse(
  ports: PullPorts,
  account: Account,
  target: PullTarget,
  connection: Connection | null,
): Promise<void> {
  const message =
    connection?.pause?.message ?? 'The connection is not active: upload its certificate and prove it';
  await end(ports, account, target, new Failure(connection?.pause?.kind ?? 'unsupported', message));
}

async function end(ports: PullPorts, account: Account, target: PullTarget, failure: Failure): Promise<void> {
  if (target.pull === null) return;
  const ledger = ports.ledgerOf(account.company, account.id);
  const asked = await ledger.pull(target.pull);
  if (asked?.status !== 'queued') return;
  const now = isoInstant(ports.clock.now());
  const result: LastPull = {
    id: asked.id,
    startedAt: now,
    finishedAt: now,
    outcome: 'failed',
    failure: { kind: failure.kind, message: failure.message, requestId: null },
    newTransactions: 0,
    newStatements: 0,
  };
  await ports.feed.commit(
    account.company,
    [ledger.putPull({ ...asked, status: 'failed', result })],
    [{ type: 'pull.finished', subject: asked.id, data: { account: account.id, outcome: 'failed' } }],
  );
}

/**
 * Behind a silent credential, or one that stays busy, a scheduled pull gives way: the next slot covers its window. A
 * pull somebody asked for waits in the queue.
 */
async function postpone(ports: PullPorts, message: PullMessage, seconds: number): Promise<void> {
  const accounts = message.accounts.filter((target) => target.pull !== null);
  if (accounts.length === 0) return;
  if (message.postponed < POSTPONEMENTS) {
    await ports.queue.send({ ...message, accounts, slot: null, postponed: message.postponed + 1 }, seconds);
    return;
  }
  const failure = new Failure(
    'rate-limited',
    'The bank did not allow this pull for a whole day; ask again later',
  );
  await endAll(ports, { ...message, accounts }, failure);
}

async function endAll(ports: PullPorts, message: PullMessage, failure: Failure): Promise<void> {
  for (const { target, account } of await targetsOf(ports, message)) {
    await end(ports, account, target, failure);
  }
}
