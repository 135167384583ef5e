import type { Outcome } from './report.ts';

/** ISO 20022 payment status codes. */
const MEANINGS: Readonly<Record<string, Outcome>> = {
  RCVD: 'received',
  ACTC: 'received',
  PDNG: 'pending',
  ACCP: 'accepted',
  ACFC: 'accepted',
  ACSP: 'accepted',
  ACWC: 'changed',
  ACSC: 'settled',
  ACCC: 'settled',
  PART: 'partial',
  RJCT: 'rejected',
  CANC: 'cancelled',
};

/** What a code means; `unknown` for one nobody told us the meaning of. */
export function meaningOf(status: string): Outcome {
  return Object.hasOwn(MEANINGS, status) ? (MEANINGS[status] ?? 'unknown') : 'unknown';
}

/** The least advanced of several states speaks for all of them. */
const PROGRESS: readonly Outcome[] = ['received', 'pending', 'accepted', 'changed', 'settled'];

const isRefusal = (outcome: Outcome): boolean => outcome === 'rejected' || outcome === 'cancelled';

/** One outcome for several that stand side by side. */
export function together(outcomes: readonly Outcome[]): Outcome {
  const [first = 'unknown'] = outcomes;
  if (outcomes.every((outcome) => outcome === first)) return first;
  if (outcomes.includes('unknown')) return 'unknown';
  if (outcomes.includes('partial') || outcomes.some(isRefusal)) {
    return outcomes.every(isRefusal) ? 'rejected' : 'partial';
  }
  return PROGRESS.find((outcome) => outcomes.includes(outcome)) ?? 'unknown';
}

/**
 * The outcome of a level from those below it: the finest level wins. A bank may list only some transactions, mostly
 * the rejected ones; the others then have what the level itself says. Where it does not say how many there are, the
 * list counts as whole unless the level says `PART`: to take the rest for rejected would pay it twice.
 * @param status the level's own code
 * @param inherited what the level above says, for a level that says nothing
 * @param below outcomes of what is listed, `covered` how many transactions that is
 * @param count how many transactions there are
 */
export function outcomeOf(
  status: string | null,
  inherited: Outcome,
  below: readonly Outcome[],
  { covered, count }: { readonly covered: number; readonly count: number | null },
): Outcome {
  const own = status === null ? inherited : meaningOf(status);
  if (below.length === 0) return own;
  const complete = count === null ? own !== 'partial' : covered >= count;
  return complete ? together(below) : together([...below, own]);
}
