import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../shared/formats/encoding/decode.ts';
import { encode } from '../../../shared/formats/encoding/encode.ts';
import { decodingTable, ENCODINGS } from '../../../shared/formats/encoding/encodings.ts';
import { lineSplitter, lineText } from '../../../shared/formats/encoding/lines.ts';

const SINGLE = ['windows-1250', 'iso-8859-2', 'cp852'] as const;
const CZECH = 'áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽľĺŕäôĽĹŔÄÔ';

describe('encode', () => {
  it.each(SINGLE)('%s: every byte comes back', (encoding) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(encode(decode(bytes, encoding), encoding)).toEqual({ bytes, replaced: [] });
    expect(new Set(decodingTable(encoding)).size).toBe(256);
  });

  it.each(ENCODINGS)('%s has all Czech and Slovak letters', (encoding) => {
    const { bytes, replaced } = encode(CZECH, encoding);
    expect(replaced).toEqual([]);
    expect(decode(bytes, encoding)).toBe(CZECH);
  });

  it.each([
    ['cp852', 'éůčÁ', [0x82, 0x85, 0x9f, 0xb5]],
    ['windows-1250', 'Šťž', [0x8a, 0x9d, 0x9e]],
    ['iso-8859-2', 'Šťž', [0xa9, 0xbb, 0xbe]],
  ] as const)('%s: %s', (encoding, text, bytes) => {
    expect([...encode(text, encoding).bytes]).toEqual(bytes);
  });

  it('replaces what is not there by a declared rule, and tells each one', () => {
    const { bytes, replaced } = encode('Ångström “x” ß漢😀', 'cp852');
    expect(decode(bytes, 'cp852')).toBe('Angström "x" ß  ');
    expect(replaced).toEqual([
      { from: 'Å', to: 'A', at: 0 },
      { from: '“', to: '"', at: 9 },
      { from: '”', to: '"', at: 11 },
      { from: '漢', to: ' ', at: 14 },
      { from: '😀', to: ' ', at: 15 },
    ]);
    expect(decode(encode('€ æ…', 'iso-8859-2').bytes, 'iso-8859-2')).toBe('EUR ae...');
  });

  it('composes letters first, which is no replacement', () => {
    const { bytes, replaced } = encode('e\u030Cs\u030C', 'windows-1250');
    expect(decode(bytes, 'windows-1250')).toBe('ěš');
    expect(replaced).toEqual([]);
  });

  it('UTF-8 loses nothing but halves of characters', () => {
    expect(encode('a\uD800b', 'utf-8').replaced).toEqual([{ from: '\uD800', to: ' ', at: 1 }]);
  });

  it('says nothing exactly when the text comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...ENCODINGS), (text, encoding) => {
        const { bytes, replaced } = encode(text, encoding);
        expect(decode(bytes, encoding) === text.normalize('NFC').replace(/^\uFEFF/, '')).toBe(
          replaced.length === 0,
        );
      }),
    );
  });
});

describe('lineSplitter', () => {
  const linesOf = (pieces: readonly string[]): string[] => {
    const lines = lineSplitter(1000);
    const found: string[] = [];
    for (const piece of pieces) {
      lines.push(piece);
      for (let line = lines.next(); line; line = lines.next()) {
        expect(String.fromCharCode(...line.units.subarray(line.start, line.end))).toBe(lineText(line));
        found.push(lineText(line));
        expect(line.number).toBe(found.length);
      }
    }
    return [...found, lineText(lines.rest())];
  };

  it('cuts at every kind of end, wherever the pieces are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ř', '\n', '\r', '\r\n'), maxLength: 40 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), (whole, cuts) => {
        const at = [
          0,
          ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b),
          whole.length,
        ];
        const pieces = at.slice(1).map((end, index) => whole.slice(at[index], end));
        expect(linesOf(pieces)).toEqual(whole.split(/\r\n|\n|\r/));
      }),
      { numRuns: 1000 },
    );
  });
});
