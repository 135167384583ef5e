import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../../shared/domain/model.ts';
import { readAmount } from '../../../shared/formats/mt940/amount.ts';
import { currencyOfFloor, readBalance, readSum } from '../../../shared/formats/mt940/balance.ts';
import { readDate } from '../../../shared/formats/mt940/dates.ts';
import { parseMt940 } from '../../../shared/formats/mt940/reader.ts';
import { concat } from '../encode.ts';
import { credit, czk, file, item, only, rules, statementOf } from './compose.ts';

/** Rules of MT940 that a change of its reader could break unnoticed, each with what it must not become. */

const BERLIN = 'DE89370400440532013000';
const CZECH = 'CZ6508000000192000145399';

describe('amounts', () => {
  it.each<[string, number, bigint]>([
    ['1234,', 2, 123400n],
    ['1234', 2, 123400n],
    ['1.5', 2, 150n],
    ['1,500', 2, 150n],
    ['1500,', 0, 1500n],
    ['1,125', 3, 1125n],
    ['-7,01', 2, -701n],
    ['0,00', 2, 0n],
    ['9999999999999,99', 2, 999999999999999n],
    ['10000000000000,00', 2, 1000000000000000n],
    ['9007199254740993,01', 2, 900719925474099301n],
    ['000000000000000001234,50', 2, 123450n],
    ['00009007199254740993', 2, 900719925474099300n],
    ['9007199254740993,', 0, 9007199254740993n],
  ])('%s with %i decimals', (text, exponent, minor) => {
    expect(readAmount(text, 0, text.length, exponent)).toBe(minor);
    expect(readAmount(`C${text}N`, 1, text.length + 1, exponent)).toBe(minor);
  });

  it.each(['', '-', ',5', '1,2,3', '1.2,3', '1 0', '1a', '1:', '1/', '1,001', '9999999999999999999,00'])(
    '%j is none',
    (text) => {
      expect(() => readAmount(text, 0, text.length, 2)).toThrow(
        expect.objectContaining({ rule: 'amount-unreadable' }),
      );
    },
  );
});

describe('balances and totals', () => {
  it('of :60F: and :62F:', () => {
    expect(readBalance('C260903CZK1745,30')).toEqual({ amount: czk(174530n), date: '2026-09-03' });
    expect(readBalance('D260903CZK1745,30  ').amount).toEqual(czk(-174530n));
    expect(readBalance('C260903CZK-1,').amount).toEqual(czk(-100n));
  });

  it.each(['XC260903CZK1,', 'C260903CZK1,x', 'C26093CZK1,', 'C260903CZ1,', 'R260903CZK1,', ''])(
    'of %j there is none',
    (text) => {
      expect(() => readBalance(text)).toThrow(expect.objectContaining({ rule: 'balance-unreadable' }));
    },
  );

  it('of :90C: and :90D:', () => {
    expect(readSum('00012CZK1,50')).toEqual({ count: 12, amount: czk(150n) });
    expect(readSum('0EUR0, ')).toEqual({ count: 0, amount: { minor: 0n, currency: 'EUR' } });
    for (const text of ['x1CZK1,', '123456CZK1,', '1CZK1,x', 'CZK1,', ''])
      expect(() => readSum(text), text).toThrow(expect.objectContaining({ rule: 'total-unreadable' }));
  });

  it('the currency of :34F:', () => {
    for (const text of ['CZKD0,', 'CZKC1,00', 'CZK0,00 ']) expect(currencyOfFloor(text)).toBe('CZK');
    for (const text of ['xCZK0,', 'CZKD', 'CZK0,x', 'CZKX0,', '']) expect(currencyOfFloor(text)).toBeNull();
  });
});

