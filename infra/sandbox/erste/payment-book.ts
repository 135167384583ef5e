import { createHash } from 'node:crypto';
import { pragueDay, pragueInstant } from '../prague.ts';
import type { SandboxClock } from '../types.ts';
import { PaymentRefusal } from './answers.ts';
import type { Booking } from './books.ts';
import type { PaymentOrder } from './payment-order.ts';

/** One payment the bank took, and how far it went. */
export interface Payment {
  /** `transactionIdentification`, which paths call the payment's id. */
  readonly id: string;
  readonly signId: string;
  /** Belongs to the signId in the path of the signing page's address. */
  readonly hash: string;
  readonly order: PaymentOrder;
  readonly takenAt: number;
  stage: 'unsigned' | 'cancelled' | 'deleted' | 'signed' | 'booked' | 'rejected';
  /** When it is or was booked; `null` before it is signed. */
  dueAt: number | null;
  /** The bank will refuse it although it is signed. */
  doomed: boolean;
}

export type InstructionStatus = 'ACTC' | 'ACSP' | 'ACSC' | 'RJCT';
export type SigningState = 'OPEN' | 'DONE' | 'CANCELED';

/** The payments the bank holds under one `instructionIdentification`, however many. */
export interface HeldPayment {
  /** `instructionIdentification` */
  readonly id: string;
  /** `transactionIdentification` of the last one. */
  readonly bankId: string;
  /** How many the bank holds: more than one only where it takes duplicates. */
  readonly copies: number;
  /** Payments of the same content that are or may yet be booked, under whatever identification. */
  readonly alike: number;
  /** How many of the copies are booked. */
  readonly booked: number;
  /** The bank pays none of them. */
  readonly rejected: boolean;
  /** Of the last one. */
  readonly status: InstructionStatus;
  readonly signing: SigningState;
  /** Body of the last one as it was sent. */
  readonly request: Readonly<Record<string, unknown>>;
}

/**
 * What payers do in internet banking and the bank with their payments. A payment is named by its
 * `instructionIdentification`, which then means the last one, or by the bank's id; an unknown or deleted one is an
 * error.
 */
export interface PaymentLevers {
  orders(): readonly HeldPayment[];
  orderOf(id: string): HeldPayment | undefined;
  /** Signs it without a page; a second signature changes nothing. @throws Error for a cancelled one */
  sign(payment: string): void;
  /** The payer refuses to sign. @throws Error for one that is signed */
  cancel(payment: string): void;
  /** The bank refuses it, for want of funds say, at once or as soon as it is signed. @throws Error for a booked one */
  reject(payment: string): void;
  /** Every payment is signed by itself so many milliseconds after it was taken; `null` (at first) = never. */
  signAfter(milliseconds: number | null): void;
  /** The bank looks at no `instructionIdentification` any more, and refuses none as a duplicate. */
  takeDuplicates(on: boolean): void;
}

export interface PaymentBook extends PaymentLevers {
  /** @throws PaymentRefusal `AM05` for an `instructionIdentification` that was used before */
  take(order: PaymentOrder): Payment;
  /** One that is not deleted. */
  byId(id: string): Payment | undefined;
  bySignId(signId: string): Payment | undefined;
  /** A signature, or its refusal, of a payment that is not signed yet. */
  settle(payment: Payment, as: 'signed' | 'cancelled'): void;
  /** Does what time alone brings about. */
  advance(): void;
}

/** Later payments are booked in the morning of their day. */
const MORNING = '06:00:00';

