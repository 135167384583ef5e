import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../../shared/domain/model.ts';
import { toInternalForm } from '../../../shared/domain/account-number.ts';
import { hundredthsOfMinor, minorOfHundredths } from '../../../shared/formats/gpc/currency.ts';
import { periodOf } from '../../../shared/formats/gpc/period.ts';
import { readGpc } from '../../../shared/formats/gpc/reader.ts';
import { czk, file, header, item, OWN, read, rules, type HeaderFields, type ItemFields } from './compose.ts';

/** Rules of GPC that a change of its reader could break unnoticed, each with what it must not become. */

function first(records: readonly string[], options = {}): Transaction {
  const [transaction] = read(records, options).transactions;
  if (!transaction) throw new Error('there should be an item');
  return transaction;
}
const one = (fields: ItemFields, options = {}): Transaction => first([header(), item(fields)], options);

describe('the own account', () => {
  /** Passes modulo 11 both ways: 1070000019 as it stands, 19-10700000 permuted. */
  const BOTH = '0000001070000019';
  const numberOf = (account: string, options = {}): string | null =>
    read([header({ account })], options).account.number;

  it('that passes both ways is the one without a prefix, unless the configured account says otherwise', () => {
    expect(numberOf(BOTH)).toBe('1070000019');
    expect(numberOf(toInternalForm(BOTH))).toBe('1070000019');
    expect(numberOf(BOTH, { accountNumber: '19-10700000' })).toBe('19-10700000');
    expect(numberOf(toInternalForm(BOTH), { accountNumber: '1070000019' })).toBe('1070000019');
  });

  it('that is configured decides against the layout of the bank', () => {
    expect(numberOf(OWN, { bankCode: '0100', accountNumber: '19-2000145399' })).toBe('19-2000145399');
    expect(numberOf(toInternalForm(OWN), { bankCode: '2010', accountNumber: '19-2000145399' })).toBe(
      '19-2000145399',
    );
  });

  it('that passes neither way is taken as it stands, with a warning and without an IBAN', () => {
    const statement = read([header({ account: '0000001234567890' })], { bankCode: '5500', currency: 'CZK' });
    expect(statement.account).toMatchObject({ number: '1234567890', iban: null });
    expect(rules(statement)).toEqual(['account-checksum']);
    expect(rules(read([header()], { currency: 'CZK' }))).toEqual([]);
  });

  it.each([
    ['5500', 'CZ7755000000192000145399'],
    ['9999', null],
    [undefined, null],
  ])('at bank %s', (bankCode, iban) => {
    const options = bankCode === undefined ? {} : { bankCode };
    expect(read([header()], options).account.iban?.slice(4) ?? null).toBe(iban?.slice(4) ?? null);
  });

  it.each(['no account', '', 'DE89370400440532013000'])('configured as %j is none', (accountNumber) => {
    expect(numberOf(OWN, { accountNumber })).toBe('19-2000145399');
    expect(rules(read([header()], { accountNumber, currency: 'CZK' }))).toEqual([]);
  });
});

describe('the counter-account', () => {
  const options = { currency: 'CZK' };

  it('that fails modulo 11 is kept, with a warning, in both layouts', () => {
    const wrong = '0000001234567890';
    const edit = read([header({ closing: 100 }), item({ party: wrong })], options);
    expect(edit.transactions[0]?.counterparty.number).toBe('1234567890');
    expect(rules(edit)).toEqual(['account-checksum']);
    const account = toInternalForm(OWN);
    const internal = [header({ account, closing: 100 }), item({ account, party: toInternalForm(wrong) })];
    const read2 = read(internal, { ...options, accountNumber: '19-2000145399' });
    expect(read2.transactions[0]?.counterparty.number).toBe('1234567890');
    expect(rules(read2)).toEqual(['account-checksum']);
  });

  it('that holds is told of nowhere', () => {
    const account = toInternalForm(OWN);
    const party = toInternalForm('0000000630804003');
    const options2 = { ...options, accountNumber: '19-2000145399' };
    const statement = read([header({ account, closing: 100 }), item({ account, party })], options2);
    expect(statement.transactions[0]?.counterparty.number).toBe('630804003');
    expect(rules(statement)).toEqual([]);
  });
});

