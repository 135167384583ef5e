import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../shared/formats/errors.ts';
import { parseMt940 } from '../../../shared/formats/mt940/reader.ts';
import { czk, file, item, only, rules, statementOf } from './compose.ts';

const LINE = ':61:2609030903C745,30NTRF260000777//7000000001';

describe('what a reader of MT940 must handle', () => {
  it('code split over lines', () => {
    const read = item(statementOf(174530, LINE, ':86:051?24FAKTURA?', '32ODBE', 'RATEL?', '22VS 1', '7'));
    expect(read).toMatchObject({
      message: 'FAKTURA',
      counterparty: { name: 'ODBERATEL' },
      variableSymbol: '17',
    });
  });

  it('RD and RC', () => {
    const { transactions, reconciles } = only(
      statementOf(
        100500,
        ':61:2609030903RC10,00NTRFNONREF',
        ':61:2609030903RD15,00NTRFNONREF',
        ':61:2609030903RCK5,00NTRFNONREF',
        ':61:2609030903C5,00NTRFNONREF',
      ),
    );
    expect(transactions.map(({ amount, reversal }) => [amount.minor, reversal])).toEqual([
      [-1000n, true],
      [1500n, true],
      [-500n, true],
      [500n, false],
    ]);
    expect(reconciles).toBe(true);
  });

  it('colon line inside :86:', () => {
    const read = item(statementOf(174530, LINE, ':86:051?24cas 12', ':20:15 hod', ':REF 123?32ACME'));
    expect(read).toMatchObject({ message: 'cas 12:20:15 hod:REF 123', counterparty: { name: 'ACME' } });
    expect(item(statementOf(174530, LINE, ':86:051?24cas 12', ':28:15')).message).toBe('cas 12:28:15');
  });

  it('dash line inside :86:', () => {
    expect(item(statementOf(174530, LINE, ':86:prvni', '- druhy', '-', 'treti')).message).toBe(
      'prvni - druhy - treti',
    );
  });

  it(':86: after :62F:', () => {
    const statement = only(
      file(
        ':20:X',
        ':25:2700/19',
        ':60F:C260902CZK0,',
        ':61:260903C1,NTRFNONREF',
        ':86:051?24item',
        ':62F:C260903CZK1,',
        ':86:text of the',
        'statement',
        ':64:C260903CZK1,',
      ),
    );
    expect(statement.transactions.map(({ message }) => message)).toEqual(['item']);
    expect(statement.warnings).toMatchObject([{ rule: 'statement-text', position: 'line 7' }]);
    expect(statement.warnings[0]?.message).toContain('text of the statement');
  });

  it.each([
    [':61:2012310105C1,NTRFNONREF', '2020-12-31', '2021-01-05'],
    [':61:2101011230C1,NTRFNONREF', '2021-01-01', '2020-12-30'],
    [':61:2406300630C1,NTRFNONREF', '2024-06-30', '2024-06-30'],
    [':61:2303010229C1,NTRFNONREF', '2023-03-01', '2024-02-29'],
    [':61:9912310101C1,NTRFNONREF', '1999-12-31', '2000-01-01'],
  ])('year roll-over both ways: %s', (line, valueDate, bookingDate) => {
    expect(item(statementOf(100100, line))).toMatchObject({ valueDate, bookingDate });
  });

  it('spaces for the entry date', () => {
    expect(item(statementOf(93500, ':61:260903    D65,00NTRFNONREF'))).toMatchObject({
      valueDate: '2026-09-03',
      bookingDate: '2026-09-03',
      amount: czk(-6500n),
    });
  });

  it('missing :86:', () => {
    const { transactions } = only(statementOf(174530, LINE, ':61:2609030903C0,00NTRFNONREF'));
    expect(transactions).toMatchObject([{ message: null }, { message: null, amount: czk(0n) }]);
  });

  it('missing :28C:', () => {
    const statement = only(file(':20:X', ':25:2700/19', ':60F:C260902CZK0,', ':62F:C260903CZK0,'));
    expect(statement).toMatchObject({ number: null, reconciles: true, warnings: [] });
  });

  const pages = (second: readonly string[]): Uint8Array =>
    file(
      '{1:F01BACXCZPPAXXX0000000000}{2:I940BACXCZPPAXXXN}{4:',
      ':20:X',
      ':25:2700/2000145399',
      ':28C:171/1',
      ':60F:C260902CZK10,',
      ':61:260903C1,NTRFNONREF',
      ':86:051?24one',
      ':62M:C260903CZK11,',
      '-}{1:F01BACXCZPPAXXX0000000000}{2:I940BACXCZPPAXXXN}{4:',
      ...second,
      '-}',
    );

  it('pages M', () => {
    const next = [':20:X', ':25:2700/2000145399', ':28C:171/2', ':60M:C260903CZK11,'];
    const statement = only(pages([...next, ':61:260903C2,NTRFNONREF', ':62F:C260903CZK13,']));
    expect(statement).toMatchObject({
      number: '171',
      opening: czk(1000n),
      closing: czk(1300n),
      count: 2,
      reconciles: true,
      warnings: [],
    });
  });

  it('pages M with one missing between', () => {
    const next = [':20:X', ':25:2700/2000145399', ':28C:171/3', ':60M:C260903CZK12,'];
    const statement = only(pages([...next, ':62F:C260903CZK13,']));
    expect(statement.reconciles).toBe(false);
    expect(rules(statement)).toEqual(['page-missing', 'balance-differs']);
  });

  it('pages M without the last, and of another account', () => {
    const next = [':20:X', ':25:2700/19', ':28C:171/2', ':60M:C260903CZK11,', ':62F:C260903CZK11,'];
    const [first, second] = parseMt940(pages(next));
    expect(first).toMatchObject({ count: 1, reconciles: true, warnings: [{ rule: 'page-missing' }] });
    expect(second).toMatchObject({ count: 0, reconciles: true, warnings: [{ rule: 'page-missing' }] });
  });

  it('header lines', () => {
    const [first, second] = parseMt940(
      file(
        'GIBACZPX 0800',
        '940 N2',
        '',
        ':20:X',
        ':25:190012345671',
        ':28:1/1',
        ':60F:C260902CZK0,',
        ':62F:C260903CZK0,',
        'GIBACZPX 0800',
        '940 N2',
        '0012345678',
        ':20:X',
        ':25:190012345671',
        ':28:2/1',
        ':60F:C260903CZK0,',
        ':61:260904C1,NTRFNONREF',
        ':86:020?00 1?25za sluzby',
        ':62F:C260904CZK1,',
      ),
    );
    expect(first).toMatchObject({ number: '1', account: { number: '19-12345671' }, warnings: [] });
    expect(second).toMatchObject({
      number: '2',
      transactions: [{ message: 'za sluzby', bankReference: '1' }],
    });
  });

  it('header lines behind an advice that has no end', () => {
    const advice = [
      'CEKOCZPPAXXX 00000',
      '942 01',
      '',
      ':20:FIRMA',
      ':25:0300/226047602',
      ':34F:CZKD0,',
      ':61:2609030903C1,FMSC //1',
      ':86:111?00A?20ZAUCT.PLATBA?25zprava',
    ];
    const statements = parseMt940(file(...advice, ...advice));
    expect(statements.map(({ transactions }) => transactions.map(({ message }) => message))).toEqual([
      ['zprava'],
      ['zprava'],
    ]);
  });

  it('SOH and ETX', () => {
    const page = (number: number) =>
      `\x01:20:X\r\n:25:0300/226047602\r\n:28C:${number}/1\r\n:60F:C260902CZK0,\r\n:61:260903C1,NMSC //1\r\n:86:040?21urok\r\n:62F:C260903CZK1,\r\n}\x03\r\n`;
    const statements = parseMt940(new TextEncoder().encode(page(1) + page(2) + '\x1a'));
    expect(statements).toMatchObject([
      { number: '1', count: 1, reconciles: true, warnings: [], transactions: [{ message: 'urok' }] },
      { number: '2', count: 1, reconciles: true, warnings: [] },
    ]);
  });

  it('funds code', () => {
    expect(item(statementOf(174530, LINE.replace('C745', 'CK745'))).amount).toEqual(czk(74530n));
  });

  it('an amount that ends with its comma', () => {
    expect(item(statementOf(223400, ':61:2609030903C1234,NTRFNONREF')).amount).toEqual(czk(123400n));
  });

  it('15-digit amounts', () => {
    const bytes = file(
      ':20:X',
      ':25:2700/19',
      ':60F:C260902CZK0,',
      ':61:260903C999999999999,99NTRFNONREF',
      ':62F:C260903CZK000999999999999,99',
    );
    expect(only(bytes)).toMatchObject({ credits: czk(99999999999999n), reconciles: true });
  });

  it('one bad :61: does not lose the file', () => {
    const bad = [':61:26XX030903C1,00NTRFNONREF//2', '/OCMT/USD0,10', ':86:051?24lost', '?32NOBODY'];
    const statement = only(statementOf(174630, LINE, ':86:051?24kept', ...bad, ':61:260903C0,NTRFNONREF'));
    expect(statement).toMatchObject({ count: 2, reconciles: false });
    expect(statement.transactions[0]).toMatchObject({ message: 'kept' });
    expect(statement.quarantined).toMatchObject([
      { rule: 'date-unreadable', position: 'line 7', raw: bad.join('\n') },
    ]);
    expect(rules(statement)).toEqual(['balance-differs']);
  });

  it.each([
    [':61:2609030903X1,00NTRFNONREF', 'mark-unreadable'],
    [':61:2609030903EC1,00NTRFNONREF', 'mark-unreadable'],
    [':61:2609030903C1.000,00NTRFNONREF', 'amount-unreadable'],
    [':61:2609030903C,50NTRFNONREF', 'amount-unreadable'],
    [':61:2609030903C1,005NTRFNONREF', 'amount-unreadable'],
    [':61:2609030903CNTRFNONREF', 'amount-unreadable'],
    [':61:2609030903C1,00', 'type-missing'],
    [':61:2609030903C1,00NT', 'type-missing'],
    [':61:2609031303C1,00NTRFNONREF', 'date-unreadable'],
    [':61:', 'date-unreadable'],
  ])('a bad :61:, %s, is %s', (line, rule) => {
    expect(only(statementOf(100000, line)).quarantined).toMatchObject([{ rule, raw: line }]);
  });

  it.each(['', '\r\n\r\n', '  \n', '\x1a'])('empty file %j', (text) => {
    expect(() => parseMt940(new TextEncoder().encode(text))).toThrow(
      expect.objectContaining({ name: 'FormatError', rule: 'empty' }),
    );
  });

  it('statement without items', () => {
    expect(only(statementOf(100000))).toMatchObject({
      count: 0,
      reconciles: true,
      warnings: [],
      transactions: [],
    });
  });

  it('several accounts in one file', () => {
    const one = statementOf(174530, LINE, ':86:051?24jedna');
    const two = new TextEncoder().encode(new TextDecoder().decode(one).replace('2000145399', '19'));
    expect(parseMt940(Buffer.concat([one, two]))).toMatchObject([
      { account: { number: '2000145399' }, count: 1, reconciles: true },
      { account: { number: '19' }, count: 1, reconciles: true },
    ]);
  });

  it('? in text', () => {
    expect(item(statementOf(174530, LINE, ':86:051?24proc? nevim ?a?2')).message).toBe('proc? nevim ?a?2');
  });
});

