import { transliterate } from './encoding/transliterate.ts';
import type { Loss } from './stream.ts';

/** Letters of payment texts, by what takes them. */

const ASCII = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at))
  .join('')
  .replace(/[<>]/g, '');

const LETTERS = {
  /** Printable ASCII without `<` and `>`. */
  ascii: new Set(ASCII),
  /** Letters allowed in Czech domestic clearing (ČSOB, domestic orders in ABO). */
  domestic: new Set(`${ASCII}üéäůÄÉĹĺôöĽľÖÜŤťčáíóúŽžČ§ÁĚĎďŇÍěŮÓÔňŠšŔÚŕýÝŘř`),
  /** Latin letters of SEPA (EPC217-08). */
  epc: new Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ "),
  /** Letters of foreign payments (SWIFT's set x with braces; ČSOB, orders in TXT). */
  swift: new Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+{} "),
} as const satisfies Record<string, ReadonlySet<string>>;

export type LetterSet = keyof typeof LETTERS;

/** Whether every character of a text is in a set. */
export function isWrittenIn(text: string, set: LetterSet): boolean {
  return [...text].every((letter) => LETTERS[set].has(letter));
}

/** A text made ready to be written, with what that took. */
export interface FittedText {
  readonly text: string;
  /** Characters that were replaced, each once. */
  readonly replaced: readonly string[];
  /** How many characters had to go at the end. */
  readonly cut: number;
}

/**
 * The text in letters of a set, without spaces at its ends, shortened to `most` characters.
 * @param forbidden characters that are refused although they are in the set; they become a space
 */
export function fitText(text: string, most: number, set: LetterSet, forbidden = ''): FittedText {
  const has = (letter: string): boolean => LETTERS[set].has(letter) && !forbidden.includes(letter);
  const fitting = transliterate(text.trim(), has);
  const trimmed = fitting.text.trim();
  return {
    text: trimmed.slice(0, most).trimEnd(),
    replaced: [...new Set(fitting.replaced.map(({ from }) => from))],
    cut: Math.max(0, trimmed.length - most),
  };
}

/** What fitting a text took, for a writer's list of losses. */
export function lossesOf({ replaced, cut }: FittedText, position: string): Loss[] {
  const letters = replaced.map((letter) => JSON.stringify(letter)).join(' ');
  return [
    ...(replaced.length > 0
      ? [
          {
            rule: 'letter-replaced',
            message: `Letters that cannot be written were replaced: ${letters}`,
            position,
          },
        ]
      : []),
    ...(cut > 0
      ? [
          {
            rule: 'text-shortened',
            message: `The text was too long; ${cut} characters at its end were cut`,
            position,
          },
        ]
      : []),
  ];
}
