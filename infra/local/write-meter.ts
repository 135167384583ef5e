import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenLocally } from './engine.ts';

/** An item written: its table and the keys every table of ours has. */
export interface WrittenItem {
  readonly table: string;
  readonly pk: string;
  readonly sk: string;
}

export interface WriteMeter {
  /** To be used instead of the engine's own endpoint. */
  readonly endpoint: string;
  /** Every item written so far, in order; one written twice stands there twice. */
  readonly written: readonly WrittenItem[];
  stop(): Promise<void>;
}

/**
 * Stands before a DynamoDB engine and counts what is written: items of PutItem, UpdateItem, DeleteItem,
 * BatchWriteItem and TransactWriteItems that the engine accepted. A ConditionCheck writes nothing.
 * @param engine tells its endpoint, `http://127.0.0.1:<port>`; asked with each request, so it may start later
 */
export async function startWriteMeter(engine: () => string): Promise<WriteMeter> {
  const written: WrittenItem[] = [];
  const agent = new Agent({ keepAlive: true });

  const server = createServer((incoming, outgoing) => {
    relay(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function relay(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const asked = await text(incoming);
    const answer = await forward(engine(), agent, incoming, asked);
    const answered = await text(answer);
    const operation = String(incoming.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    if (answer.statusCode === 200 && operation in WRITES) {
      written.push(...itemsOf(operation as Operation, JSON.parse(asked), JSON.parse(answered)));
    }
    outgoing.writeHead(answer.statusCode ?? 502, withoutFraming(answer.headers)).end(answered);
  }

  const port = await listenLocally(server);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    written,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

function forward(
  engine: string,
  agent: Agent,
  incoming: IncomingMessage,
  body: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { 'accept-encoding': _, ...headers } = withoutFraming(incoming.headers);
    const target = new URL(incoming.url ?? '/', engine);
    const outgoing = request(target, { method: incoming.method ?? 'POST', headers, agent }, resolve);
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

/** Headers that belong to one hop; the host stays, it is part of the signature. */
function withoutFraming(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const { connection: _, 'transfer-encoding': __, 'content-length': ___, ...others } = headers;
  return others;
}

type Attributes = Readonly<Record<string, { readonly S?: string }>>;
interface Write {
  readonly TableName: string;
  readonly Item?: Attributes;
  readonly Key?: Attributes;
}
interface TransactItem {
  readonly Put?: Write;
  readonly Update?: Write;
  readonly Delete?: Write;
}
type Batch = Readonly<
  Record<
    string,
    readonly { readonly PutRequest?: { Item: Attributes }; readonly DeleteRequest?: { Key: Attributes } }[]
  >
>;

type Operation = keyof typeof WRITES;
const one = (asked: unknown): Write[] => [asked as Write];

/** What each writing operation writes. */
const WRITES = {
  PutItem: one,
  UpdateItem: one,
  DeleteItem: one,
  TransactWriteItems: (asked: unknown): Write[] =>
    (asked as { TransactItems: TransactItem[] }).TransactItems.flatMap(
      ({ Put, Update, Delete }) => Put ?? Update ?? Delete ?? [],
    ),
  BatchWriteItem: (asked: unknown, answered: unknown): Write[] => {
    const refused = batchWrites((answered as { UnprocessedItems?: Batch }).UnprocessedItems ?? {});
    const keys = new Set(refused.map((write) => JSON.stringify(itemOf(write))));
    const wanted = batchWrites((asked as { RequestItems: Batch }).RequestItems);
    return wanted.filter((write) => !keys.has(JSON.stringify(itemOf(write))));
  },
};

const batchWrites = (batch: Batch): Write[] =>
  Object.entries(batch).flatMap(([TableName, requests]) =>
    requests.map(({ PutRequest, DeleteRequest }) => ({ TableName, ...PutRequest, ...DeleteRequest })),
  );

const itemsOf = (operation: Operation, asked: unknown, answered: unknown): WrittenItem[] =>
  WRITES[operation](asked, answered).map(itemOf);

function itemOf({ TableName, Item, Key }: Write): WrittenItem {
  const keys = Item ?? Key;
  return { table: TableName, pk: keys?.['pk']?.S ?? '', sk: keys?.['sk']?.S ?? '' };
}
