import type { Warning } from '../domain/model.ts';
import { decodeXml } from './decoding.ts';
import { FormatError } from './errors.ts';
import { MAX_TEXT, xmlTokenizer, type Attributes, type TokenHandlers, type Tokenizer } from './xml-tokens.ts';

/**
 * A safe streaming reader of XML: the caller names the parts of the document it wants whole (a statement's entries,
 * say), and only one part is in memory at a time. Names are local names, because banks change prefixes and namespaces
 * between versions of a message.
 */

/** An element with everything below it. */
export interface XmlElement {
  /** Local name. */
  readonly name: string;
  readonly attributes: Attributes;
  /** Its own text (CDATA included), trimmed. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Local names from the root down to an element, itself included. */
export type XmlPath = readonly string[];

export type XmlEvent =
  /** An element outside of all parts begins or ends. */
  | { readonly type: 'open' | 'close'; readonly path: XmlPath }
  /** A part, whole. `raw` is its text as it stands in the document. */
  | { readonly type: 'part'; readonly path: XmlPath; readonly element: XmlElement; readonly raw: string }
  | { readonly type: 'warning'; readonly warning: Warning };

export interface XmlOptions {
  /** Which elements are handed out whole. Text outside of parts is ignored. */
  readonly isPart: (path: XmlPath) => boolean;
  /** Cap on the document in bytes. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 256 * 1024 * 1024;
/** Elements of one part: a batch of some twenty thousand payments. */
const MAX_PART_ELEMENTS = 500_000;

/**
 * Reads a document and yields its parts in order. Only the end of the iteration says that the document was complete.
 * @throws FormatError `truncated`, `malformed`, `doctype`, `too-deep`, `too-long`, `too-large`, `encoding`
 */
export function* readXml(chunks: Iterable<Uint8Array>, options: XmlOptions): Generator<XmlEvent> {
  let events: XmlEvent[] = [];
  const emit = (event: XmlEvent): void => void events.push(event);
  const tokenizer: Tokenizer = xmlTokenizer(partBuilder(options.isPart, () => tokenizer, emit));
  const warn = (warning: Warning): void => emit({ type: 'warning', warning });
  for (const text of decodeXml(chunks, options.maxBytes ?? MAX_BYTES, warn)) {
    tokenizer.write(text);
    const ready = events;
    events = [];
    yield* ready;
  }
  tokenizer.close();
  yield* events;
}

interface Node extends XmlElement {
  text: string;
  children: readonly Node[];
}

const NO_CHILDREN: readonly Node[] = [];

/** Collects tokens into parts. */
function partBuilder(
  isPart: XmlOptions['isPart'],
  source: () => Pick<Tokenizer, 'hold' | 'source'>,
  emit: (event: XmlEvent) => void,
): TokenHandlers {
  /** Names of the open elements outside of parts. */
  const path: string[] = [];
  /** The part being collected and its open descendants, the innermost last. */
  const open: Node[] = [];
  let current: Node | null = null;
  let begin = 0;
  let elements = 0;

  const refuse = (rule: string, message: string): never => {
    throw new FormatError(rule, message, [...path, ...open.slice(1).map(({ name }) => name)].join('/'));
  };
  const beginPart = (node: Node, position: number): void => {
    source().hold(position);
    begin = position;
    elements = 1;
    open.push(node);
    current = node;
  };
  const endPart = (element: Node): void => {
    emit({ type: 'part', path: [...path], element, raw: source().source(begin) });
    source().hold(null);
    path.pop();
  };
  return {
    open(name, attributes, position) {
      const node: Node = { name, attributes, text: '', children: NO_CHILDREN };
      if (current === null) {
        path.push(name);
        if (isPart(path)) beginPart(node, position);
        else emit({ type: 'open', path: [...path] });
        return;
      }
      if (current.children === NO_CHILDREN) current.children = [node];
      else (current.children as Node[]).push(node);
      open.push(node);
      current = node;
      elements += 1;
      if (elements > MAX_PART_ELEMENTS) {
        refuse('too-large', `One item of the document has more than ${MAX_PART_ELEMENTS} elements`);
      }
    },
    text(text) {
      if (current === null) return;
      current.text = current.text === '' ? text : current.text + text;
      if (current.text.length > MAX_TEXT) refuse('too-long', `A text is longer than ${MAX_TEXT} characters`);
    },
    close() {
      const node = open.pop();
      if (node === undefined) {
        emit({ type: 'close', path: [...path] });
        path.pop();
        return;
      }
      if (node.text !== '') node.text = trimmed(node.text);
      current = open.length === 0 ? null : open[open.length - 1]!;
      if (current === null) endPart(node);
    },
  };
}

/** As `trim`, which costs a call for each of a statement's texts although hardly one has a space at its ends. */
function trimmed(text: string): string {
  return isInk(text.charCodeAt(0)) && isInk(text.charCodeAt(text.length - 1)) ? text : text.trim();
}

const isInk = (code: number): boolean => code > 0x20 && code < 0x7f;

/**
 * A copy of its own. Texts are cut out of 64 KiB pieces, and V8 keeps the whole piece alive for each cut text of 13
 * characters or more: transactions would hold the document in memory.
 */
export function detach(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}
