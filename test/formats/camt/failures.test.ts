import { describe, expect, it } from 'vitest';
import { readCamt053 } from '../../../shared/formats/camt/reader.ts';
import { details, document, entry, readEntry, readOne } from './compose.ts';
import { readFileSync } from 'node:fs';

/** Known failures of other parsers of camt, one test each. */

describe('known failures of other parsers', () => {
  it('OCA/bank-statement-import 157: the details of a batch have their own amounts, not the entry’s total', () => {
    const part = (amount: string): string =>
      details(`<AmtDtls><TxAmt><Amt Ccy="CZK">${amount}</Amt></TxAmt></AmtDtls>`);
    const read = readOne(document(entry({ amount: '60', details: part('10') + part('20') + part('30') })));
    expect(read.transactions.map(({ amount }) => amount.minor)).toEqual([1000n, 2000n, 3000n]);
    expect(read).toMatchObject({ count: 1, credits: { minor: 6000n } });
  });

  it('firefly-iii 8408: a camt.053.001.08 is read', () => {
    const [statement] = readCamt053(readFileSync(new URL('../fixtures/camt053-v08.xml', import.meta.url)));
    expect(statement).toMatchObject({ count: 1, reconciles: true, quarantined: [] });
  });

  it('fast-xml-parser 200: numbers keep their leading zeros', () => {
    const refs = '<Refs><AcctSvcrRef>0000123</AcctSvcrRef><EndToEndId>0012345678</EndToEndId></Refs>';
    const account = '<RltdPties><DbtrAcct><Id><Othr><Id>0012345678</Id></Othr></Id></DbtrAcct></RltdPties>';
    expect(readEntry({ details: details(refs + account) })).toMatchObject({
      bankReference: '0000123',
      endToEndId: '0012345678',
      variableSymbol: '12345678',
      rawSymbols: { variableSymbol: '0012345678' },
      counterparty: { number: '0012345678' },
    });
  });

  it('fast-xml-parser 813: more than a thousand references to characters are resolved', () => {
    const many = Array.from({ length: 3000 }, (_, at) =>
      entry({
        reference: String(at),
        details: details('<AddtlTxInf>Smith &amp; Sons &lt;&#225;&gt;</AddtlTxInf>'),
      }),
    );
    const read = readOne(document(many.join('')));
    expect(read.count).toBe(3000);
    expect(new Set(read.transactions.map(({ message }) => message))).toEqual(new Set(['Smith & Sons <á>']));
  });
});
