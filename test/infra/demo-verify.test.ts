import { describe, expect, test } from 'vitest';
import { manifest } from '../../shared/banks/raiffeisen/manifest.ts';
import { formatMoney } from '../../shared/domain/money.ts';
import { compare, compareEvents, type Truth } from '../../infra/local/demo/verify.ts';
import type { Held } from '../../infra/local/demo/collect.ts';
import { pragueInstant } from '../../infra/sandbox/prague.ts';
import { seededSource } from '../../infra/sandbox/raiffeisen/data.ts';
import type { FeedEvent, Statement, Transaction } from '../../infra/local/cli/types.ts';

/** The demo's judge: silent about what is right, and it sees every way in which something can be wrong. */

const TODAY = '2026-11-20';
const NUMBER = '7342069157';
const source = seededSource({ seed: 'verify', clock: { now: () => pragueInstant(TODAY, '22:00:00') } });
const truth: Truth = { source, manifest, firstDay: TODAY, today: TODAY, oldestFile: null };

/** What a gateway without a fault would hold of the bank. */
function perfect(): Held {
  const currency = 'EUR';
  const money = (minor: bigint): string => formatMoney({ minor, currency });
  const issues = source
    .issues(NUMBER, currency)
    .filter(({ to, lines }) => to >= '2026-11-14' && lines.includes('MAIN'));
  const rows = source.booked(NUMBER, currency, '2026-11-14', TODAY);
  const { balances } = source.folders(NUMBER).find((folder) => folder.currency === currency)!;
  return {
    account: {
      id: 'acc_1',
      number: NUMBER,
      bankCode: '5500',
      currency,
      active: true,
      settings: { historyDays: 5 },
      lastPull: { outcome: 'complete', failure: null },
    } as unknown as Held['account'],
    statements: issues.map(
      ({ from, to, opening, closing }, at) =>
        ({
          id: `s${at}`,
          from,
          to,
          opening: money(opening),
          closing: money(closing),
          currency,
          read: true,
          continuity: at === 0 ? 'first' : 'continuous',
        }) as Statement,
    ),
    transactions: rows.map(
      ({ entryReference, minor }) =>
        ({
          id: `t${entryReference}`,
          bankReference: entryReference,
          amount: money(minor),
          currency,
        }) as Transaction,
    ),
    balances: [{ kind: 'booked', code: 'CLBD', amount: money(balances!.booked), currency }],
    documents: 0,
  };
}

describe('compare', () => {
  test('has nothing to say about a faithful copy', () => {
    const held = perfect();
    expect(held.transactions.length).toBeGreaterThan(2);
    expect(held.statements.length).toBeGreaterThan(2);
    expect(compare([held], truth)).toEqual([]);
  });

  const broken: [string, (held: Held) => Partial<Held>, RegExp][] = [
    ['a lost transaction', (h) => ({ transactions: h.transactions.slice(1) }), /1 transaction missing/],
    [
      'a doubled one',
      (h) => ({ transactions: [...h.transactions, h.transactions[0]!] }),
      /1 transaction too much/,
    ],
    [
      'a wrong amount',
      (h) => ({ transactions: [{ ...h.transactions[0]!, amount: '0.01' }, ...h.transactions.slice(1)] }),
      /1 transaction missing/,
    ],
    ['a lost statement', (h) => ({ statements: h.statements.slice(1) }), /1 statement missing/],
    [
      'a heller off in a balance',
      (h) => ({ statements: [{ ...h.statements[0]!, closing: '0.01' }, ...h.statements.slice(1)] }),
      /1 statement missing/,
    ],
    [
      'a gap',
      (h) => ({
        statements: [
          h.statements[0]!,
          ...h.statements.slice(1).map((s) => ({ ...s, continuity: 'gap' as const })),
        ],
      }),
      /not continuous/,
    ],
    [
      'another booked balance',
      (h) => ({ balances: [{ ...h.balances[0]!, amount: '1.00' }] }),
      /the bank says 1\.00/,
    ],
    [
      'a failed pull',
      (h) => ({
        account: { ...h.account, lastPull: { outcome: 'failed', failure: { message: 'Refused' } } } as never,
      }),
      /failed: Refused/,
    ],
    ['no pull at all', (h) => ({ account: { ...h.account, lastPull: null } }), /never pulled/],
  ];
  test.each(broken)('sees %s', (_, change, finding) => {
    const held = perfect();
    expect(compare([{ ...held, ...change(held) }], truth).join('\n')).toMatch(finding);
  });

  test('beside real files a gap is no finding', () => {
    const held = perfect();
    const statements = held.statements.map((one) => ({ ...one, continuity: 'gap' as const }));
    expect(compare([{ ...held, statements }], { ...truth, oldestFile: '2026-11-14' })).toEqual([]);
  });
});

describe('compareEvents', () => {
  const held = perfect();
  const event = (
    sequence: number,
    type: FeedEvent['type'],
    subject: string,
    data: FeedEvent['data'] = {},
  ): FeedEvent => ({
    id: `e${sequence}`,
    sequence,
    type,
    subject,
    at: '2026-11-20T21:00:00Z',
    data,
  });
  const booked = (sequence: number, transactions: string[]) =>
    event(sequence, 'transactions.booked', 'acc_1', { transactions });
  const ids = held.transactions.map(({ id }) => id);
  const received = held.statements.map(({ id }, at) => event(at + 2, 'statement.received', id));

  test('is content with one event for every change', () => {
    expect(compareEvents([booked(1, ids), ...received], [held])).toEqual([]);
  });

  test.each([
    [
      'a hole',
      [booked(1, ids), ...received.slice(0, -1), { ...received.at(-1)!, sequence: 99 }],
      /hole before 99/,
    ],
    ['a row nobody told of', [booked(1, ids.slice(1)), ...received], /told by events missing/],
    ['a row told twice', [booked(1, [...ids, ids[0]!]), ...received], /told by events too much/],
    [
      'a statement nobody told of',
      [booked(1, ids), ...received.slice(0, -1)],
      /statement told by events missing/,
    ],
  ])('sees %s', (_, events, finding) => {
    expect(compareEvents(events, [held]).join('\n')).toMatch(finding);
  });
});
