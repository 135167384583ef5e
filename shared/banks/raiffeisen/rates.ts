import type { PlainDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import { at, textAt } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import type { ExchangeRate, RateList } from '../contract.ts';
import { unreadable } from '../answers.ts';
import { readJson, type Client } from './client.ts';

/**
 * Exchange rates, of all currencies or one, valid on a day (today when `null`). Needs no certificate.
 * @throws Failure `rejected` for what is no currency code
 */
export async function exchangeRates(
  client: Client,
  date: PlainDate | null,
  currency: string | null,
): Promise<RateList> {
  const operation = currency === null ? 'getFxRatesList' : 'getFxRates';
  if (currency !== null && !/^[A-Z]{3}$/.test(currency)) {
    const message = 'A currency has three capital letters (ISO 4217). Ask for one like EUR.';
    throw new Failure('rejected', message, { operation, field: 'currency' });
  }
  const response = await client({
    operation,
    method: 'GET',
    path: currency === null ? '/fxrates' : `/fxrates/${currency}`,
    ...(date === null ? {} : { query: { date } }),
    anonymous: true,
  });
  if (!response) return { rates: [], quarantined: [] };
  const lists = at(readJson(response, operation), 'exchangeRateLists');
  if (!Array.isArray(lists)) throw unreadable(operation, 'has no list of rates', response);
  return { rates: lists.flatMap((list) => readList(list, operation, response)), quarantined: [] };
}

function readList(list: unknown, operation: string, response: BankResponse): ExchangeRate[] {
  const rates = at(list, 'exchangeRates');
  const validFrom = textAt(list, 'effectiveDateFrom');
  if (!Array.isArray(rates) || validFrom === null)
    throw unreadable(operation, 'has a list without rates', response);
  return rates.map((rate) => {
    const text = (name: string): string => {
      const value = textAt(rate, name);
      if (value === null) throw unreadable(operation, `has a rate without ${name}`, response);
      return value;
    };
    const [buy, sell] = [textAt(rate, 'exchangeRateBuyCash'), textAt(rate, 'exchangeRateSellCash')];
    return {
      provider: 'raiffeisen',
      from: text('currencyFrom'),
      to: text('currencyTo'),
      units: Number(text('unitsFrom')),
      buy: text('exchangeRateBuy'),
      sell: text('exchangeRateSell'),
      middle: text('exchangeRateCenter'),
      cash: buy === null && sell === null ? null : { buy, sell, middle: null },
      validFrom,
    };
  });
}
