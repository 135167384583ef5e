import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { OrderGroup } from '../../../shared/domain/order-file.ts';
import { readPain001 } from '../../../shared/formats/pain001/reader.ts';
import { writePain001, type Pain001Options } from '../../../shared/formats/pain001/writer.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';
import { refusal, rulesOf } from '../kpc/compose.ts';
import { ABROAD, euro, OPTIONS, order, PAYEE, PAYER, payment, treeOf, type Tree } from './compose.ts';

const FIXTURE = readFileSync(new URL('fixtures/domestic-v03.xml', import.meta.url));

const write = (groups: readonly OrderGroup[], options: Partial<Pain001Options> = {}) =>
  writePain001(groups, { ...OPTIONS, ...options });

const xmlOf = (groups: readonly OrderGroup[], options: Partial<Pain001Options> = {}): string =>
  new TextDecoder().decode(write(groups, options).bytes);

/** The part of a tree at a path, the first of each name. */
function at(tree: Tree | undefined, ...path: readonly string[]): Tree | undefined {
  return path.reduce<Tree | undefined>((node, name) => {
    if (!Array.isArray(node)) return undefined;
    return (node as readonly (readonly [string, Tree])[]).find(([child]) => child === name)?.[1];
  }, tree);
}

const group = (groups: readonly OrderGroup[], options: Partial<Pain001Options> = {}): Tree | undefined =>
  at(treeOf(write(groups, options).bytes), 'CstmrCdtTrfInitn', 'PmtInf');

const only = (groups: readonly OrderGroup[], ...path: string[]): Tree | undefined =>
  at(group(groups), 'CdtTrfTxInf', ...path);

const kb = (values: Partial<OrderGroup> = {}): OrderGroup =>
  order({ payer: { ...NOBODY, number: '19-19', bankCode: '0100' }, ...values });

describe('a domestic payment in crowns', () => {
  it('is the composed example, element by element', () => {
    const { bytes, losses } = write([order()]);
    expect(losses).toEqual([]);
    expect(treeOf(bytes)).toEqual(treeOf(FIXTURE));
    expect(new TextDecoder().decode(bytes)).toContain('"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"');
  });

  it('in version 09 differs in the day and the name of the BIC', () => {
    const expected = new TextDecoder()
      .decode(FIXTURE)
      .replaceAll(/(<\/?)BIC>/g, '$1BICFI>')
      .replace('<ReqdExctnDt>2026-09-04</ReqdExctnDt>', '<ReqdExctnDt><Dt>2026-09-04</Dt></ReqdExctnDt>');
    const { bytes } = write([order()], { version: '09' });
    expect(treeOf(bytes)).toEqual(treeOf(new TextEncoder().encode(expected)));
    expect(new TextDecoder().decode(bytes)).toContain('"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"');
  });

  it('takes Czech accounts by number, and the BIC from the bank code', () => {
    const bare = { ...NOBODY, number: '630804003', bankCode: '5500', name: 'Dodavatel a.s.' };
    const payer = { ...NOBODY, number: '19-2000145399', bankCode: '0800', name: PAYER.name };
    expect(treeOf(write([order({ payer, payments: [payment({ creditor: bare })] })]).bytes)).toEqual(
      treeOf(FIXTURE),
    );
  });

  it.each([
    ['normal', [['InstrPrty', 'NORM']]],
    ['urgent', [['InstrPrty', 'HIGH']]],
    [
      'instant',
      [
        ['InstrPrty', 'HIGH'],
        ['LclInstrm', [['Cd', 'INST']]],
      ],
    ],
  ] as const)('%s', (priority, expected) => {
    expect(at(group([order({ priority })]), 'PmtTpInf')).toEqual(expected);
  });

  it('has its symbols in the text at a bank that reads them there', () => {
    expect(only([kb()], 'RmtInf')).toEqual([['Ustrd', '/VS/2026000123/KS/0308 Faktura 2026000123']]);
    expect(only([kb({ payments: [payment({ message: null })] })], 'RmtInf')).toEqual([
      ['Ustrd', '/VS/2026000123/KS/0308'],
    ]);
  });

  it('has its symbols in the end-to-end id where that is set, and says that another id had to go', () => {
    const [one] = [payment({ specificSymbol: '45' })];
    const { bytes, losses } = write([order({ payments: [one] })], { symbols: 'e2e' });
    const tree = at(treeOf(bytes), 'CstmrCdtTrfInitn', 'PmtInf', 'CdtTrfTxInf');
    expect(at(tree, 'PmtId', 'EndToEndId')).toBe('/VS2026000123/SS45/KS0308');
    expect(at(tree, 'RmtInf')).toEqual([['Ustrd', 'Faktura 2026000123']]);
    expect(rulesOf(losses)).toEqual(['end-to-end-id-left-out']);
  });

  it('keeps Czech letters and escapes what XML needs', () => {
    const xml = xmlOf([order({ payments: [payment({ message: 'Žluťoučký & "kůň" §' })] })]);
    expect(xml).toContain('<Ustrd>Žluťoučký &amp; &quot;kůň&quot; §</Ustrd>');
  });

  it('without name, ids, symbols and message has only what it needs', () => {
    const symbols = { variableSymbol: null, constantSymbol: null, specificSymbol: null };
    const bare = payment({
      ...symbols,
      message: null,
      endToEndId: null,
      instructionId: null,
      creditor: { ...PAYEE, name: null },
    });
    expect(only([order({ payments: [bare] })])).toEqual([
      ['PmtId', [['EndToEndId', 'NOTPROVIDED']]],
      ['Amt', [['InstdAmt', '1250.50 CZK']]],
      ['CdtrAgt', [['FinInstnId', [['BIC', 'RZBCCZPP']]]]],
      ['CdtrAcct', [['Id', [['IBAN', PAYEE.iban]]]]],
    ]);
  });
});

