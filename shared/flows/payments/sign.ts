import { conflict, connectionNotActive, type Problem } from '../../api/problem.ts';
import { manifestOf } from '../../banks/catalog.ts';
import type { Manifest, SigningPage } from '../../banks/contract.ts';
import { rulesOf } from '../../banks/offers.ts';
import { isoInstant } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import { isFinal, type PaymentRecord } from '../../domain/payment.ts';
import { noPassage, problemOf } from '../bank-problem.ts';
import { atGate, type BankPorts } from '../gateway.ts';
import { changeUnlessMoved } from './change.ts';
import type { PaymentPorts } from './ports.ts';

export type SignPorts = BankPorts & Pick<PaymentPorts, 'payments' | 'connections'>;

/**
 * Asks the bank for the page where a person signs an order it has. Nothing is signed by it: what became of the order is
 * for the bank to tell, which is asked more often from now on.
 * @param returnTo address the browser comes back to
 * @param deadline epoch milliseconds
 * @throws Problem 409 for an order that is not to be signed, or not by a page of the bank; 422 and 503 as the bank says
 */
export async function signingPage(
  ports: SignPorts,
  payment: PaymentRecord,
  returnTo: string,
  deadline: number,
): Promise<SigningPage> {
  const manifest = await manifestOf(payment.bank);
  if (payment.signing !== 'page') throw signedElsewhere(payment, manifest);
  refuseUnlessOpen(payment);
  const connection = await ports.connections.get(payment.company, payment.connection);
  const credential =
    connection?.status === 'active' && connection.credential !== null
      ? await ports.connections.credential(payment.company, connection.credential)
      : null;
  if (!connection || !credential) {
    throw connectionNotActive(connection, 'Authorise or prove it first.', 'order');
  }
  const holder = newId('sig', ports.clock.now(), ports.random);
  try {
    const passage = await atGate(ports, credential, { manifest, holder, deadline }, async (session) => {
      const { connector } = await session.connect(connection);
      return connector.signingPage!(
        { bankId: payment.bankId, given: payment.attempts.at(-1)!.progress.data },
        returnTo,
      );
    });
    if (passage.state !== 'done') throw noPassage(manifest, passage, ports.clock.now());
    const { tracking } = rulesOf(manifest, payment.format);
    await lookSoon(ports, payment, tracking.eager);
    return passage.value;
  } catch (error) {
    throw error instanceof Failure ? problemOf(manifest, error, ports.clock.now()) : error;
  }
}

const signedElsewhere = ({ signing }: PaymentRecord, { name }: Manifest): Problem =>
  conflict(
    'signed-elsewhere',
    signing === 'file'
      ? `Sign it where its file is uploaded, in the banking of ${name}: GET /payments/{id}/file.`
      : `Sign it in the banking of ${name}, which gives no address of a page for it.`,
  );

function refuseUnlessOpen({ state, cancelRequestedAt, bankId }: PaymentRecord): void {
  if (cancelRequestedAt !== null)
    throw conflict('cancel-requested', 'This order was cancelled; it must not be signed any more.');
  if (state === 'awaiting-signature' && bankId !== null) return;
  const detail = isFinal(state)
    ? `The payment is ${state}; there is nothing to sign any more.`
    : `The payment is ${state}: it can be signed once it is awaiting-signature and the bank has told its id.`;
  throw conflict('not-awaiting-signature', detail);
}

/** Somebody is about to sign. Who moved the order meanwhile has looked at it. */
async function lookSoon(ports: SignPorts, payment: PaymentRecord, seconds: number): Promise<void> {
  const now = ports.clock.now();
  const dueAt = isoInstant(now + seconds * 1000);
  await changeUnlessMoved(ports, payment, { dueAt, signingAt: isoInstant(now) });
}
