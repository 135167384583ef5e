import { createHash } from 'node:crypto';
import { converted } from '../conversion.ts';
import { pragueDay, pragueInstant } from '../prague.ts';
import type { SandboxClock } from '../types.ts';
import { fileStatus, isRejected, itemized, STAGES, type Batch, type BatchItem } from './batch.ts';
import type { FiledPayment } from './order-file.ts';
import type { BankSource, ExtraMovement } from './source.ts';

/** An order as the bank holds it, however often somebody brought it. */
export interface HeldOrder {
  /** The gateway's id (`pay_…`) in the name of its batch, or the whole name where there is none. */
  readonly id: string;
  /** The bank's id of its last batch. */
  readonly bankId: string;
  /** How many times the bank took it: more than one is a payment sent twice. */
  readonly copies: number;
  /** Its payments that were booked, or will be on their day, in all copies together. */
  readonly booked: number;
  /** The bank found errors in every copy of it, and will pay nothing. */
  readonly rejected: boolean;
}

/**
 * What the client does with batches in internet banking. A batch is named by the bank's id or by the order's, which
 * then means the last one taken; an unknown one is an error.
 */
export interface BatchLevers {
  orders(): readonly HeldOrder[];
  orderOf(id: string): HeldOrder | undefined;
  /**
   * Signs a batch: a few seconds later it is handed over and its payments are booked, later ones on their day. A second
   * signature changes nothing. @throws Error for one that is deleted or was not imported
   */
  sign(batch: string): void;
  /** The bank finds errors in all of it. @throws Error when it is signed already, as the two below */
  reject(batch: string): void;
  /** The bank will refuse one payment of it, counted from 0, when it is handed over. */
  refuseItem(batch: string, payment: number): void;
  remove(batch: string): void;
  /** Signs every batch by itself so many milliseconds after it was taken; `null` (at first) = never. */
  signAfter(milliseconds: number | null): void;
}

export interface Upload {
  readonly name: string;
  readonly payments: readonly FiledPayment[];
  /** Whether a day gone by becomes today; otherwise it is an error. Week-ends are not looked at. */
  readonly autocorrect: boolean;
}

export interface BatchBook extends BatchLevers {
  /**
   * Takes a file over.
   * @returns the bank's id, `null` when it has the same bytes already
   */
  take(content: Uint8Array, upload: Upload): string | null;
  find(id: string): Batch | undefined;
  /** Does what time alone brings about. */
  advance(): void;
}

/** Beyond what a JS number holds: the contract says int64. */
const FIRST_ID = 9_007_199_254_740_993n;
const FIRST_REFERENCE = 8_000_000_000;

/** The batches of the simulated bank. What they bring about in the books is booked through the source. */
export function batchBook(source: BankSource, clock: SandboxClock): BatchBook {
  const batches: Batch[] = [];
  const checksums = new Set<string>();
  let signAfter: number | null = null;
  let references = FIRST_REFERENCE;

  const find = (id: string): Batch | undefined => batches.find((batch) => batch.id === id);
  const named = (batch: string): Batch => {
    const found = find(batch) ?? batches.findLast(({ name }) => orderIn(name) === batch);
    if (found) return found;
    throw new Error(`The simulated bank has no batch ${batch}.`);
  };
  const unsigned = (batch: string): Batch => {
    const found = named(batch);
    if (found.signedAt !== null) throw new Error(`Batch ${batch} is signed already.`);
    found.touchedAt = clock.now();
    return found;
  };
  const sign = (batch: Batch): void => {
    if (batch.signedAt !== null) return;
    const status = fileStatus(batch, clock.now());
    if (status === 'DELETED' || status === 'ERROR')
      throw new Error(`Batch ${batch.id} is ${status} and cannot be signed.`);
    batch.signedAt = Math.max(clock.now(), batch.takenAt + STAGES.imported);
    for (const { payment, item, refused } of batch.lines) {
      // A source of fixed files has no place for new movements.
      if (refused || batch.faulty.has(item) || !source.add) continue;
      references += 1;
      source.add(movementOf(payment, String(references), batch.signedAt + STAGES.passed));
      batch.booked += 1;
    }
  };
  const orders = (): HeldOrder[] =>
    [...Map.groupBy(batches, ({ name }) => orderIn(name))].map(([id, copies]) => ({
      id,
      bankId: copies.at(-1)!.id,
      copies: copies.length,
      booked: copies.reduce((total, { booked }) => total + booked, 0),
      rejected: copies.every((batch) => isRejected(batch, clock.now())),
    }));

  return {
    find,
    take: (content, upload) => {
      const checksum = createHash('sha256').update(content).digest('hex');
      if (checksums.has(checksum)) return null;
      checksums.add(checksum);
      const batch = opened(String(FIRST_ID + BigInt(batches.length)), upload, source, clock.now());
      batches.push(batch);
      return batch.id;
    },
    advance: () => {
      for (const batch of batches) {
        const due = signAfter !== null && clock.now() >= batch.takenAt + signAfter;
        if (due && fileStatus(batch, clock.now()) === 'OK') sign(batch);
      }
    },
    orders,
    orderOf: (id) => orders().find((order) => order.id === id),
    sign: (batch) => sign(named(batch)),
    reject: (batch) => {
      const { items, faulty } = unsigned(batch);
      for (const item of items) faulty.add(item);
    },
    refuseItem: (batch, payment) => {
      const line = unsigned(batch).lines[payment];
      if (!line) throw new Error(`Batch ${batch} has no payment ${payment}.`);
      line.refused = true;
    },
    remove: (batch) => void (unsigned(batch).removed = true),
    signAfter: (milliseconds) => void (signAfter = milliseconds),
  };
}

const orderIn = (name: string): string => /pay_\w+/.exec(name)?.[0] ?? name;

function opened(id: string, { name, payments, autocorrect }: Upload, source: BankSource, now: number): Batch {
  const { items, lines } = itemized(payments);
  const today = pragueDay(now);
  const late = new Set(lines.flatMap(({ payment, item }) => (payment.day < today ? [item] : [])));
  const faulty = new Set(items.filter((item) => (late.has(item) && !autocorrect) || !isServed(source, item)));
  const untouched = { touchedAt: now, signedAt: null, removed: false, booked: 0 };
  return { id, name, takenAt: now, items, lines, faulty, ...untouched };
}

/** Whether the client has the account, with an open folder in the currency, and the bank changes it into the other. */
function isServed(source: BankSource, { account, debited, currency }: BatchItem): boolean {
  const known = source
    .accounts()
    .some(({ number, prefix }) => number === account.number && prefix === account.prefix);
  return (
    known &&
    converted(0n, currency, debited) !== null &&
    source.folders(account.number).some((one) => one.currency === debited && one.status === 'ACTIVE')
  );
}

/** A payment in the books: when it was handed over, or in the morning of its day. */
function movementOf(payment: FiledPayment, reference: string, passedAt: number): ExtraMovement {
  const { type, minor, day, account, debited, currency, party, endToEnd, text, bearer } = payment;
  const { variable, constant, specific } = payment;
  const booked = converted(minor, currency, debited)!;
  return {
    accountNumber: account.number,
    currency: debited,
    minor: type === 'DD' ? minor : -booked.minor,
    instructed: currency === debited ? null : { minor, currency, rate: booked.rate },
    reference,
    bookedAt: Math.max(passedAt, pragueInstant(day, '06:00:00')),
    code: type === 'SEPA' || type === 'FPO' ? '10000201000' : '10000101000',
    party,
    variable,
    constant,
    specific,
    endToEnd: endToEnd ?? variable,
    remittance: text,
    bearer,
  };
}
