import { afterAll, beforeAll } from 'vitest';
import { addDays, dateIn, isoInstant } from '../../../shared/domain/dates.ts';
import type { FeedEvent } from '../../../shared/domain/event.ts';
import type { Window } from '../../../shared/domain/model.ts';
import type {
  Account,
  LedgerRow,
  PullMode,
  PullRecord,
  StatementRecord,
} from '../../../shared/domain/records.ts';
import { planPulls } from '../../../shared/flows/pull/plan.ts';
import type { PullPorts } from '../../../shared/flows/pull/ports.ts';
import { requestPull } from '../../../shared/flows/pull/request.ts';
import { runPulls } from '../../../shared/flows/pull/run.ts';
import type { ExchangeRequest, ExchangeResponse } from '../../../shared/http/types.ts';
import { createActivityLog } from '../../../shared/store/activity.ts';
import { createAccounts } from '../../../shared/store/accounts.ts';
import { createConnections } from '../../../shared/store/connections.ts';
import { createDynamo, dynamoClient } from '../../../shared/store/dynamo.ts';
import { createFeed } from '../../../shared/store/feed.ts';
import { createGate } from '../../../shared/store/gate.ts';
import { createLedger } from '../../../shared/store/ledger.ts';
import { virtualTime, type Actor } from '../../faults/actor.ts';
import { exchangeInMemory } from '../../faults/bank-exchange.ts';
import { chance } from '../../faults/chance.ts';
import { startEngines, type Engines } from '../../faults/engines.ts';
import { setStage, withTokens, type Company, type QueuedMessage, type Stage } from '../../faults/stage.ts';
import { road, type Command, type Road } from '../../store/support.ts';

