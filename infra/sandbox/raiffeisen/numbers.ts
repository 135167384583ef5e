import type { Chance } from '../chance.ts';

/** Czech account numbers, as the simulated bank needs them (decree 169/2011 for the weights, ISO 13616 for IBAN). */
export interface DomesticNumber {
  /** Up to six digits without left zeros, `''` when there is none. */
  readonly prefix: string;
  /** Up to ten digits without left zeros. */
  readonly number: string;
  readonly bankCode: string;
}

export const BANK_CODE = '5500';
export const BIC = 'RZBCCZPP';

const WEIGHTS = [6, 3, 7, 9, 10, 5, 8, 4, 2, 1];

/** Weighted sum modulo 11; 0 for a valid number. */
export function remainder(number: string): number {
  const digits = number.padStart(10, '0');
  return WEIGHTS.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0) % 11;
}

/** A valid number of ten digits. */
export function drawNumber(chance: Chance): string {
  for (;;) {
    const head = `${chance.int(1, 9)}${String(chance.int(0, 99_999_999)).padStart(8, '0')}`;
    // The last digit weighs 1, so it alone can settle the sum, unless ten were needed.
    const last = (11 - remainder(`${head}0`)) % 11;
    if (last < 10) return `${head}${last}`;
  }
}

/** The IBAN of a domestic account. */
export function ibanOf({ prefix, number, bankCode }: DomesticNumber): string {
  const bban = `${bankCode}${prefix.padStart(6, '0')}${number.padStart(10, '0')}`;
  const check = 98n - (BigInt(`${bban}123500`) % 97n);
  return `CZ${String(check).padStart(2, '0')}${bban}`;
}

/** The domestic account inside a Czech IBAN, or `null`. Check digits are not judged: the bank's own examples fail. */
export function fromIban(iban: string): DomesticNumber | null {
  const parts = /^CZ\d\d(\d{4})(\d{6})(\d{10})$/.exec(iban.replaceAll(' ', '').toUpperCase());
  if (!parts) return null;
  const [, bankCode = '', prefix = '', number = ''] = parts;
  return { bankCode, prefix: unpadded(prefix), number: unpadded(number) };
}

/** `19-2000145399`, `2000145399`, either with `/5500`; or `null`. */
export function fromDomestic(text: string, bankCode = BANK_CODE): DomesticNumber | null {
  const parts = /^(?:(\d{1,6})-)?(\d{1,10})(?:\/(\d{4}))?$/.exec(text.trim());
  if (!parts) return null;
  const [, prefix = '', number = '', code = bankCode] = parts;
  return { bankCode: code, prefix: unpadded(prefix), number: unpadded(number) };
}

/** `19-2000145399` or `2000145399`. */
export function domestic({ prefix, number }: DomesticNumber): string {
  return prefix === '' ? number : `${prefix}-${number}`;
}

function unpadded(digits: string): string {
  return digits.replace(/^0+/, '');
}
