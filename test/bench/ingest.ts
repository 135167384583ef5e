import {
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  type AttributeValue,
  type ConsumedCapacity,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { manifestOf } from '../../shared/banks/catalog.ts';
import { addDays } from '../../shared/domain/dates.ts';
import type { Transaction } from '../../shared/domain/model.ts';
import type { Account } from '../../shared/domain/records.ts';
import { ingest, newReading } from '../../shared/flows/pull/ingest.ts';
import type { AccountRun, PullPorts } from '../../shared/flows/pull/ports.ts';
import { createAccounts } from '../../shared/store/accounts.ts';
import { createDynamo, dynamoClient, type Send } from '../../shared/store/dynamo.ts';
import { createFeed } from '../../shared/store/feed.ts';
import { createLedger } from '../../shared/store/ledger.ts';
import { ledgerPartition, transactionSk } from '../../shared/store/keys.ts';
import { rowToItem } from '../../shared/store/rows.ts';
import { chance } from '../faults/chance.ts';
import { startEngines } from '../faults/engines.ts';

/**
 * What a pull costs that finds 500 new rows among 10 000: capacity at price (on demand, a write unit costs five read
 * units) against a conditional put per row, and rows a second against the bare engine. Capacity is what the engine
 * reports for each call.
 */
const ROWS = 10_000;
const REPEATED = 9_500;
const PAGE = 100;
const DAYS = 30;
const FIRST_DAY = '2026-10-01';
/** On demand, a write request unit costs five times a read request unit. */
const WRITE_PRICE = 5;
const CHUNK = 40;

interface Units {
  readUnits: number;
  writeUnits: number;
}
const priceOf = ({ readUnits, writeUnits }: Units): number => readUnits + WRITE_PRICE * writeUnits;

const READS = new Set(['GetItemCommand', 'QueryCommand', 'BatchGetItemCommand']);

/** Wraps the client so that every answer's consumed capacity is added up. */
function metered(send: Send, units: Units): Send {
  return async (command) => {
    Object.assign(command.input, { ReturnConsumedCapacity: 'TOTAL' });
    const answer = (await send(command)) as { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] };
    const consumed = [answer.ConsumedCapacity ?? []].flat();
    const total = consumed.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
    if (READS.has(command.constructor.name)) units.readUnits += total;
    else units.writeUnits += total;
    return answer;
  };
}

function transactionAt(index: number): Transaction {
  return {
    bankReference: `70000${String(index).padStart(6, '0')}`,
    bookingDate: addDays(FIRST_DAY, index % DAYS),
    valueDate: addDays(FIRST_DAY, index % DAYS),
    amount: { minor: BigInt(100 + index), currency: 'CZK' },
    counterparty: {
      name: `Odběratel číslo ${index} s.r.o.`,
      iban: null,
      number: `19-${2_000_145_399 - index}`,
      bankCode: '0800',
      bic: null,
    },
    variableSymbol: String(260_000_000 + index),
    constantSymbol: '0308',
    specificSymbol: null,
    rawSymbols: { variableSymbol: String(260_000_000 + index), constantSymbol: '308', specificSymbol: null },
    message: `Úhrada faktury ${260_000_000 + index}`,
    endToEndId: null,
    transactionCode: '10000107000',
    reversal: false,
    original: null,
    card: null,
    batch: null,
  };
}

const ACCOUNT = {
  id: 'acc_bench',
  company: 'com_bench',
  scope: 'acc_bench',
  settings: { enabled: false },
  active: true,
  sync: { transactions: null, statements: null, resume: null },
  fence: 0,
  revision: 1,
  createdAt: '2026-10-01T00:00:00.000Z',
} as unknown as Account;

const SOURCE = { channel: 'transactions', document: 'bench', parser: 'bench/1' } as const;

