import { isPlainDate } from '../domain/dates.ts';

/** Building XML as text: elements in the order they are given, nothing for what is empty. */

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader turns a bare carriage return into a line feed (XML 1.0, 2.11).
  '\r': '&#13;',
};

/** A text as it stands in XML, between tags as well as between quotes. */
export function escapeXml(text: string): string {
  return /[&<>"\r]/.test(text) ? text.replace(/[&<>"\r]/g, (sign) => ESCAPES[sign] ?? sign) : text;
}

/** An element with text; `''` when there is none. */
export function leaf(name: string, text: string | null): string {
  return text === null || text === '' ? '' : `<${name}>${escapeXml(text)}</${name}>`;
}

/** An element with elements; `''` when none of them holds anything. */
export function branch(name: string, ...content: readonly string[]): string {
  const all = content.join('');
  return all === '' ? '' : `<${name}>${all}</${name}>`;
}

const TIME =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3])(?::[0-5]\d){2}(?:\.\d+)?(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?$/;

/** Whether a text is a moment as schemas have it (`xs:dateTime`), on a day that exists. */
export function isDateTime(text: string): boolean {
  return isPlainDate(TIME.exec(text)?.[1] ?? '');
}

/** A `BIC` of the messages of 2009, and a `BICFI` of those of 2019, whose first four may be digits (ISO 9362:2014). */
export const BIC = /^[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?$/;
export const BICFI = /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/;

/** Characters XML 1.0 does not have, not even as a reference: controls, lone surrogates, two non-characters. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** The text with a space in place of each character XML cannot hold. */
export function withoutForbidden(text: string): string {
  return text.replace(FORBIDDEN, ' ');
}
