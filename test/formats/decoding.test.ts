import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Warning } from '../../shared/domain/model.ts';
import { decodeXml } from '../../shared/formats/decoding.ts';
import { FormatError } from '../../shared/formats/errors.ts';
import { chunksOf, concat, encodeAs } from './encode.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const BOM = Uint8Array.of(0xef, 0xbb, 0xbf);
const CZECH = 'Příliš žluťoučký kůň úpěl ďábelské ódy; ČÍŠNÍK, MÍŠA, NÍŽE, VÝŠKA';

function decode(bytes: Uint8Array, size = 64): { text: string; warnings: Warning[] } {
  const warnings: Warning[] = [];
  const text = [...decodeXml(chunksOf(bytes, size), 1e9, (warning) => warnings.push(warning))].join('');
  return { text, warnings };
}

function declared(encoding: string, text = CZECH): string {
  return `<?xml version="1.0" encoding="${encoding}"?><a>${text}</a>`;
}

describe('decoding', () => {
  it.each([1, 2, 3, 7, 64, 1 << 20])('reads UTF-8 in chunks of %i bytes', (size) => {
    const text = declared('UTF-8', `${CZECH} 𐍈 € 漢`);
    expect(decode(utf8(text), size)).toEqual({ text, warnings: [] });
    expect(decode(utf8('<a>ě</a>'), size)).toEqual({ text: '<a>ě</a>', warnings: [] });
  });

  it.each([
    ['WINDOWS-1250', 'windows-1250'],
    ['cp1250', 'windows-1250'],
    ['ISO-8859-2', 'iso-8859-2'],
    ['latin2', 'iso-8859-2'],
  ] as const)('reads declared %s', (label, encoding) => {
    const text = declared(label);
    expect(decode(encodeAs(encoding, text), 5)).toEqual({ text, warnings: [] });
  });

  it('row 42: a byte order mark wins over the declaration and is not part of the text', () => {
    const text = declared('windows-1250');
    expect(decode(concat(BOM, utf8(text)), 1)).toEqual({ text, warnings: [] });
  });

  it.each([1, 3, 64, 1 << 20])(
    'row 42: reads Windows-1250 announced as UTF-8 (chunks of %i bytes)',
    (size) => {
      const text = declared('UTF-8', `${CZECH} ${'x'.repeat(5000)} ${CZECH}`);
      const { text: read, warnings } = decode(encodeAs('windows-1250', text), size);
      expect(read).toBe(text);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatchObject({ rule: 'encoding-differs', position: `byte ${text.indexOf('ř')}` });
    },
  );

  it.each([1, 3, 64, 1 << 20])(
    'row 42: one wrong byte does not spoil the UTF-8 around it (chunks of %i)',
    (size) => {
      const bytes = concat(utf8(`<a>${CZECH}`), Uint8Array.of(0xc5), utf8(`|${CZECH}</a>`));
      const { text, warnings } = decode(bytes, size);
      expect(text).toBe(`<a>${CZECH}Ĺ|${CZECH}</a>`);
      expect(warnings).toHaveLength(1);
    },
  );

  it.each([
    ['overlong', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['overlong in three bytes', [0xe0, 0x80, 0xaf]],
  ])('row 42: %s is not accepted as UTF-8', (_, bytes) => {
    const { warnings } = decode(concat(utf8('<a>'), Uint8Array.from(bytes), utf8('</a>')), 2);
    expect(warnings).toHaveLength(1);
  });

  it('row 42: an unfinished character at the very end is a wrong byte, too', () => {
    expect(decode(concat(utf8('<a/>'), Uint8Array.of(0xc5)))).toMatchObject({ text: '<a/>Ĺ' });
  });

  it.each([
    ['UTF-16 by its mark', Uint8Array.of(0xff, 0xfe, 0x3c, 0)],
    ['an encoding nobody uses', utf8(declared('koi8-r'))],
    ['an unknown encoding', utf8(declared('x-mine'))],
  ])('refuses %s', (_, bytes) => {
    expect(() => decode(bytes)).toThrow(FormatError);
    expect(() => decode(bytes)).toThrow(/ask the bank for UTF-8/);
  });

  it('counts bytes over all chunks', () => {
    const limited = (limit: number) => [
      ...decodeXml(chunksOf(utf8('<a>12345</a>'), 3), limit, () => undefined),
    ];
    expect(limited(12).join('')).toBe('<a>12345</a>');
    expect(() => limited(11)).toThrow(expect.objectContaining({ rule: 'too-large' }));
  });

  it('reads every valid UTF-8 text, however it is cut, and any bytes at all without an exception', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 400 }),
        fc.integer({ min: 1, max: 9 }),
        (text, size) => {
          fc.pre(!/^[\uFEFF\uFFFE]/.test(text));
          expect(decode(utf8(`<a>${text}`), size)).toEqual({ text: `<a>${text}`, warnings: [] });
        },
      ),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 1, max: 9 }), (bytes, size) => {
        const framed = concat(utf8('<a>'), bytes);
        expect(decode(framed, size)).toEqual(decode(framed, 1000));
      }),
    );
  });
});
