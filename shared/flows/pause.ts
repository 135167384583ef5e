import { isoInstant } from '../domain/dates.ts';
import type { Failure } from '../domain/failure.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { Connection } from '../domain/records.ts';
import type { Connections } from '../store/connections.ts';

export interface PausePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly connections: Connections;
}

/** Stops a connection's schedule until a person acted. Everything stored stays; says it once. */
export async function pauseConnection(
  ports: PausePorts,
  connection: Connection,
  failure: Failure,
): Promise<void> {
  let standing: Connection | null = connection;
  while (standing && standing.status !== 'paused') {
    const pause = { kind: failure.kind, message: failure.message, since: isoInstant(ports.clock.now()) };
    const event = {
      type: 'connection.paused',
      subject: standing.id,
      data: { kind: failure.kind, bank: standing.bank },
    } as const;
    const changed = await ports.connections.change(standing, { status: 'paused', pause }, [event]);
    if (changed) {
      ports.log.error('alarm.connection-paused', { connection: standing.id, kind: failure.kind });
      return;
    }
    standing = await ports.connections.get(connection.company, connection.id);
  }
}

/** Pauses every connection of the company that uses the credential. */
export async function pauseCredential(
  ports: PausePorts,
  company: string,
  credential: string,
  failure: Failure,
): Promise<void> {
  const connections = await ports.connections.list(company);
  for (const connection of connections.filter((one) => one.credential === credential)) {
    await pauseConnection(ports, connection, failure);
  }
}
