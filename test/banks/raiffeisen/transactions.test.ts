import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { account, bankThat, failureOf, window, type Answer } from './support.ts';

const row = (more: Record<string, unknown> = {}, details?: Record<string, unknown>) => ({
  entryReference: '3887196517',
  amount: { value: 100.5, currency: 'CZK' },
  creditDebitIndication: 'CRDT',
  bookingDate: '2026-11-20T14:05:48.000+01:00',
  valueDate: '2026-11-19T00:00:00.000+01:00',
  bankTransactionCode: { code: '10000101000' },
  ...(details ? { entryDetails: { transactionDetails: details } } : {}),
  ...more,
});

async function parse(body: unknown) {
  const page = await bankThat(() => ({ body })).connector.transactions(account, window, null);
  return page.parse();
}

async function read(one: unknown) {
  const { transactions, quarantined } = await parse({ lastPage: true, transactions: [one] });
  expect(quarantined).toEqual([]);
  return transactions[0]!;
}

async function aside(one: unknown) {
  const { transactions, quarantined } = await parse({ lastPage: true, transactions: [one] });
  expect(transactions).toEqual([]);
  return quarantined[0]!;
}

describe('paging', () => {
  async function pagesOf(answers: Answer[]) {
    const { connector, asked } = bankThat((_asked, number) => answers[number - 1] ?? { status: 204 });
    let cursor: string | null = null;
    for (let page = 0; page < 10; page++) {
      const answer = await connector.transactions(account, window, cursor);
      cursor = answer.parse().next;
      if (cursor === null) break;
    }
    return asked;
  }

  test('the question', async () => {
    const asked = await pagesOf([{ body: { lastPage: true, transactions: [] } }]);
    expect(asked).toEqual([
      {
        method: 'GET',
        path: '/accounts/6760653036/CZK/transactions',
        query: { from: '2026-11-16', to: '2026-11-21', page: '1' },
        json: {},
      },
    ]);
  });

  const more = { body: { lastPage: false, transactions: [row()] } };
  const silent = { body: { transactions: [row()] } };
  const cases: [string, Answer[], number][] = [
    ['`lastPage` ends it', [more, more, { body: { lastPage: true, transactions: [row()] } }], 3],
    ['204 ends it', [more, more], 3],
    ['row 6: a page without `lastPage` is not the last, by the contract', [silent, silent], 3],
    ['row 6: an empty page without `lastPage` is the last', [more, { body: { transactions: [] } }], 2],
    [
      'an empty page that says it is not the last is believed',
      [{ body: { lastPage: false, transactions: [] } }],
      2,
    ],
    ['`lastPage` alone', [{ body: { lastPage: true } }], 1],
    ['an empty day', [], 1],
  ];
  for (const [name, answers, calls] of cases) {
    test(name, async () => {
      const asked = await pagesOf(answers);
      expect(asked.map(({ query }) => query['page'])).toEqual(
        Array.from({ length: calls }, (_, index) => `${index + 1}`),
      );
    });
  }

  test('204 has no document', async () => {
    const page = await bankThat(() => ({ status: 204 })).connector.transactions(account, window, null);
    expect(page.document).toBeNull();
    expect(page.parse()).toEqual({ transactions: [], quarantined: [], next: null });
  });

  test('the document is what the bank sent, byte by byte', async () => {
    const body = '{ "lastPage":true,\n "transactions":[] }';
    const page = await bankThat(() => ({ body })).connector.transactions(account, window, '3');
    expect(Buffer.from(page.document!.bytes).toString()).toBe(body);
    expect(page.document!.name).toBe('transactions-6760653036-CZK-2026-11-16-2026-11-21-3.json');
  });

  test.each(['0', '-1', '100000', 'x', '1.5'])('row 6: cursor %s is protocol', async (cursor) => {
    const { connector } = bankThat(() => ({}));
    expect((await failureOf(connector.transactions(account, window, cursor))).kind).toBe('protocol');
  });

  test.each([
    ['{"transactions":[{"entry'],
    ['null'],
    ['{}'],
    ['[]'],
    ['{"transactions":{}}'],
    ['"text"'],
    ['{"transactions":"x","lastPage":true}'],
  ])('row 11: %s is protocol, and the document is kept', async (body) => {
    const page = await bankThat(() => ({ body })).connector.transactions(account, window, null);
    expect(page.document?.bytes.length).toBe(body.length);
    expect(() => page.parse()).toThrow(expect.objectContaining({ kind: 'protocol' }));
  });

  test('an error object under 200 is mapped', async () => {
    await expect(parse({ error: 'DT01', error_description: 'x' })).rejects.toMatchObject({
      kind: 'rejected',
    });
  });
});

