import { readXml } from '../../formats/xml.ts';
import { shownName } from '../../http/activity.ts';

/**
 * The structure of a body: the fields it has and of which types, without a value of any. Enough to see that a bank left
 * something out, renamed it or sent something else.
 */

/** Larger bodies are documents; their structure is their format's. */
const MAX_BYTES = 256 * 1024;
const MAX_LINES = 100;
const MAX_DEPTH = 12;

/**
 * Lines such as `accounts[].iban: string` of JSON, `Envelope/Body/Fault` of XML, `grant_type` of a form.
 * @param mediaType in lower case, with or without parameters
 * @returns `null` for a body of another kind, an empty, large or unreadable one
 */
export function structureOf(body: Uint8Array, mediaType: string): readonly string[] | null {
  if (body.length === 0 || body.length > MAX_BYTES) return null;
  const type = mediaType.split(';', 1)[0]!.trim();
  try {
    if (/[/+]json$/.test(type)) return jsonLines(JSON.parse(textOf(body)));
    if (/[/+]xml$/.test(type)) return xmlLines(body);
    if (type === 'application/x-www-form-urlencoded') return formLines(textOf(body));
    return null;
  } catch {
    return null;
  }
}

const textOf = (body: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(body);

const formLines = (text: string): string[] => [
  ...new Set([...new URLSearchParams(text).keys()].slice(0, MAX_LINES).map(shownName)),
];

function jsonLines(value: unknown): string[] {
  const types = new Map<string, Set<string>>();
  visit(value, '', 0);
  return [...types].map(([path, seen]) => `${path === '' ? '.' : path}: ${[...seen].sort().join('|')}`);

  function visit(part: unknown, path: string, depth: number): void {
    const type = part === null ? 'null' : Array.isArray(part) ? 'array' : typeof part;
    const known = types.get(path);
    if (known) known.add(type);
    else if (types.size < MAX_LINES) types.set(path, new Set([type]));
    else return;
    if (depth === MAX_DEPTH || typeof part !== 'object' || part === null) return;
    if (Array.isArray(part)) {
      for (const item of part) visit(item, `${path}[]`, depth + 1);
      return;
    }
    for (const [name, inner] of Object.entries(part)) {
      visit(inner, path === '' ? shownName(name) : `${path}.${shownName(name)}`, depth + 1);
    }
  }
}

function xmlLines(body: Uint8Array): string[] {
  const paths = new Set<string>();
  for (const event of readXml([body], { isPart: () => false })) {
    if (event.type !== 'open' || event.path.length > MAX_DEPTH) continue;
    paths.add(event.path.map(shownName).join('/'));
    if (paths.size === MAX_LINES) break;
  }
  return [...paths];
}
