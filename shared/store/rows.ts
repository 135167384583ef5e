import type { Channel, KnownRow } from '../domain/identity.ts';
import type { Counterparty, Symbols, Transaction } from '../domain/model.ts';
import type { LedgerRow } from '../domain/records.ts';
import type { Item } from './dynamo.ts';

/**
 * A movement as an item. Absent values are left out, because capacity is paid by the kilobyte; minor units are text,
 * because a JS number is no place for money.
 */
export function rowToItem(row: LedgerRow): Item {
  const t = row.transaction;
  return withoutNulls({
    id: row.id,
    key: row.key,
    channel: row.channel,
    reference: t.bankReference,
    bookingDate: t.bookingDate,
    valueDate: t.valueDate,
    minor: t.amount.minor.toString(),
    currency: t.amount.currency,
    party: withoutNulls({ ...t.counterparty }),
    symbols: withoutNulls(symbolsOf(t)),
    rawSymbols: withoutNulls(symbolsOf(t.rawSymbols)),
    message: t.message,
    endToEndId: t.endToEndId,
    code: t.transactionCode,
    reversal: t.reversal || null,
    original: t.original && {
      minor: t.original.amount.minor.toString(),
      currency: t.original.amount.currency,
      rate: t.original.rate,
    },
    card: t.card,
    batch: t.batch,
    document: row.document,
    parser: row.parser,
    storedAt: row.storedAt,
  });
}

export function itemToRow(item: Item): LedgerRow {
  const original = item['original'] as { minor: string; currency: string; rate: string | null } | undefined;
  return {
    id: item['id'] as string,
    key: item['key'] as string,
    channel: item['channel'] as Channel,
    document: item['document'] as string,
    parser: item['parser'] as string,
    storedAt: item['storedAt'] as string,
    transaction: {
      bankReference: textOf(item['reference']),
      bookingDate: item['bookingDate'] as string,
      valueDate: textOf(item['valueDate']),
      amount: { minor: BigInt(item['minor'] as string), currency: item['currency'] as string },
      counterparty: partyOf(item['party'] as Item | undefined),
      ...symbolsOf((item['symbols'] ?? {}) as Partial<Symbols>),
      rawSymbols: symbolsOf((item['rawSymbols'] ?? {}) as Partial<Symbols>),
      message: textOf(item['message']),
      endToEndId: textOf(item['endToEndId']),
      transactionCode: textOf(item['code']),
      reversal: item['reversal'] === true,
      original: original
        ? { amount: { minor: BigInt(original.minor), currency: original.currency }, rate: original.rate }
        : null,
      card: textOf(item['card']),
      batch: (item['batch'] as Transaction['batch'] | undefined) ?? null,
    },
  };
}

/** Only what identity asks for. */
export function itemToKnown(item: Item): KnownRow {
  return {
    id: item['id'] as string,
    bookingDate: item['bookingDate'] as string,
    minor: BigInt(item['minor'] as string),
    channel: item['channel'] as Channel,
    reference: textOf(item['reference']),
    entry: textOf((item['batch'] as Item | undefined)?.['reference']),
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const symbolsOf = (from: Partial<Symbols>): Symbols => ({
  variableSymbol: from.variableSymbol ?? null,
  constantSymbol: from.constantSymbol ?? null,
  specificSymbol: from.specificSymbol ?? null,
});

const partyOf = (item: Item | undefined): Counterparty => ({
  name: textOf(item?.['name']),
  iban: textOf(item?.['iban']),
  number: textOf(item?.['number']),
  bankCode: textOf(item?.['bankCode']),
  bic: textOf(item?.['bic']),
});

/** Drops nulls and maps that became empty. */
function withoutNulls(item: object): Item {
  return Object.fromEntries(
    Object.entries(item).filter(
      ([, value]) =>
        value !== null && value !== undefined && !(isMap(value) && Object.keys(value).length === 0),
    ),
  );
}

const isMap = (value: unknown): value is object => typeof value === 'object' && !Array.isArray(value);
