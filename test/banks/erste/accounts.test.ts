import { describe, expect, test } from 'vitest';
import { account, bankThat, errors, failureOf, IBAN, listed, OTHER, page } from './support.ts';

const BALANCE = { balances: [balance('CLBD', '1.5', 'CRDT')] };

function balance(code: string, value: string, creditDebitIndicator: string, currency = 'CZK') {
  return {
    type: { codeOrProprietary: { code } },
    amount: { value: Number(value), currency },
    creditDebitIndicator,
    date: { dateTime: '2026-11-21T12:00:00+01:00' },
  };
}

describe('the account list', () => {
  test('over all pages, by IBAN and currency, with what little must be there', async () => {
    const { connector, asked } = bankThat(({ query }) =>
      query['page'] === '0'
        ? {
            body: page(
              'accounts',
              [{ ...listed('A'), nameI18N: 'Provozní účet', ownersNames: ['Vzor s.r.o.'] }],
              {
                pageCount: 2,
                nextPage: 1,
              },
            ),
          }
        : {
            body: page('accounts', [{ id: 'B', identification: { iban: OTHER }, currency: 'EUR' }], {
              pageNumber: 1,
              pageCount: 2,
            }),
          },
    );
    expect(await connector.accounts()).toEqual([
      {
        handle: `${IBAN}-CZK`,
        iban: IBAN,
        number: '19-2000145399',
        bankCode: '0800',
        bic: 'GIBACZPX',
        currency: 'CZK',
        name: 'Provozní účet',
        owner: 'Vzor s.r.o.',
        active: true,
      },
      {
        handle: `${OTHER}-EUR`,
        iban: OTHER,
        number: '2108589434',
        bankCode: '0800',
        bic: 'GIBACZPX',
        currency: 'EUR',
        name: null,
        active: true,
      },
    ]);
    expect(asked.map(({ query }) => query['page'])).toEqual(['0', '1']);
    await connector.accounts();
    expect(asked.length, 'read once in a session').toBe(2);
  });

  test('sandbox IBANs that fail their check digits are taken', async () => {
    const { connector } = bankThat(() => ({
      body: page('accounts', [listed('A', 'CZ0708000000001019540081')]),
    }));
    expect((await connector.accounts())[0]?.number).toBe('1019540081');
  });

  test('none at all: a token without the right scope', async () => {
    const { connector } = bankThat(() => ({ body: { pageNumber: 0, pageCount: 0, pageSize: 200 } }));
    expect(await connector.accounts()).toEqual([]);
  });

  test.each([
    ['no list', { accounts: 'none' }],
    ['an account without IBAN', page('accounts', [{ id: 'A', currency: 'CZK' }])],
    ['another page than the one asked for', page('accounts', [listed('A')], { pageNumber: 3 })],
  ])('%s is protocol', async (_, body) => {
    const { connector } = bankThat(() => ({ body }));
    expect((await failureOf(connector.accounts())).kind).toBe('protocol');
  });

  test('a list without an end is protocol', async () => {
    const { connector, asked } = bankThat(({ query }) => ({
      body: page('accounts', [listed('A')], { pageNumber: Number(query['page']), pageCount: 9_999 }),
    }));
    expect((await failureOf(connector.accounts())).kind).toBe('protocol');
    expect(asked.length).toBe(50);
  });
});

describe('ids live 24 hours', () => {
  test('an id that is unknown by now is looked up once more, and the call repeated', async () => {
    let id = 'OLD';
    const { connector, asked } = bankThat(({ path }) => {
      if (path === '/my/accounts') return { body: page('accounts', [listed(id)]) };
      return path.includes('/NEW/') ? { body: BALANCE } : errors(404, 'ID_NOT_FOUND');
    });
    await connector.accounts();
    id = 'NEW';
    expect((await connector.balances(account)).parse().balances.length).toBe(1);
    expect(asked.map(({ path }) => path)).toEqual([
      '/my/accounts',
      '/my/accounts/OLD/balance',
      '/my/accounts',
      '/my/accounts/NEW/balance',
    ]);
  });

  test('an id that stays the same is not asked for again', async () => {
    const { connector, asked } = bankThat(({ path }) =>
      path === '/my/accounts' ? null : errors(404, 'ID_NOT_FOUND'),
    );
    const failure = await failureOf(connector.balances(account));
    expect(failure).toMatchObject({ kind: 'rejected', detail: { code: 'ID_NOT_FOUND', status: 404 } });
    expect(asked.filter(({ path }) => path.endsWith('/balance')).length).toBe(1);
  });

  test('an account the consent does not cover is rejected without a call about it', async () => {
    const { connector, asked } = bankThat(() => ({ body: page('accounts', [listed('A', OTHER)]) }));
    expect((await failureOf(connector.balances(account))).kind).toBe('rejected');
    expect(asked.length).toBe(1);
  });

  test('an id goes into the path encoded', async () => {
    const { connector, asked } = bankThat(({ path }) =>
      path === '/my/accounts' ? { body: page('accounts', [listed('A/../b?c')]) } : { body: BALANCE },
    );
    await connector.balances(account);
    expect(asked[1]?.path).toBe('/my/accounts/A%2F..%2Fb%3Fc/balance');
  });
});

