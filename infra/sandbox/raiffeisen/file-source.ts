import { ibanOf } from './numbers.ts';
import type { BankSource, Folder, SourceAccount } from './source.ts';
import type { FiledStatement } from './statement-files.ts';
import type { FiledRow, TransactionFiles } from './transaction-files.ts';

/** A bank whose accounts are those its files name. Everything in the files is in the past, so no clock is needed. */
export function fileSource(
  statements: readonly FiledStatement[],
  transactions: Pick<TransactionFiles, 'rows' | 'folders'>,
): BankSource {
  const newestFirst = [...statements].sort((a, b) => b.to.localeCompare(a.to) || a.id.localeCompare(b.id));
  const rows = [...transactions.rows].sort((a, b) => a.bookedAt - b.bookedAt);
  const named = [...statements, ...transactions.folders];
  const numbers = [...new Set(named.map(({ account }) => account.number))].sort();

  const currenciesOf = (number: string): string[] =>
    [
      ...new Set(named.filter(({ account }) => account.number === number).map(({ currency }) => currency)),
    ].sort();
  const rowsOf = (number: string, currency: string): FiledRow[] =>
    rows.filter((row) => row.account.number === number && row.currency === currency);

  return {
    accounts: () =>
      numbers.flatMap((number, index): SourceAccount[] => {
        const account = named.find((one) => one.account.number === number)?.account;
        if (!account) return [];
        return [
          {
            accountId: index + 1,
            ...account,
            iban: ibanOf(account),
            name: null,
            friendlyName: null,
            mainCurrency: currenciesOf(number)[0] ?? null,
            type: null,
          },
        ];
      }),
    folders: (number) =>
      currenciesOf(number).map((currency): Folder => {
        const mine = newestFirst.filter((one) => one.accountNumber === number && one.currency === currency);
        const booked = mine.find(({ closing }) => closing !== null)?.closing ?? null;
        const balances = booked === null ? null : { booked, blocked: 0n, creditLine: 0n };
        return { currency, status: 'ACTIVE', balances };
      }),
    transactions: (number, currency, from, to) =>
      rowsOf(number, currency)
        .filter(({ bookedAt }) => bookedAt >= from && bookedAt <= to)
        .reverse(),
    statements: (number) => newestFirst.filter(({ accountNumber }) => accountNumber === number),
    document: async (id, format) => {
      const file = newestFirst.find((statement) => statement.id === id)?.files[format];
      return file ? file() : null;
    },
    booked: (number, currency, from, to) =>
      rowsOf(number, currency)
        .filter(({ date }) => date >= from && date <= to)
        .map(({ entryReference, date, minor }) => ({ entryReference, date, minor })),
  };
}
