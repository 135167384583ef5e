/**
 * Money is an integer count of minor units and an ISO 4217 code; decimal strings at the edges, never a JS number.
 */
export interface Money {
  /** Signed count of minor units: hellers, cents, tetri. */
  readonly minor: bigint;
  /** ISO 4217 alphabetic code. */
  readonly currency: string;
}

/** Currencies whose minor unit is not a hundredth (ISO 4217:2015, list one, column "Minor unit"). */
const EXPONENTS: Readonly<Record<string, number>> = {
  BHD: 3, BIF: 0, CLF: 4, CLP: 0, DJF: 0, GNF: 0, IQD: 3, ISK: 0, JOD: 3, JPY: 0, KMF: 0, KRW: 0, KWD: 3, LYD: 3,
  OMR: 3, PYG: 0, RWF: 0, TND: 3, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
}; // prettier-ignore

/** Digits behind the decimal point of a currency. */
export function exponentOf(currency: string): number {
  return EXPONENTS[currency] ?? 2;
}

/** An amount that is no amount of that currency. */
export class MoneyError extends Error {
  override readonly name = 'MoneyError';
}

const DECIMAL = /^([+-]?)(\d{1,18})(?:[.,](\d*))?$/;

/**
 * Reads a decimal amount (`1250.5`, `-7`, `1234,`) into minor units.
 * Digits beyond the currency's minor unit are accepted only when they are zeros: an amount is never rounded.
 * @throws MoneyError when the text is no decimal number or finer than the currency allows
 */
export function parseMoney(text: string, currency: string): Money {
  const match = DECIMAL.exec(text.trim());
  if (!match) throw new MoneyError(`"${text.slice(0, 40)}" is not an amount`);
  const [, sign, whole = '', fraction = ''] = match;
  const exponent = exponentOf(currency);
  if (/[1-9]/.test(fraction.slice(exponent))) {
    throw new MoneyError(`"${text}" has more decimals than ${currency} has`);
  }
  const minor = BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, '0'));
  return { minor: sign === '-' ? -minor : minor, currency };
}

/** The amount as a decimal string with all of the currency's decimals: `-1250.50`. */
export function formatMoney({ minor, currency }: Money): string {
  const exponent = exponentOf(currency);
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
  return `${minor < 0n ? '-' : ''}${whole}${fraction}`;
}

/** The sum. @throws MoneyError on two currencies */
export function addMoney(a: Money, b: Money): Money {
  if (a.currency !== b.currency) throw new MoneyError(`cannot add ${a.currency} and ${b.currency}`);
  return { minor: a.minor + b.minor, currency: a.currency };
}
