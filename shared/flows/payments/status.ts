import type { OrderStatus } from '../../banks/contract.ts';
import { isoInstant } from '../../domain/dates.ts';
import { Marks } from '../../domain/marks.ts';
import {
  isFinal,
  mayBecome,
  rollUp,
  type BankState,
  type ItemResult,
  type PaymentDocument,
  type PaymentRecord,
  type PaymentSource,
  type Tally,
} from '../../domain/payment.ts';
import type { Claim } from '../../store/payments.ts';
import { changePayment, type Move } from './change.ts';
import type { PaymentRun } from './work.ts';

/** Rejections kept with the order one by one; the bank's answer has the rest. */
const RESULTS = 500;
const MINUTE_MS = 60_000;

/**
 * Takes over what the bank says of an order: its state where the order may go there, results of single payments, its
 * id, and the answer into the archive. A status nobody knows changes nothing but raises an alarm.
 */
export async function applyStatus(
  run: PaymentRun,
  status: OrderStatus,
  source: PaymentSource,
): Promise<void> {
  const { ports, payment } = run;
  const { bankCode, reason, document } = status;
  if (status.state === null) {
    ports.log.error('alarm.payment-status', { payment: payment.id, code: bankCode });
  }
  // A word of its own between two states: handed over with errors, say.
  if (bankCode !== payment.bankStatus && reason !== null) {
    ports.log.error('alarm.payment-status', { payment: payment.id, code: bankCode, reason });
  }
  const merged = withResults(payment, status.results);
  const to = stateAfter(payment, status.state, merged.tally);
  const news =
    to !== payment.state ||
    (bankCode !== null && bankCode !== payment.bankStatus) ||
    merged.settled !== payment.settled ||
    (status.bankId ?? payment.bankId) !== payment.bankId;
  const documents: PaymentDocument[] = [...payment.documents];
  if (document && news) {
    const sha256 = await ports.archive.keep(payment.company, 'order', document.bytes, document.mediaType);
    if (!documents.some((one) => one.sha256 === sha256)) {
      documents.push({
        kind: 'answer',
        sha256,
        mediaType: document.mediaType,
        at: isoInstant(ports.clock.now()),
      });
    }
  }
  run.payment = await changePayment(
    ports,
    payment,
    {
      ...merged,
      documents,
      bankId: status.bankId ?? payment.bankId,
      bankStatus: bankCode ?? payment.bankStatus,
      dueAt: nextLook(run),
    },
    { to, source, bankCode, reason },
  );
}

/** Payments of the order that were seen booked. */
export async function applyBooked(run: PaymentRun, claims: readonly Claim[], last: boolean): Promise<void> {
  const results = claims.map(({ index }) => ({
    index,
    state: 'executed' as const,
    bankCode: null,
    reason: null,
  }));
  const merged = withResults(run.payment, results);
  const to = stateAfter(run.payment, null, merged.tally);
  const move: Move = { to, source: 'statement' };
  run.payment = await changePayment(
    run.ports,
    run.payment,
    { ...merged, ...(last ? { dueAt: nextLook(run) } : {}) },
    move,
    claims,
  );
}

/** Where the order goes: what its payments add up to decides before what the bank says of the whole. */
function stateAfter(payment: PaymentRecord, told: BankState | null, tally: Tally): PaymentRecord['state'] {
  const sum = rollUp(tally);
  if (sum !== null && mayBecome(payment.state, sum)) return sum;
  // A bank that calls the whole executed has not told of each payment.
  if (told !== null && (told === payment.state || mayBecome(payment.state, told))) return told;
  // Something of it was booked, so the bank works on it.
  if (told === null && tally.executed > 0 && mayBecome(payment.state, 'processing')) return 'processing';
  return payment.state;
}

function withResults(
  payment: PaymentRecord,
  fresh: readonly ItemResult[],
): Pick<PaymentRecord, 'results' | 'settled' | 'tally'> {
  const { results, tally } = payment;
  const settled = new Marks(payment.settled, tally.count);
  const added: ItemResult[] = [];
  for (const result of fresh) {
    if (result.index >= tally.count || settled.has(result.index)) continue;
    settled.add(result.index);
    added.push(result);
  }
  if (added.length === 0) return { results, settled: payment.settled, tally };
  const rejected = added.filter(({ state }) => state === 'rejected');
  return {
    results: [...results, ...rejected].slice(0, RESULTS),
    settled: settled.toString(),
    tally: {
      count: tally.count,
      executed: tally.executed + added.length - rejected.length,
      rejected: tally.rejected + rejected.length,
    },
  };
}

/** When the order is to be looked at again: often in its first minutes at the bank or before a signer, then patiently. */
export function nextLook({ ports, payment, rules }: PaymentRun): string | null {
  if (isFinal(payment.state)) return null;
  const now = ports.clock.now();
  const { eager, eagerMinutes, patient } = rules.tracking;
  const sent = payment.attempts.at(-1)?.startedAt ?? payment.createdAt;
  const since = Math.max(Date.parse(sent), Date.parse(payment.signingAt ?? sent));
  const seconds = now - since < eagerMinutes * MINUTE_MS ? eager : patient;
  return isoInstant(now + seconds * 1000);
}
