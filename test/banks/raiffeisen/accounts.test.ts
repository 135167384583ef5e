import { describe, expect, test } from 'vitest';
import { account, bankThat, failureOf, type Answer, type Asked } from './support.ts';

const listed = (accountNumber: string, more: Record<string, unknown> = {}) => ({
  accountId: 1,
  accountNumber,
  bankCode: '5500',
  mainCurrency: 'CZK',
  ...more,
});

const folder = (currency: string, status = 'ACTIVE', balances: unknown[] = []) => ({
  currency,
  status,
  balances,
});

const balance = (numberPart2: string, currencyFolders: unknown[]) => ({
  numberPart2,
  bankCode: '5500',
  currencyFolders,
});

/** A bank with these pages of accounts; every account has one CZK folder unless told otherwise. */
function withAccounts(pages: Answer[], folders: Record<string, Answer> = {}) {
  return bankThat(({ path, query }: Asked) => {
    if (path === '/accounts') return pages[Number(query['page']) - 1] ?? { status: 204 };
    const number = path.split('/')[2] ?? '';
    return folders[number] ?? { body: balance(number, [folder('CZK')]) };
  });
}

describe('accounts', () => {
  test('one per currency folder, with everything the list tells', async () => {
    const entry = listed('6760653036', {
      accountNumberPrefix: '000019',
      accountName: 'Vzor s.r.o.',
      friendlyName: 'Provozní',
      iban: 'CZ8255000000006760653036',
      bankBicCode: 'RZBCCZPP',
      unknownField: { any: 'thing' },
    });
    const { connector } = withAccounts([{ body: { accounts: [entry], last: true } }], {
      '6760653036': { body: balance('6760653036', [folder('CZK'), folder('EUR'), folder('USD', 'CLOSED')]) },
    });
    const common = {
      handle: '6760653036',
      number: '19-6760653036',
      iban: 'CZ8255000000006760653036',
      bankCode: '5500',
      bic: 'RZBCCZPP',
      name: 'Provozní',
    };
    expect(await connector.accounts()).toEqual([
      { ...common, currency: 'CZK', active: true },
      { ...common, currency: 'EUR', active: true },
      { ...common, currency: 'USD', active: false },
    ]);
  });

  test('only number and bank code are promised; numbers may come as JSON numbers', async () => {
    const { connector } = withAccounts([
      { body: '{"accounts":[{"accountId":1,"accountNumber":0123,"bankCode":5500}]}'.replace('0123', '123') },
    ]);
    expect(await connector.accounts()).toEqual([
      {
        handle: '123',
        number: '123',
        iban: null,
        bankCode: '5500',
        bic: null,
        name: null,
        currency: 'CZK',
        active: true,
      },
    ]);
  });

  const pagings: [string, Answer[], number][] = [
    [
      '`last` ends it',
      [
        { body: { accounts: [listed('1001')], last: false } },
        { body: { accounts: [listed('1002')], last: true } },
      ],
      2,
    ],
    ['204 ends it', [{ body: { accounts: [listed('1001')], last: false } }], 1],
    [
      'an empty page ends it',
      [{ body: { accounts: [listed('1001')], last: false } }, { body: { accounts: [], last: false } }],
      1,
    ],
    [
      'without `last` the number of pages decides',
      [
        { body: { accounts: [listed('1001')], totalPages: 2 } },
        { body: { accounts: [listed('1002')], totalPages: 2 } },
      ],
      2,
    ],
    [
      'without either one page is all',
      [{ body: { accounts: [listed('1001')] } }, { body: { accounts: [listed('1002')] } }],
      1,
    ],
    ['no accounts', [], 0],
  ];
  for (const [name, pages, count] of pagings) {
    test(`paging: ${name}`, async () => {
      expect(await withAccounts(pages).connector.accounts()).toHaveLength(count);
    });
  }

  test('row 6: a list without end is protocol', async () => {
    const { connector } = bankThat(({ path, query }) =>
      path === '/accounts'
        ? { body: { accounts: [listed(String(1000 + Number(query['page'])))], last: false } }
        : { body: balance(path.split('/')[2] ?? '', []) },
    );
    expect((await failureOf(connector.accounts())).kind).toBe('protocol');
  });

  test('an account without rights is listed as not active, the others are not touched', async () => {
    const { connector } = withAccounts(
      [{ body: { accounts: [listed('1001'), listed('1002')], last: true } }],
      {
        '1001': { status: 403, body: { error: 'INSUFFICIENT_RIGHTS', error_description: 'no' } },
      },
    );
    const accounts = await connector.accounts();
    expect(accounts.map(({ handle, active }) => [handle, active])).toEqual([
      ['1001', false],
      ['1002', true],
    ]);
  });

  test('an account without folders is listed with its main currency', async () => {
    const { connector } = withAccounts([{ body: { accounts: [listed('1001')], last: true } }], {
      '1001': { body: { numberPart2: '1001', bankCode: '5500' } },
    });
    expect(await connector.accounts()).toMatchObject([{ handle: '1001', currency: 'CZK', active: true }]);
  });

  test('a blocked certificate on the way is not hidden', async () => {
    const { connector } = withAccounts([{ body: { accounts: [listed('1001')], last: true } }], {
      '1001': { status: 401, body: { error: 'INVALID_REQUEST' } },
    });
    expect((await failureOf(connector.accounts())).kind).toBe('credential-refused');
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['no list', { accounts: 'none' }],
    ['an account without number', { accounts: [{ accountId: 1, bankCode: '5500' }] }],
  ])('%s is protocol', async (_name, body) => {
    expect((await failureOf(withAccounts([{ body }]).connector.accounts())).kind).toBe('protocol');
  });
});

