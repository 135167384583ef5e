import { describe, expect, it } from 'vitest';
import { decode } from '../../../shared/formats/encoding/decode.ts';
import type { OrderGroup, OrderPayment } from '../../../shared/domain/order-file.ts';
import { readKpc } from '../../../shared/formats/kpc/reader.ts';
import { writeKpc, type KpcOptions } from '../../../shared/formats/kpc/writer.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';
import { bytesOf, crowns, dialect, order, payment, refusal, rulesOf } from './compose.ts';

const CREATED: KpcOptions = { createdOn: '2026-09-03', clientName: 'VZOROVA FIRMA SRO' };

const write = (groups: readonly OrderGroup[], bank = '2010', options = CREATED) =>
  writeKpc(groups, dialect(bank), options);

const linesOf = (groups: readonly OrderGroup[], bank = '2010', options = CREATED): string[] =>
  decode(write(groups, bank, options).bytes, 'windows-1250').split('\r\n');

/** One group at a bank with these payments. */
const at = (bank: string, payments: OrderPayment[], values: Partial<OrderGroup> = {}): OrderGroup =>
  order({ payer: { ...NOBODY, number: '19-2000145399', bankCode: bank }, payments, ...values });

/** The text behind the symbols of the only item. */
const textOf = (bank: string, values: Partial<OrderPayment>): string =>
  (linesOf([at(bank, [payment(values)])], bank)[3] ?? '').split(' ').slice(5).join(' ');

describe('the composed example', () => {
  it('is written byte by byte', () => {
    const expected = [
      'UHL1030926VZOROVA FIRMA SRO   0000000000001999000000000000',
      '1 1501 001000 2010',
      '2 000000-2101135843 000000000125050 040926',
      '000000-0630804003 000000000125050 2026000123 55000308 0 AV:Faktura 2026000123',
      '3 +',
      '5 +',
      '',
    ].join('\r\n');
    const { bytes, losses } = write([order()]);
    expect(Buffer.from(bytes).equals(bytesOf(expected))).toBe(true);
    expect(losses).toEqual([]);
  });
});

describe('banks', () => {
  const PAYMENT = payment({ constantSymbol: '0558', message: 'Příliš <žluťoučký>' });

  it.each([
    [
      '0100',
      'UHL1030926Vzorová firma       0000000042001999',
      '1 1501 007000 0100',
      '000000125050',
      'Příliš  žluťoučký',
    ],
    [
      '0300',
      'UHL1030926Vzorová firma       0000000042001999000000000000',
      '1 1501 000000 0300',
      '00000000125050',
      'Příliš  žluťoučký',
    ],
    [
      '0600',
      'UHL1030926Vzorova firma       0000000042001999000000000000',
      '1 1501 001000 0600',
      '00000000125050',
      'Prilis  zlutoucky',
    ],
    [
      '0800',
      'UHL1030926Vzorová firma       0000000042001999000000000000',
      '1 1501 007000 0800',
      '000000125050',
      'Příliš  žluťoučký',
    ],
    [
      '2010',
      'UHL1030926Vzorová firma     420000000000001999000000000000',
      '1 1501 001000 2010',
      '000000000125050',
      'Příliš  žluťoučký',
    ],
    [
      '5500',
      'UHL1030926VZOROVA FIRMA     421234567890001999111111222222',
      '1 1501 111111 5500',
      '000000125050',
      'Prilis  zlutoucky',
    ],
  ])('%s', (bank, header, accounting, amount, message) => {
    const options: KpcOptions = {
      createdOn: '2026-09-03',
      clientName: 'Vzorová firma',
      serial: '42',
      fileNumber: 7,
    };
    const lines = linesOf([at(bank, [PAYMENT])], bank, options);
    expect(lines[0]).toBe(header);
    expect(lines[1]).toBe(accounting);
    expect(lines[2]).toMatch(/^2 000019-2000145399 0*125050 040926$/);
    expect(lines[3]).toBe(`000000-0630804003 ${amount} 2026000123 55000558 0 AV:${message}`);
    expect(lines.slice(4)).toEqual(['3 +', '5 +', '']);
  });

  it.each([['0100'], ['0300'], ['0600'], ['0800'], ['2010'], ['5500']])(
    '%s: equal orders with another serial are other bytes, and the same payments',
    (bank) => {
      const orders = [at(bank, [PAYMENT])];
      const [one, two] = ['1', '9999999999'].map(
        (serial) => write(orders, bank, { ...CREATED, serial }).bytes,
      );
      if (!one || !two) throw new Error('two files expected');
      expect(Buffer.from(one).equals(two)).toBe(false);
      expect(readKpc(one).groups).toEqual(readKpc(two).groups);
    },
  );

  it('counts file numbers within the interval from file to file', () => {
    const orders = [at('0100', [PAYMENT]), at('0100', [PAYMENT], { kind: 'collection' })];
    const lines = linesOf(orders, '0100', { ...CREATED, fileNumber: 998 });
    expect(lines.filter((line) => line.startsWith('1 '))).toEqual([
      '1 1501 998000 0100',
      '1 1502 999000 0100',
    ]);
    expect(refusal(() => write(orders, '0100', { ...CREATED, fileNumber: 999 })).rule).toBe('file-number');
  });

  it('splits messages into lines of 35, but not where | begins the sender’s own note', () => {
    const message = 'a'.repeat(35) + 'b'.repeat(35) + 'c';
    expect(textOf('0100', { message, constantSymbol: null })).toBe(
      `AV:${'a'.repeat(35)}|${'b'.repeat(35)}|c`,
    );
    expect(textOf('0800', { message })).toBe(`AV:${message}`);
  });

  it('takes the name of the payee where the bank does', () => {
    const creditor = { ...NOBODY, number: '630804003', bankCode: '5500', name: 'Jana Malá' };
    expect(textOf('0300', { creditor })).toBe('AV:Faktura 2026000123 NP:Jana Malá');
    expect(textOf('0300', { creditor, message: null })).toBe('NP:Jana Malá');
    expect(write([at('0300', [payment({ creditor })])], '0300').losses).toEqual([]);
    expect(write([at('2010', [payment({ creditor })])]).losses).toMatchObject([
      { rule: 'name-left-out', position: '/0/payments/0/creditor/name' },
    ]);
  });

  it.each([
    ['normal', '1501'],
    ['urgent', '1503'],
    ['instant', '1504'],
  ] as const)('%s orders are of type %s where the bank has them', (priority, type) => {
    expect(linesOf([at('0300', [payment()], { priority })], '0300')[1]).toBe(`1 ${type} 000000 0300`);
  });
});

