import { createServer, request as httpRequest, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import type { SandboxRequest, SandboxResponse } from '../../types.ts';

/** Headers of the connection in memory, which are nobody's business outside. */
const OF_THE_LINE = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date', 'set-cookie'];

/** A node request listener as a function from request to answer: real HTTP, over a pair of streams. */
export function inMemory(listener: RequestListener): (request: SandboxRequest) => Promise<SandboxResponse> {
  const server = createServer(listener);
  return ({ method, path, query, headers, body }) =>
    new Promise((resolve, reject) => {
      const [near, far] = duplexPair();
      server.emit('connection', far);
      const search = query.size === 0 ? '' : `?${query.toString()}`;
      const sent = httpRequest(
        {
          createConnection: () => near as Socket,
          method,
          path: path + search,
          headers: { ...withoutLine(headers), 'content-length': body.length },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const cookies = answer.headers['set-cookie'];
            resolve({
              status: answer.statusCode ?? 500,
              headers: withoutLine(answer.headers),
              body: Buffer.concat(chunks),
              ...(cookies === undefined ? {} : { cookies }),
            });
            near.destroy();
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
}

function withoutLine(headers: Readonly<Record<string, string | readonly string[] | undefined>>) {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    OF_THE_LINE.includes(name) || value === undefined ? [] : [[name, String(value)] as const],
  );
  return Object.fromEntries(kept);
}
