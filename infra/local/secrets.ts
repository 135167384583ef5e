import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { listenLocally, type Engine } from './engine.ts';
import { SecretsError } from './secrets/errors.ts';
import { secretsOperations, type Input } from './secrets/operations.ts';
import { openStore } from './secrets/store.ts';

/** More than the largest secret (64 KB, every byte escaped) and its frame. */
const MAX_REQUEST = 1_048_576;

/**
 * Starts the embedded Secrets Manager: AWS JSON 1.1, the operation behind the dot in `x-amz-target`, refusals as
 * status 400 with `__type`. It holds private keys and checks no signature, so its path is unguessable: nobody on this
 * machine finds it who was not given the endpoint.
 * @param options.file SQLite file to keep the secrets in; in memory when absent
 */
export async function startSecrets(options: { region: string; file?: string }): Promise<Engine> {
  const store = openStore(options.file ?? ':memory:');
  const operations = secretsOperations(store, options.region, () => Date.now() / 1000);
  const path = `/${randomBytes(24).toString('base64url')}`;
  const server = createServer((request, response) => {
    const known = request.method === 'POST' && request.url?.replace(/\/$/, '') === path;
    void (
      known ? answer(request) : Promise.resolve(refusal(403, 'AccessDeniedException', 'Unknown path'))
    ).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    });
  });

  async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    try {
      const name = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (!operation)
        return refusal(400, 'UnknownOperationException', `There is no local operation ${name}.`);
      const input = await readJson(request);
      return { status: 200, body: store.atomically(() => operation(input)) };
    } catch (error) {
      if (error instanceof SecretsError) return refusal(400, error.type, error.message);
      // Without the cause: it may quote what was sent.
      return refusal(500, 'InternalServiceError', 'The embedded Secrets Manager failed.');
    }
  }

  const port = await listenLocally(server);
  server.unref();
  return {
    endpoint: `http://127.0.0.1:${port}${path}`,
    async stop() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      store.close();
    },
  };
}

const refusal = (status: number, __type: string, message: string) => ({ status, body: { __type, message } });

async function readJson(request: IncomingMessage): Promise<Input> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_REQUEST) throw new SecretsError('ValidationException', 'The request is too large.');
    chunks.push(chunk);
  }
  try {
    const input: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Input;
  } catch {
    // Answered below.
  }
  throw new SecretsError('SerializationException', 'The request is no JSON object.');
}
