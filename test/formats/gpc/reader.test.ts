import { describe, expect, it } from 'vitest';
import { collect } from '../../../shared/formats/stream.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { readGpc, streamGpc } from '../../../shared/formats/gpc/reader.ts';
import { chunksOf, concat } from '../encode.ts';
import { czk, file, fixture, header, item, only, OWN, PARTY, read, rules } from './compose.ts';

const NO_PARTY = '0'.repeat(16);

describe('a statement in edit form', () => {
  const statement = only(fixture('day-edit.gpc'));

  it('gives the figures of the header and those of the items', () => {
    expect(statement).toMatchObject({
      account: { iban: null, number: '19-2000145399', bankCode: null, currency: 'CZK' },
      number: '171',
      from: '2026-09-03',
      to: '2026-09-03',
      opening: czk(100000n),
      closing: czk(162750n),
      credits: czk(83750n),
      debits: czk(21000n),
      declared: { credits: czk(83750n), debits: czk(21000n), count: null },
      count: 4,
      reconciles: true,
      warnings: [],
      quarantined: [],
    });
  });

  it('gives each item whole', () => {
    expect(statement.transactions[0]).toEqual({
      bankReference: '1234',
      bookingDate: '2026-09-03',
      valueDate: '2026-09-03',
      amount: czk(74530n),
      counterparty: {
        name: 'Odběratel s.r.o.',
        iban: null,
        number: '630804003',
        bankCode: '5500',
        bic: null,
      },
      variableSymbol: '260000777',
      constantSymbol: '0308',
      specificSymbol: '55501234',
      rawSymbols: { variableSymbol: '0260000777', constantSymbol: '0308', specificSymbol: '0055501234' },
      message: 'Faktura 07/2026 za služby a dodávky dle smlouvy třetí řádek zprávy čtvrtý',
      endToEndId: null,
      transactionCode: null,
      reversal: false,
      original: null,
      card: null,
      batch: null,
    });
  });

  it('radekhulan/myinvoice: the merchant of a card payment stands in 078 while the name is blank', () => {
    expect(statement.transactions[1]).toMatchObject({
      amount: czk(-20000n),
      counterparty: { name: null, number: null, bankCode: null },
      message: 'Obchod u Řeky, Plzeň nákup v obchodě',
    });
  });

  it('takes a text without a counter-account for the message', () => {
    expect(statement.transactions[2]).toMatchObject({
      counterparty: { name: null },
      message: 'Poplatek za vedení',
      constantSymbol: '0898',
    });
  });

  it('gives account and IBAN when the bank is known', () => {
    expect(only(fixture('day-edit.gpc'), { accountNumber: '19-2000145399/0800' }).account).toEqual({
      iban: 'CZ6508000000192000145399',
      number: '19-2000145399',
      bankCode: '0800',
      currency: 'CZK',
    });
  });

  it('finds the bank in a configured IBAN', () => {
    expect(
      only(fixture('day-edit.gpc'), { accountNumber: 'CZ6508000000192000145399' }).account.bankCode,
    ).toBe('0800');
  });
});

describe('a statement in internal form', () => {
  const statement = only(fixture('day-internal.gpc'));

  it('is turned into edit form, by the checksum of the own account', () => {
    expect(statement.account).toMatchObject({ number: '500005-2267180257', bankCode: '0100' });
    expect(statement.account.iban).toBe('CZ0301005000052267180257');
    expect(statement.transactions.map(({ counterparty }) => counterparty.number)).toEqual([
      '1107340237',
      '1107340237',
      '13825001',
      '13825001',
    ]);
  });

  it('django-bankreader: reversal items are kept, with the sign of the account', () => {
    expect(statement.transactions.map(({ amount, reversal }) => [amount.minor, reversal])).toEqual([
      [7000n, false],
      [-2000n, true],
      [-3000n, false],
      [2000n, true],
    ]);
  });

  it('gives turnovers net of reversals', () => {
    expect(statement).toMatchObject({
      credits: czk(5000n),
      debits: czk(1000n),
      reconciles: true,
      warnings: [],
    });
  });

  it('takes the posting date for a value date of zeros, where the bank means that', () => {
    expect(statement.transactions.map(({ valueDate }) => valueDate)).toEqual([
      '2026-01-02',
      '2026-01-02',
      '2026-01-31',
      '2026-01-02',
    ]);
  });

  it('keeps the kind of movement as the code', () => {
    expect(statement.transactions[0]?.transactionCode).toBe('1001');
    expect(statement.account.currency).toBe('CZK');
  });

  it('lets the configured account decide', () => {
    const other = header({ account: '1002001385000000', closing: 0 });
    expect(read([other], { accountNumber: '13825001/0100' }).account.number).toBe('13825001');
  });

  it('warns of a file of another account', () => {
    expect(rules(read([header()], { accountNumber: '13825001/0100' }))).toContain('account-differs');
  });
});

