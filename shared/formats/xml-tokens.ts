import { SaxesParser } from 'saxes';
import { FormatError } from './errors.ts';

/** What the tokenizer reports. Positions count characters of the decoded document from its beginning. */
export interface TokenHandlers {
  /** @param position behind the tag */
  open(name: string, attributes: Readonly<Record<string, string>>, position: number): void;
  /** Text or CDATA, entities resolved; one element's text may come in several calls. */
  text(text: string): void;
  /** @param position behind the tag */
  close(position: number): void;
}

export interface Tokenizer {
  /** @throws FormatError `malformed`, `doctype`, `too-deep`, `too-long` */
  write(text: string): void;
  /** @throws FormatError `truncated` when the document is not complete */
  close(): void;
}

const MAX_DEPTH = 64;
/** Characters of one text, tag or anything else that stands between two tokens. */
export const MAX_TEXT = 1024 * 1024;
const MAX_ATTRIBUTE = 16 * 1024;
const MAX_ATTRIBUTES = 64;

/**
 * XML tokens within limits. saxes reads no DTD and no external entity and knows only the five built-in and the numeric
 * references; a DOCTYPE is refused on top. The first error ends the reading.
 */
export function xmlTokenizer(handlers: TokenHandlers): Tokenizer {
  const parser = new SaxesParser({ xmlns: false, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  let depth = 0;
  let lastToken = 0;

  const refuse = (rule: string, message: string): never => {
    throw new FormatError(rule, message, `${parser.line}:${parser.column}`);
  };
  const text = (content: string): void => {
    lastToken = parser.position;
    handlers.text(content);
  };
  // Each handler is a property of the parser. With a seventh V8 stops optimising it and reading takes seven times as
  // long; so errors come as exceptions, and attributes are looked at when their tag is complete.
  parser.on('doctype', () =>
    refuse('doctype', 'The XML document has a DOCTYPE, which no bank message has: it is refused unread'),
  );
  parser.on('opentag', ({ name, attributes }) => {
    lastToken = parser.position;
    depth += 1;
    if (depth > MAX_DEPTH) refuse('too-deep', `The XML document is nested deeper than ${MAX_DEPTH} elements`);
    let count = 0;
    for (const attribute in attributes) {
      count += 1;
      if (count > MAX_ATTRIBUTES || (attributes[attribute]?.length ?? 0) > MAX_ATTRIBUTE) {
        const limits = `${MAX_ATTRIBUTES} attributes or one of ${MAX_ATTRIBUTE} characters`;
        refuse('too-long', `An element of the XML document has more than ${limits}`);
      }
    }
    handlers.open(name.slice(name.indexOf(':') + 1), attributes, parser.position);
  });
  parser.on('closetag', () => {
    lastToken = parser.position;
    depth -= 1;
    handlers.close(parser.position);
  });
  parser.on('text', text);
  parser.on('cdata', text);

  /** Whatever the parser throws becomes the format's own error. */
  const attempt = (step: () => void, rule: string, message: string): void => {
    try {
      step();
    } catch (error) {
      if (error instanceof FormatError) throw error;
      const reason = error instanceof Error ? error.message.replace(/^\d+:\d+: /, '').slice(0, 120) : '';
      refuse(rule, `${message} (${reason})`);
    }
  };
  return {
    write(piece) {
      const advice = 'The document is not well-formed XML: fetch it again, or ask the bank';
      attempt(() => parser.write(piece), 'malformed', advice);
      // The parser holds an unfinished token whole, so its growth is watched from here.
      if (parser.position - lastToken > MAX_TEXT)
        refuse('too-long', `A text is longer than ${MAX_TEXT} characters`);
    },
    close() {
      const advice = 'The XML document ends too early and nothing of it is used: fetch it again';
      attempt(() => parser.close(), 'truncated', advice);
    },
  };
}
