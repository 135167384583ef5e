import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPain001 } from '../../../shared/formats/pain001/reader.ts';
import { refusal } from '../kpc/compose.ts';

/** Documents that may lie beside the checkout; they are nobody's to copy into it. */
const SAMPLES = new URL('../../../../shared/samples/pain/', import.meta.url);
const present = existsSync(SAMPLES);
if (!present)
  console.log('SKIPPED: no sample files beside the checkout, pain.001 was checked on own fixtures only');

const bytesOf = (name: string) => readFileSync(new URL(name, SAMPLES));
const read = (name: string) => readPain001(bytesOf(name));
const euro = (minor: bigint) => ({ minor, currency: 'EUR' });

describe.skipIf(!present)('documents of others', () => {
  it('two SEPA payments', () => {
    const { id, groups, warnings, quarantined } = read('sepa_king-pain.001.001.03.xml');
    expect([id, warnings, quarantined]).toEqual(['Message-ID-4711', [], []]);
    expect(groups).toMatchObject([
      {
        id: 'Payment-Information-ID-4711',
        date: '2010-11-25',
        sum: euro(665586n),
        declared: { sum: euro(665586n), count: 2 },
        payer: { name: 'Debtor Name', iban: 'DE87200500001234567890', bic: 'BANKDEFFXXX' },
        payments: [
          {
            amount: euro(654314n),
            endToEndId: 'OriginatorID1234',
            message: 'Unstructured Remittance Information',
          },
          { amount: euro(11272n), endToEndId: 'OriginatorID1235' },
        ],
      },
    ]);
  });

  it.each([
    ['sr-pain.001.001.03.xml', 4, 90000n, ['count-differs']],
    ['sr-pain.001.001.09.xml', 5, 110000n, ['count-differs']],
    ['iso20022js-example-sepa_pain_001_v3_multiple_pmtinf.xml', 2, 2000n, ['count-differs', 'sum-differs']],
  ])('%s, whose header says otherwise, is read and flagged', (name, count, sum, rules) => {
    const { groups, warnings, quarantined } = read(name);
    const payments = groups.flatMap((group) => group.payments);
    expect(payments).toHaveLength(count);
    expect(payments.reduce((total, { amount }) => total + amount.minor, 0n)).toBe(sum);
    expect(warnings.filter(({ position }) => position === 'GrpHdr').map(({ rule }) => rule)).toEqual(rules);
    expect(quarantined).toEqual([]);
  });

  it('a foreign payment from an account that has no IBAN', () => {
    const { groups } = read('iso20022js-example-swift_pain_001_v3.xml');
    expect(groups).toMatchObject([
      {
        priority: 'urgent',
        currency: 'USD',
        payer: { iban: null, number: '123456789', bic: 'CHASUS33' },
        payments: [{ amount: { minor: 1000n, currency: 'USD' }, message: 'Invoice payment #123' }],
      },
    ]);
  });

  it.each([
    ['iso20022js-cross_river-pain_002_batch_rejected.xml'],
    ['iso20022js-goldman_sachs-pain_002_v3_accepted.xml'],
  ])('%s is no pain.001', (name) => {
    expect(refusal(() => readPain001(bytesOf(name))).rule).toBe('not-pain001');
  });
});
