import { pragueDay } from '../../sandbox/prague.ts';
import type { Connection, FeedEvent, Manifest, Pull } from '../cli/types.ts';
import { labelOf } from '../cli/find.ts';
import type { WrittenItem } from '../write-meter.ts';
import { collectAccounts, collectEvents, type Held } from './collect.ts';
import { backFill, connectBanks, pullBothWays, type BankId, type Connected } from './operator.ts';
import type { Listener } from './listener.ts';
import { isWanted, payFromEach, paymentFindings, type PaidOrder } from './pay.ts';
import type { Stage } from './stage.ts';
import { truthOf } from './truth.ts';
import { compare, compareEvents } from './verify.ts';

/** The demo itself: connect, pull, pay, pull again, compare. */

export interface SecondPull {
  readonly newTransactions: number;
  /** DynamoDB items written. */
  readonly writes: number;
}

export interface BankPlayed {
  readonly bank: BankId;
  readonly manifest: Manifest;
  readonly connection: Connection;
  readonly held: readonly Held[];
  readonly secondPull: SecondPull;
}

export interface Played {
  readonly banks: readonly BankPlayed[];
  /** None where real files are served: nothing can be booked into them. */
  readonly payments: readonly PaidOrder[];
  readonly events: readonly FeedEvent[];
  /** What is not as it should be. */
  readonly findings: readonly string[];
  readonly fromFiles: boolean;
  readonly seconds: number;
}

const HOUR_MS = 3_600_000;
const HOURLY = ['pull-plan', 'payments-sweep'];

/** @param options.startedAt epoch milliseconds */
export async function play(
  stage: Stage,
  options: {
    readonly fromFiles: boolean;
    readonly startedAt: number;
    readonly listener: Listener;
    readonly progress: (line: string) => void;
  },
): Promise<Played> {
  const { fromFiles, startedAt, listener, progress } = options;
  const findings: string[] = [];
  const connected = await connectBanks(stage, progress);
  for (const account of connected.flatMap(({ accounts }) => accounts))
    listener.call(account.id, labelOf(account));
  // Real files are shown in every format there is; of the seeded banks the default ones are enough.
  for (const one of connected) {
    await pullBothWays(
      stage,
      one,
      fromFiles ? one.manifest.statementFormats.map(({ format }) => format) : undefined,
    );
  }
  progress('The daily watch runs');
  await stage.gateway.runSchedules(new Date(slotOf(stage)).toISOString(), ['watch-daily']);
  progress('The hourly plan runs');
  await runSlot(stage, slotOf(stage), findings);
  if (fromFiles) findings.push(...(await backFillAll(stage, connected, progress)));
  const runPlan = (): Promise<void> => runSlot(stage, slotOf(stage), findings);
  const payments = fromFiles ? [] : await payFromEach(stage, connected, runPlan, progress);
  findings.push(...paymentFindings(payments));
  progress('The plan of the next hour runs');
  const before = stage.meter.written.length;
  const next = slotOf(stage) + HOUR_MS;
  await runSlot(stage, next, findings);
  const written = stage.meter.written.slice(before);

  progress('Comparing with what the banks hold');
  const results = await Promise.all(connected.map((one) => resultOf(stage, one)));
  const banks = results.map((result) => ({
    ...result,
    secondPull: secondPullOf(result, written, results),
  }));
  const { today: firstDay, oldest } = stage.sandbox;
  const today = pragueDay(stage.clock.now());
  for (const { bank, manifest, held, secondPull } of banks) {
    const source = truthOf(stage.sandbox, bank);
    findings.push(
      ...compare(held, { source, manifest, firstDay, today, oldestFile: fromFiles ? oldest : null }),
      ...compareSecond(manifest, held, secondPull, new Date(next).toISOString()),
    );
  }
  const events = await collectEvents(stage.client);
  const all = banks.flatMap(({ held }) => held);
  findings.push(
    ...compareEvents(events, all),
    ...accessFindings(banks, listener.alarms),
    ...listener.alarms.filter((alarm) => !isEnd(alarm) && !isWanted(payments)(alarm)),
  );
  return {
    banks,
    payments,
    events,
    findings,
    fromFiles,
    seconds: Math.round((Date.now() - startedAt) / 100) / 10,
  };
}

