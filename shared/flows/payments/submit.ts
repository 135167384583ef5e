import type { OrderStatus, SentOrder, StepResult } from '../../banks/contract.ts';
import { isoInstant } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { Attempt, Progress } from '../../domain/payment.ts';
import { changePayment, type Move } from './change.ts';
import { prepared } from './render.ts';
import { applyStatus, nextLook } from './status.ts';
import type { PaymentRun } from './work.ts';

/** Times a step whose answer was lost is done again within one run, where repeating it does no harm. */
const REPEATS = 3;
/** Seconds until an order of which nothing left is tried again. */
const AGAIN = 300;

/**
 * Brings an order to the bank (design, chapter 5): rendered once and archived, compared with the order, marked
 * `submitting` before a socket opens, then step by step with what each gave stored. An attempt that a dead process
 * left at a step which may be repeated is gone on with; one that the bank had answered is there; any other is in doubt.
 * @throws Failure that says nothing about the order; PaymentMoved
 */
export async function submit(run: PaymentRun): Promise<void> {
  if (run.payment.state === 'submitting') {
    const left = lastAttempt(run);
    if (left.outcome === 'taken') {
      const reason = 'A process ended behind the answer of the bank, which has the order';
      return moved(run, { to: 'submitted', source: 'bank', reason }, { dueAt: nextLook(run) });
    }
    if (!mayRepeat(run, left.progress))
      return inDoubt(run, 'A process ended before the answer of the bank was kept');
    return drive(run, await sentOf(run));
  }
  if (run.payment.cancelRequestedAt !== null) {
    await moved(run, { to: 'cancelled', source: 'gateway' }, { dueAt: null });
    return;
  }
  const order = await rendered(run);
  if (order) await drive(run, order);
}

/** The order as bytes, in a fresh attempt; `null` when it cannot be rendered and was rejected for it. */
async function rendered(run: PaymentRun): Promise<SentOrder | null> {
  const ready = await prepared(run, run.rules.steps[0]!.name);
  if (!ready) return null;
  await moved(
    run,
    { to: 'submitting', source: 'gateway', reason: ready.reason },
    // Should this process die, the order is looked at again when its lease is surely over.
    { ...ready.set, attempts: [...ready.attempts, ready.attempt], dueAt: isoInstant(run.deadline + 120_000) },
  );
  return sentOf(run);
}

/** Does the steps that are left. */
async function drive(run: PaymentRun, order: SentOrder): Promise<void> {
  for (let repeats = 0; ;) {
    const { progress } = lastAttempt(run);
    let result: StepResult;
    try {
      result = await run.connector.step!(order, progress);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (await ended(run, error, progress, repeats)) return;
      repeats += 1;
      continue;
    }
    repeats = 0;
    if (result.kind === 'progress') {
      await kept(run, { progress: result.progress });
    } else if (result.kind === 'taken') {
      return taken(run, result.status, result.given);
    } else {
      return duplicate(run, result.bankCode);
    }
  }
}

/** What a failed step means. @returns false when the step is to be done again at once */
async function ended(
  run: PaymentRun,
  failure: Failure,
  progress: Progress,
  repeats: number,
): Promise<boolean> {
  const { bankCode, reason } = wordsOf(failure);
  switch (failure.kind) {
    case 'rejected':
      await end(run, 'refused', { to: 'rejected', source: 'bank', bankCode, reason }, {});
      return true;
    case 'outcome-unknown':
    case 'protocol':
      if (!mayRepeat(run, progress)) {
        await inDoubt(run, reason);
        return true;
      }
      if (repeats + 1 < REPEATS && run.ports.clock.now() < run.deadline) return false;
      break;
    default:
  }
  // Nothing of this order is at the bank: it goes back to where it was, and is tried again.
  await end(
    run,
    'not-sent',
    { to: 'accepted', source: 'gateway', bankCode, reason },
    { dueAt: dueIn(run, AGAIN) },
  );
  if (failure.kind === 'transient' || failure.kind === 'outcome-unknown' || failure.kind === 'protocol')
    return true;
  // Silence, a refused certificate: the whole connection must hear of it.
  throw failure;
}

