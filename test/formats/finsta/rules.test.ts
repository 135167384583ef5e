import { describe, expect, it } from 'vitest';
import type { Statement, Transaction } from '../../../shared/domain/model.ts';
import { readFinsta } from '../../../shared/formats/finsta/reader.ts';
import { encodeAs } from '../encode.ts';
import { document, movement, statement, type Values } from './compose.ts';

/** Rules of FINSTA that a change of its reader could break unnoticed, each with what it must not become. */

function only(content: string, values: Values = {}): Statement {
  const [read] = readFinsta(encodeAs('windows-1250', document(statement(content, values))));
  if (!read) throw new Error('the document should hold a statement');
  return read;
}

function one(values: Values, header: Values = {}): Transaction {
  const [transaction] = only(movement(values), header).transactions;
  if (!transaction) throw new Error('the movement should be read');
  return transaction;
}

const rules = ({ warnings }: Statement): string[] => warnings.map(({ rule }) => rule);
const czk = (minor: bigint) => ({ minor, currency: 'CZK' });

describe('a payment sent abroad', () => {
  it('keeps its own symbols but for the constant one, whose field holds the title of the payment', () => {
    expect(one({ DOM_ZAHR: 'FOO', S86_KONSTSYM: '0110', PART_ID1_1: 'Kaiserplatz' })).toMatchObject({
      constantSymbol: null,
      rawSymbols: { variableSymbol: '260000777', constantSymbol: null, specificSymbol: '0055501234' },
      message: 'Příchozí úhrada',
    });
  });

  it.each([
    [{ S61_CD_INDIK: 'D', S61_CASTKA: '-745,30', ORIG_AMOUNT: '29,81', ORIG_CURR: 'EUR' }, -2981n],
    [{ S61_CD_INDIK: 'D', S61_CASTKA: '-745,30', ORIG_AMOUNT: '-29,81', ORIG_CURR: 'EUR' }, -2981n],
    [{ ORIG_AMOUNT: '-29,81', ORIG_CURR: 'EUR' }, 2981n],
    [{ S61_CASTKA: '0,00', ORIG_AMOUNT: '29,81', ORIG_CURR: 'EUR' }, 2981n],
  ])('has its original amount with the direction of the booked one: %j', (values, minor) => {
    expect(one(values).original).toEqual({ amount: { minor, currency: 'EUR' }, rate: null });
  });

  it.each([
    [{ ORIG_AMOUNT: '29,81', ORIG_CURR: '' }],
    [{ ORIG_AMOUNT: '', ORIG_CURR: 'EUR' }],
    [{ ORIG_AMOUNT: '745,30', ORIG_CURR: 'CZK' }],
  ])('has none without amount or currency, nor in that of the account: %j', (values) => {
    expect(one(values).original).toBeNull();
    expect(rules(only(movement(values)))).not.toContain('original-unreadable');
  });

  it('loses an original amount that cannot be read, with a warning, and nothing else', () => {
    const read = only(movement({ ORIG_AMOUNT: '29.81', ORIG_CURR: 'EUR' }));
    expect(read.transactions).toMatchObject([{ original: null, amount: czk(74530n) }]);
    expect(read.warnings).toContainEqual(
      expect.objectContaining({ rule: 'original-unreadable', position: 'Entry 1' }),
    );
  });
});

describe('references', () => {
  it.each([
    ['NONREF', null],
    ['', null],
    ['Z-17', 'Z-17'],
  ])('the client’s %j is %s', (written, endToEndId) => {
    expect(one({ S61_REFERENCE: written }).endToEndId).toBe(endToEndId);
  });

  it.each<[Values, Values, string | null]>([
    [{}, { S62_DATUM: '31.12.2025' }, '2025/171/26520'],
    [{}, { S62_DATUM: '' }, '2026/171/26520'],
    [{ DPROCD: '' }, { S62_DATUM: '' }, null],
    [{ S28_POR_CISLO: '' }, {}, null],
    [{}, { S28_CISLO_VYPISU: '' }, null],
  ])('the bank’s is year, statement and posting, or none: %j %j', (values, header, reference) => {
    expect(one(values, header).bankReference).toBe(reference);
  });
});

describe('dates', () => {
  it('the value date stands for a missing booking date, with a warning', () => {
    const read = only(movement({ DPROCD: '' }));
    expect(read.transactions).toMatchObject([{ bookingDate: '2026-09-02', valueDate: '2026-09-02' }]);
    expect(read.warnings).toContainEqual(
      expect.objectContaining({ rule: 'booking-date-missing', position: 'Entry 1' }),
    );
  });

  it('a movement without a value date has none', () => {
    expect(one({ S61_DATUM: '' })).toMatchObject({ bookingDate: '2026-09-03', valueDate: null });
  });

  it.each(['x02.09.2026', '02.09.2026 12:00', '2.9.2026', '02.09.20261'])('%s is none', (written) => {
    expect(one({ S61_DATUM: written }).valueDate).toBeNull();
  });
});