const isEnd = (alarm: string): boolean => alarm.includes('alarm.access-ends');

/** The watch must have told of every access that ends soon, and of no other. */
function accessFindings(banks: readonly BankResult[], alarms: readonly string[]): string[] {
  return banks.flatMap(({ manifest, connection: { id, daysLeft } }) => {
    const soon = daysLeft !== null && daysLeft <= 30;
    const told = alarms.some((alarm) => isEnd(alarm) && alarm.includes(id));
    if (soon === told) return [];
    return [
      `the access to ${manifest.name} ends in ${daysLeft} days, and the watch ${told ? 'says it ends soon' : 'is silent'}`,
    ];
  });
}

/** The slot of the hourly plan that the banks' time is in, epoch milliseconds. */
const slotOf = ({ clock }: Stage): number => Math.floor(clock.now() / HOUR_MS) * HOUR_MS;

interface BankResult extends Omit<BankPlayed, 'secondPull'> {
  /** What the keys of this bank's items hold: ids of accounts and credential, the credential's fingerprint. */
  readonly marks: readonly string[];
}

async function resultOf(
  stage: Stage,
  { bank, manifest, connection: { id } }: Connected,
): Promise<BankResult> {
  const held = await collectAccounts(stage, id);
  const connection = await stage.client.call<Connection>('GET', `/connections/${id}`);
  const { credential } = connection;
  const marks = [
    ...held.map(({ account }) => account.id),
    ...(credential ? [credential.id, credential.fingerprint] : []),
  ];
  return { bank, manifest, connection, held, marks };
}

/** Every item counts that is not plainly another bank's. */
function secondPullOf(
  { held, marks }: BankResult,
  written: readonly WrittenItem[],
  all: readonly BankResult[],
): SecondPull {
  const foreign = all.flatMap((one) => (one.marks === marks ? [] : one.marks));
  return {
    newTransactions: held.reduce((sum, { account }) => sum + (account.lastPull?.newTransactions ?? 0), 0),
    writes: written.filter(({ pk, sk }) => !foreign.some((mark) => `${pk}|${sk}`.includes(mark))).length,
  };
}

async function runSlot({ gateway }: Stage, slot: number, findings: string[]): Promise<void> {
  await gateway.runSchedules(new Date(slot).toISOString(), HOURLY);
  const givenBack = await gateway.drain();
  if (givenBack > 0) findings.push(`${givenBack} messages of the pull queue failed`);
}

/** From the oldest file on. @returns the pulls that failed */
async function backFillAll(
  stage: Stage,
  connected: readonly Connected[],
  progress: (line: string) => void,
): Promise<string[]> {
  const { oldest, today } = stage.sandbox;
  progress(`Back-fill from ${oldest}`);
  const pulls: Pull[] = [];
  for (const one of connected) pulls.push(...(await backFill(stage, one, { from: oldest, to: today })));
  await stage.gateway.drain();
  const findings: string[] = [];
  for (const { id, account } of pulls) {
    const { status, result } = await stage.client.call<Pull>('GET', `/accounts/${account}/pulls/${id}`);
    if (status !== 'done')
      findings.push(`back-fill of ${account} is ${status}: ${result?.failure?.message ?? ''}`);
  }
  return findings;
}

/**
 * A pull that finds nothing new writes its account's item twice and the quota once, nothing else; where there is a
 * consent, its tokens and what the vault has of them.
 */
function compareSecond(
  { consent }: Manifest,
  held: readonly Held[],
  { newTransactions, writes }: SecondPull,
  slot: string,
): string[] {
  const pulled = held.filter(({ account }) => account.lastPull?.id === slot);
  const findings: string[] = [];
  if (newTransactions > 0)
    findings.push(`the second pull brought ${newTransactions} transactions that were known`);
  const most = 2 * pulled.length + 1 + (consent ? 2 : 0);
  if (writes > most) findings.push(`the second pull wrote ${writes} items, ${most} are enough`);
  return findings;
}
