import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Statement, Transaction } from '../../shared/domain/model.ts';
import { NO_SYMBOLS } from '../../shared/domain/symbols.ts';
import { writeCsv, type CsvOptions } from '../../shared/formats/csv.ts';

const NOBODY = { name: null, iban: null, number: null, bankCode: null, bic: null };
const eur = (minor: bigint) => ({ minor, currency: 'EUR' });

function statement(...transactions: Partial<Transaction>[]): Statement {
  return {
    account: { iban: 'CZ6508000000192000145399', number: '19-2000145399', bankCode: '0800', currency: 'EUR' },
    number: '7',
    from: null,
    to: null,
    opening: null,
    closing: null,
    credits: eur(0n),
    debits: eur(0n),
    declared: { credits: null, debits: null, count: null },
    count: transactions.length,
    reconciles: null,
    transactions: transactions.map((fields) => ({
      bankReference: null,
      bookingDate: '2026-09-03',
      valueDate: null,
      amount: eur(-125050n),
      counterparty: NOBODY,
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
    })),
    warnings: [],
    quarantined: [],
  };
}

const textOf = (given: Statement, options?: CsvOptions): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(writeCsv([given], options).bytes);

/** A reader of RFC 4180, for the test only. */
function parse(text: string, separator = ','): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quotes = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (quotes) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') cell += text[++at];
      else quotes = false;
    } else if (sign === '"') quotes = true;
    else if (sign === separator || sign === '\r') {
      rows.at(-1)?.push(cell);
      cell = '';
      if (sign === '\r' && text[++at] === '\n') rows.push([]);
    } else cell += sign;
  }
  return rows.slice(0, -1);
}

function row(fields: Partial<Transaction>, options?: CsvOptions): Record<string, string> {
  const [names = [], cells = [], ...rest] = parse(textOf(statement(fields), options), options?.separator);
  expect(rest).toEqual([]);
  expect(cells).toHaveLength(names.length);
  return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
}

describe('CSV', () => {
  it('has a stable header and a row per transaction', () => {
    expect(
      textOf(statement({ variableSymbol: '260000777', message: 'a, "b"\r\nc' }, {})).replaceAll(
        /,{3,}/g,
        ',…,',
      ),
    ).toBe(
      'accountIban,accountNumber,accountBankCode,statementNumber,bookingDate,valueDate,amount,currency,' +
        'counterpartyName,counterpartyIban,counterpartyNumber,counterpartyBankCode,counterpartyBic,variableSymbol,' +
        'constantSymbol,specificSymbol,message,reference,endToEndId,transactionCode,reversal,originalAmount,' +
        'originalCurrency,rate,card,batchReference,batchIndex\r\n' +
        'CZ6508000000192000145399,19-2000145399,0800,7,2026-09-03,,-1250.50,EUR,…,260000777,…,"a, ""b""\r\nc",…,false,…,\r\n' +
        'CZ6508000000192000145399,19-2000145399,0800,7,2026-09-03,,-1250.50,EUR,…,false,…,\r\n',
    );
  });

  it.each(['=1+1', '+420', '-1', '@SUM(A1)', '\tx', '\rx', "=cmd|' /C calc'!A0"])(
    'row 48: %j in a text gets an apostrophe, which is listed',
    (text) => {
      expect(row({ message: text, counterparty: { ...NOBODY, name: text } })).toMatchObject({
        message: `'${text}`,
        counterpartyName: `'${text}`,
      });
      expect(writeCsv([statement({ message: text })]).losses).toMatchObject([
        { rule: 'formula-neutralised', position: 'statement 1, item 1, message' },
      ]);
    },
  );

  it('row 48: numbers stay numbers and other texts as they are', () => {
    const given = statement({
      message: 'a=1',
      original: { amount: eur(-1n), rate: '25.1' },
      batch: { reference: 'B', index: 0 },
    });
    expect(writeCsv([given]).losses).toEqual([]);
    expect(row({ original: { amount: eur(-1n), rate: '25.1' } })).toMatchObject({
      amount: '-1250.50',
      originalAmount: '-0.01',
      rate: '25.1',
    });
  });

  it('takes a separator and a byte order mark', () => {
    const text = textOf(statement({ message: 'a;b' }), { separator: ';', bom: true });
    expect(text.startsWith('\uFEFFaccountIban;accountNumber;')).toBe(true);
    expect(text).toContain(';"a;b";');
    expect(textOf(statement()).startsWith('accountIban')).toBe(true);
  });

  it('lists what a table has no place for', () => {
    const item = { rule: 'x', message: 'y', position: 'line 3', raw: '' };
    const given = { ...statement(), opening: eur(1n), quarantined: [item] };
    expect(writeCsv([given]).losses.map(({ rule }) => rule)).toEqual([
      'balances-left-out',
      'quarantined-left-out',
    ]);
  });

  it('any text comes back, and no cell of text begins a formula', () => {
    const separators = fc.constantFrom(',' as const, ';' as const, '\t' as const);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), separators, (message, separator) => {
        const cell = row({ message }, { separator })['message'] ?? '';
        expect(cell).not.toMatch(/^[=+\-@\t\r]/);
        expect([message, `'${message}`]).toContain(cell);
      }),
    );
  });
});
