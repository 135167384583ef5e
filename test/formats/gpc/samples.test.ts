import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../shared/formats/errors.ts';
import { readGpc } from '../../../shared/formats/gpc/reader.ts';
import { czk, only, rules } from './compose.ts';

/** Bank files that may lie beside the checkout; they are nobody's to copy into it. */
const SAMPLES = new URL('../../../../shared/samples/gpc/', import.meta.url);
const present = existsSync(SAMPLES);
if (!present)
  console.log('SKIPPED: no sample files beside the checkout, GPC was checked on own fixtures only');

const sample = (name: string): Uint8Array => readFileSync(new URL(name, SAMPLES));

describe.skipIf(!present)('real files', () => {
  it('a query over a period: the minus of the debit turnover means nothing', () => {
    const statement = only(sample('fio-api-doc-period.gpc'));
    expect(statement).toMatchObject({
      account: { number: '2400222222', bankCode: '2010', currency: 'CZK' },
      number: null,
      from: '2012-06-26',
      to: '2012-06-30',
      opening: czk(19500n),
      closing: czk(19501n),
      credits: czk(101n),
      debits: czk(100n),
      declared: { credits: czk(101n), debits: czk(100n) },
      count: 3,
      reconciles: true,
      quarantined: [],
    });
    expect(statement.transactions).toMatchObject([
      { bankReference: '1148734530', bookingDate: '2012-06-26', amount: czk(100n), constantSymbol: '0558' },
      { bankReference: '1148734781', amount: czk(-100n) },
      { bankReference: '1149190193', bookingDate: '2012-06-30', amount: czk(1n), message: 'Připsaný úrok' },
    ]);
    expect(statement.transactions[0]?.counterparty).toMatchObject({ name: 'Novák, Pavel', bankCode: '2010' });
    expect(new Set(rules(statement))).toEqual(new Set(['account-checksum']));
  });

  it('a monthly statement with interest', () => {
    expect(only(sample('fio-api-doc-statement-3.gpc'))).toMatchObject({
      number: '003',
      from: '2012-08-01',
      to: '2012-08-31',
      opening: czk(18503n),
      closing: czk(18505n),
      count: 1,
      reconciles: true,
    });
  });

  it('internal account numbers', () => {
    const statement = only(sample('kb-km78-internal-account.gpc'));
    expect(statement).toMatchObject({
      account: { number: '500005-2267180257' },
      opening: czk(485720324n),
      closing: czk(485725525n),
      credits: czk(5201n),
      count: 1,
      reconciles: true,
      warnings: [],
    });
    expect(statement.transactions[0]).toMatchObject({
      counterparty: { number: '1107340237', bankCode: '0100' },
      message: 'Platba za elektrinu za mesic leden.Faktura cislo 89aj456',
    });
  });

  it('a record 076 that is no movement', () => {
    const statement = only(sample('jakubzapletal-positive.gpc'));
    expect(statement).toMatchObject({
      opening: czk(100000n),
      closing: czk(80000n),
      credits: czk(40000n),
      debits: czk(60000n),
      count: 2,
      reconciles: true,
    });
    expect(statement.transactions.map(({ variableSymbol }) => variableSymbol)).toEqual(['11', '21']);
  });

  it.each([
    ['spojenet-basic-nonconforming.abo', 'column-not-numeric'],
    ['spojenet-extended-nonconforming.abo', 'column-not-numeric'],
    ['spojenet-malformed.abo', 'header-too-short'],
  ])('Spoje-NET/php-abo-parser: %s is refused', (name, rule) => {
    expect(() => readGpc(sample(name))).toThrow(FormatError);
    expect(() => readGpc(sample(name))).toThrow(expect.objectContaining({ rule }));
  });
});
