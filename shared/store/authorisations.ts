import { createHash } from 'node:crypto';
import type { Authorisation } from '../domain/authorisation.ts';
import type { NewEvent } from '../domain/event.ts';
import { ConditionFailed, type Dynamo, type Item, type Write } from './dynamo.ts';
import type { Feed } from './feed.ts';
import { authorisationKey, statePointerKey, type Places } from './keys.ts';

/** The authorisations of connections: the last one started of each. */
export interface Authorisations {
  /** Starts one; another of the same connection ends with it. */
  start(authorisation: Authorisation): Promise<void>;
  get(company: string, connection: string): Promise<Authorisation | null>;
  /** By the hash of its link or of its state, read through the pointer and again under its company. */
  find(hash: string): Promise<Authorisation | null>;
  /**
   * Changes it if nobody else did since it was read.
   * @param further writes that belong to the same change
   * @returns it as it stands now, `null` when somebody was first
   */
  change(
    authorisation: Authorisation,
    set: Partial<Authorisation>,
    events?: readonly NewEvent[],
    further?: readonly Write[],
  ): Promise<Authorisation | null>;
}

/** What stands in the table for a secret that a browser shows. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Partition nobody has: a link that does not exist costs two reads like one that does. */
const NOBODY = 'nobody';

export function createAuthorisations(dynamo: Dynamo, feed: Feed, places: Places): Authorisations {
  const table = places.connections;
  const get = async (company: string, connection: string): Promise<Authorisation | null> =>
    recordOf(await dynamo.get(table, authorisationKey(company, connection)));
  const pointer = (hash: string, { company, connection }: Authorisation): Write => ({
    table,
    put: { ...statePointerKey(hash), company, connection },
    when: 'absent',
  });

  return {
    get,

    start: (started) =>
      dynamo.transact([
        { table, put: { ...started, ...authorisationKey(started.company, started.connection) } },
        pointer(started.linkHash, started),
      ]),

    async find(hash) {
      const found = await dynamo.get(table, statePointerKey(hash));
      const standing = await get(String(found?.['company'] ?? NOBODY), String(found?.['connection'] ?? ''));
      // A newer authorisation of the connection took its place.
      return standing && (standing.linkHash === hash || standing.stateHash === hash) ? standing : null;
    },

    async change(authorisation, set, events = [], further = []) {
      const { company, connection, id, revision } = authorisation;
      const next = { ...authorisation, ...set, revision: revision + 1 };
      const writes: Write[] = [
        {
          table,
          update: authorisationKey(company, connection),
          set: { ...set, revision: revision + 1 } as Item,
          when: { equals: { revision, id } },
        },
        ...(set.stateHash ? [pointer(set.stateHash, next)] : []),
        ...further,
      ];
      try {
        if (events.length > 0) await feed.commit(company, writes, events);
        else await dynamo.transact(writes);
        return next;
      } catch (error) {
        if (error instanceof ConditionFailed) return null;
        throw error;
      }
    },
  };
}

/** The record without the attributes of the table. */
function recordOf(item: Item | null): Authorisation | null {
  if (!item) return null;
  const { pk: _pk, sk: _sk, ...record } = item;
  return record as unknown as Authorisation;
}
