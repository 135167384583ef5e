import type { PlainDate } from '../../domain/dates.ts';
import type { Statement, Warning } from '../../domain/model.ts';
import { FormatError } from '../errors.ts';
import type { XmlElement } from '../xml.ts';
import { NO_CURRENCY, readOwnAccount, type OwnAccount } from './account.ts';
import { readBalances, reconcile, type Balances } from './balances.ts';
import { entryCollector } from './entries.ts';
import { child, dateOf, textAt } from './fields.ts';
import { takeNotes } from './notes.ts';
import { compareTotals, readTotals } from './totals.ts';

/** The children of a statement that are read once. */
const HEADER = ['LglSeqNb', 'ElctrncSeqNb', 'FrToDt', 'Acct', 'TxsSummry'];
/** Banks print a handful of balances, some one per day and kind. */
const MAX_BALANCES = 10_000;

/** Takes the children of a `Stmt` one by one, as they come, and gives the statement at its end. */
export interface StatementReader {
  /** @param raw the element as it stands in the document */
  add(element: XmlElement, raw: string): void;
  /** @param documentWarnings what was noticed of the document as a whole */
  finish(documentWarnings: readonly Warning[]): Statement;
}

/** @throws FormatError `too-long` and `too-large` from both methods, for a header that no bank would send */
export function statementReader(): StatementReader {
  const notes = takeNotes();
  const entries = entryCollector(notes);
  const header = new Map<string, XmlElement>();
  const balances: XmlElement[] = [];
  let account: OwnAccount | null = null;

  const field = (name: string): XmlElement | null => header.get(name) ?? null;
  /** The account as it is known when the first entry (or the end) comes; the schema puts it before. */
  const own = (entry: XmlElement | null): OwnAccount => {
    const hints = entry ? [...balances, entry] : balances;
    if (!account || account.currency === NO_CURRENCY)
      account = readOwnAccount(field('Acct'), hints, notes.warn);
    return account;
  };
  const addBalance = (element: XmlElement): void => {
    if (balances.length === MAX_BALANCES) {
      throw new FormatError('too-large', `A statement has more than ${MAX_BALANCES} balances: ask the bank`);
    }
    balances.push(element);
  };
  return {
    add(element, raw) {
      if (element.name === 'Ntry') entries.add(element, raw, own(element));
      else if (element.name === 'Bal') addBalance(element);
      else if (HEADER.includes(element.name)) header.set(element.name, element);
    },
    finish(documentWarnings) {
      const { currency, iban, number, bankCode } = own(null);
      const found = readBalances(balances, currency, notes.warn);
      const collected = entries.finish(currency);
      const declared = readTotals(field('TxsSummry'), currency, notes.warn);
      compareTotals(declared, collected, notes.warn);
      return {
        account: { iban, number, bankCode, currency: currency === NO_CURRENCY ? null : currency },
        number: textAt(field('LglSeqNb')) ?? textAt(field('ElctrncSeqNb')),
        ...periodOf(field('FrToDt'), found),
        opening: found.opening?.amount ?? null,
        closing: found.closing?.amount ?? null,
        ...collected,
        declared,
        reconciles: reconcile(found, collected.credits, collected.debits, notes.warn),
        warnings: [...documentWarnings, ...notes.warnings()],
        quarantined: notes.quarantined(),
      };
    },
  };
}

/** `FrToDt`, or the days the two balances are dated. */
function periodOf(
  period: XmlElement | null,
  { opening, closing }: Balances,
): { from: PlainDate | null; to: PlainDate | null } {
  const day = (name: string): PlainDate | null =>
    dateOf(child(period, `${name}DtTm`)) ?? dateOf(child(period, `${name}Dt`));
  return { from: day('Fr') ?? opening?.date ?? null, to: day('To') ?? closing?.date ?? null };
}
