import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Statement, Transaction } from '../../../shared/domain/model.ts';
import { NO_SYMBOLS } from '../../../shared/domain/symbols.ts';
import { decode } from '../../../shared/formats/encoding/decode.ts';
import { readGpc } from '../../../shared/formats/gpc/reader.ts';
import { writeGpc, type GpcWriteOptions } from '../../../shared/formats/gpc/writer.ts';
import { czk, fixture, only } from './compose.ts';

const NOBODY = { name: null, iban: null, number: null, bankCode: null, bic: null };

function transaction(fields: Partial<Transaction> = {}): Transaction {
  return {
    bankReference: '1234',
    bookingDate: '2026-09-03',
    valueDate: '2026-09-03',
    amount: czk(74530n),
    counterparty: { ...NOBODY, name: 'Odběratel', number: '630804003', bankCode: '5500' },
    ...NO_SYMBOLS,
    rawSymbols: NO_SYMBOLS,
    message: null,
    endToEndId: null,
    transactionCode: null,
    reversal: false,
    original: null,
    card: null,
    batch: null,
    ...fields,
  };
}

function statement(transactions: readonly Transaction[], fields: Partial<Statement> = {}): Statement {
  const sum = transactions.reduce((total, { amount }) => total + amount.minor, 0n);
  const currency = transactions[0]?.amount.currency ?? 'CZK';
  return {
    account: { iban: null, number: '19-2000145399', bankCode: null, currency },
    number: '171',
    from: '2026-09-03',
    to: '2026-09-03',
    opening: { minor: 100000n, currency },
    closing: { minor: 100000n + sum, currency },
    credits: { minor: 0n, currency },
    debits: { minor: 0n, currency },
    declared: { credits: null, debits: null, count: null },
    count: transactions.length,
    reconciles: true,
    transactions,
    warnings: [],
    quarantined: [],
    ...fields,
  };
}

const lines = (statements: readonly Statement[], options: GpcWriteOptions = {}): string[] =>
  decode(writeGpc(statements, options).bytes, 'windows-1250').split('\r\n');
const lossesOf = (fields: Partial<Transaction>, options: GpcWriteOptions = {}): string[] =>
  writeGpc([statement([transaction(fields)])], options).losses.map(({ rule }) => rule);
const back = (fields: Partial<Transaction>, options: GpcWriteOptions = {}): Transaction | undefined =>
  only(writeGpc([statement([transaction(fields)])], options).bytes, options).transactions[0];

describe('writing', () => {
  it('lays the records out by their columns', () => {
    const fields = {
      variableSymbol: '260000777',
      constantSymbol: '0308',
      specificSymbol: '55501234',
      message: 'Faktura 07/2026',
    };
    expect(lines([statement([transaction(fields)])], { ownerName: 'Vzorová firma s.r.o.' })).toEqual([
      '0740000192000145399Vzorová firma s.r.o.02092600000000100000+00000000174530+000000000000000000000000745300171030926              ',
      '0750000192000145399000000063080400300000000012340000000745302026000077700550003080055501234030926Odběratel           00203030926',
      '078Faktura 07/2026                                                       ',
      '',
    ]);
  });

  it.each([
    ['0100', '0747258226710500005', 'CZ0301', 73],
    ['0300', '0745000052267180257', '', 128],
    ['2010', '0745000052267180257', 'FIO', 73],
  ])('follows the dialect of bank %s', (bankCode, beginning, filler, width) => {
    const account = { iban: null, number: '500005-2267180257', bankCode: null, currency: 'CZK' };
    const written = lines([statement([transaction({ message: 'zpráva' })], { account })], { bankCode });
    expect(written[0]?.startsWith(beginning)).toBe(true);
    expect(written[0]?.slice(114).trimEnd().slice(0, 6)).toBe(filler);
    expect(written[2]).toHaveLength(width);
  });

  it.each([
    ['0300', ['1', '2', '4', '5']],
    ['0800', ['1', '2', '3', '4']],
  ])('posting codes of bank %s', (bankCode, codes) => {
    const movements = [
      transaction({ amount: czk(-100n) }),
      transaction({ amount: czk(100n) }),
      transaction({ amount: czk(100n), reversal: true }),
      transaction({ amount: czk(-100n), reversal: true }),
    ];
    const [header, ...items] = lines([statement(movements)], { bankCode });
    expect(items.slice(0, 4).map((line) => line[60])).toEqual(codes);
    expect(header?.slice(75, 105)).toBe('000000000000000000000000000000');
  });

  it('gives turnovers a minus when reversals prevail', () => {
    const [header] = lines([statement([transaction({ amount: czk(100n), reversal: true })])]);
    expect(header?.slice(75, 90)).toBe('00000000000100-');
  });

  it('reads the fixtures back as they are written', () => {
    for (const name of ['day-edit.gpc', 'day-internal.gpc']) {
      const read = only(fixture(name));
      const options = { bankCode: read.account.bankCode ?? '9999' };
      const again = only(writeGpc([read], options).bytes, options);
      expect(again.transactions, name).toEqual(read.transactions);
      expect(again, name).toMatchObject({
        opening: read.opening,
        closing: read.closing,
        from: read.from,
        to: read.to,
      });
    }
  });
});

