import { createHash } from 'node:crypto';
import type { ReadsBalances } from '../../banks/contract.ts';
import { addDays, dateIn, isoInstant, minDate, type PlainDate } from '../../domain/dates.ts';
import type { Balance, Statement, Window } from '../../domain/model.ts';
import { formatMoney, parseMoney, type Money } from '../../domain/money.ts';
import type { LedgerRow, StatementRecord } from '../../domain/records.ts';
import { statementHash } from '../../domain/statement-id.ts';
import { windowOf } from '../../domain/window.ts';
import { writeCamt053 } from '../../formats/camt/write.ts';
import { keep } from './documents.ts';
import { ingest, newReading } from './ingest.ts';
import { checkTime, type AccountRun } from './ports.ts';
import { nearest, placeInSequence } from './sequence.ts';
import { received } from './statement.ts';

/** Rows read from the ledger at once. */
const PAGE = 500;
const PARSER = 'composed/1';
const NOTE = 'Composed by Brana from the booked movements of the day; not issued by the bank.';

/**
 * Statements of a bank that gives none: one for each day with movements, once the day is over and known whole. Its
 * closing balance comes from the bank's booked balance less what was booked later; its opening one is the closing of
 * the statement before, so a movement nobody was told of shows as figures that do not add up. Days are looked at again
 * as long as the pull reads them again; one that got a late booking gets its statement in a further version.
 * @param through the day up to which this pull made the movements complete, `null` when it did not
 * @returns the day up to which statements are composed, `null` when they could not be
 * @throws Failure, TimeShort, LeaseLost
 */
export async function composeStatements(
  run: AccountRun,
  connector: ReadsBalances,
  through: PlainDate | null,
): Promise<PlainDate | null> {
  if (through === null) return null;
  const { statements: done } = run.account.sync;
  const until = addDays(minDate(through, today(run)), -1);
  // Once a day: until the next one is over, nothing more can be composed.
  if (!run.asked && done !== null && done >= until) return done;
  const balance = await bookedBalance(run, connector);
  if (balance === 'moving') return done ?? addDays(until, -1);
  if (balance === 'unknown') return until;
  const days = run.asked ? { from: run.asked.from, to: minDate(run.asked.to, until) } : windowFor(run, until);
  const rows = await rowsFrom(run, days.from);
  for (const [day, own] of byDay(rows, days)) {
    checkTime(run);
    const later = rows.filter(({ transaction }) => transaction.bookingDate > day);
    await compose(run, day, own, { minor: balance.minor - sumOf(later), currency: balance.currency });
  }
  return until;
}

const today = ({ manifest, ports }: AccountRun): PlainDate => dateIn(manifest.timeZone, ports.clock.now());

/** The days the pull read again, up to the last one that is over. */
function windowFor(run: AccountRun, until: PlainDate): Window {
  const { manifest, account, ports } = run;
  const { from } = windowOf({
    now: ports.clock.now(),
    timeZone: manifest.timeZone,
    completeThrough: account.sync.statements,
    firstDay: dateIn(manifest.timeZone, Date.parse(account.createdAt)),
    historyDays: account.settings.historyDays,
    depthDays: manifest.history.transactionDays,
  });
  return { from: minDate(from, until), to: until };
}

/**
 * The booked balance that belongs to the movements just read: the same before and behind them. One that moved in
 * between belongs to neither; the next pull looks again.
 */
async function bookedBalance(
  run: AccountRun,
  connector: ReadsBalances,
): Promise<Money | 'moving' | 'unknown'> {
  const known = await run.ledger.balances();
  const { balances } = (await connector.balances(run.ref)).parse();
  const before = booked(known?.balances ?? [], run);
  const after = booked(balances, run);
  if (!before || !after) {
    run.ports.log.warn('statement.not-composed', { account: run.account.id, reason: 'no-booked-balance' });
    return 'unknown';
  }
  return before.minor === after.minor ? after : 'moving';
}

const booked = (balances: readonly Balance[], { account }: AccountRun): Money | null =>
  balances.find(({ kind, amount }) => kind === 'booked' && amount.currency === account.currency)?.amount ??
  null;

