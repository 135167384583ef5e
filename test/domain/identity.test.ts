import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asKnown,
  NEW_PASS,
  selectNew,
  type Channel,
  type IdentifiedRow,
  type KnownRow,
} from '../../shared/domain/identity.ts';
import type { Transaction } from '../../shared/domain/model.ts';
import { movement } from './movements.ts';

/** A ledger in memory that takes what {@link selectNew} calls new. */
function ledger(vouched: boolean, shared = true) {
  const known: KnownRow[] = [];
  const rows: IdentifiedRow[] = [];
  return {
    known,
    rows,
    /** One pass: pages read one after the other. @returns the rows that were new */
    read(channel: Channel, ...pages: readonly (readonly Transaction[])[]): IdentifiedRow[] {
      let pass = NEW_PASS;
      return pages.flatMap((page) => {
        const selected = selectNew(page, known, { scope: 'acc_1', channel, vouched, shared, pass });
        pass = selected.pass;
        known.push(...selected.fresh.map((row) => asKnown(row, channel)));
        rows.push(...selected.fresh);
        return selected.fresh;
      });
    },
  };
}

const tally = (rows: readonly Transaction[]): string[] =>
  rows.map((row) => `${row.bookingDate} ${row.amount.minor}`).sort();
const kept = (of: ReturnType<typeof ledger>): string[] => tally(of.rows.map((row) => row.transaction));

describe('the key', () => {
  const keyOf = (row: Transaction, vouched: boolean) => ledger(vouched).read('transactions', [row])[0]!.key;

  it('is the bank reference where the manifest vouches for it', () => {
    expect(keyOf(movement({ bankReference: '7000000001' }), true)).toBe('v1|acc_1|ref|7000000001');
  });

  it('adds the index to details that only have the reference of their batch', () => {
    const batch = { reference: '7000000001', index: 3 };
    expect(keyOf(movement({ bankReference: '7000000001', batch }), true)).toBe('v1|acc_1|ref|7000000001#3');
    expect(keyOf(movement({ bankReference: '7000000002', batch }), true)).toBe('v1|acc_1|ref|7000000002');
  });

  it('is the content with an occurrence where it does not', () => {
    expect(keyOf(movement({ bankReference: '7000000001' }), false)).toMatch(/^v1\|acc_1\|content\|.{22}\|1$/);
    expect(keyOf(movement(), true)).toMatch(/^v1\|acc_1\|content\|.{22}\|1$/);
  });

  it('does not change when the bank wraps a text anew or decomposes its accents', () => {
    const once = keyOf(movement({ message: 'Úhrada faktury č. 7' }), false);
    expect(keyOf(movement({ message: ' Úhrada  faktury\r\n č. 7 ' }), false)).toBe(once);
    expect(keyOf(movement({ message: 'Úhrada faktury č. 7'.normalize('NFD') }), false)).toBe(once);
  });

  it.each<[string, Partial<Transaction> & { minor?: bigint }]>([
    ['day', { bookingDate: '2026-09-17' }],
    ['amount', { minor: 100_01n }],
    ['sign', { minor: -100_00n }],
    ['variable symbol', { variableSymbol: '7' }],
    ['constant symbol', { constantSymbol: '0308' }],
    ['specific symbol', { specificSymbol: '7' }],
    ['message', { message: 'other' }],
    ['reversal', { reversal: true }],
    ['counterparty', { counterparty: { name: null, iban: null, number: '19', bankCode: '0800', bic: null } }],
    ['currency', { amount: { minor: 100_00n, currency: 'EUR' } }],
  ])('differs by %s', (_, other) => {
    expect(keyOf(movement(other), false)).not.toBe(keyOf(movement(), false));
  });

  it('is another one in another scope', () => {
    const options = { shared: true, channel: 'transactions', vouched: true, pass: NEW_PASS } as const;
    const rows = [movement({ bankReference: '1' })];
    const one = selectNew(rows, [], { ...options, scope: 'acc_1' }).fresh;
    const other = selectNew(rows, [], { ...options, scope: 'acc_2' }).fresh;
    expect(one[0]!.id).not.toBe(other[0]!.id);
  });
});

