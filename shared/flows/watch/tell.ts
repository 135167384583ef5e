import type { Manifest } from '../../banks/contract.ts';
import type { NewEvent } from '../../domain/event.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import type { Connection, Credential } from '../../domain/records.ts';
import type { Connections } from '../../store/connections.ts';
import { endsOf, stepOf, type End } from './ends.ts';

export interface TellPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly connections: Connections;
}

interface News {
  readonly end: End;
  readonly step: number;
}

/** Rounds in which a connection that others change is read again; the next day tells what is left. */
const ROUNDS = 3;

/**
 * Tells which ends of a connection's access have come a step nearer. What was told stands on the connection and is
 * written in the transaction of the events, so each step is told once however often this runs, and is told late
 * rather than never when it did not run. The alarm goes first: one too many is better than none.
 */
export async function tellEnds(
  ports: TellPorts,
  connection: Connection,
  credential: Credential,
  manifest: Manifest,
): Promise<void> {
  let standing: Connection | null = connection;
  for (let round = 1; round <= ROUNDS && standing?.credential === credential.id; round++) {
    const ends = endsOf(manifest, credential, ports.clock.now());
    const news = newsOf(standing, ends);
    if (news.length === 0) return;
    for (const one of news) alarm(ports.log, standing, one);
    const told = { ...remembered(standing, ends), ...Object.fromEntries(news.map(entryOf)) };
    const events = news.map((one) => eventOf(standing!, one));
    if (await ports.connections.change(standing, { told }, events)) return;
    standing = await ports.connections.get(connection.company, connection.id);
  }
}

/** A renewal moves the end, and with it the whole ladder begins anew. */
const keyOf = ({ what, until }: End): string => `${what} ${until}`;
const entryOf = ({ end, step }: News): [string, number] => [keyOf(end), step];

function newsOf({ told = {} }: Connection, ends: readonly End[]): News[] {
  return ends.flatMap((end) => {
    const step = stepOf(end);
    return step === null || step >= (told[keyOf(end)] ?? Infinity) ? [] : [{ end, step }];
  });
}

/** What was told of ends that still are to come; others are forgotten. */
function remembered({ told = {} }: Connection, ends: readonly End[]): Record<string, number> {
  const keys = new Set(ends.map(keyOf));
  return Object.fromEntries(Object.entries(told).filter(([key]) => keys.has(key)));
}

function alarm(log: Log, { id, bank }: Connection, { end: { what, until, daysLeft } }: News): void {
  log.error('alarm.access-ends', { connection: id, bank, kind: what, until, days: daysLeft });
}

function eventOf({ id, bank }: Connection, { end: { what, until, daysLeft }, step }: News): NewEvent {
  const data = { bank, what, until };
  return step === 0
    ? { type: 'access.expired', subject: id, data }
    : { type: 'access.expiring', subject: id, data: { ...data, days: daysLeft } };
}
