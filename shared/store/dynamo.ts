import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type AttributeValue,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Clock, Random } from '../domain/ports.ts';
import { createRetry, isNamed, isThrottled, jitter } from './retry.ts';

/** The one way to the tables: plain objects in and out, and the only retry layer (the SDK's own is off). */

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export type Item = Record<string, unknown>;

/** Sends one SDK command; the port that the fault harness wraps. */
export type Send = (command: DynamoCommand) => Promise<unknown>;
type DynamoCommand =
  GetItemCommand | BatchGetItemCommand | QueryCommand | UpdateItemCommand | TransactWriteItemsCommand;

export interface Put {
  readonly put: Item & Key;
  readonly table: string;
  /** `absent`: the key must be new. */
  readonly when?: 'absent';
}

export interface Update {
  readonly update: Key;
  readonly table: string;
  /** Attributes to write; `undefined` removes one. */
  readonly set: Item;
  readonly when?: Condition;
}

export interface Remove {
  readonly remove: Key;
  readonly table: string;
  /** `present`: the item must be there. */
  readonly when?: 'present';
}

export type Write = Put | Update | Remove;

/**
 * A condition on the item as it stands: `equals` per attribute (`null` = absent), `below` = attribute absent or less
 * than the number. `exists` asks that the item be there at all.
 */
export interface Condition {
  readonly exists?: boolean;
  readonly equals?: Readonly<Record<string, string | number | null>>;
  readonly below?: Readonly<Record<string, number>>;
}

/** A write whose condition did not hold. `index` is its place in the transaction. */
export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';
  readonly index: number;

  constructor(index: number) {
    super(`The condition on write ${index} did not hold`);
    this.index = index;
  }
}

export interface QueryInput {
  readonly table: string;
  readonly pk: string;
  /** Sort keys between these two, both included. */
  readonly between?: readonly [string, string];
  readonly prefix?: string;
  readonly limit?: number;
  readonly descending?: boolean;
  readonly index?: { readonly name: string; readonly pk: string; readonly sk: string };
}

export interface Dynamo {
  get(table: string, key: Key): Promise<Item | null>;
  getMany(table: string, keys: readonly Key[]): Promise<Item[]>;
  /** One page, at most `limit` items. */
  query(input: QueryInput): Promise<{ items: Item[]; last: Key | null }>;
  /** Every item, page by page. */
  queryAll(input: QueryInput): Promise<Item[]>;
  /** @throws ConditionFailed */
  update(write: Update): Promise<Item>;
  /**
   * All or nothing, at most 100 writes. Repeats itself after a lost answer; of several callers that ask for the same under
   * the same condition, one alone succeeds. @throws ConditionFailed with the index of the first failed condition
   */
  transact(writes: readonly Write[]): Promise<void>;
}

/** Rounds in which a conflicting transaction, or a batch left over, is tried again. */
const ROUNDS = 8;

/** The real client: SDK retries off, one connection pool. */
export function dynamoClient(): Send {
  const client = new DynamoDBClient({ maxAttempts: 1 });
  // The SDK's overloads are per command; the union is what this file uses.
  return (command) => client.send(command as GetItemCommand);
}

export function createDynamo(send: Send, clock: Clock, random: Random): Dynamo {
  const retry = createRetry(clock, random);
  const call = <T>(make: () => DynamoCommand, again?: (error: unknown) => boolean): Promise<T> =>
    retry(() => send(make()) as Promise<T>, again);

  async function getMany(table: string, keys: readonly Key[]): Promise<Item[]> {
    const items: Item[] = [];
    let pending = keys.map((key) => marshall(key));
    for (let round = 0; pending.length > 0; round++) {
      if (round > 0) await clock.sleep(jitter(random, round));
      const batch = pending.slice(0, 100);
      const answer = await call<{
        Responses?: Record<string, Record<string, AttributeValue>[]>;
        UnprocessedKeys?: Record<string, { Keys?: Record<string, AttributeValue>[] }>;
      }>(() => new BatchGetItemCommand({ RequestItems: { [table]: { Keys: batch, ConsistentRead: true } } }));
      const found = answer.Responses?.[table] ?? [];
      const left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
      items.push(...found.map((item) => unmarshall(item)));
      // Progress resets the delay: only an answer that gave nothing counts as a failed round.
      if (left.length < batch.length) round = 0;
      if (round >= ROUNDS) throw new Error(`DynamoDB left ${left.length} keys unread after ${ROUNDS} rounds`);
      pending = [...left, ...pending.slice(100)];
    }
    return items;
  }

  async function page(input: QueryInput, start: Key | null): Promise<{ items: Item[]; last: Key | null }> {
    const answer = await call<{
      Items?: Record<string, AttributeValue>[];
      LastEvaluatedKey?: Record<string, AttributeValue>;
    }>(
      () => new QueryCommand({ ...queryOf(input), ...(start ? { ExclusiveStartKey: marshall(start) } : {}) }),
    );
    const last = answer.LastEvaluatedKey;
    return {
      items: (answer.Items ?? []).map((item) => unmarshall(item)),
      last: last ? (unmarshall(last) as Key) : null,
    };
  }

  return {
    getMany,
    query: (input) => page(input, null),

    async get(table, key) {
      const answer = await call<{ Item?: Record<string, AttributeValue> }>(
        () => new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }),
      );
      return answer.Item ? unmarshall(answer.Item) : null;
    },

    async queryAll(input) {
      const items: Item[] = [];
      let start: Key | null = null;
      do {
        const answer: { items: Item[]; last: Key | null } = await page(input, start);
        items.push(...answer.items);
        start = answer.last;
      } while (start);
      return items;
    },

    async update(write) {
      try {
        // A lost answer is not repeated: only the caller can tell its own write from another's.
        const answer = await call<{ Attributes?: Record<string, AttributeValue> }>(
          () => new UpdateItemCommand({ ...updateOf(write), ReturnValues: 'ALL_NEW' }),
          isThrottled,
        );
        return unmarshall(answer.Attributes ?? {});
      } catch (error) {
        if (isNamed(error, 'ConditionalCheckFailedException')) throw new ConditionFailed(0);
        throw error;
      }
    },

    async transact(writes) {
      const items = writes.map(itemOf);
      // One token for one call: a repeat after a lost answer is the same request to DynamoDB. Never made of the content:
      // two callers that write the same would both be told that they were first.
      const token = Buffer.from(random.bytes(24)).toString('base64url');
      for (let round = 1; ; round++) {
        try {
          await call(
            () => new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: token }),
          );
          return;
        } catch (error) {
          const verdict = cancellation(error);
          if (verdict === null) throw error;
          if (verdict.failed >= 0) throw new ConditionFailed(verdict.failed);
          if (!verdict.conflict || round >= ROUNDS) throw error;
          await clock.sleep(jitter(random, round));
        }
      }
    },
  };
}

