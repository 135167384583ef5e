import { addDays, type PlainDate } from '../../../shared/domain/dates.ts';
import { pragueInstant } from '../prague.ts';
import { uuidOf } from './ids.ts';
import type { FolderLedger } from './ledger.ts';
import type { Movement } from './movement.ts';
import type { DocumentFormat, SourceStatement, StatementLine } from './source.ts';

/** A statement with everything its files print. */
export interface Issue extends SourceStatement {
  readonly iban: string;
  readonly owner: string;
  readonly creditLine: bigint;
  readonly period: 'daily' | 'monthly';
  readonly opening: bigint;
  readonly closing: bigint;
  readonly movements: readonly Movement[];
  /** Instant printed into the file. */
  readonly createdAt: number;
  /** Instant from which the bank lists it. */
  readonly listedAt: number;
  /** 0 for the first edition, counted up when the bank corrects it. */
  readonly correction: number;
}

/** Statements exist from the small hours of the next day; the list shows them from four o'clock in Prague. */
const LISTED_FROM = '04:00:00';
const CREATED = { daily: '01:14:44', monthly: '03:03:12' };

/** The instant at which the statement of a period ending on `day` is listed. */
export function listingOf(day: PlainDate): number {
  return pragueInstant(addDays(day, 1), LISTED_FROM);
}

/** The statements of a folder that are listed at `now`, oldest first, line by line. */
export function issuesOf(ledger: FolderLedger, now: number): Issue[] {
  return ledger.key.folder.lines.flatMap((line) =>
    line === 'ADDITIONAL' ? monthly(ledger, now) : daily(ledger, now, line),
  );
}

function daily(ledger: FolderLedger, now: number, line: StatementLine): Issue[] {
  const { folder } = ledger.key;
  const issues: Issue[] = [];
  let ordinal = folder.statementEveryDay ? dayOfYear(ledger.start) - 1 : firstOrdinal(ledger);
  for (let day = ledger.start; listingOf(day) <= now; day = addDays(day, 1)) {
    if (day.endsWith('-01-01')) ordinal = 0;
    if (ledger.on(day).length === 0 && !folder.statementEveryDay) continue;
    ordinal += 1;
    issues.push(issue(ledger, { line, period: 'daily', from: day, to: day, ordinal }));
  }
  return issues;
}

function monthly(ledger: FolderLedger, now: number): Issue[] {
  const issues: Issue[] = [];
  let from = monthAfter(addDays(ledger.start, -1));
  for (;;) {
    const next = monthAfter(from);
    const to = addDays(next, -1);
    if (listingOf(to) > now) return issues;
    issues.push(
      issue(ledger, { line: 'ADDITIONAL', period: 'monthly', from, to, ordinal: Number(to.slice(5, 7)) }),
    );
    from = next;
  }
}

function issue(
  ledger: FolderLedger,
  what: { line: StatementLine; period: 'daily' | 'monthly'; from: PlainDate; to: PlainDate; ordinal: number },
): Issue {
  const { seed, account, folder } = ledger.key;
  const { line, period, from, to, ordinal } = what;
  const movements: Movement[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) movements.push(...ledger.on(day));
  const width = period === 'daily' ? 3 : 2;
  const formats: readonly DocumentFormat[] = line === 'MT940' ? ['MT940'] : ['pdf', 'xml', 'MT940'];
  return {
    id: uuidOf(`${seed}|${account.number}|${folder.currency}|${line}|${to}`),
    accountNumber: account.number,
    iban: account.iban,
    owner: account.owner,
    currency: folder.currency,
    creditLine: folder.creditLine,
    number: `${String(ordinal).padStart(width, '0')}/${to.slice(0, 4)}`,
    from,
    to,
    lines: [line],
    formats,
    period,
    opening: ledger.openingOf(from),
    closing: ledger.openingOf(addDays(to, 1)),
    movements,
    createdAt: pragueInstant(addDays(to, 1), CREATED[period]),
    listedAt: listingOf(to),
    correction: 0,
  };
}

/** A later edition of a statement under the same number. */
export function corrected(first: Issue, now: number, correction: number): Issue {
  return { ...first, id: uuidOf(`${first.id}|${correction}`), createdAt: now, listedAt: now, correction };
}

function monthAfter(day: PlainDate): PlainDate {
  return `${addDays(`${day.slice(0, 7)}-28`, 4).slice(0, 7)}-01`;
}

function dayOfYear(day: PlainDate): number {
  return (Date.parse(`${day}T00:00:00Z`) - Date.parse(`${day.slice(0, 4)}-01-01T00:00:00Z`)) / 86_400_000 + 1;
}

/** Where the numbers of a folder stand that has no statement for idle days: some two of three days had one. */
function firstOrdinal(ledger: FolderLedger): number {
  return Math.floor(((dayOfYear(ledger.start) - 1) * 2) / 3);
}