describe('dates', () => {
  it('the century turns with the year 50', () => {
    expect(['490101', '500101', '990101', '000101'].map((text) => readDate(text).date)).toEqual([
      '2049-01-01',
      '1950-01-01',
      '1999-01-01',
      '2000-01-01',
    ]);
  });

  it.each(['260001', '261301', '260100', '260132', 'x60101', '2601011', '26010', '26 101'])(
    '%s is none',
    (text) => {
      expect(() => readDate(text)).toThrow(expect.objectContaining({ rule: 'date-unreadable' }));
    },
  );

  it.each<[string, string, string, boolean]>([
    ['2602300228', '2026-02-28', '2026-02-28', true],
    ['2602280230', '2026-02-28', '2026-02-28', true],
    ['2602280228', '2026-02-28', '2026-02-28', false],
  ])(
    '%s: a day that either date’s month does not have is moved',
    (written, valueDate, bookingDate, moved) => {
      const statement = only(statementOf(100100, `:61:${written}C1,NTRFNONREF`));
      expect(statement.transactions).toMatchObject([{ valueDate, bookingDate }]);
      expect(rules(statement)).toEqual(moved ? ['date-moved'] : []);
    },
  );

  it('many different days are each themselves, in any order', () => {
    const days = Array.from({ length: 5000 }, (_, at) =>
      new Date(Date.UTC(2020, 0, 1) + at * 86_400_000).toISOString().slice(0, 10),
    );
    const lines = [...days, ...days].map((day) => {
      const [year = '', month = '', date = ''] = day.slice(2).split('-');
      return `:61:${year}${month}${date}${month}${date}C0,NTRFNONREF`;
    });
    const { transactions } = only(statementOf(100000, ...lines));
    expect(transactions.map(({ bookingDate }) => bookingDate)).toEqual([...days, ...days]);
    expect(transactions.map(({ valueDate }) => valueDate)).toEqual([...days, ...days]);
  });
});

/** One credit of 1.00 whose :61: ends like this. */
const withLines = (end: string, ...lines: string[]): Transaction =>
  item(statementOf(100100, `:61:260903C1,NTRF${end}`, ...lines));

describe('references', () => {
  it.each<[string, string | null, string | null]>([
    ['NONREF', null, null],
    ['NOREF', null, null],
    ['NOTPROVIDED', null, null],
    ['EREF', null, null],
    ['KREF', null, null],
    ['000000', null, null],
    [' ', null, null],
    ['12345//0', '12345', null],
    ['0012//00012', '0012', '00012'],
    ['9A//:B', '9A', ':B'],
  ])('of %j', (written, endToEndId, bankReference) => {
    expect(withLines(written)).toMatchObject({ endToEndId, bankReference });
  });

  it('an IBAN in place of a reference is the other side', () => {
    expect(withLines(CZECH.slice(0, 16)).endToEndId).toBe(CZECH.slice(0, 16));
    const norwegian = 'NO9386011117947';
    expect(withLines(norwegian)).toMatchObject({ endToEndId: null, counterparty: { iban: norwegian } });
    expect(withLines('NO9386011117948').endToEndId).toBe('NO9386011117948');
    expect(withLines('NONREF', BERLIN)).toMatchObject({ message: null, counterparty: { iban: BERLIN } });
  });

  it('but not where :86: names it', () => {
    const named = withLines('NO9386011117947', `:86:051?31${BERLIN}`);
    expect(named.counterparty.iban).toBe(BERLIN);
    const numbered = withLines('NO9386011117947', ':86:051?305500?31630804003');
    expect(numbered.counterparty).toMatchObject({ iban: null, number: '630804003' });
  });
});

describe('the original amount', () => {
  it.each<[string, bigint | null, string | null]>([
    ['/OCMT/EUR10,00', 1000n, null],
    ['/OCMT/EUR10,00/25,5', 1000n, '25,5'],
    ['/OCMT/EUR10,00/EXCH/25,5', 1000n, '25,5'],
    ['/OCMT/CZK1,00', null, null],
    ['/OCMT/EUR10,001', null, null],
    ['/XX/OCMT/EUR10,00', null, null],
  ])('%s', (line, minor, rate) => {
    const original = minor === null ? null : { amount: { minor, currency: 'EUR' }, rate };
    expect(withLines('NONREF', line)).toMatchObject({ original, message: null });
  });

  it.each<[string, bigint | null]>([
    ['EUR 29,81', 2981n],
    ['EUR29,81', 2981n],
    ['xEUR 29,81', null],
    ['EUR 29,81x', null],
  ])('in a subfield: %s', (text, minor) => {
    const original = minor === null ? null : { amount: { minor, currency: 'EUR' }, rate: '25,001' };
    expect(credit('2700', `:86:209?22${text}?23RATE 25,001`).original).toEqual(original);
  });
});

