import { conflict } from '../../api/problem.ts';
import { recordedUntil } from '../../domain/activity.ts';
import { isoInstant } from '../../domain/dates.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Connection } from '../../domain/records.ts';
import type { Connections } from '../../store/connections.ts';

const DAY_MS = 86_400_000;

/**
 * Switches the activity log of a connection on for so many days from now, or off with 0. It ends by itself.
 * @throws Problem 409 when somebody else changed the connection meanwhile
 */
export async function switchActivity(
  { clock, connections }: { readonly clock: Clock; readonly connections: Connections },
  connection: Connection,
  days: number,
): Promise<Connection> {
  const now = clock.now();
  const until = days === 0 ? null : isoInstant(now + days * DAY_MS);
  if (until === null && recordedUntil(connection, now) === null) return connection;
  const event = { type: 'activity.switched', subject: connection.id, data: { until } } as const;
  const changed = await connections.change(connection, { activityUntil: until }, [event]);
  if (changed) return changed;
  throw conflict('changed-meanwhile', 'The connection changed in this moment; read it and try again.');
}
