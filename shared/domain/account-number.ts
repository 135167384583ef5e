import { accountOfGeorgianIban, ibanOf, passesModulo97 } from './iban.ts';

export { normaliseIban } from './iban.ts';

/**
 * Czech account numbers and IBANs. Readers take what the bank wrote and warn when a checksum fails; only writers
 * refuse, because documents of the banks themselves print numbers that fail (decree 169/2011 Sb.; ČNB, IBAN).
 */

/** A domestic account: decimal digits without left zeros. */
export interface AccountNumber {
  /** Up to 6 digits, `''` when there is no prefix. */
  readonly prefix: string;
  /** Up to 10 digits. */
  readonly number: string;
  /** 4 digits, `null` when it was not written. */
  readonly bankCode: string | null;
}

const WRITTEN = /^(?:(\d{1,6})-)?(\d{1,10})(?:\/(\d{4}))?$/;
const SIXTEEN_DIGITS = /^(\d{6})(\d{10})(?:\/(\d{4}))?$/;

const withoutLeftZeros = (digits: string): string => digits.replace(/^0+/, '');

/**
 * Reads `19-2000145399/0800`, `2000145399`, or the 16-digit form `0000192000145399`, with or without the bank code.
 * @returns `null` when the text is no such number or is all zeros; checksums are not looked at
 */
export function parseAccountNumber(text: string): AccountNumber | null {
  const compact = text.replace(/\s+/g, '');
  const match = WRITTEN.exec(compact) ?? SIXTEEN_DIGITS.exec(compact);
  if (!match) return null;
  const [, prefix = '', number = '', bankCode = null] = match;
  return accountOf(prefix, number, bankCode);
}

function accountOf(prefix: string, number: string, bankCode: string | null): AccountNumber | null {
  const account = { prefix: withoutLeftZeros(prefix), number: withoutLeftZeros(number), bankCode };
  return account.number === '' ? null : account;
}

/** `prefix-number` or `number`, without the bank code: the form of the model. */
export function localNumber({ prefix, number }: AccountNumber): string {
  return prefix === '' ? number : `${prefix}-${number}`;
}

/** `prefix-number/bank` as people write it; without the slash when the bank code is unknown. */
export function formatAccountNumber(account: AccountNumber): string {
  return account.bankCode === null ? localNumber(account) : `${localNumber(account)}/${account.bankCode}`;
}

const ZERO = 48;

/**
 * Whether digits pass modulo 11 with the weights 6 3 7 9 10 5 8 4 2 1, counted from the right (decree 169/2011 Sb.).
 * These are the powers of two modulo 11, so the weighted sum is the digits read in base two.
 */
function passesModulo11(units: ArrayLike<number>, start: number, end: number): boolean {
  let sum = 0;
  for (let at = start; at < end; at++) sum = sum * 2 + (units[at] ?? ZERO) - ZERO;
  return sum % 11 === 0;
}

/** Whether prefix and number pass modulo 11 and the number has at least two digits other than zero. */
export function isValidAccountNumber(account: AccountNumber): boolean {
  return isValidSixteen(Buffer.from(sixteenDigits(account), 'latin1'));
}

/**
 * As {@link isValidAccountNumber}, of the 16 digits of the edit form as they stand in a file.
 * @param units ASCII or UTF-16 codes of digits
 * @param start where the 16 begin
 */
export function isValidSixteen(units: ArrayLike<number>, start = 0): boolean {
  let significant = 0;
  for (let at = start + 6; at < start + 16; at++) if (units[at] !== ZERO) significant += 1;
  return (
    significant >= 2 &&
    passesModulo11(units, start, start + 6) &&
    passesModulo11(units, start + 6, start + 16)
  );
}

/** Prefix and number as 16 digits: the edit form of the ABO formats. */
export function sixteenDigits({ prefix, number }: AccountNumber): string {
  return prefix.padStart(6, '0') + number.padStart(10, '0');
}

/**
 * Where the digits of the internal form stand in the edit form, from 0 (Komerční banka, client format KM, 2009;
 * Česká spořitelna, form 3-2267, 2025: N16 N14 N15 N12 N7…N11 N13 N1…N6).
 */
const INTERNAL = [15, 13, 14, 11, 6, 7, 8, 9, 10, 12, 0, 1, 2, 3, 4, 5];
/** The inverse: where the digits of the edit form stand in the internal form. */
const EDIT = INTERNAL.map((_, at) => INTERNAL.indexOf(at));

function permuted(digits: string, order: readonly number[]): string {
  let text = '';
  for (const at of order) text += digits.charAt(at);
  return text;
}

/** The internal form of 16 digits in edit form: `0000000013825001` → `1002001385000000`. */
export function toInternalForm(edit: string): string {
  return permuted(edit, INTERNAL);
}

/** The edit form of 16 digits in internal form; the inverse of {@link toInternalForm}. */
export function toEditForm(internal: string): string {
  return permuted(internal, EDIT);
}

/**
 * Whether a normalised IBAN holds: a country of the ISO 13616 registry, its length, check digits modulo 97; for CZ
 * also modulo 11 of the account inside, for GE two letters of the bank and 16 digits.
 */
export function isValidIban(iban: string): boolean {
  if (!passesModulo97(iban)) return false;
  if (iban.startsWith('GE')) return accountOfGeorgianIban(iban) !== null;
  if (!/^(CZ|SK)/.test(iban)) return true;
  const account = accountOfIban(iban);
  return account !== null && (iban.startsWith('SK') || isValidAccountNumber(account));
}

/** The IBAN of a Czech account. @throws RangeError when the account has no bank code */
export function czechIban(account: AccountNumber): string {
  return ibanOf('CZ', bbanOf(account));
}

/** The IBAN of a Slovak account, which has the Czech shape. @throws RangeError when it has no bank code */
export function slovakIban(account: AccountNumber): string {
  return ibanOf('SK', bbanOf(account));
}

function bbanOf(account: AccountNumber): string {
  if (account.bankCode !== null) return account.bankCode + sixteenDigits(account);
  throw new RangeError(`${formatAccountNumber(account)} has no bank code: give it as number/code`);
}

/** The domestic account inside a Czech or Slovak IBAN; `null` for any other country or an impossible one. */
export function accountOfIban(iban: string): AccountNumber | null {
  const match = /^(?:CZ|SK)\d{2}(\d{4})(\d{6})(\d{10})$/.exec(iban);
  if (!match) return null;
  const [, bankCode = '', prefix = '', number = ''] = match;
  return accountOf(prefix, number, bankCode);
}
