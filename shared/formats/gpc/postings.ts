import type { Transaction } from '../../domain/model.ts';
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

/** Items that wait for the meaning of code 4 before only those of code 4 go on waiting. */
const MAX_WAITING = 10_000;

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
  let count = 0;
  const turnover = turnoverOf(() => decided ?? STANDARD_CODES);

  const settle = (table: PostingCodes): void => {
    decided = table;
    for (const { transaction, ambiguous } of waiting) {
      const flips = ambiguous && table === DENSE_CODES;
      emit({ type: 'transaction', transaction: flips ? withOppositeSign(transaction) : transaction });
    }
    waiting = [];
  };
  const releaseCertain = (): void => {
    for (const { transaction, ambiguous } of waiting)
      if (!ambiguous) emit({ type: 'transaction', transaction });
    waiting = waiting.filter(({ ambiguous }) => ambiguous);
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
      if (!ambiguous && waiting.length === 0) {
        emit({ type: 'transaction', transaction });
        return;
      }
      waiting.push({ transaction, ambiguous });
      if (waiting.length > MAX_WAITING) releaseCertain();
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