describe('extended items', () => {
  it('take name, message and original amount from behind column 128', () => {
    const [transaction] = only(fixture('day-extended.gpc')).transactions;
    expect(transaction).toMatchObject({
      counterparty: { name: 'Odběratel a synové, veřejná spol.', number: '630804003' },
      message: 'Platba za službu podle smlouvy o dílo číslo 7',
      original: { amount: { minor: 2000n, currency: 'EUR' }, rate: '25.000' },
    });
  });
});

describe('posting codes', () => {
  const four = (closing: number): string[] => [
    header({ opening: 1000, closing }),
    item({ amount: 500, code: '1' }),
    item({ amount: 300, code: '4' }),
    item({ amount: 100, code: '2' }),
  ];
  const amounts = (records: string[], options = {}): bigint[] =>
    read(records, options).transactions.map(({ amount }) => amount.minor);

  it('mbursa/gpc2csv: code 4 is a reversed debit, and raises the balance', () => {
    expect(amounts(four(900), { bankCode: '0300' })).toEqual([-500n, 300n, 100n]);
  });

  it('jakubzapletal/bank-statements: codes 3 and 4 of Česká spořitelna', () => {
    const records = [
      header({ opening: 1000, closing: 900, debits: 200, credits: 100 }),
      item({ amount: 500, code: '1' }),
      item({ amount: 300, code: '3' }),
      item({ amount: 200, code: '2' }),
      item({ amount: 100, code: '4' }),
    ];
    const statement = read(records, { bankCode: '0800' });
    expect(statement.transactions.map(({ amount, reversal }) => [amount.minor, reversal])).toEqual([
      [-500n, false],
      [300n, true],
      [200n, false],
      [-100n, true],
    ]);
    expect(statement).toMatchObject({ reconciles: true, debits: czk(200n), credits: czk(100n) });
  });

  it('are decided by the balance where the bank is unknown, in the order of the file', () => {
    expect(amounts(four(900))).toEqual([-500n, 300n, 100n]);
    expect(amounts(four(300))).toEqual([-500n, -300n, 100n]);
    expect(read(four(300))).toMatchObject({ reconciles: true, debits: czk(500n), credits: czk(-200n) });
  });

  it('are decided by a code that only one table has', () => {
    const ambiguous = [item({ amount: 300, code: '4' }), item({ amount: 50, code: '3' })];
    expect(amounts([header(), ...ambiguous])).toEqual([-300n, 50n]);
    expect(amounts([header(), item({ amount: 300, code: '4' }), item({ amount: 50, code: '5' })])).toEqual([
      300n,
      -50n,
    ]);
  });

  it('stay decided for the next statement of the file', () => {
    const next = [header({ opening: 300, closing: 77777 }), item({ amount: 10, code: '4' })];
    const [, second] = readGpc(file([...four(300), ...next]));
    expect(second?.transactions[0]?.amount.minor).toBe(-10n);
  });

  it('are warned about when the balance fits neither table', () => {
    const statement = read(four(12345));
    expect(statement.reconciles).toBe(false);
    expect(rules(statement)).toEqual(expect.arrayContaining(['posting-codes-undecided', 'balance-differs']));
  });

  it('hint at another bank when its table would balance', () => {
    const statement = read(four(300), { bankCode: '0300' });
    expect(statement.warnings.find(({ rule }) => rule === 'balance-differs')?.message).toMatch(/other banks/);
  });

  it.each(['0', '3', '6', '9'])('%s is put aside at a bank that has no such code', (code) => {
    const statement = read([header({ closing: 100 }), item({ code }), item()], { bankCode: '0300' });
    expect(statement.quarantined).toMatchObject([
      { rule: 'posting-code-unknown', position: 'line 2, column 61' },
    ]);
    expect(statement.count).toBe(1);
  });

  it('are replaced by a sign in one variant', () => {
    const sign = (mark: string): string => {
      const record = item({ amount: '0', code: '0' });
      return `${record.slice(0, 48)}${mark}00000000150${record.slice(60)}`;
    };
    expect(amounts([header({ closing: 0 }), sign('+'), sign('-')])).toEqual([150n, -150n]);
  });

  it('wait in bounded memory, however many items follow', () => {
    const many = Array.from({ length: 10_050 }, () => item({ amount: 1 }));
    const statement = read([
      header({ opening: 1000, closing: 1000 + 10_050 - 300 }),
      item({ amount: 300, code: '4' }),
      ...many,
    ]);
    expect(statement).toMatchObject({ count: 10_051, reconciles: true });
    expect(statement.transactions.filter(({ amount }) => amount.minor === -300n)).toHaveLength(1);
  });

  it('that stay doubtful a hundred thousand times call for the bank', () => {
    const reversal = item({ code: '4' });
    const many = file([header(), ...Array.from({ length: 100_001 }, () => reversal)]);
    expect(() => readGpc(many)).toThrow(expect.objectContaining({ rule: 'bank-unknown' }));
    // With the bank named they are what they are.
    const few = file([header(), ...Array.from({ length: 1_001 }, () => reversal)]);
    expect(readGpc(few, { bankCode: '0300' })).toMatchObject([{ count: 1_001, debits: czk(-100_100n) }]);
  });
});