describe('what the format cannot say is listed', () => {
  it.each<[string, Partial<Transaction>, string[]]>([
    ['nothing', {}, []],
    ['letters', { counterparty: { ...NOBODY, name: 'Łódź Ωmega' } }, ['letter-replaced']],
    ['a long name', { counterparty: { ...NOBODY, name: 'x'.repeat(21) } }, ['shortened']],
    ['a long message', { message: 'x'.repeat(141) }, ['shortened']],
    ['line ends', { message: 'a\r\n075b' }, ['control-replaced']],
    ['spaces', { message: 'a  b' }, ['spaces-collapsed']],
    [
      'a foreign account',
      { counterparty: { ...NOBODY, iban: 'DE89370400440532013000' } },
      ['account-left-out'],
    ],
    ['a number that is none', { counterparty: { ...NOBODY, number: 'ABC-1' } }, ['account-left-out']],
    [
      'a foreign bank code',
      { counterparty: { ...NOBODY, number: '630804003', bankCode: '37040044' } },
      ['bank-code-left-out'],
    ],
    ['a BIC', { counterparty: { ...NOBODY, bic: 'DEUTDEFF' } }, ['bic-left-out']],
    [
      'a BIC that follows from the code',
      { counterparty: { ...NOBODY, number: '630804003', bankCode: '5500', bic: 'RZBCCZPPXXX' } },
      [],
    ],
    ['an end-to-end id', { endToEndId: 'E2E' }, ['end-to-end-left-out']],
    ['an original amount', { original: { amount: czk(1n), rate: null } }, ['original-left-out']],
    ['a card', { card: '****1234' }, ['card-left-out']],
    ['a batch', { batch: { reference: 'B', index: 0 } }, ['batch-left-out']],
    ['a transaction code', { transactionCode: '10000107000' }, ['code-left-out']],
    ['zeros of a reference', { bankReference: '007' }, ['reference-zeros']],
    ['a reference that 076 takes', { bankReference: 'x'.repeat(26) }, []],
    ['a long reference', { bankReference: 'x'.repeat(27) }, ['reference-shortened']],
    [
      'a symbol that is none',
      { rawSymbols: { ...NO_SYMBOLS, variableSymbol: '12345678901' } },
      ['symbol-left-out'],
    ],
  ])('%s', (_, fields, rules) => {
    expect(new Set(lossesOf(fields))).toEqual(new Set(rules));
  });

  it('with its item and field', () => {
    expect(writeGpc([statement([transaction(), transaction({ message: 'Ω' })])]).losses).toEqual([
      {
        rule: 'letter-replaced',
        message: '"Ω" in the message is not in windows-1250; " " was written.',
        position: 'statement 1, item 2',
      },
    ]);
  });

  it('of a header and of items that were never read', () => {
    const item = { rule: 'x', message: 'y', position: 'line 3', raw: '' };
    const written = writeGpc([
      statement([], { number: '1024', quarantined: [item] }),
      statement([], { number: 'A/B', closing: null, from: '2026-09-02' }),
    ]);
    expect(written.losses.map(({ rule }) => rule)).toEqual([
      'quarantined-left-out',
      'number-wrapped',
      'balance-computed',
      'period-ambiguous',
      'number-left-out',
    ]);
  });

  it('a long reference goes to 076 and comes back', () => {
    expect(back({ bankReference: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' })?.bankReference).toBe(
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    );
    expect(lossesOf({ bankReference: 'x'.repeat(14) }, { bankCode: '0100' })).toContain(
      'reference-shortened',
    );
  });
});

describe('what would be wrong is refused', () => {
  const refused = (changed: Statement, rule: string): void => {
    expect(() => writeGpc([changed])).toThrow(expect.objectContaining({ rule }));
  };

  it('an amount beyond twelve digits', () => {
    refused(statement([transaction({ amount: czk(10n ** 12n) })]), 'too-large');
    expect(back({ amount: czk(10n ** 12n - 1n) })?.amount.minor).toBe(10n ** 12n - 1n);
  });

  it('a balance beyond fourteen digits', () => {
    refused(statement([], { opening: czk(10n ** 14n), closing: czk(10n ** 14n) }), 'too-large');
  });

  it('a statement without balances, dates or a Czech account', () => {
    refused(statement([], { opening: null, closing: null }), 'balance-missing');
    refused(statement([], { from: null, to: null }), 'period-missing');
    const account = { iban: 'DE89370400440532013000', number: null, bankCode: null, currency: 'EUR' };
    refused(statement([], { account }), 'account-missing');
  });

  it('amounts in another currency, an unknown one, or finer than hundredths', () => {
    refused(
      statement([transaction(), transaction({ amount: { minor: 1n, currency: 'EUR' } })]),
      'currency-differs',
    );
    refused(statement([transaction({ amount: { minor: 1n, currency: 'XXX' } })]), 'currency-unknown');
    refused(
      statement([transaction({ amount: { minor: 1n, currency: 'KWD' } })], {
        opening: { minor: 0n, currency: 'KWD' },
      }),
      'amount-too-fine',
    );
  });

  it('a year that two digits do not tell', () => {
    refused(statement([transaction({ valueDate: '2050-01-01' })]), 'date-out-of-range');
  });
});

/**
 * What the format can say, so that reading gives back what was written: names of 20 and messages of 140 letters of
 * Windows-1250 with single spaces, Czech accounts, references of 13 digits without left zeros or 14 to 26 letters,
 * raw symbols in their columns' width. A name without an account and without a message is the message.
 */
const LETTERS = 'abcdefghijklmnopqrstuvwxyzáčďéěíňóřšťúůýžABCŘŽ0123456789.,/-';
const words = (longest: number) =>
  fc
    .array(fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 40 }), {
      minLength: 1,
      maxLength: 8,
    })
    .map((parts) => parts.join(' ').slice(0, longest).trim());
