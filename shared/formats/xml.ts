import type { Warning } from '../domain/model.ts';
import { decodeXml } from './decoding.ts';
import { FormatError } from './errors.ts';
import { MAX_TEXT, xmlTokenizer, type TokenHandlers } from './xml-tokens.ts';

/**
 * A safe streaming reader of XML: the caller names the parts of the document it wants whole (a statement's entries,
 * say), and only one part is in memory at a time. Names are local names, because banks change prefixes and namespaces
 * between versions of a message.
 */

/** An element with everything below it. */
export interface XmlElement {
  /** Local name. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
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
  const events: XmlEvent[] = [];
  const warn = (warning: Warning): void => void events.push({ type: 'warning', warning });
  const source = sourceWindow();
  const tokenizer = xmlTokenizer(partBuilder(options.isPart, source, (event) => void events.push(event)));
  for (const text of decodeXml(chunks, options.maxBytes ?? MAX_BYTES, warn)) {
    source.append(text);
    tokenizer.write(text);
    source.release();
    yield* events.splice(0);
  }
  tokenizer.close();
}

interface Node extends XmlElement {
  text: string;
  readonly children: Node[];
}

/** Collects tokens into parts. */
function partBuilder(
  isPart: XmlOptions['isPart'],
  source: SourceWindow,
  emit: (event: XmlEvent) => void,
): TokenHandlers {
  const path: string[] = [];
  /** The part being collected and its open descendants. */
  const open: Node[] = [];
  let elements = 0;

  const refuse = (rule: string, message: string): never => {
    throw new FormatError(rule, message, path.join('/'));
  };
  return {
    open(name, attributes, position) {
      path.push(name);
      const parent = open.at(-1);
      if (!parent && !isPart(path)) return emit({ type: 'open', path: [...path] });
      const node = { name, attributes, text: '', children: [] };
      if (parent) parent.children.push(node);
      else source.holdTag(position);
      elements = parent ? elements + 1 : 1;
      if (elements > MAX_PART_ELEMENTS) {
        refuse('too-large', `One item of the document has more than ${MAX_PART_ELEMENTS} elements`);
      }
      open.push(node);
    },
    text(text) {
      const node = open.at(-1);
      if (!node) return;
      node.text += text;
      if (node.text.length > MAX_TEXT) refuse('too-long', `A text is longer than ${MAX_TEXT} characters`);
    },
    close(position) {
      const node = open.pop();
      if (node) node.text = detach(node.text.trim());
      if (!node) emit({ type: 'close', path: [...path] });
      else if (open.length === 0)
        emit({ type: 'part', path: [...path], element: node, raw: source.take(position) });
      path.pop();
    },
  };
}

type SourceWindow = ReturnType<typeof sourceWindow>;

/** The text of the document from where the current part began, addressed by positions in the whole document. */
function sourceWindow() {
  let text = '';
  let start = 0;
  let held: number | null = null;
  return {
    append(more: string): void {
      text += more;
    },
    /** Keeps everything from the tag on that ends at `end`: inside a tag there is no second `<`. */
    holdTag(end: number): void {
      held = start + text.lastIndexOf('<', end - start - 1);
    },
    /** What was held, up to `end`. */
    take(end: number): string {
      const part = text.slice((held ?? end) - start, end - start);
      held = null;
      return part;
    },
    /** Forgets what is not held; a tag may be unfinished at the end. */
    release(): void {
      const unfinished = held === null ? text.lastIndexOf('<') : held - start;
      const gone = unfinished < 0 ? text.length : unfinished;
      if (gone === 0) return;
      text = text.slice(gone);
      start += gone;
    },
  };
}

/**
 * A copy of its own. The tokenizer cuts texts out of 64 KiB pieces, and V8 keeps the whole piece alive for each cut
 * text of 13 characters or more: transactions would hold the document in memory.
 */
export function detach(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, 'utf16le').toString('utf16le');
}
