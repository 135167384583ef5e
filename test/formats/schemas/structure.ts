import { readXml, type XmlElement, type XmlPath } from '../../../shared/formats/xml.ts';

/**
 * Checks a document against a message definition of ISO 20022, written down as data: which elements an element has, in
 * which order, and what their texts look like. The definitions beside this file stand apart from the writers, so that
 * the two can disagree, and hold what our writers and the banks use of a message.
 */
export interface MessageDefinition {
  readonly namespace: string;
  /**
   * Elements of an element, in order: `!` once, `+` once or more, `*` any number, `{7}` at most seven, else optional;
   * `A|B` is one of them. A key is a name, with up to two parents (`Parent>Name`) where they make the difference.
   */
  readonly elements: Readonly<Record<string, string>>;
  /** Texts of elements without elements, by the same keys. */
  readonly texts: Readonly<Record<string, Pattern>>;
  /** Elements, as `Parent>Name`, whose text is an amount with a currency beside it. */
  readonly amounts: RegExp;
}

/** What a text must look like; a regular expression is one. */
export interface Pattern {
  test(text: string): boolean;
}

/** A text of 1 to `length` characters. */
export const max = (length: number): Pattern => new RegExp(`^[\\s\\S]{1,${length}}$`, 'u');
export const DATE: Pattern = { test: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDay(text) };
export const TIME: Pattern = {
  test: (text) =>
    /^\d{4}-\d\d-\d\dT([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?$/.test(
      text,
    ) && isDay(text.slice(0, 10)),
};
export const CURRENCY = /^[A-Z]{3}$/;
export const COUNTRY = /^[A-Z]{2}$/;
export const IBAN = /^[A-Z]{2}\d{2}[a-zA-Z0-9]{1,30}$/;
/** Version 02 and 03 of the messages. */
export const BIC = /^[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?$/;
/** Since ISO 9362:2014 the first four may be digits. */
export const BICFI = /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/;
export const COUNT = /^\d{1,15}$/;
/** Not below zero, at most 18 digits, at most five behind the point. */
export const AMOUNT = decimal(18, 5);
/** At most 18 digits, at most 17 behind the point. */
export const DECIMAL = signed(decimal(18, 17));
/** A whole number of at most 18 digits. */
export const NUMBER = signed(decimal(18, 0));

/** The same with a sign before it or none. */
export function signed(pattern: Pattern): Pattern {
  return { test: (text) => pattern.test(text.replace(/^[+-]/, '')) };
}

/** A decimal number; zeros at its ends are no digits (XML Schema, 4.3.11). */
export function decimal(digits: number, behind: number): Pattern {
  return {
    test: (text) => {
      const parts = /^(?=\.?\d)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text);
      if (!parts) return false;
      const [, whole = '', fraction = ''] = parts;
      return fraction.length <= behind && whole.length + fraction.length <= digits;
    },
  };
}

function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** Everything in a document that is not as the message definition has it; empty when it conforms. */
export function faultsOf(document: Uint8Array, definition: MessageDefinition): string[] {
  const root = messageOf(document);
  const faults: string[] = [];
  const { xmlns } = root.attributes;
  if (xmlns !== definition.namespace) faults.push(`the namespace is not ${definition.namespace}`);
  check({ ...root, attributes: {} }, [root.name], definition, faults);
  return faults;
}

/** The whole document as one element. */
export function messageOf(document: Uint8Array): XmlElement {
  for (const event of readXml([document], { isPart: (path) => path.length === 1 })) {
    if (event.type === 'part') return event.element;
  }
  throw new Error('the document has no root');
}

/** What a table says of an element: the entry that names most of its parents. */
function entryFor<T>(path: XmlPath, table: Readonly<Record<string, T>>): { entry: T; names: number } | null {
  for (const names of [3, 2, 1]) {
    const entry = table[path.slice(-names).join('>')];
    if (entry !== undefined) return { entry, names };
  }
  return null;
}

function check(element: XmlElement, path: XmlPath, definition: MessageDefinition, faults: string[]): void {
  const { text, children } = element;
  const place = path.join('/');
  checkAttributes(element, definition.amounts.test(path.slice(-2).join('>')), place, faults);
  const sequence = entryFor(path, definition.elements);
  const pattern = entryFor(path, definition.texts);
  if (!sequence && !pattern) faults.push(`${place}: not defined here`);
  else if (pattern && pattern.names >= (sequence?.names ?? 0)) {
    if (children.length > 0) faults.push(`${place}: elements where a text belongs`);
    else if (!pattern.entry.test(text)) faults.push(`${place}: "${text}" is not as it must be`);
  } else if (sequence) {
    if (text !== '') faults.push(`${place}: a text where elements belong`);
    checkOrder(children, sequence.entry, place, faults);
    for (const child of children) check(child, [...path, child.name], definition, faults);
  }
}

function checkAttributes(
  { attributes }: XmlElement,
  isAmount: boolean,
  place: string,
  faults: string[],
): void {
  if (isAmount && !CURRENCY.test(attributes['Ccy'] ?? '')) faults.push(`${place}: no currency`);
  const extra = Object.keys(attributes).filter((name) => !isAmount || name !== 'Ccy');
  if (extra.length > 0) faults.push(`${place}: attributes nobody defined: ${extra.join(' ')}`);
}

/** Goes through the sequence once: what stands must come in its order and as often as it may. */
function checkOrder(
  children: readonly XmlElement[],
  sequence: string,
  place: string,
  faults: string[],
): void {
  let at = 0;
  for (const item of sequence.split(' ')) {
    const [, names = '', mark = ''] = /^([\w|]+)([!+*]|\{\d+\})?$/.exec(item) ?? [];
    const choice = names.split('|');
    let count = 0;
    for (; choice.includes(children[at]?.name ?? ''); at++) count += 1;
    if (count === 0 && (mark === '!' || mark === '+')) faults.push(`${place}: no ${names}`);
    if (count > mostOf(mark)) faults.push(`${place}: ${count} times ${names}`);
  }
  const extra = children[at];
  if (extra) faults.push(`${place}: ${extra.name} is out of order or undefined`);
}

function mostOf(mark: string): number {
  if (mark === '+' || mark === '*') return Infinity;
  return mark.startsWith('{') ? Number(mark.slice(1, -1)) : 1;
}
