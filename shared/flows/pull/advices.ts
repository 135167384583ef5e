import { createHash } from 'node:crypto';
import type { AdviceRef, PullsAdvices } from '../../banks/contract.ts';
import { dateIn, isoInstant, maxDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { AdviceRecord } from '../../domain/records.ts';
import { EFFECTS } from '../effects.ts';
import { adviceDays, uncoveredDays } from '../pending.ts';
import { keep } from './documents.ts';
import { ingest, newReading, quarantine } from './ingest.ts';
import { checkTime, type AccountRun } from './ports.ts';
import { PARSER_VERSION, readContents } from './statement.ts';
import { setAside, statementWindow } from './statements.ts';

/**
 * Archives the advices of the days behind the newest statement, oldest first. They tell what is pending and are never
 * booked: whatever they say comes again in a statement. One that cannot be had leaves the others their turn.
 * @throws Failure that of the first one that could not be had, after the others; TimeShort, LeaseLost
 */
export async function pullAdvices(run: AccountRun, connector: PullsAdvices): Promise<void> {
  const today = dateIn(run.manifest.timeZone, run.ports.clock.now());
  const days = adviceDays(await uncoveredDays(run.ledger, today));
  // Within the days the statements were asked for: a bank that lists both at once is not asked again.
  const window = { from: maxDate(days.from, statementWindow(run).from), to: today };
  const { advices, quarantined } = await connector.advices(run.ref, window);
  await setAside(run, quarantined);
  const known = new Set((await run.ledger.advices(window)).map(({ bankId }) => bankId));
  let failed: Failure | null = null;
  for (const advice of advices.filter(({ id }) => !known.has(id)).sort(byDay)) {
    checkTime(run);
    try {
      await pullAdvice(run, connector, advice);
    } catch (error) {
      if (!(error instanceof Failure) || !concernsOne(error)) throw error;
      failed ??= error;
    }
  }
  if (failed) throw failed;
}

const byDay = (a: AdviceRef, b: AdviceRef): number => (`${a.day}|${a.id}` < `${b.day}|${b.id}` ? -1 : 1);

/** Whether the next document may still be had. */
const concernsOne = ({ kind }: Failure): boolean =>
  EFFECTS[kind].ends === 'step' || EFFECTS[kind].ends === 'account';

async function pullAdvice(run: AccountRun, connector: PullsAdvices, advice: AdviceRef): Promise<void> {
  const document = await connector.downloadAdvice(run.ref, advice);
  // In preparation, or gone: the statement tells it all the same.
  if (!document) return;
  const record = await keep(run, 'advice', document, advice.format, null);
  const contents = await readContents(run, { record, bytes: document.bytes });
  const read = contents.some(({ statement }) => statement !== null);
  const items = contents.reduce((sum, { statement }) => sum + (statement?.count ?? 0), 0);
  const parser = read ? `${advice.format}/${PARSER_VERSION}` : 'none';
  const broken = await quarantine(
    run,
    contents.flatMap(({ quarantined }) => quarantined),
    record.sha256,
  );
  const kept: AdviceRecord = {
    id: createHash('sha256').update(advice.id).digest('hex').slice(0, 16),
    bankId: advice.id,
    day: advice.day,
    document: record.sha256,
    format: advice.format,
    read,
    receivedAt: isoInstant(run.ports.clock.now()),
  };
  const data = { account: run.account.id, day: advice.day, document: record.sha256, items, read };
  const source = { channel: 'statements', document: record.sha256, parser } as const;
  await ingest(run, [], source, newReading(null), {
    writes: [
      run.ledger.putDocument(read ? { ...record, parser } : record),
      run.ledger.putAdvice(kept),
      ...broken.writes,
    ],
    events: [{ type: 'advice.received', subject: run.account.id, data }, ...broken.events],
  });
}
