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

/** Characters XML 1.0 does not have, not even as a reference: controls, lone surrogates, two non-characters. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** The text with a space in place of each character XML cannot hold. */
export function withoutForbidden(text: string): string {
  return text.replace(FORBIDDEN, ' ');
}
