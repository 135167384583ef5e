import { createHash } from 'node:crypto';
import type { NewEvent } from '../domain/event.ts';
import type { PaymentRecord } from '../domain/payment.ts';
import { ConditionFailed, type Dynamo, type Item, type Write } from './dynamo.ts';
import type { Feed } from './feed.ts';
import {
  claimKey,
  contentKey,
  DUE_INDEX,
  DUE_SHARDS,
  idempotencyKey,
  paymentKey,
  serialKey,
  type Places,
} from './keys.ts';

/** A payment found in the index of due ones; re-read under its company before anything is done with it. */
export interface DuePayment {
  readonly company: string;
  readonly payment: string;
}

/** What is remembered of the request that made a payment. */
export interface AcceptedRequest {
  readonly payment: string;
  /** Hash of the request, so that the same key with another body is told. */
  readonly request: string;
}

/** A payment that executes: its place in the order, and the booked row that shows it. */
export interface Claim {
  readonly account: string;
  readonly row: string;
  readonly index: number;
}

export interface Payments {
  get(company: string, id: string): Promise<PaymentRecord | null>;
  /** Newest first. `after`/`next` are sort keys. */
  list(
    company: string,
    limit: number,
    after: string | null,
  ): Promise<{ items: PaymentRecord[]; next: string | null }>;
  /** The payment an idempotency key made, `null` for a fresh key. */
  request(company: string, key: string): Promise<AcceptedRequest | null>;
  /** The last payment that said the same, with the instant of its acceptance. */
  same(company: string, content: string): Promise<{ payment: string; at: string } | null>;
  /** The last serial of a connection's orders, `null` before the first. */
  lastSerial(company: string, connection: string): Promise<number | null>;
  /**
   * Accepts a payment: record, idempotency key, content and serial in one transaction with its event and whatever
   * else depends on it.
   * @returns false when the key was used, or the serial taken, in between: read again
   */
  accept(
    payment: PaymentRecord,
    request: { key: string; hash: string; content: string; lastSerial: number | null },
    events: readonly NewEvent[],
    further?: readonly Write[],
  ): Promise<boolean>;
  /**
   * Changes a payment if nobody else did since it was read, its claims in the same transaction.
   * @returns the payment as it stands now, `null` when somebody was first
   */
  change(
    payment: PaymentRecord,
    set: Partial<PaymentRecord>,
    events: readonly NewEvent[],
    claims?: readonly Claim[],
  ): Promise<PaymentRecord | null>;
  /** Of these booked rows, those no payment has claimed yet. */
  unclaimed(company: string, account: string, rows: readonly string[]): Promise<Set<string>>;
  due(now: string): Promise<DuePayment[]>;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function createPayments(dynamo: Dynamo, feed: Feed, places: Places): Payments {
  const table = places.payments;
  const get = async (company: string, id: string): Promise<PaymentRecord | null> =>
    recordOf(await dynamo.get(table, paymentKey(company, id)));

  return {
    get,

    async list(company, limit, after) {
      const low = 'payment#';
      const high = after === null ? 'payment#~' : `${after.slice(0, -1)}${previous(after)}~`;
      if (high < low) return { items: [], next: null };
      const { items, last } = await dynamo.query({
        table,
        pk: company,
        between: [low, high],
        limit,
        descending: true,
      });
      return { items: items.map((item) => recordOf(item)!), next: last ? last.sk : null };
    },

    async request(company, key) {
      const item = await dynamo.get(table, idempotencyKey(company, sha256(key)));
      return item && { payment: String(item['payment']), request: String(item['request']) };
    },

    async same(company, content) {
      const item = await dynamo.get(table, contentKey(company, content));
      return item && { payment: String(item['payment']), at: String(item['at']) };
    },

    async lastSerial(company, connection) {
      const item = await dynamo.get(table, serialKey(company, connection));
      return item ? Number(item['last']) : null;
    },

    async accept(payment, { key, hash, content, lastSerial }, events, further = []) {
      const { company, id, serial, connection } = payment;
      try {
        await feed.commit(
          company,
          [
            {
              table,
              put: { ...idempotencyKey(company, sha256(key)), payment: id, request: hash },
              when: 'absent',
            },
            { table, put: { ...payment, ...dueOf(payment), ...paymentKey(company, id) }, when: 'absent' },
            { table, put: { ...contentKey(company, content), payment: id, at: payment.createdAt } },
            {
              table,
              update: serialKey(company, connection),
              set: { last: serial },
              when: { equals: { last: lastSerial } },
            },
            ...further,
          ],
          events,
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    async change(payment, set, events, claims = []) {
      const { company, id, revision } = payment;
      const next = { ...payment, ...set, revision: revision + 1 };
      const writes: Write[] = [
        {
          table,
          update: paymentKey(company, id),
          set: { ...set, ...dueOf(next), revision: revision + 1 },
          when: { equals: { revision } },
        },
        ...claims.map(({ account, row, index }) => ({
          table,
          put: { ...claimKey(company, account, row), payment: id, index },
          when: 'absent' as const,
        })),
      ];
      try {
        await feed.commit(company, writes, events);
        return next;
      } catch (error) {
        if (error instanceof ConditionFailed) return null;
        throw error;
      }
    },

    async unclaimed(company, account, rows) {
      const taken = new Set<string>();
      for (let at = 0; at < rows.length; at += 100) {
        const keys = rows.slice(at, at + 100).map((row) => claimKey(company, account, row));
        for (const item of await dynamo.getMany(table, keys)) taken.add(String(item['sk']));
      }
      return new Set(rows.filter((row) => !taken.has(claimKey(company, account, row).sk)));
    },

    async due(now) {
      const shards = await Promise.all(
        DUE_SHARDS.map((shard) =>
          dynamo.queryAll({ table, pk: shard, between: ['', now], index: DUE_INDEX }),
        ),
      );
      return shards.flat().map((item) => ({
        company: String(item['pk']),
        payment: String(item['sk']).slice('payment#'.length),
      }));
    },
  };
}

/** The record without the attributes of the table. */
function recordOf(item: Item | null): PaymentRecord | null {
  if (!item) return null;
  const { pk: _pk, sk: _sk, dueShard: _shard, ...record } = item;
  return { dueAt: null, ...record } as unknown as PaymentRecord;
}

/** The attributes of the sparse index; a payment that waits for nothing has none. */
function dueOf({ id, dueAt }: PaymentRecord): Item {
  if (dueAt === null) return { dueShard: undefined, dueAt: undefined };
  return {
    dueShard: DUE_SHARDS[createHash('sha256').update(id).digest()[0]! % DUE_SHARDS.length],
    dueAt,
  };
}

/** The character before the last one of a sort key, so that a descending page goes on behind it. */
const previous = (sk: string): string => String.fromCharCode(sk.charCodeAt(sk.length - 1) - 1);
