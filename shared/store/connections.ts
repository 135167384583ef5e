import type { NewEvent } from '../domain/event.ts';
import type { Connection, Credential } from '../domain/records.ts';
import { ConditionFailed, type Dynamo, type Item, type Write } from './dynamo.ts';
import type { Feed } from './feed.ts';
import { codeKey, connectionKey, credentialKey, fingerprintKey, type Places } from './keys.ts';

/** Connections and the credentials they refer to. */
export interface Connections {
  get(company: string, id: string): Promise<Connection | null>;
  list(company: string): Promise<Connection[]>;
  /** @returns false when the company has a connection of that code */
  create(connection: Connection, event: NewEvent): Promise<boolean>;
  /**
   * Changes a connection and tells it in the feed.
   * @param further writes that belong to the same change
   * @returns the connection as it stands now, `null` when it changed in between (read it again)
   */
  change(
    connection: Connection,
    set: Partial<Connection>,
    events: readonly NewEvent[],
    further?: readonly Write[],
  ): Promise<Connection | null>;
  /** @returns false when it is gone already */
  remove(connection: Connection, event: NewEvent): Promise<boolean>;
  credential(company: string, id: string): Promise<Credential | null>;
  /** The credential this company has for a certificate, by its fingerprint. */
  credentialByFingerprint(company: string, fingerprint: string): Promise<Credential | null>;
  /** @returns the credential that stands: this one, or the one another upload of the same certificate made first */
  addCredential<C extends Credential>(credential: C): Promise<C>;
  changeCredential<C extends Credential>(credential: C, set: Partial<C>): Promise<C>;
}

export function createConnections(dynamo: Dynamo, feed: Feed, places: Places): Connections {
  const table = places.connections;

  const credential = async (company: string, id: string): Promise<Credential | null> =>
    (await dynamo.get(table, credentialKey(company, id))) as Credential | null;

  async function credentialByFingerprint(company: string, fingerprint: string): Promise<Credential | null> {
    const pointer = await dynamo.get(table, fingerprintKey(company, fingerprint));
    return pointer ? credential(company, String(pointer['credential'])) : null;
  }

  return {
    credential,
    credentialByFingerprint,

    async get(company, id) {
      return (await dynamo.get(table, connectionKey(company, id))) as Connection | null;
    },

    async list(company) {
      const items = await dynamo.queryAll({ table, pk: company, prefix: 'connection#' });
      return items as unknown as Connection[];
    },

    create: (connection, event) =>
      unlessRefused(
        feed.commit(
          connection.company,
          [
            {
              table,
              put: { ...connection, ...connectionKey(connection.company, connection.id) },
              when: 'absent',
            },
            {
              table,
              put: { ...codeKey(connection.company, connection.code), connection: connection.id },
              when: 'absent',
            },
          ],
          [event],
        ),
      ),

    async change(connection, set, events, further = []) {
      const revision = connection.revision + 1;
      const update: Write = {
        table,
        update: connectionKey(connection.company, connection.id),
        set: { ...set, revision },
        when: { equals: { revision: connection.revision } },
      };
      try {
        await feed.commit(connection.company, [update, ...further], events);
        return { ...connection, ...set, revision };
      } catch (error) {
        if (error instanceof ConditionFailed) return null;
        throw error;
      }
    },

    remove: (connection, event) =>
      unlessRefused(
        feed.commit(
          connection.company,
          [
            { table, remove: connectionKey(connection.company, connection.id), when: 'present' },
            { table, remove: codeKey(connection.company, connection.code) },
          ],
          [event],
        ),
      ),

    async addCredential<C extends Credential>(added: C) {
      try {
        await dynamo.transact([
          { table, put: { ...added, ...credentialKey(added.company, added.id) }, when: 'absent' },
          {
            table,
            put: { ...fingerprintKey(added.company, added.fingerprint), credential: added.id },
            when: 'absent',
          },
        ]);
        return added;
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        const standing = await credentialByFingerprint(added.company, added.fingerprint);
        if (!standing) throw error;
        // The same fingerprint is the same kind.
        return standing as C;
      }
    },

    async changeCredential<C extends Credential>(changed: C, set: Partial<C>) {
      const item = await dynamo.update({
        table,
        update: credentialKey(changed.company, changed.id),
        set: set as Item,
        when: { exists: true },
      });
      return item as unknown as C;
    },
  };
}

/** @returns false when a condition did not hold */
async function unlessRefused(change: Promise<void>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
