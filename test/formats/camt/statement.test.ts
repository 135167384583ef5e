import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../../shared/domain/model.ts';
import { formatMoney } from '../../../shared/domain/money.ts';
import { readCamt053, streamCamt } from '../../../shared/formats/camt/reader.ts';
import { chunksOf, concat, encodeAs } from '../encode.ts';
import { ACCOUNT, balance, document, entry, readAll, readOne, rulesOf, wrap } from './compose.ts';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const DAY = fixture('camt053-day.xml');
const V08 = fixture('camt053-v08.xml');

const short = ({ bankReference, amount, variableSymbol, constantSymbol, specificSymbol }: Transaction) =>
  [bankReference, formatMoney(amount), variableSymbol, constantSymbol, specificSymbol].join(' ');

describe('a daily statement of version 02', () => {
  const [day] = readCamt053(DAY);
  if (!day) throw new Error('the fixture should hold a statement');
  const at = (index: number): Transaction => day.transactions[index]!;

  it('has its account, number, period, balances and totals', () => {
    const czk = (minor: bigint) => ({ minor, currency: 'CZK' });
    const { transactions, ...statement } = day;
    expect(transactions).toHaveLength(11);
    expect(statement).toEqual({
      account: { iban: 'CZ3255000000002101135843', number: '2101135843', bankCode: '5500', currency: 'CZK' },
      number: '171',
      from: '2026-09-03',
      to: '2026-09-03',
      opening: czk(12543050n),
      closing: czk(13202120n),
      credits: czk(1335260n),
      debits: czk(676190n),
      declared: { credits: czk(1335260n), debits: czk(676190n), count: 9 },
      count: 9,
      reconciles: true,
      warnings: [
        {
          rule: 'entries-not-booked',
          message: 'Entries that are not booked were left out: 1 (PDNG).',
          position: null,
        },
      ],
      quarantined: [],
    });
  });

  it('has its movements with their signs and symbols, equal ones and zeros included', () => {
    expect(day.transactions.map(short)).toEqual([
      '7300000001 12345.60 2026000123 0308 77',
      '7300000002 500.00 4711  ',
      '7300000003 500.00 4711  ',
      '7300000004 -1254.90   ',
      '7300000005 7.00  0898 ',
      '7300000006 -7.00  0898 ',
      '7300000071 -1000.00 31  ',
      '7300000007 -1500.50 32  ',
      '7300000007 -499.50 33  ',
      '7300000009 0.00   ',
      '7300000010 -2500.00 1001 0308 ',
    ]);
  });

  it('reads a payment with everything a domestic one has', () => {
    expect(at(0)).toEqual({
      bankReference: '7300000001',
      bookingDate: '2026-09-03',
      valueDate: '2026-09-03',
      amount: { minor: 1234560n, currency: 'CZK' },
      counterparty: {
        name: 'Příliš žluťoučký kůň s.r.o.',
        iban: null,
        number: '131-3021140217',
        bankCode: '0100',
        bic: null,
      },
      variableSymbol: '2026000123',
      constantSymbol: '0308',
      specificSymbol: '77',
      rawSymbols: { variableSymbol: '2026000123', constantSymbol: '308', specificSymbol: '0000000077' },
      message: 'Faktura č. 2026000123 & úrok',
      endToEndId: '2026000123',
      transactionCode: '10000107000',
      reversal: false,
      original: null,
      card: null,
      batch: null,
    });
  });

  it('row 44: two equal payments of one day are two', () => {
    const { bankReference: first, ...one } = at(1);
    const { bankReference: second, ...other } = at(2);
    expect([first, second]).toEqual(['7300000002', '7300000003']);
    expect(one).toEqual(other);
  });

  it('takes the original amount of a card payment abroad', () => {
    expect(at(3).original).toEqual({ amount: { minor: -4999n, currency: 'EUR' }, rate: '25.103' });
    expect(at(3).counterparty).toEqual({ name: null, iban: null, number: null, bankCode: null, bic: null });
    expect(at(3).message).toBe('PK: 516844XXXXXX1234 HOTEL ADLER, WIEN');
  });

  it('row 46: a storno is marked, its sign is the bank’s, and a symbol of zero is none', () => {
    expect(at(4)).toMatchObject({ reversal: true, amount: { minor: 700n }, variableSymbol: null });
    expect(at(4).rawSymbols.variableSymbol).toBe('0');
    expect(at(5)).toMatchObject({ reversal: false, amount: { minor: -700n }, message: 'Přích. TPS' });
  });

  it('splits a batch into its details', () => {
    const batch = day.transactions.slice(6, 9);
    expect(batch.map(({ batch: place }) => place)).toEqual([
      { reference: '7300000007', index: 1 },
      { reference: '7300000007', index: 2 },
      { reference: '7300000007', index: 3 },
    ]);
    expect(batch.map(({ counterparty }) => counterparty.name)).toEqual([
      'Alžběta Nováková',
      'Bořivoj Šťastný',
      'Čeněk Říha',
    ]);
    expect(batch.map(({ message }) => message)).toEqual(['Mzda', 'Mzda', 'Záloha']);
  });

  it('lets charges alter no amount, joins remittance lines and completes an account from its IBAN', () => {
    expect(at(10)).toMatchObject({
      amount: { minor: -250000n },
      message: 'Pojistné IV. čtvrtletí',
      counterparty: {
        name: 'Pojišťovna a.s.',
        iban: 'CZ6508000000192000145399',
        number: '19-2000145399',
        bankCode: '0800',
      },
    });
  });

  it.each([1, 2, 3, 7, 64, 1000])('reads the same in chunks of %i bytes', (size) => {
    expect(readCamt053(chunksOf(DAY, size))).toEqual([day]);
  });

  it('row 42: reads the same with a byte order mark, other line ends and as Windows-1250', () => {
    const text = new TextDecoder().decode(DAY);
    expect(readCamt053(concat(Uint8Array.of(0xef, 0xbb, 0xbf), DAY))).toEqual([day]);
    expect(readAll(text.replaceAll('\n', '\r\n'))).toEqual([day]);
    expect(readAll(text.replaceAll('\n', '\r'))).toEqual([day]);
    const honest = text.replace('UTF-8', 'windows-1250');
    expect(readCamt053(encodeAs('windows-1250', honest))).toEqual([day]);
  });

  it('row 42: Windows-1250 announced as UTF-8 is read, and flagged in the statement', () => {
    const [read] = readCamt053(encodeAs('windows-1250', new TextDecoder().decode(DAY)));
    expect(read?.transactions).toEqual(day.transactions);
    expect(rulesOf(read?.warnings ?? [])).toEqual(['encoding-differs', 'entries-not-booked']);
  });
});