/** A Wednesday at ten in Prague. */
export const START = Date.parse('2026-09-16T08:00:00Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const PRAGUE = 'Europe/Prague';
/** What pull-run is deployed with. */
export const TIMEOUT = 5 * MINUTE;

/** Engines for a test file. */
export function useEngines(): { readonly engines: Engines } {
  let engines: Engines | undefined;
  beforeAll(async () => {
    // What a play draws by chance hangs on its number: the same in whatever company its file runs.
    plays = 0;
    engines = await startEngines();
  });
  afterAll(async () => engines?.stop());
  return {
    get engines() {
      return engines!;
    },
  };
}

/** Who plays. What is left out is one company with one account in CZK, both channels, two days of history. */
export interface Cast {
  readonly companies?: 1 | 2;
  readonly sharedCertificate?: boolean;
  /** Accounts of each company, on one connection. */
  readonly accounts?: 1 | 2;
  /** Of the harness's folders: 0 trade in CZK, 1 trade in EUR, 2 EUR abroad, 3 wages in CZK. */
  readonly folder?: 0 | 1 | 2 | 3;
  readonly mode?: PullMode;
  readonly historyDays?: number;
  /** Rows of one page of the bank's transaction list. */
  readonly pageSize?: number;
  readonly start?: number;
  /** Banks of the same seed have booked the same. */
  readonly seed?: string;
}

let plays = 0;

/** A stage of the fault harness with a cast of one's own choice instead of a seed's. */
export async function play(engines: Engines, cast: Cast = {}): Promise<Stage> {
  const name = `play${++plays}`;
  const { companies = 1, sharedCertificate = false, accounts = 1 } = cast;
  const rest = chance(plays);
  // What a stage asks of chance, in its order: companies, certificates, accounts of each company.
  const script = [companies === 2 ? 0 : 0.9, sharedCertificate ? 0 : 0.9];
  for (let n = 0; n < companies; n++) script.push(...(accounts === 2 ? [0, 0, 0] : [0.9, 0.9]));
  const numbers: Record<number, number> = {
    3: (cast.historyDays ?? 2) - 1,
    4: cast.folder ?? 0,
    8: (cast.pageSize ?? 6) - 4,
  };
  const time = virtualTime(cast.start ?? START);
  return setStage(cast.seed ?? name, await engines.open(name), time, {
    ...rest,
    next: () => script.shift() ?? rest.next(),
    int: (below) => numbers[below] ?? rest.int(below),
    pick: <T>(from: readonly T[]) =>
      from.includes('both' as T) ? ((cast.mode ?? 'both') as T) : rest.pick(from),
  });
}

/** Ports on which every effect passes `at`, which may do something else than call. */
export function portsThrough(stage: Stage, at: Actor['effect']): PullPorts {
  return stage.ports({
    clock: stage.calm.clock,
    stopped: new Promise(() => undefined),
    effect: at,
    wake: () => undefined,
    struck: () => false,
  });
}

/** Ports whose calls to the tables are recorded, and may meet with an accident. */
export function portsOnRoad(stage: Stage): { ports: PullPorts; road: Road<Command> } {
  const { clock, random } = stage.calm;
  const way = road(dynamoClient());
  const dynamo = createDynamo(way.send, clock, withTokens(random));
  const feed = createFeed(dynamo, stage.places, clock, random);
  const ports: PullPorts = {
    ...stage.calm,
    feed,
    accounts: createAccounts(dynamo, feed, stage.places),
    connections: createConnections(dynamo, feed, stage.places),
    gate: createGate(dynamo, stage.places, clock),
    activity: createActivityLog(dynamo, stage.places, clock),
    ledgerOf: (company, account) => createLedger(dynamo, stage.places, company, account),
  };
  return { ports, road: way };
}

/** Ports behind which `tamper` changes what the bank answers. */
export function portsWith(
  stage: Stage,
  tamper: (
    response: ExchangeResponse,
    request: ExchangeRequest,
  ) => ExchangeResponse | Promise<ExchangeResponse>,
): PullPorts {
  return {
    ...stage.calm,
    exchange: async (request) => tamper(await exchangeInMemory(stage.bank, request), request),
  };
}

/** A tampering that rewrites the JSON of one kind of answer, told by the end of its path. */
export function inJson(
  path: RegExp,
  // The bank's answers are what a test makes of them.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  change: (body: any) => unknown,
): (response: ExchangeResponse, request: ExchangeRequest) => ExchangeResponse {
  return (response, request) => {
    if (!path.test(new URL(request.url).pathname) || response.status !== 200) return response;
    const body: unknown = JSON.parse(Buffer.from(response.body).toString('utf8'));
    return { ...response, body: Buffer.from(JSON.stringify(change(body) ?? body)) };
  };
}

/** The same for the text of a downloaded statement. */
export function inDownload(
  change: (text: string) => string | Uint8Array,
): (response: ExchangeResponse, request: ExchangeRequest) => ExchangeResponse {
  return (response, request) => {
    if (!request.url.endsWith('/download') || response.status !== 200) return response;
    return { ...response, body: Buffer.from(change(Buffer.from(response.body).toString('utf8'))) };
  };
}

export const slotAt = (now: number): string => isoInstant(Math.floor(now / HOUR) * HOUR);
export const today = (stage: Stage): string => dateIn(PRAGUE, stage.time.now());

/** Runs one message as pull-run does: one that fails comes again when its visibility ends. @returns the error */
export async function deliver(
  stage: Stage,
  queued: QueuedMessage,
  ports = stage.calm,
): Promise<Error | null> {
  stage.queue.splice(stage.queue.indexOf(queued), 1);
  try {
    await runPulls(ports, queued.message, stage.time.now() + TIMEOUT);
    return null;
  } catch (error) {
    stage.queue.push({ ...queued, visibleAt: stage.time.now() + 30 * MINUTE });
    return error as Error;
  }
}

/** Runs every message that can be taken now. @returns the errors of those that failed */
export async function drain(stage: Stage, ports = stage.calm): Promise<Error[]> {
  const errors: Error[] = [];
  for (;;) {
    const queued = stage.queue.find(({ visibleAt }) => visibleAt <= stage.time.now());
    if (!queued) return errors;
    const error = await deliver(stage, queued, ports);
    if (error) errors.push(error);
  }
}

/** One slot of the schedule: plan, then run. @returns the errors of messages that failed */
export async function runSlot(stage: Stage, ports = stage.calm): Promise<Error[]> {
  await planPulls(ports, slotAt(stage.time.now()));
  return drain(stage, ports);
}

/** The next slot, an hour later. */
export async function nextSlot(stage: Stage, ports = stage.calm, pause = HOUR): Promise<Error[]> {
  stage.time.advance(pause);
  return runSlot(stage, ports);
}

/** Asks for a pull by hand and runs it. @returns its record as it ended */
export async function pullByHand(
  stage: Stage,
  window: Window | null,
  ports = stage.calm,
  company = stage.companies[0]!,
): Promise<PullRecord> {
  const account = await accountOf(stage, company);
  const connection = (await stage.calm.connections.get(company.id, account.connection))!;
  const ready = { ...connection, credential: connection.credential! };
  const ledger = stage.calm.ledgerOf(company.id, account.id);
  const pull = await requestPull({ ...stage.calm, dynamo: stage.dynamo }, ledger, account, ready, window);
  stage.asked.push(pull);
  await drain(stage, ports);
  return (await ledger.pull(pull.id))!;
}

export async function accountOf(
  stage: Stage,
  company: Company = stage.companies[0]!,
  n = 0,
): Promise<Account> {
  return (await stage.calm.accounts.get(company.id, company.accounts[n]!.id))!;
}

/** Every row of an account, by booking date. */
export async function rowsOf(stage: Stage, account?: Account): Promise<LedgerRow[]> {
  const { company, id } = account ?? (await accountOf(stage));
  const ledger = stage.calm.ledgerOf(company, id);
  const rows: LedgerRow[] = [];
  let after: string | null = null;
  do {
    const page: { items: readonly LedgerRow[]; next: string | null } = await ledger.transactions(
      { from: '2000-01-01', to: '2100-01-01' },
      500,
      after,
    );
    rows.push(...page.items);
    after = page.next;
  } while (after !== null);
  return rows;
}

export async function statementsOf(stage: Stage, account?: Account): Promise<StatementRecord[]> {
  const { company, id } = account ?? (await accountOf(stage));
  return stage.calm.ledgerOf(company, id).statementsIn({ from: '2000-01-01', to: '2100-01-01' });
}

export async function eventsOf(stage: Stage, company = stage.companies[0]!): Promise<FeedEvent[]> {
  return (await stage.calm.feed.read(company.id, 0, 500)).events;
}

/** Log lines of one event. */
export const logged = (stage: Stage, event: string): Record<string, unknown>[] =>
  stage.lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['event'] === event);

/** References and amounts of what the bank has booked on the days of a span, as the ledger should hold them. */
export function truthOf(stage: Stage, account: Account, from: string, to: string): string[] {
  return stage.bank.source
    .booked(account.handle, account.currency, from, to)
    .map(({ entryReference, date, minor }) => `${date} ${entryReference} ${minor}`)
    .sort();
}

export const told = (rows: readonly LedgerRow[]): string[] =>
  rows.map(({ transaction: t }) => `${t.bookingDate} ${t.bankReference} ${t.amount.minor}`).sort();

/** The first day the cast's windows reach. */
export const firstDay = ({ createdAt, settings }: Account): string =>
  addDays(dateIn(PRAGUE, Date.parse(createdAt)), -settings.historyDays - 1);

/** What one run asked the bank, each operation with the number of its calls. */
export function callsOf(stage: Stage, from = 0): Record<string, number> {
  const calls: Record<string, number> = {};
  for (const { operation } of stage.bank.requests().slice(from)) {
    calls[operation ?? 'none'] = (calls[operation ?? 'none'] ?? 0) + 1;
  }
  return calls;
}
