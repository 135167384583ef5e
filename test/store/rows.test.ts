import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asKnown } from '../../shared/domain/identity.ts';
import type { Money } from '../../shared/domain/money.ts';
import type { Transaction } from '../../shared/domain/model.ts';
import type { LedgerRow } from '../../shared/domain/records.ts';
import { ledgerPartition } from '../../shared/store/keys.ts';
import { itemToKnown, itemToRow, rowToItem } from '../../shared/store/rows.ts';
import { openStore, useEngines } from './support.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 30 });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const day = fc.constantFrom('2026-09-16', '1999-12-31', '2028-02-29');
const money: fc.Arbitrary<Money> = fc.record({
  minor: fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
  currency: fc.constantFrom('CZK', 'EUR', 'JPY'),
});
const symbols = { variableSymbol: maybe(text), constantSymbol: maybe(text), specificSymbol: maybe(text) };
const transaction: fc.Arbitrary<Transaction> = fc.record({
  bankReference: maybe(text),
  bookingDate: day,
  valueDate: maybe(day),
  amount: money,
  counterparty: fc.record({
    name: maybe(text),
    iban: maybe(text),
    number: maybe(text),
    bankCode: maybe(text),
    bic: maybe(text),
  }),
  ...symbols,
  rawSymbols: fc.record(symbols),
  message: maybe(text),
  endToEndId: maybe(text),
  transactionCode: maybe(text),
  reversal: fc.boolean(),
  original: maybe(fc.record({ amount: money, rate: maybe(text) })),
  card: maybe(text),
  batch: maybe(fc.record({ reference: maybe(text), index: fc.nat(10_000) })),
});
const row: fc.Arbitrary<LedgerRow> = fc.record({
  id: fc.uuid(),
  key: text,
  channel: fc.constantFrom('transactions', 'statements'),
  transaction,
  document: text,
  parser: text,
  storedAt: fc.constant('2026-09-16T08:00:00.000Z'),
});

it('a row comes back from its item as it was', () => {
  fc.assert(
    fc.property(row, (one) => {
      expect(itemToRow(rowToItem(one))).toEqual(one);
    }),
  );
});

it('what identity asks for is read from the item as from the row', () => {
  fc.assert(
    fc.property(row, (one) => {
      expect(itemToKnown(rowToItem(one))).toEqual(asKnown(one, one.channel));
    }),
  );
});

it('an item holds no null, no empty map and no JS number for money', () => {
  fc.assert(
    fc.property(row, (one) => {
      const item = rowToItem(one);
      expect(typeof item['minor']).toBe('string');
      for (const value of Object.values(item)) {
        expect(value).not.toBeNull();
        if (typeof value === 'object') expect(Object.keys(value as object)).not.toHaveLength(0);
      }
    }),
  );
});

const world = useEngines();

it('a row comes back from the engine as it was', async () => {
  const { dynamo } = openStore(world.places);
  const table = world.places.ledger;
  const pk = ledgerPartition('com_rows', 'acc_1');
  const rows = fc.sample(row, { numRuns: 60, seed: 7 });
  for (const [n, one] of rows.entries()) {
    const sk = `row#${n}`;
    await dynamo.transact([{ table, put: { ...rowToItem(one), pk, sk } }]);
    expect(itemToRow((await dynamo.get(table, { pk, sk }))!)).toEqual(one);
  }
});
