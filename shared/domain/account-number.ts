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

/** Weights of the ten digits of a number; a prefix uses the last six (decree 169/2011 Sb.). */
const WEIGHTS = [6, 3, 7, 9, 10, 5, 8, 4, 2, 1];

function passesModulo11(digits: string): boolean {
  const padded = digits.padStart(WEIGHTS.length, '0');
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(padded[at]), 0);
  return sum % 11 === 0;
}

/** Whether prefix and number pass modulo 11 and the number has at least two digits other than zero. */
export function isValidAccountNumber({ prefix, number }: AccountNumber): boolean {
  return passesModulo11(prefix) && passesModulo11(number) && number.replace(/0/g, '').length >= 2;
}

const IBAN = /^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/;

/** The IBAN in upper case without spaces, or `null` when the text does not have the shape of one. */
export function normaliseIban(text: string): string | null {
  const compact = text.replace(/\s+/g, '').toUpperCase();
  return IBAN.test(compact) ? compact : null;
}

/** Remainder of the letters-as-numbers form (A = 10 … Z = 35) after division by 97 (ISO 13616). */
function modulo97(text: string): bigint {
  return BigInt(text.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))) % 97n;
}

/**
 * Whether a normalised IBAN holds: check digits modulo 97 and, for CZ and SK, the length of 24; for CZ also modulo 11
 * of the account inside.
 */
export function isValidIban(iban: string): boolean {
  if (!IBAN.test(iban) || modulo97(iban.slice(4) + iban.slice(0, 4)) !== 1n) return false;
  if (!/^(CZ|SK)/.test(iban)) return true;
  const account = accountOfIban(iban);
  return account !== null && (iban.startsWith('SK') || isValidAccountNumber(account));
}

/** The IBAN of a Czech account. @throws RangeError when the account has no bank code */
export function czechIban(account: AccountNumber): string {
  if (account.bankCode === null) {
    throw new RangeError(`${formatAccountNumber(account)} has no bank code: give it as number/code`);
  }
  const bban = account.bankCode + account.prefix.padStart(6, '0') + account.number.padStart(10, '0');
  const check = 98n - modulo97(`${bban}CZ00`);
  return `CZ${check.toString().padStart(2, '0')}${bban}`;
}

/** The domestic account inside a Czech or Slovak IBAN; `null` for any other country or an impossible one. */
export function accountOfIban(iban: string): AccountNumber | null {
  const match = /^(?:CZ|SK)\d{2}(\d{4})(\d{6})(\d{10})$/.exec(iban);
  if (!match) return null;
  const [, bankCode = '', prefix = '', number = ''] = match;
  return accountOf(prefix, number, bankCode);
}