describe('periodOf', () => {
  const dialect = { opens: null, bookingDate: 'item' } as const;
  const from = (oldDate: string | null, date: string | null, opens: 'day-before' | 'same-day' | null) =>
    periodOf({ oldDate, date }, { ...dialect, opens }).from;

  it.each<[string | null, string | null, 'day-before' | 'same-day' | null, string | null]>([
    ['2026-09-02', '2026-09-03', null, '2026-09-03'],
    ['2026-09-01', '2026-09-03', null, '2026-09-01'],
    ['2026-09-03', '2026-09-03', null, '2026-09-03'],
    ['2026-09-01', '2026-09-03', 'day-before', '2026-09-02'],
    ['2026-09-03', '2026-09-03', 'day-before', '2026-09-03'],
    ['2026-09-04', '2026-09-03', 'day-before', '2026-09-04'],
    ['2026-09-02', '2026-09-03', 'same-day', '2026-09-02'],
    [null, '2026-09-03', 'day-before', null],
    ['2026-09-02', null, 'day-before', '2026-09-02'],
    ['2026-09-02', null, null, '2026-09-02'],
  ])('from %s to %s, opening %s, begins %s', (oldDate, date, opens, day) => {
    expect(from(oldDate, date, opens)).toBe(day);
  });

  it.each<['item' | 'header' | 'header-if-daily', string | null, string | null, string | null]>([
    ['item', '2026-09-01', '2026-09-15', '2026-09-15'],
    ['item', '2026-09-01', '2026-09-30', '2026-09-30'],
    ['item', '2026-09-01', '2026-09-01', '2026-09-01'],
    ['item', '2026-09-01', '2026-08-31', '2026-09-30'],
    ['item', '2026-09-01', '2026-10-01', '2026-09-30'],
    ['item', null, '2026-01-01', '2026-01-01'],
    ['item', '2026-09-01', null, '2026-09-30'],
    ['header', '2026-09-01', '2026-09-15', '2026-09-30'],
    ['header-if-daily', '2026-09-01', '2026-09-15', '2026-09-15'],
    ['header-if-daily', '2026-09-25', '2026-09-28', '2026-09-30'],
    ['header-if-daily', '2026-09-24', '2026-09-28', '2026-09-28'],
    ['header-if-daily', null, '2026-09-28', '2026-09-28'],
  ])('booking by %s, from %s, an item of %s is booked %s', (bookingDate, oldDate, itemDate, day) => {
    const period = periodOf({ oldDate, date: '2026-09-30' }, { opens: 'same-day', bookingDate });
    expect(period.bookingDate(itemDate)).toBe(day);
  });

  it('without a day of the header the item’s counts, and without both there is none', () => {
    const period = periodOf({ oldDate: null, date: null }, dialect);
    expect(period.bookingDate('2026-09-15')).toBe('2026-09-15');
    expect(period.bookingDate(null)).toBeNull();
  });
});

describe('hundredths', () => {
  it.each([
    [12345n, 'CZK', 12345n],
    [12300n, 'JPY', 123n],
    [-12300n, 'JPY', -123n],
    [12345n, 'KWD', 123450n],
  ])('%s of %s', (hundredths, currency, minor) => {
    expect(minorOfHundredths(hundredths, currency)).toBe(minor);
    expect(hundredthsOfMinor(minor, currency)).toBe(hundredths);
  });

  it('that a currency does not have, or that GPC does not, are refused', () => {
    const fine = expect.objectContaining({ rule: 'amount-too-fine' });
    expect(() => minorOfHundredths(12345n, 'JPY')).toThrow(fine);
    expect(() => hundredthsOfMinor(123451n, 'KWD')).toThrow(fine);
  });

  it('in a balance of whole units are cut off, with a warning', () => {
    const statement = read([
      header({ opening: 10050, closing: 20050 }),
      item({ type: '0392', amount: 10000 }),
    ]);
    expect(statement).toMatchObject({ opening: { minor: 100n, currency: 'JPY' }, reconciles: true });
    expect(rules(statement)).toEqual(['amount-too-fine', 'amount-too-fine']);
  });
});

