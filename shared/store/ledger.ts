import { addDays, type PlainDate } from '../domain/dates.ts';
import type { KnownRow } from '../domain/identity.ts';
import { parseMoney, formatMoney } from '../domain/money.ts';
import type { Balance, Window } from '../domain/model.ts';
import type {
  AdviceRecord,
  BalancesRecord,
  DocumentRecord,
  LedgerRow,
  PullRecord,
  QuarantineRecord,
  StatementRecord,
} from '../domain/records.ts';
import type { Dynamo, Item, Put, Update } from './dynamo.ts';
import {
  adviceSk,
  BALANCES_SK,
  documentSk,
  ledgerPartition,
  pullSk,
  quarantineSk,
  statementSk,
  transactionSk,
  type Places,
} from './keys.ts';
import { itemToKnown, itemToRow, rowToItem } from './rows.ts';

/**
 * The ledger of one account: movements, statements, documents, balances, pulls. Reading here, and the writes as
 * values: the flow puts them into one transaction with the account's progress and the events.
 */
export interface Ledger {
  /** Rows of the days of the window and `slack` days around it. */
  known(window: Window, slack: number): Promise<KnownRow[]>;
  /** One page of rows by booking date. `after`/`next` are sort keys. */
  transactions(window: Window, limit: number, after: string | null): Promise<Page<LedgerRow>>;
  statements(window: Window, limit: number, after: string | null): Promise<Page<StatementRecord>>;
  /** Every statement that ends inside the window. */
  statementsIn(window: Window): Promise<StatementRecord[]>;
  /** The nearest statements before and after a place in the sequence, nearest first. */
  neighbours(to: PlainDate, id: string): Promise<{ before: StatementRecord[]; after: StatementRecord[] }>;
  statement(to: PlainDate, id: string): Promise<StatementRecord | null>;
  /** Every advice of the days of the window, oldest day first. */
  advices(window: Window): Promise<AdviceRecord[]>;
  document(sha256: string): Promise<DocumentRecord | null>;
  balances(): Promise<BalancesRecord | null>;
  pulls(limit: number, after: string | null): Promise<Page<PullRecord>>;
  pull(id: string): Promise<PullRecord | null>;
  quarantined(): Promise<QuarantineRecord[]>;

  putRow(row: LedgerRow): Put;
  putStatement(statement: StatementRecord): Put;
  changeStatement(statement: StatementRecord, set: Partial<StatementRecord>): Update;
  putAdvice(advice: AdviceRecord): Put;
  putDocument(document: DocumentRecord): Put;
  putBalances(balances: BalancesRecord): Put;
  putQuarantined(item: QuarantineRecord): Put;
  putPull(pull: PullRecord): Put;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Sort key to go on behind; `null` at the end. */
  readonly next: string | null;
}

/** The greatest character, for DynamoDB, which sorts by UTF-8, as for us. */
const END = '\u{10ffff}';
/** Versions of one statement that may lie between two different ones. */
const NEIGHBOURS = 5;

