import { FormatError } from '../errors.ts';

/**
 * A line inside the piece of text it came with. Cutting a string of its own for each line, and looking at that
 * character by character, is what costs most in fixed-width formats; so the characters stand in an array as well.
 * The same object is given for each line: take out what is to be kept.
 */
export interface Line {
  readonly text: string;
  /** UTF-16 code units of `text`. */
  readonly units: Uint16Array;
  /** Where the line begins in `text` and `units`. */
  readonly start: number;
  /** Behind its last character; the line end is no part of it. */
  readonly end: number;
  /** From 1. */
  readonly number: number;
}

type Cursor = { -readonly [Key in keyof Line]: Line[Key] };

/** Cuts text into lines as it comes: CR LF, LF and CR all end one, also mixed and across pieces. */
export interface Lines {
  /** Takes the next piece; call {@link Lines.next} until it gives `null` before. */
  push(text: string): void;
  /** The next complete line, `null` when more text is needed. */
  next(): Line | null;
  /** What stands behind the last line end; empty when the file ended with one. */
  rest(): Line;
}

/** The characters of a line as a string of its own. */
export function lineText({ text, start, end }: Line): string {
  return text.slice(start, end);
}

/** @param longest characters of a line. @throws FormatError `too-long` from `push`, when a line is longer */
export function lineSplitter(longest: number): Lines {
  const line: Cursor = { text: '', units: new Uint16Array(0), start: 0, end: 0, number: 0 };
  let at = 0;
  let feed = -1;
  let carriage = -1;
  let afterCarriage = false;

  const find = (text: string, sign: string): number => {
    const found = text.indexOf(sign, at);
    return found === -1 ? text.length : found;
  };
  return {
    push(piece) {
      const left = line.text.slice(at);
      if (left.length > longest) {
        const message = `Line ${line.number + 1} is longer than ${longest} characters: this is no such file`;
        throw new FormatError('too-long', message, `line ${line.number + 1}`);
      }
      line.text = left + piece;
      line.units = unitsOf(line.text, line.units);
      at = 0;
      feed = carriage = -1;
    },
    next() {
      const { text, units } = line;
      // The second half of a CR LF that a piece ended in the middle of.
      if (afterCarriage && at < text.length) {
        if (units[at] === 10) at += 1;
        afterCarriage = false;
      }
      if (feed < at) feed = find(text, '\n');
      if (carriage < at) carriage = find(text, '\r');
      const end = feed < carriage ? feed : carriage;
      if (end === text.length) return null;
      line.start = at;
      line.end = end;
      line.number += 1;
      at = end + 1;
      if (end === carriage) {
        if (at === text.length) afterCarriage = true;
        else if (feed === at) at += 1;
      }
      return line;
    },
    rest() {
      line.start = at;
      line.end = at = line.text.length;
      line.number += 1;
      return line;
    },
  };
}

/** The code units of a text, in the array of the text before when they fit. */
function unitsOf(text: string, array: Uint16Array): Uint16Array {
  const units = array.length >= text.length ? array : new Uint16Array(text.length + 1024);
  Buffer.from(units.buffer).write(text, 'utf16le');
  return units;
}