describe('groups', () => {
  it('of the same payer and day become one', () => {
    const [first, second, third] = [order(), order(), order({ date: '2026-09-05' })];
    const lines = linesOf([first, third, second]);
    expect(lines.filter((line) => line.startsWith('2 '))).toEqual([
      '2 000000-2101135843 000000000250100 040926',
      '2 000000-2101135843 000000000125050 050926',
    ]);
    expect(lines.filter((line) => line === '5 +')).toHaveLength(1);
  });

  it('whose payments name their payers are divided by them', () => {
    const payers = ['19-2000145399', '2101135843', '19-2000145399'];
    const payments = payers.map((number) => payment({ payer: { ...NOBODY, number, bankCode: '2010' } }));
    const lines = linesOf([order({ payer: NOBODY, payments })]);
    expect(lines.filter((line) => line.startsWith('2 '))).toEqual([
      '2 000019-2000145399 000000000250100 040926',
      '2 000000-2101135843 000000000125050 040926',
    ]);
  });

  it('take accounts by IBAN as well', () => {
    const iban = 'CZ8755000000000630804003';
    expect(linesOf([order({ payments: [payment({ creditor: { ...NOBODY, iban } })] })])[3]).toMatch(
      /^000000-0630804003 \d+ 2026000123 55000308 /,
    );
  });
});