export function createLedger(dynamo: Dynamo, places: Places, company: string, account: string): Ledger {
  const table = places.ledger;
  const pk = ledgerPartition(company, account);
  const put = (sk: string, item: Item, when?: 'absent'): Put => ({
    table,
    put: { ...item, pk, sk },
    ...(when ? { when } : {}),
  });

  async function page<T>(
    between: readonly [string, string],
    options: { limit: number; after: string | null; descending?: boolean },
    map: (item: Item) => T,
  ): Promise<Page<T>> {
    // The cursor narrows the range instead of naming a place, so a foreign one finds nothing outside it.
    const [low, high] = between;
    const range: [string, string] = options.descending
      ? [low, options.after === null ? high : before(options.after)]
      : [options.after === null ? low : `${options.after}\u0000`, high];
    if (range[0] > range[1] || range[0] < low || range[1] > high) return { items: [], next: null };
    const { items, last } = await dynamo.query({
      table,
      pk,
      between: range,
      limit: options.limit,
      ...(options.descending ? { descending: true } : {}),
    });
    return { items: items.map(map), next: last ? last.sk : null };
  }

  const one = async <T>(sk: string): Promise<T | null> => (await dynamo.get(table, { pk, sk })) as T | null;
  const statementOf = (item: Item): StatementRecord => item as unknown as StatementRecord;

  return {
    async known(window, slack) {
      const items = await dynamo.queryAll({
        table,
        pk,
        between: [
          transactionSk(addDays(window.from, -slack), ''),
          transactionSk(addDays(window.to, slack), END),
        ],
      });
      return items.map(itemToKnown);
    },

    transactions: (window, limit, after) =>
      page([transactionSk(window.from, ''), transactionSk(window.to, END)], { limit, after }, itemToRow),

    statements: (window, limit, after) =>
      page([statementSk(window.from, ''), statementSk(window.to, END)], { limit, after }, statementOf),

    async statementsIn(window) {
      const items = await dynamo.queryAll({
        table,
        pk,
        between: [statementSk(window.from, ''), statementSk(window.to, END)],
      });
      return items.map(statementOf);
    },

    async neighbours(to, id) {
      const mine = statementSk(to, id);
      const [earlier, later] = await Promise.all([
        dynamo.query({
          table,
          pk,
          between: ['statement#', before(mine)],
          descending: true,
          limit: NEIGHBOURS,
        }),
        dynamo.query({ table, pk, between: [`${mine}\u0000`, `statement#${END}`], limit: NEIGHBOURS }),
      ]);
      return { before: earlier.items.map(statementOf), after: later.items.map(statementOf) };
    },

    async advices(window) {
      const between: [string, string] = [adviceSk(window.from, ''), adviceSk(window.to, END)];
      return (await dynamo.queryAll({ table, pk, between })) as unknown as AdviceRecord[];
    },

    statement: (to, id) => one<StatementRecord>(statementSk(to, id)),
    document: (sha256) => one<DocumentRecord>(documentSk(sha256)),
    pull: (id) => one<PullRecord>(pullSk(id)),

    async balances() {
      const item = await one<{ at: string; document: string; balances: StoredBalance[] }>(BALANCES_SK);
      return item && { at: item.at, document: item.document, balances: item.balances.map(balanceOf) };
    },

    pulls: (limit, after) =>
      page(
        [pullSk(''), pullSk(END)],
        { limit, after, descending: true },
        (item) => item as unknown as PullRecord,
      ),

    async quarantined() {
      return (await dynamo.queryAll({ table, pk, prefix: 'quarantine#' })) as unknown as QuarantineRecord[];
    },

    putRow: (row) => put(transactionSk(row.transaction.bookingDate, row.id), rowToItem(row), 'absent'),
    putStatement: (statement) => put(statementSk(statement.to, statement.id), { ...statement }, 'absent'),
    changeStatement: (statement, set) => ({
      table,
      update: { pk, sk: statementSk(statement.to, statement.id) },
      set: set as Item,
      when: { exists: true },
    }),
    putAdvice: (advice) => put(adviceSk(advice.day, advice.id), { ...advice }, 'absent'),
    putDocument: (document) => put(documentSk(document.sha256), { ...document }),
    putBalances: ({ balances, ...rest }) =>
      put(BALANCES_SK, {
        ...rest,
        balances: balances.map(({ kind, code, amount }) => ({
          kind,
          code,
          amount: formatMoney(amount),
          currency: amount.currency,
        })),
      }),
    putQuarantined: (item) => put(quarantineSk(item.id), { ...item }),
    putPull: (pull) => put(pullSk(pull.id), { ...pull }),
  };
}

interface StoredBalance {
  readonly kind: Balance['kind'];
  readonly code: string;
  readonly amount: string;
  readonly currency: string;
}

const balanceOf = ({ kind, code, amount, currency }: StoredBalance): Balance => ({
  kind,
  code,
  amount: parseMoney(amount, currency),
});

/** The greatest text below another, near enough for our keys (no key holds the last code point). */
export function before(sk: string): string {
  return `${sk.slice(0, -1)}${String.fromCharCode(sk.charCodeAt(sk.length - 1) - 1)}${END}`;
}