describe('what is odd besides', () => {
  it('line ends of CR only', () => {
    const text = new TextDecoder().decode(statementOf(174530, LINE)).replaceAll('\r\n', '\r');
    expect(only(new TextEncoder().encode(text))).toMatchObject({ count: 1, reconciles: true });
  });

  it('a date its month does not have', () => {
    const statement = only(statementOf(100100, ':61:260230C1,NTRFNONREF'));
    expect(statement.transactions[0]).toMatchObject({ valueDate: '2026-02-28' });
    expect(rules(statement)).toEqual(['date-moved']);
  });

  it('an unreadable balance is left out and told', () => {
    const statement = only(file(':20:X', ':25:2700/19', ':60F:C260902CZK1 000,00', ':62F:C260903CZK1,00'));
    expect(statement).toMatchObject({ opening: null, closing: czk(100n), reconciles: null });
    expect(rules(statement)).toEqual(['balance-unreadable', 'opening-missing']);
  });

  it('balances in two currencies', () => {
    const statement = only(file(':20:X', ':25:2700/19', ':60F:C260902CZK1,', ':62F:C260903EUR1,'));
    expect(statement).toMatchObject({ closing: null, reconciles: null });
    expect(rules(statement)).toEqual(['balance-currency-differs', 'closing-missing']);
  });

  it('an overdraft', () => {
    const statement = only(
      file(':20:X', ':25:2700/19', ':60F:D260902CZK1,', ':61:260903D1,50NTRFNONREF', ':62F:D260903CZK2,50'),
    );
    expect(statement).toMatchObject({
      opening: czk(-100n),
      closing: czk(-250n),
      debits: czk(150n),
      reconciles: true,
    });
  });

  it('currencies without decimals and with three', () => {
    const read = (currency: string, amount: string) =>
      only(
        file(
          ':20:X',
          ':25:2700/19',
          `:60F:C260902${currency}0,`,
          `:61:260903C${amount}NTRFNONREF`,
          `:62F:C260903${currency}${amount}`,
        ),
      );
    expect(read('JPY', '1500,')).toMatchObject({
      credits: { minor: 1500n, currency: 'JPY' },
      reconciles: true,
    });
    expect(read('KWD', '1,125')).toMatchObject({
      credits: { minor: 1125n, currency: 'KWD' },
      reconciles: true,
    });
  });

  it('a file that is cut off inside SWIFT blocks is refused, one without them is told', () => {
    const frame = '{1:F01BACXCZPPAXXX0000000000}{2:I940BACXCZPPAXXXN}{4:';
    const lines = [':20:X', ':25:2700/19', ':60F:C260902CZK1,', ':61:260903C1,NTRFNONREF'];
    expect(() => parseMt940(file(frame, ...lines))).toThrow(expect.objectContaining({ rule: 'truncated' }));
    const statement = only(file(...lines));
    expect(statement).toMatchObject({ count: 1, closing: null, reconciles: null });
    expect(rules(statement)).toEqual(['closing-missing']);
  });

  it.each(['<html><body>Error</body></html>', '{"error":"x"}', '0740000000000019', ':86:091\r\n-\r\n'])(
    'no MT940: %s',
    (text) => {
      expect(() => parseMt940(new TextEncoder().encode(text))).toThrow(FormatError);
    },
  );

  it('caps', () => {
    const bytes = statementOf(174530, LINE);
    expect(() => parseMt940(bytes, { maxBytes: 50 })).toThrow(expect.objectContaining({ rule: 'too-large' }));
    expect(() => parseMt940(file('x'.repeat(300_000)))).toThrow(
      expect.objectContaining({ rule: 'too-long' }),
    );
    const endless = Array.from({ length: 2000 }, () => 'text');
    expect(() => parseMt940(file(':20:X', ':25:19', ':60F:C260902CZK1,', LINE, ':86:a', ...endless))).toThrow(
      expect.objectContaining({ rule: 'too-long' }),
    );
  });
});
