import { describe, expect, it } from 'vitest';
import type { Statement, Transaction } from '../../../shared/domain/model.ts';
import { readBbtxt } from '../../../shared/formats/bbtxt/reader.ts';
import { concat, encodeAs } from '../encode.ts';
import { file, header, item, type Values } from './compose.ts';

/** Rules of BBTXT that a change of its reader could break unnoticed. What it shares with FINSTA is tested there. */

function only(...lines: readonly string[]): Statement {
  const [statement] = readBbtxt(encodeAs('windows-1250', lines.join('\r\n')));
  if (!statement) throw new Error('the file should hold a statement');
  return statement;
}

function one(values: Values): Transaction {
  const { transactions, quarantined } = only(header(), item(values));
  const [transaction] = transactions;
  if (!transaction) throw new Error(quarantined[0]?.message);
  return transaction;
}

const czk = (minor: bigint) => ({ minor, currency: 'CZK' });

describe('dates', () => {
  it.each([
    ['20260902', '2026-09-02'],
    ['20260902235959', '2026-09-02'],
    ['x20260902', null],
    ['20260902x', null],
    ['2026090212', null],
    ['', null],
  ])('%j', (written, date) => {
    expect(one({ DATUM_SPLAT: written }).valueDate).toBe(date);
  });
});

describe('fields', () => {
  it('may have spaces around them, and empty ones behind the last', () => {
    expect(one({ CASTKA: ' 745,30 ', VS: ' 7 ', KANAL: 'x | | ' })).toMatchObject({
      amount: czk(74530n),
      variableSymbol: '7',
    });
  });

  it('blank lines between records are nothing', () => {
    expect(only(header(), '   ', item(), '')).toEqual(only(header(), item()));
  });

  it.each<[Values, string | null]>([
    [{}, '2026/171/26520'],
    [{ POR_CISLO: '', REF_BANKA: 'B1' }, 'B1'],
    [{ POR_CISLO: '', TRACE_ID: '' }, null],
  ])('the bank’s reference: %j', (values, reference) => {
    expect(one(values).bankReference).toBe(reference);
  });

  it.each(['ROK_VYPISU', 'CISLO_VYPISU'])('without %s there is no numbering', (name) => {
    expect(only(header({ [name]: '' }), item()).transactions[0]?.bankReference).toBe('SBAX468232');
  });

  it.each<[Values, string | null]>([
    [{ POZNAMKA: 'x' }, 'Příchozí úhrada'],
    [{ POPIS_POLOZKY: '', POZNAMKA: 'Kapitalizace' }, 'Kapitalizace'],
    [{ POPIS_POLOZKY: '' }, null],
    [{ ZPRAVA_PRIJEMCI2: 'b', ZPRAVA_PRIJEMCI3: 'c', ZPRAVA_PRIJEMCI4: 'd' }, 'b c d'],
    [{ ZPRAVA_PRIJEMCI1: 'a'.repeat(35), ZPRAVA_PRIJEMCI2: 'b' }, `${'a'.repeat(35)}b`],
  ])('the message, or the words of the bank: %j', (values, message) => {
    expect(one({ ZPRAVA_PRIJEMCI1: '', ...values }).message).toBe(message);
  });

  it('a foreign payment has its original amount with the rate, and the client’s reference', () => {
    const foreign = { CASTKA_PLATBY: '29,81', MENA_PLATBY: 'EUR', KURZ: '25,001678', REF_KLIENT: 'Z-17' };
    expect(one({ ...foreign, DOM_ZAHR: 'FOO', KOD_BANKY: 'COBADEFFXXX' })).toMatchObject({
      original: { amount: { minor: 2981n, currency: 'EUR' }, rate: '25,001678' },
      endToEndId: 'Z-17',
      constantSymbol: null,
      counterparty: { bic: 'COBADEFFXXX' },
    });
  });
});

describe('figures of the header', () => {
  it('turnovers are sizes, whatever sign is written', () => {
    const { declared } = only(header({ OBRAT_DR: '-100,00', OBRAT_CR: '0,00' }), item());
    expect(declared).toMatchObject({ debits: czk(10000n), credits: czk(0n) });
  });

  it('one that cannot be read is left out, with a warning that names it', () => {
    const read = only(header({ ZUSTATEK_START: '1 000,00', OBRAT_CR: '' }), item());
    expect(read).toMatchObject({ opening: null, reconciles: null, declared: { credits: null } });
    expect(read.warnings.map(({ rule, position }) => [rule, position])).toEqual([
      ['balance-unreadable', 'ZUSTATEK_START'],
      ['balance-unreadable', 'OBRAT_CR'],
      ['turnover-differs', 'OBRAT_DR, OBRAT_CR'],
    ]);
  });

  it('a balance may be negative', () => {
    expect(only(header({ ZUSTATEK_START: '-5,00' })).opening).toEqual(czk(-500n));
  });
});

it('row 42: bytes that are no UTF-8 in a file that is UTF-8 are told, wherever they stand', () => {
  const utf8 = new TextEncoder().encode(file());
  const flawed = concat(
    utf8,
    new TextEncoder().encode(item({ POPIS_POLOZKY: '?' }).replace('?', 'a')),
    Uint8Array.of(0xc5, 13, 10),
  );
  for (const bytes of [flawed, encodeAs('windows-1250', file())]) {
    const [read] = readBbtxt(bytes);
    expect(read?.transactions[0]?.counterparty.name).toBe('ODBĚRATEL S.R.O.');
  }
  expect(readBbtxt(flawed)[0]?.warnings.map(({ rule }) => rule)).toContain('encoding-mixed');
});

it('row 44: equal payments of one day are two', () => {
  const { transactions, count } = only(header(), item(), item());
  expect(count).toBe(2);
  expect(transactions[0]).toEqual(transactions[1]);
});
