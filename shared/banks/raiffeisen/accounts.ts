import { Failure } from '../../domain/failure.ts';
import type { BankAccount } from '../../domain/model.ts';
import { localNumber, parseAccountNumber } from '../../domain/account-number.ts';
import { at, textAt } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import { folders, readBalances } from './balances.ts';
import { unreadable } from '../answers.ts';
import { readJson, type Client } from './client.ts';

const OPERATION = 'getAccounts';
const PAGE_SIZE = 50;
/** 5 000 accounts; more is a list that never ends. */
const MAX_PAGES = 100;

/**
 * Every account the certificate sees, one {@link BankAccount} per currency folder: the account list names only the
 * main currency, the folders stand in the balance call. An account whose folders the certificate may not see is
 * listed with its main currency and not active.
 */
export async function listAccounts(client: Client): Promise<BankAccount[]> {
  const accounts: BankAccount[] = [];
  for await (const item of allItems(client)) accounts.push(...(await foldersOf(client, item)));
  return accounts;
}

/** The cheapest call that needs certificate and ClientID: an account list of one. */
export async function prove(client: Client): Promise<void> {
  const response = await client(page(1, 1));
  if (response) readJson(response, OPERATION);
}

const page = (number: number, size: number) => ({
  operation: OPERATION,
  method: 'GET' as const,
  path: '/accounts',
  query: { page: String(number), size: String(size) },
});

interface Item {
  readonly value: unknown;
  readonly response: BankResponse;
}

async function* allItems(client: Client): AsyncGenerator<Item> {
  for (let number = 1; number <= MAX_PAGES; number++) {
    const response = await client(page(number, PAGE_SIZE));
    if (!response) return;
    const body = readJson(response, OPERATION);
    const items = at(body, 'accounts');
    if (!Array.isArray(items)) throw unreadable(OPERATION, 'has no list of accounts', response);
    for (const value of items) yield { value, response };
    if (!hasMore(body, number) || items.length === 0) return;
  }
  const message = `The bank’s account list has more than ${MAX_PAGES} pages; nothing of it was used. Report it.`;
  throw new Failure('protocol', message, { operation: OPERATION });
}

/** `last` is not promised here, so the number of pages decides where it is missing. */
function hasMore(body: unknown, number: number): boolean {
  const last = at(body, 'last');
  return typeof last === 'boolean' ? !last : number < Number(textAt(body, 'totalPages') ?? 0);
}

async function foldersOf(client: Client, { value, response }: Item): Promise<BankAccount[]> {
  const number = parseAccountNumber(textAt(value, 'accountNumber') ?? '');
  if (!number) throw unreadable(OPERATION, 'has an account without a usable accountNumber', response);
  const prefix = textAt(value, 'accountNumberPrefix')?.replace(/^0+/, '') || number.prefix;
  const handle = number.number;
  const common = {
    handle,
    iban: textAt(value, 'iban'),
    number: localNumber({ ...number, prefix }),
    bankCode: textAt(value, 'bankCode'),
    bic: textAt(value, 'bankBicCode'),
    name: textAt(value, 'friendlyName') ?? textAt(value, 'accountName'),
  };
  const currency = textAt(value, 'mainCurrency');
  try {
    const found = folders(await readBalances(client, handle), handle);
    // Folders are not promised; the main currency is there all the same.
    if (found.length === 0 && currency !== null) return [{ ...common, currency, active: true }];
    return found.map((folder) => ({ ...common, currency: folder.currency, active: folder.active }));
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'rejected' || currency === null) throw error;
    return [{ ...common, currency, active: false }];
  }
}
