import { ACTIVITY_KEPT_DAYS, type Activity } from '../domain/activity.ts';
import { isoInstant } from '../domain/dates.ts';
import type { Clock } from '../domain/ports.ts';
import type { Dynamo, Item } from './dynamo.ts';
import { activityPartition, activitySk, type Places } from './keys.ts';
import { before, type Page } from './ledger.ts';

/** The activity log of connections. */
export interface ActivityLog {
  /** Adds entries in the order they happened, a few in one write. */
  add(company: string, connection: string, entries: readonly Activity[]): Promise<void>;
  /** One page, newest first; what is older than the days it is kept is never read. `after`/`next` are sort keys. */
  page(company: string, connection: string, limit: number, after: string | null): Promise<Page<Activity>>;
}

const DAY_MS = 86_400_000;
/** Entries of one write: far below what a transaction may hold, however large each is. */
const CHUNK = 25;

export function createActivityLog(dynamo: Dynamo, { connections: table }: Places, clock: Clock): ActivityLog {
  return {
    async add(company, connection, entries) {
      const pk = activityPartition(company, connection);
      const writes = entries.map((entry, at) => ({
        table,
        put: {
          ...entry,
          pk,
          // Several exchanges may fall into one millisecond.
          sk: activitySk(entry.at, `${String(at).padStart(3, '0')}#${entry.id}`),
          expiresAt: Math.ceil(Date.parse(entry.at) / 1000) + ACTIVITY_KEPT_DAYS * 86_400,
        },
      }));
      for (let from = 0; from < writes.length; from += CHUNK) {
        await dynamo.transact(writes.slice(from, from + CHUNK));
      }
    },

    async page(company, connection, limit, after) {
      const low = activitySk(isoInstant(clock.now() - ACTIVITY_KEPT_DAYS * DAY_MS), '');
      const high = after === null ? activitySk('9', '') : before(after);
      if (high < low) return { items: [], next: null };
      const pk = activityPartition(company, connection);
      const { items, last } = await dynamo.query({
        table,
        pk,
        between: [low, high],
        limit,
        descending: true,
      });
      return { items: items.map(entryOf), next: last?.sk ?? null };
    },
  };
}

/** The record without the attributes of the table. */
function entryOf({ pk: _pk, sk: _sk, expiresAt: _expiresAt, ...entry }: Item): Activity {
  return entry as unknown as Activity;
}
