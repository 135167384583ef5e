import { createHash } from 'node:crypto';
import { isoInstant, maxDate, minDate } from '../../domain/dates.ts';
import type { NewEvent } from '../../domain/event.ts';
import {
  asKnown,
  NEW_PASS,
  selectNew,
  type Channel,
  type IdentifiedRow,
  type KnownRow,
  type Pass,
} from '../../domain/identity.ts';
import type { QuarantinedItem, Transaction, Window } from '../../domain/model.ts';
import type { AccountProgress } from '../../store/accounts.ts';
import { ConditionFailed, type Write } from '../../store/dynamo.ts';
import { LeaseLost, type AccountRun } from './ports.ts';

/** Rows of one transaction; with the account, the counter and the events it stays below DynamoDB's hundred. */
const CHUNK = 40;
/** Days around a document's own in which the ledger is asked for rows the bank may have moved. */
const SLACK_DAYS = 3;
/** Conflicting writers met before giving up. */
const ROUNDS = 5;
/** Quarantined items written one by one; a document with more is broken as a whole and kept as such. */
const QUARANTINE_LIMIT = 20;
const RAW_LIMIT = 2_000;

export interface Source {
  readonly channel: Channel;
  /** SHA-256 of the archived document. */
  readonly document: string;
  /** Name and version of the reader, so that the archive can be replayed through a newer one. */
  readonly parser: string;
}

/** What belongs into the same transaction as the last rows. */
export interface Together {
  /** Written in any case: the statement, quarantined items. */
  readonly writes?: readonly Write[];
  readonly events?: readonly NewEvent[];
  /** Written only beside something new: the record of the document, the progress. */
  readonly beside?: readonly Write[];
  readonly progress?: Partial<AccountProgress>;
}

/** One reading of a list, from page to page: the ledger is asked once for all of them. */
export interface Reading {
  pass: Pass;
  /** Days `known` speaks of; a row of another day widens them. */
  days: Window | null;
  /** The ledger's rows of these days; `null` until they are asked for, and again when somebody else wrote. */
  known: KnownRow[] | null;
}

/** @param days the days the reading will speak of, `null` for a single document: the days of its rows */
export const newReading = (days: Window | null): Reading => ({ pass: NEW_PASS, days, known: null });

/**
 * Writes what is new and nothing else. Rows already in the ledger cost one query of the reading; new ones go in
 * chunks of forty, each one transaction with the account's progress and one `transactions.booked` event that lists
 * their ids.
 * @returns how many rows were new
 * @throws LeaseLost when another run owns the account
 */
export async function ingest(
  run: AccountRun,
  rows: readonly Transaction[],
  source: Source,
  reading: Reading,
  together: Together,
): Promise<number> {
  for (let round = 1; ; round++) {
    const { fresh, pass } = selectNew(rows, await knownRows(run, rows, reading), {
      scope: run.account.scope,
      channel: source.channel,
      vouched: run.manifest.identity === 'bank-reference',
      shared: run.manifest.evidence['shared-reference'] !== undefined,
      pass: reading.pass,
    });
    try {
      await write(run, fresh, source, reading, together);
      reading.pass = pass;
      return fresh.length;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      // Somebody wrote in between: this very call, when its answer was lost, or another run.
      await reread(run);
      reading.known = null;
      if (round >= ROUNDS) throw error;
    }
  }
}

/** What the ledger holds of the days the rows speak of. */
async function knownRows(
  run: AccountRun,
  rows: readonly Transaction[],
  reading: Reading,
): Promise<readonly KnownRow[]> {
  if (rows.length === 0) return [];
  const days = rows.reduce(widened, reading.days)!;
  if (reading.known === null || days !== reading.days) {
    reading.known = await run.ledger.known(days, SLACK_DAYS);
    reading.days = days;
  }
  return reading.known;
}

function widened(days: Window | null, { bookingDate }: Transaction): Window {
  if (days === null) return { from: bookingDate, to: bookingDate };
  if (bookingDate >= days.from && bookingDate <= days.to) return days;
  return { from: minDate(days.from, bookingDate), to: maxDate(days.to, bookingDate) };
}

