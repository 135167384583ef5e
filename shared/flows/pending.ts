import { addDays, maxDate, type PlainDate } from '../domain/dates.ts';
import type { Window } from '../domain/model.ts';
import { pendingOf, sortKeyOf, type Advised, type PendingRow } from '../domain/pending.ts';
import type { Account, AdviceRecord } from '../domain/records.ts';
import { FormatError } from '../formats/errors.ts';
import type { Ledger } from '../store/ledger.ts';
import { readDocument } from './reading.ts';

/** Days an advice is good for: by then its statement has come, or never will. */
const ADVICE_DAYS = 31;
/** An advice may speak of movements that are booked on a later day, behind a week-end. */
const AHEAD_DAYS = 3;
/** Advices read for one answer; a day has a handful. */
const MAX_READ = 200;

/** The days that no statement covers and an advice may speak of. */
export async function uncoveredDays(ledger: Pick<Ledger, 'statementsIn'>, today: PlainDate): Promise<Window> {
  const earliest = addDays(today, -ADVICE_DAYS);
  const statements = await ledger.statementsIn({ from: earliest, to: today });
  // One that could not be read booked nothing, so it covers nothing.
  const from = statements
    .filter(({ read }) => read)
    .reduce((day, { to }) => maxDate(day, addDays(to, 1)), earliest);
  return { from, to: today };
}

/** The days of the advices that may speak of a window. */
export const adviceDays = ({ from, to }: Window): Window => ({ from: addDays(from, -AHEAD_DAYS), to });

export interface Pending {
  /** First day that no statement covers. */
  readonly since: PlainDate;
  /** When the last advice of these days came, `null` when none did. */
  readonly at: string | null;
  readonly items: readonly PendingRow[];
  /** Sort key to go on behind; `null` at the end. */
  readonly next: string | null;
  /** Advices of these days that could not be read. */
  readonly unread: number;
}

export interface PendingPorts {
  readonly ledger: Pick<Ledger, 'statementsIn' | 'advices'>;
  /** The bytes of an archived advice, `null` when they are gone. */
  read(sha256: string): Promise<Uint8Array | null>;
}

/**
 * What is pending on an account: what its archived advices say of the days behind its newest statement. Worked out anew
 * each time, so a statement that comes ends it at once and nothing is kept twice.
 */
export async function pendingIn(
  ports: PendingPorts,
  account: Account,
  today: PlainDate,
  page: { readonly limit: number; readonly after: string | null },
): Promise<Pending> {
  const days = await uncoveredDays(ports.ledger, today);
  const advices = await ports.ledger.advices(adviceDays(days));
  const told: Advised[] = [];
  const unread = new Set(advices.filter(({ day }) => day >= days.from));
  const at =
    [...unread]
      .map(({ receivedAt }) => receivedAt)
      .sort()
      .at(-1) ?? null;
  for (const advice of advices.slice(-MAX_READ)) {
    const advised = await readAdvice(ports, account, advice);
    if (!advised) continue;
    told.push(advised);
    unread.delete(advice);
  }
  const rows = pendingOf(told, days.from);
  const rest = rows.filter((row) => page.after === null || sortKeyOf(row) > page.after);
  const items = rest.slice(0, page.limit);
  return {
    since: days.from,
    at,
    items,
    next: rest.length > items.length ? sortKeyOf(items.at(-1)!) : null,
    unread: unread.size,
  };
}

async function readAdvice(
  { read }: PendingPorts,
  account: Account,
  advice: AdviceRecord,
): Promise<Advised | null> {
  const { document, format } = advice;
  const bytes = advice.read ? await read(document) : null;
  if (!bytes) return null;
  try {
    const { statements } = await readDocument(account, format, bytes);
    return { document, transactions: statements.flatMap(({ transactions }) => transactions) };
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
