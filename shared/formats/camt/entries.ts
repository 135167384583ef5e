import type { Statement, Transaction } from '../../domain/model.ts';
import { FormatError } from '../errors.ts';
import type { XmlElement } from '../xml.ts';
import type { OwnAccount } from './account.ts';
import { isBooked, readEntry, statusOf } from './entry.ts';
import type { Notes, Warn } from './notes.ts';

/** The booked entries of one statement and what they sum up to. */
export type Collected = Pick<Statement, 'transactions' | 'credits' | 'debits' | 'count'>;

export interface EntryCollector {
  /** Takes an entry; one that cannot be read is put aside and the rest goes on. */
  add(entry: XmlElement, raw: string, own: OwnAccount): void;
  finish(currency: string): Collected;
}

/** Collects entries; turnovers and count are those of entries, whatever a batch is split into. */
export function entryCollector(notes: Notes): EntryCollector {
  const transactions: Transaction[] = [];
  const references = new Set<string>();
  const notBooked = { count: 0, kinds: new Set<string>() };
  let entries = 0;
  let count = 0;
  let credits = 0n;
  let debits = 0n;

  const keep = (transaction: Transaction, warn: Warn): void => {
    const { bankReference, batch } = transaction;
    // Details of a batch share its reference on purpose and are told apart by their index.
    if (bankReference !== null && bankReference !== batch?.reference) {
      if (references.has(bankReference))
        warn('reference-repeats', `Reference ${bankReference} stands here twice.`);
      references.add(bankReference);
    }
    transactions.push(transaction);
  };
  const read = (entry: XmlElement, own: OwnAccount, position: string): void => {
    if (!isBooked(entry)) {
      notBooked.count += 1;
      notBooked.kinds.add(statusOf(entry) ?? '');
      return;
    }
    const warn: Warn = (rule, message) => notes.warn(rule, message, position);
    const { amount, transactions: movements } = readEntry(entry, own, warn);
    count += 1;
    if (amount.minor > 0n) credits += amount.minor;
    else debits -= amount.minor;
    for (const movement of movements) keep(movement, warn);
  };
  return {
    add(entry, raw, own) {
      entries += 1;
      const position = `Entry ${entries}`;
      try {
        read(entry, own, position);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        notes.quarantine(error, position, raw);
      }
    },
    finish(currency) {
      if (notBooked.count > 0) {
        const kinds = [...notBooked.kinds].join(', ');
        const message = `Entries that are not booked were left out: ${notBooked.count} (${kinds}).`;
        notes.warn('entries-not-booked', message);
      }
      return {
        transactions,
        credits: { minor: credits, currency },
        debits: { minor: debits, currency },
        count,
      };
    },
  };
}