describe('equal payments on one day (row 44)', () => {
  const twice = [movement({ message: 'Faktura' }), movement({ message: 'Faktura' })];

  it('are two rows, by content and by reference', () => {
    expect(ledger(false).read('transactions', twice)).toHaveLength(2);
    const referred = twice.map((row, at) => ({ ...row, bankReference: `70${at}` }));
    expect(ledger(true).read('transactions', referred)).toHaveLength(2);
  });

  it('stay two when the second comes an hour later', () => {
    const books = ledger(false);
    expect(books.read('transactions', [twice[0]!])).toHaveLength(1);
    expect(books.read('transactions', twice)).toHaveLength(1);
    expect(books.read('transactions', twice)).toHaveLength(0);
  });

  it('are counted over the pages of one pass', () => {
    const books = ledger(false);
    expect(books.read('transactions', [twice[0]!], [twice[1]!])).toHaveLength(2);
    expect(books.read('transactions', [twice[0]!], [twice[1]!])).toHaveLength(0);
  });
});

describe('a movement in both channels', () => {
  const listed = movement({ bankReference: '7000000001', message: 'as listed' });
  const printed = movement({ bankReference: '7000000001', message: 'as printed' });
  const silent = movement({ message: 'without a reference' });

  it.each<[string, Transaction, Transaction]>([
    ['the reference on both sides', listed, printed],
    ['the reference in the list only', listed, silent],
    ['the reference in the statement only', silent, printed],
    ['no reference at all', silent, movement({ message: 'other words' })],
  ])('is one row with %s', (_, inList, inStatement) => {
    for (const [first, second] of [
      [
        ['transactions', inList],
        ['statements', inStatement],
      ],
      [
        ['statements', inStatement],
        ['transactions', inList],
      ],
    ] as const) {
      const books = ledger(true);
      expect(books.read(...([first[0], [first[1]]] as const))).toHaveLength(1);
      expect(books.read(...([second[0], [second[1]]] as const))).toHaveLength(0);
    }
  });

  it('is two rows when only the amount agrees and both have a reference', () => {
    const books = ledger(true);
    books.read('transactions', [listed]);
    expect(books.read('statements', [movement({ bankReference: '7000000002' })])).toHaveLength(1);
  });

  it('claims one twin only: of two equal payments in the list, one is missing in the ledger', () => {
    const books = ledger(true);
    books.read('statements', [silent]);
    const other = movement({ bankReference: '7000000002' });
    expect(books.read('transactions', [listed, other])).toHaveLength(1);
  });

  it('claims one twin only, also when the two stand on two pages', () => {
    const books = ledger(true);
    books.read('statements', [silent]);
    const other = movement({ bankReference: '7000000002' });
    expect(books.read('transactions', [listed], [other])).toHaveLength(1);
    expect(books.read('transactions', [other], [listed])).toHaveLength(0);
  });

  it('shown twice while its twin is claimed, claims no second one', () => {
    const books = ledger(true);
    books.read('statements', [silent, { ...silent }]);
    const other = movement({ bankReference: '7000000002' });
    expect(books.read('transactions', [listed], [listed, other])).toHaveLength(0);
  });

  describe('as a batch here and a single row there', () => {
    const single = movement({ bankReference: 'ENTRY', minor: 300_00n });
    const details = (references: readonly (string | null)[]) =>
      references.map((reference, at) =>
        movement({
          bankReference: reference ?? 'ENTRY',
          minor: BigInt(at + 1) * 100_00n,
          batch: { reference: 'ENTRY', index: at + 1 },
        }),
      );

    it.each([
      ['details with the reference of the entry', details([null, null])],
      ['details with references of their own', details(['D1', 'D2'])],
      ['details of both kinds', details(['D1', null])],
    ])('%s', (_, parts) => {
      const listFirst = ledger(true);
      expect(listFirst.read('transactions', [single])).toHaveLength(1);
      expect(listFirst.read('statements', parts)).toHaveLength(0);
      const statementFirst = ledger(true);
      expect(statementFirst.read('statements', parts)).toHaveLength(2);
      expect(statementFirst.read('transactions', [single])).toHaveLength(0);
    });
  });
});

