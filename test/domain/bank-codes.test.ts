import { expect, it } from 'vitest';
import {
  BANK_CODES_DATE,
  BANK_CODES_SOURCE,
  BANKS,
  bankOfCode,
  bicOfCode,
} from '../../shared/domain/bank-codes.ts';
import { isPlainDate } from '../../shared/domain/dates.ts';

it('knows banks by their code', () => {
  expect(bankOfCode('5500')).toEqual({
    code: '5500',
    name: 'Raiffeisenbank a.s.',
    bic: 'RZBCCZPP',
    certis: true,
  });
  expect(bicOfCode('0800')).toBe('GIBACZPX');
  expect(bicOfCode('2275')).toBeNull();
  expect(bankOfCode('2275')?.certis).toBe(false);
  expect(bankOfCode('9999')).toBeNull();
  expect(bicOfCode('toString')).toBeNull();
});

it('is data with a date and a source', () => {
  expect(isPlainDate(BANK_CODES_DATE)).toBe(true);
  expect(BANK_CODES_SOURCE).toContain('Czech National Bank');
  expect(BANKS.size).toBe(48);
  for (const [code, bank] of BANKS) {
    expect(bank.code).toBe(code);
    expect(code).toMatch(/^\d{4}$/);
    expect(bank.bic ?? 'AAAACZPP').toMatch(/^[A-Z]{4}CZ[A-Z0-9]{2}$/);
  }
});
