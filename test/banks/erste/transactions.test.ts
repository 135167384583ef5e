import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Connector } from '../../../shared/banks/contract.ts';
import { addDays, daysBetween } from '../../../shared/domain/dates.ts';
import type { Window } from '../../../shared/domain/model.ts';
import { account, bankThat, errors, failureOf, page, window } from './support.ts';

/** A row as the bank's reference describes it. */
function row(over: Record<string, unknown> = {}, details: Record<string, unknown> | null = {}) {
  return {
    entryReference: 'FC-1',
    amount: { value: 12.5, currency: 'CZK' },
    creditDebitIndicator: 'CRDT',
    status: 'BOOK',
    bookingDate: { date: '2026-11-20' },
    valueDate: { date: '2026-11-19' },
    bankTransactionCode: { proprietary: { code: 10000202000, issuer: 'Czech Banking Association' } },
    entryDetails: details === null ? {} : { transactionDetails: details },
    ...over,
  };
}

const rows = (...items: readonly unknown[]) => ({ body: page('transactions', items) });

async function read(...items: readonly unknown[]) {
  const { connector } = bankThat(({ path }) => (path.endsWith('/transactions') ? rows(...items) : null));
  return (await connector.transactions(account, window, null)).parse();
}

const one = async (item: unknown) => (await read(item)).transactions[0]!;

describe('a row', () => {
  test('with everything', async () => {
    const details = {
      references: {
        accountServicerReference: '0622510833568',
        endToEndIdentification: 'INV-77',
        chequeNumber: '451161XXXXXX2638',
      },
      amountDetails: {
        instructedAmount: { amount: { value: 100.25, currency: 'GBP' } },
        counterValueAmount: {
          amount: { value: 3561.38, currency: 'CZK' },
          currencyExchange: { sourceCurrency: 'GBP', targetCurrency: 'CZK', exchangeRate: 35.525 },
        },
      },
      relatedParties: {
        creditor: { name: 'Tiskárna Olovo s.r.o.' },
        creditorAccount: {
          identification: {
            iban: 'CZ08 2700 0000 0021 0858 9434',
            other: { identification: '000000-2108589434/2700' },
          },
        },
      },
      relatedAgents: { creditorAgent: { financialInstitutionIdentification: { bic: 'BACXCZPP' } } },
      remittanceInformation: {
        unstructured: 'faktura 12345',
        structured: {
          creditorReferenceInformation: { reference: ['KS:308', 'VS:0012345', 'SS:0000000000'] },
        },
      },
      additionalTransactionInformation: 'Zahraniční odchozí úhrada',
    };
    const amount = { value: 3561.38, currency: 'CZK' };
    expect(await one(row({ creditDebitIndicator: 'DBIT', amount }, details))).toEqual({
      bankReference: 'FC-1',
      bookingDate: '2026-11-20',
      valueDate: '2026-11-19',
      amount: { minor: -356138n, currency: 'CZK' },
      counterparty: {
        name: 'Tiskárna Olovo s.r.o.',
        iban: 'CZ0827000000002108589434',
        number: '2108589434',
        bankCode: '2700',
        bic: 'BACXCZPP',
      },
      variableSymbol: '12345',
      constantSymbol: '0308',
      specificSymbol: null,
      rawSymbols: { variableSymbol: '0012345', constantSymbol: '308', specificSymbol: '0000000000' },
      message: 'faktura 12345',
      endToEndId: 'INV-77',
      transactionCode: '10000202000',
      reversal: false,
      original: { amount: { minor: -10025n, currency: 'GBP' }, rate: '35.525' },
      card: '451161XXXXXX2638',
      batch: null,
    });
  });

  test('with nothing below entryDetails', async () => {
    expect(await one(row({}, null))).toMatchObject({
      amount: { minor: 1250n },
      counterparty: { name: null, iban: null, number: null, bankCode: null, bic: null },
      message: null,
      endToEndId: null,
      original: null,
    });
  });

  test('only the other side is the counterparty: the debtor of a credit', async () => {
    const parties = {
      relatedParties: { debtor: { name: 'Plátce' }, creditor: { name: 'Příjemce' } },
    };
    expect((await one(row({}, parties))).counterparty.name).toBe('Plátce');
    expect((await one(row({ creditDebitIndicator: 'DBIT' }, parties))).counterparty.name).toBe('Příjemce');
  });

  test('a prefix stays, zeros in front of it do not; a foreign number stays as written', async () => {
    const of = (identification: string) =>
      row({}, { relatedParties: { debtorAccount: { identification: { other: { identification } } } } });
    expect((await one(of('000019-2000145399/0800'))).counterparty).toMatchObject({
      number: '19-2000145399',
      bankCode: '0800',
    });
    expect((await one(of('GE/77 x'))).counterparty).toMatchObject({ number: 'GE/77 x', bankCode: null });
  });

  test.each([
    ['VS0250117002/SS0000000000/KS0000', '250117002', null],
    ['/VS123/SS7/KS0308', '123', '0308'],
    ['VSOP-1', null, null],
    ['NOTPROVIDED', null, null],
  ])('symbols of the end-to-end id %s where there are no others', async (id, variable, constant) => {
    const read = await one(row({}, { references: { endToEndIdentification: id } }));
    expect(read).toMatchObject({ variableSymbol: variable, constantSymbol: constant });
    expect(read.endToEndId).toBe(id === 'NOTPROVIDED' ? null : id);
  });

  test('the reference as one string, and doubled or foreign members of the list', async () => {
    const of = (reference: unknown) =>
      row({}, { remittanceInformation: { structured: { creditorReferenceInformation: { reference } } } });
    expect((await one(of('VS:77'))).variableSymbol).toBe('77');
    const mixed = await one(of(['XX:1', 'VS:', 'VS:5', 'VS:6', 9, null]));
    expect(mixed.variableSymbol).toBe('5');
  });

  test('amounts keep every digit, and the sign comes from the indicator alone', async () => {
    const { connector } = bankThat(({ path }) =>
      path.endsWith('/transactions')
        ? {
            body: JSON.stringify(page('transactions', [row()])).replace('12.5', '-90071992547409.93'),
          }
        : null,
    );
    const page1 = await connector.transactions(account, window, null);
    expect(page1.parse().transactions[0]?.amount.minor).toBe(9007199254740993n);
  });

  test('dates with midnights behind them, as the sandbox has them', async () => {
    const item = row({ bookingDate: { date: '2026-11-20T00:00:00Z' } });
    expect((await one(item)).bookingDate).toBe('2026-11-20');
  });

  test('a card number in full is not stored', async () => {
    expect((await one(row({}, { references: { chequeNumber: '4511611234562638' } }))).card).toBe(
      '************2638',
    );
  });

  test('a fee’s name stands in for a message', async () => {
    expect((await one(row({}, { additionalTransactionDescription: 'SEPA PŘEVOD' }))).message).toBe(
      'SEPA PŘEVOD',
    );
  });
});

