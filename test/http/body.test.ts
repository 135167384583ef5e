import type { ServerResponse } from 'node:http';
import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createExchange } from '../../shared/http/exchange.ts';
import type { ExchangeError } from '../../shared/http/exchange-error.ts';
import type { ExchangeRequest, Limits } from '../../shared/http/types.ts';
import { get, quick, startServer, type TestServer } from './support.ts';

const exchange = createExchange();
const servers: TestServer[] = [];
const text = JSON.stringify({
  entries: Array.from({ length: 40 }, (_, index) => ({ index, name: 'položka' })),
});

async function serve(answer: (response: ServerResponse) => void): Promise<TestServer> {
  const server = await startServer((_request, response) => answer(response));
  servers.push(server);
  return server;
}

async function failure(request: ExchangeRequest): Promise<ExchangeError> {
  return exchange(request).then(
    () => expect.unreachable('the exchange succeeded'),
    (error: unknown) => error as ExchangeError,
  );
}

const withLimits = (limits: Partial<Limits>): Partial<ExchangeRequest> => ({
  limits: { ...quick, ...limits },
});

/** Writes raw bytes instead of a proper answer, then closes. */
function raw(response: ServerResponse, head: string, body: Uint8Array | string): void {
  response.socket?.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`), Buffer.from(body)]));
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(() => exchange.close());

describe('whole answers', () => {
  const encodings = {
    identity: (body: string) => Buffer.from(body),
    gzip: gzipSync,
    br: brotliCompressSync,
    deflate: deflateSync,
  };
  for (const [encoding, encode] of Object.entries(encodings)) {
    test(`${encoding} is undone`, async () => {
      const server = await serve((response) =>
        response.setHeader('content-encoding', encoding).end(encode(text)),
      );
      const answer = await exchange(get(server.origin));
      expect(Buffer.from(answer.body).toString()).toBe(text);
    });
  }

  test('method, headers and body arrive; the connection is kept', async () => {
    const seen: unknown[] = [];
    const server = await startServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push([request.method, request.url, request.headers['x-one'], Buffer.concat(chunks).toString()]);
        response.writeHead(201, { 'X-Two': ['a', 'b'] }).end();
      });
    });
    servers.push(server);
    const request = get(`${server.origin}/path?a=b%20c`, {
      method: 'POST',
      headers: { 'x-one': '1' },
      body: Buffer.from('hello'),
    });
    for (const _round of [1, 2, 3]) {
      expect(await exchange(request)).toMatchObject({ status: 201, headers: { 'x-two': 'a, b' } });
    }
    expect(seen).toEqual(Array(3).fill(['POST', '/path?a=b%20c', '1', 'hello']));
    expect(server.connections()).toBe(1);
  });

  test('204 has no body, whatever its headers say', async () => {
    const server = await serve((response) => response.writeHead(204, { 'content-encoding': 'gzip' }).end());
    expect(await exchange(get(server.origin))).toMatchObject({ status: 204, body: { length: 0 } });
  });
});

describe('row 10: slow answers', () => {
  test('row 10: no headers', async () => {
    const server = await serve(() => {});
    expect(await failure(get(server.origin, withLimits({ headers: 100 })))).toMatchObject({
      stage: 'timeout',
    });
  });

  test('row 10: half-open: headers, then silence', async () => {
    const server = await serve(
      (response) => void response.writeHead(200, { 'content-length': 10 }).flushHeaders(),
    );
    expect(await failure(get(server.origin, withLimits({ bodyIdle: 100 })))).toMatchObject({
      stage: 'timeout',
    });
  });

  test('row 10: stalled in the middle of the body', async () => {
    const server = await serve(
      (response) => void response.writeHead(200, { 'content-length': 10 }).write('half'),
    );
    expect(await failure(get(server.origin, withLimits({ bodyIdle: 100 })))).toMatchObject({
      stage: 'timeout',
    });
  });

  test('row 10: a drip that never idles meets the total deadline', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-length': 1_000_000 });
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const error = await failure(get(server.origin, withLimits({ bodyIdle: 2_000, total: 300 })));
    expect(error).toMatchObject({ stage: 'timeout', secured: true });
  });

  test('a caller that gives up is obeyed', async () => {
    const server = await serve(() => {});
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    expect(await failure(get(server.origin, { signal: controller.signal }))).toMatchObject({
      stage: 'timeout',
    });
  });
});

describe('row 11: cut answers', () => {
  const chunk = (body: string) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;
  const whole = Buffer.from(text);

  test('row 11: shorter than its content-length, cut at every 64th byte', async () => {
    let cut = 0;
    const server = await serve((response) =>
      raw(response, `content-length: ${whole.length}`, whole.subarray(0, cut)),
    );
    for (; cut < whole.length; cut += 64) {
      expect(await failure(get(server.origin)), `cut at ${cut}`).toMatchObject({
        stage: 'body',
        secured: true,
      });
    }
  });

  test('row 11: announced as the last on its connection and cut', async () => {
    const server = await serve((response) =>
      raw(response, `connection: close\r\ncontent-length: ${whole.length}`, whole.subarray(0, 100)),
    );
    expect(await failure(get(server.origin))).toMatchObject({ stage: 'body' });
  });

  for (const connection of ['keep-alive', 'close']) {
    test(`row 11: the end of the chunks is missing (connection: ${connection})`, async () => {
      const head = `connection: ${connection}\r\ntransfer-encoding: chunked`;
      const server = await serve((response) => raw(response, head, chunk(text)));
      expect(await failure(get(server.origin))).toMatchObject({ stage: 'body' });
    });

    test(`row 11: cut inside a chunk (connection: ${connection})`, async () => {
      const head = `connection: ${connection}\r\ntransfer-encoding: chunked`;
      const server = await serve((response) => raw(response, head, chunk(text).slice(0, 200)));
      expect(await failure(get(server.origin))).toMatchObject({ stage: 'body' });
    });
  }

  test('row 11: compressed data cut although the length fits', async () => {
    for (const [encoding, encode] of [
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
      ['deflate', deflateSync],
    ] as const) {
      const cut = encode(text).subarray(0, -5);
      const server = await serve((response) => response.setHeader('content-encoding', encoding).end(cut));
      expect(await failure(get(server.origin)), encoding).toMatchObject({ stage: 'body' });
    }
  });

  test('row 11: damaged compressed data', async () => {
    const damaged = gzipSync(text).fill(0x55, 20, 40);
    const server = await serve((response) => response.setHeader('content-encoding', 'gzip').end(damaged));
    expect(await failure(get(server.origin))).toMatchObject({ stage: 'body' });
  });

  test('row 11: a success that ends only with the connection could be cut anywhere, so it is refused', async () => {
    const server = await serve((response) => raw(response, 'connection: close', text));
    expect(await failure(get(server.origin))).toMatchObject({ stage: 'body', code: 'NO_LENGTH' });
  });

  test('an encoding we did not ask for', async () => {
    const server = await serve((response) => response.setHeader('content-encoding', 'zstd').end(text));
    expect(await failure(get(server.origin))).toMatchObject({ stage: 'body', code: 'UNKNOWN_ENCODING' });
  });

  test('no HTTP at all', async () => {
    const server = await serve((response) => response.socket?.write('SMTP ready\r\n\r\n'));
    expect(await failure(get(server.origin))).toMatchObject({ stage: 'headers' });
  });

  test('headers without end', async () => {
    const server = await serve((response) =>
      response.socket?.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`),
    );
    expect(await failure(get(server.origin))).toMatchObject({ stage: 'headers' });
  });
});