describe('a SEPA payment', () => {
  it('has its service level, its charges, one text and no currency of the account', () => {
    expect(group([order({ payments: [euro()] })])).toEqual([
      ['PmtInfId', 'GW-20260903-000017-1'],
      ['PmtMtd', 'TRF'],
      ['NbOfTxs', '1'],
      ['CtrlSum', '1250.50'],
      ['PmtTpInf', [['SvcLvl', [['Cd', 'SEPA']]]]],
      ['ReqdExctnDt', '2026-09-04'],
      ['Dbtr', [['Nm', 'Vzorova firma s.r.o.']]],
      ['DbtrAcct', [['Id', [['IBAN', PAYER.iban]]]]],
      ['DbtrAgt', [['FinInstnId', [['BIC', 'GIBACZPX']]]]],
      ['ChrgBr', 'SLEV'],
      [
        'CdtTrfTxInf',
        [
          [
            'PmtId',
            [
              ['InstrId', 'GW-0001'],
              ['EndToEndId', '2026000123'],
            ],
          ],
          ['Amt', [['InstdAmt', '1250.50 EUR']]],
          ['CdtrAgt', [['FinInstnId', [['BIC', 'COBADEFFXXX']]]]],
          ['Cdtr', [['Nm', 'Muster GmbH']]],
          ['CdtrAcct', [['Id', [['IBAN', ABROAD.iban]]]]],
          ['RmtInf', [['Ustrd', '/VS/2026000123/KS/0308 Faktura 2026000123']]],
        ],
      ],
    ]);
  });

  it.each([
    [
      'urgent',
      [
        ['InstrPrty', 'HIGH'],
        ['SvcLvl', [['Cd', 'SEPA']]],
      ],
    ],
    [
      'instant',
      [
        ['SvcLvl', [['Cd', 'SEPA']]],
        ['LclInstrm', [['Cd', 'INST']]],
      ],
    ],
  ] as const)('%s', (priority, expected) => {
    expect(at(group([order({ priority, payments: [euro()] })]), 'PmtTpInf')).toEqual(expected);
  });

  it('is written in the letters of SEPA, and what was replaced is listed', () => {
    const creditor = { ...ABROAD, name: 'Müller & Söhne' };
    const { bytes, losses } = write([order({ payments: [euro({ creditor, message: 'Café „7“ #1' })] })]);
    const [read] = readPain001(bytes).groups[0]?.payments ?? [];
    expect(read).toMatchObject({ creditor: { name: 'Muller   Sohne' }, message: 'Cafe  7   1' });
    expect(losses.map(({ rule, position }) => [rule, position])).toEqual([
      ['letter-replaced', '/0/payments/0/creditor/name'],
      ['letter-replaced', '/0/payments/0/message'],
    ]);
  });

  it('without a BIC says nothing of the payee’s bank, and of its own that it is not provided', () => {
    const payer = { ...NOBODY, name: 'X', iban: 'DE89370400440532013000' };
    const groups = [order({ payer, payments: [euro({ creditor: { ...ABROAD, bic: null } })] })];
    expect(only(groups, 'CdtrAgt')).toBeUndefined();
    expect(at(group(groups), 'DbtrAgt')).toEqual([['FinInstnId', [['Othr', [['Id', 'NOTPROVIDED']]]]]]);
  });

  it('has a structured address, and at most two lines of text', () => {
    const creditorAddress = {
      street: 'Hauptstraße',
      buildingNumber: '42',
      postCode: '10115',
      town: 'Berlin',
      country: 'DE',
      lines: ['a', 'b', 'c'],
    };
    const groups = [order({ payments: [euro({ creditorAddress })] })];
    expect(only(groups, 'Cdtr', 'PstlAdr')).toEqual([
      ['StrtNm', 'Hauptstrasse'],
      ['BldgNb', '42'],
      ['PstCd', '10115'],
      ['TwnNm', 'Berlin'],
      ['Ctry', 'DE'],
      ['AdrLine', 'a'],
      ['AdrLine', 'b'],
    ]);
    expect(rulesOf(write(groups).losses)).toEqual(['address-shortened', 'letter-replaced']);
  });

  it('needs BIC and country where the bank wants them', () => {
    const address = {
      street: null,
      buildingNumber: null,
      postCode: null,
      town: null,
      country: 'DE',
      lines: [],
    };
    const without = kb({
      payments: [euro({ creditor: { ...ABROAD, bic: null }, creditorAddress: address })],
    });
    expect(refusal(() => write([without])).rule).toBe('bic-missing');
    expect(refusal(() => write([kb({ payments: [euro()] })])).rule).toBe('country-missing');
    expect(write([kb({ payments: [euro({ creditorAddress: address })] })]).losses).toEqual([]);
  });
});