describe('extended items', () => {
  /** Fields by their first column, from 1, behind the standard item. */
  const extended = (fields: Readonly<Record<number, string>>, standard: ItemFields = {}): Transaction => {
    let record = item(standard);
    for (const [column, text] of Object.entries(fields)) record = record.padEnd(Number(column) - 1) + text;
    return first([header(), record]);
  };

  it.each<[Record<number, string>, string | null]>([
    [{ 129: 'a'.repeat(35), 164: 'b', 199: 'c', 269: 'payer', 310: 'text' }, `${'a'.repeat(35)}b c`],
    [{ 269: 'payer', 310: 'text' }, 'payer'],
    [{ 310: 'text' }, 'text'],
    [{ 336: 'REF' }, null],
    [{ 128: '  ' }, null],
  ])('the message of %j', (fields, message) => {
    expect(extended(fields).message).toBe(message);
  });

  it('the long name stands for the short one', () => {
    expect(extended({ 369: 'Odběratel a synové' }, { name: 'Odběratel' }).counterparty.name).toBe(
      'Odběratel a synové',
    );
    expect(extended({ 310: 'x' }, { name: 'Odběratel' }).counterparty.name).toBe('Odběratel');
  });

  const eur = (minor: bigint, rate: string | null = null) => ({ amount: { minor, currency: 'EUR' }, rate });
  it.each<[Record<number, string>, ReturnType<typeof eur> | null]>([
    [{ 351: '000000000002000', 366: 'EUR' }, eur(2000n)],
    [{ 351: '              7', 366: 'EUR' }, eur(7n)],
    [{ 351: '          20,00', 366: 'EUR' }, eur(2000n)],
    [{ 351: '          20.50', 366: 'EUR', 404: '     25.103' }, eur(2050n, '25.103')],
    [{ 351: '000000000002000', 366: 'EUR', 404: '00000000000' }, eur(2000n)],
    [{ 351: '000000000002000' }, null],
    [{ 366: 'EUR' }, null],
    [{ 351: '000000000002000', 366: 'EU1' }, null],
    [{ 351: '000000000000000', 366: 'EUR' }, null],
    [{ 351: '           0,00', 366: 'EUR' }, null],
    [{ 351: '         x20,00', 366: 'EUR' }, null],
    [{ 351: '         20,00x', 366: 'EUR' }, null],
    [{ 351: '         20,001', 366: 'EUR' }, null],
    [{ 351: '            2x0', 366: 'EUR' }, null],
    [{ 351: '000000000002000', 366: 'CZK' }, null],
  ])('the original amount of %j', (fields, original) => {
    expect(extended(fields).original).toEqual(original);
  });
});

describe('references', () => {
  it.each([
    ['0000000001234', '1234'],
    ['1234         ', '1234'],
    ['0001234      ', '1234'],
    ['000          ', null],
    ['0012A        ', '0012A'],
    ['A0012        ', 'A0012'],
    ['             ', null],
  ])('the document number %j is %s', (document, reference) => {
    expect(one({ document }).bankReference).toBe(reference);
  });
});

describe('record 076', () => {
  const commented = (date: string): string | null =>
    first([header(), item(), `076${'REF'.padEnd(26)}${date}poznamka`]).message;

  it.each(['030926', '290226', '311226', '101026', '000000', '      '])('with the date %j is one', (date) => {
    expect(commented(date)).toBe('poznamka');
  });

  it.each(['320926', '031326', '003026', '300026', '0a0926', 'x03092'])(
    'with the date %j is none',
    (date) => {
      expect(commented(date)).toBeNull();
    },
  );

  it('adds its comment behind the message', () => {
    const records = [header(), item(), `076${'REF'.padEnd(26)}030926poznamka`, '078zprava'];
    expect(first(records).message).toBe('zprava poznamka');
  });

  it('never replaces a document number', () => {
    expect(first([header(), item({ document: '7' }), `076${'REF'.padEnd(26)}030926`]).bankReference).toBe(
      '7',
    );
  });
});

describe('the kind of movement', () => {
  const kindOf = (type: string, options = {}): string | null =>
    first([header(), item({ type })], options).transactionCode;

  it.each([
    ['1001', '0100', '1001'],
    ['0203', '0100', '0203'],
    ['0203', '0300', null],
    ['9999', '0300', null],
    ['0203', undefined, null],
    ['1001', undefined, '1001'],
    ['1  1', '0100', '1  1'],
    [' 101', '0100', '101'],
    ['    ', '0100', null],
  ])('columns 119-122 of %j at %s are %j', (type, bankCode, kind) => {
    expect(kindOf(type, bankCode === undefined ? {} : { bankCode })).toBe(kind);
  });

  it('is that of its own item', () => {
    const statement = read([
      header(),
      item({ type: '1001' }),
      item({ type: '1502' }),
      item({ type: '1001' }),
    ]);
    expect(statement.transactions.map(({ transactionCode }) => transactionCode)).toEqual([
      '1001',
      '1502',
      '1001',
    ]);
  });

  it('says crowns by its first digit only', () => {
    expect(rules(read([header({ closing: 100 }), item({ type: '1001' })], { bankCode: '5500' }))).toEqual([]);
    expect(rules(read([header({ closing: 100 }), item({ type: '3001' })], { bankCode: '5500' }))).toEqual([
      'currency-assumed',
    ]);
  });
});

