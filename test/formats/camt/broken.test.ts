import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../shared/domain/model.ts';
import { readCamt053 } from '../../../shared/formats/camt/reader.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { balance, bytesOf, details, document, entry, readAll, readOne } from './compose.ts';

const DAY = readFileSync(new URL('../fixtures/camt053-day.xml', import.meta.url));

/** A small document with most things in it, without white space that could be cut off unnoticed. */
const SMALL = bytesOf(
  document(
    balance('PRCD', '100') +
      balance('CLBD', '120') +
      entry({ details: details('<Refs><EndToEndId>7</EndToEndId></Refs><AddtlTxInf>Žluť</AddtlTxInf>') }) +
      entry({ reference: '2' }),
  ),
);

/** The statements, or the format's own error; any other exception is a failure of the test. */
function outcome(bytes: Uint8Array): Statement[] | FormatError {
  try {
    return readCamt053(bytes);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

describe('row 11: a document cut off', () => {
  it('at any byte is refused as a whole', () => {
    for (let length = 0; length < SMALL.length; length++) {
      const read = outcome(SMALL.subarray(0, length));
      expect(read, `cut at byte ${length}`).toBeInstanceOf(FormatError);
      expect(read, `cut at byte ${length}`).toMatchObject({ rule: 'truncated' });
    }
    expect(outcome(SMALL)).toHaveLength(1);
  });

  it('at every 64th byte of a statement of a bank’s size is refused as a whole', () => {
    for (let length = 0; length < DAY.length; length += 64) {
      expect(outcome(DAY.subarray(0, length))).toMatchObject({ rule: 'truncated' });
    }
  });
});

describe('row 43: elements that go, come or change their name', () => {
  const text = new TextDecoder().decode(DAY);
  const names = [...new Set([...text.matchAll(/<(\w+)[ >]/g)].map(([, name = '']) => name))];
  const whole = readOne(text);
  // Where the batch is not split, its entry's total stands for its details.
  const possible = [...whole.transactions.map(({ amount }) => amount.minor), -300000n];

  it('an unknown element anywhere changes nothing', () => {
    const grown = text.replaceAll(
      /<\/(\w+)>(?=\s)/g,
      (end) => `${end}<Xtr a="1"><Amt Ccy="EUR">9</Amt></Xtr>`,
    );
    expect(readOne(grown)).toEqual(whole);
  });

  it.each(names)('without any %s nothing is invented, and every entry is read, put aside or told', (name) => {
    const drifted = text.replaceAll(new RegExp(`<(/?)${name}(?=[ >])`, 'g'), `<$1${name}X`);
    const read = outcome(bytesOf(drifted));
    if (read instanceof FormatError) {
      expect(['Document', 'BkToCstmrStmt', 'Stmt']).toContain(name);
      return;
    }
    const [statement] = read;
    const accounted = (statement?.count ?? 0) + (statement?.quarantined.length ?? 0);
    // Ten entries of which one is pending; without Ntry there are none, and then the count tells.
    if (name === 'Ntry') expect(statement?.warnings.map(({ rule }) => rule)).toContain('count-differs');
    else expect([9, 10]).toContain(accounted);
    for (const { amount } of statement?.transactions ?? []) expect(possible).toContain(amount.minor);
  });
});

describe('row 41: hostile documents', () => {
  it.each([
    ['an external entity', '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>', 'doctype'],
    ['an external DTD', '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/camt.dtd">', 'doctype'],
  ])('%s before a good statement', (_, doctype, rule) => {
    const hostile = new TextDecoder().decode(SMALL).replace('?>', `?>${doctype}`).replace('Žluť', '&x;');
    expect(outcome(bytesOf(hostile))).toMatchObject({ rule });
  });

  it('deep nesting inside an entry', () => {
    const deep = entry({ extra: `${'<a>'.repeat(70)}${'</a>'.repeat(70)}` });
    expect(outcome(bytesOf(document(deep)))).toMatchObject({ rule: 'too-deep' });
  });

  it('a huge attribute of an amount', () => {
    const huge = entry({ amount: `<Amt Ccy="${'C'.repeat(100_000)}">1</Amt>` });
    expect(outcome(bytesOf(document(huge)))).toMatchObject({ rule: 'too-long' });
  });

  it('balances without end', () => {
    expect(outcome(bytesOf(document('<Bal/>'.repeat(10_001))))).toMatchObject({ rule: 'too-large' });
  });

  it('markup inside texts is text', () => {
    const text = '&lt;script&gt;&amp;lt;![CDATA[&#x3C;';
    const read = readAll(document(entry({ details: details(`<AddtlTxInf>${text}</AddtlTxInf>`) })));
    expect(read[0]?.transactions[0]?.message).toBe('<script>&lt;![CDATA[<');
  });
});

describe('mutated documents', () => {
  const RUNS = { numRuns: 300 };
  const place = fc.nat({ max: SMALL.length - 1 });

  /** Whatever was read keeps its own rules. */
  function expectSound(read: Statement[] | FormatError): void {
    if (read instanceof FormatError) {
      expect(read.message).not.toBe('');
      return;
    }
    for (const { credits, debits, opening, closing, reconciles, transactions } of read) {
      const sum = transactions.reduce((total, { amount }) => total + amount.minor, 0n);
      expect(sum).toBe(credits.minor - debits.minor);
      const expected = opening && closing ? opening.minor + sum === closing.minor : null;
      expect(reconciles).toBe(expected);
      for (const { bookingDate } of transactions) expect(bookingDate).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    }
  }

  it('with changed bytes are read or refused', () => {
    const change = fc.tuple(place, fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Uint8Array.from(SMALL);
        for (const [at, byte] of changes) bytes[at] = byte;
        expectSound(outcome(bytes));
      }),
      RUNS,
    );
  });

  it('with pieces removed, doubled or moved are read or refused', () => {
    fc.assert(
      fc.property(place, place, place, fc.boolean(), (a, b, target, remove) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const piece = SMALL.subarray(from, to);
        const rest = remove
          ? Buffer.concat([SMALL.subarray(0, from), SMALL.subarray(to)])
          : Buffer.from(SMALL);
        const at = Math.min(target, rest.length);
        expectSound(outcome(Buffer.concat([rest.subarray(0, at), piece, rest.subarray(at)])));
      }),
      RUNS,
    );
  });

  it('with whole elements removed, doubled or swapped are read or refused', () => {
    const text = new TextDecoder().decode(SMALL);
    const tokens = text.match(/<(\w+)[^<>]*>[^<]*<\/\1>|<[^>]*>|[^<]+/g) ?? [];
    const token = fc.nat({ max: tokens.length - 1 });
    fc.assert(
      fc.property(token, token, fc.constantFrom('remove', 'double', 'swap'), (a, b, how) => {
        const changed = [...tokens];
        if (how === 'remove') changed.splice(a, 1);
        else if (how === 'double') changed.splice(b, 0, tokens[a] ?? '');
        else [changed[a], changed[b]] = [tokens[b] ?? '', tokens[a] ?? ''];
        expectSound(outcome(bytesOf(changed.join(''))));
      }),
      RUNS,
    );
  });

  it('of arbitrary bytes or texts are refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.string().map(bytesOf)), (bytes) => {
        expect(outcome(bytes)).toBeInstanceOf(FormatError);
      }),
      RUNS,
    );
  });
});
