import {
  accountOfIban,
  isValidIban,
  localNumber,
  normaliseIban,
  parseAccountNumber,
} from '../../domain/account-number.ts';
import type { Counterparty } from '../../domain/model.ts';
import { bankCodeOfBic } from './dialects.ts';

/** An account as a file names it. */
export type NamedAccount = Pick<Counterparty, 'iban' | 'number' | 'bankCode'>;

export const NO_ACCOUNT: NamedAccount = { iban: null, number: null, bankCode: null };

const CZECH_BANK = /^\d{4}$/;
const BIC = /^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3,4})?$/;
/** Prefix without zeros and the number in ten digits, in one row. */
const ROW_OF_DIGITS = /^\d{11,16}$/;

/**
 * A domestic number in any of its spellings (`19-2000145399`, `0000192000145399`, `192000145399`) as
 * `prefix-number`; `null` when it is none or all zeros.
 */
export function czechNumber(text: string): string | null {
  const number = numberIn(text, 0, text.length);
  if (number !== undefined) return number;
  const account = parseAccountNumber(ROW_OF_DIGITS.test(text) ? text.padStart(16, '0') : text);
  return account && localNumber(account);
}

const [ZERO, NINE, HYPHEN] = [48, 57, 45];

/**
 * The usual spelling of a number, one to six digits and a hyphen or nothing in front of two to ten, as
 * `prefix-number`; `null` when it is all zeros, `undefined` for anything else. By hand: each item has one.
 */
export function numberIn(text: string, start: number, end: number): string | null | undefined {
  let number = start;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === HYPHEN && number === start && at > start && at - start <= 6) number = at + 1;
    else if (code < ZERO || code > NINE) return undefined;
  }
  if (end - number < 2 || end - number > 10) return undefined;
  const significant = withoutZeros(text, number, end);
  if (significant === end) return null;
  const prefix = number === start ? number : withoutZeros(text, start, number - 1);
  if (prefix >= number - 1) return text.slice(significant, end);
  return significant === number
    ? text.slice(prefix, end)
    : text.slice(prefix, number) + text.slice(significant, end);
}

function withoutZeros(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text.charCodeAt(at) === ZERO) at += 1;
  return at;
}

/** An IBAN with what a Czech or Slovak one says of the account; `null` when the text is no IBAN. */
export function fromIban(text: string): NamedAccount | null {
  const iban = normaliseIban(text);
  if (iban === null) return null;
  const account = accountOfIban(iban);
  return account
    ? { iban, number: localNumber(account), bankCode: account.bankCode }
    : { iban, number: null, bankCode: null };
}

/** The IBAN a reference is; those of other kinds have its shape as well, so its check digits must hold. */
export function ibanIn(text: string): string | null {
  if (text.charCodeAt(0) < 65 || !/^[A-Z]{2}\d{2}/.test(text)) return null;
  const iban = normaliseIban(text);
  return iban !== null && isValidIban(iban) ? iban : null;
}

/**
 * Field :25: in every spelling seen: `0800/190012345671`, `BACXCZPP/2505002`, an IBAN (also with the currency behind
 * it), `19-2000145399/0800`, `10020030/1234567`, a number alone.
 * @param bankCode code of the bank the file comes from, for numbers written without it; `null` when unknown
 */
export function readOwnAccount(text: string, bankCode: string | null): NamedAccount {
  const written = text.trim();
  const iban = ibanWithCurrency(written) ?? fromIban(written);
  if (iban) return iban;
  const slash = written.indexOf('/');
  if (slash < 0) return numberAt(written, null, bankCode);
  const [before, after] = [written.slice(0, slash), written.slice(slash + 1)];
  if (!CZECH_BANK.test(before) && CZECH_BANK.test(after)) return numberAt(before, after, null);
  if (BIC.test(before)) return numberAt(after, bankCodeOfBic(before), null);
  return numberAt(after, /^\d{3,9}$/.test(before) ? before : null, bankCode);
}

/** `CZ65…5399CZK`: cut only when what remains holds as an IBAN. */
function ibanWithCurrency(text: string): NamedAccount | null {
  const match = /^([A-Z]{2}\d{2}[A-Z0-9 ]{10,40}?)[ /]?[A-Z]{3}$/.exec(text);
  const iban = match && normaliseIban(match[1] ?? '');
  return iban && isValidIban(iban) ? fromIban(iban) : null;
}

/** Only at a Czech bank is a row of digits a Czech number; zeros in front of any other are its own. */
function numberAt(text: string, written: string | null, fallback: string | null): NamedAccount {
  const iban = fromIban(text);
  if (iban) return iban;
  const czech = CZECH_BANK.test(written ?? fallback ?? '');
  return { iban: null, number: (czech ? czechNumber(text) : null) ?? (text || null), bankCode: written };
}
