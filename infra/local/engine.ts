import type { Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** A started engine: where it answers and how it is stopped. */
export interface Engine {
  /** `http://127.0.0.1:<port>`, perhaps with a path. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Makes a server listen on this machine only.
 * @param port 0 for any free one
 * @returns the port
 * @throws Error when the port is taken
 */
export async function listenLocally(server: Server | HttpServer, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** A port of 127.0.0.1 nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenLocally(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
