import { isoInstant } from '../domain/dates.ts';
import type { Failure } from '../domain/failure.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { Connection, Credential } from '../domain/records.ts';
import type { Connections } from '../store/connections.ts';
import { isInDate } from './watch/ends.ts';

export interface PausePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly connections: Connections;
}

/**
 * Stops a connection's schedule until a person acted. Everything stored stays; says it once. Does nothing when another
 * credential took the place of the one that failed meanwhile: what a run under the old consent meets does not concern
 * the new one.
 */
export async function pauseConnection(
  ports: PausePorts,
  connection: Connection,
  failure: Failure,
): Promise<void> {
  let standing: Connection | null = connection;
  while (standing && standing.status !== 'paused' && standing.credential === connection.credential) {
    if (await pause(ports, standing, failure)) return;
    standing = await ports.connections.get(connection.company, connection.id);
  }
}

/** @returns false when it changed meanwhile */
async function pause(
  ports: PausePorts,
  connection: Connection,
  { kind, message }: Failure,
): Promise<boolean> {
  const { id, bank } = connection;
  const since = isoInstant(ports.clock.now());
  const event = { type: 'connection.paused', subject: id, data: { kind, bank } } as const;
  const set = { status: 'paused', pause: { kind, message, since } } as const;
  if (!(await ports.connections.change(connection, set, [event]))) return false;
  ports.log.error('alarm.connection-paused', { connection: id, kind });
  return true;
}

/**
 * Stops every connection of the company that uses the refused credential; one whose certificate was changed goes back
 * to the one before, if that can still be used.
 */
export async function pauseCredential(
  ports: PausePorts,
  company: string,
  credential: string,
  failure: Failure,
): Promise<void> {
  for (const connection of await ports.connections.list(company)) {
    let standing: Connection | null = connection;
    while (standing?.credential === credential && standing.status !== 'paused') {
      if ((await returnToPrevious(ports, standing)) || (await pause(ports, standing, failure))) break;
      standing = await ports.connections.get(company, connection.id);
    }
  }
}

/**
 * A new certificate that the bank took and then refuses: the one before is put back into use, once. Should the bank
 * refuse that one too, there is none left to return to, and the connection pauses.
 */
async function returnToPrevious(ports: PausePorts, connection: Connection): Promise<boolean> {
  const { id, company, bank, status, credential, previous = null } = connection;
  if (status !== 'active' || previous === null) return false;
  const before = await ports.connections.credential(company, previous);
  if (!before || !isUsable(before, ports.clock.now())) return false;
  const event = {
    type: 'credential.returned',
    subject: id,
    data: { bank, credential: previous, refused: credential },
  } as const;
  const set = { credential: previous, previous: null };
  if (!(await ports.connections.change(connection, set, [event]))) return false;
  ports.log.error('alarm.credential-returned', { connection: id, credential: previous });
  return true;
}

/** Within its dates, and not due for a person's reactivation. */
function isUsable(credential: Credential, now: number): boolean {
  if (credential.kind !== 'client-certificate' || !isInDate(credential, now)) return false;
  return credential.reactivateBy === null || credential.reactivateBy > isoInstant(now).slice(0, 10);
}
