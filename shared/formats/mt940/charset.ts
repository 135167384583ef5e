import { hasCharacter } from '../encoding/encode.ts';
import { transliterate } from '../encoding/transliterate.ts';

export const CHARSETS = ['utf-8', 'windows-1250', 'swift-x'] as const;
export type Charset = (typeof CHARSETS)[number];

/** What is said of one item or statement that could not be written as it was. */
export type Lose = (rule: string, message: string) => void;

/** Texts on their way into the file: in its letters, every change noted. */
export type Letters = (text: string, field: string, lose: Lose) => string;

/** The x set of SWIFT (standards MT, general information). */
const SWIFT_X = /^[A-Za-z0-9/\-?:().,'+ ]$/;
const CONTROL = /^\p{C}$/u;

/** Brings texts into the letters of the file; each changed letter is a loss. */
export function lettersOf(charset: Charset): Letters {
  const inSet = charset === 'swift-x' ? (letter: string) => SWIFT_X.test(letter) : hasCharacter(charset);
  const isPlain = /^[\x20-\x7e]*$/;
  const has = (letter: string): boolean => !CONTROL.test(letter) && inSet(letter);
  return (text, field, lose) => {
    if (charset !== 'swift-x' && isPlain.test(text)) return text;
    const { text: fitting, replaced } = transliterate(text, has);
    for (const { from, to } of replaced) {
      lose('letter-replaced', `${field}: "${from}" is written as "${to}".`);
    }
    return fitting;
  };
}
