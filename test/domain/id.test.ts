import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newId } from '../../shared/domain/id.ts';
import { parseStatementId, statementId } from '../../shared/domain/statement-id.ts';

const random = (byte: number) => ({
  bytes: (length: number) => new Uint8Array(length).fill(byte),
  next: () => 0,
});

it('has its prefix, the time and chance', () => {
  expect(newId('pul', 0, random(0))).toBe('pul_00000000000000000000000000');
  expect(newId('pul', 2 ** 48 - 1, random(0xff))).toBe('pul_7zzzzzzzzzzzzzzzzzzzzzzzzz');
  expect(newId('pul', Date.parse('2026-09-16T08:00:00Z'), random(1))).toMatch(/^pul_[0-9a-hjkmnp-tv-z]{26}$/);
});

it('sorts by birth, whatever chance adds', () => {
  const time = fc.integer({ min: 0, max: 2 ** 47 });
  const byte = fc.nat(255);
  fc.assert(
    fc.property(time, fc.integer({ min: 1, max: 2 ** 40 }), byte, byte, (first, later, a, b) => {
      expect(newId('x', first, random(a)) < newId('x', first + later, random(b))).toBe(true);
    }),
  );
});

it('differs wherever chance differs', () => {
  const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const same = Buffer.compare(a, b) === 0;
      const id = (from: Uint8Array) => newId('x', 1, { bytes: () => from, next: () => 0 });
      expect(id(a) === id(b)).toBe(same);
    }),
  );
});

it('reads statement ids it wrote, and nothing else', () => {
  const parts = { to: '2026-09-16', id: '0123456789abcdef' };
  expect(parseStatementId(statementId('acc_1a', parts))).toEqual({ account: 'acc_1a', ...parts });
  for (const text of [
    '',
    'acc_1a',
    '../acc_1a-20260916-0123456789abcdef',
    'acc_1a-20260916-0123456789abcde\n',
  ]) {
    expect(parseStatementId(text)).toBeNull();
  }
});