describe('what is not booked', () => {
  test.each(['INFO', 'PDNG', 'PENDING'])('%s is left out, whatever else it lacks', async (status) => {
    expect(await read(row({ status, entryReference: undefined, amount: undefined }), row())).toMatchObject({
      transactions: [{ bankReference: 'FC-1' }],
      quarantined: [],
    });
  });

  test.each([
    ['status-unknown', { status: 'MAYBE' }],
    ['status-unknown', { status: undefined }],
    ['reference-missing', { entryReference: ' ' }],
    ['indicator-unknown', { creditDebitIndicator: 'BOTH' }],
    ['amount-unreadable', { amount: { value: 1.234, currency: 'CZK' } }],
    ['currency-missing', { amount: { value: 1 } }],
    ['currency-differs', { amount: { value: 1, currency: 'EUR' } }],
    ['date-missing', { bookingDate: {}, valueDate: {} }],
    ['date-unreadable', { bookingDate: { date: '2026-02-30' } }],
  ])('%s is set aside, the rest goes on', async (rule, over) => {
    const { transactions, quarantined } = await read(row(over), row({ entryReference: 'FC-2' }));
    expect(transactions.map(({ bankReference }) => bankReference)).toEqual(['FC-2']);
    expect(quarantined).toMatchObject([{ rule, position: 'transaction 1' }]);
    expect(JSON.parse(quarantined[0]!.raw)).toMatchObject({ bankTransactionCode: {} });
  });
});

describe('days', () => {
  const askedFor = async (asked: Window, date?: string | null) => {
    const bank = bankThat(({ path }) => {
      if (path.endsWith('/transactions')) return rows();
      const [item] = [{ id: 'A', identification: { iban: account.iban }, currency: 'CZK' }];
      return { body: page('accounts', [item]), ...(date === undefined ? {} : { date }) };
    });
    await bank.connector.transactions(account, asked, null);
    const { fromDate, toDate, sort, order, size } = bank.asked.at(-1)!.query;
    expect({ sort, order, size }).toEqual({ sort: 'bookingdate', order: 'ASC', size: '200' });
    return [fromDate, toDate];
  };

  test('are asked for in UTC: from a day earlier', async () => {
    expect(await askedFor(window)).toEqual(['2026-11-15', '2026-11-21']);
  });

  test('the Czech today between midnight and one is tomorrow in UTC, and not asked for', async () => {
    // 00:30 of the 21st in Prague.
    const date = 'Fri, 20 Nov 2026 23:30:00 GMT';
    expect(await askedFor({ from: '2026-11-21', to: '2026-11-21' }, date)).toEqual([
      '2026-11-20',
      '2026-11-20',
    ]);
  });

  test('a bank that does not tell its time is asked as it is', async () => {
    expect(await askedFor(window, null)).toEqual(['2026-11-15', '2026-11-21']);
  });

  test('rows of the days on both sides, which only UTC brings, are left out', async () => {
    const dated = (date: string) => row({ entryReference: date, bookingDate: { date } });
    const { transactions } = await read(
      dated('2026-11-15'),
      dated('2026-11-16'),
      dated('2026-11-21'),
      dated('2026-11-22'),
    );
    expect(transactions.map(({ bookingDate }) => bookingDate)).toEqual(['2026-11-16', '2026-11-21']);
  });

  test('a row of any other day is no less booked', async () => {
    const early = row({ bookingDate: { date: '2026-10-01' } });
    expect((await read(early)).transactions.length).toBe(1);
  });
});

