import { exponentOf } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';

/** ISO 4217 numeric codes of the currencies Czech banks keep accounts in, old files included (SKK, HRK, RUR, TRL). */
const NUMERIC: Readonly<Record<string, string>> = {
  AED: '784', AUD: '036', BAM: '977', BGN: '975', BRL: '986', CAD: '124', CHF: '756', CNY: '156', CZK: '203',
  DKK: '208', EGP: '818', EUR: '978', GBP: '826', GEL: '981', HKD: '344', HRK: '191', HUF: '348', IDR: '360',
  ILS: '376', INR: '356', ISK: '352', JPY: '392', KRW: '410', KWD: '414', KZT: '398', MAD: '504', MKD: '807',
  MXN: '484', MYR: '458', NOK: '578', NZD: '554', PHP: '608', PLN: '985', QAR: '634', RON: '946', RSD: '941',
  RUB: '643', RUR: '810', SAR: '682', SEK: '752', SGD: '702', SKK: '703', THB: '764', TND: '788', TRL: '792',
  TRY: '949', TWD: '901', UAH: '980', USD: '840', VND: '704', XDR: '960', ZAR: '710',
}; // prettier-ignore

const ALPHABETIC = new Map(Object.entries(NUMERIC).map(([code, digits]) => [`0${digits}`, code]));

/** The currency columns 119–122 name as `0` and the ISO number, `null` when they hold something else. */
export function currencyOfColumn(text: string): string | null {
  return ALPHABETIC.get(text) ?? null;
}

/** `0` and the ISO number of a currency, `null` when it has none here. */
export function columnOfCurrency(currency: string): string | null {
  const digits = NUMERIC[currency];
  return digits === undefined ? null : `0${digits}`;
}

/**
 * The format counts in hundredths whatever the currency.
 * @throws FormatError `amount-too-fine` when the currency has no such fraction
 */
export function minorOfHundredths(hundredths: bigint, currency: string): bigint {
  const exponent = exponentOf(currency);
  if (exponent === 2) return hundredths;
  if (exponent > 2) return hundredths * 10n ** BigInt(exponent - 2);
  const unit = 10n ** BigInt(2 - exponent);
  if (hundredths % unit === 0n) return hundredths / unit;
  throw new FormatError('amount-too-fine', `The amount has hundredths, which ${currency} does not have`);
}

/** The inverse. @throws FormatError `amount-too-fine` when the amount is finer than a hundredth */
export function hundredthsOfMinor(minor: bigint, currency: string): bigint {
  const exponent = exponentOf(currency);
  if (exponent <= 2) return minor * 10n ** BigInt(2 - exponent);
  const unit = 10n ** BigInt(exponent - 2);
  if (minor % unit === 0n) return minor / unit;
  throw new FormatError('amount-too-fine', `The amount is finer than the hundredths a GPC file counts in`);
}
