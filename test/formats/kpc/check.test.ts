import { describe, expect, it } from 'vitest';
import { addDays } from '../../../shared/domain/dates.ts';
import type { OrderGroup } from '../../../shared/domain/order-file.ts';
import { isBankingDay } from '../../../shared/domain/banking-days.ts';
import { checkOrder } from '../../../shared/formats/kpc/check.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';
import { crowns, dialect, order, payment } from './compose.ts';

/** A Thursday. */
const TODAY = '2026-09-03';

const at = (bank: string, values: Partial<OrderGroup> = {}): OrderGroup =>
  order({ payer: { ...NOBODY, number: '19-2000145399', bankCode: bank }, ...values });

const found = (bank: string, values: Partial<OrderGroup> = {}): string[] =>
  checkOrder(at(bank, values), dialect(bank), TODAY).map(({ pointer, rule }) => `${pointer} ${rule}`);

const errors = (bank: string, values: Partial<OrderGroup> = {}): string[] =>
  checkOrder(at(bank, values), dialect(bank), TODAY)
    .filter(({ severity }) => severity === 'error')
    .map(({ rule }) => rule);

const symbols = { variableSymbol: '1', constantSymbol: '0558', specificSymbol: null };
const GOOD = { payments: [payment(symbols)] };

describe('a good order', () => {
  it.each([['0100'], ['0300'], ['0600'], ['0800'], ['2010'], ['5500']])('has no findings at %s', (bank) => {
    expect(found(bank, { ...GOOD, payments: [payment({ ...symbols, constantSymbol: '0558' })] })).toEqual([]);
  });
});

it('everything wrong is told at once, each with its place', () => {
  const bad = payment({
    amount: crowns(0n),
    creditor: { ...NOBODY, number: '630804004', bankCode: '9999' },
    variableSymbol: '12345678901',
    constantSymbol: 'ABCD',
    specificSymbol: '1 2',
    message: `Ł${'x'.repeat(140)}`,
  });
  expect(
    found('2010', { date: '2026-09-01', priority: 'instant', payments: [payment(symbols), bad] }),
  ).toEqual([
    '/date date-past',
    '/priority priority-unsupported',
    '/payments/1/creditor/bankCode bank-code-unknown',
    '/payments/1/creditor/number account-checksum',
    '/payments/1/amount amount-not-positive',
    '/payments/1/variableSymbol symbol-too-long',
    '/payments/1/constantSymbol symbol-not-digits',
    '/payments/1/specificSymbol symbol-not-digits',
    '/payments/1/message letters-replaced',
    '/payments/1/message message-shortened',
  ]);
});

describe('the day of execution', () => {
  it.each([
    ['0100', '2026-09-03', []],
    ['0100', '2026-09-02', ['date-past']],
    ['0100', '2026-09-05', ['date-no-banking-day']],
    ['0100', '2026-09-28', ['date-no-banking-day']],
    ['0100', '2027-09-02', []],
    ['0100', '2027-09-03', ['date-too-far']],
    ['0300', '2026-09-02', []],
    ['0300', '2027-09-04', ['date-too-far']],
    ['2010', '2026-09-05', []],
    ['2010', '2026-09-02', ['date-past']],
    ['2010', null, ['date-missing']],
    ['2010', '2026-02-30', ['date-missing']],
  ])('at %s on %s: %j', (bank, date, rules) => {
    expect(errors(bank, { ...GOOD, date })).toEqual(rules);
  });

  it('a bank that moves it is only a warning', () => {
    expect(found('0300', { ...GOOD, date: '2026-09-02' })).toEqual(['/date date-past']);
  });

  it('of a collection is nearer', () => {
    expect(errors('0300', { ...GOOD, kind: 'collection', date: addDays(TODAY, 31) })).toEqual([]);
    expect(errors('0300', { ...GOOD, kind: 'collection', date: addDays(TODAY, 32) })).toEqual([
      'date-too-far',
    ]);
  });
});

describe('constant symbols that a bank refuses', () => {
  it.each(['0178', '1178', '2178', '3178', '0009', '0003', '0005', '0001', '1151', '0006', '0898'])(
    '%s',
    (ks) => {
      expect(errors('0100', { payments: [payment({ constantSymbol: ks })] })).toEqual([
        'constant-symbol-refused',
      ]);
      expect(errors('2010', { payments: [payment({ constantSymbol: ks })] })).toEqual([]);
    },
  );

  it.each(['0308', '0558', '4178', '0008', null])('but %s is taken', (constantSymbol) => {
    expect(errors('0100', { payments: [payment({ constantSymbol })] })).toEqual([]);
  });
});

describe('accounts', () => {
  it('payer and payee may not be the same where the bank says so', () => {
    const creditor = { ...NOBODY, number: '19-2000145399', bankCode: '0100' };
    expect(errors('0100', { payments: [payment({ ...symbols, creditor })] })).toEqual(['own-account']);
    const own = { ...NOBODY, number: '19-2000145399', bankCode: '2010' };
    expect(errors('2010', { payments: [payment({ ...symbols, creditor: own })] })).toEqual([]);
  });

  it('without modulo 11 are only told where the bank has such', () => {
    const creditor = { ...NOBODY, number: '2400222222', bankCode: '0300' };
    expect(found('2010', { payments: [payment({ ...symbols, creditor })] })).toEqual([
      '/payments/0/creditor/number account-checksum',
    ]);
    expect(errors('2010', { payments: [payment({ ...symbols, creditor })] })).toEqual([]);
  });

  it('of another bank than the order is for', () => {
    expect(errors('2010', { payer: { ...NOBODY, number: '19-19', bankCode: '0100' } })).toEqual([
      'payer-elsewhere',
    ]);
  });
});

describe('how many', () => {
  const payments = (count: number) => ({ payments: Array.from({ length: count }, () => payment(symbols)) });

  it.each([
    ['0800', 200, []],
    ['0800', 201, ['/payments many-payments']],
    ['0800', 1000, ['/payments many-payments']],
    ['0800', 1001, ['/payments too-many-payments']],
    ['2010', 1001, []],
    ['2010', 0, ['/payments group-empty']],
  ])('at %s %i', (bank, count, expected) => {
    expect(found(bank, payments(count))).toEqual(expected);
  });
});

describe('banking days', () => {
  it.each([
    ['2026-11-20', true],
    ['2026-11-21', false],
    ['2026-11-22', false],
    ['2026-11-17', false],
    ['2026-12-24', false],
    ['2026-01-01', false],
    // Good Friday and Easter Monday.
    ['2026-04-03', false],
    ['2026-04-06', false],
    ['2025-04-18', false],
    ['2025-04-21', false],
    ['2038-04-23', false],
    ['2038-04-26', false],
    ['2026-04-07', true],
  ])('%s: %s', (date, banking) => {
    expect(isBankingDay(date)).toBe(banking);
  });
});
