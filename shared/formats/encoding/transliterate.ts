/**
 * Letters a target does not have, by a declared rule: the base letter where Unicode knows one, the signs below by
 * their plain form, anything else by a space.
 */

/** One replaced character. */
export interface Replacement {
  /** The character, as it was. */
  readonly from: string;
  /** What stands for it. */
  readonly to: string;
  /** Where in the text, in UTF-16 code units of its composed form (NFC). */
  readonly at: number;
}

/** Letters and signs without a decomposition. */
const PLAIN: Readonly<Record<string, string>> = {
  ł: 'l', Ł: 'L', đ: 'd', Đ: 'D', ø: 'o', Ø: 'O', ß: 'ss', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', þ: 'th', Þ: 'TH',
  ð: 'd', Ð: 'D', ı: 'i', '\u2018': "'", '\u2019': "'", '\u201A': "'", '\u201C': '"', '\u201D': '"',
  '\u201E': '"', '«': '"', '»': '"', '‹': "'", '›': "'", '–': '-', '—': '-', '‑': '-', '−': '-', '…': '...',
  '€': 'EUR', '×': 'x', '•': '-', '·': '.',
}; // prettier-ignore

const MARKS = /\p{M}+/gu;

function plain(character: string, has: (character: string) => boolean): string {
  const listed = PLAIN[character];
  const candidate = listed ?? character.normalize('NFKD').replace(MARKS, '');
  return candidate !== '' && [...candidate].every(has) ? candidate : ' ';
}

/**
 * The text in the characters the target has, with every replacement. Letters written as base and accent are composed
 * first, which is no change.
 * @param has whether the target has a character (a code point)
 */
export function transliterate(
  text: string,
  has: (character: string) => boolean,
): { text: string; replaced: Replacement[] } {
  const replaced: Replacement[] = [];
  const composed = text.normalize('NFC');
  let result = '';
  let at = 0;
  for (const character of composed) {
    if (has(character)) result += character;
    else {
      const to = plain(character, has);
      replaced.push({ from: character, to, at });
      result += to;
    }
    at += character.length;
  }
  return { text: result, replaced };
}
