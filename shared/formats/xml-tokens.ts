import { FormatError } from './errors.ts';
import { isNameCharacter, isNameStart, isSpace, resolveReferences } from './xml-characters.ts';
import { xmlNames, type XmlName } from './xml-names.ts';

/**
 * An XML tokenizer for what banks send: XML 1.0 without a DTD, so the five built-in and the numeric references are all
 * there is to expand. It is written for speed (one look at each character, names shared, no object for a tag without
 * attributes) and for refusal: whatever is not well-formed or over a limit ends the reading.
 */

/** What the tokenizer reports. Positions count characters of the decoded document from its beginning. */
export interface TokenHandlers {
  /**
   * @param name without prefix; equal names are one string, so comparing them is comparing pointers
   * @param position of the tag's `<`
   */
  open(name: string, attributes: Attributes, position: number): void;
  /** Text or CDATA, references resolved, perhaps in several calls; white space between two tags is left out. */
  text(text: string): void;
  close(): void;
}

export type Attributes = Readonly<Record<string, string>>;

export interface Tokenizer {
  /** @throws FormatError `malformed`, `doctype`, `too-deep`, `too-long` */
  write(text: string): void;
  /** The document from `position` to what the last token ended with; `hold` keeps it from being forgotten. */
  source(position: number): string;
  /** From here on the source is kept; `null` lets go of it. */
  hold(position: number | null): void;
  /** @throws FormatError `truncated` when the document is not complete */
  close(): void;
}

const MAX_DEPTH = 64;
/** Characters of one text, tag or anything else that stands between two tokens. */
export const MAX_TEXT = 1024 * 1024;
const MAX_ATTRIBUTE = 16 * 1024;
const MAX_ATTRIBUTES = 64;
/** Characters of attributes worth remembering. */
const MAX_REPEATED = 64;

/** A piece of the document and what was left of the one before, mostly. */
const PIECE = 80 * 1024;

const ADVICE = 'The document is not well-formed XML: fetch it again, or ask the bank';

const NO_ATTRIBUTES: Attributes = Object.freeze(Object.create(null) as Record<string, string>);

/** A token that ends behind the text there is so far. */
const INCOMPLETE = -1;

const [TAB, LINE_FEED, RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20];
const [BANG, AMPERSAND, SLASH, LESS, EQUALS, GREATER, QUESTION, BRACKET] = [
  0x21, 0x26, 0x2f, 0x3c, 0x3d, 0x3e, 0x3f, 0x5d,
];
const [DOUBLE_QUOTE, SINGLE_QUOTE] = [0x22, 0x27];