describe('the account of the other side', () => {
  it.each<[string, object]>([
    ['?2019-2000145399/0800', { number: '19-2000145399', bankCode: '0800', iban: null }],
    ['?20000000-0000000000/0800', { number: null, bankCode: null }],
    ['?20000000-0000000000/?315500', { number: '5500' }],
    ['?20x19-2000145399/0800', { number: null }],
    ['?2019-2000145399/08001', { number: null }],
    [`?31${CZECH}`, { iban: CZECH, number: '19-2000145399', bankCode: '0800' }],
    [`?305500?31${BERLIN}`, { iban: BERLIN, number: null }],
    ['?305500?310000630804003', { number: '630804003', bankCode: '5500' }],
    ['?30COBADEFF?31630804003', { bic: 'COBADEFF', bankCode: null, number: '630804003' }],
    ['?30COBADEFFXXX', { bic: 'COBADEFFXXX', bankCode: null }],
    ['?30XCOBADEFFXXX', { bic: null }],
    ['?30COBADEFFXXXX', { bic: null }],
    ['?30 5500 ?31 630804003 ', { number: '630804003', bankCode: '5500' }],
    ['?3055001234567?31630804003', { bankCode: null }],
    ['?31000000-0000000000', { number: null }],
    [`?305500?31630804003?38${CZECH}`, { iban: CZECH, bankCode: '0800' }],
  ])('%s', (fields, expected) => {
    expect(credit('2700', `:86:051${fields}`).counterparty).toMatchObject(expected);
  });

  it('with the bank in front, where the bank writes it so', () => {
    expect(credit('0800', ':86:020?230100/190012345671').counterparty).toMatchObject({
      number: '19-12345671',
      bankCode: '0100',
    });
    for (const text of ['0100/19x', '10100/190012345671', '010/190012345671', '0100/'])
      expect(credit('0800', `:86:020?23${text}`).counterparty.number, text).toBeNull();
    expect(credit('0800', ':86:020?23 0100/190012345671 ').counterparty.number).toBe('19-12345671');
  });
});

describe('symbols', () => {
  it.each<[string, string | null]>([
    ['?22VS 7', '7'],
    ['?22VS:7', '7'],
    ['?22VS7', '7'],
    ['?22VS:  7  ', '7'],
    ['?22VS 12345678901', null],
    ['?22VX 7', null],
    ['?22VS:?25VS:7', null],
    ['?22VS 7?28VS 8', '7'],
  ])('%s', (fields, variableSymbol) => {
    expect(credit('2700', `:86:051${fields}`).variableSymbol).toBe(variableSymbol);
  });

  it.each<[string, object]>([
    ['platba VS 7 KS: 308 SS/9', { variableSymbol: '7', constantSymbol: '0308', specificSymbol: '9' }],
    ['jen VS7', { variableSymbol: '7' }],
    ['jen KS  308', { constantSymbol: '0308' }],
    ['jen SS:9', { specificSymbol: '9' }],
    ['VS 7 a VS 8', { variableSymbol: '7' }],
    ['AVS 7', { variableSymbol: null }],
    ['VS 12345678901', { variableSymbol: null }],
  ])('in free text: %s', (text, expected) => {
    expect(credit('X', `:86:${text}`)).toMatchObject(expected);
  });
});

describe('layouts of banks', () => {
  it.each<[string, string, object]>([
    ['0100', '010?00100000000?2817?60B1?61X?62E1?63Y?24text', { message: 'text', endToEndId: 'E1' }],
    ['0300', '040?00NAZEV?21zprava?20VS:7', { counterparty: { name: 'NAZEV' }, message: 'zprava' }],
    ['0600', '111?24zprava?28podrobnost?60platce', { message: 'zprava' }],
    ['0600', '030?21EUR 5,00?27POPL?24zprava', { original: { amount: { minor: 500n } }, message: 'zprava' }],
    ['0600', '040?21text?60platce', { message: 'text' }],
    ['0800', '030?00T1?10OP?21KURS:25,5?24VS2:1?25ucel?29E2', { endToEndId: 'E2', message: 'ucel' }],
    ['2010', '020?21COBADEFF?22EUR 5,00?23RATE 25?24vlastni?28zprava', { counterparty: { bic: 'COBADEFF' } }],
    ['2010', '030?20VS7?23poznamka', { variableSymbol: '7', message: 'poznamka' }],
    ['2700', '051?24text?60PT 110', { message: 'text' }],
    ['2700', '209?24text?60PT 110', { message: 'text' }],
  ])('%s %s', (bankCode, details, expected) => {
    expect(credit(bankCode, `:86:${details}`)).toMatchObject(expected);
  });

  it('a text in columns is joined by their width', () => {
    const [full27, full35] = ['a'.repeat(27), 'a'.repeat(35)];
    expect(credit('2700', `:86:051?24${full27}?25b`).message).toBe(`${full27}b`);
    expect(credit('0600', `:86:111?24${full27}?25b`).message).toBe(`${full27} b`);
    expect(credit('X', `:86:051?24${full35}?25b`).message).toBe(`${full35}b`);
    expect(credit('X', `:86:051?24${full27}?25b`).message).toBe(`${full27}b`);
    expect(credit('X', ':86:051?24a?25.?26 c ').message).toBe('a c');
  });

  it('free text is joined by its width, and its spaces are one', () => {
    const full = 'a'.repeat(65);
    expect(credit('X', `:86:${full}`, 'b').message).toBe(`${full}b`);
    expect(credit('X', `:86:${'a'.repeat(64)}`, 'b').message).toBe(`${'a'.repeat(64)} b`);
    expect(credit('X', ':86:  a   b  ').message).toBe('a b');
    expect(credit('X', ':86:   ').message).toBeNull();
  });

  it('charges behind // are no part of a name', () => {
    expect(credit('0300', ':86:030?32ACME//CHGS/EUR1,00').counterparty.name).toBe('ACME');
    expect(credit('0300', ':86:030?32ACME').counterparty.name).toBe('ACME');
  });
});

