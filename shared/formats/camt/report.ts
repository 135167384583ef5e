import type { PlainDate } from '../../domain/dates.ts';
import { FormatError } from '../errors.ts';
import { compareTotals, reconcile } from '../figures.ts';
import type { StatementEvent } from '../stream.ts';
import type { XmlElement } from '../xml.ts';
import { NO_CURRENCY, readOwnAccount, type OwnAccount } from './account.ts';
import { readBalances, type Balances } from './balances.ts';
import { entryReader } from './entries.ts';
import { child, dateOf, textOf } from './fields.ts';
import type { CamtMessage } from './messages.ts';
import { takeNotes } from '../notes.ts';
import { readTotals } from './totals.ts';

/** The children of a report that are read once. */
const HEADER = ['LglSeqNb', 'ElctrncSeqNb', 'FrToDt', 'Acct', 'TxsSummry'];
/** Banks print a handful of balances, some one per day and kind. */
const MAX_BALANCES = 10_000;

/** Takes the children of a `Stmt`, `Rpt` or `Ntfctn` one by one, as they come, and keeps none but its header. */
export interface ReportReader {
  /** @param raw the element as it stands in the document */
  add(element: XmlElement, raw: string): void;
  finish(): void;
}

/** @throws FormatError `too-long` and `too-large` from both methods, for a header that no bank would send */
export function reportReader(message: CamtMessage, emit: (event: StatementEvent) => void): ReportReader {
  const notes = takeNotes(emit);
  const entries = entryReader(notes, emit);
  const header = new Map<string, XmlElement>();
  const balances: XmlElement[] = [];
  let account: OwnAccount | null = null;

  const field = (name: string): XmlElement | null => header.get(name) ?? null;
  /** The account as it is known when the first entry (or the end) comes; the schema puts it before. */
  const own = (entry: XmlElement | null): OwnAccount => {
    if (account && account.currency !== NO_CURRENCY) return account;
    const hints = entry ? [...balances, entry] : balances;
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
    finish() {
      const { currency, iban, number, bankCode } = own(null);
      const found = readBalances(balances, message, currency, notes.warn);
      const turnover = entries.finish(currency);
      const declared = readTotals(field('TxsSummry'), currency, notes.warn);
      compareTotals(declared, turnover, notes.warn, 'TxsSummry');
      const opening = found.opening?.amount ?? null;
      const closing = found.closing?.amount ?? null;
      const statement = {
        account: { iban, number, bankCode, currency: currency === NO_CURRENCY ? null : currency },
        number: textOf(field('LglSeqNb')) ?? textOf(field('ElctrncSeqNb')),
        ...periodOf(field('FrToDt'), found),
        opening,
        closing,
        ...turnover,
        declared,
        reconciles: reconcile(opening, closing, turnover, notes.warn, message.final),
      };
      notes.finish();
      emit({ type: 'statement', statement });
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
