import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../shared/domain/model.ts';
import { readCamt, readCamt053, streamCamt } from '../../../shared/formats/camt/reader.ts';
import { ACCOUNT, balance, bytesOf, details, document, entry, rulesOf } from './compose.ts';

/** The document of the colleague's camt.053 as another message, version or spelling of the namespace. */
function as(message: string, version: string, xml: string): string {
  const [root, report, pages] = NAMES[message]!;
  return xml
    .replace('xsd:camt.053.001.02', `xsd:${message}.001.${version}`)
    .replace(/BkToCstmrStmt/g, root)
    .replace(/Stmt(?=>)/g, report)
    .replace(/StmtPgntn/g, pages);
}

const NAMES: Readonly<Record<string, readonly [string, string, string]>> = {
  'camt.052': ['BkToCstmrAcctRpt', 'Rpt', 'RptPgntn'],
  'camt.053': ['BkToCstmrStmt', 'Stmt', 'StmtPgntn'],
  'camt.054': ['BkToCstmrDbtCdtNtfctn', 'Ntfctn', 'NtfctnPgntn'],
};
const VERSIONS = ['02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12', '13'];

function one(xml: string): Statement {
  const [statement, ...rest] = readCamt(bytesOf(xml));
  if (!statement || rest.length > 0) throw new Error('the document should hold one report');
  return statement;
}

const ITEMS =
  entry({ details: details('<AddtlTxInf>a</AddtlTxInf>') }) + entry({ reference: '2', indicator: 'DBIT' });