describe('version 08 with prefixes, two statements, other currencies', () => {
  const [euro, yen] = readCamt053(V08);

  it('reads what stands elsewhere than in version 02', () => {
    expect(euro?.transactions).toHaveLength(1);
    expect(euro?.transactions[0]).toMatchObject({
      bankReference: 'D-1',
      amount: { minor: 10050n, currency: 'EUR' },
      counterparty: {
        name: 'Beispiel GmbH',
        iban: 'DE89370400440532013000',
        number: null,
        bankCode: '37040044',
        bic: 'COBADEFFXXX',
      },
      message: 'Rechnung 7',
      endToEndId: null,
      transactionCode: 'PMNT/RCDT/ESCT',
    });
  });

  it('takes the local part of dates, whatever zone is written', () => {
    expect(euro?.transactions[0]).toMatchObject({ bookingDate: '2026-09-03', valueDate: '2026-09-04' });
  });

  it('prefers OPBD to PRCD, takes the last CLBD and the sign of a balance', () => {
    expect(euro).toMatchObject({ opening: { minor: -2000n }, closing: { minor: 8050n }, reconciles: true });
  });

  it('takes the period from the balances when there is none, and the electronic number', () => {
    expect(euro).toMatchObject({ from: '2026-09-03', to: '2026-09-03', number: '12' });
  });

  it('reads an account in domestic writing and a currency without decimals', () => {
    expect(yen).toMatchObject({
      account: { iban: null, number: '2101135843', bankCode: '5500', currency: 'JPY' },
      number: '7',
      opening: { minor: 1500n, currency: 'JPY' },
      reconciles: true,
      transactions: [],
      warnings: [],
    });
  });

  it('yields what it reads as a stream, and each statement behind its items', () => {
    const events = [...streamCamt(chunksOf(V08, 100))];
    expect(events.map(({ type }) => type)).toEqual(['transaction', 'statement', 'statement']);
    const { transactions: items, warnings: _, quarantined: __, ...figures } = euro!;
    expect(events[0]).toEqual({ type: 'transaction', transaction: items[0] });
    expect(events[1]).toEqual({ type: 'statement', statement: figures });
  });
});

