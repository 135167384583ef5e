import { isoInstant } from '../../domain/dates.ts';
import type { NewEvent } from '../../domain/event.ts';
import {
  isFinal,
  mayBecome,
  type HistoryEntry,
  type PaymentRecord,
  type PaymentSource,
  type PaymentState,
} from '../../domain/payment.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Claim, Payments } from '../../store/payments.ts';

/** Entries of a history that are kept; an order that has more is stuck in a circle. */
const HISTORY = 200;

export interface Move {
  readonly to: PaymentState;
  readonly source: PaymentSource;
  readonly bankCode?: string | null;
  readonly reason?: string | null;
}

/** Somebody else changed the payment: whoever is next finds it as it stands now. */
export class PaymentMoved extends Error {
  override readonly name = 'PaymentMoved';
}

/**
 * Changes a payment, its state too when a move is given: history and event go with it. The one place where a state is
 * written.
 * @throws PaymentMoved when somebody else was first; Error for an edge that does not exist
 */
export async function changePayment(
  ports: { clock: Clock; payments: Payments },
  payment: PaymentRecord,
  set: Partial<PaymentRecord>,
  move: Move | null = null,
  claims: readonly Claim[] = [],
): Promise<PaymentRecord> {
  const at = isoInstant(ports.clock.now());
  const moved = move && move.to !== payment.state ? move : null;
  if (moved && !mayBecome(payment.state, moved.to)) {
    throw new Error(`A payment does not go from ${payment.state} to ${moved.to}`);
  }
  const full: Partial<PaymentRecord> = {
    ...set,
    ...(moved
      ? {
          state: moved.to,
          history: [...payment.history, entryOf(moved, at)].slice(-HISTORY),
          changedAt: at,
          ...(isFinal(moved.to) ? { dueAt: null } : {}),
        }
      : {}),
  };
  const changed = await ports.payments.change(payment, full, eventsOf(payment, set, moved), claims);
  if (!changed) throw new PaymentMoved();
  return changed;
}

/** A payment that somebody else moved meanwhile is theirs. */
export async function changeUnlessMoved(...change: Parameters<typeof changePayment>): Promise<void> {
  try {
    await changePayment(...change);
  } catch (error) {
    if (!(error instanceof PaymentMoved)) throw error;
  }
}

const entryOf = ({ to, source, bankCode, reason }: Move, at: string): HistoryEntry => ({
  at,
  state: to,
  source,
  bankCode: bankCode ?? null,
  reason: reason ?? null,
});

/** One event for each change an ERP can act on: of the state, or of single payments within it. */
function eventsOf(payment: PaymentRecord, set: Partial<PaymentRecord>, moved: Move | null): NewEvent[] {
  if (moved) return [changedEvent(payment, moved)];
  if (set.settled === undefined || set.settled === payment.settled) return [];
  const { executed, rejected } = set.tally ?? payment.tally;
  return [
    {
      type: 'payment.items',
      subject: payment.id,
      data: { connection: payment.connection, executed, rejected },
    },
  ];
}

const changedEvent = (
  { id, state, connection }: PaymentRecord,
  { to, source, bankCode }: Move,
): NewEvent => ({
  type: 'payment.changed',
  subject: id,
  data: { connection, from: state, to, source, bankCode: bankCode ?? null },
});
