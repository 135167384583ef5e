import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../shared/formats/errors.ts';
import { readQuotes } from '../../../shared/formats/quotes/reader.ts';
import { day, file, HEAD, line, NONE, rate } from './compose.ts';

const ruleOf = (bytes: Uint8Array): string => {
  try {
    readQuotes(bytes);
  } catch (error) {
    if (error instanceof FormatError) return error.rule;
    throw error;
  }
  return 'none';
};

describe('a file of rates', () => {
  test('columns stand where the manual says', () => {
    expect([HEAD.length, day().length, rate().length]).toEqual([32, 76, 124]);
    const notes = ['000006.100', '000006.500', '000006.300', '000005.900', '000006.700', '000006.300'];
    const { lists, quarantined } = readQuotes(
      file(HEAD, day(), rate(), rate({ country: 'Maďarsko', units: '0100', currency: 'HUF', rates: notes })),
    );
    expect(quarantined).toEqual([]);
    expect(lists).toEqual([
      {
        validFrom: '2026-11-20',
        provider: 'CSOB',
        quotes: [
          {
            country: 'EMU',
            currency: 'EUR',
            units: 1,
            transfers: { buy: '24.100', sell: '25.300', middle: '24.700' },
            cash: { buy: null, sell: null, middle: null },
          },
          {
            country: 'Maďarsko',
            currency: 'HUF',
            units: 100,
            transfers: { buy: '6.100', sell: '6.500', middle: '6.300' },
            cash: { buy: '5.900', sell: '6.700', middle: '6.300' },
          },
        ],
      },
    ]);
  });

  test('a provider that only fixes a middle has no other rate', () => {
    const { lists } = readQuotes(
      file(HEAD, day('20261120', 'CNB'), rate({ rates: [NONE, NONE, '000024.305'] })),
    );
    expect(lists[0]).toMatchObject({
      provider: 'CNB',
      quotes: [{ transfers: { buy: null, sell: null, middle: '24.305' } }],
    });
  });

  test('blanks are no rate, cut or not', () => {
    for (const text of [rate().slice(0, 94).padEnd(124), rate().slice(0, 93)]) {
      const { lists } = readQuotes(file(HEAD, day(), text));
      expect(lists[0]!.quotes[0]!.cash).toEqual({ buy: null, sell: null, middle: null });
    }
  });

  test('several providers and days in one file', () => {
    const { lists } = readQuotes(
      file(HEAD, day('20261119', 'CNB'), rate(), day('20261120'), rate(), rate({ currency: 'USD' })),
    );
    expect(lists.map(({ provider, validFrom, quotes }) => [provider, validFrom, quotes.length])).toEqual([
      ['CNB', '2026-11-19', 1],
      ['CSOB', '2026-11-20', 2],
    ]);
  });

  test('ends of lines of every kind, none at the end', () => {
    const whole = [HEAD, day(), rate()];
    for (const end of ['\r\n', '\n', '\r']) {
      const { lists } = readQuotes(Buffer.from(whole.join(end), 'latin1'));
      expect(lists[0]!.quotes).toHaveLength(1);
    }
  });
});