describe('amounts', () => {
  it.each([
    ['745', 74500n],
    ['745,', 74500n],
    ['+745,3', 74530n],
    ['-0,00', 0n],
  ])('%s', (written, minor) => {
    expect(one({ S61_CASTKA: written }).amount).toEqual(czk(minor));
  });

  it.each(['x745,30', '745,30x', '7 450,30', ',30'])('%s is none', (written) => {
    expect(only(movement({ S61_CASTKA: written })).quarantined).toMatchObject([
      { rule: 'amount-unreadable' },
    ]);
  });

  it.each(['CZKX', 'xCZK', 'czk'])('a header’s currency %s is none', (written) => {
    expect(only(movement(), { S60_MENA: written }).quarantined).toMatchObject([{ rule: 'currency-missing' }]);
  });
});

describe('the other side', () => {
  it.each([
    ['COBADEFF', { bic: 'COBADEFF', bankCode: null }],
    ['COBADEFFXXX', { bic: 'COBADEFFXXX', bankCode: null }],
    ['XCOBADEFFXXX', { bic: null, bankCode: null }],
    ['COBADEFFXX', { bic: null, bankCode: null }],
    ['0800', { bic: null, bankCode: '0800' }],
    ['08001', { bic: null, bankCode: null }],
    ['', { bic: null, bankCode: null }],
  ])('bank %j', (written, party) => {
    expect(one({ PART_BANK_ID: written }).counterparty).toMatchObject(party);
  });
});

describe('words of the bank', () => {
  it.each<[Values, string | null]>([
    [{ REMARK: 'x' }, 'Příchozí úhrada'],
    [{ S61_POST_NAR: '-', REMARK: 'Kapitalizace' }, 'Kapitalizace'],
    [{ S61_POST_NAR: '', REMARK: '-' }, null],
  ])('stand for a message: %j', (values, message) => {
    expect(one({ PART_ID1_1: '', ...values }).message).toBe(message);
  });

  it('all lines of a message are read, and the type of the operation stands for its group', () => {
    const lines = { PART_ID1_2: 'b', PART_ID2_1: 'c', PART_ID2_2: 'd', PART_MSG_1: 'e', PART_MSG_2: 'f' };
    expect(one({ ...lines, GRP_TR: '' })).toMatchObject({
      message: 'Faktura 07/2026 b c d e f',
      transactionCode: '11',
    });
  });
});

describe('totals of the header', () => {
  it.each<[string, bigint | null, number | null]>([
    ['738,30', 73830n, null],
    ['12=738,30', 73830n, 13],
    ['1=-7,00', -700n, 2],
    ['', null, null],
  ])('credits %j', (written, minor, count) => {
    const { declared } = only(movement(), { SUMA_KREDIT: written });
    expect(declared).toMatchObject({ credits: minor === null ? null : czk(minor), count });
  });

  it.each(['1=-100,00', '1=100,00'])('debits %j are a size', (written) => {
    expect(only(movement(), { SUMA_DEBIT: written }).declared.debits).toEqual(czk(10000n));
  });

  it('a missing one is no fault, and compared with nothing', () => {
    const figures = { SUMA_KREDIT: '', SUMA_DEBIT: '', S62_CASTKA: '1745,30' };
    expect(only(movement(), figures)).toMatchObject({ warnings: [], reconciles: true });
  });
});

it('row 42: Windows-1250 announced as UTF-8 is read, and every statement is flagged', () => {
  const text = document(
    statement(movement(), { SHORTNAME: 'Příliš' }),
    statement(movement(), { S28_CISLO_VYPISU: '172' }),
  );
  const read = readFinsta(encodeAs('windows-1250', text.replace('windows-1250', 'utf-8')));
  expect(read.map(({ transactions }) => transactions[0]?.counterparty.name)).toEqual([
    'ODBĚRATEL S.R.O.',
    'ODBĚRATEL S.R.O.',
  ]);
  for (const { warnings } of read) expect(warnings.map(({ rule }) => rule).join()).toMatch(/encoding/);
});

it('row 43: an unknown field changes nothing, and a header of hundreds of fields is kept in bounds', () => {
  expect(only(movement({ NOVE_POLE: 'x' }), { NOVE_POLE: 'x' })).toEqual(only(movement()));
  const fields = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`POLE${at}`, 'x']));
  expect(only(movement(), { ...fields, ZA_NIMI: '1' })).toEqual(only(movement()));
  const [late] = readFinsta(
    encodeAs(
      'windows-1250',
      document(
        `<FINSTA03>${Object.keys(fields)
          .map((name) => `<${name}>x</${name}>`)
          .join('')}<S60_MENA>CZK</S60_MENA>${movement()}</FINSTA03>`,
      ),
    ),
  );
  expect(late).toMatchObject({ count: 0, quarantined: [{ rule: 'currency-missing' }] });
});

it('row 44: equal payments of one day are two', () => {
  const { transactions, count } = only(movement() + movement());
  expect(count).toBe(2);
  expect(transactions[0]).toEqual(transactions[1]);
});

it('a hundred warnings are kept, and the rest is counted', () => {
  const many = only(movement({ DPROCD: '' }).repeat(150));
  expect(many.count).toBe(150);
  const kept = many.warnings.filter(({ rule }) => rule === 'booking-date-missing');
  expect(kept.length).toBeLessThanOrEqual(100);
  expect(many.warnings.at(-1)?.message).toMatch(/^5\d more warnings were left out/);
});
