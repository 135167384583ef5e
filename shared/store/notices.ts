import { createHash } from 'node:crypto';
import { ConditionFailed, type Dynamo, type Item } from './dynamo.ts';
import { nonceKey, noticePointerKey, noticesKey, type Places } from './keys.ts';

/** That a bank is to send notices of an account. */
export interface Subscription {
  readonly company: string;
  readonly account: string;
  /** 256 random bits, in the address the bank sends to. */
  readonly id: string;
  /** That address. */
  readonly url: string;
  /** The bank's id of it; `null` while the bank has not answered. */
  readonly bankId: string | null;
  /** The bank's public keys as they were got last; `null` before. */
  readonly keys: string | null;
  /** Epoch milliseconds at which they were asked for last. */
  readonly keysAskedAt: number;
  /** Epoch milliseconds for which the last pull was planned. */
  readonly plannedAt: number;
  /** UTC instant at which it was switched on. */
  readonly since: string;
}

/** Subscriptions to the notices of banks, and which notices came. */
export interface Notices {
  get(company: string, account: string): Promise<Subscription | null>;
  /** The subscription a notice's address names, read through the pointer and again under its company. */
  find(id: string): Promise<Subscription | null>;
  list(company: string): Promise<Subscription[]>;
  /** @returns the subscription that stands: this one, or the one somebody else added first */
  add(subscription: Subscription): Promise<Subscription>;
  change(
    subscription: Subscription,
    set: Partial<Pick<Subscription, 'url' | 'bankId' | 'keys' | 'keysAskedAt'>>,
  ): Promise<Subscription>;
  /** Notes for when a pull is planned. @returns false when somebody else planned one since it was read */
  plan(subscription: Subscription, plannedAt: number): Promise<boolean>;
  remove(subscription: Pick<Subscription, 'company' | 'account' | 'id'>): Promise<void>;
  /** Whether a notice came before. */
  came(subscription: Subscription, nonce: string): Promise<boolean>;
  /** @param until epoch milliseconds behind which it is too old anyway */
  remember(subscription: Subscription, nonce: string, until: number): Promise<void>;
}

/** Partition nobody has: an address that does not exist costs two reads like one that does. */
const NOBODY = 'nobody';

export function createNotices(dynamo: Dynamo, places: Places): Notices {
  const table = places.connections;
  const keyOf = ({ company, account }: Pick<Subscription, 'company' | 'account'>) =>
    noticesKey(company, account);
  const nonceOf = ({ company, account }: Subscription, nonce: string) =>
    nonceKey(company, account, createHash('sha256').update(nonce).digest('hex'));
  const get = async (company: string, account: string): Promise<Subscription | null> =>
    recordOf(await dynamo.get(table, noticesKey(company, account)));

  return {
    get,

    async find(id) {
      const pointer = await dynamo.get(table, noticePointerKey(id));
      const found = await get(String(pointer?.['company'] ?? NOBODY), String(pointer?.['account'] ?? ''));
      return found?.id === id ? found : null;
    },

    async list(company) {
      const items = await dynamo.queryAll({ table, pk: company, prefix: 'notices#' });
      return items.map((item) => recordOf(item)!);
    },

    async add(subscription) {
      const { company, account, id } = subscription;
      try {
        await dynamo.transact([
          { table, put: { ...subscription, ...keyOf(subscription) }, when: 'absent' },
          { table, put: { ...noticePointerKey(id), company, account }, when: 'absent' },
        ]);
        return subscription;
      } catch (error) {
        const standing = error instanceof ConditionFailed ? await get(company, account) : null;
        if (!standing) throw error;
        return standing;
      }
    },

    async change(subscription, set) {
      const when = { equals: { id: subscription.id } };
      return recordOf(await dynamo.update({ table, update: keyOf(subscription), set, when }))!;
    },

    async plan(subscription, plannedAt) {
      const when = { equals: { id: subscription.id, plannedAt: subscription.plannedAt } };
      try {
        await dynamo.update({ table, update: keyOf(subscription), set: { plannedAt }, when });
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    remove: (subscription) =>
      dynamo.transact([
        { table, remove: keyOf(subscription) },
        { table, remove: noticePointerKey(subscription.id) },
      ]),

    came: async (subscription, nonce) => (await dynamo.get(table, nonceOf(subscription, nonce))) !== null,

    async remember(subscription, nonce, until) {
      const put = { ...nonceOf(subscription, nonce), expiresAt: Math.ceil(until / 1000) };
      try {
        await dynamo.transact([{ table, put, when: 'absent' }]);
      } catch (error) {
        // The same notice, twice at once: noted by the other.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },
  };
}

/** The record without the attributes of the table. */
function recordOf(item: Item | null): Subscription | null {
  if (!item) return null;
  const { pk: _pk, sk: _sk, ...record } = item;
  return record as unknown as Subscription;
}