describe('dates', () => {
  const dated = (fields: Parameters<typeof header>[0], date: string, options = {}): string | undefined =>
    read([header(fields), item({ date })], options).transactions[0]?.bookingDate;

  it.each([
    ['310149', '2049-01-31'],
    ['310150', '1950-01-31'],
    ['310199', '1999-01-31'],
    ['290200', '2000-02-29'],
  ])('two-digit year of %s', (written, day) => {
    expect(dated({ oldDate: '000000', date: written }, '000000')).toBe(day);
  });

  it('come from the item in a statement over a period', () => {
    const period = { oldDate: '010926', date: '300926' };
    expect(dated(period, '150926')).toBe('2026-09-15');
    expect(dated({ ...period, filler: 'FIO' }, '010926')).toBe('2026-09-01');
    expect(dated(period, '151026'), 'a due date outside of the period').toBe('2026-09-30');
    expect(dated(period, '      '), 'none').toBe('2026-09-30');
  });

  it('come from the header in a daily statement of a bank that makes those', () => {
    expect(dated({}, '010926', { bankCode: '0300' })).toBe('2026-09-03');
    expect(dated({ oldDate: '010926', date: '300926' }, '150926', { bankCode: '0300' })).toBe('2026-09-15');
    expect(dated({ oldDate: '010926', date: '300926' }, '150926', { bankCode: '0100' })).toBe('2026-09-30');
  });

  it('of the period begin on the day of the old balance or the day after', () => {
    const from = (fields: Parameters<typeof header>[0], options = {}): string | null =>
      read([header(fields)], options).from;
    expect(from({})).toBe('2026-09-03');
    expect(from({ filler: 'FIO' })).toBe('2026-09-02');
    expect(from({ oldDate: '310826' })).toBe('2026-08-31');
    expect(from({ oldDate: '310826' }, { bankCode: '0300' })).toBe('2026-09-01');
    expect(from({ oldDate: '000000' })).toBeNull();
  });

  it('that are none are left out with a warning', () => {
    const statement = read([header({ closing: 100 }), item({ valueDate: '310226' })]);
    expect(statement.transactions[0]).toMatchObject({ valueDate: null, bookingDate: '2026-09-03' });
    expect(rules(statement)).toEqual(['date-unreadable']);
  });

  it('must exist somewhere', () => {
    const dateless = [
      header({ oldDate: '000000', date: '000000' }),
      item({ valueDate: '000000', date: '000000' }),
    ];
    expect(read(dateless).quarantined).toMatchObject([{ rule: 'date-missing' }]);
  });
});

