import type { PullsStatements, StatementRef } from '../../banks/contract.ts';
import { addDays, dateIn, isoInstant, minDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { QuarantinedItem, Window } from '../../domain/model.ts';
import type { DocumentRecord, StatementRecord } from '../../domain/records.ts';
import { clampWindow, slices, windowOf } from '../../domain/window.ts';
import { keep } from './documents.ts';
import { ingest, newReading, quarantine } from './ingest.ts';
import { checkTime, type AccountRun } from './ports.ts';
import { isParsed, storeStatement } from './statement.ts';

/** Pages one list may have: few enough to be met within one run, or a bank that pages in circles is asked for ever. */
const PAGE_LIMIT = 100;
/** How far back a gap is chased where the bank does not say how long it keeps statements. */
const CHASE_DAYS = 400;

/**
 * Pulls the statements the ledger lacks, oldest first: list, download, archive, read, ingest. A gap in the sequence
 * sends it once more after the missing ones, back to the last statement before the gap.
 * @returns the day up to which statements are complete now, `null` when one on the list could not be had yet
 * @throws Failure, TimeShort, LeaseLost
 */
export async function pullStatements(run: AccountRun, connector: PullsStatements): Promise<string | null> {
  const window = statementWindow(run);
  const first = await pullWindow(run, connector, window);
  const missing = chase(run, first.gaps, window);
  const second = missing ? await pullWindow(run, connector, missing) : null;
  return first.complete && second?.complete !== false ? window.to : null;
}

/** The days whose statements a pull asks for. */
export function statementWindow(run: AccountRun): Window {
  const { manifest, account, ports, asked } = run;
  const now = ports.clock.now();
  const depthDays = manifest.history.statementDays;
  if (asked) return clampWindow(asked, dateIn(manifest.timeZone, now), depthDays);
  return windowOf({
    now,
    timeZone: manifest.timeZone,
    completeThrough: account.sync.statements,
    firstDay: dateIn(manifest.timeZone, Date.parse(account.createdAt)),
    historyDays: account.settings.historyDays,
    depthDays,
  });
}

/** The days before the window in which statements are missing, `null` when none are. */
function chase(run: AccountRun, gaps: readonly StatementRecord[], window: Window): Window | null {
  const after = gaps.reduce<string | null>(
    (day, gap) => (day === null ? gap.to : minDate(day, gap.to)),
    null,
  );
  if (after === null || after >= window.from) return null;
  const today = dateIn(run.manifest.timeZone, run.ports.clock.now());
  const depth = run.manifest.history.statementDays ?? CHASE_DAYS;
  return clampWindow({ from: after, to: addDays(window.from, -1) }, today, depth);
}

interface Pulled {
  readonly complete: boolean;
  /** The last statements before each gap met. */
  readonly gaps: StatementRecord[];
}

async function pullWindow(run: AccountRun, connector: PullsStatements, window: Window): Promise<Pulled> {
  const known = await knownOf(run, window);
  const { listed, quarantined } = await listAll(run, connector, window);
  const gaps: StatementRecord[] = [];
  await setAside(run, quarantined);
  let complete = quarantined.length === 0;
  for (const ref of listed) {
    checkTime(run);
    const standing = known.get(ref.id) ?? null;
    const documents = await download(run, connector, ref, standing);
    if (standing && (standing.read || !hasReadable(run, documents))) {
      await addDocuments(run, standing, documents);
    } else if (documents.length === 0 || (isReadable(run, ref) && !hasReadable(run, documents))) {
      // Listed, but the file we read cannot be had yet: it stays on the list of the next pull.
      complete = false;
    } else {
      gaps.push(...(await storeStatement(run, ref, documents)));
    }
  }
  return { complete, gaps };
}

/** What the ledger has of the statements the bank may list, by the bank's id; one that was read comes before one not. */
async function knownOf(run: AccountRun, window: Window): Promise<Map<string, StatementRecord>> {
  const stored = await run.ledger.statementsIn({
    from: addDays(window.from, -1),
    to: addDays(window.to, 31),
  });
  const whole = stored.filter(({ last }) => last).sort((a, b) => Number(a.read) - Number(b.read));
  return new Map(whole.map((statement) => [statement.bankId, statement]));
}

const hasReadable = (run: AccountRun, documents: readonly Downloaded[]): boolean =>
  documents.some(({ record }) => isParsed(run, record.format));

/** Whether the bank offers a wanted format that we read. */
const isReadable = (run: AccountRun, { formats }: StatementRef): boolean =>
  run.account.settings.formats.some((format) => formats.includes(format) && isParsed(run, format));

/** Every statement of this account's currency, oldest first. */
async function listAll(
  run: AccountRun,
  connector: PullsStatements,
  window: Window,
): Promise<{ listed: StatementRef[]; quarantined: QuarantinedItem[] }> {
  const quarantined: QuarantinedItem[] = [];
  const found = new Map<string, StatementRef>();
  for (const slice of slices(window, run.manifest.history.statementSpanDays)) {
    const cursors = new Set<string>();
    for (let cursor: string | null = null; ;) {
      checkTime(run);
      const list = await connector.statements(run.ref, slice, cursor);
      quarantined.push(...list.quarantined);
      for (const ref of list.statements) if (ref.currency === run.account.currency) found.set(ref.id, ref);
      if (list.next === null) break;
      if (cursors.has(list.next) || cursors.size >= PAGE_LIMIT) {
        throw new Failure(
          'protocol',
          'The bank pages its statement list in circles; what was listed is kept',
        );
      }
      cursors.add(list.next);
      cursor = list.next;
    }
  }
  const listed = [...found.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return { listed, quarantined };
}

/** Items of the list itself that make no sense; there is no document behind them. */
export async function setAside(run: AccountRun, items: readonly QuarantinedItem[]): Promise<void> {
  const source = { channel: 'statements', document: NO_DOCUMENT, parser: 'none' } as const;
  await ingest(run, [], source, newReading(null), await quarantine(run, items, NO_DOCUMENT));
}

const NO_DOCUMENT = 'none';

const order = ({ to, from, number, id }: StatementRef): string =>
  `${to}|${from}|${(number ?? '').padStart(12, '0')}|${id}`;

export interface Downloaded {
  readonly record: DocumentRecord;
  readonly bytes: Uint8Array;
}

/** The wanted formats that are on offer and not kept yet, archived as they come. */
async function download(
  run: AccountRun,
  connector: PullsStatements,
  ref: StatementRef,
  standing: StatementRecord | null,
): Promise<Downloaded[]> {
  const documents: Downloaded[] = [];
  for (const format of run.account.settings.formats) {
    if (!ref.formats.includes(format) || standing?.documents[format]) continue;
    const document = await connector.download(run.ref, ref, format);
    if (!document) continue;
    documents.push({ record: await keep(run, 'statement', document, format, null), bytes: document.bytes });
  }
  return documents;
}

/** Puts a format that came late beside the others of its statement. */
async function addDocuments(
  run: AccountRun,
  standing: StatementRecord,
  late: readonly Downloaded[],
): Promise<void> {
  if (late.length === 0) return;
  const documents = { ...standing.documents };
  for (const { record } of late) documents[record.format] = record.sha256;
  await run.ports.feed.commit(
    run.account.company,
    [
      ...late.map(({ record }) => run.ledger.putDocument(record)),
      run.ledger.changeStatement(standing, { documents }),
    ],
    [],
  );
  run.ports.log.info('statement.format-added', {
    account: run.account.id,
    statement: standing.id,
    at: isoInstant(run.ports.clock.now()),
  });
}
