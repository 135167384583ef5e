import type { Transaction } from '../../domain/model.ts';
import { FormatError } from '../errors.ts';
import type { Turnover } from '../figures.ts';
import type { StatementEvent } from '../stream.ts';
import type { XmlElement } from '../xml.ts';
import type { OwnAccount } from './account.ts';
import { isBooked, readEntry, statusOf } from './entry.ts';
import type { Notes, Warn } from '../notes.ts';

export interface EntryReader {
  /** Reads an entry and emits its movements; one that cannot be read is put aside and the rest goes on. */
  add(entry: XmlElement, raw: string, own: OwnAccount): void;
  finish(currency: string): Turnover;
}

/** References remembered to tell one that repeats: more than any statement for people has, and no more memory. */
const MAX_REFERENCES = 50_000;

/** Reads entries; turnovers and count are those of entries, whatever a batch is split into. */
export function entryReader(notes: Notes, emit: (event: StatementEvent) => void): EntryReader {
  const references = new Set<string>();
  let areCompared = true;
  const notBooked = { count: 0, kinds: new Set<string>() };
  let entries = 0;
  let count = 0;
  let credits = 0n;
  let debits = 0n;

  const give = (transaction: Transaction, warn: Warn): void => {
    const { bankReference, batch } = transaction;
    // Details of a batch share its reference on purpose and are told apart by their index.
    if (bankReference !== null && bankReference !== batch?.reference) {
      const { size } = references;
      // Adding tells by itself whether it was there: one look instead of two.
      const full = size === MAX_REFERENCES;
      const known = full ? references.has(bankReference) : references.add(bankReference).size === size;
      if (full && !known) areCompared = false;
      if (known) warn('reference-repeats', `Reference ${bankReference} stands here twice.`);
    }
    emit({ type: 'transaction', transaction });
  };
  const read = (entry: XmlElement, own: OwnAccount, warn: Warn): void => {
    if (!isBooked(entry)) {
      notBooked.count += 1;
      notBooked.kinds.add(statusOf(entry) ?? '');
      return;
    }
    const { amount, transactions } = readEntry(entry, own, warn);
    count += 1;
    if (amount.minor > 0n) credits += amount.minor;
    else debits -= amount.minor;
    for (const transaction of transactions) give(transaction, warn);
  };
  return {
    add(entry, raw, own) {
      entries += 1;
      const position = entries;
      try {
        read(entry, own, (rule, message) => notes.warn(rule, message, `Entry ${position}`));
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        notes.quarantine(error, `Entry ${position}`, raw);
      }
    },
    finish(currency) {
      if (notBooked.count > 0) {
        const kinds = [...notBooked.kinds].join(', ');
        const message = `Entries that are not booked were left out: ${notBooked.count} (${kinds}).`;
        notes.warn('entries-not-booked', message);
      }
      if (!areCompared) {
        const message = `Only the first ${MAX_REFERENCES} references were compared with each other.`;
        notes.warn('references-not-compared', message);
      }
      return { credits: { minor: credits, currency }, debits: { minor: debits, currency }, count };
    },
  };
}
