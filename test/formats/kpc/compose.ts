import type { OrderFile, OrderGroup, OrderPayment } from '../../../shared/domain/order-file.ts';
import { encode } from '../../../shared/formats/encoding/encode.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { kpcDialect, type KpcDialect } from '../../../shared/formats/kpc/dialects.ts';
import { readKpc } from '../../../shared/formats/kpc/reader.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';

/** Small order files for one rule each, and orders to write. */

export const bytesOf = (text: string): Uint8Array => encode(text, 'windows-1250').bytes;

/** A file of these lines behind its header, in one accounting file for a bank. */
export function file(lines: readonly string[], bank = '2010', type = '1501'): string {
  return ['UHL1030926', `1 ${type} 001000 ${bank}`, ...lines, '5 +', ''].join('\r\n');
}

/** A bulk group of these items; the sum is whatever is given. */
export const group = (items: readonly string[], head = '2 2101135843 1000 040926'): string[] => [
  head,
  ...items,
  '3 +',
];

export const read = (text: string): OrderFile => readKpc(bytesOf(text));

/** The only payment of a file with this one item. */
export function readItem(item: string, bank = '2010'): OrderPayment {
  const { groups, quarantined } = read(file(group([item]), bank));
  const [payment, ...rest] = groups.flatMap(({ payments }) => payments);
  if (!payment || rest.length > 0) throw new Error(`one payment expected: ${quarantined[0]?.message}`);
  return payment;
}

/** The rule by which a file with this one item sets it aside. */
export function refusedItem(item: string, bank = '2010'): string | undefined {
  const { groups, quarantined } = read(file(group([item]), bank));
  if (groups[0]?.payments.length !== 0) throw new Error('the item was read');
  return quarantined[0]?.rule;
}

export function dialect(code: string): KpcDialect {
  const found = kpcDialect(code);
  if (!found) throw new Error(`no dialect for ${code}`);
  return found;
}

export const crowns = (minor: bigint) => ({ minor, currency: 'CZK' });

export function payment(values: Partial<OrderPayment> = {}): OrderPayment {
  const symbols = { variableSymbol: '2026000123', constantSymbol: '0308', specificSymbol: null };
  return {
    ...symbols,
    rawSymbols: symbols,
    amount: crowns(125050n),
    creditor: { ...NOBODY, number: '630804003', bankCode: '5500' },
    message: 'Faktura 2026000123',
    endToEndId: null,
    instructionId: null,
    ...values,
  };
}

export function order(values: Partial<OrderGroup> = {}): OrderGroup {
  const payments = values.payments ?? [payment()];
  return {
    id: null,
    kind: 'credit-transfer',
    priority: 'normal',
    payer: { ...NOBODY, number: '2101135843', bankCode: '2010' },
    currency: 'CZK',
    date: '2026-09-04',
    sum: crowns(payments.reduce((sum, { amount }) => sum + amount.minor, 0n)),
    declared: { sum: null, count: null },
    payments,
    ...values,
  };
}

/** The rule by which something is refused; any other exception is a failure of the test. */
export function refusal(act: () => unknown): { rule: string; position: string | null } {
  try {
    act();
  } catch (error) {
    if (error instanceof FormatError) return { rule: error.rule, position: error.position };
    throw error;
  }
  throw new Error('it was not refused');
}

export const rulesOf = (notes: readonly { readonly rule: string }[]): string[] =>
  notes.map(({ rule }) => rule);