describe('currency', () => {
  const currencyOf = (type: string, options = {}): string | null =>
    read([header(), item({ type })], options).account.currency;

  it.each([
    ['0203', 'CZK'],
    ['0978', 'EUR'],
    ['0703', 'SKK'],
    ['1001', 'CZK'],
    ['0000', 'CZK'],
  ])('columns 119-122 of %s are %s', (type, currency) => {
    expect(currencyOf(type)).toBe(currency);
  });

  it('is the configured one where the columns hold the kind of movement', () => {
    expect(currencyOf('0203', { bankCode: '0100', currency: 'EUR' })).toBe('EUR');
    expect(currencyOf('2001', { bankCode: '0100', currency: 'USD' })).toBe('USD');
  });

  it('is not guessed for an account that is not in crowns', () => {
    const statement = read([header(), item({ type: '2001' })], { bankCode: '0100' });
    expect(statement.account.currency).toBeNull();
    expect(statement.transactions[0]?.amount.currency).toBe('XXX');
    expect(rules(statement)).toContain('currency-unknown');
  });

  it('that differs from the one set is warned about; among items it is put aside', () => {
    expect(rules(read([header(), item()], { currency: 'EUR' }))).toContain('currency-differs');
    const mixed = read([header(), item(), item({ type: '0978' }), item({ type: '0978' }), item()]);
    expect(mixed.count).toBe(2);
    expect(mixed.quarantined.map(({ rule }) => rule)).toEqual(['currency-differs', 'currency-differs']);
  });

  it('without hundredths is counted in whole units', () => {
    const statement = read([
      header({ opening: 100000, closing: 110000 }),
      item({ type: '0392', amount: 10000 }),
    ]);
    expect(statement).toMatchObject({ opening: { minor: 1000n, currency: 'JPY' }, reconciles: true });
    expect(statement.transactions[0]?.amount).toEqual({ minor: 100n, currency: 'JPY' });
    expect(read([header(), item({ type: '0392', amount: 10050 })]).quarantined[0]?.rule).toBe(
      'amount-too-fine',
    );
  });

  it('is taken for CZK, with a warning, where a statement without items does not say', () => {
    expect(rules(read([header()]))).toEqual(['currency-assumed']);
    expect(read([header()], { currency: 'CZK' })).toMatchObject({ count: 0, reconciles: true, warnings: [] });
  });
});

describe('turnovers', () => {
  it('of Fio carry a minus although nothing was reversed', () => {
    const records = [
      header({ opening: 100, closing: 0, debits: 100, debitSign: '-', filler: 'FIO' }),
      item({ code: '1' }),
    ];
    expect(read(records)).toMatchObject({ warnings: [], debits: czk(100n), declared: { debits: czk(100n) } });
  });

  it('are negative when reversals prevail', () => {
    const records = [header({ closing: 100, debits: 100, debitSign: '-' }), item({ code: '4' })];
    expect(read(records, { bankCode: '0300' })).toMatchObject({
      warnings: [],
      debits: czk(-100n),
      declared: { debits: czk(-100n) },
    });
  });

  it('that differ are warned about', () => {
    expect(rules(read([header({ closing: 100, credits: 99 }), item()]))).toEqual(['turnover-differs']);
  });

  it('are no error by themselves: amounts of fourteen digits fit', () => {
    const most = 99_999_999_999_999;
    const statement = read([header({ opening: most, closing: most, openingSign: '-', closingSign: '-' })]);
    expect(statement.opening).toEqual(czk(-99_999_999_999_999n));
  });
});