describe('several groups', () => {
  it('are counted and summed together, and named after the message where they have no name', () => {
    const groups = [order({ id: null }), order({ id: null, payments: [euro(), euro()] })];
    const tree = treeOf(write(groups).bytes);
    expect(at(tree, 'CstmrCdtTrfInitn', 'GrpHdr', 'NbOfTxs')).toBe('3');
    expect(at(tree, 'CstmrCdtTrfInitn', 'GrpHdr', 'CtrlSum')).toBe('3751.50');
    const { groups: read, warnings } = readPain001(write(groups).bytes);
    expect(warnings).toEqual([]);
    expect(read.map(({ id, currency }) => [id, currency])).toEqual([
      ['GW-20260903-000017-1', 'CZK'],
      ['GW-20260903-000017-2', 'EUR'],
    ]);
  });

  it('come from one whose payments name their payers', () => {
    const payments = [PAYER, { ...PAYER, iban: null, number: '19-19' }].map((payer) => payment({ payer }));
    const { groups } = readPain001(write([order({ payer: NOBODY, payments })]).bytes);
    expect(groups.map(({ payer }) => payer.number)).toEqual(['19-2000145399', '19-19']);
  });

  it('must not share an id', () => {
    expect(refusal(() => write([order(), order()]))).toEqual({ rule: 'id-repeated', position: '/1/id' });
  });
});

