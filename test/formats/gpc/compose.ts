import { readFileSync } from 'node:fs';
import type { Statement } from '../../../shared/domain/model.ts';
import { encode } from '../../../shared/formats/encoding/encode.ts';
import type { Encoding } from '../../../shared/formats/encoding/encodings.ts';
import { readGpc, type GpcOptions } from '../../../shared/formats/gpc/reader.ts';

/** Records composed by the layout of the format, one field after the other. */

export const OWN = '0000192000145399';
export const PARTY = '0000000630804003';

const digits = (value: number | bigint | string, width: number): string => String(value).padStart(width, '0');

export interface HeaderFields {
  account?: string;
  name?: string;
  oldDate?: string;
  opening?: number;
  openingSign?: string;
  closing?: number;
  closingSign?: string;
  debits?: number;
  debitSign?: string;
  credits?: number;
  creditSign?: string;
  number?: string;
  date?: string;
  filler?: string;
}

export function header(fields: HeaderFields = {}): string {
  const {
    account = OWN,
    name = '',
    oldDate = '020926',
    number = '171',
    date = '030926',
    filler = '',
  } = fields;
  // Unless the test is about turnovers, they are what the balances need.
  const rise = (fields.closing ?? 0) - (fields.opening ?? 0);
  const needed = fields.debits === undefined && fields.credits === undefined ? rise : 0;
  const record =
    `074${account}${name.padEnd(20)}${oldDate}` +
    digits(fields.opening ?? 0, 14) +
    (fields.openingSign ?? '+') +
    digits(fields.closing ?? 0, 14) +
    (fields.closingSign ?? '+') +
    digits(fields.debits ?? Math.max(0, -needed), 14) +
    (fields.debitSign ?? '0') +
    digits(fields.credits ?? Math.max(0, needed), 14) +
    (fields.creditSign ?? '0') +
    number +
    date +
    filler;
  return record.padEnd(128);
}

export interface ItemFields {
  account?: string;
  party?: string;
  document?: string;
  amount?: number | string;
  code?: string;
  vs?: string;
  bank?: string;
  ks?: string;
  ss?: string;
  valueDate?: string;
  name?: string;
  type?: string;
  date?: string;
}

export function item(fields: ItemFields = {}): string {
  const { account = OWN, party = PARTY, valueDate = '030926', type = '0203', date = '030926' } = fields;
  return (
    `075${account}${party}` +
    digits(fields.document ?? '1', 13) +
    digits(fields.amount ?? 100, 12) +
    (fields.code ?? '2') +
    digits(fields.vs ?? '', 10) +
    `00${fields.bank ?? '5500'}` +
    digits(fields.ks ?? '', 4) +
    digits(fields.ss ?? '', 10) +
    valueDate +
    (fields.name ?? '').padEnd(20) +
    `0${type}${date}`
  );
}

/** The records as a file. */
export function file(
  records: readonly string[],
  encoding: Encoding = 'windows-1250',
  end = '\r\n',
): Uint8Array {
  return encode(records.map((record) => record + end).join(''), encoding).bytes;
}

/** The one statement of a file. */
export function only(bytes: Uint8Array, options: GpcOptions = {}): Statement {
  const [statement, ...rest] = readGpc(bytes, options);
  if (!statement || rest.length > 0) throw new Error('There should be one statement');
  return statement;
}

/** The one statement of these records. */
export const read = (records: readonly string[], options: GpcOptions = {}): Statement =>
  only(file(records), options);

export function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url));
}

export const czk = (minor: bigint) => ({ minor, currency: 'CZK' });
export const rules = (statement: Statement): string[] => statement.warnings.map(({ rule }) => rule);