describe('symbols and references', () => {
  const first = (fields: Parameters<typeof item>[0]) => read([header(), item(fields)]).transactions[0];

  it('radekhulan/myinvoice 150: right zeros are kept', () => {
    expect(first({ vs: '260100010', ks: '0010', ss: '1000000000' })).toMatchObject({
      variableSymbol: '260100010',
      constantSymbol: '0010',
      specificSymbol: '1000000000',
    });
  });

  it('of zeros or blanks are none', () => {
    const blank = ' '.repeat(10);
    expect(first({ vs: blank, ks: '    ', ss: '0' })).toMatchObject({
      variableSymbol: null,
      constantSymbol: null,
      specificSymbol: null,
      rawSymbols: { variableSymbol: blank, constantSymbol: '    ', specificSymbol: '0000000000' },
    });
  });

  it('radekhulan/myucto: equal payments are told apart by the document number', () => {
    const twins = [item({ document: '7170839739' }), item({ document: '7170839749' })];
    const statement = read([header({ closing: 200 }), ...twins]);
    expect(statement.transactions.map(({ bankReference }) => bankReference)).toEqual([
      '7170839739',
      '7170839749',
    ]);
  });

  it('is text, and none when it is zeros', () => {
    expect(first({ document: 'AB12        C' })?.bankReference).toBe('AB12        C');
    expect(first({ document: '0' })?.bankReference).toBeNull();
  });
});

describe('records behind an item', () => {
  const messageOf = (...records: string[]): string | null | undefined =>
    read([header(), item(), ...records]).transactions[0]?.message;
  const av = (kind: string, one: string, two = ''): string => kind + one.padEnd(35) + two.padEnd(35);

  it('join without a space behind a line that fills its columns', () => {
    expect(messageOf(av('078', 'x'.repeat(35), 'leden.Faktura'))).toBe(`${'x'.repeat(35)}leden.Faktura`);
    expect(messageOf(av('078', 'x'.repeat(34), 'leden'))).toBe(`${'x'.repeat(34)} leden`);
  });

  it('may be 079 without 078, and may be padded or trimmed', () => {
    expect(messageOf(av('079', 'tretí radek').padEnd(128))).toBe('tretí radek');
    expect(messageOf('078kratky')).toBe('kratky');
  });

  it('mbursa/gpc2csv: 076 is no movement and gives its comment', () => {
    const record = `076${'7000000001'.padEnd(26)}030926komentar`;
    expect(messageOf(record)).toBe('komentar');
    const [transaction] = read([header(), item({ document: '0' }), record]).transactions;
    expect(transaction?.bankReference).toBe('7000000001');
  });

  it('that are not laid out as such, stray or unknown are warned about', () => {
    const statement = read([
      header({ closing: 100 }),
      '078stray',
      item(),
      '076not a date at all, but text',
      '077x',
    ]);
    expect(rules(statement)).toEqual(['record-stray', 'record-unreadable', 'record-skipped']);
    expect(statement.transactions[0]?.message).toBeNull();
  });

  it('of an item that was put aside go with it', () => {
    const statement = read([header({ closing: 100 }), item({ amount: 'x' }), '078zprava', item()]);
    expect(statement.quarantined[0]?.raw).toBe(`${item({ amount: 'x' })}\n078zprava`);
    expect(statement.transactions[0]?.message).toBeNull();
  });
});

