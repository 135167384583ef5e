import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../shared/domain/model.ts';
import { parseMt940 } from '../../../shared/formats/mt940/reader.ts';
import { czk, rules } from './compose.ts';

/** Bank files that may lie beside the checkout; they are nobody's to copy into it. */
const SAMPLES = new URL('../../../../shared/samples/mt940/', import.meta.url);
const present = existsSync(SAMPLES);
if (!present)
  console.log('SKIPPED: no sample files beside the checkout, MT940 was checked on own fixtures only');

const read = (name: string): Statement[] => parseMt940(readFileSync(new URL(name, SAMPLES)));
const first = (name: string): Statement => {
  const [statement] = read(name);
  if (!statement) throw new Error(`${name} should hold a statement`);
  return statement;
};

describe.skipIf(!present)('real files', () => {
  it.each(['unicredit-structured-1.sta', 'unicredit-unstructured-1.sta'])('%s', (name) => {
    const statement = first(name);
    expect(statement).toMatchObject({
      account: { number: '2505002', bankCode: '2700', currency: 'CZK' },
      number: '442',
      opening: czk(504156475148n),
      closing: czk(504156475148n),
      credits: czk(4086556n),
      debits: czk(4086556n),
      count: 4,
      reconciles: true,
      warnings: [],
      quarantined: [],
    });
    expect(statement.transactions.at(-1)).toMatchObject({
      variableSymbol: '1234567890',
      constantSymbol: '0308',
      specificSymbol: '9998887776',
      bankReference: '9231991630000002',
    });
  });

  it('values and codes wrapped in the middle', () => {
    const [payment, , , sent] = first('unicredit-structured-1.sta').transactions;
    expect(payment).toMatchObject({
      counterparty: { name: 'CESTMÍR VACEK - UNICREDIT BANK', number: '2505029', bankCode: '2700' },
      variableSymbol: '9',
      constantSymbol: '0558',
      specificSymbol: null,
      message: 'CZ KONTROLLE ě š c ř ž ý á í é',
    });
    const line = (at: number): string => `ZPRAVA PRO PLATCE 0${at} MAXIM 35 ZNAKU`;
    expect(sent?.message).toBe([1, 2, 3, 4].map(line).join(''));
  });

  it('unicredit-mt942-structured.vml, in Windows-1250', () => {
    const advice = first('unicredit-mt942-structured.vml');
    expect(advice).toMatchObject({
      number: '297',
      count: 1,
      opening: null,
      declared: { credits: czk(100n) },
    });
    expect(advice.transactions[0]?.counterparty.name).toBe('Ji?í Pánek - UNICREDIT BANK');
    expect(rules(advice)).toEqual(['information-only']);
  });

  it('csob-mt942-example.STA', () => {
    const { transactions } = first('csob-mt942-example.STA');
    expect(transactions).toMatchObject([
      {
        amount: czk(123n),
        bankReference: '9836465465487777',
        counterparty: { name: 'NAZEV PROTISTRANY', number: '19-19', bankCode: '0300' },
        variableSymbol: '6666666666',
        constantSymbol: '9999',
        specificSymbol: '8888888888',
        message: 'prevod penez CZK text1 prevod penez CZK text2 (text 3)',
      },
      {
        amount: czk(-234n),
        endToEndId: 'reference klienta',
        counterparty: { name: 'PROTISTRANA', iban: 'CZ00190000000000000000019', bic: 'CEKOCZPP' },
        original: { amount: { minor: -11n, currency: 'USD' }, rate: '23,000000' },
        variableSymbol: null,
      },
      { amount: czk(-1n), message: 'Urok urok duben 2011', counterparty: { number: null } },
    ]);
  });

  it('csob-mt942-cp1250.STA', () => {
    expect(first('csob-mt942-cp1250.STA').transactions).toMatchObject([
      {
        amount: czk(934135n),
        variableSymbol: '201502045',
        message: 'Sorry jako Šitbořice omluv a za zpožděnou platbu',
      },
    ]);
  });

  it('csob-mt942-one-item.STA', () => {
    expect(first('csob-mt942-one-item.STA').transactions).toMatchObject([
      {
        amount: czk(432781n),
        variableSymbol: '225805852',
        specificSymbol: null,
        constantSymbol: null,
        message: null,
        counterparty: { name: 'ZIKMUND RYSAVY', number: '181582348', bankCode: '0300' },
      },
    ]);
  });

  it.each([
    ['cmxl-mt940.txt', [11, 2, 3, 11], true],
    ['cmxl-mt940-windows-line-breaks.txt', [2], true],
    ['cmxl-mt940-handelsbank.txt', [0, 0], true],
    ['cmxl-mt940-with-colon-after-line-break.txt', [1], null],
    ['cmxl-mt942.txt', [1, 1], null],
    ['jejik-generic.txt', [1, 1], true],
    ['jejik-ing-dos.txt', [7], false],
    ['jejik-ing-unix.txt', [7], false],
    ['jejik-postfinance.txt', [4], false],
    ['jejik-rabobank-iban.txt', [2, 2], true],
    ['jejik-sns.txt', [2, 0], true],
    ['jejik-sparkasse_interim_balance.txt', [1, 1, 0], true],
    ['jejik-triodos.txt', [2], false],
    ['wolph-sepa-snippet-broken.sta', [1], false],
    ['wolph-with-binary-character.sta', [3, 1], true],
  ] as const)('%s loses no item and says whether it reconciles', (name, counts, reconciles) => {
    const statements = read(name);
    expect(statements.map(({ count }) => count)).toEqual(counts);
    expect(statements.flatMap(({ quarantined }) => quarantined)).toEqual([]);
    expect(new Set(statements.map((statement) => statement.reconciles))).toEqual(new Set([reconciles]));
    if (reconciles === false) expect(statements.flatMap(rules)).toContain('balance-differs');
  });

  it('jejik-knab.txt: the second statement does not reconcile', () => {
    expect(read('jejik-knab.txt')).toMatchObject([
      { count: 1, reconciles: true },
      { count: 2, reconciles: false },
    ]);
  });

  it('cmxl-mt940-headers.txt: its impossible item is kept aside, its impossible balance told', () => {
    expect(read('cmxl-mt940-headers.txt')).toMatchObject([
      {
        count: 0,
        closing: null,
        reconciles: null,
        quarantined: [{ rule: 'date-unreadable' }],
        warnings: [{ rule: 'balance-unreadable' }, { rule: 'closing-missing' }],
      },
    ]);
  });

  it('wolph-asnb-spaces-for-entry-date.txt: a month of daily statements', () => {
    const statements = read('wolph-asnb-spaces-for-entry-date.txt');
    expect(statements).toHaveLength(31);
    expect(statements.every(({ reconciles }) => reconciles)).toBe(true);
    expect(statements.reduce((total, { count }) => total + count, 0)).toBe(8);
  });

  it('wolph-empty-86.sta is no statement', () => {
    expect(() => read('wolph-empty-86.sta')).toThrow(expect.objectContaining({ rule: 'not-mt940' }));
  });
});
