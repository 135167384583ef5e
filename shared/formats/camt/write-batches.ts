import type { Transaction } from '../../domain/model.ts';
import { lose, type CamtVersion, type Draft } from './write-fields.ts';

/** What one `Ntry` is written for: a movement, or the details of a batch. */
export interface EntryGroup {
  readonly transactions: readonly Transaction[];
  /** Reference of the batch; `undefined` for a single movement. */
  readonly batch: { readonly reference: string | null } | undefined;
  /** Place of the first in the statement, from 1. */
  readonly first: number;
}

/**
 * Puts the details of a batch back into one entry where a reader would split it into the same ones again: all of
 * them, from the first, under one date and, up to version 07, in one direction. Others become entries of their own.
 */
export function groupBatches(
  draft: Draft,
  transactions: readonly Transaction[],
  position: string,
): EntryGroup[] {
  const groups: EntryGroup[] = [];
  for (let at = 0; at < transactions.length;) {
    const run = runFrom(transactions, at);
    const first = at + 1;
    at += run.length;
    const reference = run[0]?.batch?.reference ?? null;
    if (canBeBatch(run, reference, draft.version)) {
      groups.push({ transactions: run, batch: { reference }, first });
      continue;
    }
    for (const [next, transaction] of run.entries()) {
      const { batch } = transaction;
      if (batch)
        lose(draft, 'batch-left-out', 'That it is part of a batch.', `${position}, item ${first + next}`);
      groups.push({ transactions: [transaction], batch: undefined, first: first + next });
    }
  }
  return groups;
}

/** The longest run of one batch that begins at a place. */
function runFrom(transactions: readonly Transaction[], from: number): readonly Transaction[] {
  const batch = transactions[from]?.batch ?? null;
  let end = from + 1;
  while (batch && isNext(transactions[end], batch, end - from)) end += 1;
  return transactions.slice(from, end);
}

function isNext(
  next: Transaction | undefined,
  { reference, index }: NonNullable<Transaction['batch']>,
  steps: number,
): boolean {
  return next?.batch?.reference === reference && next.batch.index === index + steps;
}

function canBeBatch(run: readonly Transaction[], reference: string | null, version: CamtVersion): boolean {
  const [first] = run;
  if (!first || run.length < 2 || first.batch?.index !== 1) return false;
  const alike = run.every(
    ({ bookingDate, valueDate, reversal }) =>
      bookingDate === first.bookingDate && valueDate === first.valueDate && reversal === first.reversal,
  );
  const references = run.map(({ bankReference }) => bankReference).filter((own) => own !== reference);
  const told = new Set(references).size === references.length && !references.includes(null);
  return alike && told && (version !== '02' || isOneWay(run));
}

/** Whether all amounts point one way: only version 04 and later have a direction for each detail. */
function isOneWay(run: readonly Transaction[]): boolean {
  return run.every(({ amount }) => amount.minor >= 0n) || run.every(({ amount }) => amount.minor <= 0n);
}
