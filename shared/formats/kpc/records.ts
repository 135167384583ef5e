import { localNumber } from '../../domain/account-number.ts';
import type { PlainDate } from '../../domain/dates.ts';
import type { Counterparty } from '../../domain/model.ts';
import type { OrderGroup, OrderKind, OrderPriority } from '../../domain/order-file.ts';
import { FormatError } from '../errors.ts';
import { NOBODY, parseOrderAccount } from '../order-party.ts';
import { GENERAL, kpcDialect } from './dialects.ts';
import { dateOf, hellersOf } from './fields.ts';
import type { ItemContext } from './item.ts';

/** The records around the items: accounting files and groups. */

/** A line of the file without its end. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** Types of accounting files. 1503 and 1504 are ČSOB's. */
const TYPES: Readonly<Record<string, { kind: OrderKind; priority: OrderPriority }>> = {
  1501: { kind: 'credit-transfer', priority: 'normal' },
  1502: { kind: 'collection', priority: 'normal' },
  1503: { kind: 'credit-transfer', priority: 'urgent' },
  1504: { kind: 'credit-transfer', priority: 'instant' },
};

/** An open accounting file: record 1. */
export interface Accounting {
  readonly type: { readonly kind: OrderKind; readonly priority: OrderPriority };
  readonly bankCode: string;
}

/** An open group: record 2 and what its items came to. */
export interface Group {
  readonly line: number;
  readonly context: ItemContext;
  readonly date: PlainDate | null;
  readonly declared: bigint;
  payer: Counterparty | null;
  sum: bigint;
}

type RecordKind = 'header' | 'accounting' | 'group' | 'group-end' | 'accounting-end' | 'item';

/** The kind of a record by its first field: an account has two digits at least. */
export function recordOf(text: string): RecordKind {
  if (text.charCodeAt(1) === 0x20) {
    if (text.startsWith('1')) return 'accounting';
    if (text.startsWith('2')) return 'group';
  }
  if (text.startsWith('UHL1')) return 'header';
  if (text.length > 8) return 'item';
  if (/^3 *\+$/.test(text)) return 'group-end';
  return /^5 *\+$/.test(text) ? 'accounting-end' : 'item';
}

/** `1 1501 SSSPPP BBBB`. */
export function readAccounting(text: string): Accounting {
  const [, type = '', , bankCode = ''] = text.split(/ +/);
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (!known) {
    const types = Object.keys(TYPES).join(', ');
    throw new FormatError('type-unknown', `Type "${type.slice(0, 20)}" is none of ${types}`);
  }
  if (!/^\d{4}$/.test(bankCode)) {
    throw new FormatError(
      'bank-code-unreadable',
      `"${bankCode.slice(0, 20)}" is no bank code of four digits`,
    );
  }
  return { type: known, bankCode };
}

/** `2 [PAYER] SUM DATE`; without a payer, or with one of zeros, each item names its own. */
export function readGroup(line: Line, accounting: Accounting | 'unreadable' | null): Group {
  if (accounting === null || accounting === 'unreadable') {
    throw new FormatError('group-unreadable', 'The head of its accounting file cannot be read');
  }
  const fields = line.text.split(/ +/).slice(1);
  const [sum = '', date = ''] = fields.slice(-2);
  const written = fields.length === 3 ? (fields[0] ?? '') : null;
  if (fields.length < 2 || fields.length > 3) {
    const message = `A group has a payer, a sum and a day, or the last two; here are ${fields.length} fields`;
    throw new FormatError('group-unreadable', message);
  }
  const single = written === null || /^0+(-0+)?$/.test(written);
  const { bankCode } = accounting;
  return {
    line: line.number,
    context: { dialect: kpcDialect(bankCode) ?? GENERAL, single, bankCode },
    date: dateOf(date),
    declared: hellersOf(sum, 'The sum'),
    payer: single ? null : { ...NOBODY, number: payerNumber(written), bankCode },
    sum: 0n,
  };
}

function payerNumber(written: string): string {
  const account = parseOrderAccount(written);
  if (account?.bankCode === null) return localNumber(account);
  throw new FormatError('account-unreadable', `The payer's account "${written.slice(0, 40)}" is none`);
}

/** The payer of all items so far; nobody as soon as two differ. */
export function commonPayer(known: Counterparty | null, next: Counterparty | undefined): Counterparty | null {
  if (!next) return known;
  return known === null || known.number === next.number ? next : NOBODY;
}

export function figuresOf(group: Group, { type }: Accounting): Omit<OrderGroup, 'payments'> {
  const { currency } = group.context.dialect;
  return {
    id: null,
    ...type,
    payer: group.payer ?? NOBODY,
    currency,
    date: group.date,
    sum: { minor: group.sum, currency },
    declared: { sum: { minor: group.declared, currency }, count: null },
  };
}

export function sumMessage({ sum, declared }: Group): string {
  return `The group says its items come to ${declared} hellers; those that were read come to ${sum}.`;
}
