/** What a posting code (075, column 61) means for the account. */
export interface Posting {
  /** The turnover it counts into. */
  readonly side: 'debit' | 'credit';
  /** A reversal takes a movement of its side back: it has the opposite sign. */
  readonly reversal: boolean;
  /** Whether the balance rises. */
  readonly rises: boolean;
}

const DEBIT: Posting = { side: 'debit', reversal: false, rises: false };
const CREDIT: Posting = { side: 'credit', reversal: false, rises: true };
const REVERSED_DEBIT: Posting = { side: 'debit', reversal: true, rises: true };
const REVERSED_CREDIT: Posting = { side: 'credit', reversal: true, rises: false };

/** The meaning of each code. */
export type PostingCodes = Readonly<Partial<Record<number, Posting>>>;

/** 1, 2, 4, 5: what most banks write (KB format KM; ČSOB FormatGPCv2; RB eKomunikátor; Fio API). */
export const STANDARD_CODES: PostingCodes = { 1: DEBIT, 2: CREDIT, 4: REVERSED_DEBIT, 5: REVERSED_CREDIT };
/** 1, 2, 3, 4: Česká spořitelna, form 3-2267. Code 4 has the opposite sign of the other table. */
export const DENSE_CODES: PostingCodes = { 1: DEBIT, 2: CREDIT, 3: REVERSED_DEBIT, 4: REVERSED_CREDIT };

/** The code that means opposite things in the two tables. */
export const AMBIGUOUS = 4;

/** The table that a code decides for where the bank is unknown, `null` when both have it. */
export function codesDecidedBy(code: number): PostingCodes | null {
  if (code in STANDARD_CODES) return code in DENSE_CODES ? null : STANDARD_CODES;
  return code in DENSE_CODES ? DENSE_CODES : null;
}

/** A sign where others have the first digit of the amount, column 49, in place of a code (J&T Banka). */
export function postingOfSign(unit: number | undefined): Posting | null {
  if (unit === 0x2b) return CREDIT;
  return unit === 0x2d ? DEBIT : null;
}

/** The code of a movement. @throws RangeError when the table has none for it */
export function codeOf(codes: PostingCodes, rises: boolean, reversal: boolean): string {
  const found = Object.entries(codes).find(
    ([, posting]) => posting?.rises === rises && posting.reversal === reversal,
  );
  if (!found) throw new RangeError('The posting codes have none for this movement');
  return found[0];
}
