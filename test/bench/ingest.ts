import { DynamoDBClient, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { manifestOf } from '../../shared/banks/catalog.ts';
import { addDays } from '../../shared/domain/dates.ts';
import type { Transaction, Window } from '../../shared/domain/model.ts';
import type { Account } from '../../shared/domain/records.ts';
import { ingest, newReading } from '../../shared/flows/pull/ingest.ts';
import type { AccountRun } from '../../shared/flows/pull/ports.ts';
import { createAccounts } from '../../shared/store/accounts.ts';
import { createDynamo, dynamoClient, type Item, type Send } from '../../shared/store/dynamo.ts';
import { createFeed } from '../../shared/store/feed.ts';
import { createLedger, type Ledger } from '../../shared/store/ledger.ts';
import { movement } from '../domain/movements.ts';
import { virtualTime } from '../faults/actor.ts';
import { chance, type Chance } from '../faults/chance.ts';
import { startEngines, type Engines } from '../faults/engines.ts';
import { setStage, withTokens, type Stage } from '../faults/stage.ts';

/**
 * What it costs to take in a bank's list of which nearly everything is known: our way (one query of the window, then
 * transactions of what is new, with account, event and counter) against a conditional put for every row, in capacity
 * at its price; and the speed of our layers against the same rows written to the bare engine.
 *
 * Capacity is what the engine reports (`ReturnConsumedCapacity`); it was held against AWS's rules: strong reads one
 * unit per 4 KB, writes one per 1 KB, transactions double. A put whose condition fails is reported by nobody but paid
 * all the same, by the size of the item: it is counted as the put of the same item.
 */

const ROWS = 10_000;
const REPEATS = 9_500;
/** Of the new rows, those that a bank booked late: scattered over all pages, each of which then costs a transaction. */
const LATE = 50;
const PAGE = 50;
const DAYS = 30;
const WINDOW: Window = { from: '2026-08-18', to: addDays('2026-08-18', DAYS - 1) };
/** On-demand prices: a write unit costs five times a read unit. */
const WRITE_PRICE = 5;
const TARGET = 0.25;
const ROUNDS = 3;

interface Units {
  readUnits: number;
  writeUnits: number;
}

interface Cost extends Units {
  /** In read units. */
  readonly price: number;
}

export interface IngestFigures {
  readonly bench: 'ingest';
  readonly rows: number;
  readonly repeats: number;
  readonly ours: Cost;
  readonly naive: Cost;
  readonly priceRatio: number;
  /** Of the list with its repeats. */
  readonly rowsPerSecond: number;
  /** Of what was known, when it was new. */
  readonly firstImportRowsPerSecond: number;
  /** All rows, written in transactions of forty without conditions or anything beside them. */
  readonly bareRowsPerSecond: number;
  readonly duplicates: number;
  readonly losses: number;
}

export async function run({ json }: { readonly json: boolean }): Promise<IngestFigures> {
  const engines = await startEngines();
  try {
    const figures = await measure(engines);
    if (!json) console.log(report(figures));
    return figures;
  } finally {
    await engines.stop();
  }
}

async function measure(engines: Engines): Promise<IngestFigures> {
  const places = await engines.open('bench');
  const stage = await setStage('bench', places, virtualTime(Date.parse('2026-09-16T08:00:00Z')), chance(1));
  const truth = booked(chance(2));
  const late = new Set(scattered(chance(3)));
  // The newest rows are new, and some older ones the bank booked late.
  const before = truth.slice(ROWS - REPEATS - LATE).filter((_, at) => !late.has(at));

  const meter: Units = { readUnits: 0, writeUnits: 0 };
  const speeds = { first: [] as number[], again: [] as number[], bare: [] as number[] };
  let ours = costOf(meter);
  let [duplicates, losses] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    process.stderr.write(`\rround ${round + 1} of ${ROUNDS}`);
    const account = await runOn(stage, `acc_${round}`, meter);
    speeds.first.push(await timed(before.length, () => readList(account, before)));
    meter.readUnits = meter.writeUnits = 0;
    speeds.again.push(await timed(ROWS, () => readList(account, truth)));
    ours = costOf(meter);
    const items = itemsOf(account, truth);
    speeds.bare.push(await timed(ROWS, () => writeBare(places.ledger, `bare${round}`, items)));

    const rows = await everything(account.ledger);
    const distinct = new Set(rows);
    duplicates += rows.length - distinct.size;
    losses += truth.filter(({ bankReference }) => !distinct.has(bankReference!)).length;
  }
  process.stderr.write('\n');

  const writeUnits = await putEach(places.ledger, itemsOf(await runOn(stage, 'acc_naive', meter), truth));
  const naive = costOf({ readUnits: 0, writeUnits });
  return {
    bench: 'ingest',
    rows: ROWS,
    repeats: REPEATS,
    ours,
    naive,
    priceRatio: Number((ours.price / naive.price).toFixed(3)),
    rowsPerSecond: median(speeds.again),
    firstImportRowsPerSecond: median(speeds.first),
    bareRowsPerSecond: median(speeds.bare),
    duplicates,
    losses,
  };
}