describe('encodings', () => {
  const records = [
    header({ name: 'Novák, Jan', closing: 100 }),
    item({ name: 'Příliš žluťoučký kůň', vs: '42' }),
    '078Řádek zprávy s háčky a čárkami',
  ];

  it.each([
    ['windows-1250', {}],
    ['utf-8', {}],
    ['windows-1250', { bankCode: '0100' }],
    ['utf-8', { bankCode: '0100' }],
    ['cp852', { encoding: 'cp852' }],
    ['cp852', {}],
    ['iso-8859-2', { encoding: 'iso-8859-2' }],
  ] as const)('radekhulan/myinvoice 1: columns are those of characters in %s (%j)', (encoding, options) => {
    const statement = only(file(records, encoding), options);
    expect(statement).toMatchObject({
      closing: czk(100n),
      from: '2026-09-03',
      reconciles: true,
      quarantined: [],
    });
    expect(statement.transactions[0]).toMatchObject({
      counterparty: { name: 'Příliš žluťoučký kůň' },
      message: 'Řádek zprávy s háčky a čárkami',
      variableSymbol: '42',
    });
  });

  it('a byte order mark is no part of the file', () => {
    const bytes = concat(Uint8Array.of(0xef, 0xbb, 0xbf), file(records, 'utf-8'));
    expect(only(bytes).transactions[0]?.counterparty.name).toBe('Příliš žluťoučký kůň');
  });

  it('a name cut inside a character does not spoil the rest', () => {
    const bytes = concat(
      file(records, 'utf-8'),
      Uint8Array.from(Buffer.from('078')),
      Uint8Array.of(0xc5, 13, 10),
    );
    const statement = only(bytes);
    expect(statement.transactions[0]?.message).toMatch(/^Řádek zprávy s háčky a čárkami/);
    expect(rules(statement)).toEqual(['encoding-mixed']);
  });
});

describe('lines', () => {
  const records = [header({ closing: 200 }), item(), '078zprava', item()];

  it.each(['\r\n', '\n', '\r', '\r\n\r\n'])('end with %j', (end) => {
    for (const size of [1, 7, 1 << 20]) {
      const chunked = readGpc(chunksOf(file(records, 'windows-1250', end), size));
      expect(chunked).toMatchObject([{ count: 2, reconciles: true, warnings: [], quarantined: [] }]);
    }
  });

  it('end in different ways in one file', () => {
    const mixed = `${header({ closing: 200 })}\r${item()}\n078zprava\r\n\n${item()}`;
    expect(only(Buffer.from(mixed))).toMatchObject({ count: 2, reconciles: true, quarantined: [] });
  });

  it.each(['\x1a', '\r\n\x1a', '\x1a\r\n', '\r\n\x1a\r\n\x1a'])('and the file with %j', (end) => {
    expect(only(Buffer.from(records.join('\r\n') + end))).toMatchObject({
      count: 2,
      warnings: [],
      quarantined: [],
    });
  });

  it('of files put together with their ends', () => {
    const one = `${records.join('\r\n')}\r\n\x1a`;
    expect(readGpc(Buffer.from(one + one))).toMatchObject([{ reconciles: true }, { reconciles: true }]);
  });

  it('may be trimmed on the right', () => {
    const short = [
      header({ closing: 100 }).slice(0, 114),
      item({ name: '', type: '    ', date: '      ' }).trimEnd(),
    ];
    expect(short[1]).toHaveLength(118);
    expect(read(short, { currency: 'CZK' })).toMatchObject({ count: 1, reconciles: true, warnings: [] });
  });

  it('give the same in chunks of any size', () => {
    const bytes = fixture('day-edit.gpc');
    const whole = readGpc(bytes);
    for (const size of [1, 2, 63, 129, 130, 131]) expect(readGpc(chunksOf(bytes, size))).toEqual(whole);
  });
});

describe('several statements in one file', () => {
  it('of several accounts and days stay apart', () => {
    const other = { account: PARTY, opening: 50, closing: 150 };
    const statements = readGpc(
      file([
        header({ closing: 100 }),
        item(),
        header(other),
        item({ account: PARTY, party: OWN }),
        header({ number: '172' }),
      ]),
    );
    expect(statements.map(({ account, number, count }) => [account.number, number, count])).toEqual([
      ['19-2000145399', '171', 1],
      ['630804003', '171', 1],
      ['19-2000145399', '172', 0],
    ]);
    expect(statements.every(({ reconciles }) => reconciles)).toBe(true);
  });

  it('an item of another account than its header is put aside', () => {
    const statement = read([header({ closing: 100 }), item({ account: PARTY })]);
    expect(statement).toMatchObject({ count: 0, reconciles: false });
    expect(statement.quarantined).toMatchObject([{ rule: 'account-differs' }]);
  });
});