describe('what cannot be read', () => {
  test.each([
    ['currency-unreadable', rate({ currency: 'eu1' })],
    ['units-unreadable', rate({ units: '0000' })],
    ['units-unreadable', rate({ units: '-001' })],
    ['units-unreadable', rate({ units: '    ' })],
    ['rate-unreadable', rate({ rates: ['000024,100'] })],
    ['rate-unreadable', rate({ rates: ['-00024.100'] })],
    ['rate-unreadable', rate({ rates: ['000024.1e5'] })],
    ['rate-missing', rate({ rates: [NONE, NONE, NONE] })],
    ['record-unknown', line(20, [1, '04'])],
    ['record-unknown', '<html>'],
  ])('%s: the line is set aside, the others are there', (rule, bad) => {
    const { lists, quarantined } = readQuotes(file(HEAD, day(), rate(), bad, rate({ currency: 'USD' })));
    expect(lists[0]!.quotes.map(({ currency }) => currency)).toEqual(['EUR', 'USD']);
    expect(quarantined).toMatchObject([{ rule, position: 'line 4', raw: bad.trimEnd() ? bad : '' }]);
    expect(quarantined[0]!.message).toMatch(/line 4.*\. Compare the bank's own list\.$/);
  });

  test.each([
    ['day-unreadable', day('20261131')],
    ['day-unreadable', day('        ')],
    ['provider-missing', day('20261120', ' ')],
  ])('%s: rates of nobody knows which day are set aside too', (rule, bad) => {
    const { lists, quarantined } = readQuotes(
      file(HEAD, day('20261119'), rate(), bad, rate({ currency: 'USD' })),
    );
    expect(lists.map(({ quotes }) => quotes.length)).toEqual([1]);
    expect(quarantined.map((item) => item.rule)).toEqual([rule, 'rate-undated']);
  });

  test('a file that is none', () => {
    expect(ruleOf(new Uint8Array())).toBe('empty');
    expect(ruleOf(Buffer.from(' \r\n\r\n'))).toBe('empty');
    expect(ruleOf(Buffer.from('<html>maintenance</html>'))).toBe('not-quotes');
    expect(ruleOf(new Uint8Array(1024 * 1024 + 1).fill(0x20))).toBe('too-large');
  });
});

describe('properties', () => {
  const cents = fc.integer({ min: 0, max: 999_999_999 });
  const text = (n: number): string =>
    `${String(Math.floor(n / 1000)).padStart(6, '0')}.${String(n % 1000).padStart(3, '0')}`;
  const shown = (n: number): string | null =>
    n === 0 ? null : `${Math.floor(n / 1000)}.${String(n % 1000).padStart(3, '0')}`;

  test('every rate comes out as it was written, to the last digit', () => {
    fc.assert(
      fc.property(
        fc.tuple(cents, cents, cents, cents, cents, cents),
        fc.integer({ min: 1, max: 9999 }),
        (all, units) => {
          fc.pre(all.some((one) => one > 0));
          const row = rate({ rates: all.map(text), units: String(units).padStart(4, '0') });
          const [quote] = readQuotes(file(HEAD, day(), row)).lists[0]!.quotes;
          const { transfers: t, cash: c } = quote!;
          expect([t.buy, t.sell, t.middle, c.buy, c.sell, c.middle]).toEqual(all.map(shown));
          expect(quote!.units).toBe(units);
        },
      ),
    );
  });

  test('hostile bytes are read, set aside or refused; no line is lost', () => {
    const base = file(HEAD, day(), rate(), rate({ currency: 'USD' }), rate({ currency: 'GBP' }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(base.length - 1), fc.integer({ min: 32, max: 255 })), { maxLength: 8 }),
        (changes) => {
          const bytes = base.slice();
          // Ends of lines stay, so that the number of lines is known.
          for (const [at, byte] of changes) if (bytes[at]! > 13) bytes[at] = byte;
          if (ruleOf(bytes) !== 'none') {
            expect(ruleOf(bytes)).toBe('not-quotes');
            return;
          }
          const { lists, quarantined } = readQuotes(bytes);
          const rows = lists.reduce((sum, { quotes }) => sum + 1 + quotes.length, 0);
          // The first line is either the head or set aside; a day or rate that became a 01 is passed over.
          const text = new TextDecoder('windows-1250').decode(bytes);
          const heads = text.split('\r\n').filter((one) => one.startsWith('01')).length;
          const blank = text.split('\r\n').filter((one) => one.trim() === '').length - 1;
          expect(rows + quarantined.length + heads + blank).toBe(5);
          for (const { quotes } of lists)
            for (const { currency, units } of quotes) {
              expect(currency).toMatch(/^[A-Z]{3}$/);
              expect(units).toBeGreaterThan(0);
            }
        },
      ),
    );
  });

  test('any bytes at all end in a result or a FormatError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(['none', 'empty', 'not-quotes']).toContain(ruleOf(bytes));
      }),
    );
  });
});
