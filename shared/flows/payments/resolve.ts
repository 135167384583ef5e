import { isoInstant } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import type { Attempt } from '../../domain/payment.ts';
import { changePayment } from './change.ts';
import { settle } from './settle.ts';
import { applyStatus } from './status.ts';
import { dueIn, end, lastAttempt, sentOf } from './submit.ts';
import type { PaymentRun } from './work.ts';

const MINUTE_MS = 60_000;

/**
 * Finds out what became of an order whose answer was lost (design, chapter 5), by what proves most: its status under
 * the bank's id; the bank's own search; the identical bytes once more where the bank refuses what it has; the booked
 * movements. What none of them tells waits for an operator, visibly. Nothing here ever concludes from silence that
 * the bank has nothing.
 * @throws Failure, PaymentMoved
 */
export async function resolve(run: PaymentRun): Promise<void> {
  const { connector, payment } = run;
  const sent = await sentOf(run);
  const known = payment.bankId === null ? null : await connector.orderStatus?.(sent);
  const found = known ?? (await connector.findOrder?.(sent)) ?? null;
  if (found) return applyStatus(run, { ...found, state: found.state ?? 'submitted' }, 'bank');
  if (run.rules.repeat === 'refuses-duplicates' && sendable(run)) {
    await sendAgain(run);
    if (run.payment.state !== 'outcome-unknown') return;
  }
  await settle(run);
  if (run.payment.state !== 'outcome-unknown') return;
  const hours = Math.floor(
    (run.ports.clock.now() - Date.parse(lastAttempt(run).startedAt)) / (60 * MINUTE_MS),
  );
  run.ports.log.error('alarm.payment-unknown', {
    payment: payment.id,
    connection: payment.connection,
    hours,
  });
  const { tracking } = run.rules;
  const seconds = hours * 60 < tracking.visibleAfter ? tracking.eager : tracking.patient;
  run.payment = await changePayment(run.ports, run.payment, { dueAt: dueIn(run, seconds) });
}

/** The identical bytes go once more, never twice: attempts of which nothing left do not count. */
function sendable({ payment, rules }: PaymentRun): boolean {
  const gone = payment.attempts.filter(({ outcome }) => outcome !== 'not-sent');
  return gone.length === 1 && rules.steps.length === 1;
}

/** A second attempt with the identical bytes at a bank that refuses what it has already. */
async function sendAgain(run: PaymentRun): Promise<void> {
  const { ports, payment, rules } = run;
  const attempt: Attempt = {
    ...lastAttempt(run),
    id: newId('att', ports.clock.now(), ports.random),
    startedAt: isoInstant(ports.clock.now()),
    progress: { step: rules.steps[0]!.name, data: {} },
    endedAt: null,
    outcome: null,
  };
  run.payment = await changePayment(ports, payment, {
    attempts: [...payment.attempts, attempt],
    dueAt: isoInstant(run.deadline + 120_000),
  });
  const order = await sentOf(run);
  try {
    const result = await run.connector.step!(order, attempt.progress);
    if (result.kind === 'progress')
      throw new Error('A bank that refuses duplicates takes an order in one step');
    if (result.kind === 'taken') {
      await end(run, 'taken', null, {});
      return await applyStatus(run, { ...result.status, state: result.status.state ?? 'submitted' }, 'bank');
    }
    const reason = 'The bank has these bytes already: the earlier attempt had worked';
    await end(
      run,
      'taken',
      { to: 'submitted', source: 'bank', bankCode: result.bankCode, reason },
      { dueAt: dueIn(run, rules.tracking.eager) },
    );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // A refusal of the second says nothing of the first; of a second that never left, nothing at all.
    const outcome = outcomeOf(error);
    await end(run, outcome, null, {});
    if (outcome === 'not-sent') throw error;
  }
}

const outcomeOf = ({ kind }: Failure): NonNullable<Attempt['outcome']> => {
  if (kind === 'outcome-unknown' || kind === 'protocol') return 'in-doubt';
  return kind === 'rejected' ? 'refused' : 'not-sent';
};
