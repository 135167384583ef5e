import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Statement, Transaction } from '../../../shared/domain/model.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { readFinsta, streamFinsta } from '../../../shared/formats/finsta/reader.ts';
import { chunksOf, encodeAs } from '../encode.ts';
import { document, movement, statement, type Values } from './compose.ts';

const bytesOf = (xml: string): Uint8Array => encodeAs('windows-1250', xml);

function only(content: string, values: Values = {}): Statement {
  const [read, ...rest] = readFinsta(bytesOf(document(statement(content, values))));
  if (!read || rest.length > 0) throw new Error('the document should hold one statement');
  return read;
}

/** The statement's only movement, with figures left aside. */
function one(values: Values): Transaction {
  const { transactions, quarantined } = only(movement(values));
  const [transaction] = transactions;
  if (!transaction) throw new Error(quarantined[0]?.message);
  return transaction;
}

const czk = (minor: bigint) => ({ minor, currency: 'CZK' });
const FEE = movement({ S28_POR_CISLO: '26521', S61_CD_INDIK: 'D', S61_CASTKA: '-100,00' });
const STORNO = movement({ S28_POR_CISLO: '26522', S61_CD_INDIK: 'CR', S61_CASTKA: '-7,00' });
const DAY = document(statement(movement() + FEE + STORNO));

describe('a FINSTA statement', () => {
  const [day] = readFinsta(bytesOf(DAY));

  it('has its account, number, period, balances and totals net of reversals', () => {
    const { transactions, ...figures } = day!;
    expect(transactions).toHaveLength(3);
    expect(figures).toEqual({
      account: { iban: null, number: '630804003', bankCode: '0300', currency: 'CZK' },
      number: '171',
      from: '2026-09-02',
      to: '2026-09-03',
      opening: czk(100000n),
      closing: czk(163830n),
      credits: czk(73830n),
      debits: czk(10000n),
      declared: { credits: czk(73830n), debits: czk(10000n), count: 3 },
      count: 3,
      reconciles: true,
      warnings: [],
      quarantined: [],
    });
  });

  it('reads a payment with everything a domestic one has', () => {
    expect(day?.transactions[0]).toEqual({
      bankReference: '2026/171/26520',
      bookingDate: '2026-09-03',
      valueDate: '2026-09-02',
      amount: czk(74530n),
      counterparty: {
        name: 'ODBĚRATEL S.R.O.',
        iban: null,
        number: '19-2000145399',
        bankCode: '0800',
        bic: null,
      },
      variableSymbol: '260000777',
      constantSymbol: '0308',
      specificSymbol: '55501234',
      rawSymbols: { variableSymbol: '260000777', constantSymbol: '0308', specificSymbol: '0055501234' },
      message: 'Faktura 07/2026',
      endToEndId: null,
      transactionCode: '121',
      reversal: false,
      original: null,
      card: null,
      batch: null,
    });
  });

  it.each([1, 7, 300])('reads the same in chunks of %i bytes, and as a stream', (size) => {
    expect(readFinsta(chunksOf(bytesOf(DAY), size))).toEqual([day]);
    const types = [...streamFinsta(chunksOf(bytesOf(DAY), size))].map(({ type }) => type);
    expect(types).toEqual(['transaction', 'transaction', 'transaction', 'statement']);
  });

  it('takes an account written with its bank code, and header names of the older edition', () => {
    const older = DAY.replaceAll('S28_CISLO_VYPISU', 'S28_CIS_VYPISU')
      .replaceAll('S62_', 'S62F_')
      .replace('0000000630804003', '630804003/0300');
    expect(readFinsta(bytesOf(older))).toEqual([day]);
  });

  it('several in one document keep their items apart', () => {
    const [first, second] = readFinsta(
      bytesOf(document(statement(movement()), statement('', { S28_CISLO_VYPISU: '172' }))),
    );
    expect(first?.transactions).toHaveLength(1);
    expect(second).toMatchObject({ number: '172', count: 0, transactions: [] });
  });
});

describe('row 46: directions', () => {
  it.each([
    ['C', '+745,30', 74530n, false],
    ['D', '-745,30', -74530n, false],
    ['CR', '-745,30', -74530n, true],
    ['DR', '+745,30', 74530n, true],
    ['D', '745,30', -74530n, false],
    ['C', '0,00', 0n, false],
  ])('%s %s', (mark, amount, minor, reversal) => {
    expect(one({ S61_CD_INDIK: mark, S61_CASTKA: amount })).toMatchObject({ amount: czk(minor), reversal });
  });

  it('a debit balance is negative', () => {
    expect(only('', { S60_CD_INDIK: 'D', S60_CASTKA: '5,00' }).opening).toEqual(czk(-500n));
  });
});

