import { createHash } from 'node:crypto';
import type { PlainDate } from './dates.ts';
import type { Transaction } from './model.ts';

/** What one advice tells. */
export interface Advised {
  /** SHA-256 of the archived document. */
  readonly document: string;
  readonly transactions: readonly Transaction[];
}

/** A movement that was advised and stands in no statement yet. */
export interface PendingRow {
  /** The same as long as it is pending, whichever advices come. */
  readonly id: string;
  readonly transaction: Transaction;
  /** The first advice that told of it. */
  readonly document: string;
}

/**
 * The movements that advices tell of days no statement covers, by booking date. Advices of a day may repeat each other:
 * a movement is told from others by the bank's reference, else by value date, amount and symbols (ČSOB, "Avíza ve
 * formátu MT942": each of them comes again in the statement). Equal ones within one advice are several; equal ones in
 * two advices are the same, so a day has as many as the advice that has most.
 * @param advices of one account, oldest first
 * @param from first day that no statement covers
 */
export function pendingOf(advices: readonly Advised[], from: PlainDate): PendingRow[] {
  const rows = new Map<string, PendingRow>();
  for (const { document, transactions } of advices) {
    const met = new Map<string, number>();
    for (const transaction of transactions) {
      if (transaction.bookingDate < from) continue;
      const content = contentOf(transaction);
      const occurrence = (met.get(content) ?? 0) + 1;
      met.set(content, occurrence);
      const id = createHash('sha256').update(`${content}|${occurrence}`).digest('base64url').slice(0, 22);
      if (!rows.has(id)) rows.set(id, { id, transaction, document });
    }
  }
  return [...rows.values()].sort((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? -1 : 1));
}

/** References are not promised to be unique for ever, so day and amount stand beside them. */
function contentOf(t: Transaction): string {
  const { minor, currency } = t.amount;
  const identity =
    t.bankReference === null
      ? ['', t.valueDate, t.variableSymbol, t.constantSymbol, t.specificSymbol]
      : [t.bankReference, t.bookingDate];
  return [minor, currency, ...identity].join('|');
}

/** The place of a row in its list. */
export const sortKeyOf = ({ id, transaction }: PendingRow): string =>
  `pending#${transaction.bookingDate}#${id}`;