describe('the sums of a statement', () => {
  it('takes the first PRCD of several', () => {
    const two = readOne(document(balance('PRCD', '1') + balance('PRCD', '2') + balance('CLBD', '1')));
    expect(two).toMatchObject({ opening: { minor: 100n }, reconciles: true });
  });

  it('warns when balances, turnovers or the count differ, and returns the data', () => {
    const summary =
      '<TxsSummry><TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>10</Sum></TtlCdtNtries>' +
      '<TtlDbtNtries><NbOfNtries>3</NbOfNtries><Sum>.5</Sum></TtlDbtNtries></TxsSummry>';
    const balances = balance('OPBD', '100') + balance('CLBD', '111');
    const statement = readOne(document(balances + summary + entry()));
    expect(statement.reconciles).toBe(false);
    expect(statement.declared).toMatchObject({ debits: { minor: 50n }, count: 4 });
    expect(rulesOf(statement.warnings)).toEqual(['turnover-differs', 'count-differs', 'balance-differs']);
    expect(statement.transactions).toHaveLength(1);
  });

  it('does not judge without a balance', () => {
    expect(readOne(document(entry())).reconciles).toBeNull();
    expect(readOne(document(balance('OPBD', '1'))).reconciles).toBeNull();
  });

  it('leaves out balances in another currency or without a sign, with a warning', () => {
    const balances = balance('OPBD', '1', 'CRDT', 'EUR') + balance('CLBD', '1', 'PLUS');
    const statement = readOne(document(balances));
    expect(statement).toMatchObject({ opening: null, closing: null, reconciles: null });
    expect(rulesOf(statement.warnings)).toEqual(['balance-currency-differs', 'balance-unreadable']);
  });

  it('takes the currency from what there is', () => {
    const bare = '<Acct><Id><Othr><Id>ABC-1</Id></Othr></Id></Acct>';
    expect(readOne(document(balance('CLBD', '1', 'CRDT', 'EUR'), bare)).account).toEqual({
      iban: null,
      number: 'ABC-1',
      bankCode: null,
      currency: 'EUR',
    });
    expect(readOne(document(entry(), bare)).account.currency).toBe('CZK');
    expect(readOne(document('', bare))).toMatchObject({
      account: { currency: null },
      credits: { minor: 0n, currency: 'XXX' },
      reconciles: null,
    });
  });

  it('tells a page of a larger statement', () => {
    const paged = wrap(`<Stmt>${ACCOUNT}</Stmt>`).replace(
      '</GrpHdr>',
      '<MsgPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></MsgPgntn></GrpHdr>',
    );
    expect(rulesOf(readOne(paged).warnings)).toEqual(['page-of-many']);
    const page = '<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>';
    expect(rulesOf(readOne(document(page)).warnings)).toEqual(['page-of-many']);
  });

  it('keeps a hundred warnings and says how many more there are', () => {
    const bad = entry({ reference: null, dates: '<ValDt><Dt>2026-09-03</Dt></ValDt>' });
    const { warnings, transactions } = readOne(document(bad.repeat(150)));
    expect(transactions).toHaveLength(150);
    expect(warnings).toHaveLength(101);
    expect(warnings.at(-1)).toMatchObject({
      rule: 'more-warnings',
      message: '50 more warnings were left out.',
    });
  });
});

describe('row 49: what a document calls itself', () => {
  it.each(['../../etc/passwd', '%2e%2e%2f', '5/2026', '`$(id)`'])(
    'number %j is text like any other',
    (number) => {
      const statement = readOne(document('', `<LglSeqNb>${number}</LglSeqNb>${ACCOUNT}`));
      expect(statement.number).toBe(number);
    },
  );

  it('NUL cannot be written in XML, and no header field is longer than 4000 characters', () => {
    const numbered = (number: string) => document('', `<LglSeqNb>${number}</LglSeqNb>${ACCOUNT}`);
    expect(() => readAll(numbered('a\u0000b'))).toThrow(expect.objectContaining({ rule: 'malformed' }));
    expect(() => readAll(numbered('9'.repeat(4001)))).toThrow(expect.objectContaining({ rule: 'too-long' }));
  });
});

describe('several statements', () => {
  const statementOf = (content: string): string => `<Stmt><Id>1</Id>${ACCOUNT}${content}</Stmt>`;

  it('keep entries, sums and notes apart', () => {
    const [first, second] = readAll(wrap(statementOf(entry({ amount: '' })) + statementOf(entry())));
    expect(first).toMatchObject({ count: 0, transactions: [], quarantined: [{ position: 'Entry 1' }] });
    expect(second).toMatchObject({ count: 1, credits: { minor: 1000n }, quarantined: [], warnings: [] });
  });

  it('row 11: a cut in the second gives nothing of the first', () => {
    const xml = wrap(statementOf(entry()) + statementOf(entry()));
    const cut = xml.slice(0, xml.lastIndexOf('</Stmt>'));
    expect(() => readAll(cut)).toThrow(expect.objectContaining({ rule: 'truncated' }));
  });
});

describe('documents that are no camt.053', () => {
  it.each([
    ['camt.052', '<Document><BkToCstmrAcctRpt><Rpt/></BkToCstmrAcctRpt></Document>', /is a camt\.052/],
    ['camt.054', '<x:Document xmlns:x="u"><x:BkToCstmrDbtCdtNtfctn/></x:Document>', /camt\.054/],
    ['a web page', '<html><body>Maintenance</body></html>', /no camt\.053/],
    ['an empty one', '<constructor/>', /no camt\.053/],
    ['a statement outside its message', '<Document><Stmt/></Document>', /no camt\.053/],
  ])('%s is refused', (_, xml, message) => {
    expect(() => readAll(xml)).toThrow(expect.objectContaining({ rule: 'not-camt' }));
    expect(() => readAll(xml)).toThrow(message);
  });

  it('a message without a statement is refused', () => {
    expect(() => readAll(wrap(''))).toThrow(expect.objectContaining({ rule: 'no-statement' }));
  });
});
