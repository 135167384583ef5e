import { conflict, notFound, unprocessable } from '../../api/problem.ts';
import { isByFile, rulesOf } from '../../banks/offers.ts';
import { isoInstant } from '../../domain/dates.ts';
import type { Attempt, PaymentRecord } from '../../domain/payment.ts';
import { rendererOf, type AcceptPorts } from './accept.ts';
import { changePayment, PaymentMoved } from './change.ts';
import { hasLapsed } from './lapse.ts';
import { prepared, type RenderRun } from './render.ts';

/** Writers one hand-out may meet before it gives up. */
const ROUNDS = 5;

export type FilePorts = Pick<
  AcceptPorts,
  'clock' | 'random' | 'log' | 'payments' | 'connections' | 'archive'
>;

export interface OrderFile {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly fileName: string;
}

/**
 * Hands out the file of an order for a bank that Brana sends nothing to; a person uploads it and signs it there. The
 * first time renders and archives it and moves the order to `awaiting-signature`, in one conditional write: a cancel that
 * came before wins, and whoever comes at the same time gets the same bytes. From then on the order may be at the bank,
 * so it is never said to be sent, and only its booked movements tell that it was paid.
 * @throws Problem 409 when the order must not be handed out (any more), 422 when it cannot be rendered
 */
export async function handOut(ports: FilePorts, payment: PaymentRecord): Promise<OrderFile> {
  const connection = await ports.connections.get(payment.company, payment.connection);
  if (!connection)
    throw conflict('connection-gone', 'The connection of this order was deleted. Order it anew.');
  const { manifest, connector } = await rendererOf(connection);
  const rules = rulesOf(manifest, payment.format);
  if (!isByFile(rules)) {
    throw conflict(
      'sent-by-api',
      `Brana brings this order to ${manifest.name} itself; there is no file to upload.`,
    );
  }
  let standing = payment;
  for (let round = 1; ; round++) {
    refuseUnlessOpen(standing);
    if (standing.state === 'awaiting-signature') return archived(ports, standing);
    if (hasLapsed(standing, manifest, ports.clock.now()))
      throw conflict('payment-expired', 'The day of this order is over for too long. Order it anew.');
    const run: RenderRun = { ports, manifest, rules, connector, payment: standing };
    try {
      return await archived(ports, await firstTime(run));
    } catch (error) {
      if (!(error instanceof PaymentMoved) || round >= ROUNDS) throw error;
      standing = (await ports.payments.get(payment.company, payment.id))!;
    }
  }
}

/** Once something of it was booked it is at the bank: the file would pay it again. */
function refuseUnlessOpen({ state, cancelRequestedAt }: PaymentRecord): void {
  if (cancelRequestedAt !== null)
    throw conflict('cancel-requested', 'This order was cancelled; its file must not be uploaded.');
  if (state === 'awaiting-approval')
    throw conflict('awaiting-approval', 'A second person must approve this order first.');
  if (state === 'accepted' || state === 'awaiting-signature') return;
  throw conflict('payment-not-open', `The payment is ${state}; its file is not handed out any more.`);
}

async function firstTime(run: RenderRun): Promise<PaymentRecord> {
  const { ports, rules } = run;
  const ready = await prepared(run, 'hand-out');
  if (!ready) {
    const reason = run.payment.history.at(-1)?.reason ?? 'no reason was given';
    throw unprocessable('not-renderable', `The order was rejected: ${reason}`);
  }
  const now = ports.clock.now();
  const attempt: Attempt = { ...ready.attempt, outcome: 'handed-out', endedAt: isoInstant(now) };
  const told = `${attempt.fileName} was handed out: upload it in the bank’s own banking and sign it there`;
  const reason = ready.reason === null ? told : `${told}. ${ready.reason}`;
  return changePayment(
    ports,
    run.payment,
    {
      ...ready.set,
      attempts: [...ready.attempts, attempt],
      dueAt: isoInstant(now + rules.tracking.patient * 1000),
    },
    { to: 'awaiting-signature', source: 'api', reason },
  );
}

async function archived({ archive }: FilePorts, payment: PaymentRecord): Promise<OrderFile> {
  const { sha256, mediaType } = payment.documents.find(({ kind }) => kind === 'rendered')!;
  const bytes = await archive.read(payment.company, 'order', sha256);
  if (!bytes) throw notFound('file in the archive');
  return { bytes, mediaType, fileName: payment.attempts.at(-1)!.fileName };
}
