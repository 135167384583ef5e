import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  normaliseConstantSymbol,
  normaliseSpecificSymbol,
  normaliseSymbols,
  normaliseVariableSymbol,
} from '../../shared/domain/symbols.ts';

describe('symbols', () => {
  it.each([
    ['0012345678', '12345678'],
    ['260100010', '260100010'],
    ['01234567890', '1234567890'],
    [' 77 ', '77'],
    ['0', null],
    ['0000000000', null],
    ['', null],
    [null, null],
    ['12345678901', null],
    ['12a', null],
    ['-5', null],
    ['１２', null],
  ])('VS and SS %j become %j', (raw, normalised) => {
    expect(normaliseVariableSymbol(raw)).toBe(normalised);
    expect(normaliseSpecificSymbol(raw)).toBe(normalised);
  });

  it.each([
    ['558', '0558'],
    ['0308', '0308'],
    ['9', '0009'],
    ['0000000308', '0308'],
    ['0', null],
    ['0000', null],
    ['12345', null],
    ['', null],
    [null, null],
  ])('KS %j becomes %j', (raw, normalised) => {
    expect(normaliseConstantSymbol(raw)).toBe(normalised);
  });

  it('normalises the three by their own rules', () => {
    const raw = { variableSymbol: '007', constantSymbol: '7', specificSymbol: '70' };
    expect(normaliseSymbols(raw)).toEqual({
      variableSymbol: '7',
      constantSymbol: '0007',
      specificSymbol: '70',
    });
  });

  it('never loses a right zero and is stable', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 9_999_999_999n }), fc.nat(5), (number, zeros) => {
        const written = '0'.repeat(zeros) + number.toString();
        expect(normaliseVariableSymbol(written)).toBe(number.toString());
        expect(normaliseVariableSymbol(number.toString())).toBe(number.toString());
      }),
    );
  });
});
