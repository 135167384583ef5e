import type { Caller } from '../../api/caller.ts';
import { conflict, Problem } from '../../api/problem.ts';
import { manifestOf } from '../../banks/catalog.ts';
import { rulesOf } from '../../banks/offers.ts';
import { isoInstant } from '../../domain/dates.ts';
import type { PaymentRecord } from '../../domain/payment.ts';
import { isFinal } from '../../domain/payment.ts';
import type { Companies } from '../../store/companies.ts';
import { changePayment, PaymentMoved, type Move } from './change.ts';
import { hurry } from './hurry.ts';
import type { PaymentPorts } from './ports.ts';

/** What people decide about a payment: to cancel it, to approve it, to say what became of it. */

export type DecidePorts = Pick<PaymentPorts, 'clock' | 'log' | 'payments' | 'queue'>;

/** A key younger than this cannot approve: a stolen admin key makes no second person at once. */
const KEY_AGE_HOURS = 24;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Writers one decision may meet before it gives up. */
const ROUNDS = 5;

/** What a decision changes; `null` = nothing is left to do. */
type Decision = { readonly set: Partial<PaymentRecord>; readonly move: Move | null } | null;

/** Decides on a payment as it stands, again and again while somebody else moves it. */
async function decide(
  ports: DecidePorts,
  payment: PaymentRecord,
  judge: (standing: PaymentRecord) => Decision,
): Promise<PaymentRecord> {
  let standing = payment;
  for (let round = 1; ; round++) {
    const decision = judge(standing);
    if (!decision) return standing;
    try {
      return await changePayment(ports, standing, decision.set, decision.move);
    } catch (error) {
      if (!(error instanceof PaymentMoved) || round >= ROUNDS) throw error;
      standing = (await ports.payments.get(payment.company, payment.id))!;
    }
  }
}

/**
 * Cancels an order. Before it is on its way cancelling always wins; from then on the wish is noted and the bank's answer
 * decides.
 * @throws Problem 409 for an order that is at its end
 */
export async function cancelPayment(ports: DecidePorts, payment: PaymentRecord): Promise<PaymentRecord> {
  const at = isoInstant(ports.clock.now());
  return decide(ports, payment, (standing) => {
    if (standing.state === 'cancelled') return null;
    if (isFinal(standing.state))
      throw conflict('payment-final', `The payment is ${standing.state}; nothing can be cancelled any more.`);
    if (standing.state === 'accepted' || standing.state === 'awaiting-approval') {
      return { set: { cancelRequestedAt: at }, move: { to: 'cancelled', source: 'api' } };
    }
    return standing.cancelRequestedAt === null ? { set: { cancelRequestedAt: at }, move: null } : null;
  });
}

/**
 * Approves or rejects an order that waits for a second person (design, chapter 5, four eyes): a user, not the one who
 * submitted it, with a key older than a day.
 * @throws Problem 403 for who may not, 409 when it does not wait
 */
export async function approvePayment(
  ports: DecidePorts & { readonly companies: Companies },
  caller: Caller,
  payment: PaymentRecord,
  { approve, reason }: { approve: boolean; reason: string | null },
): Promise<PaymentRecord> {
  const now = ports.clock.now();
  const { user } = caller;
  if (user === null) throw forbidden('A key without a user cannot approve; use a key of a person.');
  if (user === payment.submittedBy.user)
    throw forbidden('Whoever submitted an order cannot approve it; a second person must.');
  const key = (await ports.companies.listKeys(caller.company)).find(({ id }) => id === caller.key);
  if (!key || now - Date.parse(key.createdAt) < KEY_AGE_HOURS * HOUR_MS)
    throw forbidden(`A key can approve ${KEY_AGE_HOURS} hours after it was made.`);
  const at = isoInstant(now);
  const decided = await decide(ports, payment, (standing) => {
    if (standing.state !== 'awaiting-approval') {
      throw conflict(
        'not-awaiting-approval',
        `The payment is ${standing.state}; there is nothing to approve.`,
      );
    }
    if (!approve) return { set: { dueAt: null }, move: { to: 'rejected', source: 'approver', reason } };
    return {
      set: { approvedBy: { key: caller.key, user, at }, dueAt: at },
      move: { to: 'accepted', source: 'approver', reason },
    };
  });
  await hurry(ports, decided);
  return decided;
}

/** What an operator found out about an order whose answer was lost. */
export type Resolution = 'at-bank' | 'executed' | 'not-at-bank' | 'send-again';

const MOVES = {
  'at-bank': 'submitted',
  executed: 'executed',
  'not-at-bank': 'rejected',
  'send-again': 'accepted',
} as const satisfies Record<Resolution, PaymentRecord['state']>;

/**
 * Takes an operator's word for an order whose outcome is unknown. Sending it again is allowed only when the bank would
 * show it by now; before, not seeing it there proves nothing.
 * @throws Problem 409
 */
export async function resolvePayment(
  ports: DecidePorts,
  payment: PaymentRecord,
  { outcome, reason }: { outcome: Resolution; reason: string },
): Promise<PaymentRecord> {
  const rules = rulesOf(await manifestOf(payment.bank), payment.format);
  const resolved = await decide(ports, payment, (standing) => {
    if (standing.state !== 'outcome-unknown') {
      throw conflict('not-unknown', `The payment is ${standing.state}; its outcome is no question.`);
    }
    const last = standing.attempts.at(-1)!;
    const ready = Date.parse(last.startedAt) + rules.tracking.visibleAfter * MINUTE_MS;
    if ((outcome === 'send-again' || outcome === 'not-at-bank') && ports.clock.now() < ready) {
      throw conflict(
        'too-early',
        `The bank may show the order until ${isoInstant(ready)}; before, not finding it proves nothing.`,
      );
    }
    const dueAt = outcome === 'at-bank' || outcome === 'send-again' ? isoInstant(ports.clock.now()) : null;
    return { set: { dueAt }, move: { to: MOVES[outcome], source: 'operator', reason } };
  });
  ports.log.warn('payment.resolved', { payment: payment.id, outcome });
  await hurry(ports, resolved);
  return resolved;
}

const forbidden = (detail: string): Problem =>
  new Problem({ status: 403, code: 'may-not-approve', title: 'This key may not approve', detail });
