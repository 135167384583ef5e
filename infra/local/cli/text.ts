/** What a terminal shows. Bank texts can hold anything: nothing of it may steer the terminal or hide a text. */

/** C0 and C1 controls but the line feed, zero-width and direction marks, line and paragraph separators. */
const STEERING =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The text with every character that steers a terminal written out, e.g. `\x1b`. Line feeds stay. */
export function harmless(text: string): string {
  return text.replace(STEERING, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** One line of harmless text, at most `longest` characters. */
export function oneLine(text: string, longest = Infinity): string {
  const line = harmless(text.replace(/\s+/g, ' ').trim());
  const characters = [...line];
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join('')}…`;
}

/** JSON that is safe on a terminal: the same document, steering characters escaped. */
export function jsonText(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, null, indent);
  // JSON.stringify escapes C0 itself; what is left outside of strings is only its own white space.
  return text.replace(STEERING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export interface Column {
  readonly title: string;
  /** Numbers and amounts stand on the right. */
  readonly right?: boolean;
  /** Longer cells are cut, with an ellipsis. */
  readonly longest?: number;
}

/** A table with aligned columns; cells are made harmless. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const cells = rows.map((row) => row.map((cell, at) => oneLine(String(cell ?? ''), columns[at]?.longest)));
  const all = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => [...(row[at] ?? '')].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => {
        const gap = ' '.repeat((widths[at] ?? 0) - [...cell].length);
        return columns[at]?.right ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}

/** `name: value` lines with the values below each other. */
export function facts(pairs: readonly (readonly [string, string | null])[]): string {
  const shown = pairs.filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value)}`).join('\n');
}

/** `1 account`, `2 accounts`. */
export const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;
