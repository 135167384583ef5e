import type { QuarantinedItem, Transaction, Window } from '../../domain/model.ts';
import { at } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import type { AccountRef, Cursor, ParsedTransactions, TransactionPage } from '../contract.ts';
import { documentOf, unreadable } from '../answers.ts';
import { readJson, type Client } from './client.ts';
import { asideOf, RowError } from '../rows.ts';
import { readRow } from './row.ts';
import { Failure } from '../../domain/failure.ts';

const OPERATION = 'getTransactionList';
/** The contract's maximum of `page`. */
const LAST_PAGE = 99_999;

/**
 * One page of the booked movements of an account in its currency, today's included. A bare date means the start or
 * the end of that day in Prague, so the window goes as it is.
 */
export async function transactionPage(
  client: Client,
  account: AccountRef,
  { from, to }: Window,
  cursor: Cursor | null,
): Promise<TransactionPage> {
  const page = pageOf(cursor);
  const response = await client({
    operation: OPERATION,
    method: 'GET',
    path: `/accounts/${encodeURIComponent(account.handle)}/${encodeURIComponent(account.currency)}/transactions`,
    query: { from, to, page: String(page) },
  });
  if (!response) return { document: null, parse: () => ({ transactions: [], quarantined: [], next: null }) };
  const name = `transactions-${account.handle}-${account.currency}-${from}-${to}-${page}.json`;
  return { document: documentOf(response, name), parse: () => parsePage(response, account.currency, page) };
}

function pageOf(cursor: Cursor | null): number {
  const page = cursor === null ? 1 : Number(cursor);
  if (Number.isInteger(page) && page >= 1 && page <= LAST_PAGE) return page;
  const message = `The bank numbers its pages from 1 to ${LAST_PAGE}; asked was another one. Pull a shorter window.`;
  throw new Failure('protocol', message, { operation: OPERATION });
}

function parsePage(response: BankResponse, currency: string, page: number): ParsedTransactions {
  const body = readJson(response, OPERATION);
  const rows = at(body, 'transactions') ?? (at(body, 'lastPage') === undefined ? null : []);
  if (!Array.isArray(rows)) throw unreadable(OPERATION, 'has no list of transactions', response);
  const transactions: Transaction[] = [];
  const quarantined: QuarantinedItem[] = [];
  for (const [index, row] of rows.entries()) {
    try {
      transactions.push(readRow(row, currency));
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      quarantined.push(asideOf(row, error, `transaction ${index + 1} of page ${page}`));
    }
  }
  return { transactions, quarantined, next: hasMore(body, rows.length) ? String(page + 1) : null };
}

/**
 * A missing `lastPage` means "not the last" by the contract's default, but the bank leaves it out of empty pages as
 * well: there it is the end.
 */
function hasMore(body: unknown, rows: number): boolean {
  const last = at(body, 'lastPage');
  return typeof last === 'boolean' ? !last : rows > 0;
}
