import type { PullsTransactions, TransactionPage } from '../../banks/contract.ts';
import { dateIn, daysBetween } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { Occurrences } from '../../domain/identity.ts';
import type { Window } from '../../domain/model.ts';
import { clampWindow, windowOf } from '../../domain/window.ts';
import { keep } from './documents.ts';
import { ingest, quarantine } from './ingest.ts';
import { checkTime, TimeShort, type AccountRun } from './ports.ts';

/** Pages one pass may have; more is a bank that pages in circles. */
const PAGE_LIMIT = 2_000;
/** Days after which a broken pass is begun anew instead of gone on with. */
const RESUME_DAYS = 1;

/**
 * Pulls the booked movements of the window, page by page: each is archived, read and ingested before the next is
 * asked for. A pass that runs out of time goes on where it was; a page that shows a movement twice means that the
 * bank moved rows while we paged, and the window is read once more.
 * @returns the day up to which the ledger is complete now
 * @throws Failure, TimeShort, LeaseLost
 */
export async function pullTransactions(run: AccountRun, connector: PullsTransactions): Promise<string> {
  const start = begin(run);
  const shifted = await pass(run, connector, start.window, start.cursor);
  if (shifted) await pass(run, connector, start.window, null);
  return start.window.to;
}

function begin(run: AccountRun): { window: Window; cursor: string | null } {
  const { manifest, account, ports, asked } = run;
  const now = ports.clock.now();
  const today = dateIn(manifest.timeZone, now);
  const depthDays = manifest.history.transactionDays;
  if (asked) return { window: clampWindow(asked, today, depthDays), cursor: null };
  const { resume } = account.sync;
  if (resume && daysBetween(resume.to, today) <= RESUME_DAYS) {
    return { window: { from: resume.from, to: resume.to }, cursor: resume.cursor };
  }
  const window = windowOf({
    now,
    timeZone: manifest.timeZone,
    completeThrough: account.sync.transactions,
    firstDay: dateIn(manifest.timeZone, Date.parse(account.createdAt)),
    historyDays: account.settings.historyDays,
    depthDays,
  });
  return { window, cursor: null };
}

/** One pass over the window. @returns true when the bank moved rows between the pages */
async function pass(
  run: AccountRun,
  connector: PullsTransactions,
  window: Window,
  from: string | null,
): Promise<boolean> {
  const occurrences: Occurrences = new Map();
  const references = new Set<string>();
  const cursors = new Set<string>();
  let shifted = false;
  for (let cursor = from; ;) {
    try {
      checkTime(run);
    } catch (error) {
      if (error instanceof TimeShort) await saveCursor(run, window, cursor);
      throw error;
    }
    const page = await connector.transactions(run.ref, window, cursor);
    const { seen, next } = await take(run, page, window, occurrences);
    for (const reference of seen) {
      shifted ||= references.has(reference);
      references.add(reference);
    }
    if (next === null) return shifted;
    if (cursors.has(next) || cursors.size >= PAGE_LIMIT) {
      throw new Failure('protocol', `The bank pages in circles: ${cursors.size + 1} pages without an end`);
    }
    cursors.add(next);
    cursor = next;
  }
}

async function take(
  run: AccountRun,
  page: TransactionPage,
  window: Window,
  occurrences: Occurrences,
): Promise<{ seen: string[]; next: string | null }> {
  if (!page.document) return { seen: [], next: null };
  const record = await keep(run, 'transactions', page.document, 'json', null);
  const { transactions, quarantined, next } = page.parse();
  const source = { channel: 'transactions', document: record.sha256, parser: PARSER } as const;
  const resume = next !== null && mayResume(run) ? { ...window, cursor: next } : null;
  await ingest(run, transactions, source, occurrences, {
    ...(await quarantine(run, quarantined, record.sha256)),
    beside: [run.ledger.putDocument({ ...record, parser: PARSER })],
    progress: { sync: { ...run.account.sync, resume } },
  });
  return { seen: transactions.flatMap((row) => row.bankReference ?? []), next };
}

/** Content identity counts equal movements over the whole window, so such a pass is never begun in its middle. */
const mayResume = (run: AccountRun): boolean =>
  run.asked === null && run.manifest.identity === 'bank-reference';

async function saveCursor(run: AccountRun, window: Window, cursor: string | null): Promise<void> {
  if (cursor === null || !mayResume(run)) return;
  const sync = { ...run.account.sync, resume: { ...window, cursor } };
  const account = await run.ports.accounts.record(run.account, run.fence, { sync });
  if (account) run.account = account;
}

const PARSER = 'transactions/1';
