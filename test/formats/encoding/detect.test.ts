import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, decodeText } from '../../../shared/formats/encoding/decode.ts';
import { detectEncoding } from '../../../shared/formats/encoding/detect.ts';
import { encode } from '../../../shared/formats/encoding/encode.ts';
import { ENCODINGS, encodingNamed, type Encoding } from '../../../shared/formats/encoding/encodings.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import type { Warning } from '../../../shared/domain/model.ts';
import { chunksOf, concat } from '../encode.ts';

const SENTENCE = 'Příliš žluťoučký kůň úpěl ďábelské ódy';
const NAMES = 'NOVÁK JIŘÍ; Dvořáková Alžběta; ŠŤASTNÝ MILOŠ; Železářství U Řeky; Účet č. 5 za červenec';
const SLOVAK = 'Ľubomír Kováč, platba za október, mäso, kôň, vŕba, stĺp';
const bytesOf = (text: string, encoding: Encoding): Uint8Array => encode(text, encoding).bytes;

describe('detectEncoding', () => {
  it.each(ENCODINGS.flatMap((encoding) => [SENTENCE, NAMES].map((text) => [encoding, text] as const)))(
    'tells %s by its letters: %s',
    (encoding, text) => {
      const found = detectEncoding(bytesOf(text, encoding));
      expect(found.encoding).toBe(encoding);
      expect(found.confidence).toBeGreaterThan(0.7);
      expect(found.reasons.length).toBeGreaterThan(0);
    },
  );

  it.each(['utf-8', 'windows-1250', 'cp852'] as const)('tells Slovak in %s', (encoding) => {
    expect(decode(bytesOf(SLOVAK, encoding), detectEncoding(bytesOf(SLOVAK, encoding)).encoding)).toBe(
      SLOVAK,
    );
  });

  it('takes Windows-1250 where ISO-8859-2 would read the same, and says so', () => {
    const found = detectEncoding(bytesOf('Novák, Dvořáčková', 'windows-1250'));
    expect(found.encoding).toBe('windows-1250');
    expect(found.reasons.join()).toContain('iso-8859-2 would read the same');
    expect(found.confidence).toBeGreaterThan(0.8);
  });

  it('takes Windows-1250 for a single letter that is doubtful', () => {
    expect(detectEncoding(Uint8Array.from(Buffer.from('B\xb9k', 'latin1'))).encoding).toBe('windows-1250');
  });

  it('takes what such files are in when it is told', () => {
    const polish = bytesOf('Bąk Wąsowski, Gdańsk', 'windows-1250');
    expect(detectEncoding(polish, { expected: 'windows-1250' })).toMatchObject({ encoding: 'windows-1250' });
    expect(detectEncoding(bytesOf(SENTENCE, 'utf-8'), { expected: 'windows-1250' }).encoding).toBe('utf-8');
  });

  it('believes a byte order mark, then a declaration', () => {
    const bom = concat(Uint8Array.of(0xef, 0xbb, 0xbf), Buffer.from('x'));
    expect(detectEncoding(bom, { declared: 'windows-1250' })).toMatchObject({
      encoding: 'utf-8',
      confidence: 1,
    });
    const xml = bytesOf(`<?xml version="1.0" encoding="ISO-8859-2"?><a>${SENTENCE}</a>`, 'iso-8859-2');
    expect(detectEncoding(xml)).toEqual({
      encoding: 'iso-8859-2',
      confidence: 1,
      reasons: ['it declares iso-8859-2'],
    });
    expect(detectEncoding(bytesOf(SENTENCE, 'cp852'), { declared: 'IBM852' }).encoding).toBe('cp852');
  });

  it('row 42: does not believe in UTF-8 that is none', () => {
    const found = detectEncoding(bytesOf(SENTENCE, 'windows-1250'), { declared: 'utf-8' });
    expect(found.encoding).toBe('windows-1250');
    expect(found.reasons).toContain('although it declares UTF-8');
  });

  it('ASCII is all of them', () => {
    expect(detectEncoding(Buffer.from('abc'))).toMatchObject({ encoding: 'utf-8', confidence: 1 });
    expect(detectEncoding(new Uint8Array(0)).encoding).toBe('utf-8');
  });

  it('a character cut off at the end is no error', () => {
    const bytes = bytesOf('kůň ů', 'utf-8');
    expect(detectEncoding(bytes.subarray(0, bytes.length - 1)).encoding).toBe('utf-8');
  });

  it('UTF-8 with a flaw is still UTF-8', () => {
    expect(detectEncoding(concat(bytesOf(SENTENCE, 'utf-8'), Uint8Array.of(0xc5, 32))).encoding).toBe(
      'utf-8',
    );
  });

  it('refuses UTF-16', () => {
    expect(() => detectEncoding(Uint8Array.of(0xff, 0xfe, 65, 0))).toThrow(FormatError);
  });

  it('never fails on other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        fc.pre(!(bytes[0] === 0xff && bytes[1] === 0xfe) && !(bytes[0] === 0xfe && bytes[1] === 0xff));
        const { encoding, confidence, reasons } = detectEncoding(bytes);
        expect(ENCODINGS).toContain(encoding);
        expect(confidence).toBeGreaterThanOrEqual(0.5);
        expect(confidence).toBeLessThanOrEqual(1);
        expect(reasons.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('decodeText', () => {
  const textOf = (chunks: Iterable<Uint8Array>, options = {}): { text: string; warnings: Warning[] } => {
    const warnings: Warning[] = [];
    const pieces = decodeText(chunks, {
      maxBytes: 1e7,
      warn: (warning) => warnings.push(warning),
      ...options,
    });
    return { text: [...pieces].join(''), warnings };
  };
  const long = `${'ASCII only, line after line\n'.repeat(4000)}${NAMES}\n`.repeat(3);

  it.each(ENCODINGS)('reads %s in chunks of any size, however late the first accent comes', (encoding) => {
    for (const text of [NAMES, long]) {
      const bytes = bytesOf(text, encoding);
      for (const size of [text === long ? 1001 : 1, 64 * 1024, 1 << 24]) {
        expect(textOf(chunksOf(bytes, size))).toEqual({ text, warnings: [] });
        expect(textOf(chunksOf(bytes, size), { encoding })).toEqual({ text, warnings: [] });
      }
    }
  });

  it('takes a byte order mark away, also in single bytes', () => {
    const bytes = concat(Uint8Array.of(0xef, 0xbb, 0xbf), bytesOf(SENTENCE, 'utf-8'));
    for (const size of [1, 2, 100])
      expect(textOf(chunksOf(bytes, size), { encoding: 'windows-1250' }).text).toBe(SENTENCE);
    expect(decode(bytes, 'utf-8')).toBe(SENTENCE);
  });

  it('warns of a guess that is none too sure', () => {
    expect(textOf([Buffer.from('\xb9', 'latin1')]).warnings).toMatchObject([
      { rule: 'encoding-guessed', position: 'byte 0' },
    ]);
  });

  it('row 42: warns of bytes that are no UTF-8', () => {
    const bytes = concat(bytesOf(SENTENCE, 'utf-8'), Uint8Array.of(0x9e), Buffer.from('x'));
    expect(textOf([bytes])).toMatchObject({
      text: `${SENTENCE}žx`,
      warnings: [{ rule: 'encoding-mixed', position: `byte ${bytes.length - 2}` }],
    });
  });

  it('has a cap', () => {
    expect(() => textOf([new Uint8Array(20)], { maxBytes: 10 })).toThrow(
      expect.objectContaining({ rule: 'too-large' }),
    );
  });
});

it.each([
  ['CP1250', 'windows-1250'],
  ['latin2', 'iso-8859-2'],
  [' UTF8 ', 'utf-8'],
  ['IBM852', 'cp852'],
  ['cp852', 'cp852'],
  ['windows-1252', null],
  ['nonsense', null],
])('encodingNamed(%j) is %j', (label, encoding) => {
  expect(encodingNamed(label)).toBe(encoding);
});
