import { accountOfIban, isValidIban } from '../domain/account-number.ts';
import { bicOfCode } from '../domain/bank-codes.ts';
import { isBic } from '../domain/bic.ts';
import { isCountry } from '../domain/countries.ts';
import { isCurrency } from '../domain/currencies.ts';
import { IBAN_LENGTHS, normaliseIban } from '../domain/iban.ts';
import type { Counterparty } from '../domain/model.ts';
import type { OrderPayment } from '../domain/order-file.ts';
import { partyIban } from './order-party.ts';

/** What a foreign payment needs in whatever format it travels. */

/** Takes down something wrong with a payment, by JSON pointer. */
export type NoteFault = (pointer: string, rule: string, message: string) => void;

/** An account abroad that is no IBAN: as SWIFT writes it, without blanks (34x). */
const OTHER_ACCOUNT = /^[A-Za-z0-9][A-Za-z0-9./-]{0,33}$/;

/** The account to pay to: an IBAN, also that of a Czech number and code, or what another country has instead. */
export type PayeeAccount = { readonly iban: string } | { readonly other: string };

/** @returns `null` when there is none, or IBAN and number name different ones */
export function payeeAccount(creditor: Counterparty): PayeeAccount | null {
  const iban = partyIban(creditor);
  if (iban === 'conflict') return null;
  if (iban !== null) return { iban };
  return creditor.number === null ? null : { other: creditor.number.replaceAll(' ', '') };
}

/** The account as one text: the same for the same account, however it was given; `''` when there is none. */
export function payeeAccountText(creditor: Counterparty): string {
  const account = payeeAccount(creditor);
  if (account === null) return '';
  return 'iban' in account ? account.iban : account.other;
}

/** The BIC given, else that of the Czech bank in the account. */
export function payeeBic(creditor: Counterparty): string | null {
  if (creditor.bic !== null) return creditor.bic;
  const account = payeeAccount(creditor);
  if (account === null || !('iban' in account) || !account.iban.startsWith('CZ')) return null;
  return bicOfCode(accountOfIban(account.iban)?.bankCode ?? '');
}

/** Everything that is missing or wrong in a foreign payment, all at once. @param pointer of the payment */
export function checkForeign(payment: OrderPayment, pointer: string, note: NoteFault): void {
  const { amount, creditor, creditorAddress, creditorBank } = payment;
  if (!isCurrency(amount.currency)) {
    note(`${pointer}/currency`, 'currency-unknown', `There is no currency ${amount.currency} (ISO 4217)`);
  }
  if (!creditor.name?.trim()) {
    note(`${pointer}/creditor/name`, 'name-missing', 'A foreign payment needs the name of the payee');
  }
  checkAccount(creditor, `${pointer}/creditor`, note);
  checkBank(payment, pointer, note);
  const countries = { creditorAddress, 'creditorBank/address': creditorBank?.address };
  for (const [at, address] of Object.entries(countries)) {
    if (!address || address.country === null || isCountry(address.country)) continue;
    const message = 'The country is no ISO 3166 code of two capital letters';
    note(`${pointer}/${at}/country`, 'country-unknown', message);
  }
}

function checkAccount(creditor: Counterparty, pointer: string, note: NoteFault): void {
  const account = payeeAccount(creditor);
  if (account === null) {
    const given = creditor.iban !== null || creditor.number !== null;
    if (given) note(pointer, 'account-conflict', 'IBAN and number name different accounts: give one of them');
    else note(pointer, 'account-missing', 'Name the account: iban, or number and bic');
  } else if ('iban' in account) {
    const iban = normaliseIban(account.iban);
    if (iban === null || !isValidIban(iban)) {
      const message = 'This is no valid IBAN; an account of a country without IBAN goes into number';
      note(`${pointer}/iban`, 'account-checksum', message);
    }
  } else if (looksLikeIban(account.other)) {
    const message = 'This looks like an IBAN and fails its check digits: correct it';
    note(`${pointer}/number`, 'account-checksum', message);
  } else if (!OTHER_ACCOUNT.test(account.other)) {
    const message = 'An account abroad has up to 34 letters and digits, also . / and -';
    note(`${pointer}/number`, 'account-unwritable', message);
  }
}

/** Whether an account begins as an IBAN of a country that has them. One that holds is read back as one. */
function looksLikeIban(account: string): boolean {
  const iban = normaliseIban(account);
  return iban !== null && IBAN_LENGTHS[iban.slice(0, 2)] !== undefined;
}

function checkBank({ creditor, creditorBank }: OrderPayment, pointer: string, note: NoteFault): void {
  const bic = payeeBic(creditor);
  if (bic !== null) {
    if (isBic(bic)) return;
    const message =
      'This is no BIC: eight or eleven letters and digits with a country in the fifth and sixth';
    note(`${pointer}/creditor/bic`, 'bic-unwritable', message);
  } else if (!creditorBank?.name?.trim() || !creditorBank.address?.country) {
    const message = "Give the BIC of the payee's bank, or in creditorBank its name and country";
    note(`${pointer}/creditor/bic`, 'bic-missing', message);
  }
}
