import { judge, ordinalOf, type StatementFigures } from '../../domain/continuity.ts';
import type { NewEvent } from '../../domain/event.ts';
import { parseMoney } from '../../domain/money.ts';
import type { StatementRecord } from '../../domain/records.ts';
import { statementId } from '../../domain/statement-id.ts';
import type { Write } from '../../store/dynamo.ts';
import type { AccountRun } from './ports.ts';

/** By what a statement is told from others. */
type Numbered = Pick<StatementRecord, 'number' | 'from' | 'to'>;

/** A statement at its place among the others of its account. */
export interface Placed {
  /** With its version and its verdict. */
  readonly judged: StatementRecord;
  readonly previous: StatementRecord | null;
  /** What its coming changes for the next one. */
  readonly writes: readonly Write[];
  readonly events: readonly NewEvent[];
}

/** Gives a statement its version and its verdict of continuity, and the one behind it its new verdict. */
export async function placeInSequence(run: AccountRun, bare: StatementRecord): Promise<Placed> {
  const neighbours = await run.ledger.neighbours(bare.to, bare.id);
  const previous = nearest(neighbours.before, bare);
  const version = (await versionsOf(run, bare)) + 1;
  const judged = { ...bare, version, continuity: verdictOf(run, bare, previous) };
  return { judged, previous, ...rejudge(run, nearest(neighbours.after, bare), judged) };
}

/** The nearest other statement in its last version. */
export function nearest(neighbours: readonly StatementRecord[], statement: Numbered): StatementRecord | null {
  const others = neighbours.filter((other) => !isSame(other, statement));
  const [first] = others;
  if (!first) return null;
  return others
    .filter((other) => isSame(other, first))
    .reduce((last, other) => (other.version > last.version ? other : last));
}

/** The same statement in another version: period and number agree, `259/2026` in the list being `259` in the file. */
function isSame(a: Numbered, b: Numbered): boolean {
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
function rejudge(
  run: AccountRun,
  next: StatementRecord | null,
  inserted: StatementRecord,
): { writes: Write[]; events: NewEvent[] } {
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
