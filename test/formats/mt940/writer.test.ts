import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { czechIban, parseAccountNumber } from '../../../shared/domain/account-number.ts';
import { addDays } from '../../../shared/domain/dates.ts';
import type { Counterparty, Statement, Transaction } from '../../../shared/domain/model.ts';
import { normaliseSymbols } from '../../../shared/domain/symbols.ts';
import { parseMt940 } from '../../../shared/formats/mt940/reader.ts';
import { writeMt940, type Mt940WriteOptions } from '../../../shared/formats/mt940/writer.ts';
import { czk } from './compose.ts';

const NOBODY: Counterparty = { name: null, iban: null, number: null, bankCode: null, bic: null };

const TRANSACTION: Transaction = {
  bankReference: '7000000001',
  bookingDate: '2026-09-03',
  valueDate: '2026-09-03',
  amount: czk(74530n),
  counterparty: { ...NOBODY, name: 'Odběratel s.r.o.', number: '19-2000145399', bankCode: '0800' },
  variableSymbol: '260000777',
  constantSymbol: '0308',
  specificSymbol: null,
  rawSymbols: { variableSymbol: '0260000777', constantSymbol: '0308', specificSymbol: null },
  message: 'Faktura 07/2026',
  endToEndId: 'RE-17',
  transactionCode: 'NTRF/051',
  reversal: false,
  original: null,
  card: null,
  batch: null,
};

/** A statement around these transactions, its sums right. */
function statementOf(transactions: readonly Transaction[], opening = 100000n): Statement {
  const sum = (sign: (minor: bigint) => boolean) =>
    transactions.reduce((total, { amount: { minor } }) => (sign(minor) ? total + minor : total), 0n);
  const credits = sum((minor) => minor > 0n);
  const debits = -sum((minor) => minor < 0n);
  return {
    account: { iban: null, number: '2000145399', bankCode: '2700', currency: 'CZK' },
    number: '171',
    from: '2026-09-02',
    to: '2026-09-03',
    opening: czk(opening),
    closing: czk(opening + credits - debits),
    credits: czk(credits),
    debits: czk(debits),
    declared: { credits: null, debits: null, count: null },
    count: transactions.length,
    reconciles: true,
    transactions,
    warnings: [],
    quarantined: [],
  };
}

type Losing = [string, Partial<Transaction>];
type Refused = [string, Partial<Statement>];

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const losses = (transaction: Partial<Transaction>, options: Mt940WriteOptions = {}): string[] =>
  writeMt940([statementOf([{ ...TRANSACTION, ...transaction }])], options).losses.map(({ rule }) => rule);

