/** A small builder of XML documents: elements in the order the schema wants them, nothing else. */
export interface Node {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly content: string | readonly Node[];
}

/** An element; `null` among its children is left out, so that optional ones can be written in place. */
export function element(
  name: string,
  content: string | readonly (Node | null)[],
  attributes: Readonly<Record<string, string>> = {},
): Node {
  return {
    name,
    attributes,
    content: typeof content === 'string' ? content : content.filter((child) => child !== null),
  };
}

/** The element, or nothing when there is no text for it. */
export function optional(name: string, text: string | null | undefined): Node | null {
  return text === null || text === undefined || text === '' ? null : element(name, text);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escape = (text: string): string => text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);

/** The document in UTF-8, one element a line. */
export function writeXml(root: Node): Uint8Array {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
  write(root, '', lines);
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

function write({ name, attributes = {}, content }: Node, indent: string, lines: string[]): void {
  const tag = Object.entries(attributes).reduce(
    (all, [key, value]) => `${all} ${key}="${escape(value)}"`,
    name,
  );
  if (typeof content === 'string') {
    lines.push(`${indent}<${tag}>${escape(content)}</${name}>`);
    return;
  }
  lines.push(`${indent}<${tag}>`);
  for (const child of content) write(child, `${indent}  `, lines);
  lines.push(`${indent}</${name}>`);
}
