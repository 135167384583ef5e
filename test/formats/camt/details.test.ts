import { describe, expect, it } from 'vitest';
import { details, document, entry, readEntry, readOne, rulesOf } from './compose.ts';

const iban = (role: string, value: string): string =>
  `<${role}Acct><Id><IBAN>${value}</IBAN></Id></${role}Acct>`;
const other = (role: string, value: string, name = ''): string =>
  `<${role}Acct><Id><Othr><Id>${value}</Id></Othr></Id>${name}</${role}Acct>`;
const agent = (role: string, content: string): string =>
  `<RltdAgts><${role}Agt><FinInstnId>${content}</FinInstnId></${role}Agt></RltdAgts>`;
const parties = (content: string): string => `<RltdPties>${content}</RltdPties>`;
const NOBODY = { name: null, iban: null, number: null, bankCode: null, bic: null };

const partyOf = (content: string, indicator = 'CRDT') =>
  readEntry({ indicator, details: details(content) }).counterparty;

describe('the counterparty', () => {
  const both = parties(
    `<Dbtr><Nm>Debtor</Nm></Dbtr>${iban('Dbtr', 'DE89370400440532013000')}` +
      `<Cdtr><Nm>Creditor</Nm></Cdtr>${iban('Cdtr', 'GB29NWBK60161331926819')}`,
  );

  it('is the debtor of a credit and the creditor of a debit', () => {
    expect(partyOf(both, 'CRDT')).toMatchObject({ name: 'Debtor', iban: 'DE89370400440532013000' });
    expect(partyOf(both, 'DBIT')).toMatchObject({ name: 'Creditor', iban: 'GB29NWBK60161331926819' });
  });

  it('is nobody when the other role alone is told', () => {
    expect(partyOf(parties('<Cdtr><Nm>Us</Nm></Cdtr>'))).toEqual(NOBODY);
  });

  it.each([
    ['the party', '<Dbtr><Nm>A</Nm></Dbtr><UltmtDbtr><Nm>B</Nm></UltmtDbtr>', 'A'],
    ['the account', other('Dbtr', '1', '<Nm>A</Nm>') + '<UltmtDbtr><Nm>B</Nm></UltmtDbtr>', 'A'],
    ['the ultimate party', '<UltmtDbtr><Nm>B</Nm></UltmtDbtr>', 'B'],
    ['the party of version 08', '<Dbtr><Pty><Nm>A</Nm></Pty></Dbtr>', 'A'],
    ['a bank as party', '<Dbtr><Agt><FinInstnId><Nm>Bank</Nm></FinInstnId></Agt></Dbtr>', 'Bank'],
    ['nobody', '<Dbtr><Nm> </Nm></Dbtr>', null],
  ])('has the name of %s', (_, content, name) => {
    expect(partyOf(parties(content)).name).toBe(name);
  });

  it.each([
    ['131-3021140217', '0100', { number: '131-3021140217', bankCode: '0100' }],
    ['0001313021140217', '0100', { number: '131-3021140217', bankCode: '0100' }],
    ['131-3021140217/0100', '', { number: '131-3021140217', bankCode: '0100' }],
    ['0000000000', '0100', { number: null, bankCode: '0100' }],
    [
      'CZ6508000000192000145399',
      '',
      { iban: 'CZ6508000000192000145399', number: '19-2000145399', bankCode: '0800' },
    ],
    ['740618130100033626', '', { number: '740618130100033626', bankCode: null }],
    ['0012345678', '', { number: '0012345678', bankCode: null }],
  ])('account %s at bank %s', (account, code, expected) => {
    const bank = code === '' ? '' : agent('Dbtr', `<Othr><Id>${code}</Id></Othr>`);
    expect(partyOf(parties(other('Dbtr', account)) + bank)).toEqual({ ...NOBODY, ...expected });
  });

  it.each([
    ['<BIC>GIBACZPX</BIC><Othr><Id>0800</Id></Othr>', 'GIBACZPX', '0800'],
    ['<BICFI>GIBACZPX</BICFI><ClrSysMmbId><MmbId>0800</MmbId></ClrSysMmbId>', 'GIBACZPX', '0800'],
    ['<Othr><Id>CHE-116.303.292 MWST</Id></Othr>', null, null],
    [
      '<ClrSysMmbId><MmbId>37040044</MmbId></ClrSysMmbId><Othr><Id>DE 129267947</Id></Othr>',
      null,
      '37040044',
    ],
  ])('agent %s', (content, bic, bankCode) => {
    expect(partyOf(agent('Dbtr', content))).toEqual({ ...NOBODY, bic, bankCode });
  });

  it.each([
    [other('Dbtr', '2400222222'), '<Othr><Id>2010</Id></Othr>'],
    [iban('Dbtr', 'CZ9208000000192000145398'), ''],
    [iban('Dbtr', 'DE89370400440532013001'), ''],
  ])('with a failed checksum is read, with a warning', (account, bank) => {
    const statement = readOne(document(entry({ details: details(parties(account) + agent('Dbtr', bank)) })));
    expect(rulesOf(statement.warnings)).toEqual(['account-checksum']);
    expect(statement.transactions[0]?.counterparty).not.toEqual(NOBODY);
  });
});

