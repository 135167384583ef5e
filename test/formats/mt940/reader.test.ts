import { describe, expect, it } from 'vitest';
import { parseMt940, readMt940 } from '../../../shared/formats/mt940/reader.ts';
import { credit, czk, file, item, only, statementOf } from './compose.ts';

describe('an item', () => {
  const bytes = file(
    '{1:F01BACXCZPPAXXX0000000000}{2:I940BACXCZPPAXXXN}{4:',
    ':20:ST260903',
    ':25:2700/2000145399',
    ':28C:171/1',
    ':60F:C260902CZK1000,00',
    ':61:2609030904C745,30NTRF260000777//7000000001',
    ':86:051?00S-TUZ-DOSLA?20000000-0630804003/5500?21KS 0000000308?22VS 0',
    '260000777?23SS 0055501234?24FAKTURA 07/2026?305500?31000000-06308',
    '04003?32ODBERATEL S.R.O.',
    ':62F:C260903CZK1745,30',
    '-}',
  );

  it('gives everything it says', () => {
    expect(only(bytes)).toEqual({
      account: { iban: null, number: '2000145399', bankCode: '2700', currency: 'CZK' },
      number: '171',
      from: '2026-09-02',
      to: '2026-09-03',
      opening: czk(100000n),
      closing: czk(174530n),
      credits: czk(74530n),
      debits: czk(0n),
      declared: { credits: null, debits: null, count: null },
      count: 1,
      reconciles: true,
      warnings: [],
      quarantined: [],
      transactions: [
        {
          bankReference: '7000000001',
          bookingDate: '2026-09-04',
          valueDate: '2026-09-03',
          amount: czk(74530n),
          counterparty: {
            name: 'ODBERATEL S.R.O.',
            iban: null,
            number: '630804003',
            bankCode: '5500',
            bic: null,
          },
          variableSymbol: '260000777',
          constantSymbol: '0308',
          specificSymbol: '55501234',
          rawSymbols: {
            variableSymbol: '0260000777',
            constantSymbol: '0000000308',
            specificSymbol: '0055501234',
          },
          message: 'FAKTURA 07/2026',
          endToEndId: '260000777',
          transactionCode: 'NTRF/051',
          reversal: false,
          original: null,
          card: null,
          batch: null,
        },
      ],
    });
  });

  it('is the same however the file is cut into chunks', () => {
    const whole = parseMt940(bytes);
    for (const size of [1, 2, 3, 7, 64]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      expect(parseMt940(chunks)).toEqual(whole);
    }
  });

  it('is yielded before the statement that closes over it', () => {
    expect([...readMt940([bytes])].map(({ type }) => type)).toEqual(['transaction', 'statement']);
  });
});

describe('the account of :25:', () => {
  const accountOf = (written: string, header: readonly string[] = [], options = {}) =>
    only(file(...header, ':20:X', `:25:${written}`, ':60F:C260902CZK0,', ':62F:C260903CZK0,'), options)
      .account;
  it.each([
    ['0300/226047602', { iban: null, number: '226047602', bankCode: '0300' }],
    ['0800/190012345671', { iban: null, number: '19-12345671', bankCode: '0800' }],
    ['0600/0000192000145399', { iban: null, number: '19-2000145399', bankCode: '0600' }],
    ['BACXCZPP/2505002', { iban: null, number: '2505002', bankCode: '2700' }],
    ['19-2000145399/0800', { iban: null, number: '19-2000145399', bankCode: '0800' }],
    [
      'CZ6508000000192000145399',
      { iban: 'CZ6508000000192000145399', number: '19-2000145399', bankCode: '0800' },
    ],
    [
      'CZ6508000000192000145399CZK',
      { iban: 'CZ6508000000192000145399', number: '19-2000145399', bankCode: '0800' },
    ],
    ['NL71RABO0123456789', { iban: 'NL71RABO0123456789', number: null, bankCode: null }],
    ['10020030/1234567', { iban: null, number: '1234567', bankCode: '10020030' }],
    ['TRIODOSBANK/0390123456', { iban: null, number: '0390123456', bankCode: null }],
    ['0001234567', { iban: null, number: '0001234567', bankCode: null }],
  ])('%s', (written, account) => {
    expect(accountOf(written)).toEqual({ ...account, currency: 'CZK' });
  });

  it('a number alone is Czech when header or caller name a Czech bank', () => {
    const expected = { iban: null, number: '19-12345671', bankCode: null, currency: 'CZK' };
    expect(accountOf('190012345671', ['GIBACZPX 0800', '940 N2', ''], { bankCode: '0800' })).toEqual(
      expected,
    );
    expect(accountOf('190012345671', ['GIBACZPXXXX 00000', '940 01', ''])).toEqual(expected);
  });
});

