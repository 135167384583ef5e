import { createHash } from 'node:crypto';
import type { StatementRef } from '../../banks/contract.ts';
import { judge, ordinalOf, type StatementFigures } from '../../domain/continuity.ts';
import { isoInstant } from '../../domain/dates.ts';
import type { NewEvent } from '../../domain/event.ts';
import type { QuarantinedItem, Statement } from '../../domain/model.ts';
import { formatMoney, parseMoney, type Money } from '../../domain/money.ts';
import type { StatementRecord } from '../../domain/records.ts';
import { statementId } from '../../domain/statement-id.ts';
import { FormatError } from '../../formats/errors.ts';
import { readStatements } from '../../formats/statement.ts';
import type { Write } from '../../store/dynamo.ts';
import { clashes, ingest, newReading, quarantine } from './ingest.ts';
import type { AccountRun } from './ports.ts';
import type { Downloaded } from './statements.ts';

/** Version of the reading, kept with every row so that the archive can be replayed through a newer one. */
const PARSER_VERSION = '1';
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
  const contents = readable ? await read(run, readable) : [{ statement: null, quarantined: [] }];
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
  const neighbours = await run.ledger.neighbours(bare.to, bare.id);
  const previous = neighbours.before.find((other) => !isSame(other, bare)) ?? null;
  const version = (await versionsOf(run, bare)) + 1;
  const judged = { ...bare, version, continuity: verdictOf(run, bare, previous) };
  const after = await rejudge(run, neighbours.after.find((other) => !isSame(other, bare)) ?? null, judged);

  const parser = readable ? `${readable.record.format}/${PARSER_VERSION}` : 'none';
  const rows = statement?.transactions ?? [];
  const broken = await quarantine(run, [...part.quarantined, ...clashes(rows)], main.sha256);
  await ingest(run, rows, { channel: 'statements', document: main.sha256, parser }, newReading(null), {
    writes: [
      run.ledger.putStatement(judged),
      ...documents.map(({ record }) =>
        run.ledger.putDocument(record === readable?.record ? { ...record, parser } : record),
      ),
      ...after.writes,
      ...broken.writes,
    ],
    events: [received(run, judged), ...after.events, ...broken.events],
  });
  run.newStatements += 1;
  return judged.continuity === 'gap' ? previous : null;
}

export const isParsed = (run: AccountRun, format: string): boolean =>
  run.manifest.statementFormats.some((one) => one.format === format && one.parsed);

/** The document's statements of this account; a document that cannot be read is quarantined whole. */
async function read(run: AccountRun, { record, bytes }: Downloaded): Promise<Content[]> {
  try {
    const statements = (await readStatements(record.format, bytes)).filter((one) => speaksOf(run, one));
    if (statements.length === 0) {
      throw new FormatError('other-account', 'The document speaks of another account or currency', null);
    }
    return statements.map((statement) => ({ statement, quarantined: statement.quarantined }));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const raw = `${record.sha256} ${new TextDecoder('latin1').decode(bytes.subarray(0, RAW_EXCERPT))}`;
    const { rule, message, position } = error;
    return [{ statement: null, quarantined: [{ rule, message, position, raw }] }];
  }
}

function speaksOf(run: AccountRun, { account }: Statement): boolean {
  const mine = run.account;
  if (account.currency !== null && account.currency !== mine.currency) return false;
  if (account.iban !== null && mine.iban !== null) return account.iban === mine.iban;
  return account.number === null || account.number === mine.number;
}

function recordOf(
  run: AccountRun,
  { ref, documents, statement, index, last }: Part,
  sha256: string,
): StatementRecord {
  const money = (value: Money | null | undefined): string | null => (value ? formatMoney(value) : null);
  const id = createHash('sha256').update(`${run.account.scope}|${ref.id}|${sha256}|${index}`).digest('hex');
  return {
    id: id.slice(0, 16),
    bankId: ref.id,
    number: statement?.number ?? ref.number,
    from: statement?.from ?? ref.from,
    to: statement?.to ?? ref.to,
    currency: ref.currency,
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

/** The same statement in another version: period and number agree, `259/2026` in the list being `259` in the file. */
function isSame(a: StatementRecord, b: StatementRecord): boolean {
  const ordinal = ordinalOf(a.number);
  const sameNumber = a.number === b.number || (ordinal !== null && ordinal === ordinalOf(b.number));
  return sameNumber && a.from === b.from && a.to === b.to;
}

async function versionsOf(run: AccountRun, statement: StatementRecord): Promise<number> {
  const sameEnd = await run.ledger.statementsIn({ from: statement.to, to: statement.to });
  return sameEnd.filter((other) => isSame(other, statement)).length;
}

/** `null` where a statement was not read and nothing can be said. */
function verdictOf(run: AccountRun, statement: StatementRecord, previous: StatementRecord | null) {
  if (!statement.read) return null;
  return judge(figuresOf(run, statement), previous ? figuresOf(run, previous) : null);
}

function figuresOf(
  run: AccountRun,
  { number, from, to, opening, closing, reconciles }: StatementRecord,
): StatementFigures {
  const minor = (text: string | null): bigint | null =>
    text === null ? null : parseMoney(text, run.account.currency).minor;
  return { number, from, to, opening: minor(opening), closing: minor(closing), reconciles };
}

/** The next statement's verdict once this one stands before it, when it changes. */
async function rejudge(
  run: AccountRun,
  next: StatementRecord | null,
  inserted: StatementRecord,
): Promise<{ writes: Write[]; events: NewEvent[] }> {
  if (!next) return { writes: [], events: [] };
  const continuity = verdictOf(run, next, inserted);
  if (continuity === next.continuity) return { writes: [], events: [] };
  return {
    writes: [run.ledger.changeStatement(next, { continuity })],
    events: [
      {
        type: 'statement.continuity',
        subject: statementId(run.account.id, next),
        data: { account: run.account.id, from: next.continuity, to: continuity },
      },
    ],
  };
}

function received(run: AccountRun, statement: StatementRecord): NewEvent {
  const { number, from, to, continuity, version, read: wasRead } = statement;
  return {
    type: 'statement.received',
    subject: statementId(run.account.id, statement),
    data: { account: run.account.id, number, from, to, continuity, version, read: wasRead },
  };
}
