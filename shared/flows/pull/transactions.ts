import type { PullsTransactions, TransactionPage } from '../../banks/contract.ts';
import { dateIn, daysBetween } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { Window } from '../../domain/model.ts';
import { clampWindow, windowOf } from '../../domain/window.ts';
import { keep } from './documents.ts';
import { clashes, ingest, newReading, quarantine, type Reading } from './ingest.ts';
import { checkTime, TimeShort, type AccountRun } from './ports.ts';

/** Pages one pass may have; more is a bank that pages in circles. */
const PAGE_LIMIT = 2_000;
/** Pages in a row that may bring nothing that was not shown before, whatever the bank inserts or leaves out. */
const STALE_PAGES = 10;
/** Days after which a broken pass is begun anew instead of gone on with. */
const RESUME_DAYS = 1;

/**
 * Pulls the booked movements of the window, page by page: each is archived, read and ingested before the next is
 * asked for. A pass that ran out of time is first gone on with, so that every run gets further; but only one pass
 * from the first page to the last, in which no movement showed twice, makes the window complete: between two runs,
 * and under a bank that moves rows while we page, pages say nothing about each other.
 * @returns the day up to which the ledger is complete now
 * @throws Failure, TimeShort, LeaseLost
 */
export async function pullTransactions(run: AccountRun, connector: PullsTransactions): Promise<string> {
  await goOn(run, connector);
  const window = windowFor(run);
  const shifted = await pass(run, connector, window, null);
  if (shifted && (await pass(run, connector, window, null))) {
    // What came is kept, but the window is not complete: the next slot begins at the same day.
    throw new Failure(
      'transient',
      'The bank showed movements twice in both readings; the next slot reads again',
    );
  }
  return window.to;
}

function windowFor({ manifest, account, ports, asked }: AccountRun): Window {
  const now = ports.clock.now();
  const depthDays = manifest.history.transactionDays;
  if (asked) return clampWindow(asked, dateIn(manifest.timeZone, now), depthDays);
  return windowOf({
    now,
    timeZone: manifest.timeZone,
    completeThrough: account.sync.transactions,
    firstDay: dateIn(manifest.timeZone, Date.parse(account.createdAt)),
    historyDays: account.settings.historyDays,
    depthDays,
  });
}

/** Reads the pages an earlier run had no time for. */
async function goOn(run: AccountRun, connector: PullsTransactions): Promise<void> {
  const { resume } = run.account.sync;
  if (!resume || run.asked) return;
  const today = dateIn(run.manifest.timeZone, run.ports.clock.now());
  if (daysBetween(resume.to, today) <= RESUME_DAYS) {
    await pass(run, connector, { from: resume.from, to: resume.to }, resume.cursor);
  }
  // Written with the next progress there is.
  run.account = { ...run.account, sync: { ...run.account.sync, resume: null } };
}

/** One pass over the window. @returns true when the bank moved rows between the pages */
async function pass(
  run: AccountRun,
  connector: PullsTransactions,
  window: Window,
  from: string | null,
): Promise<boolean> {
  const reading = newReading(window);
  const references = new Set<string>();
  const cursors = new Set<string>();
  let shifted = false;
  let stale = 0;
  for (let cursor = from; ;) {
    try {
      checkTime(run);
    } catch (error) {
      if (error instanceof TimeShort) await saveCursor(run, window, cursor);
      throw error;
    }
    const page = await connector.transactions(run.ref, window, cursor);
    const { items, seen, next } = await take(run, page, window, reading);
    const repeated = seen.filter((reference) => references.has(reference)).length;
    shifted ||= repeated > 0;
    stale = repeated === items ? stale + 1 : 0;
    for (const reference of seen) references.add(reference);
    if (next === null) return shifted;
    if (stale >= STALE_PAGES || cursors.has(next) || cursors.size >= PAGE_LIMIT) {
      throw new Failure('protocol', `The bank pages in circles: ${cursors.size + 1} pages without an end`);
    }
    cursors.add(next);
    cursor = next;
  }
}

/** Archives, reads and ingests a page. @returns how many items it had, and the references it showed */
async function take(
  run: AccountRun,
  page: TransactionPage,
  window: Window,
  reading: Reading,
): Promise<{ items: number; seen: string[]; next: string | null }> {
  if (!page.document) return { items: 0, seen: [], next: null };
  const record = await keep(run, 'transactions', page.document, 'json', null);
  const { transactions, quarantined, next } = page.parse();
  const source = { channel: 'transactions', document: record.sha256, parser: PARSER } as const;
  const resume = next !== null && mayResume(run) ? { ...window, cursor: next } : null;
  await ingest(run, transactions, source, reading, {
    ...(await quarantine(run, [...quarantined, ...clashes(transactions)], record.sha256)),
    beside: [run.ledger.putDocument({ ...record, parser: PARSER })],
    // A back-fill reads old days: what the schedule has yet to go on with is not its affair.
    progress: run.asked ? {} : { sync: { ...run.account.sync, resume } },
  });
  const seen = transactions.flatMap((row) => row.bankReference ?? []);
  return { items: transactions.length + quarantined.length, seen, next };
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
