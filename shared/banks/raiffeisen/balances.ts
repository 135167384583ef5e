import type { Balance, BalanceKind } from '../../domain/model.ts';
import { parseMoney } from '../../domain/money.ts';
import { at, textAt } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import type { AccountRef, BalanceAnswer } from '../contract.ts';
import { documentOf, unreadable } from '../answers.ts';
import { readJson, type Client } from './client.ts';

const OPERATION = 'getBalance';

/** Balance types of the contract ("AccountBalanceTypes"). */
const KINDS: Readonly<Record<string, BalanceKind>> = {
  CLBD: 'booked',
  CLAB: 'available',
  CLAV: 'available-with-credit',
  BLCK: 'blocked',
};

/** The balance call for one account number; it always answers about all currency folders. */
export async function readBalances(client: Client, handle: string): Promise<BankResponse> {
  const path = `/accounts/${encodeURIComponent(handle)}/balance`;
  const response = await client({ operation: OPERATION, method: 'GET', path });
  if (response) return response;
  throw unreadable(OPERATION, 'is empty', {
    status: 204,
    headers: {},
    mediaType: '',
    body: new Uint8Array(),
    requestId: '',
  });
}

/** The balances of one currency folder. */
export async function balancesOf(client: Client, account: AccountRef): Promise<BalanceAnswer> {
  const response = await readBalances(client, account.handle);
  return {
    document: documentOf(response, `balance-${account.handle}-${account.currency}.json`),
    parse: () => {
      const folder = folders(response, account.handle).find(({ currency }) => currency === account.currency);
      if (!folder) throw unreadable(OPERATION, `no longer has the folder ${account.currency}`, response);
      return { balances: folder.balances.flatMap((balance) => readBalance(balance, response)) };
    },
  };
}

export interface Folder {
  readonly currency: string;
  readonly active: boolean;
  readonly balances: readonly unknown[];
}

/**
 * The currency folders in an answer.
 * @throws Failure `protocol` when it is about another account or is no such answer
 */
export function folders(response: BankResponse, handle: string): Folder[] {
  const body = readJson(response, OPERATION);
  const number = textAt(body, 'numberPart2')?.replace(/^0+/, '');
  if (number !== handle)
    throw unreadable(OPERATION, 'is about another account than the one asked for', response);
  const list = at(body, 'currencyFolders') ?? [];
  if (!Array.isArray(list)) throw unreadable(OPERATION, 'has no list of currency folders', response);
  return list.map((folder) => {
    const currency = textAt(folder, 'currency');
    if (currency === null) throw unreadable(OPERATION, 'has a folder without currency', response);
    const balances = at(folder, 'balances');
    const active = textAt(folder, 'status') === 'ACTIVE';
    return { currency, active, balances: Array.isArray(balances) ? balances : [] };
  });
}

/** A type the contract does not list is left out: there is no kind of ours for it. */
function readBalance(balance: unknown, response: BankResponse): Balance[] {
  const code = textAt(balance, 'balanceType') ?? '';
  const kind = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
  if (kind === undefined) return [];
  try {
    const amount = parseMoney(textAt(balance, 'value') ?? '', textAt(balance, 'currency') ?? '');
    return [{ kind, code, amount }];
  } catch {
    throw unreadable(OPERATION, `has a balance ${code} that is no amount`, response);
  }
}
