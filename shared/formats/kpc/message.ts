import { fitText, type FittedText } from '../letters.ts';
import type { KpcDialect } from './dialects.ts';

/** The text at the end of an item: `AV:` and the message for the payee, `NP:` and the payee's name (ČSOB). */

const LINE = 35;
const LINES = 4;
/** Characters of a message. */
export const MAX_MESSAGE = LINE * LINES;
/** Characters of a payee's name behind `NP:`. */
export const MAX_NAME = 35;

export interface ItemText {
  readonly message: string | null;
  readonly name: string | null;
  /** What the sender wrote for itself, where the dialect has that. */
  readonly note: string | null;
}

/** Reads the text behind the symbols; `AV:` may be missing, parts between `|` may be empty. */
export function readItemText(text: string, dialect: Pick<KpcDialect, 'message' | 'payeeName'>): ItemText {
  const [before, name] = dialect.payeeName ? splitName(text) : [text, null];
  const av = /^AV:/i.test(before) ? before.slice(3) : before;
  if (dialect.message === 'lines') return { message: joinLines(av.split('|')), name, note: null };
  const [message = '', ...note] = av.split('|');
  return { message: message.trim() || null, name, note: note.join('|').trim() || null };
}

/** `AV:… NP:…`, either part alone, or the other way round. */
function splitName(text: string): [rest: string, name: string | null] {
  // With a space in front, a mark at the beginning looks like one inside.
  const spaced = ` ${text}`;
  const at = spaced.indexOf(' NP:');
  if (at < 0) return [text, null];
  const behind = spaced.slice(at + 4);
  const av = behind.indexOf(' AV:');
  const name = (av < 0 ? behind : behind.slice(0, av)).trim() || null;
  const rest = [spaced.slice(1, Math.max(at, 1)), av < 0 ? '' : behind.slice(av + 1)];
  return [rest.filter((part) => part !== '').join(' '), name];
}

/** A line that is full goes on in the next one, perhaps inside a word; others end with a space. */
function joinLines(lines: readonly string[]): string | null {
  let text = '';
  let full = true;
  for (const line of lines) {
    if (line.trim() === '' && line.length < LINE) continue;
    text += full ? line : ` ${line}`;
    full = line.length >= LINE;
  }
  return text.trim() || null;
}

/** The message as it can be written: letters of the dialect, at most 140 of them. */
export function fitMessage(message: string, dialect: KpcDialect): FittedText {
  return withoutMark(
    fitText(message, MAX_MESSAGE, dialect.letters, `|${dialect.forbiddenInMessage}`),
    'NP',
    dialect,
  );
}

/** The payee's name as it can be written behind `NP:`. */
export function fitName(name: string, dialect: KpcDialect): FittedText {
  return withoutMark(
    fitText(name, MAX_NAME, dialect.letters, `|${dialect.forbiddenInMessage}`),
    'AV',
    dialect,
  );
}

/** A text in which nothing looks like the mark of the other text: `NP:` loses its colon, `NP:NP:` both of them. */
function withoutMark(fitted: FittedText, mark: 'AV' | 'NP', dialect: KpcDialect): FittedText {
  const pattern = new RegExp(`(?<=^| )(?:${mark}:)+`, 'g');
  if (!dialect.payeeName || fitted.text.search(pattern) < 0) return fitted;
  return {
    ...fitted,
    text: fitted.text.replace(pattern, (marks) => marks.replaceAll(':', ' ')).trimEnd(),
    replaced: [...fitted.replaced, ':'],
  };
}

/** `AV:` and `NP:` of fitted texts, each with the space before it; empty when there is nothing to say. */
export function writeItemText(message: string, name: string, dialect: KpcDialect): string {
  const lines = dialect.message === 'lines' ? (message.match(/.{1,35}/g) ?? []).join('|') : message;
  return (message === '' ? '' : ` AV:${lines}`) + (name === '' ? '' : ` NP:${name}`);
}
