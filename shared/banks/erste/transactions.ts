import { addDays, daysBetween, isPlainDate, maxDate, minDate, type PlainDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { QuarantinedItem, Transaction, Window } from '../../domain/model.ts';
import type { BankResponse } from '../../http/types.ts';
import type { AccountRef, Cursor, ParsedTransactions, TransactionPage } from '../contract.ts';
import { documentOf } from '../answers.ts';
import type { Accounts } from './accounts.ts';
import { readPage, type Page } from './pages.ts';
import { asideOf, RowError } from '../rows.ts';
import { readRow } from './row.ts';

const OPERATION = 'getTransactions';
const PAGE_SIZE = 200;
/** `size * (page + 1) ≤ 10000` */
const MAX_ROWS = 10_000;
const MAX_PAGES = MAX_ROWS / PAGE_SIZE;

/** A page of one question: days in UTC, both included. */
interface Place extends Window {
  readonly page: number;
}

/**
 * One page of the booked movements of a window. The bank counts days in UTC and refuses those to come, so it is asked
 * from a day earlier up to its own today, and rows of the days just outside of the window are left out; a question with
 * more rows than it gives is halved until it fits.
 */
export async function transactionPage(
  accounts: Accounts,
  account: AccountRef,
  window: Window,
  cursor: Cursor | null,
): Promise<TransactionPage> {
  const last = minDate(window.to, (await accounts.today()) ?? window.to);
  const whole = { from: minDate(addDays(window.from, -1), last), to: last };
  let place: Place = cursor === null ? { ...whole, page: 0 } : placeOf(cursor);
  for (;;) {
    const response = await ask(accounts, account, place);
    const page = response && readable(response, place);
    if (response && !isTooLong(page, place)) return pageFrom(response, place, { account, window, last });
    place = halved(place);
  }
}

/** @returns `null` when the bank has more rows for these days than it gives */
async function ask(accounts: Accounts, account: AccountRef, place: Place): Promise<BankResponse | null> {
  const { from, to, page } = place;
  try {
    return await accounts.call(account, (id) => ({
      operation: OPERATION,
      method: 'GET',
      path: `/my/accounts/${id}/transactions`,
      query: {
        fromDate: from,
        toDate: to,
        page: String(page),
        size: String(PAGE_SIZE),
        // The oldest first, so that a new movement comes behind the pages that were read.
        sort: 'bookingdate',
        order: 'ASC',
      },
    }));
  } catch (error) {
    const tooMany = error instanceof Failure && error.detail.code === 'MAX_TRANSACTIONS_EXCEEDED';
    if (tooMany && daysBetween(from, to) > 0) return null;
    throw error;
  }
}

/** The page, `null` when it is none: that is told when it is parsed, behind the archive. */
function readable(response: BankResponse, { page }: Place): Page | null {
  try {
    return readPage(response, OPERATION, 'transactions', page);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

const isTooLong = (page: Page | null, { from, to, page: number }: Place): boolean =>
  number === 0 && daysBetween(from, to) > 0 && (page?.pageCount ?? 0) > MAX_PAGES;

/** The first half of a question. What is behind it is asked for when it is done. */
function halved({ from, to }: Place): Place {
  return { from, to: addDays(from, Math.floor(daysBetween(from, to) / 2)), page: 0 };
}

function placeOf(cursor: Cursor): Place {
  const [from = '', to = '', page = ''] = cursor.split('/');
  if (isPlainDate(from) && isPlainDate(to) && from <= to && /^\d{1,2}$/.test(page))
    return { from, to, page: Number(page) };
  throw new Failure('protocol', 'The place in the list of movements is none. Start the pull again.', {
    operation: OPERATION,
  });
}

interface Asked {
  readonly account: AccountRef;
  readonly window: Window;
  /** Last day the bank can be asked about. */
  readonly last: PlainDate;
}

function pageFrom(response: BankResponse, place: Place, { account, window, last }: Asked): TransactionPage {
  const name = `transactions-${account.handle}-${place.from}-${place.to}-${place.page}.json`;
  return {
    document: documentOf(response, name),
    parse: () => {
      const page = readPage(response, OPERATION, 'transactions', place.page);
      return { ...readRows(page, account, window), next: nextPlace(page, place, last) };
    },
  };
}

function nextPlace({ next }: Page, { from, to }: Place, last: PlainDate): Cursor | null {
  if (next === null) return to < last ? `${addDays(to, 1)}/${last}/0` : null;
  if (next < MAX_PAGES) return `${from}/${to}/${next}`;
  const message =
    `The bank has more than ${MAX_ROWS} movements on ${maxDate(from, to)} and gives no more of one day. ` +
    'The others stand in the day’s statement: pull statements for this account.';
  throw new Failure('protocol', message, { operation: OPERATION });
}

function readRows({ items }: Page, account: AccountRef, window: Window): Omit<ParsedTransactions, 'next'> {
  const outside = [addDays(window.from, -1), addDays(window.to, 1)];
  const transactions: Transaction[] = [];
  const quarantined: QuarantinedItem[] = [];
  for (const [index, row] of items.entries()) {
    try {
      const transaction = readRow(row, account.currency);
      if (transaction && !outside.includes(transaction.bookingDate)) transactions.push(transaction);
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      quarantined.push(asideOf(row, error, `transaction ${index + 1}`));
    }
  }
  return { transactions, quarantined };
}
