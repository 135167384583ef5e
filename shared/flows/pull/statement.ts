import type { StatementRef } from '../../banks/contract.ts';
import { isoInstant } from '../../domain/dates.ts';
import type { NewEvent } from '../../domain/event.ts';
import type { QuarantinedItem, Statement } from '../../domain/model.ts';
import { formatMoney, type Money } from '../../domain/money.ts';
import type { StatementRecord } from '../../domain/records.ts';
import { statementHash, statementId } from '../../domain/statement-id.ts';
import { FormatError } from '../../formats/errors.ts';
import { readDocument } from '../reading.ts';
import { clashes, ingest, newReading, quarantine } from './ingest.ts';
import type { AccountRun } from './ports.ts';
import { placeInSequence } from './sequence.ts';
import type { Downloaded } from './statements.ts';

/** Version of the reading, kept with every row so that the archive can be replayed through a newer one. */
export const PARSER_VERSION = '1';
const RAW_EXCERPT = 1_000;
/** Warnings kept with a statement; the document has the rest. */
const WARNINGS = 20;

/**
 * Reads a statement's documents and puts what they say into the ledger: each statement with its movements and its
 * verdict of continuity (a file may hold several). A document no reader can read is kept all the same, with an event
 * and an alarm, and is not downloaded again.
 * @returns the statements before the gaps that opened here
 * @throws LeaseLost
 */
export async function storeStatement(
  run: AccountRun,
  ref: StatementRef,
  documents: readonly Downloaded[],
): Promise<StatementRecord[]> {
  const readable = documents.find(({ record }) => isParsed(run, record.format)) ?? null;
  const contents = readable ? await readContents(run, readable) : [{ statement: null, quarantined: [] }];
  const gaps: StatementRecord[] = [];
  for (const [index, content] of contents.entries()) {
    const last = index === contents.length - 1;
    const gap = await storeOne(run, { ref, documents, readable, index, last, ...content });
    if (gap) gaps.push(gap);
  }
  return gaps;
}

interface Content {
  readonly statement: Statement | null;
  readonly quarantined: readonly QuarantinedItem[];
}

interface Part extends Content {
  readonly ref: StatementRef;
  readonly documents: readonly Downloaded[];
  /** The document the content was read from. */
  readonly readable: Downloaded | null;
  /** Which of the document's statements of this account it is. */
  readonly index: number;
  readonly last: boolean;
}

async function storeOne(run: AccountRun, part: Part): Promise<StatementRecord | null> {
  const { documents, readable, statement } = part;
  const main = (readable ?? documents[0]!).record;
  const bare = recordOf(run, part, main.sha256);
  // A run was cut short behind it: the rest of its file is still to come.
  if (await run.ledger.statement(bare.to, bare.id)) return null;
  const { judged, previous, writes, events } = await placeInSequence(run, bare);

  const parser = readable ? `${readable.record.format}/${PARSER_VERSION}` : 'none';
  const rows = statement?.transactions ?? [];
  const broken = await quarantine(run, [...part.quarantined, ...clashes(rows)], main.sha256);
  await ingest(run, rows, { channel: 'statements', document: main.sha256, parser }, newReading(null), {
    writes: [
      run.ledger.putStatement(judged),
      ...documents.map(({ record }) =>
        run.ledger.putDocument(record === readable?.record ? { ...record, parser } : record),
      ),
      ...writes,
      ...broken.writes,
    ],
    events: [received(run, judged), ...events, ...broken.events],
  });
  run.newStatements += 1;
  return judged.continuity === 'gap' ? previous : null;
}

export const isParsed = (run: AccountRun, format: string): boolean =>
  run.manifest.statementFormats.some((one) => one.format === format && one.parsed);

/** The document's statements of this account; a document that cannot be read is quarantined whole. */
export async function readContents(run: AccountRun, { record, bytes }: Downloaded): Promise<Content[]> {
  try {
    const { statements } = await readDocument(run.account, record.format, bytes);
    return statements.map((statement) => ({
      statement,
      quarantined: [...statement.quarantined, ...cutOff(statement, record.sha256)],
    }));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const raw = `${record.sha256} ${new TextDecoder('latin1').decode(bytes.subarray(0, RAW_EXCERPT))}`;
    const { rule, message, position } = error;
    return [{ statement: null, quarantined: [{ rule, message, position, raw }] }];
  }
}

/** A statement that opens and never closes may have lost its end on the way: somebody must look. */
function cutOff({ opening, closing, number }: Statement, sha256: string): QuarantinedItem[] {
  if (opening === null || closing !== null) return [];
  const message = `Statement ${number ?? ''} has no closing balance and may be cut off: ask the bank for it again.`;
  return [{ rule: 'closing-missing', message, position: null, raw: `${sha256} statement ${number ?? ''}` }];
}

function recordOf(
  run: AccountRun,
  { ref, documents, statement, index, last }: Part,
  sha256: string,
): StatementRecord {
  const money = (value: Money | null | undefined): string | null => (value ? formatMoney(value) : null);
  return {
    id: statementHash(run.account.scope, ref.id, sha256, index),
    bankId: ref.id,
    number: statement?.number ?? ref.number,
    from: statement?.from ?? ref.from,
    to: statement?.to ?? ref.to,
    currency: ref.currency,
    composed: false,
    documents: Object.fromEntries(documents.map(({ record }) => [record.format, record.sha256])),
    opening: money(statement?.opening),
    closing: money(statement?.closing),
    credits: money(statement?.credits),
    debits: money(statement?.debits),
    count: statement?.count ?? null,
    reconciles: statement?.reconciles ?? null,
    continuity: null,
    version: 1,
    read: statement !== null,
    last,
    warnings: (statement?.warnings ?? [])
      .map(({ rule, message }) => `${rule}: ${message}`)
      .slice(0, WARNINGS),
    receivedAt: isoInstant(run.ports.clock.now()),
  };
}

/** What the feed says of a new statement. */
export function received(run: AccountRun, statement: StatementRecord): NewEvent {
  const { number, from, to, continuity, version, composed, read: wasRead } = statement;
  return {
    type: 'statement.received',
    subject: statementId(run.account.id, statement),
    data: { account: run.account.id, number, from, to, continuity, version, composed, read: wasRead },
  };
}