/** The payments of the simulated bank; those that are due go into its books. */
export function paymentBook(options: {
  readonly seed: string;
  readonly clock: SandboxClock;
  readonly book: (booking: Booking) => unknown;
}): PaymentBook {
  const { seed, clock, book } = options;
  const payments: Payment[] = [];
  let signAfter: number | null = null;
  let refusing = true;

  const held = (): Payment[] => payments.filter(({ stage }) => stage !== 'deleted');
  const byId = (id: string): Payment | undefined => held().find((payment) => payment.id === id);
  const named = (name: string): Payment => {
    advance();
    const found = byId(name) ?? held().findLast(({ order }) => order.reference === name);
    if (found) return found;
    throw new Error(`The simulated bank has no payment ${name}.`);
  };

  function advance(): void {
    const now = clock.now();
    for (const payment of held()) {
      if (signAfter !== null && payment.stage === 'unsigned' && payment.takenAt + signAfter <= now)
        settle(payment, 'signed');
      if (payment.stage === 'signed' && payment.dueAt! <= now) execute(payment);
    }
  }

  function settle(payment: Payment, as: 'signed' | 'cancelled'): void {
    if (payment.stage !== 'unsigned') throw new Error(`Payment ${payment.id} is ${payment.stage} already.`);
    payment.stage = as;
    if (as === 'cancelled') return;
    const now = clock.now();
    payment.dueAt = dueAt(payment.order, now);
    if (payment.doomed) payment.stage = 'rejected';
    else if (payment.dueAt <= now) execute(payment);
  }

  function execute(payment: Payment): void {
    payment.stage = 'booked';
    book(bookingOf(payment.order, payment.dueAt!));
  }

  function orders(): HeldPayment[] {
    advance();
    const live = held().filter(({ stage }) => stage !== 'cancelled' && stage !== 'rejected');
    return [...Map.groupBy(held(), ({ order }) => order.reference)].map(([id, copies]) => {
      const last = copies.at(-1)!;
      return {
        id,
        bankId: last.id,
        copies: copies.length,
        alike: live.filter(({ order }) => contentOf(order) === contentOf(last.order)).length,
        booked: copies.filter(({ stage }) => stage === 'booked').length,
        rejected: copies.every((payment) => statusOf(payment) === 'RJCT'),
        status: statusOf(last),
        signing: signingOf(last),
        request: last.order.body,
      };
    });
  }

  return {
    take: (order) => {
      // A deleted one counts as well: its name was used.
      if (refusing && payments.some((one) => one.order.reference === order.reference))
        throw new PaymentRefusal(400, {
          error: 'AM05',
          scope: 'paymentIdentification.instructionIdentification',
        });
      const payment = opened(`${seed}|payment|${payments.length}`, order, clock.now());
      payments.push(payment);
      return payment;
    },
    byId,
    bySignId: (signId) => held().find((payment) => payment.signId === signId),
    settle,
    advance,
    orders,
    orderOf: (id) => orders().find((one) => one.id === id),
    sign: (name) => {
      const payment = named(name);
      if (payment.stage === 'unsigned' || payment.stage === 'cancelled') settle(payment, 'signed');
    },
    cancel: (name) => settle(named(name), 'cancelled'),
    reject: (name) => {
      const payment = named(name);
      if (payment.stage === 'booked') throw new Error(`Payment ${name} is booked already.`);
      if (payment.stage === 'signed') payment.stage = 'rejected';
      payment.doomed = true;
    },
    signAfter: (milliseconds) => void (signAfter = milliseconds),
    takeDuplicates: (on) => void (refusing = !on),
  };
}

function opened(seed: string, order: PaymentOrder, takenAt: number): Payment {
  const hash = createHash('sha256').update(seed).digest('hex');
  const digits = BigInt(`0x${hash}`).toString().padStart(40, '0');
  return {
    id: digits.slice(-21),
    signId: digits.slice(-36, -21),
    hash,
    order,
    takenAt,
    stage: 'unsigned',
    dueAt: null,
    doomed: false,
  };
}

export function statusOf({ stage }: Payment): InstructionStatus {
  if (stage === 'unsigned') return 'ACTC';
  if (stage === 'signed') return 'ACSP';
  return stage === 'booked' ? 'ACSC' : 'RJCT';
}

export function signingOf({ stage }: Payment): SigningState {
  if (stage === 'unsigned') return 'OPEN';
  return stage === 'cancelled' ? 'CANCELED' : 'DONE';
}

/** What is paid, without the names it was given. */
const contentOf = ({ body }: PaymentOrder): string =>
  JSON.stringify({ ...body, paymentIdentification: undefined });

/** When a payment signed now is booked; a day gone by since it was ordered becomes today. */
function dueAt({ day, priority }: PaymentOrder, now: number): number {
  const later = priority !== 'INST' && day !== null && day > pragueDay(now);
  return later ? pragueInstant(day, MORNING) : now;
}

function bookingOf(order: PaymentOrder, bookedAt: number): Booking {
  const { debtor, creditor, minor, currency, debited, variable, constant, specific, service } = order;
  const own = debtor.key.folder.currency;
  return {
    iban: debtor.key.account.iban,
    minor: -debited.minor,
    instructed: currency === own ? null : { minor, currency, rate: debited.rate },
    bookedAt,
    code: service === 'DMCT' ? '10000101000' : '10000201000',
    party: creditor,
    variable,
    constant,
    specific,
    endToEnd: order.endToEnd,
    remittance: order.message,
    bearer: order.bearer,
  };
}
