import { AMBIGUOUS, DENSE_CODES, type Posting, type PostingCodes } from './posting.ts';

/** Net turnovers of a statement in hundredths: reversals are taken off the side they reverse. */
export interface Turnover {
  add(posting: Posting, amount: bigint, code: number | null): void;
  /** Debits and credits as they are, or as they would be by another table of posting codes. */
  totals(codes?: PostingCodes): { readonly debits: bigint; readonly credits: bigint };
}

/** @param codes the table by which the postings of code 4 were told */
export function turnoverOf(codes: () => PostingCodes): Turnover {
  let debits = 0n;
  let credits = 0n;
  let fours = 0n;
  return {
    add(posting, amount, code) {
      if (code === AMBIGUOUS) fours += amount;
      else if (posting.side === 'debit') debits += posting.reversal ? -amount : amount;
      else credits += posting.reversal ? -amount : amount;
    },
    totals(by = codes()) {
      return by === DENSE_CODES ? { debits, credits: credits - fours } : { debits: debits - fours, credits };
    },
  };
}
