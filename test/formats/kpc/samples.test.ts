import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readKpc } from '../../../shared/formats/kpc/reader.ts';
import { crowns } from './compose.ts';

/** Bank files that may lie beside the checkout; they are nobody's to copy into it. */
const SAMPLES = new URL('../../../../shared/samples/kpc/', import.meta.url);
const present = existsSync(SAMPLES);
if (!present)
  console.log('SKIPPED: no sample files beside the checkout, KPC was checked on own fixtures only');

const read = (name: string) => readKpc(readFileSync(new URL(name, SAMPLES)));

describe.skipIf(!present)('order files that banks print', () => {
  it('single orders, with a bare header and ends without a space', () => {
    const { groups, warnings, quarantined } = read('csob-ceb-single-orders.kpc');
    expect([warnings, quarantined]).toEqual([[], []]);
    expect(groups).toMatchObject([{ kind: 'credit-transfer', date: '2018-01-01', sum: crowns(100010n) }]);
    expect(groups[0]?.declared.sum).toEqual(crowns(100010n));
    expect(groups[0]?.payments).toMatchObject([
      {
        payer: { number: '19-19' },
        creditor: { number: '123' },
        message: 'prvni cast zpravy druha cast (...)',
      },
      { creditor: { number: '123-123', name: 'Hynek Vilem Jarmila' }, message: 'ahoj!' },
      { payer: { number: '19' }, variableSymbol: '123456789', constantSymbol: '0558' },
      { constantSymbol: '0138', specificSymbol: '6666', message: 'posilam 600,04 penez' },
    ]);
  });

  it('credit transfers and a collection in one file', () => {
    const { createdAt, groups, warnings, quarantined } = read('csob-ceb-bulk-and-collection.kpc');
    expect([createdAt, warnings, quarantined]).toEqual(['2017-10-10', [], []]);
    expect(groups).toMatchObject([
      { kind: 'credit-transfer', payer: { number: '19-19' }, date: '2018-01-01', sum: crowns(100010n) },
      { kind: 'collection', payer: { number: '123-123' }, date: '2017-11-11', sum: crowns(100010n) },
    ]);
    expect(groups.map(({ payments }) => payments.length)).toEqual([4, 4]);
    expect(groups[0]?.payments[0]).toMatchObject({
      variableSymbol: '1234567890',
      rawSymbols: { variableSymbol: '01234567890' },
    });
    expect(groups[1]?.payments[3]).toMatchObject({
      creditor: { number: '19-19', bankCode: '0300' },
      constantSymbol: '0138',
      message: 'a zase inkasuju 600,04 penez',
    });
  });

  it('a bulk order with Czech letters', () => {
    const { groups, warnings, quarantined } = read('csob-bb24-bulk-credit.kpc');
    expect([warnings, quarantined]).toEqual([[], []]);
    expect(groups).toMatchObject([
      { date: '1998-11-27', sum: crowns(1000050n), payer: { number: '122780922' } },
    ]);
    expect(groups[0]?.payments).toHaveLength(5);
    expect(groups[0]?.payments[0]).toMatchObject({
      creditor: { number: '174-1999738514', bankCode: '0300' },
      message: 'první část AV druhá část AV třetí část AV čtvrtá část AV',
    });
  });
});
