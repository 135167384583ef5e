import { describe, expect, it } from 'vitest';
import { writePain001 } from '../../../shared/formats/pain001/writer.ts';
import { ABROAD, euro, OPTIONS, order, payment } from '../pain001/compose.ts';
import { pain001Faults } from './pain001.ts';
import { AMOUNT, DATE, DECIMAL, TIME, type Pattern } from './structure.ts';

/** The check of the structure itself, which stands in for the schemas where these are not at hand. */

const address = { street: 'Rue 1', buildingNumber: '2', postCode: '1', town: 'Brno', country: 'CZ' };
const textOf = (version: '03' | '09'): string => {
  const payments = [euro({ creditorAddress: { ...address, lines: ['one', 'two'] } })];
  const groups = [
    order({ payments: [payment()] }),
    order({ id: null, payer: { ...ABROAD, bic: null }, payments }),
  ];
  return new TextDecoder().decode(writePain001(groups, { ...OPTIONS, version }).bytes);
};

describe.each(['03', '09'] as const)('pain.001.001.%s', (version) => {
  const good = textOf(version);
  const faults = (text: string): string[] => pain001Faults(new TextEncoder().encode(text), version);

  it('as we write it has no fault', () => {
    expect(faults(good)).toEqual([]);
  });

  it.each<[string, string | RegExp, string]>([
    ['a missing element', /<EndToEndId>.*?<\/EndToEndId>/, ''],
    ['an element twice', /<PmtMtd>TRF<\/PmtMtd>/, '$&$&'],
    ['elements in another order', /(<PmtInfId>.*?<\/PmtInfId>\s*)(<PmtMtd>.*?<\/PmtMtd>)/, '$2$1'],
    ['an unknown element', '<Amt>', '<Extra/><Amt>'],
    ['an element elsewhere', '<Cdtr>', '<Cdtr><IBAN>CZ6508000000192000145399</IBAN>'],
    ['no choice', /<IBAN>.*?<\/IBAN>/, ''],
    ['a second choice', /<IBAN>.*?<\/IBAN>/, '$&$&'],
    ['no payment', /<CdtTrfTxInf>[^]*?<\/CdtTrfTxInf>/, ''],
    ['too many lines of an address', '<AdrLine>one</AdrLine>', '<AdrLine>one</AdrLine>'.repeat(7)],
    ['a text too long', '<MsgId>', `<MsgId>${'x'.repeat(36)}`],
    ['an empty text', /<Nm>.*?<\/Nm>/, '<Nm></Nm>'],
    ['a text among elements', '<PmtId>', '<PmtId>x'],
    ['an element in a text', '<PmtMtd>', '<PmtMtd><Cd>x</Cd>'],
    ['an amount without a currency', ' Ccy="CZK"', ''],
    ['an attribute', '<PmtId>', '<PmtId Ccy="CZK">'],
    ['an unknown code', 'SLEV', 'NONE'],
    ['a BIC that is none', 'RZBCCZPP', 'RZBC1ZPP'],
    ['a day that does not exist', '2026-09-04', '2026-09-31'],
    ['a name of another version', /BICFI|BIC/g, version === '03' ? 'BICFI' : 'BIC'],
    ['another namespace', `pain.001.001.${version}`, 'pain.001.001.05'],
  ])('with %s has one', (_, from, to) => {
    const changed = good.replace(from, to);
    expect(changed).not.toBe(good);
    expect(faults(changed)).not.toEqual([]);
  });
});

it.each<[string, Pattern, string[], string[]]>([
  [
    'an amount',
    AMOUNT,
    ['0', '1.50', '.5', '5.', '00000000000000000001.500000', '1234567890123.12345'],
    ['', '.', '-1', '1,5', '1.123456', '1234567890123456789', '1.2.3', '1e3'],
  ],
  ['a decimal number', DECIMAL, ['-1.5', '+2', '1.12345678901234567'], ['--1', '1234567890123456789', 'x']],
  ['a day', DATE, ['2024-02-29'], ['2026-02-29', '2026-9-4', '2026-09-04Z']],
  [
    'a time',
    TIME,
    ['2026-09-04T08:15:00', '2026-09-04T08:15:00.5Z', '2026-09-04T08:15:00-14:00'],
    ['2026-09-04', '2026-09-04T24:15:00', '2026-02-30T08:15:00', '2026-09-04T08:15:00+14:30'],
  ],
])('%s', (_, pattern, good, bad) => {
  for (const text of good) expect(pattern.test(text), text).toBe(true);
  for (const text of bad) expect(pattern.test(text), text).toBe(false);
});
