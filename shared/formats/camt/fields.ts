import { isPlainDate, type PlainDate } from '../../domain/dates.ts';
import { MoneyError, parseMoney, type Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import { detach, type XmlElement } from '../xml.ts';

/** The field types of ISO 20022 that every part of a statement is made of. */

/** ISO 20022 has no field above 500 characters; joined remittance lines stay below this as well. */
const MAX_FIELD = 4000;

/** The first element at a path of up to four local names below `element`. */
export function child(
  element: XmlElement | null,
  first: string,
  second?: string,
  third?: string,
  fourth?: string,
): XmlElement | null {
  let at = element === null ? null : named(element, first);
  if (at !== null && second !== undefined) at = named(at, second);
  if (at !== null && third !== undefined) at = named(at, third);
  return at !== null && fourth !== undefined ? named(at, fourth) : at;
}

function named({ children: all }: XmlElement, name: string): XmlElement | null {
  for (let at = 0; at < all.length; at++) if (all[at]!.name === name) return all[at]!;
  return null;
}

/** Every element at a path, whatever is repeated on the way. */
export function children(element: XmlElement | null, ...path: readonly string[]): XmlElement[] {
  const found: XmlElement[] = [];
  if (element) gather(element, path, 0, found);
  return found;
}

function gather(
  { children: all }: XmlElement,
  path: readonly string[],
  step: number,
  found: XmlElement[],
): void {
  for (const below of all) {
    if (below.name !== path[step]) continue;
    if (step + 1 === path.length) found.push(below);
    else gather(below, path, step + 1, found);
  }
}

/** The text of an element; `null` when it is absent or empty. @throws FormatError `too-long` */
export function textOf(element: XmlElement | null): string | null {
  return element === null || element.text === '' ? null : bounded(element.text, element.name);
}

/** The text at a path of up to four names; see {@link textOf}. */
export function textAt(
  element: XmlElement | null,
  first: string,
  second?: string,
  third?: string,
  fourth?: string,
): string | null {
  return textOf(child(element, first, second, third, fourth));
}

/** Texts joined by a space, `null` when there is none. @throws FormatError `too-long` */
export function joined(elements: readonly XmlElement[]): string | null {
  let text = '';
  for (const element of elements)
    if (element.text !== '') text += text === '' ? element.text : ` ${element.text}`;
  return text === '' ? null : bounded(text, elements[0]?.name ?? '');
}

function bounded(text: string, field: string): string {
  if (text.length <= MAX_FIELD) return detach(text);
  throw new FormatError('too-long', `${field} is longer than ${MAX_FIELD} characters`, field);
}

const CURRENCY = /^[A-Z]{3}$/;

/**
 * An ISO 20022 amount: unsigned, decimal point, any number of decimals if the surplus ones are zeros; banks drop
 * zeros on either side of the point (`629.2`, `.5`).
 * @throws FormatError `amount-missing`, `currency-missing`, `amount-unreadable`
 */
export function amountOf(element: XmlElement | null): Money {
  if (!element || element.text === '') throw new FormatError('amount-missing', 'There is no amount');
  const currency = element.attributes['Ccy'] ?? '';
  if (!CURRENCY.test(currency)) {
    throw new FormatError('currency-missing', 'The amount has no currency of three capital letters');
  }
  return decimalOf(element.text, currency);
}

// A comma could separate thousands as well as decimals, so it is no amount here.
const DECIMAL = /^(\d+(\.\d*)?|\.\d+)$/;

/** A decimal without its own currency (totals of the summary). @throws FormatError `amount-unreadable` */
export function decimalOf(text: string, currency: string): Money {
  if (!DECIMAL.test(text)) {
    throw new FormatError('amount-unreadable', `"${text.slice(0, 40)}" is not an amount`);
  }
  try {
    return parseMoney(text.startsWith('.') ? `0${text}` : text, currency);
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    throw new FormatError('amount-unreadable', error.message);
  }
}

/** True for CRDT. @throws FormatError `indicator-unknown` for anything but CRDT and DBIT */
export function isCredit(element: XmlElement): boolean {
  const indicator = textAt(element, 'CdtDbtInd');
  if (indicator === 'CRDT') return true;
  if (indicator === 'DBIT') return false;
  throw new FormatError(
    'indicator-unknown',
    `CdtDbtInd is "${indicator?.slice(0, 40) ?? ''}", not CRDT or DBIT`,
  );
}

/** The amount with the sign of the account's point of view. */
export function signed(amount: Money, credit: boolean): Money {
  return credit ? amount : { ...amount, minor: -amount.minor };
}

const DAY = /^\d{4}-\d{2}-\d{2}(?=$|[TZ+-])/;
/** The day that was read last: a statement has one, or a few. */
let lastDay = '';

/**
 * The calendar day in a date field: `Dt` or `DtTm`, sometimes one inside the other. The local part counts as it is
 * written, because a shift between zones would move movements near midnight to another day.
 * @returns `null` when the field is absent or holds no existing day
 */
export function dateOf(element: XmlElement | null): PlainDate | null {
  if (!element) return null;
  const { text } = element;
  if (text !== '') {
    if (lastDay !== '' && text.startsWith(lastDay) && (text.length === 10 || text[10] === 'T'))
      return lastDay;
    const day = DAY.exec(text)?.[0];
    if (day !== undefined && isPlainDate(day)) return (lastDay = day);
  }
  for (const below of element.children) {
    const found = dateOf(below);
    if (found !== null) return found;
  }
  return null;
}