function queryOf(input: QueryInput): ConstructorParameters<typeof QueryCommand>[0] {
  const names: Record<string, string> = { '#pk': input.index?.pk ?? 'pk' };
  const values: Record<string, string> = { ':pk': input.pk };
  let condition = '#pk = :pk';
  const sort = input.index?.sk ?? 'sk';
  if (input.between) {
    names['#sk'] = sort;
    [values[':from'], values[':to']] = input.between;
    condition += ' AND #sk BETWEEN :from AND :to';
  } else if (input.prefix !== undefined) {
    names['#sk'] = sort;
    values[':prefix'] = input.prefix;
    condition += ' AND begins_with(#sk, :prefix)';
  }
  return {
    TableName: input.table,
    KeyConditionExpression: condition,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: marshall(values),
    ...(input.index ? { IndexName: input.index.name } : { ConsistentRead: true }),
    ...(input.limit ? { Limit: input.limit } : {}),
    ...(input.descending ? { ScanIndexForward: false } : {}),
  };
}

const OPTIONS = { removeUndefinedValues: true } as const;

function itemOf(write: Write): TransactWriteItem {
  if ('put' in write) {
    return {
      Put: {
        TableName: write.table,
        Item: marshall(write.put, OPTIONS),
        ...(write.when === 'absent'
          ? { ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': 'pk' } }
          : {}),
      },
    };
  }
  if ('remove' in write) {
    return {
      Delete: {
        TableName: write.table,
        Key: marshall(write.remove),
        ...(write.when === 'present'
          ? { ConditionExpression: 'attribute_exists(#pk)', ExpressionAttributeNames: { '#pk': 'pk' } }
          : {}),
      },
    };
  }
  return { Update: updateOf(write) };
}

/** Every name is aliased: DynamoDB reserves `status`, `name`, `date` and some six hundred more. */
function updateOf(write: Update): NonNullable<TransactWriteItem['Update']> {
  const names: Record<string, string> = {};
  const values: Item = {};
  const alias = (name: string): string => {
    names[`#${name}`] = name;
    return `#${name}`;
  };
  const bind = (value: unknown): string => {
    const name = `:v${Object.keys(values).length}`;
    values[name] = value;
    return name;
  };
  const entries = Object.entries(write.set);
  const sets = entries.filter(([, v]) => v !== undefined).map(([name, v]) => `${alias(name)} = ${bind(v)}`);
  const removals = entries.filter(([, v]) => v === undefined).map(([name]) => alias(name));
  const conditions = conditionsOf(write.when ?? {}, alias, bind);
  return {
    TableName: write.table,
    Key: marshall(write.update),
    UpdateExpression: [
      sets.length ? `SET ${sets.join(', ')}` : '',
      removals.length ? `REMOVE ${removals.join(', ')}` : '',
    ]
      .filter(Boolean)
      .join(' '),
    ...(conditions.length ? { ConditionExpression: conditions.join(' AND ') } : {}),
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length ? { ExpressionAttributeValues: marshall(values, OPTIONS) } : {}),
  };
}

function conditionsOf(
  condition: Condition,
  alias: (name: string) => string,
  bind: (value: unknown) => string,
): string[] {
  const parts: string[] = [];
  if (condition.exists) parts.push(`attribute_exists(${alias('pk')})`);
  for (const [name, value] of Object.entries(condition.equals ?? {})) {
    parts.push(value === null ? `attribute_not_exists(${alias(name)})` : `${alias(name)} = ${bind(value)}`);
  }
  for (const [name, value] of Object.entries(condition.below ?? {})) {
    parts.push(`(attribute_not_exists(${alias(name)}) OR ${alias(name)} < ${bind(value)})`);
  }
  return parts;
}

/** What a cancelled transaction says: the first failed condition (-1 = none) and whether others were in the way. */
function cancellation(error: unknown): { failed: number; conflict: boolean } | null {
  if (!isNamed(error, 'TransactionCanceledException')) return null;
  const reasons = (error as { CancellationReasons?: { Code?: string }[] }).CancellationReasons ?? [];
  return {
    failed: reasons.findIndex((reason) => reason.Code === 'ConditionalCheckFailed'),
    conflict: reasons.some(
      ({ Code }) =>
        Code === 'TransactionConflict' ||
        Code === 'ThrottlingError' ||
        Code === 'ProvisionedThroughputExceeded',
    ),
  };
}