export function xmlTokenizer(handlers: TokenHandlers): Tokenizer {
  /** Text of the document that waits to be read, behind the `start` characters before it. */
  let waiting = '';
  let start = 0;
  /** How far in `waiting` the tokens reported so far go. */
  let done = 0;
  let lines = 0;
  let lineStart = 0;
  /** No use in looking again before there is so much text. */
  let enough = 1;
  const open: XmlName[] = [];
  let hadRoot = false;
  /** Whether text has come since the last tag: then white space is part of it. */
  let inText = false;
  /** The attributes read last with the `>` behind them: a statement has `Ccy="CZK"` by the thousand. */
  let last = { written: '>', attributes: NO_ATTRIBUTES };
  let held: number | null = null;
  /** What is held of the text that `waiting` no longer has. */
  let kept: string[] = [];
  const names = xmlNames();
  /** `waiting` as codes with a 0 behind them, which is no character of XML: reading codes is several times faster. */
  let codes = new Uint16Array(PIECE);
  let length = 0;

  const refuse = (rule: string, message: string, at: number): never => {
    forget(at);
    throw new FormatError(rule, message, `${lines + 1}:${start - lineStart}`);
  };
  const malformed = (reason: string, at: number): never => refuse('malformed', `${ADVICE} (${reason})`, at);

  /** Drops the first `length` characters of `waiting`. */
  function forget(length: number): void {
    for (let at = waiting.indexOf('\n'); at >= 0 && at < length; at = waiting.indexOf('\n', at + 1)) {
      lines += 1;
      lineStart = start + at + 1;
    }
    if (held !== null && held < start + length) kept.push(waiting.slice(Math.max(held - start, 0), length));
    waiting = waiting.slice(length);
    start += length;
    done = 0;
  }

  function unfold(): void {
    length = waiting.length;
    if (length >= codes.length) codes = new Uint16Array(2 * length);
    Buffer.from(codes.buffer).write(waiting, 'utf16le');
    codes[length] = 0;
  }

  /** Reads every token that is complete. */
  function scan(): void {
    unfold();
    let at = 0;
    while (at < length) {
      const next = codes[at] === LESS ? markup(at) : characters(at);
      if (next === INCOMPLETE) break;
      at = next;
    }
    done = at;
  }

  /** Character data up to the next tag. */
  function characters(from: number): number {
    const units = codes;
    let at = from;
    while (isSpace(units[at]!)) at += 1;
    if (units[at] === LESS && !inText) return at;
    if (open.length === 0 && at < length) malformed('text outside of the root element', at);
    // The white space before it may have carriage returns.
    let plain = at === from;
    for (; at < length; at++) {
      const code = units[at]!;
      if (code === LESS) break;
      // Letters, digits and what stands between them in a number or a date: nearly every character.
      if (code > SINGLE_QUOTE && code !== BRACKET && code < 0xfffe) continue;
      if (code === AMPERSAND || code === RETURN) plain = false;
      else if (code === BRACKET && waiting.startsWith(']]>', at)) malformed('"]]>" in a text', at);
      else if (code < SPACE || code >= 0xfffe) checkCharacter(code, at);
    }
    if (at === length) return INCOMPLETE;
    const data = waiting.slice(from, at);
    inText = true;
    handlers.text(plain ? data : referencesIn(data, from));
    return at;
  }

  function checkCharacter(code: number, at: number): void {
    if (code !== TAB && code !== LINE_FEED && code !== RETURN) malformed('a character XML does not have', at);
  }

  /** Line ends made one kind, references resolved. */
  function referencesIn(data: string, at: number): string {
    const lined = data.includes('\r') ? data.replace(/\r\n?/g, '\n') : data;
    return resolveReferences(lined) ?? malformed('a reference to nothing known', at);
  }

  function markup(at: number): number {
    const code = codes[at + 1]!;
    if (code === SLASH) return endTag(at);
    if (code === BANG) return declaration(at);
    if (code === QUESTION) return instruction(at);
    return at + 1 === length ? INCOMPLETE : startTag(at);
  }

  function startTag(from: number): number {
    const expected = names.expected(codes, from + 1);
    const end = expected === null ? nameEnd(from + 1) : from + 1 + expected.written.length;
    if (end === INCOMPLETE || end >= length) return INCOMPLETE;
    const name = expected ?? names.at(codes, from + 1, end, cut);
    if (codes[end] === GREATER) {
      enter(name, NO_ATTRIBUTES, from);
      return end + 1;
    }
    if (waiting.startsWith(last.written, end)) {
      enter(name, last.attributes, from);
      return end + last.written.length;
    }
    return tagWithMore(name, from, end);
  }

  /** A tag that goes on behind its name. */
  function tagWithMore(name: XmlName, from: number, end: number): number {
    const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
    const tail = attributesFrom(end, attributes);
    if (tail === INCOMPLETE) return INCOMPLETE;
    if (codes[tail] === GREATER) {
      if (tail - end < MAX_REPEATED) last = { written: waiting.slice(end, tail + 1), attributes };
      enter(name, attributes, from);
      return tail + 1;
    }
    if (tail + 1 === length) return INCOMPLETE;
    if (codes[tail + 1] !== GREATER) malformed('a slash inside a tag', tail);
    enter(name, attributes, from);
    leave(tail + 2);
    return tail + 2;
  }

  const cut = (from: number, to: number): string => waiting.slice(from, to);

  function skipSpace(from: number): number {
    let at = from;
    while (isSpace(codes[at]!)) at += 1;
    return at;
  }

  function enter(name: XmlName, attributes: Attributes, from: number): void {
    if (open.length === 0) {
      if (hadRoot) malformed('a second root element', from);
      hadRoot = true;
    }
    if (open.length === MAX_DEPTH)
      refuse('too-deep', `The XML document is nested deeper than ${MAX_DEPTH} elements`, from);
    open.push(name);
    inText = false;
    handlers.open(name.local, attributes, start + from);
  }

  function leave(end: number): void {
    open.pop();
    inText = false;
    done = end;
    handlers.close();
  }

  /** Position behind a name; refuses what does not begin one. */
  function nameEnd(from: number): number {
    if (from < length && !isNameStart(codes[from]!)) malformed('no name where one belongs', from);
    let at = from + 1;
    while (isNameCharacter(codes[at]!)) at += 1;
    return at < length ? at : INCOMPLETE;
  }

  /** Reads attributes up to the `>` or `/` that ends the tag and gives its position. */
  function attributesFrom(from: number, attributes: Record<string, string>): number {
    let count = 0;
    for (let at = from; ;) {
      const begin = skipSpace(at);
      if (begin === length) return INCOMPLETE;
      const code = codes[begin]!;
      if (code === GREATER || code === SLASH) return begin;
      if (begin === at) malformed('no space before an attribute', at);
      const end = nameEnd(begin);
      if (end === INCOMPLETE) return INCOMPLETE;
      at = attributeValue(end, waiting.slice(begin, end), attributes);
      if (at === INCOMPLETE) return INCOMPLETE;
      count += 1;
      if (count > MAX_ATTRIBUTES) tooManyAttributes(at);
    }
  }

  function attributeValue(from: number, name: string, attributes: Record<string, string>): number {
    const equals = skipSpace(from);
    if (equals === length) return INCOMPLETE;
    if (codes[equals] !== EQUALS) malformed('an attribute without a value', equals);
    const quote = skipSpace(equals + 1);
    if (quote === length) return INCOMPLETE;
    const mark = codes[quote]!;
    if (mark !== DOUBLE_QUOTE && mark !== SINGLE_QUOTE) malformed('an attribute without quotes', quote);
    let at = quote + 1;
    for (; at < length && codes[at] !== mark; at++) {
      const code = codes[at]!;
      if (code === LESS) malformed('"<" in an attribute', at);
      if (code < SPACE || code >= 0xfffe) checkCharacter(code, at);
    }
    if (at - quote > MAX_ATTRIBUTE) tooManyAttributes(at);
    if (at === length) return INCOMPLETE;
    if (name in attributes) malformed('an attribute twice', quote);
    // White space in an attribute is a space each, whatever it is (XML 1.0, 3.3.3); a reference to one is not.
    const value = waiting.slice(quote + 1, at).replace(/\r\n|[\t\r\n]/g, ' ');
    attributes[name] = resolveReferences(value) ?? malformed('a reference to nothing known', quote);
    return at + 1;
  }

  function tooManyAttributes(at: number): never {
    const limits = `${MAX_ATTRIBUTES} attributes or one of ${MAX_ATTRIBUTE} characters`;
    return refuse('too-long', `An element of the XML document has more than ${limits}`, at);
  }

  function endTag(from: number): number {
    const units = codes;
    const written = open.length === 0 ? '' : open[open.length - 1]!.written;
    let at = from + 2;
    for (let next = 0; next < written.length; next++, at++) {
      if (units[at] !== written.charCodeAt(next)) return wrongEnd(from, at);
    }
    if (at < length && codes[at] !== GREATER) {
      const end = skipSpace(at);
      if (end === length) return INCOMPLETE;
      if (end === at || codes[end] !== GREATER) return wrongEnd(from, end);
      at = end;
    }
    if (at >= length) return INCOMPLETE;
    if (written === '') return wrongEnd(from, at);
    leave(at + 1);
    return at + 1;
  }

  function wrongEnd(from: number, at: number): number {
    if (at >= length) return INCOMPLETE;
    const end = waiting.indexOf('>', from);
    return end < 0 ? INCOMPLETE : malformed('an end tag for an element that is not open', end + 1);
  }

  function declaration(from: number): number {
    if (waiting.startsWith('<!--', from)) return comment(from);
    if (waiting.startsWith('<![CDATA[', from)) return cdata(from);
    if (waiting.startsWith('<!DOCTYPE', from)) {
      const message = 'The XML document has a DOCTYPE, which no bank message has: it is refused unread';
      return refuse('doctype', message, from);
    }
    const rest = waiting.slice(from, from + 9);
    const unfinished = ['<!--', '<![CDATA[', '<!DOCTYPE'].some((token) => token.startsWith(rest));
    return unfinished ? INCOMPLETE : malformed('an unknown declaration', from);
  }

  function comment(from: number): number {
    const end = waiting.indexOf('--', from + 4);
    if (end < 0 || end + 2 === length) return INCOMPLETE;
    if (codes[end + 2] !== GREATER) malformed('"--" in a comment', end);
    for (let at = from; at < end; at++) checkAny(codes[at]!, at);
    return end + 3;
  }

  function checkAny(code: number, at: number): void {
    if (code < SPACE || code >= 0xfffe) checkCharacter(code, at);
  }

  function cdata(from: number): number {
    if (open.length === 0) malformed('text outside of the root element', from);
    const end = waiting.indexOf(']]>', from + 9);
    if (end < 0) return INCOMPLETE;
    for (let at = from; at < end; at++) checkAny(codes[at]!, at);
    const data = waiting.slice(from + 9, end);
    inText = true;
    if (data !== '') handlers.text(data.replace(/\r\n?/g, '\n'));
    return end + 3;
  }

  /** A processing instruction, which says nothing to us, or the XML declaration, which stands first or not at all. */
  function instruction(from: number): number {
    const end = waiting.indexOf('?>', from + 2);
    if (end < 0) return INCOMPLETE;
    const name = nameEnd(from + 2);
    if (name > end || (name < end && !isSpace(codes[name]!)))
      malformed('an instruction without a name', from);
    if (/^xml$/i.test(waiting.slice(from + 2, name)) && start + from > 0)
      malformed('an XML declaration that is not at the beginning', from);
    for (let at = from; at < end; at++) checkAny(codes[at]!, at);
    return end + 2;
  }

  return {
    write(piece) {
      waiting += piece;
      if (waiting.length < enough) return;
      scan();
      forget(done);
      const advice = `A text is longer than ${MAX_TEXT} characters`;
      if (waiting.length > MAX_TEXT) refuse('too-long', advice, waiting.length);
      // A token that comes in small pieces is looked at again only when it has grown by a quarter.
      enough = waiting.length + Math.max(1, waiting.length >> 2);
    },
    hold(position) {
      held = position;
      kept = [];
    },
    source(position) {
      return kept.join('') + waiting.slice(Math.max(position - start, 0), done);
    },
    close() {
      scan();
      forget(done);
      if (waiting.trim() !== '' || open.length > 0 || !hadRoot) {
        const advice = 'The XML document ends too early and nothing of it is used: fetch it again';
        refuse('truncated', advice, waiting.length);
      }
    },
  };
}