/** A company's movements of the window, newest first, as a bank lists them. */
function booked(luck: Chance): Transaction[] {
  const digits = (count: number): string => Array.from({ length: count }, () => luck.int(10)).join('');
  return Array.from({ length: ROWS }, (_, at) => {
    const variable = digits(10);
    const symbols = { variableSymbol: variable, constantSymbol: '0308', specificSymbol: null };
    return movement({
      bankReference: String(7_000_000_000 + ROWS - at),
      bookingDate: addDays(WINDOW.to, -Math.floor((at * DAYS) / ROWS)),
      valueDate: WINDOW.to,
      minor: BigInt(luck.int(90_000_00) - 45_000_00),
      counterparty: {
        name: luck.pick(['Ocelárny Podbrdy a.s.', 'Jana Nováková', 'Papírnictví U Mostu s.r.o.']),
        iban: null,
        number: `19-${digits(10)}`,
        bankCode: luck.pick(['0800', '0100', '2010']),
        bic: null,
      },
      ...symbols,
      rawSymbols: symbols,
      message: `Úhrada faktury ${variable}, děkujeme za spolupráci`,
      endToEndId: variable,
      transactionCode: '10000107000',
    });
  });
}

/** Places of the late rows among the older ones. */
function scattered(luck: Chance): number[] {
  const places = new Set<number>();
  while (places.size < LATE) places.add(luck.int(REPEATS + LATE));
  return [...places];
}

/** An account of its own with everything ingest needs, its tables behind a meter. */
async function runOn(stage: Stage, id: string, meter: Units): Promise<AccountRun> {
  const { calm, places, companies } = stage;
  const model = companies[0]!.accounts[0]!;
  const dynamo = createDynamo(metered(dynamoClient(), meter), calm.clock, withTokens(calm.random));
  const feed = createFeed(dynamo, places, calm.clock, calm.random);
  const accounts = createAccounts(dynamo, feed, places);
  const account: Account = { ...model, id, scope: id };
  await accounts.add(account, { type: 'account.discovered', subject: id, data: {} });
  const { handle, number, iban, currency } = account;
  return {
    ports: { ...calm, feed, accounts },
    manifest: await manifestOf(account.bank),
    connector: {},
    ledger: createLedger(dynamo, places, account.company, id),
    ref: { handle, number, iban, currency, settings: {} },
    fence: 1,
    deadline: Number.MAX_SAFE_INTEGER,
    asked: null,
    account,
    newTransactions: 0,
    newStatements: 0,
  };
}

function metered(send: Send, meter: Units): Send {
  return async (command) => {
    Object.assign(command.input, { ReturnConsumedCapacity: 'TOTAL' });
    const answer = (await send(command)) as { ConsumedCapacity?: Consumed | Consumed[] };
    const units = [answer.ConsumedCapacity ?? []]
      .flat()
      .reduce((sum, one) => sum + (one.CapacityUnits ?? 0), 0);
    meter[/^(Get|BatchGet|Query)/.test(command.constructor.name) ? 'readUnits' : 'writeUnits'] += units;
    return answer;
  };
}

interface Consumed {
  readonly CapacityUnits?: number;
}

