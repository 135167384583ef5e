import { expect, test } from 'vitest';
import { bankThat, failureOf } from './support.ts';

const rate = (more: Record<string, unknown> = {}) => ({
  currencyFrom: 'EUR',
  currencyTo: 'CZK',
  unitsFrom: 1,
  exchangeRateBuy: 24.1,
  exchangeRateSell: 25.35,
  exchangeRateCenter: 24.725,
  ...more,
});
const answer = (...exchangeRates: unknown[]) => ({
  body: { exchangeRateLists: [{ effectiveDateFrom: '2026-11-20T08:00:00.000+01:00', exchangeRates }] },
});

test('rates of a day, as the bank wrote them', async () => {
  const bank = bankThat(() =>
    answer(
      rate(),
      rate({
        currencyFrom: 'HUF',
        unitsFrom: 100,
        exchangeRateBuy: 6.1,
        exchangeRateBuyCash: 5.9,
        exchangeRateSellCash: 25.6,
      }),
    ),
  );
  expect(await bank.connector.rates('2026-11-20', null)).toEqual({
    quarantined: [],
    rates: [
      {
        provider: 'raiffeisen',
        from: 'EUR',
        to: 'CZK',
        units: 1,
        buy: '24.1',
        sell: '25.35',
        middle: '24.725',
        cash: null,
        validFrom: '2026-11-20T08:00:00.000+01:00',
      },
      {
        provider: 'raiffeisen',
        from: 'HUF',
        to: 'CZK',
        units: 100,
        buy: '6.1',
        sell: '25.35',
        middle: '24.725',
        cash: { buy: '5.9', sell: '25.6', middle: null },
        validFrom: '2026-11-20T08:00:00.000+01:00',
      },
    ],
  });
  expect(bank.asked).toMatchObject([{ method: 'GET', path: '/fxrates', query: { date: '2026-11-20' } }]);
});

test('rates of one currency, today’s', async () => {
  const bank = bankThat(() => answer(rate()));
  expect((await bank.connector.rates(null, 'EUR')).rates).toHaveLength(1);
  expect(bank.asked).toMatchObject([{ path: '/fxrates/EUR', query: {} }]);
});

test('none', async () => {
  const nothing = { rates: [], quarantined: [] };
  const empty = bankThat(() => ({ body: { exchangeRateLists: [] } }));
  expect(await empty.connector.rates(null, 'XXX')).toEqual(nothing);
  expect(await bankThat(() => ({ status: 204 })).connector.rates(null, null)).toEqual(nothing);
});

test.each([[{}], [{ exchangeRateLists: [{}] }], [answer(rate({ exchangeRateSell: null })).body]])(
  '%j is protocol',
  async (body) => {
    expect((await failureOf(bankThat(() => ({ body })).connector.rates(null, null))).kind).toBe('protocol');
  },
);

test('what is no currency is not asked for', async () => {
  const { connector, asked } = bankThat(() => answer());
  for (const currency of ['', 'eur', '..', 'EURO']) {
    expect((await failureOf(connector.rates(null, currency))).kind).toBe('rejected');
  }
  expect(asked).toEqual([]);
});