describe('symbols', () => {
  const refs = (content: string): string => `<Refs>${content}</Refs>`;
  const strd = (...values: string[]): string =>
    `<RmtInf>${values.map((value) => `<Strd><CdtrRefInf><Ref>${value}</Ref></CdtrRefInf></Strd>`).join('')}</RmtInf>`;
  const symbolsOf = (content: string) => {
    const { variableSymbol, constantSymbol, specificSymbol } = readEntry({ details: details(content) });
    return [variableSymbol, constantSymbol, specificSymbol];
  };
  const IDS = '<PmtInfId>55501234</PmtInfId><InstrId>308</InstrId><EndToEndId>0026000777</EndToEndId>';

  it.each([
    ['structured references', strd('VS:0260000777', 'SS:1', 'KS:308'), ['260000777', '0308', '1']],
    ['references with spaces and small letters', strd(' vs : 12 ', 'ks:9'), ['12', '0009', null]],
    ['references of zero', strd('VS:0', 'KS:0', 'SS:'), [null, null, null]],
    ['references of another kind', strd('RF18539007547034', '4654654654654654'), [null, null, null]],
    ['the slashed id', refs('<EndToEndId>/VS123/SS456/KS0308</EndToEndId>'), ['123', '0308', '456']],
    ['the slashed id with empty parts', refs('<EndToEndId>/VS1001/SS/KS</EndToEndId>'), ['1001', null, null]],
    ['the slashed id in another order', refs('<EndToEndId>/KS558/VS7</EndToEndId>'), ['7', '0558', null]],
    ['an id that only begins so', refs('<EndToEndId>/VS12/INV</EndToEndId>'), [null, null, null]],
    ['bare ids', refs(IDS), ['26000777', '0308', '55501234']],
    [
      'bare ids that are no digits',
      refs('<EndToEndId>INV-7</EndToEndId><InstrId>A1</InstrId>'),
      [null, null, null],
    ],
    ['a bare id of eleven digits', refs('<EndToEndId>12345678901</EndToEndId>'), [null, null, null]],
    ['NOTPROVIDED', refs('<EndToEndId>NOTPROVIDED</EndToEndId>'), [null, null, null]],
    ['slashes in the text', '<RmtInf><Ustrd>INV /VS/77 /KS/0308</Ustrd></RmtInf>', ['77', '0308', null]],
    ['colons in the text', '<AddtlTxInf>Platba VS:77, SS: 5</AddtlTxInf>', ['77', null, '5']],
    ['letters before', '<AddtlTxInf>POČVS:77 TVS:8</AddtlTxInf>', [null, null, null]],
    ['too many digits in the text', '<AddtlTxInf>VS:12345678901</AddtlTxInf>', [null, null, null]],
    ['references before everything', refs(IDS) + strd('VS:1'), ['1', null, null]],
    [
      'each symbol from the first place that has it',
      `${refs('<EndToEndId>/VS2/KS0308</EndToEndId>')}<RmtInf><Ustrd>SS:3 VS:9</Ustrd>` +
        '<Strd><CdtrRefInf><Ref>VS:1</Ref></CdtrRefInf></Strd></RmtInf>',
      ['1', '0308', '3'],
    ],
    ['bare ids when references are all zero', refs(IDS) + strd('VS:0'), ['26000777', '0308', '55501234']],
  ])('%s', (_, content, expected) => {
    expect(symbolsOf(content)).toEqual(expected);
  });

  it.each([
    ['a Czech party', parties(iban('Dbtr', 'CZ6508000000192000145399')), true],
    [
      'a party at a Czech bank',
      parties(other('Dbtr', '19')) + agent('Dbtr', '<Othr><Id>0800</Id></Othr>'),
      true,
    ],
    ['a German account', parties(iban('Dbtr', 'DE89370400440532013000')), false],
    ['a German bank', agent('Dbtr', '<BIC>COBADEFF</BIC>'), false],
    ['a German bank code', agent('Dbtr', '<ClrSysMmbId><MmbId>37040044</MmbId></ClrSysMmbId>'), false],
    ['an original amount', '<AmtDtls><InstdAmt><Amt Ccy="EUR">1</Amt></InstdAmt></AmtDtls>', false],
  ])('bare ids with %s are symbols or not', (_, content, domestic) => {
    expect(symbolsOf(refs(IDS) + content)[0]).toBe(domestic ? '26000777' : null);
  });

  it('bare ids on an account abroad are no symbols', () => {
    const account = '<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>CZK</Ccy></Acct>';
    const statement = readOne(document(entry({ details: details(refs(IDS)) }), account));
    expect(statement.transactions[0]?.variableSymbol).toBeNull();
  });

  it('keep the raw text, leading zeros included, also of a zero', () => {
    expect(readEntry({ details: details(refs(IDS)) }).rawSymbols).toEqual({
      variableSymbol: '0026000777',
      constantSymbol: '308',
      specificSymbol: '55501234',
    });
    expect(readEntry({ details: details(strd('KS:0')) }).rawSymbols.constantSymbol).toBe('0');
  });
});