describe('balances', () => {
  const kinds = [
    { balanceType: 'CLAB', currency: 'CZK', value: 5883.89 },
    { balanceType: 'CLBD', currency: 'CZK', value: -100 },
    { balanceType: 'CLAV', currency: 'CZK', value: 20853.89 },
    { balanceType: 'BLCK', currency: 'CZK', value: 0 },
    { balanceType: 'NEWX', currency: 'CZK', value: 1 },
  ];

  test('all four kinds of the folder asked for; a new kind is passed over', async () => {
    const body = balance(account.handle, [folder('EUR'), folder('CZK', 'ACTIVE', kinds)]);
    const { connector, asked } = bankThat(() => ({ body }));
    const answer = await connector.balances(account);
    expect(asked[0]?.path).toBe('/accounts/6760653036/balance');
    expect(Buffer.from(answer.document.bytes).toString()).toBe(JSON.stringify(body));
    expect(answer.document).toMatchObject({
      mediaType: 'application/json',
      name: 'balance-6760653036-CZK.json',
    });
    expect(answer.parse().balances).toEqual([
      { kind: 'available', code: 'CLAB', amount: { minor: 588_389n, currency: 'CZK' } },
      { kind: 'booked', code: 'CLBD', amount: { minor: -10_000n, currency: 'CZK' } },
      { kind: 'available-with-credit', code: 'CLAV', amount: { minor: 2_085_389n, currency: 'CZK' } },
      { kind: 'blocked', code: 'BLCK', amount: { minor: 0n, currency: 'CZK' } },
    ]);
  });

  test('amounts come from the source text, not through a JS number', async () => {
    const body = `{"numberPart2":"6760653036","currencyFolders":[{"currency":"CZK","status":"ACTIVE","balances":[
      {"balanceType":"CLBD","currency":"CZK","value":90071992547409.93},
      {"balanceType":"CLAB","currency":"CZK","value":1.234567891E7},
      {"balanceType":"BLCK","currency":"CZK","value":-0}]}]}`;
    const { balances } = (await bankThat(() => ({ body })).connector.balances(account)).parse();
    expect(balances.map(({ amount }) => amount.minor)).toEqual([9_007_199_254_740_993n, 1_234_567_891n, 0n]);
  });

  test.each([
    ['another account', balance('123', [folder('CZK')])],
    ['no such folder', balance(account.handle, [folder('EUR')])],
    [
      'an amount that is none',
      balance(account.handle, [
        folder('CZK', 'ACTIVE', [{ balanceType: 'CLBD', currency: 'CZK', value: 'x' }]),
      ]),
    ],
    [
      'more decimals than the currency has',
      balance(account.handle, [
        folder('CZK', 'ACTIVE', [{ balanceType: 'CLBD', currency: 'CZK', value: 1.005 }]),
      ]),
    ],
    ['no object', [1, 2]],
  ])('%s is protocol, and the document is kept', async (_name, body) => {
    const answer = await bankThat(() => ({ body })).connector.balances(account);
    expect(answer.document.bytes.length).toBeGreaterThan(0);
    expect(() => answer.parse()).toThrow(expect.objectContaining({ kind: 'protocol' }));
  });
});

describe('proof', () => {
  test('one call for one account', async () => {
    const { connector, asked } = bankThat(() => ({ body: { accounts: [], last: true } }));
    await connector.prove();
    expect(asked).toMatchObject([{ path: '/accounts', query: { page: '1', size: '1' } }]);
  });

  test('a certificate that sees nothing works all the same', async () => {
    await bankThat(() => ({ status: 204 })).connector.prove();
  });

  test('a refused one is told', async () => {
    const { connector } = bankThat(() => ({ status: 401, body: { error: 'UNAUTHORISED' } }));
    expect((await failureOf(connector.prove())).kind).toBe('credential-refused');
  });
});
