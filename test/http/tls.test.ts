import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createExchange } from '../../shared/http/exchange.ts';
import type { ExchangeError } from '../../shared/http/exchange-error.ts';
import type { ExchangeRequest } from '../../shared/http/types.ts';
import {
  bankCa,
  clientCa,
  get,
  ourIdentity,
  quick,
  selfSigned,
  startServer,
  strangerCa,
  strangerIdentity,
  type TestServer,
} from './support.ts';

const exchange = createExchange();
const servers: TestServer[] = [];

async function serve(...args: Parameters<typeof startServer>): Promise<TestServer> {
  const server = await startServer(...args);
  servers.push(server);
  return server;
}

const ok: Parameters<typeof startServer>[0] = (_request, response) => void response.end('ok');

async function failure(request: ExchangeRequest): Promise<ExchangeError> {
  return exchange(request).then(
    () => expect.unreachable('the exchange succeeded'),
    (error: unknown) => error as ExchangeError,
  );
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(() => exchange.close());

describe('row 14: the server must prove itself', () => {
  const bad = {
    'for another host': bankCa.issue({ commonName: 'other', hosts: ['other.example'] }),
    'self-signed': selfSigned({ commonName: 'bank', hosts: ['127.0.0.1'] }),
    'signed by a stranger': strangerCa.issue({ commonName: 'bank', hosts: ['127.0.0.1'] }),
    expired: bankCa.issue({ commonName: 'bank', hosts: ['127.0.0.1'], days: [-30, -1] }),
    'not yet valid': bankCa.issue({ commonName: 'bank', hosts: ['127.0.0.1'], days: [1, 30] }),
  };
  for (const [what, certificate] of Object.entries(bad)) {
    test(`row 14: certificate ${what}: theirs, and nothing was sent`, async () => {
      const server = await serve(ok, certificate);
      const error = await failure(get(server.origin, { identity: ourIdentity }));
      expect(error).toMatchObject({ name: 'ExchangeError', stage: 'tls-server', secured: false });
      expect(server.requests()).toBe(0);
    });
  }

  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    test(`row 14: a server that speaks only ${version} is refused`, async () => {
      const server = await serve(ok, {
        minVersion: version,
        maxVersion: version,
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      expect(await failure(get(server.origin))).toMatchObject({ stage: 'tls-server', secured: false });
      expect(server.requests()).toBe(0);
    });
  }

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`${version} with a good certificate is spoken`, async () => {
      const server = await serve(ok, { minVersion: version, maxVersion: version });
      expect((await exchange(get(server.origin))).status).toBe(200);
    });
  }

  test('a good certificate under localhost goes with the name', async () => {
    const server = await serve(ok);
    expect((await exchange(get(`https://localhost:${server.port}/`))).status).toBe(200);
  });

  test('row 14: without a CA of ours the public ones are trusted, not the test root', async () => {
    const server = await serve(ok);
    expect(await failure(get(server.origin, { ca: null }))).toMatchObject({ stage: 'tls-server' });
  });

  test('plain http is no way out', async () => {
    await expect(exchange(get('http://127.0.0.1:1/'))).rejects.toThrow('https');
  });
});

describe('row 14: our certificate', () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const demanding = { ca: clientCa.cert, requestCert: true, minVersion: version, maxVersion: version };

    test(`row 14: ${version}: accepted`, async () => {
      const server = await serve((request, response) => {
        const socket = request.socket as import('node:tls').TLSSocket;
        response.end(socket.getPeerCertificate().subject.CN);
      }, demanding);
      const answer = await exchange(get(server.origin, { identity: ourIdentity }));
      expect(Buffer.from(answer.body).toString()).toBe('company');
    });

    test(`row 14: ${version}: one of a stranger is refused: ours`, async () => {
      const server = await serve(ok, demanding);
      const error = await failure(get(server.origin, { identity: strangerIdentity }));
      expect(error.stage).toBe('tls-client');
      expect(server.requests()).toBe(0);
    });

    test(`row 14: ${version}: an accepted one whose answer is dropped is no refused one`, async () => {
      const server = await serve((request) => void request.socket.destroy(), demanding);
      const error = await failure(get(server.origin, { identity: ourIdentity }));
      expect(error).toMatchObject({ stage: 'sent', secured: true });
    });
  }

  test('row 14: no common cipher is theirs, although we have a certificate', async () => {
    const server = await serve(ok, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    const error = await failure(get(server.origin, { identity: ourIdentity }));
    expect(error).toMatchObject({ stage: 'tls-server', secured: false });
    expect(error.code).toContain('HANDSHAKE_FAILURE');
  });

  test('row 14: a key that is none is ours, before anything is sent', async () => {
    const server = await serve(ok);
    const identity = { ...ourIdentity, certificate: 'no certificate' };
    expect(await failure(get(server.origin, { identity }))).toMatchObject({
      stage: 'tls-client',
      secured: false,
    });
    expect(server.requests()).toBe(0);
  });

  test('two identities never share a connection', async () => {
    const server = await serve(
      (request, response) => {
        const socket = request.socket as import('node:tls').TLSSocket;
        response.end(socket.getPeerCertificate().subject?.CN ?? 'nobody');
      },
      { ca: [clientCa.cert, strangerCa.cert], requestCert: true, rejectUnauthorized: false },
    );
    const who = async (identity: ExchangeRequest['identity']) =>
      Buffer.from((await exchange(get(server.origin, { identity }))).body).toString();
    expect(await who(ourIdentity)).toBe('company');
    expect(await who(strangerIdentity)).toBe('stranger');
    expect(await who(null)).toBe('nobody');
    expect(await who(ourIdentity)).toBe('company');
    expect(server.connections()).toBe(3);
  });
});

describe('not reached', () => {
  test('an unknown name', async () => {
    // Longer than a label of a name may be, so no resolver is asked.
    expect(await failure(get(`https://${'x'.repeat(64)}.invalid/`))).toMatchObject({
      stage: 'dns',
      secured: false,
    });
  });

  test('a closed port', async () => {
    const server = await startServer(ok);
    await server.close();
    const error = await failure(get(server.origin));
    expect(error).toMatchObject({ stage: 'connect', secured: false, code: 'ECONNREFUSED' });
  });

  test('row 10: a server that never answers the handshake', async () => {
    const { createServer } = await import('node:net');
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as import('node:net').AddressInfo;
    const error = await failure(get(`https://127.0.0.1:${port}/`, { limits: { ...quick, connect: 150 } }));
    expect(error).toMatchObject({ stage: 'connect', secured: false, code: 'ETIMEDOUT' });
    silent.close();
  });
});
