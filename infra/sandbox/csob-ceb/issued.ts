import type { PlainDate } from '../../../shared/domain/dates.ts';
import { pragueDay } from '../prague.ts';
import type { BookedRow, SourceStatement } from '../raiffeisen/source.ts';
import { numberOf } from './accounts.ts';
import type { CebStatement } from './books.ts';

/** What the bank has told by now, in the shape the demo compares every bank by. */
export interface Issued {
  /** Statements that can be had, newest first; `account` without its prefix. */
  statements(account: string): readonly SourceStatement[];
  /** Movements in them, by the reference the data statements print: year, statement, posting. */
  booked(account: string, currency: string, from: PlainDate, to: PlainDate): readonly BookedRow[];
}

export function issuedSource(
  issued: (account: string, from: PlainDate, to: PlainDate) => readonly CebStatement[],
): Issued {
  return {
    statements: (account) =>
      issued(account, '0001-01-01', '9999-12-31')
        .map(({ account: owner, day, number, opening, closing, createdAt }): SourceStatement => ({
          id: `${numberOf(owner)}_${day}_${number}/${pragueDay(createdAt)}`,
          accountNumber: account,
          currency: owner.currency,
          number: String(number),
          from: day,
          to: day,
          lines: ['MAIN'],
          formats: ['xml', 'MT940', 'pdf'],
          opening,
          closing,
        }))
        .reverse(),
    booked: (account, currency, from, to) =>
      issued(account, from, to).flatMap(({ account: owner, day, number, movements }) =>
        owner.currency === currency
          ? movements.map(({ minor }, at) => ({
              entryReference: `${day.slice(0, 4)}/${number}/${at + 1}`,
              date: day,
              minor,
            }))
          : [],
      ),
  };
}
