import { isNameCharacter } from './xml-characters.ts';

/** An element's name as written and without its prefix. */
export interface XmlName {
  readonly written: string;
  readonly local: string;
  /** The name that came after this one the last time. */
  next: XmlName | null;
}

type Cut = (from: number, to: number) => string;

const SLOTS = 1024;

/** Names without a new string for each: documents of banks say the same few names in the same order all along. */
export function xmlNames() {
  // By the hash of their characters. One slot holds one name: two that meet in it only make each other anew.
  const table = new Array<XmlName | undefined>(SLOTS).fill(undefined);
  let latest: XmlName = { written: '', local: '', next: null };
  return {
    /** The name that is expected at `from`, if it stands there. */
    expected(codes: Uint16Array, from: number): XmlName | null {
      const { next } = latest;
      if (next === null || !isWritten(next.written, codes, from)) return null;
      if (isNameCharacter(codes[from + next.written.length]!)) return null;
      latest = next;
      return next;
    },
    /** The name at `from` to `to` of character codes; `cut` gives its text when it is new. */
    at(codes: Uint16Array, from: number, to: number, cut: Cut): XmlName {
      const slot = hashOf(codes, from, to) & (SLOTS - 1);
      const known = table[slot];
      const isKnown =
        known !== undefined && known.written.length === to - from && isWritten(known.written, codes, from);
      const name = isKnown ? known : (table[slot] = nameOf(cut(from, to)));
      latest.next = name;
      latest = name;
      return name;
    },
  };
}

function hashOf(codes: Uint16Array, from: number, to: number): number {
  let hash = to - from;
  for (let at = from; at < to; at++) hash = (hash * 31 + codes[at]!) | 0;
  return hash;
}

function isWritten(name: string, codes: Uint16Array, from: number): boolean {
  for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) !== codes[from + at]) return false;
  return true;
}

function nameOf(text: string): XmlName {
  const written = interned(text);
  return { written, local: interned(written.slice(written.indexOf(':') + 1)), next: null };
}

/** The engine's own copy of a string, as it keeps one for every property name: comparing it is comparing pointers. */
function interned(text: string): string {
  return Object.keys({ [text]: true })[0] ?? text;
}
