import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import forge from 'node-forge';
import { Secret } from '../../shared/domain/secret.ts';
import type { Clock, Log, LogFields, Random } from '../../shared/domain/ports.ts';
import type { ClientIdentity, ExchangeRequest, Limits } from '../../shared/http/types.ts';

const DAY = 86_400_000;

interface Issue {
  readonly commonName: string;
  /** Host names and addresses the certificate is for. */
  readonly hosts?: readonly string[];
  /** Days from now at which validity begins and ends. */
  readonly days?: readonly [number, number];
}

export interface Pem {
  readonly cert: string;
  readonly key: string;
}

// One key pair serves every leaf and another every authority: what is tested is who signed what.
const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const caKeys = pair();
const leafKeys = pair();

function certificate(issue: Issue, keys: typeof caKeys, issuer: { name: string } | null): string {
  const cert = forge.pki.createCertificate();
  cert.publicKey = forge.pki.publicKeyFromPem(keys.publicKey);
  cert.serialNumber = `01${Buffer.from(issue.commonName).toString('hex').slice(0, 30)}`;
  const [from, to] = issue.days ?? [-1, 30];
  cert.validity.notBefore = new Date(Date.now() + from * DAY);
  cert.validity.notAfter = new Date(Date.now() + to * DAY);
  const name = (value: string) => [{ name: 'commonName', value }];
  cert.setSubject(name(issue.commonName));
  cert.setIssuer(name(issuer?.name ?? issue.commonName));
  const altNames = (issue.hosts ?? []).map((host) =>
    /^[\d.]+$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host },
  );
  cert.setExtensions([
    { name: 'basicConstraints', cA: issuer === null && issue.hosts === undefined, critical: true },
    ...(altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : []),
  ]);
  const signer = issuer === null ? keys : caKeys;
  cert.sign(forge.pki.privateKeyFromPem(signer.privateKey), forge.md.sha256.create());
  return forge.pki.certificateToPem(cert);
}

/** An authority of the tests' own; every one signs with the same key but under its own name. */
export function authority(commonName: string) {
  return {
    cert: certificate({ commonName }, caKeys, null),
    issue: (issue: Issue): Pem => ({
      cert: certificate(issue, leafKeys, { name: commonName }),
      key: leafKeys.privateKey,
    }),
  };
}

export function selfSigned(issue: Issue): Pem {
  return { cert: certificate(issue, leafKeys, null), key: leafKeys.privateKey };
}

export const bankCa = authority('Test Bank Root');
export const clientCa = authority('Test Client Root');
export const strangerCa = authority('Stranger Root');

const identityOf = ({ cert, key }: Pem): ClientIdentity => ({ certificate: cert, key: new Secret(key) });
export const ourIdentity = identityOf(clientCa.issue({ commonName: 'company' }));
export const strangerIdentity = identityOf(strangerCa.issue({ commonName: 'stranger' }));

export interface TestServer {
  readonly origin: string;
  readonly port: number;
  /** TCP connections accepted so far. */
  connections(): number;
  /** Requests that reached the handler. */
  requests(): number;
  close(): Promise<void>;
}

/** A node https server on 127.0.0.1, with a good certificate for it unless `tls` says otherwise. */
export async function startServer(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  tls: TlsOptions = {},
): Promise<TestServer> {
  const good = bankCa.issue({ commonName: 'bank', hosts: ['127.0.0.1', 'localhost'] });
  const sockets = new Set<Socket>();
  let connections = 0;
  let requests = 0;
  const server = createServer({ ...good, ...tls }, (request, response) => {
    requests += 1;
    handler(request, response);
  });
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on('secureConnection', (socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

export const quick: Limits = {
  connect: 2_000,
  headers: 2_000,
  bodyIdle: 2_000,
  total: 5_000,
  maxBytes: 1_000_000,
};

/** A GET as the client would hand it to an exchange. */
export function get(url: string, more: Partial<ExchangeRequest> = {}): ExchangeRequest {
  return {
    method: 'GET',
    url,
    headers: {},
    body: null,
    identity: null,
    ca: bankCa.cert,
    limits: quick,
    ...more,
  };
}

/** A clock that stands still until somebody sleeps. */
export function virtualClock(
  start = Date.parse('2026-11-21T10:00:00Z'),
): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    advance: (ms) => {
      now += ms;
    },
  };
}

/** A repeatable stream of chance. */
export function seededRandom(seed = 1): Random {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return { next, bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)) };
}

export interface Captured {
  readonly event: string;
  readonly fields: LogFields;
}

export function capturingLog(): Log & { readonly lines: Captured[] } {
  const lines: Captured[] = [];
  const take = (event: string, fields: LogFields = {}) => void lines.push({ event, fields });
  return { lines, info: take, warn: take, error: take };
}
