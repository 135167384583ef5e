import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { Agent, request, type Dispatcher } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox, type Sandbox } from '../../infra/sandbox/index.ts';
import { createAuthority } from '../../infra/sandbox/pki/authority.ts';
import { startBankServer } from '../../infra/sandbox/server.ts';
import { CURRENT, NOON, testClock } from './support.ts';

const ACCOUNTS = '/rbcz/premium/api/accounts';
const RATES = '/rbcz/premium/api/fxrates';

const DAY = 86_400_000;

let sandbox: Sandbox;
let agent: Agent;
const clock = testClock(NOON);

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 'server', clock });
  agent = new Agent({ connect: { ca: sandbox.ca, ...pfxOf(sandbox) } });
});
afterAll(async () => {
  await agent.destroy();
  await sandbox.stop();
});
beforeEach(() => {
  sandbox.banks.raiffeisen.behave();
  clock.advance(1000);
});

function pfxOf({ certificates: { ordinary } }: Sandbox) {
  return { pfx: Buffer.from(ordinary.pfx), passphrase: ordinary.passphrase };
}

function headers(more: Record<string, string> = {}): Record<string, string> {
  return { 'x-ibm-client-id': sandbox.clientId, 'x-request-id': 'over-tls', ...more };
}

function get(path: string, options: { dispatcher?: Dispatcher; headers?: Record<string, string> } = {}) {
  return request(`${sandbox.origins.raiffeisen}${path}`, {
    dispatcher: options.dispatcher ?? agent,
    headers: headers(options.headers),
  });
}

describe('who is let in', () => {
  const withTls = async (tls: object, path: string) => {
    const other = new Agent({ connect: { ca: sandbox.ca, ...tls } });
    try {
      const { statusCode, body } = await get(path, { dispatcher: other });
      return [statusCode, ((await body.json()) as { error?: string }).error];
    } finally {
      await other.destroy();
    }
  };

  it('a certificate of the bank', async () => {
    const { statusCode, body } = await get(ACCOUNTS);
    expect(statusCode).toBe(200);
    expect(await body.json()).toMatchObject({ totalSize: 4 });
    expect(sandbox.banks.raiffeisen.requests().at(-1)).toMatchObject({
      operation: 'getAccounts',
      certificate: sandbox.certificates.ordinary.serial,
      requestId: 'over-tls',
    });
  });

  it('nobody without a certificate, but for rates', async () => {
    expect(await withTls({}, ACCOUNTS)).toEqual([401, 'UNAUTHORISED']);
    expect(await withTls({}, RATES)).toEqual([200, undefined]);
  });

  it('a blocked certificate is known by its serial', async () => {
    sandbox.banks.raiffeisen.block(sandbox.certificates.ordinary.serial);
    expect(await withTls(pfxOf(sandbox), ACCOUNTS)).toEqual([401, 'INVALID_REQUEST']);
    sandbox.banks.raiffeisen.unblock(sandbox.certificates.ordinary.serial);
    expect((await withTls(pfxOf(sandbox), ACCOUNTS))[0]).toBe(200);
  });

  it('no certificate of a foreign authority, not even for rates; no expired one', async () => {
    const span = { notBefore: Date.now() - 2 * DAY, notAfter: Date.now() + DAY };
    const own = createAuthority({ commonName: 'Simulated bank CA', ...span });
    const foreign = createAuthority({ commonName: 'Simulated bank CA', ...span });
    const bank = sandbox.banks.raiffeisen;
    const server = await startBankServer({ bank, authority: own, clock });
    const holder = { commonName: 'x', organisation: 'y', keyType: 'ec-P-256' } as const;
    const call = async (issued: { certificatePem: string; keyPem: string }, path: string) => {
      const connect = { ca: server.ca, cert: issued.certificatePem, key: issued.keyPem };
      const dispatcher = new Agent({ connect });
      return request(`${server.origin}${path}`, { dispatcher, headers: headers() }).finally(() =>
        dispatcher.destroy(),
      );
    };
    expect((await call(own.issueClient(holder), ACCOUNTS)).statusCode).toBe(200);
    const served = bank.requests().length;
    const expired = own.issueClient({ ...holder, notAfter: Date.now() - DAY });
    for (const stranger of [foreign.issueClient(holder), expired]) {
      for (const path of [ACCOUNTS, RATES]) {
        await expect(call(stranger, path)).rejects.toMatchObject({
          code: expect.stringMatching(/ECONNRESET|SOCKET/),
        });
      }
    }
    expect(bank.requests()).toHaveLength(served);
    await server.stop();
  });

  it('nobody with TLS 1.1', async () => {
    const port = Number(new URL(sandbox.origins.raiffeisen).port);
    const outcome = await new Promise<string>((resolve) => {
      const options = { port, host: '127.0.0.1', ca: sandbox.ca, servername: 'localhost' };
      // Security level 0 lets this client offer the old version at all.
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      const socket = connect({ ...options, ...old }, () => resolve('connected'));
      socket.on('error', (error) => resolve(error.message));
    });
    expect(outcome).toMatch(/protocol version|alert/i);
  });

  it('the server is known by its authority alone', async () => {
    await expect(
      request(`${sandbox.origins.raiffeisen}${RATES}`, { headers: headers(), dispatcher: new Agent() }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) });
  });

  it('a resumed session still knows its certificate', async () => {
    const keepAlive = new HttpsAgent({
      ca: sandbox.ca,
      ...pfxOf(sandbox),
      keepAlive: false,
      maxCachedSessions: 5,
    });
    const call = () =>
      new Promise<{ status: number | undefined; resumed: boolean }>((resolve, reject) => {
        const outgoing = httpsRequest(
          `${sandbox.origins.raiffeisen}${ACCOUNTS}`,
          { agent: keepAlive, headers: headers() },
          (answer) => {
            const resumed = (answer.socket as import('node:tls').TLSSocket).isSessionReused();
            answer.resume().on('end', () => resolve({ status: answer.statusCode, resumed }));
          },
        );
        outgoing.on('error', reject).end();
      });
    await call();
    expect(await call()).toEqual({ status: 200, resumed: true });
  });
});

