import type { StatementEvent } from '../stream.ts';
import { FormatError } from '../errors.ts';
import { bankCodeOfBic } from './dialects.ts';
import { statementBuilder, type Header, type Known, type StatementBuilder } from './statement.ts';

/** Takes the lines of a file one by one and emits what they say. */
export interface Machine {
  /** @param terminated false for a last line without a line end */
  line(text: string, terminated: boolean): void;
  /** @throws FormatError `empty`, `not-mt940`, `truncated` */
  end(): void;
}

/** Where a line that is no field belongs to. */
type Place =
  /** Before the first message, or behind the end of one. */
  | 'outside'
  /** The supplementary line of a :61:. */
  | 'item'
  /** The :86: of an item. */
  | 'details'
  /** A :86: that is no item's. */
  | 'note'
  /** Any other field. */
  | 'field';

const [SOH, ETX, SUB, COLON, HYPHEN, BRACE, CLOSING_BRACE] = [1, 3, 26, 58, 45, 123, 125];
const BLOCK = /^\{\d:/;
const SENDER_BLOCK = /\{1:[A-Z]\d{2}([A-Z]{6}[A-Z0-9]{2})/;
/** `CEKOCZPPAXXX 00000`, the header line that replaces the SWIFT blocks. */
const SENDER_LINE = /^([A-Z]{6}[A-Z0-9]{2})[A-Z0-9]{0,4}\s+\d{4,5}$/;
/** Fields that stand in front of the items only; inside a text such a line is a time or a number of it. */
const HEADER_TAGS = new Set(['21', '25', '28', '28C']);
/** Fields that follow :20:. */
const AFTER_REFERENCE = /^:(?:21|25P?|28C?|60[FM]|34F|13D):/;

/**
 * The line machine: finds messages, fields and their continuation lines, whatever frame the bank puts around them.
 * @param emit called in the order of the file
 */
export function lineMachine(known: Known, emit: (event: StatementEvent) => void): Machine {
  let place: Place = 'outside';
  let framed = false;
  let lineNumber = 0;
  let blank = true;
  let statements = 0;
  let header: Header | null = null;
  let statement: StatementBuilder | null = null;
  /** Whether `statement` belongs to the current message, and whether that has its closing balance or totals. */
  let begun = false;
  let closed = false;
  let senderBankCode: string | null = null;
  /** A line inside a :86: of which only the next one tells what it is: a lone dash or a :20:. */
  let held: string | null = null;

  const begin = (): StatementBuilder => {
    if (statement && begun) return statement;
    finishStatement();
    begun = true;
    statement = statementBuilder(header ?? emptyHeader(lineNumber), known, emit);
    return statement;
  };
  const finishStatement = (): void => {
    if (!statement) return;
    statement.finish();
    statement = null;
    statements += 1;
  };
  /** A message that has a header only: an MT942 without items, say. */
  const finishMessage = (): void => {
    statement?.finishItem();
    if (header && header.account !== '' && !begun) begin();
    header = null;
    begun = closed = false;
  };
  const openHeader = (): Header => {
    if (!header || (begun && closed)) {
      finishMessage();
      header = emptyHeader(lineNumber);
    }
    return header;
  };
  const emptyHeader = (line: number): Header => ({
    account: '',
    number: '',
    currency: null,
    information: false,
    senderBankCode,
    line,
  });
  const endMessage = (): void => {
    finishMessage();
    place = 'outside';
    framed = false;
  };

  const opening = (value: string, intermediate: boolean): void => {
    header ??= emptyHeader(lineNumber);
    // A second opening balance in one message begins another statement of the same account.
    begun = closed = false;
    if (statement && intermediate && statement.goesOn(header)) {
      statement.nextPage(value, lineNumber);
      begun = true;
    } else begin().opening(value, intermediate, lineNumber);
  };

  const field = (tag: string, value: string): void => {
    place = 'field';
    switch (tag) {
      case '61':
        place = 'item';
        return begin().item(value, lineNumber);
      case '86':
        if (statement && begun && !closed && statement.hasItem()) {
          place = 'details';
          statement.details(value);
        } else {
          place = 'note';
          statement?.note(value, lineNumber);
        }
        return;
      case '20':
        finishMessage();
        header = emptyHeader(lineNumber);
        return;
      case '25':
      case '25P':
        openHeader().account = value.trim();
        return;
      case '28':
      case '28C':
        openHeader().number = value.trim();
        return;
      case '60F':
      case '60M':
        return opening(value, tag === '60M');
      case '62F':
      case '62M':
        begin().closing(value, tag === '62M', lineNumber);
        closed = true;
        return;
      case '34F':
      case '13D':
        openHeader().information = true;
        if (tag === '34F') openHeader().currency ??= value;
        return;
      case '90C':
      case '90D':
        begin().total(tag === '90C' ? 'credits' : 'debits', value, lineNumber);
        closed = true;
        return;
    }
  };

  const outside = (text: string): void => {
    const sender = SENDER_BLOCK.exec(text) ?? SENDER_LINE.exec(text);
    if (sender) senderBankCode = bankCodeOfBic(sender[1] ?? '');
    const body = text.indexOf('{4:');
    if (body < 0) return;
    framed = true;
    const rest = text.slice(body + 3);
    if (rest !== '') process(rest);
  };

  const plain = (text: string): void => {
    switch (place) {
      case 'details':
        return statement?.details(text);
      case 'item':
        return statement?.supplement(text);
      case 'note':
        return statement?.note(text, lineNumber);
      case 'outside':
        return outside(text);
      case 'field':
        if (closed || SENDER_LINE.test(text)) outside(text);
    }
  };

  /** Whether a line that looks like the field `tag` is text of the :86: it stands in. */
  const isText = (tag: string): boolean => HEADER_TAGS.has(tag) && !closed;

  /** Decides about the held line now that the next one is known. */
  const release = (next: string): void => {
    const text = held ?? '';
    held = null;
    if (text === '-') {
      if (next === '' || BLOCK.test(next) || next.startsWith(':20:')) endMessage();
      else plain(text);
    } else if (AFTER_REFERENCE.test(next)) {
      statement?.dropFrame(SENDER_LINE);
      field('20', text.slice(4));
    } else plain(text);
  };

  const process = (text: string): void => {
    const first = text.charCodeAt(0);
    if (first === COLON) {
      // The two fields a statement consists of are never text.
      if (text.startsWith(':61:')) return field('61', text.slice(4));
      if (text.startsWith(':86:')) return field('86', text.slice(4));
      const tag = tagOf(text);
      if (tag === null || (place === 'details' && isText(tag))) return plain(text);
      if (tag === '20' && place === 'details' && !closed) {
        held = text;
        return;
      }
      if (place === 'item' && isText(tag)) {
        place = 'field';
        return statement?.misplaced(tag, lineNumber);
      }
      return field(tag, text.slice(tag.length + 2));
    }
    if (first === HYPHEN && place !== 'outside') {
      if (text.charCodeAt(1) === CLOSING_BRACE) return ended(text);
      if (text.trimEnd() === '-') {
        if (place !== 'details' || closed || header?.information) return endMessage();
        held = '-';
        return;
      }
    }
    if (first === CLOSING_BRACE && text.length === 1) return endMessage();
    if (first === BRACE && BLOCK.test(text)) {
      if (place !== 'outside') endMessage();
      return outside(text);
    }
    plain(text);
  };

  /** Behind `-}` the next message may begin on the same line. */
  const ended = (text: string): void => {
    endMessage();
    outside(text);
  };

  return {
    line(text, terminated) {
      lineNumber += 1;
      let line = text;
      let ends = false;
      // SOH, ETX and the end-of-file mark of old systems stand at the edges of lines; `}` and ETX end a page.
      if (isControl(line.charCodeAt(line.length - 1)) || line.charCodeAt(0) === SOH) {
        line = line.replace(/^\x01+/, '');
        ends = line.endsWith('}\x03') && !line.startsWith('-}');
        line = line.replace(/[\x01\x03\x1a]+$/, '');
        if (ends) line = line.slice(0, -1);
      }
      if (blank && line.trim() !== '') blank = false;
      if (held !== null) {
        // Blank lines stand between a lone dash and what follows it.
        if (line === '' && terminated) return;
        release(line);
      }
      if (line !== '' || place === 'details') process(line);
      if (ends) endMessage();
      if (!terminated && closed) closed = terminated;
    },
    end() {
      if (held !== null) release('');
      if (framed && !closed) {
        throw new FormatError(
          'truncated',
          'The file ends inside a message: it is incomplete, download it again',
          `line ${lineNumber}`,
        );
      }
      finishMessage();
      finishStatement();
      if (statements > 0) return;
      throw blank
        ? new FormatError('empty', 'The file is empty: there is no statement in it')
        : new FormatError('not-mt940', 'The file holds no MT940 or MT942 message: check what the bank sent');
    },
  };
}

const isControl = (code: number): boolean => code === SOH || code === ETX || code === SUB;

const TAGS = new Set('20 21 25 25P 28 28C 60F 60M 61 86 62F 62M 64 65 34F 13D 90C 90D'.split(' '));

/** The tag of a field we know, e.g. `62F`; `null` for a line that only begins with a colon. */
function tagOf(text: string): string | null {
  const length = text.charCodeAt(3) === COLON ? 2 : text.charCodeAt(4) === COLON ? 3 : 0;
  if (length === 0) return null;
  const tag = text.slice(1, length + 1);
  return TAGS.has(tag) ? tag : null;
}