/** Reads a list page by page, as a pull does. */
async function readList(run: AccountRun, rows: readonly Transaction[]): Promise<void> {
  const reading = newReading(WINDOW);
  for (let at = 0; at < rows.length; at += PAGE) {
    const sha256 = String(at).padStart(64, '0');
    const document = {
      sha256,
      kind: 'transactions',
      format: 'json',
      mediaType: 'application/json',
      name: `transactions-${at / PAGE}.json`,
      size: 40_000,
      receivedAt: '2026-09-16T08:00:00.000Z',
      parser: 'transactions/1',
    } as const;
    const source = { channel: 'transactions', document: sha256, parser: 'transactions/1' } as const;
    await ingest(run, rows.slice(at, at + PAGE), source, reading, {
      beside: [run.ledger.putDocument(document)],
      progress: { sync: { ...run.account.sync, resume: { ...WINDOW, cursor: String(at / PAGE) } } },
    });
  }
}

/** The rows as the ledger keeps them. */
function itemsOf({ ledger }: AccountRun, rows: readonly Transaction[]): Item[] {
  return rows.map((transaction, at) => {
    const id = `row${String(at).padStart(19, '0')}`;
    const key = `v1|acc_0123456789|ref|${transaction.bankReference}`;
    const source = { channel: 'transactions', document: '0'.repeat(64), parser: 'transactions/1' } as const;
    return ledger.putRow({ id, key, transaction, ...source, storedAt: '2026-09-16T08:00:00.000Z' }).put;
  });
}

/** Every row a put on the condition that it be new. @returns write units, failed conditions included */
async function putEach(table: string, items: readonly Item[]): Promise<number> {
  const client = new DynamoDBClient({});
  let units = 0;
  const put = async (item: Item): Promise<void> => {
    const command = new PutItemCommand({
      TableName: table,
      Item: marshall(item),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnConsumedCapacity: 'TOTAL',
    });
    const { ConsumedCapacity } = await client.send(command);
    units += ConsumedCapacity?.CapacityUnits ?? 0;
  };
  // The table is empty, so every put succeeds and is reported; one that finds its row there costs the same.
  for (let at = 0; at < items.length; at += 50) await Promise.all(items.slice(at, at + 50).map(put));
  client.destroy();
  return units;
}

async function writeBare(table: string, partition: string, items: readonly Item[]): Promise<void> {
  const client = new DynamoDBClient({});
  for (let at = 0; at < items.length; at += 40) {
    const puts = items.slice(at, at + 40).map((item) => ({ ...item, pk: partition }));
    const TransactItems = puts.map((item) => ({ Put: { TableName: table, Item: marshall(item) } }));
    await client.send(new TransactWriteItemsCommand({ TransactItems }));
  }
  client.destroy();
}

/** References of every row of a ledger. */
async function everything(ledger: Ledger): Promise<string[]> {
  const references: string[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<Ledger['transactions']>> = await ledger.transactions(WINDOW, 500, after);
    references.push(...page.items.map(({ transaction }) => transaction.bankReference!));
    after = page.next;
  } while (after !== null);
  return references;
}

const costOf = ({ readUnits, writeUnits }: Units): Cost => ({
  readUnits: Math.round(readUnits),
  writeUnits: Math.round(writeUnits),
  price: Math.round(readUnits + writeUnits * WRITE_PRICE),
});

/** @returns rows per second */
async function timed(rows: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round(rows / ((performance.now() - start) / 1_000));
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function report(f: IngestFigures): string {
  const line = (name: string, { readUnits, writeUnits, price }: Cost): string =>
    name.padEnd(24) + [readUnits, writeUnits, price].map((value) => String(value).padStart(14)).join('');
  return [
    `${f.rows} rows in pages of ${PAGE}, ${f.repeats} of them in the ledger already`,
    `${''.padEnd(24)}${['read units', 'write units', 'price'].map((head) => head.padStart(14)).join('')}`,
    line('ours', f.ours),
    line('a conditional put each', f.naive),
    `price ratio ${f.priceRatio} (at most ${TARGET})${f.priceRatio > TARGET ? ' !' : ''}`,
    `rows per second: ${f.rowsPerSecond} with repeats, ${f.firstImportRowsPerSecond} all new, ${f.bareRowsPerSecond} bare engine`,
    `duplicates ${f.duplicates}, losses ${f.losses}`,
  ].join('\n');
}
