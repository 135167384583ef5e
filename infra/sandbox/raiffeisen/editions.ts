import { addDays } from '../../../shared/domain/dates.ts';
import { pragueDay } from '../prague.ts';
import type { SandboxClock } from '../types.ts';
import { corrected, issuesOf, listingOf, type Issue } from './issues.ts';
import type { FolderLedger } from './ledger.ts';

/** What the bank lists as statements: what it issued, less what was taken back, plus corrected editions. */
export interface Editions {
  /** Listed by now, oldest first; a corrected edition follows the one it corrects. */
  of(ledger: FolderLedger): Issue[];
  byId(id: string): Issue | undefined;
  remove(id: string): void;
  /** @returns the id of the new edition. @throws Error for an id that is not listed */
  correct(id: string): string;
}

export function editions(ledgers: readonly FolderLedger[], clock: SandboxClock): Editions {
  const issued = issueCache(clock);
  const removed = new Set<string>();
  const corrections: { ledger: FolderLedger; issue: Issue }[] = [];

  const of = (ledger: FolderLedger): Issue[] => {
    const later = corrections.filter((one) => one.ledger === ledger).map(({ issue }) => issue);
    return [...issued(ledger), ...later]
      .filter(({ id, listedAt }) => !removed.has(id) && listedAt <= clock.now())
      .sort((a, b) => a.to.localeCompare(b.to) || a.correction - b.correction);
  };
  const byId = (id: string): Issue | undefined => ledgers.flatMap(of).find((issue) => issue.id === id);

  return {
    of,
    byId,
    remove: (id) => void removed.add(id),
    correct: (id) => {
      const ledger = ledgers.find((one) => of(one).some((issue) => issue.id === id));
      const issue = byId(id);
      if (!ledger || !issue) throw new Error(`The simulated bank lists no statement ${id}.`);
      const edition = corrected(issue, clock.now(), corrections.length + 1);
      corrections.push({ ledger, issue: edition });
      return edition.id;
    },
  };
}

/** A statement never changes once listed, so they are made once for every day that passes at the bank. */
function issueCache(clock: SandboxClock): (ledger: FolderLedger) => readonly Issue[] {
  const made = new Map<FolderLedger, { before: number; issues: readonly Issue[] }>();
  return (ledger) => {
    const now = clock.now();
    const known = made.get(ledger);
    if (known && now < known.before) return known.issues;
    const today = pragueDay(now);
    const thisMorning = listingOf(addDays(today, -1));
    const before = now < thisMorning ? thisMorning : listingOf(today);
    const issues = issuesOf(ledger, now);
    made.set(ledger, { before, issues });
    return issues;
  };
}
