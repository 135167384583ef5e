/**
 * ISO 13616: lengths, check digits and the one structure besides the Czech one that is looked into. What is Czech and
 * Slovak about an IBAN stands in `account-number.ts`.
 */

/** IBAN length by country (IBAN Registry of ISO 13616, kept by SWIFT). */
export const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BI: 27, BR: 29, BY: 28, CH: 21, CR: 22,
  CY: 28, CZ: 24, DE: 22, DJ: 27, DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FK: 18, FO: 18, FR: 27, GB: 22,
  GE: 22, GI: 23, GL: 18, GR: 27, GT: 28, HN: 28, HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30,
  KW: 30, KZ: 20, LB: 28, LC: 32, LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MN: 20,
  MR: 27, MT: 31, MU: 30, NI: 28, NL: 18, NO: 15, OM: 23, PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22,
  RU: 33, SA: 24, SC: 31, SD: 18, SE: 24, SI: 19, SK: 24, SM: 27, SO: 23, ST: 25, SV: 28, TL: 23, TN: 24, TR: 26,
  UA: 29, VA: 22, VG: 24, XK: 20, YE: 30,
}; // prettier-ignore

const IBAN = /^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/;

/** The IBAN in upper case without spaces, or `null` when the text does not have the shape of one. */
export function normaliseIban(text: string): string | null {
  const compact = text.replace(/\s+/g, '').toUpperCase();
  return IBAN.test(compact) ? compact : null;
}

/** Remainder of the letters-as-numbers form (A = 10 … Z = 35) after division by 97. */
function modulo97(text: string): bigint {
  return BigInt(text.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))) % 97n;
}

/** Whether a normalised IBAN has the length of its country and the right check digits. */
export function passesModulo97(iban: string): boolean {
  if (!IBAN.test(iban) || iban.length !== IBAN_LENGTHS[iban.slice(0, 2)]) return false;
  return modulo97(iban.slice(4) + iban.slice(0, 4)) === 1n;
}

/**
 * The IBAN of a country's own account number with the check digits computed.
 * @param bban bank and account as the country writes them inside an IBAN, capital letters and digits
 * @throws RangeError when the country has no IBAN or the number has not its length
 */
export function ibanOf(country: string, bban: string): string {
  const length = IBAN_LENGTHS[country];
  if (length === undefined)
    throw new RangeError(`${country.slice(0, 2)} has no IBAN in the ISO 13616 registry`);
  if (bban.length !== length - 4 || !/^[A-Z0-9]+$/.test(bban)) {
    throw new RangeError(
      `An IBAN of ${country} needs ${length - 4} capital letters and digits after its check digits`,
    );
  }
  const check = 98n - modulo97(`${bban}${country}00`);
  return `${country}${check.toString().padStart(2, '0')}${bban}`;
}

/** A Georgian account: two letters of the bank and 16 digits. */
export interface GeorgianAccount {
  readonly bank: string;
  /** 16 digits. */
  readonly number: string;
}

/** The account inside a Georgian IBAN (`GE`, check digits, bank, 16 digits); `null` for anything else. */
export function accountOfGeorgianIban(iban: string): GeorgianAccount | null {
  const match = /^GE\d{2}([A-Z]{2})(\d{16})$/.exec(iban);
  if (!match) return null;
  const [, bank = '', number = ''] = match;
  return { bank, number };
}

/** The IBAN of a Georgian account. @throws RangeError when bank or number has not its form */
export function georgianIban({ bank, number }: GeorgianAccount): string {
  if (!/^[A-Z]{2}$/.test(bank) || !/^\d{1,16}$/.test(number)) {
    throw new RangeError('A Georgian account is two capital letters of the bank and up to 16 digits');
  }
  return ibanOf('GE', bank + number.padStart(16, '0'));
}
