import { localNumber } from '../../domain/account-number.ts';
import type { Counterparty } from '../../domain/model.ts';
import type { Account } from '../../domain/records.ts';
import { NOBODY, parseOrderAccount } from '../../formats/order-party.ts';
import { payerOf } from '../payments/order.ts';
import { accountText } from '../payments/verify.ts';

/**
 * The account that pays what a message orders. One number may hold an account in each of several currencies, of which
 * the bank takes the one in the order's; so does this, and only then asks whether the hook may use it.
 * @param accounts all of the company
 * @param written IBAN, `number/bank code` or number
 * @returns `null` when it is none the hook may use, or nobody knows which
 */
export function payerAmong(
  accounts: readonly Account[],
  written: string,
  currency: string | undefined,
  mayUse: (account: Account) => boolean,
): Account | null {
  const named = accounts.filter((account) => isNamed(account, written.replaceAll(' ', '')));
  const fitting = named.filter((account) => account.currency === currency);
  const inOneCurrency = named.every((account) => account.currency === named[0]!.currency);
  const taken = (fitting.length > 0 ? fitting : inOneCurrency ? named : []).filter(mayUse);
  return taken.length === 1 ? taken[0]! : null;
}

function isNamed(account: Account, written: string): boolean {
  const [number = '', bankCode = null] = written.split('/');
  if (/^\d/.test(written) && bankCode === null) {
    const parsed = parseOrderAccount(number);
    return parsed !== null && localNumber(parsed) === account.number;
  }
  const party: Counterparty = /^\d/.test(written)
    ? { ...NOBODY, number, bankCode }
    : { ...NOBODY, iban: written.toUpperCase() };
  return accountText(party) === accountText(payerOf(account));
}

/** An account as {@link payerAmong} takes it in writing. */
export const writtenAs = (account: Account): string => accountText(payerOf(account));