async function write(
  run: AccountRun,
  fresh: readonly IdentifiedRow[],
  source: Source,
  reading: Reading,
  together: Together,
): Promise<void> {
  const { writes = [], events = [], beside = [], progress = {} } = together;
  if (fresh.length === 0 && writes.length === 0 && events.length === 0) return;
  const storedAt = isoInstant(run.ports.clock.now());
  for (let at = 0; at === 0 || at < fresh.length; at += CHUNK) {
    const chunk = fresh.slice(at, at + CHUNK);
    // What belongs together goes last: a statement stands in the ledger only when all its rows do.
    const last = at + CHUNK >= fresh.length;
    const further = last ? progress : {};
    const account = { ...run.account, ...further, fence: run.fence, revision: run.account.revision + 1 };
    await run.ports.feed.commit(
      run.account.company,
      [
        run.ports.accounts.progress(run.account, run.fence, further),
        ...chunk.map(({ id, key, transaction }) =>
          run.ledger.putRow({ id, key, transaction, ...source, storedAt }),
        ),
        ...(last ? [...writes, ...beside] : []),
      ],
      [...booked(run, chunk, source), ...(last ? events : [])],
    );
    run.account = account;
    run.newTransactions += chunk.length;
    reading.known?.push(...chunk.map((row) => asKnown(row, source.channel)));
  }
}

function booked(run: AccountRun, rows: readonly IdentifiedRow[], source: Source): NewEvent[] {
  if (rows.length === 0) return [];
  const transactions = rows.map(({ id, transaction }) => `${transaction.bookingDate}.${id}`);
  return [
    {
      type: 'transactions.booked',
      subject: run.account.id,
      data: { channel: source.channel, document: source.document, transactions },
    },
  ];
}

/** Takes the account as it stands now. @throws LeaseLost when a newer lease wrote it */
async function reread(run: AccountRun): Promise<void> {
  const account = await run.ports.accounts.get(run.account.company, run.account.id);
  if (!account || account.fence > run.fence) throw new LeaseLost();
  run.account = account;
}

/**
 * Movements of one document that carry the reference of another one but say something else: the bank vouches for its
 * references, so they are neither stored as new nor dropped in silence.
 */
export function clashes(rows: readonly Transaction[]): QuarantinedItem[] {
  const first = new Map<string, Transaction>();
  return rows.flatMap((row, index) => {
    if (row.bankReference === null) return [];
    const name = `${row.bankReference}#${row.batch?.index ?? ''}`;
    const other = first.get(name);
    if (!other) first.set(name, row);
    if (!other || (other.amount.minor === row.amount.minor && other.bookingDate === row.bookingDate))
      return [];
    return [
      {
        rule: 'reference-repeats',
        message: `Two movements carry the reference ${row.bankReference}. The second is kept aside; ask the bank.`,
        position: `movement ${index + 1}`,
        raw: JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
      },
    ];
  });
}

/** Quarantined items of a document as writes and one event; an item met again has the same id. */
export async function quarantine(
  run: AccountRun,
  items: readonly QuarantinedItem[],
  document: string,
): Promise<Required<Pick<Together, 'writes' | 'events'>>> {
  if (items.length === 0) return { writes: [], events: [] };
  const known = new Set((await run.ledger.quarantined()).map((item) => item.id));
  const at = isoInstant(run.ports.clock.now());
  const idOf = ({ raw }: QuarantinedItem) =>
    createHash('sha256').update(raw).digest('base64url').slice(0, 22);
  // One of each: a transaction takes no key twice.
  const distinct = new Map(items.map((item) => [idOf(item), item]));
  const fresh = [...distinct]
    .filter(([id]) => !known.has(id))
    .slice(0, QUARANTINE_LIMIT)
    .map(([id, item]) => ({ ...item, id }));
  if (fresh.length === 0) return { writes: [], events: [] };
  run.ports.log.error('alarm.quarantined', { account: run.account.id, document, items: fresh.length });
  return {
    writes: fresh.map(({ id, rule, message, position, raw }) =>
      run.ledger.putQuarantined({ id, document, rule, message, position, raw: raw.slice(0, RAW_LIMIT), at }),
    ),
    events: [
      {
        type: 'document.quarantined',
        subject: run.account.id,
        data: { document, items: fresh.map((item) => item.id), rule: fresh[0]!.rule },
      },
    ],
  };
}