describe('the rest of a transaction', () => {
  it.each([
    ['<RmtInf><Ustrd>a</Ustrd><Ustrd/><Ustrd>b</Ustrd></RmtInf><AddtlTxInf>c</AddtlTxInf>', 'a b'],
    ['<AddtlTxInf>c</AddtlTxInf>', 'c'],
    ['<RmtInf><Strd><AddtlRmtInf>e</AddtlRmtInf></Strd></RmtInf>', 'entry'],
  ])('the text of %s is %j', (content, message) => {
    const after = '<AddtlNtryInf>entry</AddtlNtryInf>';
    expect(readEntry({ details: details(content), after }).message).toBe(message);
  });

  it('falls back to structured remittance, then to none', () => {
    const structured =
      '<RmtInf><Strd><AddtlRmtInf>e</AddtlRmtInf><AddtlRmtInf>f</AddtlRmtInf></Strd></RmtInf>';
    expect(readEntry({ details: details(structured) }).message).toBe('e f');
    expect(readEntry({}).message).toBeNull();
  });

  it('the code of the detail wins, the bank’s own over the ISO one', () => {
    const iso = '<Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>';
    const own = '<Prtry><Cd>10000107000</Cd></Prtry>';
    const extra = `<BkTxCd>${iso}</BkTxCd>`;
    expect(readEntry({ extra }).transactionCode).toBe('PMNT/RCDT/ESCT');
    expect(readEntry({ extra, details: details(`<BkTxCd>${own}</BkTxCd>`) }).transactionCode).toBe(
      '10000107000',
    );
    expect(readEntry({ extra: `<BkTxCd>${iso}${own}</BkTxCd>` }).transactionCode).toBe('10000107000');
  });

  it('an original amount may stand at the entry; an unreadable one is left out with a warning', () => {
    const at = (value: string) =>
      `<AmtDtls><InstdAmt><Amt Ccy="EUR">${value}</Amt><CcyXchg><XchgRate>25.1</XchgRate></CcyXchg></InstdAmt></AmtDtls>`;
    expect(readEntry({ extra: at('0.4') }).original).toEqual({
      amount: { minor: 40n, currency: 'EUR' },
      rate: '25.1',
    });
    const statement = readOne(document(entry({ extra: at('0,4') })));
    expect(statement.transactions[0]?.original).toBeNull();
    expect(rulesOf(statement.warnings)).toEqual(['original-unreadable']);
  });

  it('a full card number is masked, a masked one is kept', () => {
    const card = (number: string) =>
      details(`<CardTx><Card><PlainCardData><PAN>${number}</PAN></PlainCardData></Card></CardTx>`);
    expect(readEntry({ details: card('4111111111111111') }).card).toBe('************1111');
    expect(readEntry({ details: card('411111XXXXXX1111') }).card).toBe('411111XXXXXX1111');
  });
});
