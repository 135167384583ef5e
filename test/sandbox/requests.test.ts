import { describe, expect, it } from 'vitest';
import {
  ask,
  CURRENT,
  download,
  EXPORT,
  IDLE,
  request,
  seededBank,
  transactionsPath,
  WAGES,
} from './support.ts';

const WEEK = { from: '2026-11-16', to: '2026-11-20' };

describe('the gateway in front of the bank', () => {
  it('answers production and sandbox paths alike', async () => {
    const { bank } = seededBank();
    const production = await ask(bank, '/accounts');
    const sandbox = await ask(bank, '/accounts', { prefix: 'mock' });
    expect(sandbox.json).toEqual(production.json);
  });

  it('has no payments yet and no other paths', async () => {
    const { bank } = seededBank();
    for (const path of ['/payments', '/payments/batches/1/items', '/', '/accounts/']) {
      const answer = await ask(bank, path);
      expect([path, answer.status, answer.json.httpCode]).toEqual([path, 404, '404']);
    }
    expect((await bank.handle({ ...request('/accounts'), path: '/elsewhere' })).status).toBe(404);
    expect((await ask(bank, '/accounts/statements')).status).toBe(405);
    expect((await ask(bank, '/payments/batches')).status).toBe(405);
  });

  it.each([
    ['no client id', { 'x-ibm-client-id': '' }, 401],
    ['an unknown client id', { 'x-ibm-client-id': 'somebody' }, 401],
    ['an empty request id', { 'x-request-id': '' }, 400],
    ['a request id of 61 characters', { 'x-request-id': 'x'.repeat(61) }, 400],
    ['a request id with a forbidden character', { 'x-request-id': 'a b' }, 400],
    ['a long PSU address', { 'psu-ip-address': '1'.repeat(40) }, 400],
  ])('refuses %s', async (_, headers, status) => {
    const { bank } = seededBank();
    const answer = await ask(bank, '/accounts', { headers });
    expect([answer.status, answer.json.httpCode]).toEqual([status, String(status)]);
    expect((await ask(bank, '/fxrates', { headers })).status).toBe(status);
  });

  it('demands a certificate for everything but rates', async () => {
    const { bank } = seededBank();
    expect((await ask(bank, '/accounts', { certificate: null })).json.error).toBe('UNAUTHORISED');
    expect((await ask(bank, '/fxrates', { certificate: null })).status).toBe(200);
    expect((await ask(bank, '/fxrates/USD', { certificate: null })).status).toBe(200);
  });

  it('shows a restricted certificate its own accounts only', async () => {
    const { bank } = seededBank();
    bank.restrict('0A01', { accounts: [WAGES] });
    expect((await ask(bank, '/accounts')).json.accounts).toHaveLength(1);
    expect((await ask(bank, `/accounts/${CURRENT}/balance`)).status).toBe(403);
    expect((await ask(bank, `/accounts/${WAGES}/balance`)).status).toBe(200);
  });

  it('remembers every request', async () => {
    const { bank } = seededBank();
    await ask(bank, '/accounts', { query: { page: '1' } });
    await ask(bank, '/accounts', { certificate: null });
    await ask(bank, '/nothing');
    expect(bank.requests().map(({ operation, status }) => [operation, status])).toEqual([
      ['getAccounts', 200],
      ['getAccounts', 401],
      [null, 404],
    ]);
    expect(bank.requests({ operation: 'getAccounts', certificate: '0A01' })).toMatchObject([
      { query: 'page=1', requestId: 'req-1' },
    ]);
  });
});

describe('getTransactionList', () => {
  const list = (query: Record<string, string>, path = transactionsPath(CURRENT, 'CZK')) =>
    ask(seededBank().bank, path, { query });

  it.each([
    ['from missing', { to: '2026-11-20' }],
    ['to missing', { from: '2026-11-20' }],
    ['no date', { from: 'yesterday', to: '2026-11-20' }],
    ['an impossible date', { from: '2026-02-30', to: '2026-11-20' }],
    ['a time without a zone', { from: '2026-11-16T10:00:00', to: '2026-11-20' }],
    ['from after to', { from: '2026-11-20', to: '2026-11-16' }],
    ['from 91 days back', { from: '2026-08-22', to: '2026-11-20' }],
  ])('400 DT01: %s', async (_, query) => {
    const answer = await list(query);
    expect([answer.status, answer.json.error]).toEqual([400, 'DT01']);
  });

  it('accepts a from 90 days back', async () => {
    expect((await list({ from: '2026-08-23', to: '2026-11-20' })).status).toBe(200);
  });

  it('takes bare dates as whole days in Prague and instants to the millisecond', async () => {
    const day = await list({ from: '2026-11-18', to: '2026-11-18' });
    const instants = await list({ from: '2026-11-17T23:00:00.0Z', to: '2026-11-18T22:59:59.999Z' });
    expect(day.json.transactions.length).toBeGreaterThan(5);
    expect(instants.json).toEqual(day.json);
    const [newest] = day.json.transactions;
    const before = await list({
      from: '2026-11-18',
      to: new Date(Date.parse(newest?.bookingDate ?? '') - 1).toISOString(),
    });
    expect(before.json.transactions).toEqual(day.json.transactions.slice(1));
  });

  it.each([
    ['czk', 400],
    ['CZKK', 400],
    ['GBP', 404],
  ])('currency %s: %i', async (currency, status) => {
    expect((await list(WEEK, transactionsPath(CURRENT, currency))).status).toBe(status);
  });

  it.each([
    ['abc', 400],
    ['12345678901', 400],
    [`0${IDLE}`, 404],
    ['35-2903571487', 400],
  ])('account %s: %i', async (number, status) => {
    expect((await list(WEEK, transactionsPath(number, 'CZK'))).status).toBe(status);
  });

  it.each(['0', '-1', '1.5', '100000', ''])('refuses page "%s"', async (page) => {
    expect((await list({ ...WEEK, page })).status).toBe(400);
  });

  it('a closed folder and a folder at rest have nothing to tell', async () => {
    expect((await list(WEEK, transactionsPath(CURRENT, 'USD'))).status).toBe(204);
    expect((await list(WEEK, transactionsPath(IDLE, 'CZK'))).status).toBe(204);
  });
});