describe('writeMt940', () => {
  it('writes what the format description shows', () => {
    const debit: Transaction = {
      ...TRANSACTION,
      amount: czk(-25250n),
      bookingDate: '2026-09-04',
      reversal: true,
      counterparty: { ...NOBODY, name: 'Acme GmbH', iban: 'DE89370400440532013000', bic: 'COBADEFF' },
      original: { amount: { minor: -1000n, currency: 'EUR' }, rate: '25,25' },
      transactionCode: 'FTRF',
      endToEndId: null,
      message: null,
    };
    const { bytes, losses: lost } = writeMt940([statementOf([TRANSACTION, debit])], { bic: 'BACXCZPP' });
    expect(text(bytes).split('\r\n')).toEqual([
      '{1:F01BACXCZPPAXXX0000000000}{2:I940BACXCZPPAXXXN}{4:',
      ':20:260903171',
      ':25:2700/2000145399',
      ':28C:171/1',
      ':60F:C260902CZK1000,00',
      ':61:2609030903C745,30NTRFRE-17//7000000001',
      ':86:051?20000019-2000145399/0800?21KS 0308?22VS 0260000777?23SS ?24Fa',
      'ktura 07/2026?300800?31000019-2000145399?32Odběratel s.r.o.',
      ':61:2609030904RC252,50FTRFNONREF//7000000001',
      '/OCMT/EUR10,00/EXCH/25,25',
      ':86:116?20000000-0000000000/0000?21KS 0308?22VS 0260000777?23SS ?30CO',
      'BADEFF?32Acme GmbH?38DE89370400440532013000',
      ':62F:C260903CZK1492,80',
      '-}',
      '',
    ]);
    expect(lost).toEqual([]);
  });

  it('ends a message with a dash where there are no blocks, and writes every statement', () => {
    const { bytes } = writeMt940([statementOf([]), { ...statementOf([]), number: '172' }]);
    expect(text(bytes).match(/^-\r\n/gm)).toHaveLength(2);
    expect(parseMt940(bytes).map(({ number }) => number)).toEqual(['171', '172']);
  });

  it('no line is longer than 65 characters of text, nor begins like a field', () => {
    const message = 'ab:61: cd-ef '.repeat(16);
    const { bytes } = writeMt940([statementOf([{ ...TRANSACTION, message }])]);
    const lines = text(bytes).split('\r\n');
    expect(Math.max(...lines.map((line) => line.replace(/^:\w+:/, '').length))).toBeLessThanOrEqual(65);
    expect(parseMt940(bytes)[0]?.transactions[0]?.message).toBe(message.trim());
  });

  it('SWIFT letters only, each replaced one told', () => {
    const { bytes, losses: lost } = writeMt940([statementOf([{ ...TRANSACTION, message: 'účet & č. 7' }])], {
      charset: 'swift-x',
    });
    const unwrapped = text(bytes).replaceAll('\r\n', '');
    expect(unwrapped).toContain('?24ucet   c. 7?');
    expect(unwrapped).toContain('?32Odberatel s.r.o.');
    expect(lost.map(({ rule, message }) => `${rule} ${message.split(' is')[0]}`)).toEqual([
      'letter-replaced message: "ú"',
      'letter-replaced message: "č"',
      'letter-replaced message: "&"',
      'letter-replaced message: "č"',
      'letter-replaced name: "ě"',
    ]);
    expect(lost[0]?.position).toBe('Statement 1, item 1');
  });

  it('Windows-1250', () => {
    const { bytes } = writeMt940([statementOf([TRANSACTION])], { charset: 'windows-1250' });
    expect(parseMt940(bytes, { encoding: 'windows-1250' })[0]?.transactions[0]?.counterparty.name).toBe(
      'Odběratel s.r.o.',
    );
    expect(losses({ message: 'Ω' }, { charset: 'windows-1250' })).toEqual(['letter-replaced']);
  });

  it.each([
    ['card-left-out', { card: '4111********1111' }],
    ['batch-left-out', { batch: { reference: '1', index: 1 } }],
    ['code-left-out', { transactionCode: '10000107000' }],
    ['code-left-out', { transactionCode: 'NTRF/111' }],
    ['reference-left-out', { endToEndId: 'x'.repeat(17) }],
    ['reference-left-out', { endToEndId: 'a//b' }],
    ['reference-left-out', { endToEndId: 'NONREF' }],
    ['reference-left-out', { bankReference: 'Č1' }],
    ['text-shortened', { message: 'x'.repeat(211) }],
    ['letter-replaced', { message: 'a?20b' }],
    ['letter-replaced', { message: 'a\nb' }],
    ['text-ambiguous', { message: 'VS 12' }],
    ['text-ambiguous', { message: '.' }],
    ['text-ambiguous', { message: 'EREF+1' }],
    ['text-shortened', { counterparty: { ...NOBODY, name: 'x'.repeat(71) } }],
    ['bank-left-out', { counterparty: { ...NOBODY, bankCode: '10020030', bic: 'COBADEFF' } }],
    ['bank-left-out', { counterparty: { ...NOBODY, bankCode: 'X' } }],
    ['account-left-out', { counterparty: { ...NOBODY, number: 'č/1' } }],
    ['date-filled', { valueDate: null }],
    ['date-ambiguous', { valueDate: '2025-09-03' }],
    ['original-left-out', { original: { amount: { minor: -1n, currency: 'EUR' }, rate: null } }],
    ['rate-left-out', { original: { amount: { minor: 1n, currency: 'EUR' }, rate: 'about 25' } }],
    ['symbol-changed', { rawSymbols: { variableSymbol: 'X1', constantSymbol: null, specificSymbol: null } }],
  ] satisfies Losing[])('tells a loss: %s', (rule, change) => {
    expect(losses(change)).toEqual([rule]);
  });

  it('tells what a statement loses', () => {
    const statement = {
      ...statementOf([TRANSACTION]),
      number: '171/2026',
      declared: { credits: czk(1n), debits: null, count: null },
      quarantined: [{ rule: 'x', message: 'x', position: null, raw: '' }],
      from: null,
    };
    expect(writeMt940([statement]).losses.map(({ rule }) => rule)).toEqual([
      'date-filled',
      'left-out',
      'left-out',
      'number-changed',
    ]);
  });

  it.each([
    ['balance-missing', { opening: null }],
    ['balance-missing', { closing: null }],
    ['currency-differs', { closing: { minor: 0n, currency: 'EUR' } }],
    ['currency-differs', { transactions: [{ ...TRANSACTION, amount: { minor: 0n, currency: 'EUR' } }] }],
    ['account-missing', { account: { iban: null, number: null, bankCode: '0800', currency: 'CZK' } }],
    ['date-missing', { from: null, to: null }],
    ['date-out-of-range', { to: '2051-01-01' }],
    ['amount-too-long', { closing: czk(10n ** 15n) }],
  ] satisfies Refused[])('refuses: %s', (rule, change) => {
    expect(() => writeMt940([{ ...statementOf([]), ...change }])).toThrow(
      expect.objectContaining({ name: 'FormatError', rule }),
    );
  });

  it('refuses what is no BIC', () => {
    expect(() => writeMt940([], { bic: 'x' })).toThrow(expect.objectContaining({ rule: 'bic' }));
  });
});

