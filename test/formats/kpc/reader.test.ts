import { describe, expect, it } from 'vitest';
import { encode } from '../../../shared/formats/encoding/encode.ts';
import { readKpc, streamKpc } from '../../../shared/formats/kpc/reader.ts';
import { groupByPayer } from '../../../shared/formats/order-stream.ts';
import { bytesOf, crowns, file, group, read, readItem, refusal, refusedItem, rulesOf } from './compose.ts';

const ITEM = '630804003 1000 2026000123 55000308 0 AV:Faktura 7';

describe('an item of a bulk order', () => {
  it('in full', () => {
    expect(readItem('000019-2000145399 000000074530 0260000777 08000308 0055501234 AV:Faktura 7')).toEqual({
      variableSymbol: '260000777',
      constantSymbol: '0308',
      specificSymbol: '55501234',
      rawSymbols: { variableSymbol: '0260000777', constantSymbol: '0308', specificSymbol: '0055501234' },
      amount: crowns(74530n),
      creditor: { name: null, iban: null, number: '19-2000145399', bankCode: '0800', bic: null },
      message: 'Faktura 7',
      endToEndId: null,
      instructionId: null,
    });
  });

  it.each([
    ['19-19', '19-19'],
    ['190000000019', '19-19'],
    ['0000190000000019', '19-19'],
    ['000019-0000000019', '19-19'],
    ['000000-0630804003', '630804003'],
    ['0630804003', '630804003'],
    ['12345678901', '1-2345678901'],
  ])('account %s is %s', (written, number) => {
    expect(readItem(`${written} 1000 0 55000000 0`).creditor.number).toBe(number);
  });

  it.each([
    ['55000308', '5500', '0308'],
    ['055000308', '5500', '0308'],
    ['0055000308', '5500', '0308'],
    ['000100 0558'.replace(' ', ''), '0100', '0558'],
    ['0501000000', '0100', null],
  ])('bank and constant symbol %s', (written, bankCode, constantSymbol) => {
    expect(readItem(`630804003 1000 0 ${written} 0`)).toMatchObject({
      creditor: { bankCode },
      constantSymbol,
    });
  });

  it.each([
    ['0', null],
    ['0000000000', null],
    ['01234567890', '1234567890'],
    ['0000000007', '7'],
    ['260100010', '260100010'],
  ])('variable symbol %s is %s', (written, variableSymbol) => {
    expect(readItem(`630804003 1000 ${written} 55000000`).variableSymbol).toBe(variableSymbol);
  });

  it.each([
    ['no specific symbol', '', { specificSymbol: null, message: null }],
    ['none and a message', ' AV:text', { specificSymbol: null, message: 'text' }],
    ['none between both separators', '  AV:text', { specificSymbol: null, message: 'text' }],
    ['a message without AV:', ' 7 bez predpony', { specificSymbol: '7', message: 'bez predpony' }],
    ['empty lines at the end', ' 7 AV:jedna|dva|||', { specificSymbol: '7', message: 'jedna dva' }],
    ['an empty line inside', ' 7 AV:jedna||dva', { specificSymbol: '7', message: 'jedna dva' }],
    ['an empty message', ' 7 AV:', { specificSymbol: '7', message: null }],
  ])('%s', (_, end, expected) => {
    expect(readItem(`630804003 1000 0 55000000${end}`)).toMatchObject(expected);
  });

  it('a line that is full goes on without a space', () => {
    const full = 'abcdefghijklmnopqrstuvwxyzABCDEFGHI';
    expect(readItem(`630804003 1000 0 55000000 0 AV:${full}|JK|next`).message).toBe(`${full}JK next`);
  });

  it('NP: is the name of the payee where the bank knows it, and text elsewhere', () => {
    const item = '630804003 1000 0 55000000 0 AV:ahoj! NP:Jana Mala';
    expect(readItem(item, '0300')).toMatchObject({ message: 'ahoj!', creditor: { name: 'Jana Mala' } });
    expect(readItem(item, '2010')).toMatchObject({ message: 'ahoj! NP:Jana Mala', creditor: { name: null } });
    const alone = '630804003 1000 0 55000000 0 NP:Jana Mala';
    expect(readItem(alone, '0300')).toMatchObject({ message: null, creditor: { name: 'Jana Mala' } });
    expect(readItem(`${alone} AV:ahoj`, '0300')).toMatchObject({
      message: 'ahoj',
      creditor: { name: 'Jana Mala' },
    });
  });

  it('what follows | is the sender’s own note where the bank says so', () => {
    const { groups, warnings } = read(file(group(['630804003 1000 0 55000000 0 AV:pro vas|pro me']), '0800'));
    expect(groups[0]?.payments[0]?.message).toBe('pro vas');
    expect(rulesOf(warnings)).toEqual(['sender-note']);
  });
});

