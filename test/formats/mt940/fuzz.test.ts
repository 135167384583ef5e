import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../shared/domain/model.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { parseMt940 } from '../../../shared/formats/mt940/reader.ts';
import { file } from './compose.ts';

const SMALL = [
  file(
    '{1:F01BACXCZPPAXXX0000000000}{2:I940BACXCZPPAXXXN}{4:',
    ':20:ST260903',
    ':25:2700/2000145399',
    ':28C:171/1',
    ':60F:C260902CZK1000,00',
    ':61:2609030904C745,35NTRF260000777//7000000001',
    '/OCMT/EUR29,81/EXCH/25,001',
    ':86:051?00S-TUZ-DOSLA?20000000-0630804003/5500?21KS 0000000308?22VS 0',
    '260000777?23SS 0055501234?24FAKTURA 07/2026 příliš žluť?305500',
    ':61:260903RD1,NMSCNONREF',
    ':86:free text',
    ':62F:C260903CZK1746,35',
    '-}',
  ),
  file(
    'CEKOCZPPAXXX 00000',
    '942 01',
    ':20:FIRMA',
    ':25:0300/226047602',
    ':34F:CZKD0,',
    ':61:2609030903C1,23FMSC //98',
    ':86:111?00A?20ZAUCT.PLATBA?21000019-0000000019/0300',
    '?22VS:6666666666?23SS:8888888888?24KS:9999',
    ':90C:1CZK1,23',
  ),
];

/** Reads, or fails with the error of the format; anything else is thrown. */
function readOrRefuse(bytes: Uint8Array): Statement[] | null {
  try {
    return parseMt940(bytes);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** What must hold of everything read, however broken the file was. */
function expectSound(statements: readonly Statement[] | null): void {
  for (const { transactions, count, credits, debits, opening, closing, reconciles } of statements ?? []) {
    expect(count).toBe(transactions.length);
    const sum = transactions.reduce((total, { amount }) => total + amount.minor, 0n);
    expect(credits.minor - debits.minor).toBe(sum);
    expect(reconciles).toBe(opening && closing ? opening.minor + sum === closing.minor : null);
  }
}

describe('broken files', () => {
  it('cut off at every byte: refused inside SWIFT blocks, else read as far as it goes and never as reconciled', () => {
    for (const bytes of SMALL) {
      for (let length = 0; length < bytes.length; length++)
        expectSound(readOrRefuse(bytes.subarray(0, length)));
    }
    const [framed = new Uint8Array()] = SMALL;
    const closing = Buffer.from(framed).indexOf(':62F:');
    for (let length = 60; length < closing; length++)
      expect(readOrRefuse(framed.subarray(0, length))).toBeNull();
  });

  it('with bytes changed, dropped and doubled', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SMALL),
        fc.array(fc.tuple(fc.nat(800), fc.integer({ min: 0, max: 255 }), fc.nat(2)), {
          minLength: 1,
          maxLength: 8,
        }),
        (bytes, changes) => {
          const changed = [...bytes];
          for (const [place, byte, kind] of changes) {
            const at = place % changed.length;
            if (kind === 0) changed[at] = byte;
            else changed.splice(at, kind === 1 ? 1 : 0, ...(kind === 1 ? [] : changed.slice(at, at + byte)));
          }
          expectSound(readOrRefuse(Uint8Array.from(changed)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('of lines in any order', () => {
    const lines = SMALL.flatMap((bytes) => new TextDecoder().decode(bytes).split('\r\n'));
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...lines, '-', '}', ':86:', ':20:', ':60M:C260902CZK1,'), { maxLength: 40 }),
        (some) => {
          expectSound(readOrRefuse(file(...some)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(readOrRefuse(bytes)).toBeNull();
      }),
    );
  });

  it('no text takes more than linear time', () => {
    const evil = [
      '?'.repeat(60_000),
      '/EREF'.repeat(12_000),
      '+'.repeat(60_000),
      'VS '.repeat(20_000),
      ' '.repeat(60_000),
    ];
    const lines = evil.flatMap((text) => [
      ':61:260903C1,NTRFNONREF',
      `:86:${text}`,
      ':61:260903C1,NTRFNONREF',
      `:86:051?20${text}`,
    ]);
    expect(
      parseMt940(file(':20:X', ':25:19', ':60F:C260902CZK0,', ...lines, ':62F:C260902CZK10,')),
    ).toMatchObject([{ count: 10, reconciles: true }]);
  });
});
