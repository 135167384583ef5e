import { addDays, type PlainDate } from '../../../shared/domain/dates.ts';
import { chance } from '../chance.ts';
import { pragueDay, pragueInstant } from '../prague.ts';
import type { SandboxClock } from '../types.ts';
import { toCamt053 } from './camt053.ts';
import { referenceOf } from './days.ts';
import { editions } from './editions.ts';
import { listingOf, type Issue } from './issues.ts';
import { folderLedger, type FolderLedger } from './ledger.ts';
import { PLAIN, toListItem, type Movement } from './movement.ts';
import { toMt940 } from './mt940.ts';
import { BANK_CODE } from './numbers.ts';
import { toPdf } from './pdf.ts';
import { PORTFOLIO, type SeededAccount } from './portfolio.ts';
import type { BankSource, ExtraMovement, Folder, SourceAccount } from './source.ts';

/** The seeded bank and the strings a test may pull. */
export interface SeededSource extends BankSource {
  /** First day with data. */
  readonly oldest: PlainDate;
  /** Statements listed by now with their movements, oldest first: the truth to check files against. */
  issues(accountNumber: string, currency: string): readonly Issue[];
  add(movement: ExtraMovement): string;
  /** Takes a statement off the list; its download finds nothing. */
  removeStatement(statementId: string): void;
  /** Issues a statement again under its number, with another id, beside the first. @returns the new id */
  correctStatement(statementId: string): string;
  /** Gives every account another internal id, as a renewed access may. */
  renumberAccounts(): void;
  /** The access no longer shows this account. */
  hideAccount(accountNumber: string): void;
}

/** Days of history before the sandbox was started: a few more than the 90 the transaction list reaches back. */
export const HISTORY_DAYS = 95;

/** Indexes above are kept for movements that tests add. */
const FIRST_EXTRA = 500;

/**
 * Seeded data around the day the sandbox is made: the same seed and the same start give the same bank, and a later
 * clock only adds to it.
 */
export function seededSource(options: {
  seed: string;
  clock: SandboxClock;
  historyDays?: number;
}): SeededSource {
  const { seed, clock } = options;
  const oldest = addDays(pragueDay(clock.now()), -(options.historyDays ?? HISTORY_DAYS));
  const ledgers = PORTFOLIO.flatMap((account) => account.folders.map((folder) => ({ account, folder }))).map(
    ({ account, folder }, slot) => folderLedger({ seed, account, folder, slot }, oldest),
  );
  const listed = editions(ledgers, clock);
  const hidden = new Set<string>();
  let renumbered = 0;
  let extras = FIRST_EXTRA;

  const ledgersOf = (number: string): FolderLedger[] =>
    hidden.has(number) ? [] : ledgers.filter(({ key }) => key.account.number === number);
  const ledgerOf = (number: string, currency: string): FolderLedger | undefined =>
    ledgersOf(number).find(({ key }) => key.folder.currency === currency);
  const visible = (number: string, currency: string, from: number, to: number): readonly Movement[] =>
    ledgerOf(number, currency)?.visible(from, to, clock.now()) ?? [];
  const add = (extra: ExtraMovement): string => {
    const ledger = ledgerOf(extra.accountNumber, extra.currency);
    if (!ledger)
      throw new Error(`The simulated bank has no account ${extra.accountNumber} in ${extra.currency}.`);
    extras += 1;
    const movement = extraMovement(extra, clock.now(), (day) => referenceOf(day, ledger.key.slot, extras));
    ledger.add(movement);
    return movement.reference;
  };

  return {
    oldest,
    accounts: () =>
      PORTFOLIO.filter(({ number }) => !hidden.has(number)).map((account) =>
        listedAccount(account, renumbered),
      ),
    folders: (number) => ledgersOf(number).map((ledger) => folderOf(ledger, seed, clock.now())),
    transactions: (...span) =>
      visible(...span)
        .map((movement) => ({ bookedAt: movement.bookedAt, json: toListItem(movement) }))
        .reverse(),
    statements: (number) =>
      ledgersOf(number)
        .flatMap(listed.of)
        .reverse()
        .sort((a, b) => b.to.localeCompare(a.to)),
    document: async (id, format, language) => {
      const issue = listed.byId(id);
      if (!issue?.formats.includes(format)) return null;
      if (format === 'xml') return toCamt053(issue);
      return format === 'MT940' ? toMt940(issue) : toPdf(issue, language);
    },
    booked: (number, currency, from, to) =>
      visible(number, currency, pragueInstant(from), pragueInstant(addDays(to, 1)) - 1).map((movement) => ({
        entryReference: movement.reference,
        date: pragueDay(movement.bookedAt),
        minor: movement.minor,
      })),
    issues: (number, currency) => {
      const ledger = ledgerOf(number, currency);
      return ledger ? listed.of(ledger) : [];
    },
    bookNow: (accountNumber, currency) => void add({ accountNumber, currency, minor: 100_00n }),
    add,
    removeStatement: listed.remove,
    correctStatement: listed.correct,
    renumberAccounts: () => void (renumbered += 1000),
    hideAccount: (number) => void hidden.add(number),
  };
}

function listedAccount(account: SeededAccount, renumbered: number): SourceAccount {
  return {
    accountId: account.accountId + renumbered,
    prefix: account.prefix,
    number: account.number,
    bankCode: BANK_CODE,
    iban: account.taciturn ? null : account.iban,
    name: account.taciturn ? null : account.owner,
    friendlyName: account.friendlyName,
    mainCurrency: account.folders[0]?.currency ?? null,
    type: account.type,
  };
}

/** What is blocked (card holds, say) changes from day to day. */
function folderOf(ledger: FolderLedger, seed: string, now: number): Folder {
  const { account, folder } = ledger.key;
  const { currency, status, creditLine, profile } = folder;
  if (status === 'CLOSED') return { currency, status, balances: null };
  const draws = chance(`${seed}|blocked|${account.number}|${currency}|${pragueDay(now)}`);
  const blocked = profile === 'idle' || draws.flip(0.5) ? 0n : BigInt(draws.int(1_00, 3_000_00));
  return { currency, status, balances: { booked: ledger.balance(now), blocked, creditLine } };
}

/** A movement of which nothing is known but what was said; an incoming domestic payment unless it has another code. */
function extraMovement(extra: ExtraMovement, now: number, reference: (day: PlainDate) => string): Movement {
  const { accountNumber: _, bookedAt = now, ...told } = extra;
  const visibleAt = extra.visibleAt ?? bookedAt;
  const day = pragueDay(bookedAt);
  if (Math.max(visibleAt, now) >= listingOf(day)) {
    throw new Error(`The statement of ${day} is out by then; book the movement on a later day.`);
  }
  return {
    reference: reference(day),
    valueDay: day,
    ...PLAIN,
    code: '10000107000',
    ...told,
    bookedAt,
    visibleAt,
  };
}
