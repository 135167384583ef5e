import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { streamPain001 } from '../../../shared/formats/pain001/reader.ts';
import { refusal, rulesOf } from '../kpc/compose.ts';
import {
  AMOUNT,
  bytesOf,
  CREDITOR,
  document,
  HEAD,
  information,
  order,
  read,
  readTransfer,
  transfer,
} from './compose.ts';

const FIXTURE = readFileSync(new URL('fixtures/domestic-v03.xml', import.meta.url), 'utf8');

describe('a domestic payment', () => {
  it('in full', () => {
    const sum = { minor: 125050n, currency: 'CZK' };
    expect(read(FIXTURE)).toEqual({
      id: 'GW-20260903-000017',
      createdAt: '2026-09-03T08:15:00',
      groups: [order({ payerCurrency: 'CZK', declared: { sum, count: 1 } })],
      warnings: [],
      quarantined: [],
    });
  });

  it('in version 09, with another prefix and without a namespace', () => {
    const whole = read(FIXTURE);
    const v09 = FIXTURE.replace('001.03', '001.09')
      .replaceAll('<BIC>', '<BICFI>')
      .replaceAll('</BIC>', '</BICFI>')
      .replace(/(<ReqdExctnDt>)(.*)(<\/ReqdExctnDt>)/, '$1<Dt>$2</Dt>$3');
    expect(read(v09)).toEqual(whole);
    const withTime = v09.replace(/<Dt>.*<\/Dt>/, '<DtTm>2026-09-04T10:00:00+02:00</DtTm>');
    expect(read(withTime)).toEqual(whole);
    expect(read(FIXTURE.replaceAll(/<(\/?)(?=[A-Z])/g, '<$1p:').replace('xmlns=', 'xmlns:p='))).toEqual(
      whole,
    );
    expect(read(FIXTURE.replace(/ xmlns="[^"]*"/, ''))).toEqual(whole);
  });
});

describe('symbols', () => {
  const remittance = (content: string): string => `${AMOUNT}${CREDITOR}<RmtInf>${content}</RmtInf>`;
  const reference = (text: string): string => `<Strd><CdtrRefInf><Ref>${text}</Ref></CdtrRefInf></Strd>`;
  const id = (text: string): string => `<PmtId><EndToEndId>${text}</EndToEndId></PmtId>${AMOUNT}${CREDITOR}`;
  const all = { variableSymbol: '123', constantSymbol: '0308', specificSymbol: '45' };

  it.each([
    ['references', remittance(reference('VS:0123') + reference('KS:308') + reference('SS:45')), null],
    ['the end-to-end id', id('/VS0123/SS45/KS0308'), null],
    ['the end-to-end id in another order', id('/KS308/VS123/SS45'), null],
    ['the text', remittance('<Ustrd>/VS/123/SS/45/KS/308</Ustrd>'), null],
    ['the text, before a message', remittance('<Ustrd>/VS/123/SS/45/KS/0308 Faktura 7</Ustrd>'), 'Faktura 7'],
    ['several texts', remittance('<Ustrd>/VS/123/SS/45</Ustrd><Ustrd>/KS/308 a</Ustrd>'), 'a'],
  ])('from %s', (_, content, message) => {
    expect(readTransfer(content)).toMatchObject({ ...all, message });
  });

  it.each([
    ['zeros', remittance(reference('VS:0000000000'))],
    ['an empty slashed id', id('/VS/SS/KS')],
    ['a bare id of digits', id('2026000123')],
    ['words in a text', remittance('<Ustrd>invoice VS: 12, KS:5 pieces, a/VS/9</Ustrd>')],
    ['a symbol that is too long', remittance('<Ustrd>/VS/12345678901</Ustrd>')],
  ])('but none from %s', (_, content) => {
    expect(readTransfer(content)).toMatchObject({
      variableSymbol: null,
      constantSymbol: null,
      specificSymbol: null,
    });
  });

  it('the first place wins, and a text that says otherwise stays a text', () => {
    const content = remittance(`<Ustrd>/VS/9 text</Ustrd>${reference('VS:7')}`);
    expect(readTransfer(content)).toMatchObject({ variableSymbol: '7', message: '/VS/9 text' });
  });

  it('zeros on purpose stay in the raw symbol and the id', () => {
    expect(readTransfer(id('/VS0012345678'))).toMatchObject({
      variableSymbol: '12345678',
      rawSymbols: { variableSymbol: '0012345678' },
      endToEndId: '/VS0012345678',
    });
  });

  it('other references and additional lines are the message when there is no other', () => {
    expect(readTransfer(remittance(reference('RF18539007547034'))).message).toBe('RF18539007547034');
    const additional = '<Strd><AddtlRmtInf>one</AddtlRmtInf><AddtlRmtInf>two</AddtlRmtInf></Strd>';
    expect(readTransfer(remittance(additional)).message).toBe('one two');
  });
});

describe('fields', () => {
  it.each([
    ['<InstrPrty>HIGH</InstrPrty>', 'urgent'],
    ['<InstrPrty>NORM</InstrPrty><SvcLvl><Cd>URGP</Cd></SvcLvl>', 'urgent'],
    ['<SvcLvl><Cd>SDVA</Cd></SvcLvl>', 'urgent'],
    ['<SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>INST</Cd></LclInstrm>', 'instant'],
    ['<SvcLvl><Cd>SEPA</Cd></SvcLvl>', 'normal'],
  ])('%s is %s', (type, priority) => {
    const head = `${HEAD}<PmtTpInf>${type}</PmtTpInf>`;
    expect(read(document(information(transfer(), head))).groups[0]?.priority).toBe(priority);
  });

  it('a payment that asks for another priority than its group is told', () => {
    const type = '<PmtTpInf><InstrPrty>HIGH</InstrPrty></PmtTpInf>';
    const { warnings } = read(document(information(transfer(type + AMOUNT + CREDITOR))));
    expect(warnings).toMatchObject([{ rule: 'priority-differs', position: 'PmtInf 1, payment 1' }]);
  });

  it('an account in Othr, with its bank by code or BIC, and an address', () => {
    const read = readTransfer(
      `${AMOUNT}<CdtrAgt><FinInstnId><Othr><Id>5500</Id></Othr></FinInstnId></CdtrAgt>` +
        '<Cdtr><Nm>Jana</Nm><PstlAdr><StrtNm>Dlouhá</StrtNm><BldgNb>7</BldgNb><PstCd>11000</PstCd>' +
        '<TwnNm>Praha</TwnNm><Ctry>CZ</Ctry><AdrLine>vchod B</AdrLine></PstlAdr></Cdtr>' +
        '<CdtrAcct><Id><Othr><Id>19-2000145399</Id></Othr></Id></CdtrAcct>',
    );
    expect(read.creditor).toEqual({
      name: 'Jana',
      iban: null,
      number: '19-2000145399',
      bankCode: '5500',
      bic: null,
    });
    expect(read.creditorAddress).toEqual({
      street: 'Dlouhá',
      buildingNumber: '7',
      postCode: '11000',
      town: 'Praha',
      country: 'CZ',
      lines: ['vchod B'],
    });
  });

  it('NOTPROVIDED is none', () => {
    const id = '<PmtId><EndToEndId>NOTPROVIDED</EndToEndId></PmtId>';
    expect(readTransfer(id + AMOUNT + CREDITOR).endToEndId).toBeNull();
  });

  it.each([['2026-02-30'], [''], ['4.9.2026']])('the day "%s" is none, and that is told', (day) => {
    const head = HEAD.replace('2026-09-04', day);
    const { groups, warnings } = read(document(information(transfer(), head)));
    expect(groups[0]?.date).toBeNull();
    expect(rulesOf(warnings)).toEqual(['date-unreadable']);
  });

  it('no debtor is told', () => {
    const head = '<ReqdExctnDt>2026-09-04</ReqdExctnDt>';
    expect(rulesOf(read(document(information(transfer(), head))).warnings)).toEqual(['payer-missing']);
  });
});

describe('a payment that cannot be read is set aside', () => {
  it.each([
    ['no amount', CREDITOR, 'amount-missing'],
    [
      'an equivalent amount',
      `<Amt><EqvtAmt><Amt Ccy="CZK">1</Amt></EqvtAmt></Amt>${CREDITOR}`,
      'amount-missing',
    ],
    ['no currency', `<Amt><InstdAmt>1</InstdAmt></Amt>${CREDITOR}`, 'currency-missing'],
    ['a comma', `<Amt><InstdAmt Ccy="CZK">1,50</InstdAmt></Amt>${CREDITOR}`, 'amount-unreadable'],
    ['a sign', `<Amt><InstdAmt Ccy="CZK">-1</InstdAmt></Amt>${CREDITOR}`, 'amount-unreadable'],
    ['parts of a heller', `<Amt><InstdAmt Ccy="CZK">1.005</InstdAmt></Amt>${CREDITOR}`, 'amount-unreadable'],
    ['zero', `<Amt><InstdAmt Ccy="CZK">0.00</InstdAmt></Amt>${CREDITOR}`, 'amount-zero'],
    ['no account', AMOUNT, 'account-missing'],
  ])('%s', (_, content, rule) => {
    const { groups, quarantined } = read(document(information(transfer(content) + transfer())));
    expect(groups).toMatchObject([{ payments: [{}], sum: { minor: 1050n } }]);
    expect(quarantined).toMatchObject([{ rule, position: 'PmtInf 1, payment 1' }]);
    expect(quarantined[0]?.raw).toBe(transfer(content));
  });

  it('with its group, when that pays by cheque', () => {
    const head = HEAD.replace('TRF', 'CHK');
    const { groups, quarantined } = read(document(information(transfer(), head)));
    expect(groups).toMatchObject([{ payments: [] }]);
    expect(rulesOf(quarantined)).toEqual(['method-unsupported']);
  });
});

describe('the header’s figures', () => {
  const two = information(transfer() + transfer());

  it.each([
    ['right ones', '<NbOfTxs>2</NbOfTxs><CtrlSum>21.00</CtrlSum>', []],
    ['right ones, written otherwise', '<NbOfTxs>02</NbOfTxs><CtrlSum>21.00000</CtrlSum>', []],
    ['none', '', []],
    ['a wrong count', '<NbOfTxs>3</NbOfTxs>', ['count-differs']],
    ['a wrong sum', '<CtrlSum>21.01</CtrlSum>', ['sum-differs']],
    ['a sum that is none', '<CtrlSum>many</CtrlSum>', ['sum-differs']],
    ['a count that is none', '<NbOfTxs>many</NbOfTxs>', ['count-differs']],
    ['a sum finer than a heller', '<CtrlSum>21.0000001</CtrlSum>', ['sum-differs']],
  ])('%s, of the file and of a group', (_, figures, rules) => {
    const file = read(document(two, `<MsgId>1</MsgId>${figures}`));
    expect(file.warnings.map(({ rule, position }) => [rule, position])).toEqual(
      rules.map((rule) => [rule, 'GrpHdr']),
    );
    const inGroup = read(document(information(transfer() + transfer(), HEAD + figures)));
    expect(inGroup.warnings.map(({ rule, position }) => [rule, position])).toEqual(
      rules.map((rule) => [rule, 'PmtInf 1']),
    );
  });

  it('of a group are given as declared', () => {
    const head = `${HEAD}<NbOfTxs>1</NbOfTxs><CtrlSum>10.5</CtrlSum>`;
    expect(read(document(information(transfer(), head))).groups[0]?.declared).toEqual({
      sum: { minor: 1050n, currency: 'CZK' },
      count: 1,
    });
  });

  it('span groups and currencies', () => {
    const yen = transfer(`<Amt><InstdAmt Ccy="JPY">7</InstdAmt></Amt>${CREDITOR}`);
    const groups = information(transfer()) + information(transfer() + yen);
    const { groups: read2, warnings } = read(
      document(groups, '<NbOfTxs>3</NbOfTxs><CtrlSum>28.00</CtrlSum>'),
    );
    expect(read2.map(({ sum, payments }) => [sum.minor, payments.length])).toEqual([
      [1050n, 1],
      [1050n, 2],
    ]);
    expect(warnings).toMatchObject([{ rule: 'currencies-mixed', position: 'PmtInf 2, payment 2' }]);
  });
});

describe('documents', () => {
  it.each([
    ['another message', '<Document><BkToCstmrStmt/></Document>', 'not-pain001'],
    ['a collection', '<Document><CstmrDrctDbtInitn/></Document>', 'not-pain001'],
    ['no group', document(''), 'no-order'],
    ['text', 'UHL1', 'malformed'],
    ['nothing', '', 'truncated'],
    ['half a document', FIXTURE.slice(0, 900), 'truncated'],
    ['a DOCTYPE', FIXTURE.replace('?>', '?><!DOCTYPE Document [<!ENTITY x "y">]>'), 'doctype'],
    ['deep nesting', document(information(transfer(`${'<a>'.repeat(70)}${'</a>'.repeat(70)}`))), 'too-deep'],
  ])('with %s are refused', (_, xml, rule) => {
    expect(refusal(() => read(xml)).rule).toBe(rule);
  });

  it('yield payments before they have been read to the end', () => {
    const text = document(Array.from({ length: 50 }, () => information(transfer())).join(''));
    const seen: string[] = [];
    function* chunks() {
      for (let at = 0; at < text.length; at += 1000) {
        seen.push('chunk');
        yield bytesOf(text.slice(at, at + 1000));
      }
    }
    for (const { type } of streamPain001(chunks())) seen.push(type);
    expect(seen.indexOf('payment')).toBeLessThan(10);
    expect(seen.filter((type) => type === 'group')).toHaveLength(50);
  });
});