/** The bank has the order. */
async function taken(run: PaymentRun, status: OrderStatus, given: Progress['data'] = {}): Promise<void> {
  // In one write with the outcome: whoever finds the order after a crash can ask for it.
  await end(run, 'taken', null, { bankId: status.bankId ?? run.payment.bankId }, given);
  await applyStatus(run, { ...status, state: status.state ?? 'submitted' }, 'bank');
}

/**
 * The bank says it has these bytes already. After an attempt in doubt with the same bytes, that one worked; on a first
 * attempt nobody of ours sent them, and the order must not be taken for sent.
 */
export async function duplicate(run: PaymentRun, bankCode: string): Promise<void> {
  const { hash } = lastAttempt(run);
  const earlier = run.payment.attempts.some(
    (attempt) => attempt.hash === hash && attempt.outcome === 'in-doubt',
  );
  if (earlier) {
    const reason = 'The bank has these bytes already: the earlier attempt had worked';
    await end(run, 'taken', { to: 'submitted', source: 'bank', bankCode, reason }, { dueAt: nextLook(run) });
    return;
  }
  const found = await run.connector.findOrder?.(await sentOf(run));
  if (found) return taken(run, found);
  run.ports.log.error('alarm.payment', { payment: run.payment.id, kind: 'rejected', code: bankCode });
  const reason =
    'The bank says it has this file already, though Brana never sent it: look for it in its banking';
  await end(run, 'refused', { to: 'rejected', source: 'bank', bankCode, reason }, {});
}

/** Nobody knows whether the bank has the order. */
async function inDoubt(run: PaymentRun, reason: string | null): Promise<void> {
  run.ports.log.error('alarm.payment-unknown', {
    payment: run.payment.id,
    connection: run.payment.connection,
  });
  const move: Move = { to: 'outcome-unknown', source: 'gateway', reason };
  await end(run, 'in-doubt', move, { dueAt: dueIn(run, run.rules.tracking.eager) });
}

/** Ends the attempt that runs. @param given what the bank gave for later calls */
export async function end(
  run: PaymentRun,
  outcome: NonNullable<Attempt['outcome']>,
  move: Move | null,
  set: Parameters<typeof changePayment>[2],
  given: Progress['data'] = {},
): Promise<void> {
  const endedAt = isoInstant(run.ports.clock.now());
  const last = lastAttempt(run);
  const progress = { ...last.progress, data: { ...last.progress.data, ...given } };
  const attempts = [...run.payment.attempts.slice(0, -1), { ...last, progress, outcome, endedAt }];
  run.payment = await changePayment(run.ports, run.payment, { ...set, attempts }, move);
}

async function kept(run: PaymentRun, set: Pick<Attempt, 'progress'>): Promise<void> {
  const attempts = [...run.payment.attempts.slice(0, -1), { ...lastAttempt(run), ...set }];
  run.payment = await changePayment(run.ports, run.payment, { attempts });
}

async function moved(
  run: PaymentRun,
  move: Move,
  set: Parameters<typeof changePayment>[2] = {},
): Promise<void> {
  run.payment = await changePayment(run.ports, run.payment, set, move);
}

export const lastAttempt = ({ payment }: PaymentRun): Attempt => payment.attempts.at(-1)!;

/** Whether a step does no harm when it is done twice. */
export const mayRepeat = ({ rules }: PaymentRun, { step }: Progress): boolean =>
  rules.steps.find(({ name }) => name === step)?.lost === 'repeatable';

export const dueIn = ({ ports }: PaymentRun, seconds: number): string =>
  isoInstant(ports.clock.now() + seconds * 1000);

const wordsOf = ({ message, detail }: Failure) => ({
  bankCode: detail.code ?? null,
  reason: message,
});

/** The order as the bank gets it, byte for byte as it was archived. */
export async function sentOf({ ports, payment }: PaymentRun): Promise<SentOrder> {
  const { sha256, mediaType } = payment.documents.find(({ kind }) => kind === 'rendered')!;
  const bytes = await ports.archive.read(payment.company, 'order', sha256);
  if (!bytes) throw new Error('The archive has lost the rendered order');
  const [first] = payment.attempts;
  return {
    id: payment.id,
    document: { bytes, mediaType, name: payment.attempts.at(-1)!.fileName },
    sha256,
    format: payment.format as SentOrder['format'],
    sentAt: first!.startedAt,
    bankId: payment.bankId,
    given: payment.attempts.at(-1)!.progress.data,
  };
}