it('a document read again is all known, whatever the order of its rows', () => {
  const rows = fc.array(
    fc.record({
      bankReference: fc.constant(null),
      minor: fc.constantFrom(1n, 2n, -2n),
      message: fc.constantFrom(null, 'a', 'b'),
      bookingDate: fc.constantFrom('2026-09-15', '2026-09-16'),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(rows, fc.boolean(), (told, vouched) => {
      const document = told.map((row) => movement(row));
      const books = ledger(vouched);
      expect(books.read('statements', document)).toHaveLength(document.length);
      expect(books.read('statements', document.toReversed())).toHaveLength(0);
    }),
  );
});

const days = ['2026-09-14', '2026-09-15', '2026-09-16', '2026-09-17'];

/** A bank's books: movements of few days and few amounts, so that equal ones are common. */
const books = fc
  .array(fc.record({ day: fc.constantFrom(...days), minor: fc.constantFrom(100n, 200n, -100n) }), {
    maxLength: 25,
  })
  .map((list) => list.map(({ day, minor }, at) => ({ day, minor, reference: `70${at}` })));

/** How one pass reads what it reads: in which channel, which days, in which order and cut where. */
const reading = fc.record({
  channel: fc.constantFrom<Channel>('transactions', 'statements'),
  from: fc.nat(3),
  to: fc.nat(3),
  order: fc.infiniteStream(fc.nat(1_000)),
  pageSize: fc.integer({ min: 1, max: 6 }),
});
type Reading = typeof reading extends fc.Arbitrary<infer T> ? T : never;
type Booked = { day: string; minor: bigint; reference: string };

/** Readings of a bank that goes on booking; the last one sees every day and everything. */
const history = fc
  .array(reading, { minLength: 1, maxLength: 6 })
  .map((list) => list.map((one, at) => (at < list.length - 1 ? one : { ...one, from: 0, to: 3 })));

/** The pages one of the readings gets. */
function pagesOf(
  truth: readonly Booked[],
  readings: readonly Reading[],
  at: number,
  rowOf: (row: Booked, channel: Channel) => Transaction,
): Transaction[][] {
  const { channel, from, to, order, pageSize } = readings[at]!;
  const booked = truth.slice(0, Math.ceil((truth.length * (at + 1)) / readings.length));
  const rows = booked
    .filter(({ day }) => day >= days[Math.min(from, to)]! && day <= days[Math.max(from, to)]!)
    .map((row) => ({ row, place: order.next().value as number }))
    .sort((a, b) => a.place - b.place)
    .map(({ row }) => rowOf(row, channel));
  const count = Math.ceil(rows.length / pageSize);
  return Array.from({ length: count }, (_, page) => rows.slice(page * pageSize, (page + 1) * pageSize));
}

describe('the ledger holds the bank’s movements, none lost, none doubled', () => {
  /** Every history of every bank, read by `read`. */
  function holds(
    vouched: boolean,
    rowOf: (row: Booked, channel: Channel) => Transaction,
    bend: (pages: Transaction[][]) => Transaction[][] = (pages) => pages,
    shared = true,
  ): void {
    fc.assert(
      fc.property(books, history, (truth, readings) => {
        const mine = ledger(vouched, shared);
        for (const [at, { channel }] of readings.entries()) {
          mine.read(channel, ...bend(pagesOf(truth, readings, at, rowOf)));
        }
        expect(kept(mine)).toEqual(truth.map(({ day, minor }) => `${day} ${minor}`).sort());
      }),
      { numRuns: 300 },
    );
  }
  /** Pages again, and pages that overlap: what moving rows do to a list. */
  const overlapping = (pages: Transaction[][]): Transaction[][] => [
    ...pages,
    ...pages.slice(0, 1),
    pages.flat().slice(1, 4),
  ];

  it('by reference: pages overlap, repeat and come in any order, in both channels', () => {
    const rowOf = ({ day, minor, reference }: Booked) =>
      movement({ bookingDate: day, minor, bankReference: reference });
    holds(true, rowOf, overlapping);
  });

  it('by references of each channel’s own, which the bank does not share between the two', () => {
    const rowOf = ({ day, minor, reference }: Booked, channel: Channel) =>
      movement({ bookingDate: day, minor, bankReference: `${channel}${reference}`, message: channel });
    holds(true, rowOf, undefined, false);
    holds(true, rowOf, overlapping, false);
  });

  it('by content: each channel words its texts in its own way', () => {
    holds(false, ({ day, minor }, channel) => movement({ bookingDate: day, minor, message: channel }));
  });

  it('by content: both channels word them alike', () => {
    holds(false, ({ day, minor }) => movement({ bookingDate: day, minor }));
  });

  it('by content: some read the same in both channels and some do not, each document whole', () => {
    const rowOf = ({ day, minor, reference }: Booked, channel: Channel) =>
      movement({ bookingDate: day, minor, message: Number(reference) % 2 === 0 ? 'the same' : channel });
    holds(false, rowOf, (pages) => [pages.flat()]);
  });

  it.each<Channel>(['transactions', 'statements'])('with references in the %s only', (referring) => {
    holds(true, ({ day, minor, reference }, channel) =>
      movement({
        bookingDate: day,
        minor,
        bankReference: channel === referring ? reference : null,
        message: channel,
      }),
    );
  });

  it('by content, for a bank whose references are not vouched for', () => {
    holds(false, ({ day, minor, reference }, channel) =>
      movement({ bookingDate: day, minor, bankReference: `${channel}${reference}`, message: channel }),
    );
  });
});
