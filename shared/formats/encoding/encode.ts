import { encodingTable, type Encoding } from './encodings.ts';
import { transliterate, type Replacement } from './transliterate.ts';

/** Bytes, and every character that could not be written as it was. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly replaced: readonly Replacement[];
}

/** Whether an encoding has a character (a code point). */
export function hasCharacter(encoding: Encoding): (character: string) => boolean {
  if (encoding === 'utf-8') return (character) => character.isWellFormed();
  const table = encodingTable(encoding);
  return (character) => table.has(character);
}

/** Encodes text; what the encoding does not have is transliterated and reported ({@link transliterate}). */
export function encode(text: string, encoding: Encoding): Encoded {
  const { text: fitting, replaced } = transliterate(text, hasCharacter(encoding));
  if (encoding === 'utf-8') return { bytes: new TextEncoder().encode(fitting), replaced };
  const table = encodingTable(encoding);
  const bytes = new Uint8Array(fitting.length);
  for (let at = 0; at < fitting.length; at++) bytes[at] = table.get(fitting.charAt(at)) ?? 0x20;
  return { bytes, replaced };
}
