import { describe, expect, it } from 'vitest';
import { FormatError } from '../../shared/formats/errors.ts';
import { readXml, type XmlElement, type XmlEvent } from '../../shared/formats/xml.ts';
import { chunksOf } from './encode.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function eventsOf(xml: string, part = 'part', size = 1 << 20): XmlEvent[] {
  return [...readXml(chunksOf(bytesOf(xml), size), { isPart: (path) => path.at(-1) === part })];
}

/** The parts of a document in a short form: name, text, children. */
function parts(xml: string, size?: number): unknown[] {
  const short = ({ name, text, children }: XmlElement): unknown[] => [name, text, ...children.map(short)];
  return eventsOf(xml, 'part', size).flatMap((event) =>
    event.type === 'part' ? [short(event.element)] : [],
  );
}

function refusal(xml: string | Iterable<Uint8Array>): FormatError {
  try {
    const chunks = typeof xml === 'string' ? [bytesOf(xml)] : xml;
    for (const event of readXml(chunks, { isPart: (path) => path.length === 2 })) void event;
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error('the document was read');
}

describe('the XML reader', () => {
  it.each([1, 2, 5, 1 << 20])('hands out parts whole, in order, with their source (chunks of %i)', (size) => {
    const first = '<n:part k="1" >a<b>č &lt;&#x10D;&#269;</b\n>c<![CDATA[<d>]]></n:part>';
    const second = '<part/>';
    const xml = `<?xml version="1.0"?><root xmlns:n="u"><!-- <x> -->${first}\r\n<other>text</other>${second}</root>`;
    const events = eventsOf(xml, 'part', size);
    expect(
      events.map((event) => ('path' in event ? `${event.type} ${event.path.join('/')}` : event.type)),
    ).toEqual([
      'open root',
      'part root/part',
      'open root/other',
      'close root/other',
      'part root/part',
      'close root',
    ]);
    const found = events.filter((event) => event.type === 'part');
    expect(found.map(({ raw }) => raw)).toEqual([first, second]);
    expect(found[0]?.element.attributes['k']).toBe('1');
    expect(parts(xml, size)).toEqual([
      ['part', 'ac<d>', ['b', 'č <čč']],
      ['part', ''],
    ]);
  });

  it('row 42: mixed line ends are one kind of line end in texts', () => {
    expect(parts('<r>\r\n<part>a\r\nb\rc\nd</part>\r</r>', 1)).toEqual([['part', 'a\nb\nc\nd']]);
    expect(parts('<r><part>a<b/>\r\n=</part></r>')).toEqual([['part', 'a\n=', ['b', '']]]);
  });

  it('gives nothing of a part that does not end', () => {
    const seen: XmlEvent[] = [];
    expect(() => {
      for (const event of readXml([bytesOf('<r><part>1</part><part>2')], {
        isPart: (path) => path.length === 2,
      })) {
        seen.push(event);
      }
    }).toThrow(expect.objectContaining({ rule: 'truncated' }));
    expect(seen.filter(({ type }) => type === 'part')).toHaveLength(1);
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n '],
    ['an open element', '<a><b></b>'],
    ['an open tag', '<a'],
    ['an open attribute', '<a b="'],
    ['an open comment', '<a/><!-- '],
    ['an open reference', '<a>&am'],
    ['the beginning of a declaration', '<a/><!DOCT'],
  ])('row 11: %s is truncated', (_, xml) => {
    expect(refusal(xml)).toMatchObject({ rule: 'truncated' });
  });

  it.each([
    ['crossed tags', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['text behind the root', '<a/>x'],
    ['a bare ampersand', '<a>Smith & Sons; Ltd</a>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['a control character', '<a>\u0001</a>'],
    ['a reference to one', '<a>&#1;</a>'],
    ['no XML', 'Service unavailable'],
    ['a JSON body', '{"error":"UNAUTHORISED"}'],
    ['a late declaration', ' <?xml version="1.0"?><a/>'],
  ])('refuses %s as malformed', (_, xml) => {
    expect(refusal(xml).rule).toBe('malformed');
  });

  it('says where, and what to do', () => {
    expect(refusal('<a>\n  <b></c>\n</a>')).toMatchObject({ position: '2:9' });
    expect(refusal('<a>\n  <b></c>\n</a>').message).toMatch(/fetch it again/);
  });
});

describe('row 41: hostile XML', () => {
  const LAUGHS = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join(
    '',
  );

  it.each([
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['an external DTD', '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/evil.dtd"><a/>'],
    ['a public DTD', '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://127.0.0.1:9/x"><html/>'],
    ['a parameter entity', '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]><a/>'],
    ['billion laughs', `<!DOCTYPE a [<!ENTITY l0 "lol">${LAUGHS}]><a>&l9;</a>`],
    ['an empty DOCTYPE', '<!DOCTYPE a><a/>'],
    ['an open DOCTYPE', '<!DOCTYPE a ['],
  ])('%s is refused at its DOCTYPE', (_, xml) => {
    expect(refusal(xml).rule).toBe('doctype');
  });

  it('an entity nobody declared is not expanded', () => {
    expect(refusal('<a>&xxe;</a>').rule).toBe('malformed');
    expect(refusal('<a>&nbsp;</a>').rule).toBe('malformed');
  });

  it('nesting ends at 64 elements', () => {
    expect(parts(`${'<a>'.repeat(63)}<part/>${'</a>'.repeat(63)}`)).toHaveLength(1);
    expect(refusal(`${'<a>'.repeat(65)}${'</a>'.repeat(65)}`).rule).toBe('too-deep');
    expect(refusal('<a>'.repeat(1_000_000)).rule).toBe('too-deep');
  });

  function* endless(start: string, filling: string, onChunk: () => void): Generator<Uint8Array> {
    yield bytesOf(start);
    const chunk = bytesOf(filling.repeat(Math.ceil(65_536 / filling.length)));
    for (;;) {
      onChunk();
      yield chunk;
    }
  }

  it.each([
    ['a text', '<a><b>', 'x'],
    ['a CDATA section', '<a><b><![CDATA[', 'x'],
    ['an attribute', '<a b="', 'x'],
    ['many attributes', '<a ', 'b="1" '],
    ['an element name', '<a', 'x'],
    ['a reference', '<a>&', 'x'],
    ['a comment', '<a><!-- ', 'x'],
    ['a processing instruction', '<?p ', 'x'],
    ['text in pieces', '<a><b>', 'x<!-- -->'],
  ])('%s without end is given up after a megabyte', (_, start, filling) => {
    let chunks = 0;
    const error = refusal(endless(start, filling, () => (chunks += 1)));
    expect(['too-long', 'malformed']).toContain(error.rule);
    // Some fillings are longer in the document than in the text that is measured.
    expect(chunks).toBeLessThan(256);
  });

  it.each([
    ['one long attribute', `<a b="${'x'.repeat(20_000)}"/>`],
    ['very many attributes', `<a ${Array.from({ length: 65 }, (_, at) => `b${at}=""`).join(' ')}/>`],
  ])('%s is too long', (_, xml) => {
    expect(refusal(xml).rule).toBe('too-long');
  });

  it('one entry of half a million elements is too large', () => {
    let chunks = 0;
    const error = refusal(endless('<a><b>', '<c/>', () => (chunks += 1)));
    expect(error).toMatchObject({ rule: 'too-large', position: 'a/b/c' });
    expect(chunks).toBeLessThan(64);
  });

  it('the document has a size, whatever is in it', () => {
    const chunks = endless('<a>', '<b/>', () => undefined);
    const read = () => {
      for (const event of readXml(chunks, { isPart: () => false, maxBytes: 1e6 })) void event;
    };
    expect(read).toThrow(expect.objectContaining({ rule: 'too-large' }));
  });

  it('names from the prototype are names', () => {
    const xml = '<r><part __proto__="1" constructor="2"><__proto__>x</__proto__></part></r>';
    const [event] = eventsOf(xml).filter(({ type }) => type === 'part');
    expect(event).toMatchObject({ element: { children: [{ name: '__proto__', text: 'x' }] } });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});
