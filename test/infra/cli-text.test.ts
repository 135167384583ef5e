import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { facts, harmless, jsonText, oneLine, table } from '../../infra/local/cli/text.ts';

/** Whatever a bank writes, the terminal only shows it. */

const STEERING =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const anyText = fc.string({ unit: 'binary' });

describe('harmless', () => {
  test('no text keeps a character that steers a terminal', () => {
    fc.assert(fc.property(anyText, (text) => !STEERING.test(harmless(text))));
  });

  test('a harmless text stays as it is, and so does one made harmless', () => {
    expect(harmless('Příjem – 1 234,50 Kč\nřádek 2')).toBe('Příjem – 1 234,50 Kč\nřádek 2');
    fc.assert(fc.property(anyText, (text) => harmless(harmless(text)) === harmless(text)));
  });

  test('steering characters are written out', () => {
    expect(harmless('\u001b]0;title\u0007\u202e')).toBe('\\x1b]0;title\\x07\\u202e');
  });
});

describe('oneLine', () => {
  test('is one line of at most the length asked for', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, longest) => {
        const line = oneLine(text, longest);
        return !line.includes('\n') && [...line].length <= longest;
      }),
    );
    expect(oneLine('Platba  za\r\n zboží', 10)).toBe('Platba za…');
  });
});

describe('jsonText', () => {
  test('is the same document, with nothing that steers a terminal', () => {
    fc.assert(
      fc.property(fc.jsonValue(), anyText, (value, text) => {
        const printed = jsonText([value, text]);
        expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify([value, text])));
        return !STEERING.test(printed);
      }),
    );
  });
});

describe('table', () => {
  test('aligns columns, amounts on the right, and ends no line in blanks', () => {
    const columns = [{ title: 'NAME' }, { title: 'AMOUNT', right: true }, { title: 'NOTE' }];
    const rows = [
      ['Žižkov', '-1.00', null],
      ['B', '12345.60', 'x'],
    ];
    expect(table(columns, rows)).toBe(
      ['NAME      AMOUNT  NOTE', 'Žižkov     -1.00', 'B       12345.60  x'].join('\n'),
    );
  });

  test('a cell with line feeds stays in its line', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText)), (rows) => {
        return table([{ title: 'A' }, { title: 'B' }], rows).split('\n').length === rows.length + 1;
      }),
    );
  });
});

test('facts leave out what is not known', () => {
  expect(
    facts([
      ['IBAN', null],
      ['Name', 'A'],
      ['Longer', 'B\u001b'],
    ]),
  ).toBe('Name    A\nLonger  B\\x1b');
});
