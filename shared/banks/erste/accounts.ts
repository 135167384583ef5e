import {
  accountOfIban,
  localNumber,
  normaliseIban,
  parseAccountNumber,
} from '../../domain/account-number.ts';
import type { PlainDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { BankAccount } from '../../domain/model.ts';
import { at, textAt } from '../../domain/json.ts';
import { parseHttpDate } from '../../http/http-date.ts';
import type { BankResponse } from '../../http/types.ts';
import type { AccountRef } from '../contract.ts';
import { unreadable } from '../answers.ts';
import { succeeded, type Ask, type Client } from './client.ts';
import { says } from './errors.ts';
import { manifest } from './manifest.ts';
import { readPage } from './pages.ts';

const OPERATION = 'getAccounts';
/** The contract allows 999; fewer keep an answer small. */
const PAGE_SIZE = 200;
/** 10 000 accounts; more is a list that never ends. */
const MAX_PAGES = 50;

/**
 * The accounts of a consent. The bank's ids are "meaningless opaque identifiers" valid for 24 hours, so an account is
 * known by IBAN and currency, and its id is looked up in the list, which is read once.
 */
export interface Accounts {
  list(): Promise<readonly BankAccount[]>;
  /**
   * A call about one account. An id the bank no longer knows is looked up again, once, and the call repeated.
   * @param ask the call by the account's id, percent-encoded
   * @returns the answer under 200 or 204
   * @throws Failure `rejected` for an account the consent does not cover; for any other status
   */
  call(account: Pick<AccountRef, 'handle'>, ask: (id: string) => Ask): Promise<BankResponse>;
  /** The day in UTC the bank had when it gave the list; `null` when it did not tell. */
  today(): Promise<PlainDate | null>;
}

interface Listed {
  readonly accounts: readonly BankAccount[];
  /** Account handle → the bank's id. */
  readonly ids: ReadonlyMap<string, string>;
  readonly today: PlainDate | null;
}

export function openAccounts(client: Client): Accounts {
  let listed: Promise<Listed> | null = null;

  const list = (): Promise<Listed> => {
    listed ??= readAll(client).catch((error: unknown) => {
      listed = null;
      throw error;
    });
    return listed;
  };

  async function idOf(handle: string): Promise<string> {
    const id = (await list()).ids.get(handle);
    if (id !== undefined) return encodeURIComponent(id);
    const message =
      'The consent does not cover this account. Authorise the connection again and choose the account there, ' +
      'or switch it off.';
    throw new Failure('rejected', message, { operation: OPERATION, field: 'account' });
  }

  return {
    list: async () => (await list()).accounts,
    today: async () => (await list()).today,
    call: async ({ handle }, ask) => {
      const first = ask(await idOf(handle));
      const response = await client(first);
      // 404 of accounts and statements, 400 of notifications.
      if (!says(response, null, 'ID_NOT_FOUND')) return succeeded(response, first.operation);
      listed = null;
      const again = ask(await idOf(handle));
      if (again.path === first.path) return succeeded(response, first.operation);
      return succeeded(await client(again), again.operation);
    },
  };
}

/** The cheapest call that needs key and token: an account list of one. */
export async function prove(client: Client): Promise<void> {
  readPage(succeeded(await client(page(0, 1)), OPERATION), OPERATION, 'accounts', 0);
}

const page = (number: number, size: number): Ask => ({
  operation: OPERATION,
  method: 'GET',
  path: '/my/accounts',
  query: { page: String(number), size: String(size) },
});

async function readAll(client: Client): Promise<Listed> {
  const accounts: BankAccount[] = [];
  const ids = new Map<string, string>();
  let today: PlainDate | null = null;
  for (let number: number | null = 0; number !== null;) {
    if (number >= MAX_PAGES) {
      const message = `The bank’s account list has more than ${MAX_PAGES} pages; nothing of it was used. Report it.`;
      throw new Failure('protocol', message, { operation: OPERATION });
    }
    const response = succeeded(await client(page(number, PAGE_SIZE)), OPERATION);
    today ??= dayOf(response);
    const { items, next } = readPage(response, OPERATION, 'accounts', number);
    for (const item of items) {
      const { id, account } = readAccount(item, response);
      if (!ids.has(account.handle)) accounts.push(account);
      ids.set(account.handle, id);
    }
    number = next;
  }
  return { accounts, ids, today };
}

const dayOf = ({ headers }: BankResponse): PlainDate | null => {
  const instant = parseHttpDate(headers['date']);
  return instant === null ? null : new Date(instant).toISOString().slice(0, 10);
};

function readAccount(item: unknown, response: BankResponse): { id: string; account: BankAccount } {
  const id = textAt(item, 'id');
  const iban = normaliseIban(textAt(item, 'identification', 'iban') ?? '');
  const currency = textAt(item, 'currency') ?? '';
  if (id === null || iban === null || !/^[A-Z]{3}$/.test(currency))
    throw unreadable(OPERATION, 'has an account without id, IBAN or currency', response);
  const other = textAt(item, 'identification', 'other');
  const number = (other === null ? null : parseAccountNumber(other)) ?? accountOfIban(iban);
  const owner = ownerOf(item);
  const account: BankAccount = {
    handle: `${iban}-${currency}`,
    iban,
    number: number === null ? iban : localNumber(number),
    bankCode: textAt(item, 'servicer', 'bankCode') ?? number?.bankCode ?? manifest.bankCode,
    bic: textAt(item, 'servicer', 'bic') ?? manifest.bic,
    currency,
    name: textAt(item, 'nameI18N') ?? owner ?? textAt(item, 'productI18N'),
    ...(owner === null ? {} : { owner }),
    // The list holds what the consent covers; a closed account is no longer in it.
    active: true,
  };
  return { id, account };
}

function ownerOf(item: unknown): string | null {
  const owners = at(item, 'ownersNames');
  return Array.isArray(owners) && typeof owners[0] === 'string' ? owners[0] : null;
}
