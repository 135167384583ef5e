import type { CertificateCredential, Connection, ConsentCredential } from '../../../shared/domain/records.ts';
import { addDays, isoInstant } from '../../../shared/domain/dates.ts';
import type { FeedEvent } from '../../../shared/domain/event.ts';
import type { WatchPorts } from '../../../shared/flows/watch/daily.ts';
import { createLog } from '../../../shared/http/redaction.ts';
import { createActivityLog } from '../../../shared/store/activity.ts';
import { createAccounts } from '../../../shared/store/accounts.ts';
import { createCompanies } from '../../../shared/store/companies.ts';
import { createConnections } from '../../../shared/store/connections.ts';
import { createDynamo, dynamoClient, type Dynamo } from '../../../shared/store/dynamo.ts';
import { createFeed, type Feed } from '../../../shared/store/feed.ts';
import { createGate } from '../../../shared/store/gate.ts';
import type { Places } from '../../../shared/store/keys.ts';
import { createPayments } from '../../../shared/store/payments.ts';
import { createSeal } from '../../../shared/store/seal.ts';
import { createTokens } from '../../../shared/store/tokens.ts';
import { createVault, vaultClient } from '../../../shared/store/vault.ts';
import { createActor, type Actor, type VirtualTime } from '../../faults/actor.ts';
import { DATA_KEY } from '../../faults/engines.ts';
import { connection as record, credential as certificate } from '../../store/records.ts';
import { random } from '../../store/support.ts';

/** The watch on tables of its own, under a clock that a test moves. */
export interface World {
  readonly time: VirtualTime;
  readonly dynamo: Dynamo;
  readonly feed: Feed;
  /** Lines every run logged. */
  readonly lines: string[];
  /** What the watch needs, each effect passing the actor. */
  ports(actor: Actor): WatchPorts;
  readonly calm: WatchPorts;
}

export const DAY = 86_400_000;

export function watchWorld(places: Places, time: VirtualTime): World {
  const lines: string[] = [];
  const table = dynamoClient();
  const vault = vaultClient();
  const ports = (actor: Actor): WatchPorts => {
    const { clock } = actor;
    const dynamo = createDynamo(
      (command) => actor.effect('table', command.constructor.name, () => table(command)),
      clock,
      random,
    );
    const toVault: typeof vault = (command) =>
      actor.effect('vault', command.constructor.name, () => vault(command));
    const feed = createFeed(dynamo, places, clock, random);
    return {
      clock,
      random,
      log: createLog({ write: (line) => lines.push(line), level: 'info', now: clock.now }),
      gate: createGate(dynamo, places, clock),
      vault: createVault(toVault, 'watch/', clock, random),
      tokens: createTokens(dynamo, places, createSeal(toVault, DATA_KEY, clock, random)),
      activity: createActivityLog(dynamo, places, clock),
      exchange: () => Promise.reject(new Error('No bank is called here')),
      simulated: null,
      companies: createCompanies(dynamo, feed, places),
      connections: createConnections(dynamo, feed, places),
      accounts: createAccounts(dynamo, feed, places),
      payments: createPayments(dynamo, feed, places),
    };
  };
  const actor = createActor(time, null, 0);
  const dynamo = createDynamo(table, actor.clock, random);
  // Read as if no event were ever too old to be shown.
  const feed = createFeed(dynamo, places, { ...actor.clock, now: () => 0 }, random);
  return { time, dynamo, feed, lines, ports, calm: ports(actor) };
}

/** Lists a company, as its bootstrap does for the first one. */
export async function addCompany({ dynamo }: World, places: Places, id: string): Promise<void> {
  const put = { pk: 'bootstrap', sk: id, company: id };
  await dynamo.transact([{ table: places.connections, put }]);
}

export async function addConnection(
  { calm }: World,
  company: string,
  id: string,
  told: Partial<Connection> = {},
): Promise<Connection> {
  const made = record(id, company, { code: id, ...told });
  await calm.connections.create(made, { type: 'connection.created', subject: id, data: {} });
  return made;
}

let made = 0;
const fingerprint = (): string => String(++made).padStart(64, '0');

/** A certificate that ends on a day, at noon UTC. */
export function certificateUntil(
  company: string,
  id: string,
  day: string,
  told: Partial<CertificateCredential> = {},
): CertificateCredential {
  return certificate(id, company, {
    fingerprint: fingerprint(),
    notBefore: '2020-01-01T00:00:00.000Z',
    notAfter: `${day}T12:00:00.000Z`,
    ...told,
  });
}

export function consentUntil(company: string, id: string, day: string): ConsentCredential {
  const notBefore = isoInstant(Date.parse(`${addDays(day, -180)}T12:00:00Z`));
  return {
    id,
    company,
    kind: 'consent',
    fingerprint: fingerprint(),
    notBefore,
    notAfter: `${day}T12:00:00.000Z`,
    grantedAt: notBefore,
    scopes: [],
    warnings: [],
    provenAt: notBefore,
    createdAt: notBefore,
  };
}

/** Every event of a company of these types, in order. */
export async function eventsOf({ feed }: World, company: string, types: RegExp): Promise<FeedEvent[]> {
  const found: FeedEvent[] = [];
  for (let after = 0; ;) {
    const { events, last } = await feed.read(company, after, 500);
    if (last === after) return found;
    found.push(...events.filter(({ type }) => types.test(type)));
    after = last;
  }
}

export const alarms = ({ lines }: World, name: string): Record<string, unknown>[] =>
  lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === `alarm.${name}`);
