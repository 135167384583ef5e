import { describe, expect, it } from 'vitest';
import type { OrderGroup, OrderPayment } from '../../../shared/domain/order-file.ts';
import { readPain001 } from '../../../shared/formats/pain001/reader.ts';
import { writePain001 } from '../../../shared/formats/pain001/writer.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';
import { refusal } from '../kpc/compose.ts';
import { pain001Faults } from '../schemas/pain001.ts';
import {
  document,
  information,
  OPTIONS,
  order,
  payment,
  read,
  transfer,
  treeOf,
  type Tree,
} from './compose.ts';

/** Payments beyond the Czech clearing and SEPA. */

const NO_SYMBOLS = { variableSymbol: null, constantSymbol: null, specificSymbol: null };
const ADDRESS = {
  ...{ street: 'Main Street', buildingNumber: '12', postCode: '97201', town: 'Portland', country: 'US' },
  lines: ['Gate 4'],
};
const dollars = (values: Partial<OrderPayment> = {}): OrderPayment =>
  payment({
    ...NO_SYMBOLS,
    rawSymbols: NO_SYMBOLS,
    amount: { minor: 90_050n, currency: 'USD' },
    creditor: { ...NOBODY, name: 'Maple Tools Inc.', number: '021000021-4417', bic: 'CHASUS33' },
    creditorAddress: ADDRESS,
    message: 'Invoice 4417',
    charges: 'payer',
    ...values,
  });
const write = (groups: readonly OrderGroup[]) => writePain001(groups, OPTIONS);

function groupOf(values: Partial<OrderGroup> = {}): readonly (readonly [string, Tree])[] {
  const groups = [order({ payments: [dollars()], payerCurrency: 'CZK', ...values })];
  const tree = treeOf(write(groups).bytes) as readonly (readonly [string, Tree])[];
  const [, message] = tree.find(([name]) => name === 'CstmrCdtTrfInitn')!;
  return (message as typeof tree).find(([name]) => name === 'PmtInf')![1] as typeof tree;
}

describe('a foreign payment', () => {
  it('has no service level, the currency of the account that pays, and its own charges', () => {
    const group = groupOf();
    expect(group.find(([name]) => name === 'PmtTpInf')![1]).toEqual([['InstrPrty', 'NORM']]);
    expect(JSON.stringify(group.find(([name]) => name === 'DbtrAcct')![1])).toContain('["Ccy","CZK"]');
    expect(group.some(([name]) => name === 'ChrgBr')).toBe(false);
    expect(group.find(([name]) => name === 'CdtTrfTxInf')![1]).toEqual([
      [
        'PmtId',
        [
          ['InstrId', 'GW-0001'],
          ['EndToEndId', '2026000123'],
        ],
      ],
      ['Amt', [['InstdAmt', '900.50 USD']]],
      ['ChrgBr', 'DEBT'],
      ['CdtrAgt', [['FinInstnId', [['BIC', 'CHASUS33']]]]],
      [
        'Cdtr',
        [
          ['Nm', 'Maple Tools Inc.'],
          [
            'PstlAdr',
            [
              ['StrtNm', 'Main Street'],
              ['BldgNb', '12'],
              ['PstCd', '97201'],
              ['TwnNm', 'Portland'],
              ['Ctry', 'US'],
              ['AdrLine', 'Gate 4'],
            ],
          ],
        ],
      ],
      ['CdtrAcct', [['Id', [['Othr', [['Id', '021000021-4417']]]]]]],
      ['RmtInf', [['Ustrd', 'Invoice 4417']]],
    ]);
  });

  it('names its bank where it has no BIC', () => {
    const { bytes } = write([
      order({
        payments: [
          dollars({
            creditor: { ...dollars().creditor, bic: null },
            creditorBank: { name: 'First Bank of Portland', address: { ...ADDRESS, lines: [] } },
          }),
        ],
      }),
    ]);
    expect(pain001Faults(bytes, '03')).toEqual([]);
    expect(readPain001(bytes).groups[0]!.payments[0]).toMatchObject({
      creditor: { bic: null },
      creditorBank: { name: 'First Bank of Portland', address: { country: 'US', town: 'Portland' } },
    });
  });

  it('in yen has no decimals, and the sums of files add up whatever their currencies', () => {
    const yen = dollars({ amount: { minor: 5000n, currency: 'JPY' } });
    const groups = [order({ payments: [yen] }), order({ id: 'G2', payments: [dollars()] })];
    const { bytes } = write(groups);
    expect(Buffer.from(bytes).toString()).toContain('<CtrlSum>5900.50</CtrlSum>');
    expect(Buffer.from(bytes).toString()).toContain('<CtrlSum>5000</CtrlSum>');
    expect(readPain001(bytes).warnings).toEqual([]);
  });

  it.each<[string, Partial<OrderPayment>, string, string]>([
    ['no name', { creditor: { ...dollars().creditor, name: null } }, 'name-missing', '/creditor/name'],
    ['no bank', { creditor: { ...dollars().creditor, bic: null } }, 'bic-missing', '/creditor/bic'],
    ['no account', { creditor: { ...dollars().creditor, number: null } }, 'account-missing', '/creditor'],
    [
      'an address without a town',
      { creditorAddress: { ...ADDRESS, town: null } },
      'address-incomplete',
      '/creditorAddress',
    ],
    [
      'an address without a country',
      { creditorAddress: { ...ADDRESS, country: null } },
      'address-incomplete',
      '/creditorAddress',
    ],
    ['a currency of no country', { amount: { minor: 1n, currency: 'ABC' } }, 'currency-unknown', '/currency'],
  ])('with %s is refused', (_, values, rule, field) => {
    expect(refusal(() => write([order({ payments: [dollars(values)] })]))).toMatchObject({
      rule,
      position: `/0/payments/0${field}`,
    });
  });
});

describe('charges', () => {
  const body = '<Amt><InstdAmt Ccy="USD">1.00</InstdAmt></Amt>';
  const account = '<CdtrAcct><Id><Othr><Id>4417</Id></Othr></Id></CdtrAcct>';
  const chargesOf = (group: string, own: string) => {
    const head =
      '<PmtMtd>TRF</PmtMtd><ReqdExctnDt>2026-09-04</ReqdExctnDt>' +
      `<DbtrAcct><Id><IBAN>CZ6508000000192000145399</IBAN></Id></DbtrAcct>${group}`;
    const file = read(document(information(transfer(`${body}${own}${account}`), head)));
    return [file.groups[0]!.payments[0]!.charges, file.warnings.map(({ rule }) => rule)];
  };
  const bearer = (word: string): string => `<ChrgBr>${word}</ChrgBr>`;

  it('are the payment’s own, else the group’s; a word nobody knows is told', () => {
    expect(chargesOf('', bearer('DEBT'))).toEqual(['payer', []]);
    expect(chargesOf(bearer('CRED'), '')).toEqual(['payee', []]);
    expect(chargesOf(bearer('CRED'), bearer('SHAR'))).toEqual(['shared', []]);
    expect(chargesOf(bearer('SLEV'), '')).toEqual([undefined, []]);
    expect(chargesOf(bearer('ALL'), '')).toEqual([undefined, ['charges-unreadable']]);
  });
});