describe('what is no GPC file', () => {
  const refused = (text: string): string => {
    try {
      readGpc(Buffer.from(text));
    } catch (error) {
      if (error instanceof FormatError) return error.rule;
      throw error;
    }
    return 'read';
  };

  it.each([
    ['', 'not-gpc'],
    ['\r\n\r\n', 'not-gpc'],
    ['<html></html>', 'truncated'],
    ['<html></html>\n', 'not-gpc'],
    ['UHL1030926\r\n', 'not-gpc'],
    [`${item()}\r\n`, 'not-gpc'],
    [`${header().slice(0, 100)}\r\n`, 'header-too-short'],
    [header().slice(0, 100), 'truncated'],
    [`${header()}\r\n${item().slice(0, 127)}`, 'truncated'],
    [`${header({ openingSign: '5' })}\r\n`, 'column-not-a-sign'],
    [`${header({ debitSign: '5' })}\r\n`, 'column-not-a-sign'],
    [`${header({ date: '999999' })}\r\n`, 'column-not-a-date'],
  ])('%j is refused: %s', (text, rule) => {
    expect(refused(text)).toBe(rule);
  });

  it('lines without an end', () => {
    expect(refused('x'.repeat(200_000))).toBe('too-long');
  });

  it('Spoje-NET/php-abo-parser: columns shifted by two are refused with line and column', () => {
    const shifted = header({ name: 'x'.repeat(20), oldDate: '  030926' });
    expect(() => read([shifted])).toThrow(
      expect.objectContaining({ rule: 'column-not-numeric', position: 'line 1, column 40' }),
    );
  });

  it.each([
    [3, 'own account'],
    [25, 'counter-account'],
    [50, 'amount'],
    [60, 'posting code'],
    [65, 'variable symbol'],
    [72, 'prefix of the constant symbol'],
    [75, 'bank code'],
    [79, 'constant symbol'],
    [85, 'specific symbol'],
    [93, 'value date'],
    [125, 'date'],
  ])('an item with a letter in column %i (from 0) is put aside, the rest is read', (at, name) => {
    const record = item();
    const spoilt = `${record.slice(0, at)}x${record.slice(at + 1)}`;
    const statement = read([header({ closing: 100 }), spoilt, item()]);
    expect(statement).toMatchObject({ count: 1, reconciles: true });
    expect(statement.quarantined).toHaveLength(1);
    expect(statement.quarantined[0]?.message).toContain(name);
    expect(statement.quarantined[0]?.raw).toBe(spoilt);
  });

  it('garbage between records is put aside and the statement flagged', () => {
    const statement = read([header({ closing: 200 }), item(), '999unknown_record_type', item()]);
    expect(statement).toMatchObject({ count: 2, reconciles: true });
    expect(statement.quarantined).toMatchObject([{ rule: 'record-unknown', position: 'line 3' }]);
  });

  it('a file beyond the cap', () => {
    expect(() => readGpc(file([header()]), { maxBytes: 100 })).toThrow(
      expect.objectContaining({ rule: 'too-large' }),
    );
  });

  it('warnings are counted, not all kept', () => {
    const odd = Array.from({ length: 150 }, () => item({ party: '0000000000000124' }));
    const statement = read([header({ closing: 15000 }), ...odd]);
    expect(statement.warnings).toHaveLength(101);
    expect(statement.warnings.at(-1)).toMatchObject({
      rule: 'more-warnings',
      message: '50 more warnings were left out.',
    });
  });
});

it('the streaming form yields items before the file has ended', () => {
  function* endless(): Generator<Uint8Array> {
    yield file([header(), item(), item()]);
    throw new Error('read too far');
  }
  const events = streamGpc(endless());
  expect(events.next().value).toMatchObject({ type: 'transaction' });
  expect(() => collect(events)).toThrow('read too far');
});

it('no counter-account is none, not a number of zeros', () => {
  const [transaction] = read([header(), item({ party: NO_PARTY, bank: '0000' })]).transactions;
  expect(transaction?.counterparty).toEqual({
    name: null,
    iban: null,
    number: null,
    bankCode: null,
    bic: null,
  });
});