describe('dialects of :86:', () => {
  it('a savings bank: counter-account with the bank in front, own and foreign symbols, name in two columns', () => {
    expect(
      credit(
        '0800',
        ':86:020?00000123456789?10PRICHOZI UHRADA?20KS:0308?21VS:260000777?22SS:?230100/190012345671',
        '?24VS2:11/SS2:22?25Faktura za zari 2026 a jeste za rij?26en?300100?31190012345671?32ODBERATEL S.R.O.?60260902',
      ),
    ).toMatchObject({
      counterparty: { name: 'ODBERATEL S.R.O.', number: '19-12345671', bankCode: '0100' },
      variableSymbol: '260000777',
      constantSymbol: '0308',
      specificSymbol: null,
      message: 'Faktura za zari 2026 a jeste za rijen',
      transactionCode: 'NTRF/020',
    });
  });

  it('statement of 0300: the name is ?00, later symbols are the other side’s and fill nothing', () => {
    expect(
      credit(
        '0300',
        ':86:111?00ODBERATEL?20000019-2000145399/0800?21VS:?22SS:0000000000?23KS:0308?24prvni?25druhy?26.?27.',
        '?28VS:6666666666?29SS:8888888888',
      ),
    ).toMatchObject({
      counterparty: { name: 'ODBERATEL', number: '19-2000145399', bankCode: '0800' },
      variableSymbol: null,
      specificSymbol: null,
      rawSymbols: { variableSymbol: null, specificSymbol: '0000000000', constantSymbol: '0308' },
      message: 'prvni druhy',
    });
  });

  it('a foreign payment of 0300: rate, name, bank, account, original amount, charges cut off', () => {
    const read = item(
      file(
        ':20:X',
        ':25:0300/226047602',
        ':60F:C260902CZK1000,00',
        ':61:2609030903D252,50NMSC //565645645',
        '/OCMT/EUR10,00',
        ':86:030?00Kurs:25,250000?20DODAVATEL GMBH?21SEPA PREVOD?22Rechnung?23 12/2026?24.?25.?26.?27POPL.ZAHR:EUR2',
        '?30DEUTDEFF?31DE89370400440532013000?32DODAVATEL GMBH/STRASSE 1?33BERLIN//CHGS/EUR00000000,00',
        ':62F:C260903CZK747,50',
      ),
    );
    expect(read).toMatchObject({
      amount: czk(-25250n),
      counterparty: {
        name: 'DODAVATEL GMBH',
        iban: 'DE89370400440532013000',
        number: null,
        bankCode: null,
        bic: 'DEUTDEFF',
      },
      original: { amount: { minor: -1000n, currency: 'EUR' }, rate: '25,250000' },
      message: 'Rechnung 12/2026',
    });
  });

  it('2700: foreign payment with amount and rate in :86:', () => {
    expect(
      credit(
        '2700',
        ':86:209?00Z-ZAHR-DOSLA?22EUR 29,81?23RATE 25,001?24INVOICE?30DEUTDEFF?32ACME GMBH?60PT 110',
      ),
    ).toMatchObject({
      original: { amount: { minor: 2981n, currency: 'EUR' }, rate: '25,001' },
      counterparty: { name: 'ACME GMBH', bic: 'DEUTDEFF' },
      message: 'INVOICE',
    });
  });

  it('2010: own note behind the message of the payer', () => {
    const details = ':86:010?00Bezhotovostni prijem?202101135843/2010?21VS260000777?22SS?23KS0308?24poznamka';
    expect(credit('2010', `${details}?28zprava pro`, '?29prijemce')).toMatchObject({
      counterparty: { number: '2101135843', bankCode: '2010' },
      variableSymbol: '260000777',
      constantSymbol: '0308',
      specificSymbol: null,
      message: 'zprava pro prijemce',
    });
    expect(credit('2010', details)).toMatchObject({ message: 'poznamka' });
  });

  it('0600: 16-digit counter-account, identification behind the message', () => {
    expect(
      credit(
        '0600',
        ':86:111?00PRIJATA PLATBA?20000019-2000145399/0800?21VS:260000777?22SS:1?23KS:0308?24.?25.?300800',
        '?310000192000145399?33ODBERATEL?60identifikace',
      ),
    ).toMatchObject({
      counterparty: { name: 'ODBERATEL', number: '19-2000145399', bankCode: '0800' },
      message: 'identifikace',
    });
  });

  it('0100: rate and codes are no text, the item’s id serves where :61: has none', () => {
    const bytes = statementOf(
      174530,
      ':61:2609030903C745,30NTRFNONREF',
      ':86:010?00100000000?20UHRADA?28TC1?29A123?60000-03092026 001?61uhrada?62CLIENT-1',
    );
    const own = new TextDecoder().decode(bytes).replace('2700/', '0100/');
    expect(item(new TextEncoder().encode(own))).toMatchObject({
      bankReference: '000-03092026 001',
      endToEndId: 'CLIENT-1',
      message: 'UHRADA',
    });
  });

  it('German: EREF, SVWZ, bank code and number as written', () => {
    expect(
      credit(
        '10020030',
        ':86:166?00GUTSCHRIFT?109310?20EREF+RE-2026-17?21KREF+77?22SVWZ+Rechnung 17 vom Septem?23ber',
        '?3037040044?310532013000?32ACME GMBH',
      ),
    ).toMatchObject({
      endToEndId: 'RE-2026-17',
      message: 'Rechnung 17 vom September',
      counterparty: { name: 'ACME GMBH', number: '0532013000', bankCode: '37040044' },
    });
  });

  it('Dutch: slashed words', () => {
    expect(
      credit('X', ':86:/EREF/RE-17/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/ACME B.V./REMI/Factuur', ' 17'),
    ).toMatchObject({
      endToEndId: 'RE-17',
      message: 'Factuur 17',
      counterparty: { name: 'ACME B.V.', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A' },
    });
  });

  it.each(['~', '/', '<', '>', '+'])('the separator %s', (sign) => {
    const text = '051?00UHRADA?22VS:7?24za sluzby?305500?31000000-0630804003?32ACME'.replaceAll('?', sign);
    expect(credit('X', `:86:${text}`)).toMatchObject({
      variableSymbol: '7',
      message: 'za sluzby',
      counterparty: { name: 'ACME', number: '630804003', bankCode: '5500' },
    });
  });

  it('symbols typed into free text', () => {
    expect(credit('X', ':86:REF: PA0007 VS: 9 KS: 558 SS 77 za sluzby')).toMatchObject({
      variableSymbol: '9',
      constantSymbol: '0558',
      specificSymbol: '77',
    });
    expect(credit('X', ':86:INVOICE /VS/2026001/SS/5 PVS 3')).toMatchObject({
      variableSymbol: '2026001',
      specificSymbol: '5',
      constantSymbol: null,
    });
  });

  it('a text that only begins with digits is free text', () => {
    expect(credit('X', ':86:123.45 za 200/12 faktura')).toMatchObject({
      message: '123.45 za 200/12 faktura',
      transactionCode: 'NTRF',
    });
  });

  it('same subfield twice goes on', () => {
    expect(credit('X', ':86:051?24FAK?24TURA')).toMatchObject({ message: 'FAKTURA' });
  });
});

describe('encodings', () => {
  it('a bank whose files are CP852', () => {
    const text = ':20:X\r\n:25:0800/19\r\n:60F:C260902CZK0,\r\n:61:260903C1,NTRFNONREF\r\n:86:020?25';
    // "Jiří" in CP852.
    const name = Uint8Array.of(0x4a, 0x69, 0xfd, 0xa1);
    const bytes = Buffer.concat([Buffer.from(text), name, Buffer.from('\r\n:62F:C260903CZK1,\r\n')]);
    expect(item(bytes, { bankCode: '0800' }).message).toBe('Jiří');
    expect(item(bytes, { encoding: 'cp852' }).message).toBe('Jiří');
  });
});
