import { localNumber, parseAccountNumber } from '../../domain/account-number.ts';
import type { PlainDate } from '../../domain/dates.ts';
import type { Statement, StatementAccount } from '../../domain/model.ts';
import type { Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import { compareTotals, reconcile } from '../figures.ts';
import type { Notes } from '../notes.ts';
import type { StatementEvent } from '../stream.ts';
import { FINSTA_ISSUER } from './dialects.ts';
import { readPosting, type Posting } from './posting.ts';

/** What the header of a statement says, whichever of the two formats it comes from. */
export interface Header {
  readonly account: StatementAccount;
  readonly currency: string;
  readonly number: string | null;
  readonly from: PlainDate | null;
  readonly to: PlainDate | null;
  readonly opening: Money | null;
  readonly closing: Money | null;
  readonly declared: Statement['declared'];
}

/**
 * The account a header names: `226047602/0300`, or 16 digits.
 * @param written as the bank wrote it
 */
export function ownAccount(written: string | null, currency: string | null): StatementAccount {
  const account = written === null ? null : parseAccountNumber(written);
  const number = account ? localNumber(account) : written;
  return { iban: null, number, bankCode: account?.bankCode ?? FINSTA_ISSUER, currency };
}

/** Emits the postings of one statement, and the statement at its end. */
export function statementWriter(notes: Notes, emit: (event: StatementEvent) => void) {
  const turnover = { credits: 0n, debits: 0n };
  let items = 0;
  let count = 0;
  return {
    /** @param read gives the posting; it may throw, and then the item is put aside with its raw text */
    add(read: () => Posting, currency: string, raw: string): void {
      items += 1;
      const position = `Entry ${items}`;
      try {
        const { transaction, side } = readPosting(read(), currency, (rule, message) =>
          notes.warn(rule, message, position),
        );
        const { minor } = transaction.amount;
        turnover[side] += side === 'credits' ? minor : -minor;
        count += 1;
        emit({ type: 'transaction', transaction });
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        notes.quarantine(error, position, raw);
      }
    },
    finish({ currency, ...header }: Header, where: string): void {
      const computed = {
        credits: { minor: turnover.credits, currency },
        debits: { minor: turnover.debits, currency },
        count,
      };
      compareTotals(header.declared, computed, notes.warn, where);
      const reconciles = reconcile(header.opening, header.closing, computed, notes.warn);
      notes.finish();
      emit({ type: 'statement', statement: { ...header, ...computed, reconciles } });
    },
  };
}
