import { createHash } from 'node:crypto';
import type { NewEvent } from '../domain/event.ts';
import type { Account, AccountSettings } from '../domain/records.ts';
import { ConditionFailed, type Dynamo, type Item, type Update } from './dynamo.ts';
import type { Feed } from './feed.ts';
import { isRetriable } from './retry.ts';
import { accountKey, DUE_INDEX, DUE_SHARDS, type Places } from './keys.ts';

/** What a pull may change of an account, in one write. */
export type AccountProgress = Pick<
  Account,
  'sync' | 'lastPull' | 'freshAt' | 'staleSince' | 'slot' | 'failures' | 'balancesHash'
>;

/** An account found in the index of due ones; re-read under its company before anything is done with it. */
export interface DueAccount {
  readonly company: string;
  readonly account: string;
  readonly connection: string;
}

export interface Accounts {
  get(company: string, id: string): Promise<Account | null>;
  getMany(company: string, ids: readonly string[]): Promise<Account[]>;
  list(company: string): Promise<Account[]>;
  /** Adds a discovered account. @returns false when it is there already */
  add(account: Account, event: NewEvent): Promise<boolean>;
  /** Writes what a renewed listing tells: handle, name, whether the bank still shows it. */
  refresh(
    account: Account,
    set: Partial<Pick<Account, 'handle' | 'name' | 'active' | 'connection'>>,
  ): Promise<void>;
  changeSettings(account: Account, settings: AccountSettings): Promise<Account>;
  /**
   * Marks an account that has had no complete pull for too long, and tells it. A run in progress goes on.
   * @returns false when it is marked already, or was pulled meanwhile
   */
  markStale(account: Account, since: string, event: NewEvent): Promise<boolean>;
  /** The write that records progress, fenced: a run whose lease was taken over is refused. */
  progress(account: Account, fence: number, set: Partial<AccountProgress>): Update;
  /**
   * Records progress by itself, in one plain write.
   * @returns the account as it stands now, `null` when another run or a newer lease was first
   */
  record(account: Account, fence: number, set: Partial<AccountProgress>): Promise<Account | null>;
  due(now: string): Promise<DueAccount[]>;
}

export function createAccounts(dynamo: Dynamo, feed: Feed, places: Places): Accounts {
  const table = places.connections;

  const progress: Accounts['progress'] = (account, fence, set) => ({
    table,
    update: accountKey(account.company, account.id),
    set: { ...set, fence, revision: account.revision + 1 },
    when: { equals: { revision: account.revision }, below: { fence: fence + 1 } },
  });

  return {
    async get(company, id) {
      return (await dynamo.get(table, accountKey(company, id))) as Account | null;
    },

    async getMany(company, ids) {
      const items = await dynamo.getMany(
        table,
        ids.map((id) => accountKey(company, id)),
      );
      return items as unknown as Account[];
    },

    async list(company) {
      return (await dynamo.queryAll({ table, pk: company, prefix: 'account#' })) as unknown as Account[];
    },

    async add(account, event) {
      const put = { ...account, ...dueOf(account), ...accountKey(account.company, account.id) };
      try {
        await feed.commit(account.company, [{ table, put, when: 'absent' }], [event]);
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    async refresh(account, set) {
      await dynamo.update({
        table,
        update: accountKey(account.company, account.id),
        set: { ...set, ...dueOf({ ...account, ...set }) },
        when: { exists: true },
      });
    },

    async changeSettings(account, settings) {
      const item = await dynamo.update({
        table,
        update: accountKey(account.company, account.id),
        set: { settings, ...dueOf({ ...account, settings }) },
        when: { exists: true },
      });
      return item as unknown as Account;
    },

    async markStale(account, since, event) {
      const { company, id, revision } = account;
      // The revision stays: a pull that has begun would take a risen one for another run's.
      const when = { equals: { revision, staleSince: null } };
      try {
        const update = accountKey(company, id);
        await feed.commit(company, [{ table, update, set: { staleSince: since }, when }], [event]);
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    progress,

    async record(account, fence, set) {
      try {
        return (await dynamo.update(progress(account, fence, set))) as unknown as Account;
      } catch (error) {
        // A refused write is nobody's own: an answer is lost only where the write is not repeated.
        if (error instanceof ConditionFailed) return null;
        if (!isRetriable(error)) throw error;
        const now = (await dynamo.get(table, accountKey(account.company, account.id))) as Account | null;
        // Our own write, when its answer was lost: this fence, one revision on.
        if (now?.fence === fence && now.revision === account.revision + 1) return now;
        throw error;
      }
    },

    async due(now) {
      const shards = await Promise.all(
        DUE_SHARDS.map((shard) =>
          dynamo.queryAll({ table, pk: shard, between: ['', now], index: DUE_INDEX }),
        ),
      );
      return shards.flat().map((item) => ({
        company: String(item['pk']),
        account: String(item['sk']).slice('account#'.length),
        connection: String(item['connection']),
      }));
    },
  };
}

/**
 * The attributes of the sparse index. `dueAt` is the day of birth and does not move with the pulls: every slot serves
 * all enabled accounts, and an index that moved would cost two more writes an hour and account.
 */
function dueOf(account: Account): Item {
  if (!account.settings.enabled || !account.active) return { dueShard: undefined, dueAt: undefined };
  const shard = createHash('sha256').update(account.id).digest()[0]! % DUE_SHARDS.length;
  return { dueShard: DUE_SHARDS[shard], dueAt: account.createdAt };
}
