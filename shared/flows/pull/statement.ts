import { createHash } from 'node:crypto';
import type { StatementRef } from '../../banks/contract.ts';
import { judge, type StatementFigures } from '../../domain/continuity.ts';
import { isoInstant } from '../../domain/dates.ts';
import type { NewEvent } from '../../domain/event.ts';
import type { QuarantinedItem, Statement, Transaction } from '../../domain/model.ts';
import { formatMoney, parseMoney, type Money } from '../../domain/money.ts';
import type { StatementRecord } from '../../domain/records.ts';
import { statementId } from '../../domain/statement-id.ts';
import { FormatError } from '../../formats/errors.ts';
import { readStatements } from '../../formats/statement.ts';
import type { Write } from '../../store/dynamo.ts';
import { ingest, quarantine } from './ingest.ts';
import type { AccountRun } from './ports.ts';
import type { Downloaded } from './statements.ts';

/** Version of the reading, kept with every row so that the archive can be replayed through a newer one. */
const PARSER_VERSION = '1';
const RAW_EXCERPT = 1_000;

/**
 * Reads a statement's documents and puts it into the ledger with its movements and its verdict of continuity. A
 * document no reader can read is kept all the same, with an event and an alarm, and is not downloaded again.
 * @returns the statement before the gap, when one opened here
 * @throws LeaseLost
 */
export async function storeStatement(
  run: AccountRun,
  ref: StatementRef,
  documents: readonly Downloaded[],
): Promise<StatementRecord | null> {
  const readable = documents.find(({ record }) => isParsed(run, record.format)) ?? null;
  const content = readable ? await read(run, readable) : null;
  const main = (readable ?? documents[0]!).record;
  const id = createHash('sha256')
    .update(`${run.account.scope}|${ref.id}|${main.sha256}`)
    .digest('base64url')
    .slice(0, 16)
    .replace(/[-_]/g, '0');
  const bare = recordOf(run, ref, documents, content?.statement ?? null, id);
  const neighbours = await run.ledger.neighbours(bare.to, id);
  const twins = await versionsOf(run, bare);
  const previous = neighbours.before.find((other) => !isSame(other, bare)) ?? null;
  const judged = { ...bare, version: twins + 1, continuity: verdictOf(run, bare, previous) };
  const after = await rejudge(run, neighbours.after.find((other) => !isSame(other, bare)) ?? null, judged);

  const parser = readable ? `${readable.record.format}/${PARSER_VERSION}` : 'none';
  const broken = await quarantine(run, content?.quarantined ?? [], main.sha256);
  await ingest(
    run,
    content?.transactions ?? [],
    { channel: 'statements', document: main.sha256, parser },
    new Map(),
    {
      writes: [
        run.ledger.putStatement(judged),
        ...documents.map(({ record }) =>
          run.ledger.putDocument(record === readable?.record ? { ...record, parser } : record),
        ),
        ...after.writes,
        ...broken.writes,
      ],
      events: [received(run, judged), ...after.events, ...broken.events],
    },
  );
  run.newStatements += 1;
  return judged.continuity === 'gap' ? previous : null;
}

interface Content {
  readonly statement: Statement | null;
  readonly transactions: readonly Transaction[];
  readonly quarantined: readonly QuarantinedItem[];
}

const isParsed = (run: AccountRun, format: string): boolean =>
  run.manifest.statementFormats.some((one) => one.format === format && one.parsed);

/** The part of the document that speaks of this account; a document that cannot be read is quarantined whole. */
async function read(run: AccountRun, { record, bytes }: Downloaded): Promise<Content> {
  try {
    const statements = (await readStatements(record.format, bytes)).filter((one) => speaksOf(run, one));
    const [first] = statements;
    if (!first) {
      throw new FormatError('other-account', 'The document speaks of another account or currency');
    }
    const last = statements.at(-1)!;
    return {
      statement: { ...first, to: last.to, closing: last.closing },
      transactions: statements.flatMap((one) => one.transactions),
      quarantined: statements.flatMap((one) => one.quarantined),
    };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const raw = `${record.sha256} ${new TextDecoder('latin1').decode(bytes.subarray(0, RAW_EXCERPT))}`;
    const item = { rule: error.rule, message: error.message, position: error.position, raw };
    return { statement: null, transactions: [], quarantined: [item] };
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
  ref: StatementRef,
  documents: readonly Downloaded[],
  statement: Statement | null,
  id: string,
): StatementRecord {
  const money = (value: Money | null | undefined): string | null => (value ? formatMoney(value) : null);
  return {
    id,
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
    warnings: (statement?.warnings ?? [])
      .map((warning) => `${warning.rule}: ${warning.message}`)
      .slice(0, 20),
    receivedAt: isoInstant(run.ports.clock.now()),
  };
}

/** The same statement in another version: number and period agree. */
const isSame = (a: StatementRecord, b: StatementRecord): boolean =>
  a.number === b.number && a.from === b.from && a.to === b.to;

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
