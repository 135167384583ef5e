import { addDays, daysBetween, type PlainDate } from '../../../shared/domain/dates.ts';
import { chance } from '../chance.ts';
import { pragueDateTime, pragueDay, pragueInstant } from '../prague.ts';
import type { SandboxResponse } from '../types.ts';
import { badRequest, json } from './answers.ts';
import { queryDay, type Call } from './call.ts';

/** Currencies with the units a rate is for and a middle rate to wander around. */
const CURRENCIES = [
  { code: 'CHF', units: 1, middle: 26.1, country: 'CH' },
  { code: 'EUR', units: 1, middle: 24.9, country: 'EU' },
  { code: 'GBP', units: 1, middle: 29.2, country: 'GB' },
  { code: 'HUF', units: 100, middle: 6.2, country: 'HU' },
  { code: 'JPY', units: 100, middle: 14.8, country: 'JP' },
  { code: 'PLN', units: 1, middle: 5.8, country: 'PL' },
  { code: 'USD', units: 1, middle: 22.4, country: 'US' },
] as const;

/** `getFxRatesList`: rates of all currencies valid on a day. */
export function getFxRatesList(call: Call): SandboxResponse {
  return answer(call, CURRENCIES);
}

/** `getFxRates`: rates of one currency; a currency without rates gives an empty list, the contract has no 404 here. */
export function getFxRates(call: Call): SandboxResponse {
  const asked = call.parameters['currencyCode'] ?? '';
  if (asked.length !== 3) throw badRequest("Parameter 'currencyCode' must have three letters.");
  return answer(
    call,
    CURRENCIES.filter(({ code }) => code === asked),
  );
}

function answer(call: Call, currencies: readonly (typeof CURRENCIES)[number][]): SandboxResponse {
  const today = pragueDay(call.now);
  const trading = tradingDay(queryDay(call, 'date') ?? today);
  if (currencies.length === 0 || trading > today) return json(200, { exchangeRateLists: [] });
  const from = pragueInstant(trading, '08:00:00');
  const last = trading === tradingDay(today);
  const list = {
    effectiveDateFrom: pragueDateTime(from),
    ...(last ? {} : { effectiveDateTo: pragueDateTime(pragueInstant(nextTradingDay(trading), '07:59:59')) }),
    tradingDate: pragueDateTime(pragueInstant(trading)),
    ordinalNumber: daysBetween(`${trading.slice(0, 4)}-01-01`, trading) + 1,
    lastRates: last,
    exchangeRates: currencies.map((currency) => rateOf(currency, trading)),
  };
  return json(200, { exchangeRateLists: [list] });
}

function rateOf({ code, units, middle, country }: (typeof CURRENCIES)[number], day: PlainDate) {
  const center = centerOf(code, middle, day);
  const before = centerOf(code, middle, tradingDay(addDays(day, -1)));
  return {
    currencyFrom: code,
    currencyTo: 'CZK',
    unitsFrom: units,
    quotationType: 'DIRECT',
    exchangeRateBuy: rounded(center * 0.975),
    exchangeRateBuyCash: rounded(center * 0.96),
    exchangeRateCenter: center,
    exchangeRateCenterChange: rounded((center / before - 1) * 100),
    exchangeRateSell: rounded(center * 1.025),
    exchangeRateSellCash: rounded(center * 1.04),
    exchangeRateSellCenter: center,
    exchangeRateSellCenterPrevious: before,
    variableCountryCode: country,
  };
}

function centerOf(code: string, middle: number, day: PlainDate): number {
  return rounded(middle * (0.99 + chance(`rate|${code}|${day}`).next() * 0.02));
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** The day itself or the Friday before a weekend. */
function tradingDay(day: PlainDate): PlainDate {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday === 0 ? addDays(day, -2) : weekday === 6 ? addDays(day, -1) : day;
}

function nextTradingDay(day: PlainDate): PlainDate {
  const next = addDays(day, 1);
  return tradingDay(next) === next ? next : addDays(day, 3);
}
