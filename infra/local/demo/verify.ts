import { addDays, maxDate } from '../../../shared/domain/dates.ts';
import { formatMoney, parseMoney } from '../../../shared/domain/money.ts';
import { OVERLAP_DAYS } from '../../../shared/domain/window.ts';
import type { BankSource } from '../../sandbox/raiffeisen/source.ts';
import { labelOf } from '../cli/find.ts';
import { count } from '../cli/text.ts';
import type { FeedEvent, Manifest } from '../cli/types.ts';
import type { Held } from './collect.ts';

/** Holds what the gateway has against what the simulated bank has. Each finding is one sentence; none is the aim. */

export interface Truth {
  readonly source: {
    statements: BankSource['statements'];
    booked(
      ...of: Parameters<BankSource['booked']>
    ): readonly Pick<ReturnType<BankSource['booked']>[number], 'entryReference' | 'date' | 'minor'>[];
  };
  readonly manifest: Manifest;
  /** Day of the first pull, from whose window on everything must be here, and the banks' today. */
  readonly firstDay: string;
  readonly today: string;
  /** Set where real files are served: the first day any of them speaks of. */
  readonly oldestFile: string | null;
}

export function compare(held: readonly Held[], truth: Truth): string[] {
  return held.filter(({ account }) => account.active).flatMap((one) => compareAccount(one, truth));
}

function compareAccount(held: Held, truth: Truth): string[] {
  const findings = [
    ...comparePull(held),
    ...compareStatements(held, truth),
    ...compareTransactions(held, truth),
    // Files that do not follow each other, or do not add up, are the files' affair.
    ...(truth.oldestFile === null ? [...compareContinuity(held), ...compareBalance(held)] : []),
  ];
  return findings.map((finding) => `${labelOf(held.account)}: ${finding}`);
}

function comparePull({ account: { lastPull } }: Held): string[] {
  if (lastPull?.outcome === 'complete') return [];
  return [lastPull ? `the last pull is ${lastPull.outcome}: ${lastPull.failure?.message}` : 'never pulled'];
}

function compareStatements({ account, statements }: Held, truth: Truth): string[] {
  const from = oldestOf(truth, account.settings.historyDays);
  const theirs = truth.source
    .statements(bankNumber(account.number))
    .filter(
      ({ currency, lines, to }) => currency === account.currency && lines.includes('MAIN') && to >= from,
    );
  const figures = (opening: bigint | null, closing: bigint | null): string => `${opening}, ${closing}`;
  const ours = statements.map(({ from, to, read, opening, closing, currency }) =>
    // A statement that came only in a format nobody reads is held without figures.
    read
      ? `${from} to ${to}: ${figures(minor(opening, currency), minor(closing, currency))}`
      : `${from} to ${to}`,
  );
  const expected = theirs.map(({ from, to, formats, opening, closing }) =>
    formats.includes('xml') ? `${from} to ${to}: ${figures(opening, closing)}` : `${from} to ${to}`,
  );
  return difference(expected, ours, 'statement');
}

function compareTransactions({ account, transactions }: Held, truth: Truth): string[] {
  const { source, manifest, today, oldestFile } = truth;
  const depth = addDays(today, -manifest.history.transactionDays);
  // Where the statements have references of their own, a row has that of whichever channel brought it.
  const ownReferences =
    manifest.identity === 'bank-reference' && manifest.evidence['shared-reference'] === undefined;
  const told = (reference: string | null, day: string, amount: string): string =>
    `${ownReferences ? day : reference}: ${amount}`;
  const from =
    oldestFile === null ? oldestOf(truth, account.settings.historyDays) : maxDate(oldestFile, depth);
  const theirs = source
    .booked(bankNumber(account.number), account.currency, from, today)
    .map(({ entryReference, date, minor }) =>
      told(entryReference, date, formatMoney({ minor, currency: account.currency })),
    );
  const ours = transactions.map(({ bankReference, bookingDate, amount }) =>
    told(bankReference, bookingDate, amount),
  );
  // Beside real files the statements bring rows of their own, which no list of the bank repeats.
  return difference(
    theirs,
    oldestFile === null ? ours : ours.filter((row) => theirs.includes(row)),
    'transaction',
  );
}

function compareContinuity({ statements }: Held): string[] {
  const broken = statements.filter(({ continuity }) => continuity !== 'first' && continuity !== 'continuous');
  return broken.length === 0 ? [] : [`${count(broken.length, 'statement')} not continuous`];
}

/** Opening of the first statement plus every movement is what the bank says is booked. */
function compareBalance({ account, statements, transactions, balances }: Held): string[] {
  const booked = balances.find(({ kind }) => kind === 'booked');
  const opening = statements[0]?.opening;
  if (!booked || !opening) return [];
  const { currency } = account;
  const sum = transactions.reduce(
    (total, { amount }) => total + parseMoney(amount, currency).minor,
    parseMoney(opening, currency).minor,
  );
  if (sum === parseMoney(booked.amount, currency).minor) return [];
  return [
    `opening and transactions make ${formatMoney({ minor: sum, currency })}, the bank says ${booked.amount}`,
  ];
}

/** The feed has no hole, and tells of every row and statement exactly once. */
export function compareEvents(events: readonly FeedEvent[], held: readonly Held[]): string[] {
  const findings: string[] = [];
  const hole = events.find(({ sequence }, at) => sequence !== at + 1);
  if (hole) findings.push(`the feed of events has a hole before ${hole.sequence}`);
  const told = events
    .filter(({ type }) => type === 'transactions.booked')
    .flatMap(({ data }) => data['transactions'] as string[]);
  const rows = held.flatMap(({ transactions }) => transactions.map(({ id }) => id));
  findings.push(...difference(rows, told, 'transaction told by events'));
  const received = events.filter(({ type }) => type === 'statement.received').map(({ subject }) => subject);
  const statements = held.flatMap((one) => one.statements.map(({ id }) => id));
  findings.push(...difference(statements, received, 'statement told by events'));
  return findings;
}

/** What is missing and what is too much, counting repeats. */
function difference(expected: readonly string[], actual: readonly string[], what: string): string[] {
  const left = new Map<string, number>();
  for (const one of expected) left.set(one, (left.get(one) ?? 0) + 1);
  const surplus = actual.filter((one) => {
    const many = left.get(one) ?? 0;
    left.set(one, many - 1);
    return many <= 0;
  });
  const missing = [...left].flatMap(([one, many]) => Array.from({ length: Math.max(0, many) }, () => one));
  const sentence = (items: readonly string[], verdict: string): string[] =>
    items.length === 0 ? [] : [`${count(items.length, what)} ${verdict}, the first: ${items[0]}`];
  return [...sentence(missing, 'missing'), ...sentence(surplus, 'too much')];
}

const oldestOf = ({ firstDay, oldestFile }: Truth, historyDays: number): string =>
  oldestFile ?? addDays(firstDay, -historyDays - OVERLAP_DAYS);

const minor = (amount: string | null, currency: string): bigint | null =>
  amount === null ? null : parseMoney(amount, currency).minor;

/** The bank's calls know a number without its prefix. */
const bankNumber = (number: string): string => number.split('-').at(-1) ?? number;
