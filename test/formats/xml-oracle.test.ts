import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../shared/formats/errors.ts';
import { xmlTokenizer } from '../../shared/formats/xml-tokens.ts';

/**
 * Our tokenizer against saxes, which checks well-formedness as the standard has it. They must agree on what is a
 * document and on what is in it. Left aside: white space around texts, which we trim and merge.
 */

type Token = readonly unknown[];

/** Joins texts that came in pieces, without white space around them. */
function tidy(tokens: readonly Token[]): Token[] {
  const tidied: Token[] = [];
  let text = '';
  for (const token of [...tokens, ['end']]) {
    if (token[0] === 'text') text += String(token[1]);
    else {
      if (text.trim() !== '') tidied.push(['text', text.trim()]);
      text = '';
      tidied.push(token);
    }
  }
  return tidied;
}

function ours(xml: string, size: number): Token[] | string {
  const tokens: Token[] = [];
  const tokenizer = xmlTokenizer({
    open: (name, attributes) => void tokens.push(['open', name, Object.entries(attributes)]),
    text: (text) => void tokens.push(['text', text]),
    close: () => void tokens.push(['close']),
  });
  try {
    for (let at = 0; at < xml.length; at += size) tokenizer.write(xml.slice(at, at + size));
    tokenizer.close();
    return tidy(tokens);
  } catch (error) {
    if (error instanceof FormatError) return error.rule === 'doctype' ? 'doctype' : 'refused';
    throw error;
  }
}

function theirs(xml: string): Token[] | string {
  const tokens: Token[] = [];
  let doctype = false;
  const parser = new SaxesParser({ xmlns: false, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  parser.on('doctype', () => (doctype = true));
  parser.on('opentag', ({ name, attributes }) =>
    tokens.push(['open', name.slice(name.indexOf(':') + 1), Object.entries(attributes)]),
  );
  parser.on('text', (text) => tokens.push(['text', text]));
  parser.on('cdata', (text) => tokens.push(['text', text]));
  parser.on('closetag', () => tokens.push(['close']));
  try {
    parser.write(xml).close();
    return doctype ? 'doctype' : tidy(tokens);
  } catch {
    return doctype || xml.includes('<!DOCTYPE') ? 'doctype' : 'refused';
  }
}

/** Pieces of which good and bad documents are made. */
const PIECES = [
  '<a>', '</a>', '<b k="1">', "<b k='&lt;\n2'>", '</b>', '<c/>', '<n:d xmlns:n="u">', '</n:d>', 'text', ' ', '\n', '\r\n', '\r',
  '&amp;', '&#269;', '&#x1F600;', '&#1;', '&nbsp;', '&', ';', '<![CDATA[', ']]>', '<!-- c -->', '<!--', '-->', '--', '<?p x?>',
  '<?xml version="1.0"?>', '<', '>', '"', "'", '=', 'k', 'ž', '\u00a0', '\u0001', '\ufffe', '😀', ']', '/', '<b k="1" k="2"/>', '<e k = "v" />',
]; // prettier-ignore

const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join(''));
/** Documents that are mostly good. */
const { document } = fc.letrec<{ document: string; content: string }>((tie) => ({
  document: fc
    .tuple(fc.constantFrom('a', 'n:b', 'ž1'), tie('content'))
    .map(([name, inside]) => `<${name}>${inside}</${name}>`),
  content: fc
    .array(fc.oneof({ maxDepth: 3 }, fc.constantFrom(...PIECES), soup, tie('document'), tie('document')), {
      maxLength: 5,
    })
    .map((parts) => parts.join('')),
}));

describe('our tokenizer and saxes', () => {
  it('agree on every document made of good and bad pieces, however it is cut', () => {
    const either = fc.oneof(
      soup,
      document,
      document.map((xml) => `<?xml version="1.0"?>\n<!-- x -->${xml}\n`),
    );
    let good = 0;
    fc.assert(
      fc.property(either, fc.constantFrom(1, 3, 1000), (xml, size) => {
        const expected = theirs(xml);
        if (typeof expected !== 'string') good += 1;
        expect(ours(xml, size)).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
    expect(good).toBeGreaterThan(200);
  });

  it('agree on every single character, in a text, a name and an attribute', () => {
    const places = [(sign: string) => `<a>x${sign}x</a>`, (sign: string) => `<a b="x${sign}x"/>`];
    for (let code = 0; code < 0x250; code++) {
      const sign = String.fromCharCode(code);
      for (const place of places)
        expect(ours(place(sign), 1000), `U+${code.toString(16)}`).toEqual(theirs(place(sign)));
      for (const name of [`${sign}`, `x${sign}`]) {
        const xml = `<${name}></${name}>`;
        expect(ours(xml, 1000), `name with U+${code.toString(16)}`).toEqual(theirs(xml));
      }
    }
  });
});
