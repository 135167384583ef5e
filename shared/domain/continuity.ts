import { addDays, type PlainDate } from './dates.ts';

/** Whether a statement follows its predecessor. `first`: there is none to compare with. */
export type Verdict = 'first' | 'continuous' | 'gap' | 'mismatch';

/** What continuity looks at; amounts in signed minor units. */
export interface StatementFigures {
  readonly number: string | null;
  readonly from: PlainDate;
  readonly to: PlainDate;
  readonly opening: bigint | null;
  readonly closing: bigint | null;
  /** opening + credits − debits = closing, as the reader found; `null` when it cannot be told. */
  readonly reconciles: boolean | null;
}

/**
 * The verdict on a statement (design, chapter 4): `mismatch` when its own sums are wrong or it overlaps its
 * predecessor with another balance; `gap` when its opening is not the previous closing, or its number does not
 * follow. Days without a movement have no statement at some banks, so equal balances and a following number are
 * continuous however many days lie between; a restart at the new year is no gap.
 * @returns `null` when neither balances nor numbers tell
 */
export function judge(statement: StatementFigures, previous: StatementFigures | null): Verdict | null {
  if (statement.reconciles === false) return 'mismatch';
  if (previous === null) return 'first';
  const balancesFollow =
    statement.opening === null || previous.closing === null ? null : statement.opening === previous.closing;
  const numbersFollow = follows(statement, previous);
  if (balancesFollow === false || numbersFollow === false) {
    const adjacent = statement.from <= addDays(previous.to, 1);
    // A following number with a wrong balance is not a missing statement but a wrong one.
    return balancesFollow === false && (numbersFollow === true || (numbersFollow === null && adjacent))
      ? 'mismatch'
      : 'gap';
  }
  return balancesFollow === null && numbersFollow === null ? null : 'continuous';
}

/** The ordinal inside `22`, `194/2026`, `2026/194` or `00022`; `null` for anything else. */
export function ordinalOf(number: string | null): number | null {
  if (number === null) return null;
  const parts = /^\s*(\d{1,9})\s*(?:[/.-]\s*(\d{1,9})\s*)?$/.exec(number);
  if (!parts) return null;
  const [first = '', second] = parts.slice(1);
  // Of `194/2026` and `2026/194` the four digits that look like a year are the year.
  if (second !== undefined && /^(19|20)\d\d$/.test(first) && !/^(19|20)\d\d$/.test(second))
    return Number(second);
  return Number(first);
}

/** Whether the numbers follow; `null` when either has none. */
function follows(statement: StatementFigures, previous: StatementFigures): boolean | null {
  const mine = ordinalOf(statement.number);
  const theirs = ordinalOf(previous.number);
  if (mine === null || theirs === null) return null;
  if (mine === theirs + 1) return true;
  const newYear = statement.to.slice(0, 4) > previous.to.slice(0, 4);
  return newYear && mine === 1;
}
