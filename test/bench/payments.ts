import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { acceptOrder } from '../../shared/flows/payments/accept.ts';
import { draftOfJson, type OrderInput } from '../../shared/flows/payments/order.ts';
import { createActor, virtualTime, type Actor } from '../faults/actor.ts';
import { chance } from '../faults/chance.ts';
import { startEngines, type Engines } from '../faults/engines.ts';
import { setStage, type PayPorts, type Stage } from '../faults/stage.ts';
import type { BatchFigures } from './payments-child.ts';

/**
 * What taking an order costs, from the parsed request to the queued message, against one bare conditional put of the
 * same record on the same engine; and one batch of as many payments as the bank takes, rendered and read back.
 */

const ORDERS = 400;
/** Orders before the figures count. */
const WARM_UP = 50;
const BATCH = 15_000;
const BATCHES = 5;

interface Spread {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface PaymentFigures {
  readonly bench: 'payments';
  readonly orders: number;
  readonly accept: Spread;
  readonly conditionalPut: Spread;
  readonly ratio: Spread;
  /** Calls of one acceptance by the engine they go to, the mean. */
  readonly calls: Readonly<Record<string, number>>;
  /** The median of {@link BATCHES} processes. */
  readonly batch: BatchFigures;
}

export async function run({ json }: { readonly json: boolean }): Promise<PaymentFigures> {
  const engines = await startEngines();
  try {
    const figures = { ...(await accepting(engines)), batch: batch() };
    if (!json) console.log(report(figures));
    return figures;
  } finally {
    await engines.stop();
  }
}

async function accepting(engines: Engines): Promise<Omit<PaymentFigures, 'batch'>> {
  const places = await engines.open('bench');
  const stage = await setStage('bench', places, virtualTime(Date.parse('2026-09-16T08:00:00Z')), chance(1));
  const calls: Record<string, number> = {};
  const ports = stage.payPorts(counting(createActor(stage.time, null, 0), calls));
  const client = new DynamoDBClient({});
  const times: Record<'accept' | 'put', number[]> = { accept: [], put: [] };
  // One after the other in turn, so that what else the machine does hits both alike.
  for (let n = 0; n < WARM_UP + ORDERS; n++) {
    if (n === WARM_UP) for (const name of Object.keys(calls)) delete calls[name];
    const start = performance.now();
    const record = await accept(stage, ports, n);
    const accepted = performance.now();
    await client.send(
      new PutItemCommand({
        TableName: places.payments,
        Item: marshall({ ...record, pk: 'bare', sk: record.id }, { removeUndefinedValues: true }),
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
    const put = performance.now();
    if (n < WARM_UP) continue;
    times.accept.push(accepted - start);
    times.put.push(put - accepted);
    if (n % 50 === 0) process.stderr.write(`\r${n - WARM_UP} of ${ORDERS} orders`);
  }
  process.stderr.write('\n');
  client.destroy();
  await engines.close(places);
  const [ours, bare] = [spreadOf(times.accept), spreadOf(times.put)];
  return {
    bench: 'payments',
    orders: ORDERS,
    accept: ours,
    conditionalPut: bare,
    ratio: { p50: rounded(ours.p50 / bare.p50), p99: rounded(ours.p99 / bare.p99) },
    calls: Object.fromEntries(Object.entries(calls).map(([name, n]) => [name, rounded(n / ORDERS)])),
  };
}

/** An actor that counts its effects. */
function counting(actor: Actor, calls: Record<string, number>): Actor {
  return {
    ...actor,
    effect: (part, operation, call) => {
      const name = `${part}.${operation.replace('Command', '')}`;
      calls[name] = (calls[name] ?? 0) + 1;
      return actor.effect(part, operation, call);
    },
  };
}

async function accept(stage: Stage, ports: PayPorts, n: number) {
  const { id, accounts } = stage.companies[0]!;
  const account = accounts.find(({ currency }) => currency === 'CZK') ?? accounts[0]!;
  const euro = account.currency === 'EUR';
  const order: OrderInput = {
    account: account.id,
    payments: [
      {
        amount: `${100 + n}.00`,
        currency: account.currency,
        creditor: euro
          ? { name: 'Lieferant GmbH', iban: 'DE89370400440532013000' }
          : { name: 'Dodavatel s.r.o.', number: '19-2000145399', bankCode: '0800' },
        message: `faktura ${n}`,
      },
    ],
  };
  const { payment } = await acceptOrder(ports, {
    caller: { company: id, key: 'key_erp', user: null },
    source: 'api',
    hook: null,
    idempotencyKey: `bench ${n}`,
    bytes: new TextEncoder().encode(JSON.stringify(order)),
    mediaType: 'application/json',
    draft: draftOfJson(order, await ports.accounts.get(id, account.id)),
    alwaysApprove: false,
  });
  return payment;
}

function batch(): BatchFigures {
  const child = join(import.meta.dirname, 'payments-child.ts');
  const all = Array.from({ length: BATCHES }, (_, at) => {
    process.stderr.write(`\rbatch ${at + 1} of ${BATCHES}`);
    return JSON.parse(
      execFileSync(process.execPath, [child, String(BATCH)], { encoding: 'utf8' }),
    ) as BatchFigures;
  });
  process.stderr.write('\n');
  const median = (name: keyof BatchFigures): number =>
    all.map((one) => one[name]).toSorted((a, b) => a - b)[Math.floor(BATCHES / 2)]!;
  return {
    payments: BATCH,
    bytes: median('bytes'),
    renderMilliseconds: median('renderMilliseconds'),
    checkMilliseconds: median('checkMilliseconds'),
    orderMemory: median('orderMemory'),
    peakMemory: median('peakMemory'),
  };
}

function spreadOf(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => rounded(sorted[Math.floor(sorted.length * share)]!);
  return { p50: at(0.5), p99: at(0.99) };
}

const rounded = (value: number): number => Number(value.toFixed(2));
const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

function report({ accept, conditionalPut, ratio, calls, batch }: PaymentFigures): string {
  const line = (name: string, { p50, p99 }: Spread): string =>
    name.padEnd(28) + [p50, p99].map((value) => String(value).padStart(10)).join('');
  return [
    `${ORDERS} orders of one payment, in milliseconds`,
    `${''.padEnd(28)}${'p50'.padStart(10)}${'p99'.padStart(10)}`,
    line('acceptance', accept),
    line('a bare conditional put', conditionalPut),
    line('ratio', ratio),
    `calls of one acceptance: ${Object.entries(calls)
      .map(([name, n]) => `${name} ${n}`)
      .join(', ')}`,
    '',
    `A KPC of ${batch.payments} payments (${megabytes(batch.bytes)}): rendered in ${batch.renderMilliseconds} ms, read back and compared in ${batch.checkMilliseconds} ms,`,
    `memory at its highest ${megabytes(batch.peakMemory)} above the ${megabytes(batch.orderMemory)} with the order in hand`,
  ].join('\n');
}
