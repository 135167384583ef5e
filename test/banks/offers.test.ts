import { describe, expect, test } from 'vitest';
import type { ExperimentalPayments, PaymentRules } from '../../shared/banks/contract.ts';
import { rulesForNew, rulesOf, scopesOf } from '../../shared/banks/offers.ts';
import { manifest } from '../../shared/banks/erste/manifest.ts';
import type { OrderGroup, OrderPayment } from '../../shared/domain/order-file.ts';
import { NOBODY } from '../../shared/formats/order-party.ts';

// Which way an order goes at a bank that has two.

const payments = manifest.payments!;
const narrow: PaymentRules = {
  ...manifest.experimental!.rules,
  formats: [{ format: 'cobs', kinds: ['domestic'], currencies: ['CZK'], priorities: ['normal'] }],
};
const experimental: ExperimentalPayments = { ...manifest.experimental!, rules: narrow };
const bank = { payments, experimental, consent: manifest.consent };
const SET = { clientId: 'any', payments: 'experimental' };

const SYMBOLS = { variableSymbol: null, constantSymbol: null, specificSymbol: null };
const payment = (currency = 'CZK'): OrderPayment => ({
  ...SYMBOLS,
  rawSymbols: SYMBOLS,
  amount: { minor: 100n, currency },
  creditor: { ...NOBODY, iban: currency === 'CZK' ? 'CZ6508000000192000145399' : 'DE89370400440532013000' },
  message: null,
  endToEndId: null,
  instructionId: null,
});
const group = (more: Partial<OrderGroup> = {}, one = payment()): OrderGroup => ({
  id: null,
  kind: 'credit-transfer',
  priority: 'normal',
  payer: NOBODY,
  currency: one.amount.currency,
  date: null,
  sum: one.amount,
  declared: { sum: null, count: null },
  payments: [one],
  ...more,
});

describe('a fresh order goes', () => {
  test('the experimental way where the connection is set to it and the order fits', () => {
    expect(rulesForNew(bank, SET, [group()])).toBe(narrow);
  });

  test.each<[string, Record<string, string>, readonly OrderGroup[]]>([
    ['without the setting', { clientId: 'any' }, [group()]],
    ['with another value of it', { payments: 'file' }, [group()]],
    ['of several payments', SET, [group({ payments: [payment(), payment()] })]],
    ['of several groups', SET, [group(), group()]],
    ['of another currency', SET, [group({}, payment('EUR'))]],
    ['of another priority', SET, [group({ priority: 'urgent' })]],
    ['of no payment', SET, [group({ payments: [] })]],
  ])('the ordinary way: one %s', (_, config, groups) => {
    expect(rulesForNew(bank, config, groups)).toBe(payments);
  });

  test('the only way at a bank that has one, and none where there is none', () => {
    expect(rulesForNew({ payments }, SET, [group()])).toBe(payments);
    expect(rulesForNew({ payments: null }, SET, [group()])).toBeNull();
  });
});

test('an order goes on by the rules of its format, whatever its connection is set to by now', () => {
  expect(rulesOf(bank, 'cobs')).toBe(narrow);
  expect(rulesOf(bank, 'kpc')).toBe(payments);
  expect(rulesOf({ payments }, 'cobs')).toBe(payments);
});

test('a consent is asked for what the connection is set to', () => {
  expect(scopesOf(bank, {})).toEqual(['siblings.accounts']);
  expect(scopesOf(bank, SET)).toEqual(['siblings.accounts', 'siblings.payments']);
  expect(scopesOf({ consent: null }, SET)).toEqual([]);
});