/** Letters of texts: what banks write, and what could be taken for something else. */
const words = fc
  .array(
    fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9/?:().,'+ -]{1,12}$/),
      fc.constantFrom(' ', '?', '-', ':61:', ':', '-}', '//CHG', 'příliš žluťoučký', '?2', '{4:', 'úhrada'),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const digits = (from: number, to: number) =>
  fc.stringMatching(new RegExp(`^[1-9][0-9]{${from - 1},${to - 1}}$`));
const raw = (to: number) => fc.option(fc.stringMatching(new RegExp(`^[0-9]{1,${to}}$`)), { nil: null });
const domestic = fc
  .tuple(fc.option(digits(1, 6), { nil: null }), digits(2, 10), digits(4, 4))
  .map(([prefix, number, bankCode]) => ({
    ...NOBODY,
    number: prefix === null ? number : `${prefix}-${number}`,
    bankCode,
  }));
const counterparty: fc.Arbitrary<Counterparty> = fc
  .tuple(
    fc.oneof(
      fc.constant(NOBODY),
      domestic,
      domestic.map((party) => {
        const account = parseAccountNumber(`${party.number}/${party.bankCode}`);
        return { ...party, iban: account && czechIban(account) };
      }),
      fc.constant({ ...NOBODY, iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' }),
      fc.constant({ ...NOBODY, number: '0532013000', bankCode: '37040044' }),
    ),
    fc.option(
      words.map((name) => name.replaceAll('//CHGS/', '')),
      { nil: null },
    ),
  )
  .map(([party, name]) => ({ ...party, name }));

const dates = fc
  .tuple(fc.integer({ min: 0, max: 9000 }), fc.integer({ min: -150, max: 150 }))
  .map(([day, apart]) => {
    const valueDate = addDays('2010-01-01', day);
    return { valueDate, bookingDate: addDays(valueDate, apart) };
  });
const referenceText = fc.option(fc.stringMatching(/^[A-Z0-9][A-Z0-9.-]{2,14}[A-Z1-9]$/), { nil: null });

const transactions: fc.Arbitrary<Transaction> = fc
  .record({
    dates,
    minor: fc.bigInt({ min: -(10n ** 11n), max: 10n ** 11n }),
    reversal: fc.boolean(),
    counterparty,
    rawSymbols: fc.record({ variableSymbol: raw(10), constantSymbol: raw(4), specificSymbol: raw(10) }),
    message: fc.option(words, { nil: null }),
    endToEndId: referenceText,
    bankReference: referenceText,
    original: fc.option(
      fc.record({ minor: fc.bigInt({ min: 1n, max: 10n ** 9n }), rate: fc.constantFrom(null, '25,25', '1') }),
      { nil: null },
    ),
  })
  .map(({ dates: days, minor, original, rawSymbols, ...rest }) => ({
    ...TRANSACTION,
    ...rest,
    ...days,
    amount: czk(minor),
    original: original && {
      amount: { minor: minor < 0n ? -original.minor : original.minor, currency: 'EUR' },
      rate: original.rate,
    },
    ...normaliseSymbols(rawSymbols),
    rawSymbols,
    transactionCode: minor < 0n ? 'NTRF/116' : 'NTRF/051',
  }));

describe('read(write(x))', () => {
  /**
   * What MT940 can say: texts without spaces at their ends (an empty one is none); everything else of these
   * transactions unchanged. Items for which the writer tells a loss are left out of the comparison.
   */
  const said = (transaction: Transaction): Transaction => ({
    ...transaction,
    message: transaction.message?.trim() || null,
    counterparty: { ...transaction.counterparty, name: transaction.counterparty.name?.trim() || null },
  });

  it('is x within what the format can say', () => {
    fc.assert(
      fc.property(
        fc.array(transactions, { maxLength: 4 }),
        fc.constantFrom<Mt940WriteOptions>({}, { bic: 'BACXCZPP' }, { charset: 'windows-1250' }),
        fc.constantFrom('2700', '0300', '0800', '0100', '2010', '0600', '5500'),
        (items, options, bankCode) => {
          const statement = { ...statementOf(items), account: { ...statementOf([]).account, bankCode } };
          const { bytes, losses: lost } = writeMt940([statement], options);
          const [read] = parseMt940(bytes, {
            encoding: options.charset === 'windows-1250' ? 'windows-1250' : 'utf-8',
          });
          expect(read).toMatchObject({
            account: statement.account,
            number: '171',
            from: statement.from,
            to: statement.to,
            opening: statement.opening,
            closing: statement.closing,
            count: items.length,
            reconciles: true,
            warnings: [],
            quarantined: [],
          });
          for (const [at, transaction] of items.entries()) {
            const back = read?.transactions[at];
            expect(back?.amount).toEqual(transaction.amount);
            if (lost.some(({ position }) => position === `Statement 1, item ${at + 1}`)) continue;
            expect(back).toEqual(said(transaction));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('written again it is the same file, and nothing more is lost', () => {
    fc.assert(
      fc.property(fc.array(transactions, { maxLength: 3 }), (items) => {
        const once = writeMt940([statementOf(items)]);
        const twice = writeMt940(parseMt940(once.bytes));
        if (once.losses.length === 0) expect(text(twice.bytes)).toBe(text(once.bytes));
        expect(twice.losses.filter(({ rule }) => rule !== 'text-ambiguous')).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