describe('an item that cannot be read is set aside, never guessed', () => {
  it.each([
    ['too few fields', '630804003 1000 0', 'field-missing'],
    ['an amount with a sign', '630804003 -1000 0 55000000 0', 'amount-unreadable'],
    ['an amount in crowns', '630804003 10,00 0 55000000 0', 'amount-unreadable'],
    ['no amount', '630804003 0 0 55000000 0', 'amount-zero'],
    ['an amount too long', '630804003 1234567890123456 0 55000000 0', 'amount-unreadable'],
    ['letters in the account', '63080400X 1000 0 55000000 0', 'account-unreadable'],
    ['an account of zeros', '0000000000 1000 0 55000000 0', 'account-unreadable'],
    ['an account too long', '12345678901234567 1000 0 55000000 0', 'account-unreadable'],
    ['two dashes', '1-2-3 1000 0 55000000 0', 'account-unreadable'],
    ['a symbol too long', '630804003 1000 12345678901 55000000 0', 'symbol-unreadable'],
    ['letters in a symbol', '630804003 1000 VS7 55000000 0', 'symbol-unreadable'],
    ['a specific symbol too long', '630804003 1000 0 55000000 12345678901', 'symbol-unreadable'],
    ['no bank code', '630804003 1000 0 00000308 0', 'bank-code-unreadable'],
    ['a bank code too short', '630804003 1000 0 5500308 0', 'bank-code-unreadable'],
    ['a single order in a bulk group', '19-19 630804003 1000 0 55000000 0', 'bank-code-unreadable'],
  ])('%s', (_, item, rule) => {
    expect(refusedItem(item)).toBe(rule);
  });

  it('with its line and text, and the rest is read', () => {
    const { groups, quarantined, warnings } = read(
      file(group([ITEM, '630804003 1000', ITEM], '2 2101135843 2000 040926')),
    );
    expect(groups[0]).toMatchObject({ sum: crowns(2000n), payments: [{}, {}] });
    expect(quarantined).toMatchObject([{ rule: 'field-missing', position: 'line 5', raw: '630804003 1000' }]);
    expect(warnings).toEqual([]);
  });

  it('outside of a group', () => {
    expect(read(file([ITEM])).quarantined).toMatchObject([{ rule: 'line-unknown', raw: ITEM }]);
  });

  it.each([
    ['an unreadable sum', '2 2101135843 x 040926', 'amount-unreadable'],
    ['a day that does not exist', '2 2101135843 1000 310926', 'date-unreadable'],
    ['a day too long', '2 2101135843 1000 0409262', 'date-unreadable'],
    ['an unreadable payer', '2 21011X 1000 040926', 'account-unreadable'],
    ['too many fields', '2 2101135843 1000 040926 7', 'group-unreadable'],
    ['too few fields', '2 040926', 'group-unreadable'],
  ])('with its group, whose head has %s', (_, head, rule) => {
    const { groups, quarantined } = read(file([...group([ITEM], head), ...group([ITEM])]));
    expect(rulesOf(quarantined)).toEqual([rule, 'group-unreadable']);
    expect(groups).toMatchObject([{ payments: [{}] }]);
  });

  it.each([['1511'], ['15'], ['constructor']])('with its accounting file of type %s', (type) => {
    const { groups, quarantined } = read(file(group([ITEM]), '2010', type));
    expect(groups).toEqual([]);
    expect(rulesOf(quarantined)).toEqual(['type-unknown', 'group-unreadable', 'group-unreadable']);
  });
});