describe('row 40: what cannot be written is refused, or replaced by the declared rule and listed', () => {
  it.each([
    ['letters outside the set', 'Łódź 5 € „ahoj“', 'Lódz 5 EUR "ahoj"'],
    ['the separator of lines', 'a|b', 'a b'],
    ['control characters', 'a\r\nb\tc\u0000d', 'a  b c d'],
    ['tags', '<b>', 'b'],
    ['an emoji', 'x😀y', 'x y'],
  ])('%s', (_, message, text) => {
    const { bytes, losses } = write([order({ payments: [payment({ message })] })]);
    expect(readKpc(bytes).groups[0]?.payments[0]?.message).toBe(text);
    expect(losses).toMatchObject([{ rule: 'letter-replaced', position: '/0/payments/0/message' }]);
  });

  it('letters a single bank refuses', () => {
    expect(textOf('0300', { message: '#7 ~ NP:nikdo' })).toBe('AV:7   NP nikdo');
    expect(textOf('0800', { message: '#7 ~ NP:nikdo' })).toBe('AV:#7 ~ NP:nikdo');
  });

  it('a message that is too long is shortened, and that is listed', () => {
    const { bytes, losses } = write([order({ payments: [payment({ message: 'x'.repeat(150) })] })]);
    expect(readKpc(bytes).groups[0]?.payments[0]?.message).toBe('x'.repeat(140));
    expect(losses).toMatchObject([{ rule: 'text-shortened', message: expect.stringContaining('10 ') }]);
  });

  it('ids have no place, and that is listed', () => {
    const payments = [payment({ endToEndId: 'E-1', instructionId: 'I-1' })];
    expect(rulesOf(write([order({ payments })]).losses)).toEqual([
      'end-to-end-id-left-out',
      'instruction-id-left-out',
    ]);
  });

  it('a client’s name beyond its columns is shortened, and that is listed', () => {
    const { losses, bytes } = write([order()], '2010', {
      createdOn: '2026-09-03',
      clientName: 'V'.repeat(25),
    });
    expect(rulesOf(losses)).toEqual(['text-shortened']);
    expect(decode(bytes, 'windows-1250').slice(0, 46)).toBe(
      `UHL1030926${'V'.repeat(20)}0000000000001999`.slice(0, 46),
    );
  });

  const creditor = (values: object) => ({ payments: [payment({ creditor: { ...NOBODY, ...values } })] });

  it.each<[string, Partial<OrderGroup>, string, string]>([
    [
      'modulo 11',
      creditor({ number: '630804004', bankCode: '5500' }),
      'account-checksum',
      '/creditor/number',
    ],
    [
      'an IBAN with a wrong account',
      creditor({ iban: 'CZ9208000000192000145398' }),
      'account-checksum',
      '/creditor/number',
    ],
    ['a foreign IBAN', creditor({ iban: 'DE89370400440532013000' }), 'account-missing', '/creditor'],
    ['no account', creditor({ name: 'X' }), 'account-missing', '/creditor'],
    ['no bank code', creditor({ number: '630804003' }), 'bank-code-missing', '/creditor/bankCode'],
    [
      'an unknown bank code',
      creditor({ number: '630804003', bankCode: '9999' }),
      'bank-code-unknown',
      '/creditor/bankCode',
    ],
    [
      'two different accounts',
      creditor({ number: '19-19', iban: 'CZ8755000000000630804003' }),
      'account-conflict',
      '/creditor',
    ],
    ['an amount of zero', { payments: [payment({ amount: crowns(0n) })] }, 'amount-not-positive', '/amount'],
    [
      'an amount below zero',
      { payments: [payment({ amount: crowns(-1n) })] },
      'amount-not-positive',
      '/amount',
    ],
    [
      'an amount too long',
      { payments: [payment({ amount: crowns(10n ** 15n) })] },
      'amount-too-long',
      '/amount',
    ],
    [
      'another currency',
      { payments: [payment({ amount: { minor: 1n, currency: 'EUR' } })] },
      'currency-differs',
      '/amount/currency',
    ],
    [
      'a symbol too long',
      { payments: [payment({ variableSymbol: '12345678901' })] },
      'symbol-too-long',
      '/variableSymbol',
    ],
    [
      'a symbol with a line end',
      { payments: [payment({ specificSymbol: '1\r\n5 +' })] },
      'symbol-not-digits',
      '/specificSymbol',
    ],
    [
      'a constant symbol too long',
      { payments: [payment({ constantSymbol: '12345' })] },
      'symbol-too-long',
      '/constantSymbol',
    ],
  ])('%s', (_, values, rule, field) => {
    expect(refusal(() => write([order(), order(values)]))).toEqual({
      rule,
      position: `/1/payments/0${field}`,
    });
  });

  it.each<[string, Partial<OrderGroup>, string]>([
    ['no day', { date: null }, 'date-missing'],
    ['a day that does not exist', { date: '2026-02-30' }, 'date-missing'],
    ['a day of another century', { date: '2050-01-01' }, 'date-unwritable'],
    [
      'a payer at another bank',
      { payer: { ...NOBODY, number: '19-19', bankCode: '0100' } },
      'payer-elsewhere',
    ],
    ['no payer', { payer: NOBODY }, 'account-missing'],
    ['no payment', { payments: [] }, 'group-empty'],
    ['a priority the bank has no type for', { priority: 'urgent' }, 'priority-unsupported'],
  ])('%s', (_, values, rule) => {
    expect(refusal(() => write([order(values)])).rule).toBe(rule);
  });

  it('nothing, a wrong serial, more than a bank takes', () => {
    expect(refusal(() => write([])).rule).toBe('no-order');
    expect(refusal(() => write([order()], '2010', { ...CREATED, serial: 'A1' })).rule).toBe(
      'serial-unreadable',
    );
    const many = Array.from({ length: 501 }, () => payment());
    expect(refusal(() => write([at('0800', many), at('0800', many)], '0800')).rule).toBe('too-many-payments');
    const rich = [payment({ amount: crowns(999_999_999_999n) }), payment({ amount: crowns(1n) })];
    expect(write([at('5500', rich)], '5500').losses).toEqual([]);
    const richest = Array.from({ length: 101 }, () => payment({ amount: crowns(10n ** 13n) }));
    expect(refusal(() => write([at('0300', richest)], '0300')).rule).toBe('sum-too-long');
  });

  it('symbols are written as they are, and the specific one is never left out', () => {
    const symbols = { variableSymbol: null, constantSymbol: null, specificSymbol: null };
    expect(linesOf([order({ payments: [payment({ ...symbols, message: null })] })])[3]).toBe(
      '000000-0630804003 000000000125050 0 55000000 0',
    );
  });
});

it('row 35: what was written is read back as the order', () => {
  const given = order({ payments: [payment(), payment({ variableSymbol: '7', message: 'Žluť' })] });
  const { groups, quarantined, warnings } = readKpc(write([given]).bytes);
  expect([quarantined, warnings]).toEqual([[], []]);
  expect(groups[0]?.declared.sum).toEqual(given.sum);
  expect(groups[0]?.payments.map(({ amount, creditor, message }) => [amount, creditor, message])).toEqual(
    given.payments.map(({ amount, creditor, message }) => [amount, creditor, message]),
  );
});
