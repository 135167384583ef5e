import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountOfIban,
  czechIban,
  formatAccountNumber,
  isValidAccountNumber,
  isValidIban,
  localNumber,
  normaliseIban,
  parseAccountNumber,
  type AccountNumber,
} from '../../shared/domain/account-number.ts';

const parsed = (text: string): AccountNumber => {
  const account = parseAccountNumber(text);
  if (!account) throw new Error(`${text} should be an account number`);
  return account;
};

describe('account numbers', () => {
  it.each([
    ['19-2000145399/0800', '19-2000145399/0800'],
    ['0000192000145399', '19-2000145399'],
    ['0000000013825001/0100', '13825001/0100'],
    ['000000-0013825001', '13825001'],
    [' 131 - 3021140217 ', '131-3021140217'],
    ['1107340237', '1107340237'],
  ])('reads %j as %j', (text, written) => {
    expect(formatAccountNumber(parsed(text))).toBe(written);
  });

  it.each([
    '',
    '0',
    '0000000000000000',
    '1234567-1',
    '12345678901',
    '19-2000145399/80',
    'ABC',
    '1/2/3',
    '-5',
  ])('refuses %j', (text) => {
    expect(parseAccountNumber(text)).toBeNull();
  });

  it.each([
    '19-2000145399',
    '500005-2267180257',
    '1107340237',
    '13825001',
    '19-19',
    '174-1999738514',
    '122780922',
    '630804003',
    '2101135843',
  ])('%s passes modulo 11', (text) => {
    expect(isValidAccountNumber(parsed(text))).toBe(true);
  });

  it.each(['2400222222', '670100-2212345678', '18-2000145399', '6000000000'])('%s fails', (text) => {
    expect(isValidAccountNumber(parsed(text))).toBe(false);
  });

  it('zeros pass modulo 11 but are no account', () => {
    expect(isValidAccountNumber({ prefix: '', number: '0', bankCode: null })).toBe(false);
  });

  it('gives back what it was given', () => {
    const digits = (max: number) => fc.bigInt({ min: 1n, max: 10n ** BigInt(max) - 1n }).map(String);
    const account = fc.record({
      prefix: fc.oneof(fc.constant(''), digits(6)),
      number: digits(10),
      bankCode: fc.stringMatching(/^\d{4}$/),
    });
    fc.assert(
      fc.property(account, (given) => {
        expect(parseAccountNumber(formatAccountNumber(given))).toEqual(given);
        expect(accountOfIban(czechIban(given))).toEqual(given);
      }),
    );
  });
});

describe('IBAN', () => {
  it.each([
    ['19-2000145399/0800', 'CZ6508000000192000145399'],
    ['630804003/5500', 'CZ8755000000000630804003'],
    ['19-19/0300', 'CZ0603000000190000000019'],
    ['500005-2267180257/0100', 'CZ0301005000052267180257'],
  ])('of %s is %s', (account, iban) => {
    expect(czechIban(parsed(account))).toBe(iban);
    expect(isValidIban(iban)).toBe(true);
    expect(accountOfIban(iban)).toEqual(parsed(account));
  });

  it('fails modulo 11 although modulo 97 passes', () => {
    expect(isValidIban('CZ9208000000192000145398')).toBe(false);
  });

  it.each([
    ['DE89370400440532013000', true],
    ['GB29NWBK60161331926819', true],
    ['SK3112000000198742637541', true],
    ['SK311200000019874263754', false],
    ['DE89370400440532013001', false],
    ['CZ65', false],
    ['CZ65080000001920001453990', false],
    ['cz6508000000192000145399', false],
  ])('%s holds: %s', (iban, holds) => {
    expect(isValidIban(iban)).toBe(holds);
  });

  it('is normalised to upper case without spaces', () => {
    expect(normaliseIban(' cz65 0800 0000 1920 0014 5399 ')).toBe('CZ6508000000192000145399');
    expect(normaliseIban('131-3021140217')).toBeNull();
  });

  it('gives a Slovak account like a Czech one, and none for other countries', () => {
    expect(accountOfIban('SK3112000000198742637541')).toEqual({
      prefix: '19',
      number: '8742637541',
      bankCode: '1200',
    });
    expect(accountOfIban('DE89370400440532013000')).toBeNull();
    expect(accountOfIban('CZ6508000000000000000000')).toBeNull();
  });

  it('notices every single changed digit', () => {
    const iban = 'CZ6508000000192000145399';
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 23 }), fc.integer({ min: 1, max: 9 }), (at, shift) => {
        const digit = (Number(iban[at]) + shift) % 10;
        expect(isValidIban(iban.slice(0, at) + digit + iban.slice(at + 1))).toBe(false);
      }),
    );
  });

  it('needs a bank code', () => {
    expect(() => czechIban(parsed('19-2000145399'))).toThrow(/no bank code/);
    expect(localNumber(parsed('19-2000145399/0800'))).toBe('19-2000145399');
  });
});
