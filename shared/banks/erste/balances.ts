import type { Balance, BalanceKind } from '../../domain/model.ts';
import { parseMoney } from '../../domain/money.ts';
import { at, textAt } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import type { AccountRef, BalanceAnswer } from '../contract.ts';
import type { Accounts } from './accounts.ts';
import { documentOf, unreadable } from '../answers.ts';
import { readJson } from './client.ts';

const OPERATION = 'getBalance';

/** Balance types the bank delivers; `PRCD` is defined and never sent. */
const KINDS: Readonly<Record<string, BalanceKind>> = { CLBD: 'booked', CLAV: 'available' };

export async function balancesOf(accounts: Accounts, account: AccountRef): Promise<BalanceAnswer> {
  const response = await accounts.call(account, (id) => ({
    operation: OPERATION,
    method: 'GET',
    path: `/my/accounts/${id}/balance`,
    // The contract explains it here, and only here, as an ended token.
    stale: { status: 400, code: 'BAD_REQUEST' },
  }));
  return {
    document: documentOf(response, `balance-${account.handle}.json`),
    parse: () => ({ balances: readAll(response, account.currency) }),
  };
}

function readAll(response: BankResponse, currency: string): Balance[] {
  const balances = at(readJson(response, OPERATION), 'balances');
  if (!Array.isArray(balances)) throw unreadable(OPERATION, 'has no list of balances', response);
  const read = balances.flatMap((balance) => readBalance(balance, response));
  if (read.some(({ amount }) => amount.currency !== currency))
    throw unreadable(OPERATION, 'has a balance in another currency than the account', response);
  return read;
}

/** A type the contract does not list, or none, is left out: there is no kind of ours for it. */
function readBalance(balance: unknown, response: BankResponse): Balance[] {
  const code = textAt(balance, 'type', 'codeOrProprietary', 'code') ?? '';
  const kind = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
  if (kind === undefined) return [];
  const indicator = textAt(balance, 'creditDebitIndicator');
  try {
    const amount = parseMoney(
      textAt(balance, 'amount', 'value') ?? '',
      textAt(balance, 'amount', 'currency') ?? '',
    );
    if (indicator !== 'CRDT' && indicator !== 'DBIT') throw new RangeError('no indicator');
    const size = amount.minor < 0n ? -amount.minor : amount.minor;
    return [{ kind, code, amount: { ...amount, minor: indicator === 'DBIT' ? -size : size } }];
  } catch {
    throw unreadable(OPERATION, `has a balance ${code} that is no amount`, response);
  }
}