describe('a group', () => {
  it('of a bulk order', () => {
    const { groups, ...rest } = read(file(group([ITEM])));
    expect(rest).toEqual({ id: '001000', createdAt: '2026-09-03', warnings: [], quarantined: [] });
    expect(groups).toMatchObject([
      {
        id: null,
        kind: 'credit-transfer',
        priority: 'normal',
        payer: { number: '2101135843', bankCode: '2010' },
        currency: 'CZK',
        date: '2026-09-04',
        sum: crowns(1000n),
        declared: { sum: crowns(1000n), count: null },
      },
    ]);
    expect(groups[0]?.payments[0]).not.toHaveProperty('payer');
  });

  it.each([
    ['1501', 'credit-transfer', 'normal'],
    ['1502', 'collection', 'normal'],
    ['1503', 'credit-transfer', 'urgent'],
    ['1504', 'credit-transfer', 'instant'],
  ])('of type %s is a %s, %s', (type, kind, priority) => {
    expect(read(file(group([ITEM]), '0300', type)).groups[0]).toMatchObject({ kind, priority });
  });

  it.each([
    ['041126', '2026-11-04'],
    ['20261104', '2026-11-04'],
    ['041149', '2049-11-04'],
    ['041150', '1950-11-04'],
    ['290224', '2024-02-29'],
    ['000000', null],
  ])('due %s is due on %s', (written, date) => {
    expect(read(file(group([ITEM], `2 2101135843 1000 ${written}`))).groups[0]?.date).toBe(date);
  });

  it.each([
    ['no payer', '2 2000 040926'],
    ['two spaces', '2  2000 040926'],
    ['a payer of zeros', '2 000000-0000000000 2000 040926'],
  ])('of single orders has %s', (_, head) => {
    const { groups, quarantined } = read(file(group([`19-19 ${ITEM}`, `000019-19 ${ITEM}`], head)));
    expect(quarantined).toEqual([]);
    expect(groups).toMatchObject([
      { payer: { number: '19-19', bankCode: '2010' }, sum: crowns(2000n), payments: [{}, {}] },
    ]);
    expect(groups[0]?.payments[0]?.payer?.number).toBe('19-19');
  });

  it('of single orders of several payers has none of its own, and can be divided by payer', () => {
    const items = [`19-19 ${ITEM}`, `2101135843 ${ITEM}`, `19-19 ${ITEM}`];
    const [mixed] = read(file(group(items, '2 3000 040926'))).groups;
    if (!mixed) throw new Error('one group expected');
    expect(mixed.payer.number).toBeNull();
    const parts = groupByPayer(mixed);
    expect(parts.map(({ payer, sum, payments }) => [payer.number, sum.minor, payments.length])).toEqual([
      ['19-19', 2000n, 2],
      ['2101135843', 1000n, 1],
    ]);
    expect(parts[0]?.payments[0]).not.toHaveProperty('payer');
    expect(parts[0]?.declared.sum).toBeNull();
  });

  it('whose sum is another is read, and told', () => {
    const { groups, warnings } = read(file(group([ITEM], '2 2101135843 0000000000009999 040926')));
    expect(groups[0]).toMatchObject({ sum: crowns(1000n), declared: { sum: crowns(9999n) } });
    expect(warnings).toMatchObject([{ rule: 'sum-differs', position: 'line 3' }]);
  });

  it('with accounts that fail modulo 11 is read, and told, but for the bank that has such accounts', () => {
    const items = ['2400222222 1000 0 55000000 0'];
    const { groups, warnings } = read(file(group(items, '2 2400222222 1000 040926')));
    expect(groups[0]?.payments).toHaveLength(1);
    expect(warnings).toMatchObject([
      { rule: 'account-checksum', position: 'line 3' },
      { rule: 'account-checksum', position: 'line 4' },
    ]);
    expect(read(file(group(['2400222222 1000 0 03000000 0']), '0300')).warnings).toEqual([]);
  });
});

it('an item of another form whose fields fit by chance is told by its bank code and the sum', () => {
  const single = '19-19 630804003 1000 12345678 55000308 0';
  expect(rulesOf(read(file(group([single]))).warnings)).toEqual(['bank-code-unknown', 'sum-differs']);
});