describe('row 40: what cannot be written is refused, or shortened by the declared rule and listed', () => {
  it('texts that are too long', () => {
    const creditor = { ...PAYEE, name: 'N'.repeat(71) };
    const { bytes, losses } = write([order({ payments: [payment({ creditor, message: 'x'.repeat(141) })] })]);
    expect(readPain001(bytes).groups[0]?.payments[0]).toMatchObject({
      message: 'x'.repeat(140),
      creditor: { name: 'N'.repeat(70) },
    });
    expect(rulesOf(losses)).toEqual(['text-shortened', 'text-shortened']);
    const { bytes: sepa } = write([order({ payments: [euro({ message: 'x'.repeat(140) })] })]);
    expect(/<Ustrd>(.*)<\/Ustrd>/.exec(new TextDecoder().decode(sepa))?.[1]).toHaveLength(140);
  });

  const one = (values: Parameters<typeof payment>[0]) => [order({ payments: [payment(values)] })];
  const crowns = (minor: bigint) => ({ minor, currency: 'CZK' });

  it.each<[string, OrderGroup[], string, string]>([
    [
      'modulo 11',
      one({ creditor: { ...NOBODY, number: '630804004', bankCode: '5500' } }),
      'account-checksum',
      '/creditor',
    ],
    [
      'an IBAN with a wrong account',
      one({ creditor: { ...NOBODY, iban: 'CZ9208000000192000145398' } }),
      'account-checksum',
      '/creditor',
    ],
    [
      'crowns abroad without a bank',
      one({ creditor: { ...ABROAD, bic: null } }),
      'bic-missing',
      '/creditor/bic',
    ],
    ['no account', one({ creditor: NOBODY }), 'account-missing', '/creditor'],
    [
      'two different accounts',
      one({ creditor: { ...PAYEE, number: '19-19' } }),
      'account-conflict',
      '/creditor',
    ],
    ['a BIC that is none', one({ creditor: { ...PAYEE, bic: 'RB' } }), 'bic-unwritable', '/creditor/bic'],
    [
      'a BIC version 03 does not know',
      one({ creditor: { ...PAYEE, bic: 'RZBCCZ0P' } }),
      'bic-unwritable',
      '/creditor/bic',
    ],
    ['an amount of zero', one({ amount: crowns(0n) }), 'amount-not-positive', '/amount'],
    ['an amount too large', one({ amount: crowns(10n ** 15n) }), 'amount-too-long', '/amount'],
    ['an id too long', one({ endToEndId: 'x'.repeat(36) }), 'id-unwritable', '/endToEndId'],
    ['an id with a letter outside SEPA', one({ instructionId: 'č1' }), 'id-unwritable', '/instructionId'],
    ['an id that begins with a slash', one({ endToEndId: '/1' }), 'id-unwritable', '/endToEndId'],
    ['an id with two slashes', one({ endToEndId: 'a//b' }), 'id-unwritable', '/endToEndId'],
    ['a symbol that is no number', one({ variableSymbol: 'VS1' }), 'symbol-unwritable', '/variableSymbol'],
    ['a constant symbol too long', one({ constantSymbol: '12345' }), 'symbol-unwritable', '/constantSymbol'],
    [
      'a SEPA payment without a name',
      [order({ payments: [euro({ creditor: { ...ABROAD, name: null } })] })],
      'name-missing',
      '/creditor/name',
    ],
    [
      'a SEPA amount too large',
      [order({ payments: [euro({ amount: { minor: 10n ** 11n, currency: 'EUR' } })] })],
      'amount-too-long',
      '/amount',
    ],
    ['two currencies', [order({ payments: [payment(), euro()].toReversed() })], 'currency-differs', ''],
  ])('%s', (_, groups, rule, field) => {
    const { rule: found, position } = refusal(() => write(groups));
    expect(found).toBe(rule);
    expect(position).toContain(`/payments/`);
    expect(position?.endsWith(field)).toBe(true);
  });

  it.each<[string, Partial<OrderGroup>, string]>([
    ['no day', { date: null }, 'date-missing'],
    ['no payment', { payments: [] }, 'group-empty'],
    ['a collection', { kind: 'collection' }, 'collection-unsupported'],
    ['another currency than its payments', { currency: 'USD' }, 'currency-differs'],
    ['payments of two kinds', { payments: [payment(), payment({ creditor: ABROAD })] }, 'kind-differs'],
    [
      'an instant one abroad',
      { payments: [payment({ creditor: ABROAD })], priority: 'instant' },
      'priority-unsupported',
    ],
    ['no payer', { payer: NOBODY }, 'account-missing'],
    ['a name of a group that is too long', { id: 'x'.repeat(36) }, 'id-unwritable'],
  ])('%s', (_, values, rule) => {
    expect(refusal(() => write([order(values)])).rule).toBe(rule);
  });

  it('nothing, a wrong message id, a wrong time', () => {
    expect(refusal(() => write([])).rule).toBe('no-order');
    expect(refusal(() => write([order()], { messageId: '' })).rule).toBe('id-unwritable');
    for (const createdAt of [
      '3.9.2026',
      '2026-02-30T08:15:00',
      '2026-09-03T25:00:00',
      '2026-09-03T08:15:00+99:00',
    ])
      expect(refusal(() => write([order()], { createdAt })).rule).toBe('date-missing');
  });

  it('a sum of more digits than a control sum has', () => {
    const large = payment({ amount: crowns(10n ** 15n - 1n) });
    expect(write([order({ payments: Array(1000).fill(large) })]).losses).toEqual([]);
    const { rule, position } = refusal(() => write([order({ payments: Array(1001).fill(large) })]));
    expect([rule, position]).toEqual(['sum-too-long', '/0/payments']);
  });

  it('an end-to-end id that is nothing but the symbols is written where they belong', () => {
    const payments = [payment({ endToEndId: '/VS2026000123/KS0308' })];
    expect(only([order({ payments })], 'PmtId')).toEqual([
      ['InstrId', 'GW-0001'],
      ['EndToEndId', 'NOTPROVIDED'],
    ]);
    const other = [payment({ endToEndId: '/VS7' })];
    expect(refusal(() => write([order({ payments: other })])).rule).toBe('id-unwritable');
  });
});