describe('how answers travel', () => {
  it('with the bank’s date, whole, and compressed where the caller accepts it', async () => {
    const plain = await get(`${ACCOUNTS}/${CURRENT}/CZK/transactions?from=2026-11-16&to=2026-11-20`);
    const text = await plain.body.text();
    expect(plain.headers['date']).toBe(new Date(clock.now()).toUTCString());
    expect(plain.headers['content-length']).toBe(String(Buffer.byteLength(text)));
    const packed = await get(`${ACCOUNTS}/${CURRENT}/CZK/transactions?from=2026-11-16&to=2026-11-20`, {
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(Buffer.from(await packed.body.arrayBuffer())).toString('utf8')).toBe(text);
  });

  it('204 has no body', async () => {
    const { statusCode, headers, body } = await get(`${ACCOUNTS}?page=7`);
    expect([statusCode, headers['content-length'], await body.text()]).toEqual([204, undefined, '']);
  });

  it('drop: the bank served it, the caller hears nothing', async () => {
    sandbox.banks.raiffeisen.misbehave({ kind: 'drop' });
    await expect(get(ACCOUNTS)).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
    expect(sandbox.banks.raiffeisen.requests().at(-1)).toMatchObject({
      operation: 'getAccounts',
      status: 200,
    });
  });

  it.each(['length', 'chunked'] as const)('truncate: a body cut short, framed by %s', async (framing) => {
    for (const after of [0, 1, 200, 1e9]) {
      sandbox.banks.raiffeisen.misbehave({ kind: 'truncate', framing, after });
      const whole = get(ACCOUNTS).then(({ body }) => body.text());
      await expect(whole).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
      clock.advance(1000);
    }
  });

  it('drip and stall: the caller’s patience ends first', async () => {
    for (const kind of ['drip', 'stall'] as const) {
      sandbox.banks.raiffeisen.misbehave({ kind });
      const impatient = new Agent({ connect: { ca: sandbox.ca, ...pfxOf(sandbox) }, bodyTimeout: 0 });
      const { statusCode, body } = await get(ACCOUNTS, { dispatcher: impatient });
      expect(statusCode).toBe(200);
      const first = await body[Symbol.asyncIterator]().next();
      expect((first.value as Buffer).length).toBeGreaterThan(0);
      await impatient.destroy();
    }
  });

  it('giant body: it goes on until the caller hangs up', async () => {
    sandbox.banks.raiffeisen.misbehave({ kind: 'giant-body' });
    const { body } = await get(ACCOUNTS);
    let size = 0;
    for await (const chunk of body) {
      size += (chunk as Buffer).length;
      if (size > 8 * 2 ** 20) break;
    }
    expect(size).toBeGreaterThan(8 * 2 ** 20);
  });

  it('a request too large is refused unread', async () => {
    const { statusCode } = await request(`${sandbox.origins.raiffeisen}${ACCOUNTS}/statements`, {
      method: 'POST',
      dispatcher: agent,
      headers: headers({ 'content-type': 'application/json' }),
      body: Buffer.alloc(16 * 1024 * 1024 + 1, 0x20),
    });
    expect(statusCode).toBe(413);
  });
});

it('the certificates are there in both kinds, with the sandbox’s days', async () => {
  const { ordinary, legacy } = sandbox.certificates;
  expect(ordinary.serial).not.toBe(legacy.serial);
  const { createSecureContext } = await import('node:tls');
  const open = ({ pfx, passphrase }: typeof ordinary) =>
    createSecureContext({ pfx: Buffer.from(pfx), passphrase });
  expect(() => open(ordinary)).not.toThrow();
  expect(() => open(legacy)).toThrow('Unsupported PKCS12 PFX data');
  expect([sandbox.today, sandbox.oldest, sandbox.warnings]).toEqual(['2026-11-21', '2026-08-18', []]);
});
