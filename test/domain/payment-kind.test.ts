import { describe, expect, test } from 'vitest';
import { isBic } from '../../shared/domain/bic.ts';
import { isCountry, isSepaIban } from '../../shared/domain/countries.ts';
import { isCurrency } from '../../shared/domain/currencies.ts';
import { IBAN_LENGTHS } from '../../shared/domain/iban.ts';
import type { Counterparty } from '../../shared/domain/model.ts';
import type { Charges } from '../../shared/domain/order-file.ts';
import { isCzech, kindOf, type PaymentKind } from '../../shared/domain/payment-kind.ts';

const NOBODY: Counterparty = { name: null, iban: null, number: null, bankCode: null, bic: null };
const CZECH = { ...NOBODY, iban: 'CZ6508000000192000145399' };
const NUMBER = { ...NOBODY, number: '19-2000145399', bankCode: '0800' };
const GERMAN = { ...NOBODY, iban: 'DE89370400440532013000' };
const GEORGIAN = { ...NOBODY, iban: 'GE29NB0000000101904917' };
const AMERICAN = { ...NOBODY, number: '021000021-4417', bic: 'CHASUS33' };

describe('what a payment is', () => {
  test.each<[string, Counterparty, Charges | undefined, PaymentKind]>([
    ['CZK', CZECH, undefined, 'domestic'],
    ['CZK', NUMBER, undefined, 'domestic'],
    ['CZK', NUMBER, 'payer', 'domestic'],
    ['CZK', { ...NUMBER, bankCode: null }, undefined, 'domestic'],
    ['CZK', GERMAN, undefined, 'foreign'],
    ['CZK', AMERICAN, undefined, 'foreign'],
    ['EUR', GERMAN, undefined, 'sepa'],
    ['EUR', { ...GERMAN, iban: 'de89 3704 0044 0532 0130 00' }, undefined, 'sepa'],
    ['EUR', GERMAN, 'shared', 'sepa'],
    ['EUR', GERMAN, 'payer', 'foreign'],
    ['EUR', GERMAN, 'payee', 'foreign'],
    ['EUR', CZECH, undefined, 'sepa'],
    ['EUR', NUMBER, undefined, 'sepa'],
    ['EUR', GEORGIAN, undefined, 'foreign'],
    ['EUR', AMERICAN, undefined, 'foreign'],
    ['USD', CZECH, undefined, 'foreign'],
    ['USD', NUMBER, undefined, 'foreign'],
    ['USD', GERMAN, undefined, 'foreign'],
    ['USD', AMERICAN, 'payee', 'foreign'],
  ])('%s to %j, charges %s: %s', (currency, creditor, charges, kind) => {
    const payment = { amount: { minor: 1n, currency }, creditor };
    expect(kindOf(charges === undefined ? payment : { ...payment, charges })).toBe(kind);
  });

  test('a Czech party is known by IBAN, else by its bank code', () => {
    expect([CZECH, NUMBER, GERMAN, GEORGIAN, AMERICAN].map(isCzech)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(isCzech({ ...NUMBER, iban: GERMAN.iban })).toBe(false);
  });
});

describe('codes', () => {
  test.each(['CHASUS33', 'CHASUS33XXX', 'DEUTDEFF', '1234CZ22', 'NBGEXKPR'])('%s is a BIC', (bic) => {
    expect(isBic(bic)).toBe(true);
  });

  test.each(['', 'CHASUS3', 'CHASUS33X', 'CHASUS33XXXX', 'CHASQQ33', 'chasus33', 'CHAS US33', 'CHASUS3-'])(
    '%s is none',
    (bic) => expect(isBic(bic)).toBe(false),
  );

  test('every country with an IBAN is a country; those of SEPA have one', () => {
    expect(Object.keys(IBAN_LENGTHS).filter((code) => !isCountry(code))).toEqual([]);
    const sepa = Object.keys(IBAN_LENGTHS).filter((code) => isSepaIban(`${code}00`));
    expect(sepa).toHaveLength(42);
    for (const code of ['DE', 'SK', 'GB', 'CH', 'NO', 'RS']) expect(sepa).toContain(code);
    for (const code of ['GE', 'TR', 'UA', 'AE', 'XK']) expect(sepa).not.toContain(code);
    for (const code of ['QQ', 'ZZ', 'cz', 'C', 'CZE', '']) expect(isCountry(code)).toBe(false);
  });

  test('currencies in use, and those that are gone', () => {
    for (const code of ['CZK', 'EUR', 'USD', 'JPY', 'KWD', 'GEL', 'XOF'])
      expect(isCurrency(code), code).toBe(true);
    for (const code of ['DEM', 'HRK', 'BGN', 'XAU', 'XXX', 'ABC', 'usd', ''])
      expect(isCurrency(code), code).toBe(false);
  });
});
