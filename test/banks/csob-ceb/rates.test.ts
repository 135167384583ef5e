import { describe, expect, test } from 'vitest';
import type { ExchangeResponse } from '../../../shared/http/types.ts';
import { day, file, HEAD, rate } from '../../formats/quotes/compose.ts';
import { detail, failureOf, listed, MINUTE, namesOf, openDesk, type Desk } from './support.ts';

describe('rates', () => {
  test('of the Czech National Bank and of ČSOB, in one call of the service', async () => {
    const desk = openDesk();
    const { rates, quarantined } = await desk.connector().rates(null, null);
    expect(quarantined).toEqual([]);
    expect([...new Set(rates.map(({ provider, validFrom }) => `${provider} ${validFrom}`))].sort()).toEqual([
      'cnb 2026-11-20',
      'csob 2026-11-20',
    ]);
    expect(namesOf(desk.bank, 'GetDownloadFileList_v4')).toBe(1);
    expect(namesOf(desk.bank, 'downloadFile')).toBe(2);
    const of = (provider: string, from: string) =>
      rates.find((one) => one.provider === provider && one.from === from)!;
    expect(of('cnb', 'HUF')).toMatchObject({ units: 100, to: 'CZK', buy: null, sell: null, cash: null });
    expect(of('cnb', 'HUF').middle).toMatch(/^\d\.\d{3}$/);
    const euro = of('csob', 'EUR');
    expect(Number(euro.cash!.buy)).toBeLessThan(Number(euro.buy));
    expect(Number(euro.buy)).toBeLessThan(Number(euro.sell));
    expect(Number(euro.sell)).toBeLessThan(Number(euro.cash!.sell));
    expect(of('csob', 'JPY').cash, 'no banknotes').toBeNull();
  });

  test('of one currency; of a day, or of the banking day before it', async () => {
    const connector = openDesk().connector();
    const days = async (date: string): Promise<string[]> =>
      (await connector.rates(date, 'EUR')).rates
        .map(({ provider, validFrom }) => `${provider} ${validFrom}`)
        .sort();
    expect(await days('2026-11-12')).toEqual(['cnb 2026-11-12', 'csob 2026-11-12']);
    expect(await days('2026-11-15')).toEqual(['cnb 2026-11-13', 'csob 2026-11-13']);
    expect(await days('2020-01-01')).toEqual([]);
    expect((await connector.rates(null, 'XXX')).rates).toEqual([]);
  });

  test('in the morning the bank has its own, of the national bank those of the day before', async () => {
    const desk = openDesk();
    desk.clock.advance(Date.parse('2026-11-23T09:00:00+01:00') - desk.clock.now());
    const { rates } = await desk.connector().rates(null, 'EUR');
    expect(rates.map(({ provider, validFrom }) => `${provider} ${validFrom}`).sort()).toEqual([
      'cnb 2026-11-20',
      'csob 2026-11-23',
    ]);
  });

  test('of days the bank no longer has: listed for 45 days, to be had for 15', async () => {
    const failure = await failureOf(openDesk().connector().rates('2026-10-20', null));
    expect(failure.kind).toBe('rejected');
    expect(failure.message).toContain('15 days');
  });

  test('what is no currency is not asked for', async () => {
    const desk = openDesk();
    for (const currency of ['', 'eur', 'EURO'])
      expect((await failureOf(desk.connector().rates(null, currency))).kind).toBe('rejected');
    expect(desk.sent).toEqual([]);
  });

  test('a file in preparation or failed gives way to the one before', async () => {
    for (const kind of ['preparing', 'failed'] as const) {
      const desk = openDesk();
      desk.bank.flaw({ kind, matches: ({ name }) => name === 'EXRT_CNB_20261120.BBF' });
      const { rates } = await desk.connector().rates(null, 'EUR');
      expect(rates.map(({ validFrom }) => validFrom).sort()).toEqual(['2026-11-19', '2026-11-20']);
    }
  });
});

describe('files that are not as they should be', () => {
  function holding(bytes: Uint8Array, name = 'EXRT_CNB_20261120.BBF'): Desk {
    const answer: ExchangeResponse = { status: 200, headers: { 'content-type': 'text/plain' }, body: bytes };
    return openDesk((request) =>
      request.url.includes('/files/')
        ? answer
        : listed(
            detail(name, '', 'https://localhost:1/files/1', bytes.length, '2026-11-20T14:35:00', 'KURZY'),
          )(request),
    );
  }

  test('a bad row is set aside, the others are there', async () => {
    const bad = rate({ currency: 'U2D' });
    const { rates, quarantined } = await holding(file(HEAD, day(), rate(), bad))
      .connector()
      .rates(null, null);
    expect(rates).toMatchObject([{ provider: 'cnb', from: 'EUR', buy: '24.100', validFrom: '2026-11-20' }]);
    expect(quarantined).toMatchObject([{ rule: 'currency-unreadable', position: 'line 4' }]);
  });

  test('no such file at all is protocol, a file of another name is not asked for', async () => {
    const failure = await failureOf(holding(Buffer.from('<html/>')).connector().rates(null, null));
    expect(failure.kind).toBe('protocol');
    const other = holding(file(HEAD), 'kurzy.bbf');
    expect((await other.connector().rates(null, null)).rates).toEqual([]);
    expect(other.sent).toHaveLength(1);
  });

  test('rates count towards the calls of twenty minutes', async () => {
    const desk = openDesk();
    for (let call = 0; call < 28; call++) await desk.connector().rates('2020-01-01', null);
    expect((await failureOf(desk.connector().rates(null, null))).kind).toBe('rate-limited');
    desk.clock.advance(20 * MINUTE);
    expect((await desk.connector().rates(null, null)).rates.length).toBeGreaterThan(1);
  });
});
