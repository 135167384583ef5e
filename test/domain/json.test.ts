import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, jsonText, parseJson, textAt, textOf } from '../../shared/domain/json.ts';

const parse = (text: string) => parseJson(new TextEncoder().encode(text));

describe('numbers of a bank', () => {
  test.each([
    ['1668.59', '1668.59'],
    ['-1668.590', '-1668.590'],
    ['-0', '-0'],
    ['90071992547409.93', '90071992547409.93'],
    ['12345678901234567890', '12345678901234567890'],
    ['1.2345678E7', '12345678'],
    ['-1.5e3', '-1500'],
    ['5e-1', '0.5'],
    ['0.5e-3', '0.0005'],
    ['1.234567E2', '123.4567'],
    ['0E2', '0'],
    ['1e999', '1e999'],
  ])('%s is read as %s', (source, text) => {
    expect(textOf(parse(source))).toBe(text);
  });

  test('every decimal comes through unchanged', () => {
    const decimal = fc.tuple(
      fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      fc.option(fc.stringMatching(/^\d{1,9}$/)),
    );
    fc.assert(
      fc.property(decimal, ([whole, fraction]) => {
        const source = fraction === null ? `${whole}` : `${whole}.${fraction}`;
        expect(textOf(parse(source))).toBe(source);
      }),
    );
  });

  test('exponents mean what JavaScript says they mean', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -999_999, max: 999_999 }),
        fc.integer({ min: -12, max: 12 }),
        (digits, exponent) => {
          const source = `${digits}E${exponent}`;
          expect(Number(textOf(parse(source)))).toBe(Number(source));
          expect(textOf(parse(source))).not.toMatch(/e/i);
        },
      ),
    );
  });

  test('printed again they stand as in the source', () => {
    const source = '{"a":1.50,"b":[1E3,"x",null,true],"c":{"d":-0}}';
    expect(jsonText(parse(source))).toBe(source);
  });
});

describe('reading', () => {
  const value = parse('{"a":{"b":" text ","n":7,"z":null,"blank":" "},"list":[1],"__proto__":{"x":"y"}}');

  test('paths end quietly where nothing is', () => {
    expect(textAt(value, 'a', 'b')).toBe('text');
    expect(textAt(value, 'a', 'n')).toBe('7');
    for (const path of [
      ['a'],
      ['a', 'z'],
      ['a', 'blank'],
      ['a', 'b', 'length'],
      ['x', 'y'],
      ['a', 'toString'],
      ['x'],
    ]) {
      expect(textAt(value, ...path), path.join('.')).toBeNull();
    }
    expect(at(value, 'list')).toHaveLength(1);
  });

  test('a UTF-8 mark in front is allowed, other encodings are not', () => {
    expect(textAt(parseJson(Buffer.from('\ufeff{"a":"ž"}')), 'a')).toBe('ž');
    expect(() => parseJson(Buffer.from([0x22, 0x9e, 0x22]))).toThrow(TypeError);
  });

  test('what is no JSON is refused', () => {
    for (const text of ['', '{', '{"a":1', '<html>', '[1,]'])
      expect(() => parse(text), text).toThrow(SyntaxError);
    expect(() => parse('['.repeat(200_000))).toThrow();
  });
});