describe('row 12: too much', () => {
  const MiB = 1024 * 1024;

  test('row 12: exactly the cap is allowed, one byte more is not', async () => {
    let size = 1_000;
    const server = await serve((response) => response.end('x'.repeat(size)));
    expect((await exchange(get(server.origin, withLimits({ maxBytes: 1_000 })))).body.length).toBe(1_000);
    size += 1;
    const error = await failure(get(server.origin, withLimits({ maxBytes: 1_000 })));
    expect(error).toMatchObject({ stage: 'too-large' });
  });

  test('row 12: a gzip bomb is cut at the cap and memory stays flat', async () => {
    let sent = 0;
    const server = await serve((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const gzip = createGzip();
      const zeros = Buffer.alloc(MiB);
      // 4 GiB of zeros unless the reader hangs up.
      const feed = () => {
        while (sent < 4096 && !response.destroyed) {
          sent += 1;
          if (!gzip.write(zeros)) return void gzip.once('drain', feed);
        }
        gzip.end();
      };
      gzip.on('error', () => {}).pipe(response);
      response.on('close', () => gzip.destroy());
      feed();
    });
    const before = process.memoryUsage().rss;
    const error = await failure(get(server.origin, withLimits({ maxBytes: 8 * MiB, total: 20_000 })));
    expect(error).toMatchObject({ stage: 'too-large' });
    // The bomb is made in this very process, so room is left for its side too.
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MiB);
    expect(sent).toBeLessThan(4096);
  });

  test('row 12: a giant plain body without a length', async () => {
    const server = await serve((response) => {
      const piece = Buffer.alloc(64 * 1024);
      const feed = () => {
        while (!response.destroyed) if (!response.write(piece)) return void response.once('drain', feed);
      };
      feed();
    });
    expect(await failure(get(server.origin, withLimits({ maxBytes: MiB })))).toMatchObject({
      stage: 'too-large',
    });
  });
});

describe('row 13: redirects', () => {
  test('row 13: a redirect is an answer, and no second connection is opened', async () => {
    const target = await serve((response) => response.end('reached'));
    for (const location of [target.origin, 'http://169.254.169.254/latest/meta-data/', '/again']) {
      const server = await serve((response) => response.writeHead(302, { location }).end());
      expect(await exchange(get(server.origin))).toMatchObject({ status: 302, headers: { location } });
      expect(server.connections()).toBe(1);
    }
    expect(target.connections()).toBe(0);
  });
});

describe('agents', () => {
  test('connections of credentials long unused are closed', async () => {
    const server = await serve((response) => response.end('ok'));
    const small = createExchange();
    for (let connect = 1_000; connect < 1_006; connect++) {
      await small(get(server.origin, withLimits({ connect })));
    }
    // The first line was given up, so it is opened anew.
    await small(get(server.origin, withLimits({ connect: 1_000 })));
    expect(server.connections()).toBe(7);
    await small(get(server.origin, withLimits({ connect: 1_005 })));
    expect(server.connections()).toBe(7);
    await small.close();
  });
});
