import type { Statement, Transaction } from '../../../shared/domain/model.ts';
import { parseMt940, type Mt940Options } from '../../../shared/formats/mt940/reader.ts';

export const czk = (minor: bigint) => ({ minor, currency: 'CZK' });

/** Lines as a file with CR LF. */
export const file = (...lines: readonly string[]): Uint8Array =>
  new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(''));

/** A statement of 1000 CZK around these lines; `closing` in hellers. */
export const statementOf = (closing: number, ...lines: readonly string[]): Uint8Array =>
  file(
    ':20:ST260903',
    ':25:2700/2000145399',
    ':28C:171/1',
    ':60F:C260902CZK1000,00',
    ...lines,
    `:62F:C260903CZK${Math.floor(closing / 100)},${String(closing % 100).padStart(2, '0')}`,
    '-',
  );

/** The only statement of a file. */
export function only(bytes: Uint8Array, options: Mt940Options = {}): Statement {
  const [statement, ...rest] = parseMt940(bytes, options);
  if (!statement || rest.length > 0) throw new Error('there should be one statement');
  return statement;
}

/** The only transaction of a file. */
export function item(bytes: Uint8Array, options: Mt940Options = {}): Transaction {
  const [transaction, ...rest] = only(bytes, options).transactions;
  if (!transaction || rest.length > 0) throw new Error('there should be one transaction');
  return transaction;
}

/** One credit of 745.30 with this :86: at the bank of this code. */
export const credit = (bankCode: string, ...details: readonly string[]): Transaction =>
  item(
    file(
      ':20:X',
      `:25:${bankCode}/2000145399`,
      ':28C:1/1',
      ':60F:C260902CZK1000,00',
      ':61:2609030903C745,30NTRFNONREF//7000000001',
      ...details,
      ':62F:C260903CZK1745,30',
    ),
  );

export const rules = ({ warnings }: Statement): string[] => warnings.map(({ rule }) => rule);