const digitsUpTo = (width: number) => fc.bigInt({ min: 1n, max: 10n ** BigInt(width) - 1n }).map(String);
const symbolOf = (width: number) => fc.option(digitsUpTo(width));
const day = fc.integer({ min: 1, max: 30 }).map((date) => `2026-09-${String(date).padStart(2, '0')}`);

const anyTransaction = fc
  .record({
    bankReference: fc.option(fc.oneof(digitsUpTo(13), fc.stringMatching(/^[A-Z]{14,26}$/))),
    bookingDate: day,
    valueDate: fc.option(day),
    minor: fc.bigInt({ min: -(10n ** 12n - 1n), max: 10n ** 12n - 1n }),
    reversal: fc.boolean(),
    name: fc.option(words(20)),
    number: fc.option(fc.tuple(fc.option(digitsUpTo(6)), digitsUpTo(10))),
    bankCode: fc.option(fc.stringMatching(/^[1-9]\d{3}$/)),
    variableSymbol: symbolOf(10),
    constantSymbol: symbolOf(4).map((ks) => ks?.padStart(4, '0') ?? null),
    specificSymbol: symbolOf(10),
    message: fc.option(words(140)),
  })
  .map(({ minor, name, number, bankCode, ...rest }) => {
    const message = rest.message ?? (number === null ? name : null);
    return transaction({
      ...rest,
      amount: czk(minor),
      message,
      counterparty: {
        ...NOBODY,
        name: rest.message === null && number === null ? null : name,
        number: number && (number[0] === null ? number[1] : `${number[0]}-${number[1]}`),
        bankCode,
      },
      rawSymbols: {
        variableSymbol: (rest.variableSymbol ?? '').padStart(10, '0'),
        constantSymbol: (rest.constantSymbol ?? '').padStart(4, '0'),
        specificSymbol: (rest.specificSymbol ?? '').padStart(10, '0'),
      },
    });
  });

describe('read(write(x)) is x', () => {
  const profiles = fc.constantFrom<GpcWriteOptions & { bankCode: string }>(
    { bankCode: '2010' },
    { bankCode: '9999', layout: 'internal' },
    { bankCode: '9999', encoding: 'utf-8' },
    { bankCode: '9999', encoding: 'cp852' },
    { bankCode: '3030' },
  );

  it('for every statement the format can say', () => {
    fc.assert(
      fc.property(fc.array(anyTransaction, { maxLength: 5 }), profiles, (any, options) => {
        // Fio's files have no record 076 for a long reference.
        const fits = ({ bankReference }: Transaction): boolean =>
          options.bankCode !== '2010' || (bankReference?.length ?? 0) <= 13;
        const transactions = any.filter(fits);
        const given = statement(transactions, { from: '2026-09-01', to: '2026-09-30' });
        const { bytes, losses } = writeGpc([given], options);
        expect(losses).toEqual([]);
        const read = only(bytes, {
          bankCode: options.bankCode,
          accountNumber: '19-2000145399',
          ...(options.encoding ? { encoding: options.encoding } : {}),
          currency: 'CZK',
        });
        // A movement of zero has no direction.
        const reversal = ({ amount, reversal }: Transaction): boolean => reversal && amount.minor !== 0n;
        expect(read.transactions.map((each) => ({ ...each, reversal: reversal(each) }))).toEqual(
          transactions.map((each) => ({ ...each, reversal: reversal(each) })),
        );
        expect(read).toMatchObject({
          number: '171',
          from: '2026-09-01',
          to: '2026-09-30',
          opening: given.opening,
          closing: given.closing,
          count: transactions.length,
          reconciles: true,
          quarantined: [],
        });
        expect(read.declared).toEqual({ credits: read.credits, debits: read.debits, count: null });
      }),
    );
  });

  it('for several statements in one file', () => {
    const two = [
      statement([transaction()]),
      statement([transaction({ amount: czk(-5n) })], { number: '172' }),
    ];
    expect(
      readGpc(writeGpc(two).bytes).map(({ number, transactions }) => [number, transactions.length]),
    ).toEqual([
      ['171', 1],
      ['172', 1],
    ]);
  });
});
