import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountOfGeorgianIban,
  georgianIban,
  IBAN_LENGTHS,
  ibanOf,
  passesModulo97,
} from '../../shared/domain/iban.ts';
import {
  accountOfIban,
  isValidAccountNumber,
  isValidIban,
  isValidSixteen,
  parseAccountNumber,
  sixteenDigits,
  slovakIban,
  toEditForm,
  toInternalForm,
} from '../../shared/domain/account-number.ts';

describe('IBAN of any country', () => {
  /** Examples that the registry prints for their countries. */
  it.each([
    'AD1200012030200359100100',
    'AE070331234567890123456',
    'AT611904300234573201',
    'BE68539007547034',
    'CH9300762011623852957',
    'DE89370400440532013000',
    'FR1420041010050500013M02606',
    'GB29NWBK60161331926819',
    'GE29NB0000000101904917',
    'HU42117730161111101800000000',
    'LC55HEMM000100010012001200023015',
    'MT84MALT011000012345MTLCAST001S',
    'NL91ABNA0417164300',
    'NO9386011117947',
    'PL61109010140000071219812874',
    'SK3112000000198742637541',
    'UA213223130000026007233566001',
    'XK051212012345678906',
  ])('%s holds', (iban) => {
    expect(isValidIban(iban)).toBe(true);
    expect(ibanOf(iban.slice(0, 2), iban.slice(4))).toBe(iban);
    expect(isValidIban(`${iban}0`)).toBe(false);
  });

  it('has the length of its country and one that the registry knows', () => {
    expect(Object.keys(IBAN_LENGTHS)).toHaveLength(new Set(Object.keys(IBAN_LENGTHS)).size);
    expect(passesModulo97('US64SVBKUS6S3300958879')).toBe(false);
    expect(() => ibanOf('US', '1234567890')).toThrow(/no IBAN/);
    expect(() => ibanOf('DE', '123')).toThrow(/18/);
  });

  it('is computed for every country', () => {
    const country = fc.constantFrom(...Object.keys(IBAN_LENGTHS));
    fc.assert(
      fc.property(country, fc.infiniteStream(fc.nat(9)), (code, digits) => {
        const length = (IBAN_LENGTHS[code] ?? 0) - 4;
        const iban = ibanOf(code, [...digits.take(length)].join(''));
        expect(passesModulo97(iban)).toBe(true);
        expect(passesModulo97(`${iban.slice(0, -1)}${(Number(iban.at(-1)) + 1) % 10}`)).toBe(false);
      }),
    );
  });
});

describe('Georgian IBAN', () => {
  it('is taken apart and put together', () => {
    const account = { bank: 'NB', number: '0000000101904917' };
    expect(accountOfGeorgianIban('GE29NB0000000101904917')).toEqual(account);
    expect(georgianIban(account)).toBe('GE29NB0000000101904917');
    expect(georgianIban({ bank: 'NB', number: '101904917' })).toBe('GE29NB0000000101904917');
  });

  it('needs two letters and sixteen digits', () => {
    expect(accountOfGeorgianIban('GE29NB000000010190491A')).toBeNull();
    expect(accountOfGeorgianIban('DE89370400440532013000')).toBeNull();
    expect(() => georgianIban({ bank: '12', number: '1' })).toThrow(RangeError);
    expect(isValidIban(ibanOf('GE', '120000000101904917'))).toBe(false);
  });
});

it('Slovak accounts go both ways', () => {
  const account = { prefix: '19', number: '8742637541', bankCode: '1200' };
  expect(slovakIban(account)).toBe('SK3112000000198742637541');
  expect(accountOfIban('SK3112000000198742637541')).toEqual(account);
});

describe('internal form', () => {
  it.each([
    ['0000000013825001', '1002001385000000'],
    ['5000052267180257', '7258226710500005'],
    ['0000001107340237', '7234110730000000'],
  ])('of %s is %s', (edit, internal) => {
    expect(toInternalForm(edit)).toBe(internal);
    expect(toEditForm(internal)).toBe(edit);
  });

  it('goes both ways and keeps the digits', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{16}$/), (digits) => {
        expect(toEditForm(toInternalForm(digits))).toBe(digits);
        expect(toInternalForm(toEditForm(digits))).toBe(digits);
        expect([...toInternalForm(digits)].toSorted()).toEqual([...digits].toSorted());
      }),
    );
  });
});

it('modulo 11 is the weighted sum of the decree', () => {
  const sum = (digits: string, weights: readonly number[]): number =>
    weights.reduce((total, weight, at) => total + weight * Number(digits[at]), 0);
  fc.assert(
    fc.property(fc.stringMatching(/^\d{16}$/), (digits) => {
      const account = parseAccountNumber(digits);
      const prefix = sum(digits.slice(0, 6), [10, 5, 8, 4, 2, 1]) % 11 === 0;
      const number = sum(digits.slice(6), [6, 3, 7, 9, 10, 5, 8, 4, 2, 1]) % 11 === 0;
      const significant = digits.slice(6).replaceAll('0', '').length >= 2;
      expect(account !== null && isValidAccountNumber(account)).toBe(prefix && number && significant);
      const codes = Buffer.from(`xx${account ? sixteenDigits(account) : digits}`);
      expect(isValidSixteen(codes, 2)).toBe(prefix && number && significant);
    }),
    { numRuns: 2000 },
  );
});