describe('key and token', () => {
  test('travel as headers', async () => {
    const { connector, asked } = bankThat(() => null);
    await connector.prove();
    expect(asked[0]?.headers).toMatchObject({
      'web-api-key': 'canary-key',
      authorization: 'Bearer token-1',
      accept: 'application/json',
    });
  });

  test('403 TOKEN_INVALID: one fresh token, one repeat', async () => {
    const { connector, asked, tokens } = bankThat(({ headers }) =>
      headers['authorization'] === 'Bearer token-1' ? errors(403, 'TOKEN_INVALID') : null,
    );
    await connector.prove();
    expect(tokens.refused).toEqual(['token-1']);
    expect(asked.length).toBe(2);
  });

  test('403 TOKEN_INVALID again: consent-needed, and no third call', async () => {
    const { connector, asked } = bankThat(() => errors(403, 'TOKEN_INVALID'));
    const failure = await failureOf(connector.prove());
    expect(failure.kind).toBe('consent-needed');
    expect(failure.message).toMatch(/Authorise the connection again/);
    expect(asked.length).toBe(2);
  });

  test('400 BAD_REQUEST of the balance alone may be an ended token', async () => {
    const { connector, tokens } = bankThat(({ path, headers }) => {
      if (!path.endsWith('/balance')) return null;
      return headers['authorization'] === 'Bearer token-1' ? errors(400, 'BAD_REQUEST') : { body: BALANCE };
    });
    expect((await connector.balances(account)).parse().balances.length).toBe(1);
    expect(tokens.refused).toEqual(['token-1']);
  });

  test('400 BAD_REQUEST of the balance with a fresh token is a bad request', async () => {
    const { connector, asked } = bankThat(({ path }) =>
      path.endsWith('/balance') ? errors(400, 'BAD_REQUEST') : null,
    );
    expect((await failureOf(connector.balances(account))).kind).toBe('rejected');
    expect(asked.filter(({ path }) => path.endsWith('/balance')).length).toBe(2);
  });

  test('400 BAD_REQUEST elsewhere costs no token', async () => {
    const { connector, tokens } = bankThat(() => errors(400, 'BAD_REQUEST'));
    expect((await failureOf(connector.prove())).kind).toBe('rejected');
    expect(tokens.refused).toEqual([]);
  });
});

describe('balances', () => {
  const of = async (balances: readonly unknown[]) => {
    const { connector } = bankThat(({ path }) => (path.endsWith('/balance') ? { body: { balances } } : null));
    return (await connector.balances(account)).parse().balances;
  };

  test('booked and available, signed by their indicator; what the bank never delivers is left out', async () => {
    expect(
      await of([
        balance('CLAV', '4520.15', 'CRDT'),
        balance('CLBD', '20.5', 'DBIT'),
        balance('PRCD', '1', 'CRDT'),
        { ...balance('CLBD', '1', 'CRDT'), type: { codeOrProprietary: {} } },
      ]),
    ).toEqual([
      { kind: 'available', code: 'CLAV', amount: { minor: 452015n, currency: 'CZK' } },
      { kind: 'booked', code: 'CLBD', amount: { minor: -2050n, currency: 'CZK' } },
    ]);
  });

  test('amounts keep every digit the bank wrote', async () => {
    const { connector } = bankThat(({ path }) =>
      path.endsWith('/balance')
        ? {
            body: '{"balances":[{"type":{"codeOrProprietary":{"code":"CLBD"}},"amount":{"value":90071992547409.93,"currency":"CZK"},"creditDebitIndicator":"CRDT"}]}',
          }
        : null,
    );
    const [booked] = (await connector.balances(account)).parse().balances;
    expect(booked?.amount.minor).toBe(9007199254740993n);
  });

  test.each([
    ['no amount', [{ ...balance('CLBD', '1', 'CRDT'), amount: {} }]],
    ['no direction', [balance('CLBD', '1', 'NONE')]],
    ['another currency than the account', [balance('CLBD', '1', 'CRDT', 'EUR')]],
    ['no list', 'none' as unknown as unknown[]],
  ])('%s is protocol, told behind the archive', async (_, balances) => {
    await expect(of(balances)).rejects.toMatchObject({ kind: 'protocol' });
  });
});