describe('statements', () => {
  it.each([
    ['no account', {}, {}, 400],
    ['an account that is no string', { accountNumber: 1 }, {}, 400],
    ['an unknown line', { accountNumber: CURRENT, statementLine: 'OTHER' }, {}, 400],
    ['no JSON', '{', {}, 400],
    ['a list', [], {}, 400],
    ['another content type', { accountNumber: CURRENT }, { 'content-type': 'text/plain' }, 415],
    [
      'dates the wrong way round',
      { accountNumber: CURRENT, dateFrom: '2026-11-02', dateTo: '2026-11-01' },
      {},
      400,
    ],
  ])('list: %s', async (_, body, headers, status) => {
    expect((await ask(seededBank().bank, '/accounts/statements', { body, headers })).status).toBe(status);
  });

  it('narrows by currency, line and days', async () => {
    const { bank } = seededBank();
    const list = async (body: Record<string, string>) => {
      const query = { size: '500' };
      const answer = await ask(bank, '/accounts/statements', {
        query,
        body: { accountNumber: CURRENT, ...body },
      });
      return answer.json?.statements ?? [];
    };
    const week = { dateFrom: '2026-11-09', dateTo: '2026-11-15', statementLine: 'MAIN' };
    expect((await list({ ...week, currency: 'CZK' })).map(({ dateTo }) => dateTo)).toEqual([
      ...['2026-11-15', '2026-11-14', '2026-11-13', '2026-11-12', '2026-11-11', '2026-11-10', '2026-11-09'],
    ]);
    expect(await list(week)).toHaveLength(14);
    expect(await list({ ...week, currency: 'GBP' })).toEqual([]);
    const monthly = await list({ statementLine: 'ADDITIONAL' });
    expect(monthly.map(({ statementNumber }) => statementNumber)).toEqual(['10/2026', '09/2026']);
    expect(await list({ statementLine: 'MT940' })).toEqual([]);
  });

  it('download: languages and formats are spelt as the contract spells them', async () => {
    const { bank, source } = seededBank();
    const [statement] = source.statements(CURRENT);
    const body = { accountNumber: CURRENT, statementId: statement?.id, statementFormat: 'xml' };
    const get = (headers: Record<string, string>, change: object = {}) =>
      ask(bank, '/accounts/statements/download', { headers, body: { ...body, ...change } });
    expect((await get({})).status).toBe(400);
    expect((await get({ 'accept-language': 'de' })).status).toBe(400);
    expect((await get({ 'accept-language': 'en-GB' })).headers['content-type']).toBe('application/xml');
    bank.requests();
    expect((await get({ 'accept-language': 'cs' }, { statementFormat: 'XML' })).status).toBe(400);
    expect((await get({ 'accept-language': 'cs' }, { currency: 'GBP' })).status).toBe(404);
  });

  it('download: media types; an id of another account is unknown; no certificate of another account helps', async () => {
    const { bank, source, clock } = seededBank();
    const [statement] = source.statements(CURRENT);
    const id = statement?.id ?? '';
    expect((await download(bank, CURRENT, id, 'pdf')).headers['content-type']).toBe('application/pdf');
    expect((await download(bank, CURRENT, id, 'MT940')).headers['content-type']).toBe('text/mt940');
    expect((await download(bank, EXPORT, id, 'xml')).status).toBe(404);
    clock.advance(1000);
    bank.restrict('0A01', { accounts: [EXPORT] });
    expect((await download(bank, CURRENT, id, 'xml')).status).toBe(403);
  });
});

describe('rates', () => {
  it('are stable for a day, and those of a weekend are the Friday before', async () => {
    const { bank } = seededBank();
    const on = async (date: string) => (await ask(bank, '/fxrates/EUR', { query: { date } })).json;
    expect(await on('2026-11-21')).toEqual(await on('2026-11-20'));
    const friday = (await on('2026-11-20')).exchangeRateLists[0];
    const thursday = (await on('2026-11-19')).exchangeRateLists[0];
    expect([friday?.lastRates, thursday?.lastRates]).toEqual([true, false]);
    const before = thursday?.exchangeRates[0]?.['exchangeRateSellCenter'];
    expect(before).toBeGreaterThan(20);
    expect(friday?.exchangeRates[0]?.['exchangeRateSellCenterPrevious']).toBe(before);
    expect((await ask(bank, '/fxrates', { query: { date: '21.11.2026' } })).status).toBe(400);
    expect((await ask(bank, '/fxrates/EU')).status).toBe(400);
  });
});