describe('a row', () => {
  test('with everything', async () => {
    const details = {
      references: { endToEndIdentification: 'E2E-1' },
      instructedAmount: { value: 61, currency: 'EUR', exchangeRate: 0.03656 },
      chargeBearer: 'SHAR',
      paymentCardNumber: '547872XXXXXX9475',
      relatedParties: {
        counterParty: {
          name: 'Firma Ltd.',
          organisationIdentification: { name: 'Firma', bicOrBei: 'KOMBCZPP', bankCode: '0100' },
          account: {
            iban: 'CZ0801000000192000145399',
            accountNumberPrefix: '000019',
            accountNumber: '2000145399',
          },
        },
      },
      remittanceInformation: {
        unstructured: 'Faktura 12',
        creditorReferenceInformation: { variable: '0012345678', constant: '558', specific: '0' },
        originatorMessage: 'poznámka',
      },
    };
    expect(
      await read(
        row({ creditDebitIndication: 'DBIT', amount: { value: -1668.59, currency: 'CZK' } }, details),
      ),
    ).toEqual({
      bankReference: '3887196517',
      bookingDate: '2026-11-20',
      valueDate: '2026-11-19',
      amount: { minor: -166_859n, currency: 'CZK' },
      counterparty: {
        name: 'Firma Ltd.',
        iban: 'CZ0801000000192000145399',
        number: '19-2000145399',
        bankCode: '0100',
        bic: 'KOMBCZPP',
      },
      variableSymbol: '12345678',
      constantSymbol: '0558',
      specificSymbol: null,
      rawSymbols: { variableSymbol: '0012345678', constantSymbol: '558', specificSymbol: '0' },
      message: 'Faktura 12',
      endToEndId: 'E2E-1',
      transactionCode: '10000101000',
      reversal: false,
      original: { amount: { minor: -6_100n, currency: 'EUR' }, rate: '0.03656' },
      card: '547872XXXXXX9475',
      batch: null,
    });
  });

  test('with nothing but what is required', async () => {
    expect(await read(row({ valueDate: undefined }))).toMatchObject({
      bankReference: '3887196517',
      valueDate: null,
      counterparty: { name: null, iban: null, number: null, bankCode: null, bic: null },
      rawSymbols: { variableSymbol: null, constantSymbol: null, specificSymbol: null },
      message: null,
      endToEndId: null,
      original: null,
      card: null,
    });
  });

  test('a card payment has no counterparty; the merchant is the message', async () => {
    const details = {
      references: {},
      paymentCardNumber: '547872XXXXXX9475',
      remittanceInformation: { unstructured: 'OBCHOD; PRAHA; CZE' },
    };
    const read1 = await read(row({}, details));
    expect(read1.counterparty.name).toBeNull();
    expect(read1).toMatchObject({ message: 'OBCHOD; PRAHA; CZE', card: '547872XXXXXX9475' });
  });

  test('a card number in full is masked', async () => {
    expect((await read(row({}, { paymentCardNumber: '4111111111111111' }))).card).toBe('************1111');
  });

  test('the text of an incoming payment stands in originatorMessage', async () => {
    const details = { remittanceInformation: { originatorMessage: 'Zpráva pro příjemce' } };
    expect((await read(row({}, details))).message).toBe('Zpráva pro příjemce');
  });

  test('counterparties with parts missing; a foreign number stays as written', async () => {
    const party = (counterParty: unknown) => read(row({}, { relatedParties: { counterParty } }));
    expect((await party({ account: { accountNumber: '123456789' } })).counterparty).toEqual({
      name: null,
      iban: null,
      number: '123456789',
      bankCode: null,
      bic: null,
    });
    const foreign = {
      account: { accountNumber: '0012-34 56' },
      organisationIdentification: { bankCode: '12345678' },
    };
    expect((await party(foreign)).counterparty).toMatchObject({ number: '0012-34 56', bankCode: '12345678' });
    const padded = {
      account: { accountNumber: '0000123457' },
      organisationIdentification: { bankCode: '0800' },
    };
    expect((await party(padded)).counterparty.number).toBe('123457');
    const named = { organisationIdentification: { name: 'Úřad' } };
    expect((await party(named)).counterparty.name).toBe('Úřad');
  });

  test('a reference as a bare number is text, however long', async () => {
    const text = JSON.stringify({ lastPage: true, transactions: [row()] });
    const body = text.replace('"3887196517"', '12345678901234567890');
    expect((await parse(body)).transactions[0]?.bankReference).toBe('12345678901234567890');
  });

  test('row 46: the indicator alone gives the sign', async () => {
    for (const value of [5, -5]) {
      const amount = { value, currency: 'CZK' };
      expect((await read(row({ amount, creditDebitIndication: 'CRDT' }))).amount.minor).toBe(500n);
      expect((await read(row({ amount, creditDebitIndication: 'DBIT' }))).amount.minor).toBe(-500n);
    }
  });

  test('amounts come from the source text; minus zero is zero', async () => {
    const values = ['90071992547409.93', '1.25E7', '0.1', '-0', '-0.00', '100.50'];
    const bodies = values.map((value) => JSON.stringify(row()).replace('100.5', value));
    const { transactions } = await parse(`{"lastPage":true,"transactions":[${bodies.join(',')}]}`);
    const minors = transactions.map(({ amount }) => amount.minor);
    expect(minors).toEqual([9_007_199_254_740_993n, 1_250_000_000n, 10n, 0n, 0n, 10_050n]);
  });

  test('any amount of two decimals is read to the heller', async () => {
    const minors = fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), {
      minLength: 1,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(minors, async (list) => {
        const rows = list.map((minor) => {
          const digits = (minor < 0n ? -minor : minor).toString().padStart(3, '0');
          const value = `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
          return JSON.stringify(row({ creditDebitIndication: minor < 0n ? 'DBIT' : 'CRDT' })).replace(
            '100.5',
            value,
          );
        });
        const { transactions } = await parse(`{"lastPage":true,"transactions":[${rows.join(',')}]}`);
        expect(transactions.map(({ amount }) => amount.minor)).toEqual(list);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['2026-11-20T14:05:48.000+01:00', '2026-11-20'],
    ['2026-11-20T23:30:00Z', '2026-11-21'],
    ['2026-07-31T22:00:00.000Z', '2026-08-01'],
    ['2026-07-31T21:59:59.999Z', '2026-07-31'],
    ['2026-11-20T00:10:00.000+02:00', '2026-11-19'],
    ['2026-11-20T00:00:00.000+0100', '2026-11-20'],
    ['2026-10-25T00:30:00+02:00', '2026-10-25'],
    ['2026-11-20T23:59:59', '2026-11-20'],
    ['2026-11-20', '2026-11-20'],
  ])('booked at %s is booked on %s in Prague', async (bookingDate, day) => {
    expect((await read(row({ bookingDate }))).bookingDate).toBe(day);
  });

  test('without a booking date the value date stands for it', async () => {
    expect((await read(row({ bookingDate: undefined }))).bookingDate).toBe('2026-11-19');
  });

  test('the original amount is left out when it is in the same currency or unreadable', async () => {
    const original = async (instructedAmount: unknown) =>
      (await read(row({}, { instructedAmount }))).original;
    expect(await original({ value: 100.5, currency: 'CZK' })).toBeNull();
    expect(await original({ value: 'x', currency: 'EUR' })).toBeNull();
    expect(await original({ value: 500, currency: 'JPY' })).toEqual({
      amount: { minor: 500n, currency: 'JPY' },
      rate: null,
    });
  });

  test('NOTPROVIDED is no end-to-end id', async () => {
    expect(
      (await read(row({}, { references: { endToEndIdentification: 'NOTPROVIDED' } }))).endToEndId,
    ).toBeNull();
  });

  test('row 43: unknown fields are passed over, unknown shapes below the details too', async () => {
    const odd = {
      relatedParties: [],
      remittanceInformation: 'x',
      references: null,
      instructedAmount: 7,
      added: true,
    };
    expect(await read(row({ added: { a: 1 } }, odd))).toMatchObject({
      bankReference: '3887196517',
      message: null,
    });
  });
});

describe('row 43: rows that cannot be read', () => {
  test.each([
    ['reference-missing', { entryReference: undefined }],
    ['reference-missing', { entryReference: ' ' }],
    ['indicator-unknown', { creditDebitIndication: 'CREDIT' }],
    ['indicator-unknown', { creditDebitIndication: undefined }],
    ['amount-unreadable', { amount: { currency: 'CZK' } }],
    ['amount-unreadable', { amount: { value: 'abc', currency: 'CZK' } }],
    ['amount-unreadable', { amount: { value: 1.005, currency: 'CZK' } }],
    ['currency-missing', { amount: { value: 1 } }],
    ['currency-missing', { amount: undefined }],
    ['currency-differs', { amount: { value: 1, currency: 'EUR' } }],
    ['date-missing', { bookingDate: undefined, valueDate: undefined }],
    ['date-unreadable', { bookingDate: '20. 11. 2026' }],
    ['date-unreadable', { bookingDate: '2026-02-30' }],
    ['date-unreadable', { bookingDate: '2026-11-20T99:00:00Z' }],
  ])('row 43: %s', async (rule, more) => {
    const item = await aside(row(more));
    expect(item.rule).toBe(rule);
    expect(item.position).toBe('transaction 1 of page 1');
    expect(item.raw).toBe(JSON.stringify(row(more)));
  });

  test.each([[null], [7], ['text'], [[]]])('row 43: %j is no row', async (value) => {
    expect((await aside(value)).raw).toBe(JSON.stringify(value));
  });

  test('the raw text keeps numbers as the bank wrote them', async () => {
    const raw =
      '{"entryReference":"1","amount":{"value":1.50E1,"currency":"CZK"},"creditDebitIndication":"?"}';
    const { quarantined } = await parse(`{"lastPage":true,"transactions":[${raw}]}`);
    expect(quarantined[0]?.raw).toBe(raw);
  });

  test('the rest goes on', async () => {
    const rows = [row({ entryReference: '1' }), row({ amount: null }), row({ entryReference: '3' })];
    const { transactions, quarantined, next } = await parse({ lastPage: false, transactions: rows });
    expect(transactions.map(({ bankReference }) => bankReference)).toEqual(['1', '3']);
    expect(quarantined.map(({ position }) => position)).toEqual(['transaction 2 of page 1']);
    expect(next).toBe('2');
  });

  test('whatever a row is, it is read or set aside', async () => {
    const mutated = fc.tuple(fc.constantFrom(...Object.keys(row({}, {}))), fc.jsonValue({ maxDepth: 3 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutated, { maxLength: 4 }),
        fc.jsonValue({ maxDepth: 4 }),
        async (changes, details) => {
          const one = row({ entryDetails: { transactionDetails: details }, ...Object.fromEntries(changes) });
          const { transactions, quarantined } = await parse({ lastPage: true, transactions: [one] });
          expect(transactions.length + quarantined.length).toBe(1);
        },
      ),
      { numRuns: 300 },
    );
  });
});
