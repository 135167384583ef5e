import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { documentSk, ledgerPartition } from '../../../shared/store/keys.ts';
import type { Client } from '../cli/client.ts';
import { labelOf } from '../cli/find.ts';
import type { Account, Balance, FeedEvent, List, Statement, Transaction } from '../cli/types.ts';
import { clientConfig } from '../provision.ts';
import type { Stage } from './stage.ts';

/** What the gateway holds, read back through the API. */

export interface Held {
  readonly account: Account;
  readonly statements: readonly Statement[];
  readonly transactions: readonly Transaction[];
  readonly balances: readonly Balance[];
  /** Archived documents the ledger knows: statements, pages of transactions, balances. */
  readonly documents: number;
}

export async function collectAccounts(stage: Stage, connection: string): Promise<Held[]> {
  const { client } = stage;
  const { items } = await client.call<List<Account>>('GET', '/accounts', { query: { connection } });
  const held: Held[] = [];
  for (const account of [...items].sort((a, b) => (labelOf(a) < labelOf(b) ? -1 : 1))) {
    const path = `/accounts/${account.id}`;
    held.push({
      account,
      statements: await all(client.pages<Statement>(`${path}/statements`)),
      transactions: await all(client.pages<Transaction>(`${path}/transactions`)),
      balances: (await client.call<List<Balance>>('GET', `${path}/balances`)).items,
      documents: await countDocuments(stage, account.id),
    });
  }
  return held;
}

/** The whole feed. */
export async function collectEvents(client: Client): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for (let after = 0; ;) {
    const page: { items: readonly FeedEvent[]; next: number } = await client.call('GET', '/events', {
      query: { after, limit: 500 },
    });
    if (page.items.length === 0) return events;
    events.push(...page.items);
    after = page.next;
  }
}

async function all<T>(pages: AsyncGenerator<T, void>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

/** The API lists no documents, so they are counted in the table. */
async function countDocuments({ gateway, company }: Stage, account: string): Promise<number> {
  const dynamodb = new DynamoDBClient(clientConfig(gateway.env, 'DYNAMODB'));
  try {
    const { Count = 0 } = await dynamodb.send(
      new QueryCommand({
        TableName: gateway.env['TABLE_LEDGER'],
        KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :sk)',
        ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
        ExpressionAttributeValues: {
          ':pk': { S: ledgerPartition(company, account) },
          ':sk': { S: documentSk('') },
        },
        Select: 'COUNT',
      }),
    );
    return Count;
  } finally {
    dynamodb.destroy();
  }
}
