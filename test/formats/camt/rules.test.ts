import { describe, expect, it } from 'vitest';
import {
  bytesOf,
  details,
  document,
  entry,
  OWN_IBAN,
  readEntry,
  readOne,
  rulesOf,
  wrap,
  ACCOUNT,
} from './compose.ts';
import { readCamt053 } from '../../../shared/formats/camt/reader.ts';

/** Rules of camt that a change of its reader could break unnoticed, each with what it must not become. */

const agent = (content: string): string =>
  `<RltdAgts><DbtrAgt><FinInstnId>${content}</FinInstnId></DbtrAgt></RltdAgts>`;
const member = '<ClrSysMmbId><MmbId>37040044</MmbId></ClrSysMmbId>';

describe('the bank of the other side', () => {
  it.each([
    ['<Othr><Id>0800</Id></Othr>', '0800'],
    [`${member}<Othr><Id>0800</Id></Othr>`, '0800'],
    [`${member}<Othr><Id>08001</Id></Othr>`, '37040044'],
    [`${member}<Othr><Id>X0800</Id></Othr>`, '37040044'],
    [member, '37040044'],
    ['<Othr><Id>08001</Id></Othr>', null],
  ])('%s', (content, bankCode) => {
    const account = '<RltdPties><DbtrAcct><Id><Othr><Id>630804003</Id></Othr></Id></DbtrAcct></RltdPties>';
    expect(readEntry({ details: details(account + agent(content)) }).counterparty.bankCode).toBe(bankCode);
  });
});

describe('a reversal', () => {
  const party = (role: string, content: string): string => `<${role}>${content}</${role}>`;
  const account = (role: string, iban: string): string =>
    `<${role}Acct><Id><IBAN>${iban}</IBAN></Id></${role}Acct>`;
  const other = 'CZ6508000000192000145399';
  const nameOf = (content: string) =>
    readEntry({ extra: '<RvslInd>true</RvslInd>', details: details(`<RltdPties>${content}</RltdPties>`) })
      .counterparty;

  it('that names us in the one role and another in the second is of the other', () => {
    expect(
      nameOf(account('Dbtr', OWN_IBAN) + party('Cdtr', '<Nm>B</Nm>') + account('Cdtr', other)),
    ).toMatchObject({
      name: 'B',
      iban: other,
    });
  });

  it('that names nobody else keeps what it says', () => {
    expect(nameOf(party('Dbtr', '<Nm>My</Nm>') + account('Dbtr', OWN_IBAN)).name).toBe('My');
    expect(
      nameOf(party('Dbtr', '<Nm>My</Nm>') + account('Dbtr', OWN_IBAN) + account('Cdtr', OWN_IBAN)).name,
    ).toBe('My');
  });
});

describe('a card number', () => {
  it.each([
    ['4111111111111111', '************1111'],
    ['x4111111111111111', 'x4111111111111111'],
    ['4111111111111111x', '4111111111111111x'],
    ['41111111', '41111111'],
    ['411111111111', '********1111'],
  ])('%s', (written, card) => {
    const pan = `<CardTx><Card><PlainCardData><PAN>${written}</PAN></PlainCardData></Card></CardTx>`;
    expect(readEntry({ details: details(pan) }).card).toBe(card);
  });
});

describe('pages', () => {
  const paged = (page: string, last: string): string[] => {
    const pages = `<MsgPgntn><PgNb>${page}</PgNb><LastPgInd>${last}</LastPgInd></MsgPgntn>`;
    return rulesOf(
      readOne(wrap(`<Stmt>${ACCOUNT}</Stmt>`).replace('</GrpHdr>', `${pages}</GrpHdr>`)).warnings,
    );
  };

  it.each([
    ['1', 'true', []],
    ['1', '1', []],
    ['001', 'true', []],
    ['1', 'false', ['page-of-many']],
    ['1', '0', ['page-of-many']],
    ['2', 'true', ['page-of-many']],
  ])('%s, last: %s', (page, last, warnings) => {
    expect(paged(page, last)).toEqual(warnings);
  });

  it('of the message and of its statement are told once', () => {
    const own = '<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>';
    const text = document(own).replace(
      '</GrpHdr>',
      '<MsgPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></MsgPgntn></GrpHdr>',
    );
    expect(rulesOf(readOne(text).warnings)).toEqual(['page-of-many']);
  });

  it('are told in every statement of the message', () => {
    const text = wrap(`<Stmt>${ACCOUNT}</Stmt>`.repeat(2)).replace(
      '</GrpHdr>',
      '<MsgPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></MsgPgntn></GrpHdr>',
    );
    const read = readCamt053(bytesOf(text));
    expect(read.map(({ warnings }) => rulesOf(warnings))).toEqual([['page-of-many'], ['page-of-many']]);
  });
});

describe('symbols in ids', () => {
  const ids =
    '<Refs><PmtInfId>55501234</PmtInfId><InstrId>0308</InstrId><EndToEndId>260000777</EndToEndId></Refs>';
  const own = (account: string, bank: string): string =>
    `<Acct><Id><Othr><Id>${account}</Id></Othr></Id><Ccy>CZK</Ccy><Svcr><FinInstnId>${bank}</FinInstnId></Svcr></Acct>`;
  const symbolOf = (header: string): string | null =>
    readOne(document(entry({ details: details(ids) }), header)).transactions[0]?.variableSymbol ?? null;

  it.each([
    [own('2101135843', '<Othr><Id>5500</Id></Othr>'), '260000777'],
    [own('2101135843', member), null],
    [own('2101135843', ''), null],
    [ACCOUNT, '260000777'],
    [ACCOUNT.replace(OWN_IBAN, 'DE89370400440532013000'), null],
  ])('are read only on a Czech account: %s', (header, symbol) => {
    expect(symbolOf(header)).toBe(symbol);
  });
});

it('an entry of zero counts on neither side', () => {
  expect(readOne(document(entry({ amount: '0' })))).toMatchObject({
    credits: { minor: 0n },
    debits: { minor: 0n },
  });
});
