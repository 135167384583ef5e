import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMoney, formatMoney, MoneyError, parseMoney } from '../../shared/domain/money.ts';

describe('money', () => {
  it.each([
    ['1250.5', 'CZK', 125050n],
    ['-7', 'CZK', -700n],
    ['+7', 'CZK', 700n],
    ['1234,', 'CZK', 123400n],
    ['0', 'CZK', 0n],
    ['18.15000', 'EUR', 1815n],
    ['1500', 'JPY', 1500n],
    ['1500.000', 'JPY', 1500n],
    ['1.234', 'TND', 1234n],
    ['999999999999999999.99', 'CZK', 99999999999999999999n],
  ])('%s %s is %s minor units', (text, currency, minor) => {
    expect(parseMoney(text, currency)).toEqual({ minor, currency });
  });

  it.each([
    ['1.005', 'CZK'],
    ['1.5', 'JPY'],
    ['', 'CZK'],
    ['1e3', 'CZK'],
    ['0x10', 'CZK'],
    ['1 000', 'CZK'],
    ['NaN', 'CZK'],
    ['1.2.3', 'CZK'],
    ['--1', 'CZK'],
  ])('%j %s is refused, not rounded', (text, currency) => {
    expect(() => parseMoney(text, currency)).toThrow(MoneyError);
  });

  it('prints what it reads, in every kind of currency', () => {
    const currency = fc.constantFrom('CZK', 'JPY', 'TND', 'CLF');
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), currency, (minor, code) => {
        const money = { minor, currency: code };
        expect(parseMoney(formatMoney(money), code)).toEqual(money);
      }),
    );
  });

  it('prints all decimals, also below one', () => {
    expect(formatMoney({ minor: -5n, currency: 'CZK' })).toBe('-0.05');
    expect(formatMoney({ minor: -125050n, currency: 'CZK' })).toBe('-1250.50');
    expect(formatMoney({ minor: 1500n, currency: 'JPY' })).toBe('1500');
  });

  it('adds within one currency only', () => {
    const crown = { minor: 100n, currency: 'CZK' };
    expect(addMoney(crown, crown)).toEqual({ minor: 200n, currency: 'CZK' });
    expect(() => addMoney(crown, { minor: 100n, currency: 'EUR' })).toThrow(MoneyError);
  });
});