describe('fields', () => {
  it('the other side’s symbols never fill our own', () => {
    expect(one({ S86_VARSYMOUR: '', S86_VARSYMPAR: '4711' }).variableSymbol).toBeNull();
  });

  it('full lines of a message join without a space', () => {
    const line = 'a'.repeat(70);
    expect(one({ PART_ID1_1: line, PART_ID1_2: 'b', PART_MSG_1: 'c' }).message).toBe(`${line}b c`);
  });

  it('a movement without a message has the bank’s words, and no other side where there is none', () => {
    const fee = one({
      PART_ID1_1: '',
      DOM_ZAHR: 'SPE',
      PART_ACCNO: '',
      PART_ACC_ID: '',
      PART_BANK_ID: '0300',
    });
    expect(fee.message).toBe('Příchozí úhrada');
    expect(fee.counterparty).toEqual({ name: null, iban: null, number: null, bankCode: null, bic: null });
  });

  it('a foreign payment has its bank, account, original amount and no constant symbol', () => {
    const foreign = one({
      DOM_ZAHR: 'FOI',
      PART_ACCNO: 'DE89370400440532013000',
      PART_BANK_ID: 'COBADEFFXXX',
      PART_ID1_1: 'Kaiserplatz',
      PART_MSG_1: 'Rechnung 7',
      S86_KONSTSYM: '0110',
      ORIG_AMOUNT: '29,81',
      ORIG_CURR: 'EUR',
      RATE: '25,001678',
    });
    expect(foreign).toMatchObject({
      counterparty: { iban: 'DE89370400440532013000', bic: 'COBADEFFXXX', bankCode: null },
      message: 'Rechnung 7',
      constantSymbol: null,
      original: { amount: { minor: 2981n, currency: 'EUR' }, rate: '25,001678' },
    });
  });

  it('fee details inside a movement change nothing', () => {
    const inside =
      '<FINSTA10><POPL_TRANS>9,00</POPL_TRANS><FINSTA11><POPL_POCET>1</POPL_POCET></FINSTA11></FINSTA10>';
    expect(only(movement({}, inside)).transactions).toEqual(only(movement()).transactions);
  });

  it('what stands beside the movements is not read', () => {
    const deposit = '<FINSTA08><S28_POR_CISLO>1</S28_POR_CISLO><DEP_AMT>17,25</DEP_AMT></FINSTA08>';
    expect(only(movement() + deposit).transactions).toHaveLength(1);
  });
});

describe('what does not fit', () => {
  it.each([
    ['a sign against its mark', { S61_CD_INDIK: 'C', S61_CASTKA: '-1,00' }, 'sign-contradicts'],
    ['an unknown mark', { S61_CD_INDIK: 'X' }, 'mark-unknown'],
    ['no mark', { S61_CD_INDIK: '-' }, 'mark-unknown'],
    ['no amount', { S61_CASTKA: '-' }, 'amount-missing'],
    ['a decimal point', { S61_CASTKA: '+745.30' }, 'amount-unreadable'],
    ['three decimals', { S61_CASTKA: '+1,234' }, 'amount-unreadable'],
    ['another currency', { S61_MENA: 'EUR' }, 'currency-differs'],
    ['no date at all', { DPROCD: '31.02.2026', S61_DATUM: '' }, 'date-missing'],
  ])('%s puts the movement aside and reads the rest', (_, values, rule) => {
    const read = only(movement(values) + FEE);
    expect(read.quarantined).toMatchObject([{ rule, position: 'Entry 1' }]);
    expect(read.quarantined[0]?.raw).toMatch(/^<FINSTA05>.*<\/FINSTA05>$/);
    expect(read).toMatchObject({ count: 1, reconciles: false });
  });

  it('a header without a currency puts every movement aside', () => {
    expect(only(movement({ S61_MENA: '' }), { S60_MENA: '' }).quarantined).toMatchObject([
      { rule: 'currency-missing' },
    ]);
  });

  it('balances and totals that cannot be read are left out, with a warning', () => {
    const read = only('', { S60_CD_INDIK: '-', SUMA_DEBIT: '1=x' });
    expect(read).toMatchObject({ opening: null, reconciles: null, declared: { debits: null, count: null } });
    const rules = read.warnings.map(({ rule }) => rule);
    expect(rules).toEqual(['total-unreadable', 'balance-unreadable', 'turnover-differs']);
  });

  it('a copy sent again says so', () => {
    expect(only('', { STAT_AST: '7' }).warnings.map(({ rule }) => rule)).toContain('duplicate-statement');
  });

  it.each([
    ['another document', '<Document><BkToCstmrStmt/></Document>', 'not-finsta'],
    ['a page', '<html/>', 'not-finsta'],
    ['no statement', document(), 'no-statement'],
    ['a DOCTYPE', DAY.replace('<FINSTA>', '<!DOCTYPE FINSTA><FINSTA>'), 'doctype'],
  ])('%s is refused', (_, xml, rule) => {
    expect(() => readFinsta(bytesOf(xml))).toThrow(expect.objectContaining({ rule }));
  });
});

describe('broken files', () => {
  const bytes = bytesOf(DAY);
  const outcome = (broken: Uint8Array): Statement[] | FormatError => {
    try {
      return readFinsta(broken);
    } catch (error) {
      if (error instanceof FormatError) return error;
      throw error;
    }
  };

  it('row 11: cut off at any byte they are refused as a whole', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(outcome(bytes.subarray(0, length)), `cut at ${length}`).toMatchObject({ rule: 'truncated' });
    }
  });

  it('mutated or random they are read or refused, and sums hold', () => {
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }));
    const mutated = fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
      const copy = Uint8Array.from(bytes);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (broken) => {
        const read = outcome(broken);
        if (read instanceof FormatError) return;
        for (const { credits, debits, transactions } of read) {
          const sum = transactions.reduce((total, { amount }) => total + amount.minor, 0n);
          expect(credits.minor - debits.minor).toBe(sum);
        }
      }),
      { numRuns: 200 },
    );
  });
});