describe('frames', () => {
  const BODY = [':20:X', ':25:2700/19', ':60F:C260902CZK0,', ':61:260903C1,NTRFNONREF', ':86:051?24text'];
  const END = ':62F:C260903CZK1,';
  const block = (bic: string): string => `{1:F01${bic}AXXX0000000000}{2:I940${bic}XXXN}{4:`;

  it('a block names the bank', () => {
    const [read] = parseMt940(
      file(block('GIBACZPX'), ':20:X', ':25:190012345671', ...BODY.slice(2), END, '-}'),
    );
    expect(read?.account.number).toBe('19-12345671');
  });

  it.each([
    ['a dash', ['-']],
    ['a dash with a space', ['- ']],
    ['a closing brace', ['}']],
    ['a block', ['-}', '{5:{CHK:0}}']],
    ['nothing', []],
  ])('a statement may end with %s', (_, ends) => {
    const [read, ...rest] = parseMt940(file(...BODY, END, ...ends));
    expect(rest).toEqual([]);
    expect(read).toMatchObject({ count: 1, reconciles: true, warnings: [] });
    expect(read?.transactions[0]?.message).toBe('text');
  });

  it.each([
    ['a dash and the next', ['-', ':20:X']],
    ['a dash, an empty line and the next', ['-', '', ':20:X']],
    ['the next alone', [':20:X']],
  ])('an item may be the last of an advice before %s', (_, between) => {
    const advice = [':25:2700/19', ':34F:CZKD0,', ':61:260903C1,NTRFNONREF', ':86:051?24text'];
    const read = parseMt940(file(':20:X', ...advice, ...between, ...advice));
    expect(read.map(({ transactions }) => transactions.map(({ message }) => message))).toEqual([
      ['text'],
      ['text'],
    ]);
  });

  it('fields are trimmed', () => {
    const read = only(
      file(':20:X ', ':25: 2700/19 ', ':28C: 7/1 ', ':60F:C260902CZK0, ', ':62F:C260903CZK0,'),
    );
    expect(read).toMatchObject({ number: '7', account: { number: '19', bankCode: '2700' } });
  });

  it('control signs around lines are none of their text', () => {
    const body = BODY.map((line) => `${line}\r\n`).join('');
    for (const [before, behind] of [
      ['\x01', '\x03'],
      ['\x01\x01', '\x1a'],
      ['', '\x03\x03'],
    ] as const) {
      const read = only(new TextEncoder().encode(`${before}${body}${END}${behind}\r\n`));
      expect(read).toMatchObject({ count: 1, reconciles: true, transactions: [{ message: 'text' }] });
    }
  });
});

it('row 42: a byte that is no UTF-8 in a file that is, is told', () => {
  const before = ':20:X\r\n:25:2700/19\r\n:60F:C260902CZK0,\r\n:61:260903C1,NTRFNONREF\r\n:86:051?24';
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
  const bytes = concat(
    utf8(`${before}Příliš žluťoučký kůň`),
    Uint8Array.of(0xc5),
    utf8('x\r\n:62F:C260903CZK1,\r\n'),
  );
  const read = only(bytes);
  expect(read.transactions[0]?.message).toMatch(/^Příliš žluťoučký kůň/);
  expect(rules(read)).toContain('encoding-mixed');
});
