import type { Transaction } from '../../domain/model.ts';
import { FormatError } from '../errors.ts';
import type { StatementEvent } from '../stream.ts';
import { unknownCode, type Item } from './item.ts';
import {
  AMBIGUOUS,
  codesDecidedBy,
  DENSE_CODES,
  STANDARD_CODES,
  type Posting,
  type PostingCodes,
} from './posting.ts';
import { turnoverOf, type Turnover } from './turnover.ts';

/** Items that wait for the meaning of code 4; behind them only those of code 4 themselves do. */
const MAX_WAITING = 10_000;
/** Items of code 4 that wait: reversals are rare. */
const MAX_AMBIGUOUS = 100_000;

/** Tells what each item's posting code means, where necessary at the end of the statement only. */
export interface Postings {
  /** @throws FormatError `posting-code-unknown` */
  of(item: Item): Posting;
  /** Takes an item whose posting was told; it is emitted at once unless its sign is not sure yet. */
  take(transaction: Transaction, posting: Posting, item: Item): void;
  /** Emits what waits, by this table. */
  settle(codes: PostingCodes): void;
  readonly waiting: boolean;
  readonly count: number;
  readonly turnover: Turnover;
  /** The table, once the dialect or a code has decided it. */
  readonly decided: PostingCodes | null;
}

/**
 * Where the bank is unknown, code 4 raises the balance or lowers it. Codes 3 and 5 each occur in one table and decide;
 * otherwise items wait from the first code 4 on, in their order, until the balance has decided.
 */
export function postingReader(codes: PostingCodes | null, emit: (event: StatementEvent) => void): Postings {
  let decided = codes;
  let waiting: { transaction: Transaction; ambiguous: boolean }[] = [];
  let inOrder = true;
  let count = 0;
  const turnover = turnoverOf(() => decided ?? STANDARD_CODES);

  const settle = (table: PostingCodes): void => {
    decided = table;
    for (const { transaction, ambiguous } of waiting) {
      const flips = ambiguous && table === DENSE_CODES;
      emit({ type: 'transaction', transaction: flips ? withOppositeSign(transaction) : transaction });
    }
    waiting = [];
    inOrder = true;
  };
  const wait = (transaction: Transaction, ambiguous: boolean): void => {
    waiting.push({ transaction, ambiguous });
    if (inOrder && waiting.length > MAX_WAITING) {
      inOrder = false;
      for (const each of waiting)
        if (!each.ambiguous) emit({ type: 'transaction', transaction: each.transaction });
      waiting = waiting.filter((each) => each.ambiguous);
    }
    if (waiting.length > MAX_AMBIGUOUS) {
      const message = `More than ${MAX_AMBIGUOUS} items have posting code 4, whose meaning depends on the bank: set the bank`;
      throw new FormatError('bank-unknown', message);
    }
  };
  return {
    of({ posting, code }) {
      if (posting) return posting;
      const table = decided ?? codesDecidedBy(code ?? 0);
      const found = (table ?? STANDARD_CODES)[code ?? 0];
      if (!found) throw unknownCode(code ?? 0);
      if (table && !decided) settle(table);
      return found;
    },
    take(transaction, posting, { amount, code }) {
      count += 1;
      turnover.add(posting, amount, code);
      const ambiguous = decided === null && code === AMBIGUOUS;
      if (ambiguous || (waiting.length > 0 && inOrder)) wait(transaction, ambiguous);
      else emit({ type: 'transaction', transaction });
    },
    settle,
    turnover,
    get waiting() {
      return waiting.length > 0;
    },
    get count() {
      return count;
    },
    get decided() {
      return decided;
    },
  };
}

function withOppositeSign(transaction: Transaction): Transaction {
  const { minor, currency } = transaction.amount;
  return { ...transaction, amount: { minor: -minor, currency } };
}
