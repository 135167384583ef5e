import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { deliver } from './deliver.ts';
import type { Authority } from './pki/authority.ts';
import type { PeerCertificate, SandboxBank, SandboxClock, SandboxRequest } from './types.ts';

export interface BankServer {
  /** `https://localhost:PORT` */
  readonly origin: string;
  /** PEM of the authority that issued the server's certificate. */
  readonly ca: string;
  stop(): Promise<void>;
}

/** A file of as many payments as the banks take at once, with room to spare. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/**
 * Serves a simulated bank over TLS 1.2 or later, on 127.0.0.1.
 *
 * Every caller is asked for a client certificate. One that the authority did not issue, or that is not valid now, is
 * refused with the handshake: the line closes before a byte of HTTP. A caller without one gets through, because a
 * bank may have public operations (exchange rates); the bank refuses the others with its own 401.
 */
export async function startBankServer(options: {
  readonly bank: SandboxBank;
  readonly authority: Authority;
  readonly clock: SandboxClock;
  /** A free one when absent. */
  readonly port?: number;
}): Promise<BankServer> {
  const { bank, authority, clock, port = 0 } = options;
  const { certificatePem, keyPem } = authority.issueServer({ hosts: ['localhost', '127.0.0.1'] });
  const tls = {
    cert: certificatePem,
    key: keyPem,
    ca: authority.certificatePem,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  } as const;
  const server = createServer(tls, (request, reply) => {
    // A request that came with the end of the handshake is parsed although the line was closed below.
    if (request.socket.destroyed) return;
    answer(bank, clock, request, reply).catch((error: unknown) => {
      // A mistake of the simulation itself must be seen, not taken for a misbehaving bank.
      console.error(`The simulated bank ${bank.id} failed at ${request.method} ${request.url}:`, error);
      request.socket.destroy();
    });
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    if (isForeign(socket)) socket.destroy();
  });
  await listening(server, port);
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    ca: authority.certificatePem,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(
  bank: SandboxBank,
  clock: SandboxClock,
  request: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request);
  // The bank's own time, which a virtual clock may have moved.
  reply.sendDate = false;
  reply.setHeader('date', new Date(clock.now()).toUTCString());
  if (body === null) return void reply.writeHead(413, { connection: 'close' }).end();
  deliver(request, reply, await bank.handle(toRequest(request, body)));
}

/** The whole body, or `null` when it is larger than the cap. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_REQUEST_BYTES) chunks.push(chunk);
  }
  return size <= MAX_REQUEST_BYTES ? Buffer.concat(chunks) : null;
}

function toRequest(request: IncomingMessage, body: Uint8Array): SandboxRequest {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return {
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(headers),
    body,
    clientCertificate: peerOf(request.socket as TLSSocket),
  };
}

/** A certificate was shown and did not hold: issued by somebody else, or not valid now. */
function isForeign(socket: TLSSocket): boolean {
  return socket.getPeerX509Certificate() !== undefined && !socket.authorized;
}

function peerOf(socket: TLSSocket): PeerCertificate | null {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return null;
  return {
    serial: certificate.serialNumber,
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}