describe('a file', () => {
  it('of several accounting files and groups', () => {
    const text = [
      'UHL1030926',
      '1 1501 001000 0100',
      ...group([ITEM]),
      ...group([ITEM, ITEM], '2 19-19 2000 050926'),
      '5 +',
      '1 1502 002000 0100',
      ...group([ITEM]),
      '5+',
    ].join('\n');
    const { id, groups, warnings } = read(text);
    expect(id).toBe('001000');
    expect(groups.map(({ kind, date, payments }) => [kind, date, payments.length])).toEqual([
      ['credit-transfer', '2026-09-04', 1],
      ['credit-transfer', '2026-09-05', 2],
      ['collection', '2026-09-04', 1],
    ]);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['bare', 'UHL1', null],
    ['cut after the interval', 'UHL1030926VZOROVA FIRMA SRO   0000000000001999', '2026-09-03'],
    ['whole', 'UHL1030926VZOROVA FIRMA SRO   0000000000001999000000000000', '2026-09-03'],
    ['without a day', 'UHL1      VZOROVA FIRMA SRO', null],
  ])('with a header that is %s', (_, header, createdAt) => {
    const { createdAt: day, groups, warnings } = read(file(group([ITEM])).replace('UHL1030926', header));
    expect([day, groups.length, warnings]).toEqual([createdAt, 1, []]);
  });

  it('with a header that has a wrong day', () => {
    const { createdAt, warnings } = read(file(group([ITEM])).replace('UHL1030926', 'UHL1999999'));
    expect(createdAt).toBeNull();
    expect(warnings).toMatchObject([{ rule: 'date-unreadable', position: 'line 1' }]);
  });

  const whole = read(file(group([ITEM, ITEM], '2 2101135843 2000 040926')));
  const text = file(group([ITEM, ITEM], '2 2101135843 2000 040926'));

  it.each([
    ['LF', text.replaceAll('\r\n', '\n')],
    ['CR', text.replaceAll('\r\n', '\r')],
    ['no end of the last line', text.trimEnd()],
    ['0x1A at the end', `${text}\x1A`],
    ['blank lines', text.replaceAll('\r\n', '\r\n\r\n')],
    ['spaces at the ends', text.replaceAll('\r\n', '  \r\n')],
    ['ends without a space', text.replace('3 +', '3+').replace('5 +', '5+')],
  ])('with %s', (_, spelled) => {
    expect(read(spelled)).toEqual(whole);
  });

  it('in chunks of any size', () => {
    const bytes = bytesOf(text);
    for (let size = 1; size < 40; size++) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      expect(readKpc(chunks)).toEqual(whole);
    }
  });

  it.each([['utf-8'], ['windows-1250'], ['iso-8859-2']] as const)(
    'in %s, found by its letters',
    (encoding) => {
      const message = 'Šálek čaje pro žáky, účet příští týden řeší Ťoulová';
      const { bytes } = encode(file(group([`630804003 1000 0 55000000 0 AV:${message}`])), encoding);
      expect(readKpc(bytes).groups[0]?.payments[0]?.message).toBe(message);
      expect(readKpc(bytes, { encoding }).groups[0]?.payments[0]?.message).toBe(message);
    },
  );

  it('in CP852 by setting, and with a byte order mark', () => {
    const { bytes } = encode(file(group(['630804003 1000 0 55000000 0 AV:Příliš'])), 'cp852');
    expect(readKpc(bytes, { encoding: 'cp852' }).groups[0]?.payments[0]?.message).toBe('Příliš');
    const marked = new TextEncoder().encode(
      `\uFEFF${file(group(['630804003 1000 0 55000000 0 AV:Příliš']))}`,
    );
    expect(readKpc(marked).groups[0]?.payments[0]?.message).toBe('Příliš');
  });

  it('whose records do not close is read, and told', () => {
    const { groups, warnings } = read(file([...group([ITEM]).slice(0, 2), ...group([ITEM]).slice(0, 2)]));
    expect(groups).toHaveLength(2);
    expect(rulesOf(warnings)).toEqual(['group-open', 'group-open']);
    const open = [
      'UHL1',
      '1 1501 001000 2010',
      ...group([ITEM]),
      '1 1501 002000 2010',
      ...group([ITEM]),
      '5 +',
    ];
    expect(rulesOf(read(open.join('\n')).warnings)).toEqual(['accounting-file-open']);
  });

  it.each([
    ['nothing', '', 'not-kpc'],
    ['a statement', '0740000192000145399', 'not-kpc'],
    ['a web page', '<html><body>UHL1</body></html>', 'not-kpc'],
    ['a header alone', 'UHL1030926\r\n', 'truncated'],
    ['a file without its end', file(group([ITEM])).replace('5 +\r\n', ''), 'truncated'],
  ])('that is %s is refused', (_, content, rule) => {
    expect(refusal(() => read(content)).rule).toBe(rule);
  });

  it('larger than allowed, or with a line without end, is refused', () => {
    expect(refusal(() => readKpc(bytesOf(text), { maxBytes: 50 })).rule).toBe('too-large');
    const endless = bytesOf(`UHL1\n${'7'.repeat(200_000)}`);
    expect(refusal(() => readKpc(endless)).rule).toBe('too-long');
  });

  it('yields payments before it has been read to the end', () => {
    const seen: string[] = [];
    function* chunks() {
      for (const line of text.split('\r\n')) {
        seen.push('chunk');
        yield bytesOf(`${line}\r\n`);
      }
    }
    for (const event of streamKpc(chunks())) seen.push(event.type);
    expect(seen.indexOf('payment')).toBeLessThan(seen.lastIndexOf('chunk'));
    expect(seen.filter((type) => type === 'payment')).toHaveLength(2);
  });

  it('keeps a hundred warnings of a rule, and all rules', () => {
    const items = Array.from({ length: 150 }, () => '2400222222 1000 0 55000000 0');
    const { warnings } = read(file(group(items)));
    expect(warnings.filter(({ rule }) => rule === 'account-checksum')).toHaveLength(100);
    expect(rulesOf(warnings)).toContain('sum-differs');
    expect(warnings.at(-1)).toMatchObject({ rule: 'more-warnings', message: expect.stringContaining('50') });
  });
});
