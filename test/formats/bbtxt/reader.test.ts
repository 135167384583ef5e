import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../shared/domain/model.ts';
import { readBbtxt, streamBbtxt } from '../../../shared/formats/bbtxt/reader.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { chunksOf, encodeAs } from '../encode.ts';
import { FEE, file, header, item } from './compose.ts';

const bytesOf = (text: string): Uint8Array => encodeAs('windows-1250', text);
const read = (text: string): Statement[] => readBbtxt(bytesOf(text));
const czk = (minor: bigint) => ({ minor, currency: 'CZK' });

describe('a BBTXT statement', () => {
  const [day] = read(file());

  it('has its account, number, period, balances and turnovers net of reversals', () => {
    const { transactions, ...figures } = day!;
    expect(transactions.map(({ amount, reversal }) => [amount.minor, reversal])).toEqual([
      [74530n, false],
      [-10000n, false],
      [-700n, true],
    ]);
    expect(figures).toEqual({
      account: { iban: null, number: '630804003', bankCode: '0300', currency: 'CZK' },
      number: '171',
      from: '2026-09-02',
      to: '2026-09-03',
      opening: czk(100000n),
      closing: czk(163830n),
      credits: czk(73830n),
      debits: czk(10000n),
      declared: { credits: czk(73830n), debits: czk(10000n), count: null },
      count: 3,
      reconciles: true,
      warnings: [],
      quarantined: [],
    });
  });

  it('reads a payment with everything a domestic one has', () => {
    expect(day?.transactions[0]).toEqual({
      bankReference: '2026/171/26520',
      bookingDate: '2026-09-03',
      valueDate: '2026-09-02',
      amount: czk(74530n),
      counterparty: {
        name: 'ODBĚRATEL S.R.O.',
        iban: null,
        number: '19-2000145399',
        bankCode: '0800',
        bic: null,
      },
      variableSymbol: '260000777',
      constantSymbol: '0308',
      specificSymbol: '55501234',
      rawSymbols: { variableSymbol: '260000777', constantSymbol: '0308', specificSymbol: '0055501234' },
      message: 'Faktura 07.2026',
      endToEndId: null,
      transactionCode: '11',
      reversal: false,
      original: null,
      card: null,
      batch: null,
    });
  });

  it.each(['|', '/', ':', '::', ';', ';;'])('is the same with the separator %s', (separator) => {
    expect(read(file(separator))).toEqual([day]);
  });

  it.each([1, 7, 300])('is the same in chunks of %i bytes, with other line ends and as a stream', (size) => {
    expect(readBbtxt(chunksOf(bytesOf(file()), size))).toEqual([day]);
    expect(read(file().replaceAll('\r\n', '\r'))).toEqual([day]);
    expect(read(`${file().replaceAll('\r\n', '\n')}\u001a`)).toEqual([day]);
    const types = [...streamBbtxt(chunksOf(bytesOf(file()), size))].map(({ type }) => type);
    expect(types).toEqual(['transaction', 'transaction', 'transaction', 'statement']);
  });

  it('may leave out its last empty fields', () => {
    expect(read(file().replace(/\|+(?=\r\n)/g, ''))).toEqual([day]);
  });

  it('several in one file keep their items apart', () => {
    const [first, second] = read(`${file()}${header({ CISLO_VYPISU: '172', MENA: 'EUR' })}\r\n`);
    expect(first).toEqual(day);
    expect(second).toMatchObject({ number: '172', account: { currency: 'EUR' }, transactions: [] });
  });

  it('has a reference without the year’s numbering too', () => {
    const [bare] = read([header(), item({ POR_CISLO: '' })].join('\r\n'));
    expect(bare?.transactions[0]?.bankReference).toBe('SBAX468232');
  });
});

describe('what does not fit', () => {
  it.each([
    ['a separator inside a name', { NAZEV_PROTIUCTU: 'A|B s.r.o.' }, 'fields-shifted'],
    ['a separator before the amount', { POPIS_POLOZKY: 'A|B' }, 'fields-shifted'],
    ['a separator behind everything', { KANAL: 'A|B' }, 'fields-shifted'],
    ['no mark', { ZNAMENKO: '' }, 'mark-unknown'],
    ['an amount with a point', { CASTKA: '745.30' }, 'amount-unreadable'],
    ['a sign against its mark', { CASTKA: '-745,30' }, 'sign-contradicts'],
    ['another currency', { MENA: 'EUR' }, 'currency-differs'],
    ['no day', { DATUM_ZAUCT: '20260231', DATUM_SPLAT: '' }, 'date-missing'],
  ])('%s puts the item aside and reads the rest', (_, values, rule) => {
    const [statement] = read([header(), item(values), item(FEE)].join('\r\n'));
    expect(statement?.quarantined).toMatchObject([{ rule, position: 'Entry 1', raw: item(values) }]);
    expect(statement).toMatchObject({ count: 1, reconciles: false });
  });

  it('a line that is no record is put aside with its number', () => {
    const [statement] = read([header(), 'Konec výpisu', item()].join('\r\n'));
    expect(statement?.quarantined).toMatchObject([{ rule: 'record-unknown', position: 'Line 2' }]);
    expect(statement?.count).toBe(1);
  });

  it.each([
    ['nothing', ''],
    ['blank lines', '\r\n\r\n'],
    ['an item before any header', item()],
    ['a GPC file', '0740000192000145399'],
    ['a header with another separator', header({}, '~')],
  ])('%s is refused', (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ rule: 'not-bbtxt' }));
  });
});

describe('broken files', () => {
  const bytes = bytesOf(file());
  const outcome = (broken: Uint8Array): Statement[] | FormatError => {
    try {
      return readBbtxt(broken);
    } catch (error) {
      if (error instanceof FormatError) return error;
      throw error;
    }
  };

  it('cut off at any byte they are refused, or their sums tell', () => {
    for (let length = 0; length < bytes.length; length++) {
      const cut = outcome(bytes.subarray(0, length));
      if (cut instanceof FormatError) continue;
      // Only the last item's empty fields and the line end may be missing unnoticed.
      if (cut[0]?.reconciles === true) expect(cut[0].count).toBe(3);
    }
  });

  it('mutated or random they are read or refused', () => {
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }));
    const mutated = fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
      const copy = Uint8Array.from(bytes);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (broken) => {
        const all = outcome(broken);
        if (all instanceof FormatError) return;
        for (const { credits, debits, transactions } of all) {
          const sum = transactions.reduce((total, { amount }) => total + amount.minor, 0n);
          expect(credits.minor - debits.minor).toBe(sum);
        }
      }),
      { numRuns: 200 },
    );
  });
});