export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const engines = await startEngines();
  try {
    const places = await engines.open('bench');
    const naivePlaces = await engines.open('naive');
    const units: Units = { readUnits: 0, writeUnits: 0 };
    const clock = {
      now: () => Date.now(),
      sleep: (ms: number) => new Promise<void>((r) => setTimeout(r, ms)),
    };
    const random = chance(1);
    const dynamo = createDynamo(metered(dynamoClient(), units), clock, random);
    const feed = createFeed(dynamo, places, clock, random);
    const accounts = createAccounts(dynamo, feed, places);
    await accounts.add(ACCOUNT, { type: 'account.discovered', subject: ACCOUNT.id, data: {} });
    const work: AccountRun = {
      ports: { clock, random, feed, accounts } as unknown as PullPorts,
      manifest: await manifestOf('raiffeisen'),
      connector: {},
      ledger: createLedger(dynamo, places, ACCOUNT.company, ACCOUNT.id),
      ref: { handle: '', number: '', iban: null, currency: 'CZK', settings: {} },
      fence: 1,
      deadline: Infinity,
      asked: null,
      account: ACCOUNT,
      newTransactions: 0,
      newStatements: 0,
    };
    const window = { from: FIRST_DAY, to: addDays(FIRST_DAY, DAYS - 1) };
    const all = Array.from({ length: ROWS }, (_, index) => transactionAt(index));

    /** One pass over the rows, page by page, as the pull of a transaction list makes it. */
    const pass = async (rows: readonly Transaction[]): Promise<number> => {
      const reading = newReading(window);
      let fresh = 0;
      for (let at = 0; at < rows.length; at += PAGE) {
        fresh += await ingest(work, rows.slice(at, at + PAGE), SOURCE, reading, {});
      }
      return fresh;
    };
    await pass(all.slice(0, REPEATED));
    Object.assign(units, { readUnits: 0, writeUnits: 0 });

    const started = performance.now();
    const fresh = await pass(all);
    const seconds = (performance.now() - started) / 1000;
    const ours = { ...units, price: priceOf(units) };
    const stored = (await engines.dump(places.ledger)).filter(({ sk }) =>
      String(sk).startsWith('transaction#'),
    );

    const client = new DynamoDBClient({ maxAttempts: 1 });
    const naive = await naivePuts(client, naivePlaces.ledger, all);
    const bareSeconds = await bareEngine(client, naivePlaces.ledger, all);
    client.destroy();

    const figures = {
      bench: 'ingest',
      rows: ROWS,
      repeats: REPEATED,
      new: fresh,
      ours,
      naive,
      priceRatio: round(ours.price / naive.price),
      rowsPerSecond: Math.round(ROWS / seconds),
      bareRowsPerSecond: Math.round(ROWS / bareSeconds),
      speedRatio: round(bareSeconds / seconds),
      duplicates: stored.length - new Set(stored.map((row) => row['reference'])).size,
      losses: ROWS - new Set(stored.map((row) => row['reference'])).size,
    };
    if (!json) print(figures);
    return figures;
  } finally {
    await engines.stop();
  }
}

/** The obvious way: one conditional put per row, of which nineteen in twenty fail, and are paid for all the same. */
async function naivePuts(client: DynamoDBClient, table: string, rows: readonly Transaction[]) {
  const put = (row: Transaction) =>
    new PutItemCommand({
      TableName: table,
      Item: itemOf(row),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnConsumedCapacity: 'TOTAL',
    });
  let first = 0;
  for (const row of rows.slice(0, REPEATED)) {
    const { ConsumedCapacity } = await client.send(put(row));
    first += ConsumedCapacity?.CapacityUnits ?? 0;
  }
  // A failed conditional write consumes what the write would have; its error carries no figure.
  const units: Units = { readUnits: 0, writeUnits: first };
  for (const row of rows.slice(REPEATED)) {
    const { ConsumedCapacity } = await client.send(put(row));
    units.writeUnits += ConsumedCapacity?.CapacityUnits ?? 0;
  }
  return { ...units, price: priceOf(units) };
}

/** The same reads and writes, sent as they are. @returns seconds */
async function bareEngine(
  client: DynamoDBClient,
  table: string,
  rows: readonly Transaction[],
): Promise<number> {
  const started = performance.now();
  let start: Record<string, AttributeValue> | undefined;
  do {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: ledgerPartition(ACCOUNT.company, ACCOUNT.id) } },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    start = answer.LastEvaluatedKey;
  } while (start);
  const fresh = rows.slice(REPEATED);
  for (let at = 0; at < fresh.length; at += CHUNK) {
    const writes = fresh
      .slice(at, at + CHUNK)
      .map((row) => ({ Put: { TableName: table, Item: itemOf(row) } }));
    await client.send(new TransactWriteItemsCommand({ TransactItems: writes }));
  }
  return (performance.now() - started) / 1000;
}

function itemOf(transaction: Transaction): Record<string, AttributeValue> {
  const id = transaction.bankReference!;
  const row = { id, key: id, ...SOURCE, transaction, storedAt: '2026-10-31T00:00:00.000Z' };
  return marshall({
    pk: ledgerPartition(ACCOUNT.company, ACCOUNT.id),
    sk: transactionSk(transaction.bookingDate, id),
    ...rowToItem(row),
  });
}

const round = (value: number): number => Number(value.toFixed(3));

function print(
  figures: { ours: Units & { price: number }; naive: Units & { price: number } } & Record<string, unknown>,
) {
  const line = (name: string, { readUnits, writeUnits, price }: Units & { price: number }): string =>
    `${name.padEnd(24)}${String(readUnits).padStart(10)}${String(writeUnits).padStart(10)}${String(price).padStart(10)}`;
  console.log(
    `${'10 000 rows, 500 new'.padEnd(24)}${'reads'.padStart(10)}${'writes'.padStart(10)}${'price'.padStart(10)}`,
  );
  console.log(line('ours', figures.ours));
  console.log(line('a conditional put a row', figures.naive));
  console.log(
    `Price ${String(figures['priceRatio'])} of the conditional puts; ${String(figures['rowsPerSecond'])} rows/s, ` +
      `${String(figures['speedRatio'])} of the bare engine's ${String(figures['bareRowsPerSecond'])}; ` +
      `${String(figures['duplicates'])} duplicates, ${String(figures['losses'])} losses.`,
  );
}