/** Everything booked from a day on, today's included. */
async function rowsFrom(run: AccountRun, from: PlainDate): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = [];
  for (let after: string | null = null; ;) {
    const page = await run.ledger.transactions({ from, to: '9999-12-30' }, PAGE, after);
    rows.push(...page.items);
    if (page.next === null) return rows;
    after = page.next;
  }
}

/** The rows of each day of a window that has any, oldest day first. */
function byDay(rows: readonly LedgerRow[], { from, to }: Window): Map<PlainDate, LedgerRow[]> {
  const days = new Map<PlainDate, LedgerRow[]>();
  for (const row of rows) {
    const day = row.transaction.bookingDate;
    if (day < from || day > to) continue;
    const own = days.get(day);
    if (own) own.push(row);
    else days.set(day, [row]);
  }
  return days;
}

const sumOf = (rows: readonly LedgerRow[]): bigint =>
  rows.reduce((sum, { transaction }) => sum + transaction.amount.minor, 0n);

/** Composes the statement of a day, unless the one that stands says the same. */
async function compose(run: AccountRun, day: PlainDate, rows: LedgerRow[], derived: Money): Promise<void> {
  const { account, ledger, ports } = run;
  const { currency } = account;
  const standing = (await ledger.statementsIn({ from: day, to: day })).toSorted(
    (a, b) => b.version - a.version,
  )[0];
  const place = { number: null, from: day, to: day };
  const { before } = await ledger.neighbours(day, '');
  const previous = nearest(before, place);
  const total = sumOf(rows);
  const opening =
    previous?.closing ?? standing?.opening ?? formatMoney({ ...derived, minor: derived.minor - total });
  const bankId = `composed-${digestOf([opening, ...rows.map(({ id }) => id).sort()])}`;
  if (standing?.bankId === bankId) return;

  const statement = statementOf(run, day, rows, parseMoney(opening, currency), derived);
  const createdAt = isoInstant(ports.clock.now());
  const { bytes } = writeCamt053([statement], {
    version: '02',
    messageId: bankId,
    createdAt,
    note: NOTE,
  });
  const document = { bytes, mediaType: 'application/xml', name: `${day}.xml` };
  const record = await keep(run, 'statement', document, 'camt.053', PARSER);
  const bare: StatementRecord = {
    id: statementHash(account.scope, bankId, record.sha256, 0),
    bankId,
    ...place,
    currency,
    composed: true,
    documents: { 'camt.053': record.sha256 },
    opening,
    closing: formatMoney(derived),
    credits: formatMoney(statement.credits),
    debits: formatMoney(statement.debits),
    count: statement.count,
    reconciles: statement.reconciles,
    continuity: null,
    version: 1,
    read: true,
    last: true,
    warnings: [],
    receivedAt: createdAt,
  };
  const { judged, writes, events } = await placeInSequence(run, bare);
  const source = { channel: 'statements', document: record.sha256, parser: PARSER } as const;
  await ingest(run, [], source, newReading(null), {
    writes: [ledger.putStatement(judged), ledger.putDocument(record), ...writes],
    events: [received(run, judged), ...events],
  });
  run.newStatements += 1;
}

const digestOf = (parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('|')).digest('hex').slice(0, 20);

function statementOf(
  { account }: AccountRun,
  day: PlainDate,
  rows: readonly LedgerRow[],
  opening: Money,
  closing: Money,
): Statement {
  const { iban, number, bankCode, currency } = account;
  const transactions = rows.map(({ transaction }) => transaction);
  const sum = (sign: 1n | -1n): Money => ({
    minor: transactions.reduce((total, { amount }) => {
      const minor = amount.minor * sign;
      return minor > 0n ? total + minor : total;
    }, 0n),
    currency,
  });
  return {
    account: { iban, number, bankCode, currency },
    number: null,
    from: day,
    to: day,
    opening,
    closing,
    credits: sum(1n),
    debits: sum(-1n),
    declared: { credits: null, debits: null, count: null },
    count: transactions.length,
    reconciles: opening.minor + sumOf(rows) === closing.minor,
    transactions,
    warnings: [],
    quarantined: [],
  };
}
