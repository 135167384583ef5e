import { isPlainDate, type PlainDate } from '../../domain/dates.ts';
import { MoneyError, parseMoney, type Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import type { XmlElement } from '../xml.ts';

/** The field types of ISO 20022 that every part of a statement is made of. */

/** ISO 20022 has no field above 500 characters; joined remittance lines stay below this as well. */
const MAX_FIELD = 4000;

/** The first element at a path of local names below `element`. */
export function child(element: XmlElement | null, ...path: readonly string[]): XmlElement | null {
  let at = element;
  for (const name of path) at = at?.children.find((candidate) => candidate.name === name) ?? null;
  return at;
}

/** Every element at a path, whatever is repeated on the way. */
export function children(element: XmlElement, ...path: readonly string[]): XmlElement[] {
  return path.reduce<XmlElement[]>(
    (level, name) => level.flatMap((at) => at.children.filter((candidate) => candidate.name === name)),
    [element],
  );
}

/** The text at a path; `null` when it is absent or empty. @throws FormatError `too-long` */
export function textAt(element: XmlElement | null, ...path: readonly string[]): string | null {
  return bounded(child(element, ...path)?.text || null, path.join('/'));
}

/** Texts joined by a space, `null` when there is none. @throws FormatError `too-long` */
export function joined(elements: readonly XmlElement[]): string | null {
  const texts = elements.map((element) => element.text).filter((text) => text !== '');
  return bounded(texts.join(' ') || null, elements[0]?.name ?? '');
}

function bounded(text: string | null, field: string): string | null {
  if (text === null || text.length <= MAX_FIELD) return text;
  throw new FormatError('too-long', `${field} is longer than ${MAX_FIELD} characters`, field);
}

/**
 * An ISO 20022 amount: unsigned, decimal point, any number of decimals if the surplus ones are zeros; banks drop
 * zeros on either side of the point (`629.2`, `.5`).
 * @throws FormatError `amount-missing`, `currency-missing`, `amount-unreadable`
 */
export function amountOf(element: XmlElement | null): Money {
  if (!element || element.text === '') throw new FormatError('amount-missing', 'There is no amount');
  const currency = element.attributes['Ccy'] ?? '';
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw new FormatError('currency-missing', 'The amount has no currency of three capital letters');
  }
  return decimalOf(element.text, currency);
}

/** A decimal without its own currency (totals of the summary). @throws FormatError `amount-unreadable` */
export function decimalOf(text: string, currency: string): Money {
  // A comma could separate thousands as well as decimals, so it is no amount here.
  if (!/^(\d+(\.\d*)?|\.\d+)$/.test(text)) {
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

/**
 * The calendar day in a date field: `Dt` or `DtTm`, sometimes one inside the other. The local part counts as it is
 * written, because a shift between zones would move movements near midnight to another day.
 * @returns `null` when the field is absent or holds no existing day
 */
export function dateOf(element: XmlElement | null): PlainDate | null {
  if (!element) return null;
  const day = /^\d{4}-\d{2}-\d{2}(?=$|[TZ+-])/.exec(element.text)?.[0];
  if (day !== undefined && isPlainDate(day)) return day;
  for (const below of element.children) {
    const found = dateOf(below);
    if (found !== null) return found;
  }
  return null;
}