describe.each(Object.keys(NAMES))('%s', (message) => {
  it.each(VERSIONS)('version %s is read alike', (version) => {
    // From 08 on the status stands one element deeper.
    const status = Number(version) >= 8 ? '<Sts><Cd>BOOK</Cd></Sts>' : '<Sts>BOOK</Sts>';
    const items = ITEMS.replaceAll('<Sts>BOOK</Sts>', status);
    const read = one(as(message, version, document(items)));
    expect(read).toMatchObject({
      number: '5',
      count: 2,
      credits: { minor: 1000n },
      debits: { minor: 1000n },
    });
    expect(read.transactions).toHaveLength(2);
    expect(read.warnings).toEqual([]);
  });

  it.each([
    ['a misspelt namespace', (xml: string) => xml.replace('iso:std:iso:20022', 'iso:std:iso:20023')],
    ['no namespace', (xml: string) => xml.replace(/ xmlns="[^"]*"/, '')],
    ['prefixes', (xml: string) => xml.replace(/<(\/?)(?=[A-Z])/g, '<$1ns2:').replace('xmlns=', 'xmlns:ns2=')],
  ])('with %s is read alike', (_, change) => {
    const xml = as(message, '02', document(ITEMS));
    expect(one(change(xml))).toEqual(one(xml));
    expect(change(xml)).not.toBe(xml);
  });

  it('tells a page of several', () => {
    const page = '<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>';
    expect(rulesOf(one(as(message, '08', document(page))).warnings)).toEqual(['page-of-many']);
    const header = '<MsgPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></MsgPgntn></GrpHdr>';
    const paged = as(message, '02', document('')).replace('</GrpHdr>', header);
    expect(rulesOf(one(paged).warnings)).toEqual(['page-of-many']);
    expect([...streamCamt([bytesOf(paged)])].map(({ type }) => type)).toEqual(['warning', 'statement']);
  });

  it('a document warning stands in every report', () => {
    const header = '<MsgPgntn><PgNb>3</PgNb><LastPgInd>true</LastPgInd></MsgPgntn></GrpHdr>';
    const report = `<Stmt><Id>1</Id>${ACCOUNT}</Stmt>`;
    const two = as(
      message,
      '02',
      document('')
        .replace('</GrpHdr>', header)
        .replace(/<Stmt>.*<\/Stmt>/, report + report),
    );
    expect(readCamt(bytesOf(two)).map(({ warnings }) => rulesOf(warnings))).toEqual([
      ['page-of-many'],
      ['page-of-many'],
    ]);
  });

  it('only the message that is asked for is read', () => {
    const bytes = bytesOf(as(message, '02', document(ITEMS)));
    expect(readCamt(bytes, { only: message as 'camt.053' })).toHaveLength(1);
    const other = message === 'camt.053' ? 'camt.052' : 'camt.053';
    expect(() => readCamt(bytes, { only: other })).toThrow(expect.objectContaining({ rule: 'not-camt' }));
    if (message !== 'camt.053')
      expect(() => readCamt053(bytes)).toThrow(`is a ${message}, not a camt.053 statement`);
  });
});

describe('balances', () => {
  const interim =
    balance('OPBD', '100') + balance('ITBD', '105') + balance('ITBD', '110') + balance('ITAV', '300');

  it('of an interim report are its opening and its last interim one; a difference means nothing', () => {
    const closes = one(as('camt.052', '02', document(interim + entry())));
    expect(closes).toMatchObject({
      opening: { minor: 10000n },
      closing: { minor: 11000n },
      reconciles: true,
    });
    const partial = one(as('camt.052', '02', document(interim)));
    expect(partial).toMatchObject({ closing: { minor: 11000n }, reconciles: null, warnings: [] });
  });

  it('of a statement are never interim', () => {
    expect(one(document(interim + entry()))).toMatchObject({ closing: null, reconciles: null });
  });

  it('a notification has none', () => {
    const odd = one(as('camt.054', '02', document(balance('OPBD', '1') + balance('CLBD', '2') + entry())));
    expect(odd).toMatchObject({ opening: null, closing: null, reconciles: null, warnings: [] });
  });
});

describe('items of information', () => {
  it('a report’s pending entries are left out and counted', () => {
    const pending = entry({ status: '<Sts><Cd>PDNG</Cd></Sts>' });
    const read = one(as('camt.052', '08', document(pending + entry({ status: '<Sts><Cd>BOOK</Cd></Sts>' }))));
    expect(read).toMatchObject({ count: 1, warnings: [{ rule: 'entries-not-booked' }] });
  });

  it('a notification details a batch', () => {
    const part = (name: string, amount: string): string =>
      details(
        `<Refs><EndToEndId>${name}</EndToEndId></Refs><Amt Ccy="CZK">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>`,
      );
    const batch = entry({ amount: '30', details: part('E1', '10') + part('E2', '20') });
    const read = one(as('camt.054', '08', document(batch)));
    expect(
      read.transactions.map(({ amount, endToEndId, batch: place }) => [amount.minor, endToEndId, place]),
    ).toEqual([
      [1000n, 'E1', { reference: '1', index: 1 }],
      [2000n, 'E2', { reference: '1', index: 2 }],
    ]);
    expect(read).toMatchObject({ count: 1, credits: { minor: 3000n } });
  });
});

/** Bank files that may lie beside the checkout; they are nobody's to copy into it. */
const SAMPLES = new URL('../../../../shared/samples/camt/', import.meta.url);
const present = existsSync(SAMPLES);
if (!present)
  console.log('SKIPPED: no sample files beside the checkout, camt.052 and camt.054 were checked on own ones');

describe.skipIf(!present)('real files', () => {
  const read = (name: string): Statement[] => readCamt(readFileSync(new URL(name, SAMPLES)));

  it.each([
    [
      'viafintech-052-valid_example.xml',
      { opening: { minor: 850n }, closing: { minor: 1350n }, count: 2, reconciles: true },
    ],
    ['genkgo-camt052.v2.xml', { debits: { minor: 20000000n, currency: 'SEK' }, count: 1, opening: null }],
    ['genkgo-camt052.v8.xml', { debits: { minor: 20000000n, currency: 'SEK' }, count: 1, opening: null }],
    ['genkgo-camt052.v4.xml', { count: 0, closing: { minor: 1002215n }, reconciles: null }],
    [
      'viafintech-054-valid_example.xml',
      { count: 4, credits: { minor: 8056n }, debits: { minor: 2153n }, closing: null },
    ],
    ['genkgo-camt054.v2.xml', { count: 1, debits: { minor: 20000000n, currency: 'SEK' } }],
    ['genkgo-camt054.v8.xml', { count: 1, debits: { minor: 20000000n, currency: 'SEK' } }],
  ])('%s', (name, figures) => {
    const [first, ...rest] = read(name);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ ...figures, quarantined: [] });
  });
});