describe('the name', () => {
  it.each<[ItemFields, string | null, string | null]>([
    [{ name: 'Kdosi' }, 'Kdosi', null],
    [{ name: 'Poplatek', party: '0'.repeat(16) }, null, 'Poplatek'],
    [{ party: '0'.repeat(16) }, null, null],
  ])('of %j', (fields, name, message) => {
    expect(one(fields)).toMatchObject({ counterparty: { name }, message });
  });

  it('stays a name where there is a message', () => {
    const records = [header(), item({ name: 'Poplatek', party: '0'.repeat(16) }), '078zprava'];
    expect(first(records)).toMatchObject({ counterparty: { name: 'Poplatek' }, message: 'zprava' });
  });
});

describe('dates', () => {
  it('many different days are each themselves', () => {
    const days = Array.from({ length: 1500 }, (_, at) =>
      new Date(Date.UTC(2020, 0, 1 + at)).toISOString().slice(0, 10),
    );
    const written = (day: string): string => day.slice(8) + day.slice(5, 7) + day.slice(2, 4);
    const records = [...days, ...days].map((day) => item({ valueDate: written(day) }));
    const { transactions } = read([header(), ...records]);
    expect(transactions.map(({ valueDate }) => valueDate)).toEqual([...days, ...days]);
  });

  it('an item’s day that does not exist is told, whichever of its two', () => {
    for (const fields of [{ valueDate: '310226' }, { date: '310226' }])
      expect(rules(read([header({ closing: 100 }), item(fields)]))).toEqual(['date-unreadable']);
  });

  it.each([
    ['0100', '2026-09-03'],
    ['0300', null],
  ])('a value date of zeros at %s', (bankCode, valueDate) => {
    expect(one({ valueDate: '000000' }, { bankCode }).valueDate).toBe(valueDate);
  });
});

describe('what is wrong in a header is told with its column', () => {
  const refusal = (fields: HeaderFields): { rule: string; position: string | null; message: string } => {
    try {
      readGpc(file([header(fields)]));
    } catch (error) {
      return error as { rule: string; position: string | null; message: string };
    }
    throw new Error('it should be refused');
  };

  it.each<[HeaderFields, string, number, string]>([
    [{ openingSign: 'x' }, 'column-not-a-sign', 60, 'old balance'],
    [{ closingSign: '0' }, 'column-not-a-sign', 75, 'new balance'],
    [{ debitSign: 'x' }, 'column-not-a-sign', 90, 'debit turnover'],
    [{ creditSign: '1' }, 'column-not-a-sign', 105, 'credit turnover'],
    [{ oldDate: '320926' }, 'column-not-a-date', 40, 'date of the old balance'],
    [{ date: '310226' }, 'column-not-a-date', 109, 'posting date'],
    [{ number: '1x1' }, 'column-not-numeric', 106, 'statement number'],
    [{ account: '000019200014539x' }, 'column-not-numeric', 4, 'own account'],
  ])('%j', (fields, rule, column, name) => {
    const found = refusal(fields);
    expect(found).toMatchObject({ rule, position: `line 1, column ${column}` });
    expect(found.message).toContain(name);
    expect(found.message).toMatch(new RegExp(`^Columns? ${column}\\b`));
  });

  it.each([
    ['000', null],
    ['   ', null],
    ['007', '007'],
  ])('the number %j is %j', (number, read1) => {
    expect(read([header({ number })]).number).toBe(read1);
  });
});

it('row 42: the sign of the end of a file is cut off a record, not its text', () => {
  const records = [header({ closing: 100 }), `${item()}\u001a`, '\u001a078zprava'];
  expect(read(records)).toMatchObject({
    transactions: [{ amount: czk(100n), message: 'zprava' }],
    quarantined: [],
  });
});

it('row 44: equal payments of one day are two', () => {
  const { transactions, count } = read([header(), item(), item()]);
  expect(count).toBe(2);
  expect(transactions[0]).toEqual(transactions[1]);
});

it('row 46: an amount of zero is a movement', () => {
  expect(read([header(), item({ amount: 0 })])).toMatchObject({
    count: 1,
    reconciles: true,
    transactions: [{ amount: czk(0n) }],
  });
});