describe('pages', () => {
  test('row 6: a page that is another one than was asked for is protocol, when it is parsed', async () => {
    const { connector } = bankThat(({ path }) =>
      path.endsWith('/transactions')
        ? { body: page('transactions', [row()], { pageCount: 3, nextPage: 1 }) }
        : null,
    );
    const first = await connector.transactions(account, window, null);
    const { next } = first.parse();
    const second = await connector.transactions(account, window, next);
    expect(second.document?.bytes.length, 'archived first').toBeGreaterThan(0);
    expect(() => second.parse()).toThrow(expect.objectContaining({ kind: 'protocol' }));
  });

  test.each(['nowhere', '2026-11-16/2026-11-21/x', '2026-11-21/2026-11-16/0', '2026-13-01/2026-13-02/0'])(
    'a place that is none: %s',
    async (cursor) => {
      const { connector } = bankThat(() => null);
      expect((await failureOf(connector.transactions(account, window, cursor))).kind).toBe('protocol');
    },
  );

  test('one day with more than the bank gives: the first ten thousand, then protocol', async () => {
    const { connector } = bankThat(({ path, query }) =>
      path.endsWith('/transactions')
        ? {
            body: page('transactions', [row()], { pageNumber: Number(query['page']), pageCount: 60 }),
          }
        : null,
    );
    const cursor = '2026-11-20/2026-11-20/49';
    const last = await connector.transactions(account, window, cursor);
    expect(() => last.parse()).toThrow(/more than 10000 movements on 2026-11-20/);
  });
});

/** A bank with so many rows on each day of a window, that refuses or just counts what is too much. */
function crowded(perDay: readonly number[], from: string, refuses: boolean) {
  const references = new Set<string>();
  const { connector, asked } = bankThat(({ path, query }) => {
    if (!path.endsWith('/transactions')) return null;
    const { fromDate = '', toDate = '', page: number = '0', size = '0' } = query;
    const all = perDay.flatMap((count, day) => {
      const date = addDays(from, day);
      if (date < fromDate || date > toDate) return [];
      return Array.from({ length: count }, (_, at) => `${date}|${at}`);
    });
    const [start, many] = [Number(number) * Number(size), Number(size)];
    if (start + many > 10_000 || (refuses && all.length > 10_000))
      return errors(400, 'MAX_TRANSACTIONS_EXCEEDED');
    const items = all
      .slice(start, start + many)
      .map((reference) =>
        row({ entryReference: reference, bookingDate: { date: reference.slice(0, 10) } }, null),
      );
    return {
      body: {
        pageNumber: Number(number),
        pageCount: Math.ceil(all.length / many),
        pageSize: many,
        transactions: items,
      },
    };
  });
  return { connector, asked, references };
}

async function everything(connector: Required<Connector>, asked: Window): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const { transactions, next } = (await connector.transactions(account, asked, cursor)).parse();
    found.push(...transactions.map(({ bankReference }) => bankReference!));
    cursor = next;
  }
  return found;
}

describe('more than ten thousand rows', () => {
  test.each([true, false])(
    'are split by halving the days, none lost, none twice (refused: %s)',
    async (refuses) => {
      const perDay = [9_999, 0, 4_000, 9_000, 1, 10_000];
      const { connector, asked } = crowded(perDay, window.from, refuses);
      const found = await everything(connector, window);
      expect(found.length).toBe(perDay.reduce((sum, count) => sum + count));
      expect(new Set(found).size).toBe(found.length);
      // No question was asked twice.
      const questions = asked.map(({ path, query }) => `${path}?${JSON.stringify(query)}`);
      expect(new Set(questions).size).toBe(questions.length);
    },
  );

  test('any spread over any days', async () => {
    const spread = fc.array(fc.constantFrom(0, 1, 199, 200, 201, 4_000, 10_000), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(spread, fc.boolean(), async (perDay, refuses) => {
        const to = window.to;
        const from = addDays(to, 1 - perDay.length);
        expect(daysBetween(from, to)).toBe(perDay.length - 1);
        const found = await everything(crowded(perDay, from, refuses).connector, { from, to });
        expect(found.length).toBe(perDay.reduce((sum: number, count) => sum + count, 0));
        expect(new Set(found).size).toBe(found.length);
      }),
      { numRuns: 4 },
    );
  });
});
