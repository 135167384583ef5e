import type { DomesticNumber } from './numbers.ts';
import type { FiledPayment } from './order-file.ts';

/** One uploaded file of payments and what became of it; statuses follow from it and the time. */
export interface Batch {
  /** The bank's id, an int64. */
  readonly id: string;
  readonly name: string;
  readonly takenAt: number;
  readonly items: readonly BatchItem[];
  readonly lines: readonly BatchLine[];
  /** Items the bank found errors in. */
  readonly faulty: Set<BatchItem>;
  /** When somebody last did something with it. */
  touchedAt: number;
  signedAt: number | null;
  removed: boolean;
  /** Payments booked so far. */
  booked: number;
}

/** The payments of one debit account, currency and type within a batch. */
export interface BatchItem {
  readonly account: DomesticNumber;
  /** Currency of the folder that pays. */
  readonly debited: string;
  readonly currency: string;
  readonly type: FiledPayment['type'];
  readonly minor: bigint;
  readonly payments: number;
}

export interface BatchLine {
  readonly payment: FiledPayment;
  readonly item: BatchItem;
  /** The bank will not carry it out although the others go through. */
  refused: boolean;
}

export type FileStatus = 'UPLOADED' | 'PROCESSING' | 'OK' | 'ERROR' | 'DELETED';
export type ItemStatus =
  'ERROR' | 'FOR_SIGN' | 'VERIFIED' | 'PASSING_TO_BANK' | 'PASSED' | 'PASSED_TO_BANK_WITH_ERROR';

/** Milliseconds after a file was taken, and after it was signed. */
export const STAGES = { processing: 1_000, imported: 3_000, passing: 2_000, passed: 4_000 };
/** "This can change without prior notice"; not checked at the upload. */
const MOST_PAYMENTS = 15_000;

export function fileStatus({ removed, takenAt, lines }: Batch, now: number): FileStatus {
  if (removed) return 'DELETED';
  if (now < takenAt + STAGES.processing) return 'UPLOADED';
  if (now < takenAt + STAGES.imported) return 'PROCESSING';
  return lines.length > MOST_PAYMENTS ? 'ERROR' : 'OK';
}

export function itemStatus({ faulty, signedAt, lines }: Batch, item: BatchItem, now: number): ItemStatus {
  if (faulty.has(item)) return 'ERROR';
  if (signedAt === null || now < signedAt) return 'FOR_SIGN';
  if (now < signedAt + STAGES.passing) return 'VERIFIED';
  if (now < signedAt + STAGES.passed) return 'PASSING_TO_BANK';
  const errors = lines.some((line) => line.item === item && line.refused);
  return errors ? 'PASSED_TO_BANK_WITH_ERROR' : 'PASSED';
}

/** When it last changed, by somebody's hand or by itself. */
export function changedAt({ takenAt, touchedAt, signedAt }: Batch, now: number): number {
  const stages = [
    takenAt + STAGES.processing,
    takenAt + STAGES.imported,
    ...(signedAt === null ? [] : [signedAt, signedAt + STAGES.passing, signedAt + STAGES.passed]),
  ];
  return Math.max(touchedAt, ...stages.filter((at) => at <= now));
}

/** Whether the bank will pay nothing of it. */
export const isRejected = (batch: Batch, now: number): boolean =>
  fileStatus(batch, now) === 'ERROR' || batch.items.every((item) => batch.faulty.has(item));

/** Payments as items and lines, both in the order of the file. */
export function itemized(payments: readonly FiledPayment[]): Pick<Batch, 'items' | 'lines'> {
  const groups = Map.groupBy(
    payments,
    ({ account, debited, currency, type }) =>
      `${account.prefix}-${account.number} ${debited} ${currency} ${type}`,
  );
  const itemOf = new Map<FiledPayment, BatchItem>();
  const items = [...groups.values()].map((own): BatchItem => {
    const { account, debited, currency, type } = own[0]!;
    const minor = own.reduce((total, payment) => total + payment.minor, 0n);
    const item = { account, debited, currency, type, minor, payments: own.length };
    for (const payment of own) itemOf.set(payment, item);
    return item;
  });
  const lines = payments.map((payment) => ({ payment, item: itemOf.get(payment)!, refused: false }));
  return { items, lines };
}
