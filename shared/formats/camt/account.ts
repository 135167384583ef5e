import {
  accountOfIban,
  isValidAccountNumber,
  isValidIban,
  localNumber,
  normaliseIban,
  parseAccountNumber,
} from '../../domain/account-number.ts';
import type { XmlElement } from '../xml.ts';
import { readAgent } from './agent.ts';
import { child, textAt } from './fields.ts';
import type { Warn } from '../notes.ts';

/** An account as a message names it, completed from its IBAN where that is Czech or Slovak. */
export interface CamtAccount {
  readonly iban: string | null;
  /** `prefix-number` or `number`; a foreign number as written. */
  readonly number: string | null;
  readonly bankCode: string | null;
}

/** The account a statement speaks of. */
export interface OwnAccount extends CamtAccount {
  readonly currency: string;
}

/** ISO 4217 for "no currency": an empty statement that names none. */
export const NO_CURRENCY = 'XXX';

const NO_ACCOUNT: CamtAccount = { iban: null, number: null, bankCode: null };

/**
 * Reads an account's `Id`: an IBAN (Czech banks also put one to `Othr`), else a number in domestic writing. A failed
 * checksum is a warning only, for documents of the banks themselves have such numbers.
 * @param element `Acct`, `DbtrAcct` or `CdtrAcct`
 * @param bankCode code of the bank that keeps the account, for numbers written without it
 */
export function readAccount(element: XmlElement | null, bankCode: string | null, warn: Warn): CamtAccount {
  const iban = normaliseIban(textAt(element, 'Id', 'IBAN') ?? '');
  return accountOf(iban ?? textAt(element, 'Id', 'Othr', 'Id'), bankCode, warn);
}

/** An account as it is written anywhere; see {@link readAccount}. */
export function accountOf(written: string | null, bankCode: string | null, warn: Warn): CamtAccount {
  // Zeros and dashes are what some exports print for "none".
  if (written === null || /^[0-]*$/.test(written)) return { ...NO_ACCOUNT, bankCode };
  const iban = /^\d/.test(written) ? null : normaliseIban(written);
  return iban === null ? domestic(written, bankCode, warn) : fromIban(iban, bankCode, warn);
}

/**
 * The statement's own account. Its currency is `Acct/Ccy`, which is optional; else that of the first amount.
 * @param others balances and entries, for the currency
 */
export function readOwnAccount(
  account: XmlElement | null,
  others: readonly XmlElement[],
  warn: Warn,
): OwnAccount {
  const currencies = [
    textAt(account, 'Ccy'),
    ...others.map((element) => child(element, 'Amt')?.attributes['Ccy'] ?? null),
  ];
  const currency = currencies.find((code) => code !== null && /^[A-Z]{3}$/.test(code)) ?? NO_CURRENCY;
  const { bankCode } = readAgent(child(account, 'Svcr'));
  return { ...readAccount(account, bankCode, warn), currency };
}

function fromIban(iban: string, bankCode: string | null, warn: Warn): CamtAccount {
  if (!isValidIban(iban))
    warn('account-checksum', `IBAN ${iban} does not pass its checksum. Check it with the bank.`);
  const account = accountOfIban(iban);
  return account
    ? { iban, number: localNumber(account), bankCode: account.bankCode }
    : { iban, number: null, bankCode };
}

function domestic(written: string, bankCode: string | null, warn: Warn): CamtAccount {
  const account = parseAccountNumber(written);
  const code = account?.bankCode ?? bankCode;
  // Only beside a Czech bank code is a row of digits a Czech number.
  if (!account || code === null || !/^\d{4}$/.test(code))
    return { iban: null, number: written, bankCode: code };
  if (!isValidAccountNumber(account)) {
    warn('account-checksum', `Account ${written}/${code} does not pass modulo 11. Check it with the bank.`);
  }
  return { iban: null, number: localNumber(account), bankCode: code };
}
