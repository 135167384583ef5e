import { manifestOf } from '../../banks/catalog.ts';
import type { Connector, Manifest, PaymentRules } from '../../banks/contract.ts';
import { isByFile, rulesOf } from '../../banks/offers.ts';
import { isoInstant } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import { isFinal, type PaymentRecord } from '../../domain/payment.ts';
import type { Connection } from '../../domain/records.ts';
import { EFFECTS } from '../effects.ts';
import { atGate } from '../gateway.ts';
import { pauseConnection, pauseCredential } from '../pause.ts';
import { changeUnlessMoved, PaymentMoved } from './change.ts';
import { hasLapsed, lapseOf } from './lapse.ts';
import type { PaymentMessage } from './message.ts';
import type { PaymentPorts } from './ports.ts';
import { resolve } from './resolve.ts';
import { submit } from './submit.ts';
import { track } from './track.ts';

/** Seconds until a payment whose connection cannot be used is looked at again. */
const PAUSED_DELAY = 900;
/** Time kept back for the last writes behind a call in flight. */
const RESERVE_MS = 20_000;

/** One payment being worked on, alone with its credential: what every step of it needs. */
export interface PaymentRun {
  readonly ports: PaymentPorts;
  readonly manifest: Manifest;
  readonly rules: PaymentRules;
  readonly connector: Connector;
  /** Epoch milliseconds behind which nothing new is begun. */
  readonly deadline: number;
  payment: PaymentRecord;
}

/**
 * Does the next thing a payment needs: submits it, finishes what a dead process left, asks the bank how it stands, or
 * looks for an order whose answer was lost. Everything that talks to the bank happens under the credential's lease, so
 * that no two processes ever send for it at once.
 * @param deadline epoch milliseconds at which the invocation ends
 */
export async function workOnPayment(
  ports: PaymentPorts,
  { company, payment: id }: PaymentMessage,
  deadline: number,
): Promise<void> {
  const payment = await ports.payments.get(company, id);
  if (!payment || !isDue(payment, ports.clock.now())) return;
  const manifest = await manifestOf(payment.bank);
  const rules = rulesOf(manifest, payment.format);
  if (hasLapsed(payment, manifest, ports.clock.now())) return giveUp(ports, payment, rules);
  if (payment.state === 'awaiting-approval') return later(ports, payment, PAUSED_DELAY, 'awaiting-approval');
  if (isByFile(rules)) return followFile({ ports, payment, manifest, rules, deadline });
  const connection = await ports.connections.get(company, payment.connection);
  if (connection?.status !== 'active' || connection.credential === null) {
    return later(ports, payment, PAUSED_DELAY, 'connection-not-active');
  }
  const credential = await ports.connections.credential(company, connection.credential);
  if (!credential) return later(ports, payment, PAUSED_DELAY, 'credential-missing');
  const holder = newId('run', ports.clock.now(), ports.random);
  try {
    const passage = await atGate(ports, credential, { manifest, holder, deadline }, async (session) => {
      // Read again: what was to be done before the lease may be done by now.
      const standing = await ports.payments.get(company, id);
      if (!standing || !isDue(standing, ports.clock.now()) || standing.state === 'awaiting-approval') return;
      const { connector } = await session.connect(connection);
      const run: PaymentRun = {
        ports,
        manifest,
        rules,
        connector,
        deadline: deadline - RESERVE_MS,
        payment: standing,
      };
      await next(run, connection);
    });
    // Behind a busy credential it stays due, and the sweep finds it again.
    if (passage.state === 'silent') {
      await later(ports, payment, (passage.notBefore - ports.clock.now()) / 1000, 'bank-silent');
    }
  } catch (error) {
    // The credential cannot even be shown to the bank: expired, or gone from the vault.
    if (error instanceof Failure) return heed({ ports, payment, rules }, connection, error);
    leaveToOthers(ports, payment, error);
  }
}

/**
 * An order that a person brings to the bank: nothing is done before its file was fetched, and then its movements are
 * looked for. The bank is not asked, so neither its lease nor a connection in use is needed.
 */
async function followFile(run: Omit<PaymentRun, 'connector'>): Promise<void> {
  const { ports, payment, rules, deadline } = run;
  if (payment.state === 'accepted') {
    return changeUnlessMoved(ports, payment, { dueAt: lapseOf(payment.executionDate, rules) });
  }
  try {
    await track({ ...run, connector: {}, deadline: deadline - RESERVE_MS });
  } catch (error) {
    leaveToOthers(ports, payment, error);
  }
}

/** Another process moved it on: nothing of ours is lost by leaving. @throws whatever else it was */
function leaveToOthers({ log }: PaymentPorts, { id }: PaymentRecord, error: unknown): void {
  if (!(error instanceof PaymentMoved)) throw error;
  log.info('payment.moved', { payment: id });
}

/** A message that comes twice, or behind the sweep, finds the payment looked at already. */
const isDue = ({ state, dueAt }: PaymentRecord, now: number): boolean =>
  !isFinal(state) && dueAt !== null && Date.parse(dueAt) <= now;

async function next(run: PaymentRun, connection: Connection): Promise<void> {
  try {
    switch (run.payment.state) {
      case 'accepted':
      case 'submitting':
        return await submit(run);
      case 'outcome-unknown':
        return await resolve(run);
      default:
        return await track(run);
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await heed(run, connection, error);
  }
}

/** What a failure of the bank means for the connection; the payment is looked at again later. */
async function heed(
  { ports, payment, rules }: Pick<PaymentRun, 'ports' | 'payment' | 'rules'>,
  connection: Connection,
  failure: Failure,
): Promise<void> {
  const { company, id } = payment;
  ports.log.warn('payment.call-failed', {
    payment: id,
    kind: failure.kind,
    status: failure.detail.status,
    code: failure.detail.code,
    requestId: failure.detail.requestId,
    reason: failure.message,
  });
  const effect = EFFECTS[failure.kind];
  if (effect.alarms) ports.log.error('alarm.payment', { payment: id, kind: failure.kind });
  if (effect.pauses === 'connection') await pauseConnection(ports, connection, failure);
  if (effect.pauses === 'credential') await pauseCredential(ports, company, connection.credential!, failure);
  const silence = failure.detail.notBefore;
  const seconds = silence === undefined ? rules.tracking.patient : (silence - ports.clock.now()) / 1000;
  const standing = await ports.payments.get(company, id);
  if (standing) await later(ports, standing, seconds, failure.kind);
}

/** Ends an order that waited too long to be sent. */
async function giveUp(
  ports: PaymentPorts,
  payment: PaymentRecord,
  { tracking }: PaymentRules,
): Promise<void> {
  const { id, executionDate, state } = payment;
  const reason =
    `Nothing of it was sent within ${tracking.expiryDays} days after ${executionDate}, so it is ` +
    'given up. Order it anew if it is still to be paid';
  ports.log.error('alarm.payment', { payment: id, kind: 'expired', state });
  await changeUnlessMoved(ports, payment, {}, { to: 'expired', source: 'gateway', reason });
}

/** Puts a payment off. */
async function later(
  ports: PaymentPorts,
  payment: PaymentRecord,
  seconds: number,
  reason: string,
): Promise<void> {
  if (isFinal(payment.state)) return;
  const dueAt = isoInstant(ports.clock.now() + Math.max(1, seconds) * 1000);
  ports.log.info('payment.postponed', { payment: payment.id, reason, until: dueAt });
  await changeUnlessMoved(ports, payment, { dueAt });
}
