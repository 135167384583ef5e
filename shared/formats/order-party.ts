import {
  accountOfIban,
  czechIban,
  localNumber,
  normaliseIban,
  parseAccountNumber,
  type AccountNumber,
} from '../domain/account-number.ts';
import type { Counterparty } from '../domain/model.ts';

export const NOBODY: Counterparty = { name: null, iban: null, number: null, bankCode: null, bic: null };

/**
 * A Czech account number as order files write it: `prefix-number` with or without left zeros, or up to 16 digits
 * without a dash, of which the last ten are the number. Checksums are not looked at.
 * @returns `null` when it is none, or all zeros
 */
export function parseOrderAccount(text: string): AccountNumber | null {
  const undashed = /^(\d{1,6})(\d{10})$/.exec(text);
  return parseAccountNumber(undashed ? `${undashed[1]}-${undashed[2]}` : text);
}

/**
 * The Czech account of a party, from its number and bank code or from its IBAN; the bank code may be missing.
 * @returns `null` when the party has no such account, `conflict` when number and IBAN name different ones
 */
export function domesticAccountOf({
  iban,
  number,
  bankCode,
}: Counterparty): AccountNumber | 'conflict' | null {
  const normalised = iban === null ? null : normaliseIban(iban);
  const inside = normalised?.startsWith('CZ') ? accountOfIban(normalised) : null;
  if (iban !== null && inside === null) return null;
  const parsed = number === null ? null : parseOrderAccount(number);
  const written = parsed && { ...parsed, bankCode: parsed.bankCode ?? bankCode };
  if (!inside || number === null) return inside ?? written;
  const same =
    written !== null &&
    localNumber(written) === localNumber(inside) &&
    (written.bankCode ?? inside.bankCode) === inside.bankCode;
  return same ? inside : 'conflict';
}

/**
 * The IBAN of a party: its own, or that of its Czech number and bank code. Checksums are not looked at.
 * @returns `null` when there is none, `conflict` when number and IBAN name different accounts
 */
export function partyIban(party: Counterparty): string | 'conflict' | null {
  const iban = party.iban === null ? null : normaliseIban(party.iban);
  if (iban !== null && !iban.startsWith('CZ')) return iban;
  const account = domesticAccountOf(party);
  if (account === null || account === 'conflict') return account;
  return /^\d{4}$/.test(account.bankCode ?? '') ? (iban ?? czechIban(account)) : null;
}
