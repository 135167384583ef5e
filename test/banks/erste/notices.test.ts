import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountRef, Connector, Notice } from '../../../shared/banks/contract.ts';
import type { NoticeMessage } from '../../../infra/sandbox/erste/subscriptions.ts';
import { openBench, refOf, type Bench } from '../../conformance/bench.ts';
import { account, bankThat, errors, failureOf, listed, page } from './support.ts';

const URL_OF_OURS = 'https://gateway.example/callbacks/erste/notices/abc';

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const [bankKey, nextKey, strangerKey] = [rsa(), rsa(), rsa()];
const jwk = (key: { publicKey: KeyObject }, over: Record<string, unknown> = {}) => ({
  ...key.publicKey.export({ format: 'jwk' }),
  use: 'sig',
  kid: '1',
  ...over,
});

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const PAYLOAD = { notificationBody: {}, nonce: 'nonce-1', timestamp: '1763719200' };

/** A signed header as somebody makes it. */
function fingerprint(
  key: KeyObject,
  {
    header = { alg: 'RS512' },
    payload = PAYLOAD,
    hash = 'sha512',
  }: { header?: object; payload?: unknown; hash?: string } = {},
): string {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  return `${signed}.${sign(hash, Buffer.from(signed), key).toString('base64url')}`;
}

const noticeOf = (value: string | undefined): Notice => ({
  headers: { 'content-type': 'application/json', fingerprint: value },
  body: Buffer.from('{}'),
});

/** A bank that publishes these keys, those of the next answer behind. */
const publishing = (...keys: readonly (readonly unknown[])[]) => {
  let at = 0;
  return bankThat(({ path }) =>
    path === '/.well-known/jwks' ? { body: { keys: keys[Math.min(at++, keys.length - 1)] } } : null,
  );
};

describe('a notice', () => {
  test('of the bank tells its nonce and when it was signed', async () => {
    const { connector, asked } = publishing([jwk(bankKey)]);
    expect(await connector.verifyNotice(noticeOf(fingerprint(bankKey.privateKey)))).toEqual({
      nonce: 'nonce-1',
      signedAt: 1_763_719_200_000,
    });
    expect(asked[0]?.headers).toMatchObject({ 'web-api-key': 'canary-key' });
    expect(asked[0]?.headers, 'the key alone').not.toHaveProperty('authorization');
  });

  test('played again says the same nonce: to know it is the flow’s', async () => {
    const { connector, asked } = publishing([jwk(bankKey)]);
    const notice = noticeOf(fingerprint(bankKey.privateKey));
    expect(await connector.verifyNotice(notice)).toEqual(await connector.verifyNotice(notice));
    expect(asked.length, 'keys are read once').toBe(1);
  });

  test('is tried with every key, whatever their names', async () => {
    const { connector } = publishing([
      { kty: 'EC', crv: 'P-256', x: 'a', y: 'b' },
      jwk(strangerKey),
      jwk(bankKey, { use: undefined, alg: 'RS256' }),
    ]);
    await connector.verifyNotice(noticeOf(fingerprint(bankKey.privateKey)));
  });

  test('with a key the bank has taken since is checked with keys read anew, once', async () => {
    const { connector, asked } = publishing([jwk(bankKey)], [jwk(nextKey)]);
    await connector.verifyNotice(noticeOf(fingerprint(bankKey.privateKey)));
    await connector.verifyNotice(noticeOf(fingerprint(nextKey.privateKey)));
    expect(asked.length).toBe(2);
    expect(
      (await failureOf(connector.verifyNotice(noticeOf(fingerprint(strangerKey.privateKey))))).kind,
    ).toBe('rejected');
    expect(asked.length).toBe(3);
  });

  const unsigned = `${base64url({ alg: 'none' })}.${base64url(PAYLOAD)}.`;
  /** The public key as the secret of an HMAC: what an algorithm read from the header would fall for. */
  const confused = (): string => {
    const signed = `${base64url({ alg: 'HS512' })}.${base64url(PAYLOAD)}`;
    const secret = bankKey.publicKey.export({ type: 'spki', format: 'pem' });
    return `${signed}.${createHmac('sha512', secret).update(signed).digest('base64url')}`;
  };
  const good = fingerprint(bankKey.privateKey);
  const [head = '', , tail = ''] = good.split('.');

  test.each([
    ['of a stranger’s key', fingerprint(strangerKey.privateKey)],
    ['with the algorithm none', unsigned],
    [
      'with the algorithm none and a signature',
      `${base64url({ alg: 'none' })}.${base64url(PAYLOAD)}.${tail}`,
    ],
    ['with HS512 keyed by the public key', confused()],
    ['with RS256', fingerprint(bankKey.privateKey, { header: { alg: 'RS256' }, hash: 'sha256' })],
    ['that says RS512 over a RS256 signature', fingerprint(bankKey.privateKey, { hash: 'sha256' })],
    [
      'that brings its own key',
      fingerprint(strangerKey.privateKey, { header: { alg: 'RS512', jwk: jwk(strangerKey) } }),
    ],
    [
      'with another content under the signature',
      `${head}.${base64url({ ...PAYLOAD, nonce: 'other' })}.${tail}`,
    ],
    ['cut off', good.slice(0, -10)],
    ['in the JSON form', JSON.stringify({ payload: base64url(PAYLOAD), signature: tail, protected: head })],
    ['that is empty', ''],
    ['that is missing', undefined],
    ['of 40 KB', 'x'.repeat(40_000)],
    ['without a nonce', fingerprint(bankKey.privateKey, { payload: { timestamp: '1' } })],
    [
      'with an endless nonce',
      fingerprint(bankKey.privateKey, { payload: { ...PAYLOAD, nonce: 'n'.repeat(201) } }),
    ],
    ['without a timestamp', fingerprint(bankKey.privateKey, { payload: { nonce: 'n' } })],
    [
      'with a date for a timestamp',
      fingerprint(bankKey.privateKey, { payload: { nonce: 'n', timestamp: '2026-11-21' } }),
    ],
    ['that signs no object', fingerprint(bankKey.privateKey, { payload: 'nonce' })],
  ])('%s is rejected', async (_, value) => {
    const { connector } = publishing([jwk(bankKey)]);
    const failure = await failureOf(connector.verifyNotice(noticeOf(value)));
    expect(failure.kind).toBe('rejected');
    expect(failure.message).toMatch(/not the bank’s/);
  });

  test('cannot be checked while the bank gives no keys, and that is no refusal', async () => {
    const notice = noticeOf(good);
    const { connector } = bankThat(() => errors(503, 'SERVICE_UNAVAILABLE'));
    expect((await failureOf(connector.verifyNotice(notice))).kind).toBe('transient');
    const { connector: other } = bankThat(() => ({ body: { keys: 'none' } }));
    expect((await failureOf(other.verifyNotice(notice))).kind).toBe('protocol');
  });
});

describe('a subscription', () => {
  const notifications = (...urls: string[]) => ({
    notifications: urls.map((notificationUrl, at) => ({
      notificationUrl,
      accountId: 'ID-1',
      notificationId: `id-${at}`,
    })),
  });

  test('is made once: one that stands is taken', async () => {
    const { connector, asked } = bankThat(({ path }) =>
      path.endsWith('/notification/') ? { body: notifications('https://other.example', URL_OF_OURS) } : null,
    );
    expect(await connector.subscribe(account, URL_OF_OURS)).toBe('id-1');
    expect(asked.some(({ method }) => method === 'POST')).toBe(false);
  });

  test('is made where there is none', async () => {
    const { connector, asked } = bankThat(({ path, method }) => {
      if (path.endsWith('/notification/')) return { body: notifications() };
      return method === 'POST' ? { body: notifications(URL_OF_OURS).notifications[0] } : null;
    });
    expect(await connector.subscribe(account, URL_OF_OURS)).toBe('id-0');
    const { path, body, headers } = asked.at(-1)!;
    expect(path).toBe('/my/accounts/ID-1/notification');
    expect(JSON.parse(body)).toEqual({ notificationUrl: URL_OF_OURS });
    expect(headers['content-type']).toBe('application/json');
  });

  test('of an account whose id has aged: told as 400 here, looked up once more', async () => {
    let id = 'OLD';
    const { connector } = bankThat(({ path }) => {
      if (path === '/my/accounts') return { body: page('accounts', [listed(id)]) };
      if (path.includes('/OLD/')) return errors(400, 'ID_NOT_FOUND');
      return { body: notifications(URL_OF_OURS) };
    });
    await connector.accounts();
    id = 'NEW';
    expect(await connector.subscribe(account, URL_OF_OURS)).toBe('id-0');
  });

  test('is taken back, and one that is gone is taken back already', async () => {
    for (const answer of [{ status: 204 }, errors(400, 'ID_NOT_FOUND')]) {
      const { connector, asked } = bankThat(({ method }) => (method === 'DELETE' ? answer : null));
      await connector.unsubscribe(account, 'a/b');
      expect(asked.find(({ method }) => method === 'DELETE')?.path).toBe(
        '/my/accounts/ID-1/notification/a%2Fb',
      );
    }
    const { connector } = bankThat(({ method }) => (method === 'DELETE' ? errors(400, 'AG01') : null));
    expect((await failureOf(connector.unsubscribe(account, 'a'))).kind).toBe('rejected');
  });

  test('one too many is told', async () => {
    const { connector } = bankThat(({ path, method }) => {
      if (path.endsWith('/notification/')) return { body: notifications() };
      return method === 'POST' ? errors(400, 'NOTIFICATION_COUNT_LIMIT_EXCEEDED') : null;
    });
    expect((await failureOf(connector.subscribe(account, URL_OF_OURS))).message).toMatch(/Remove those/);
  });
});

describe('with the simulated bank', () => {
  let bench: Bench;
  let connector: Required<Connector>;
  let ref: AccountRef;
  beforeAll(async () => {
    bench = await openBench('erste');
    connector = bench.connect();
    ref = refOf((await connector.accounts())[0]!, bench.manifest);
  });
  afterAll(() => bench?.stop());

  const received = ({ headers, body }: NoticeMessage): Notice => ({ headers, body: Buffer.from(body) });

  test('what it sends for a booked movement is its own, and leads to the movement', async () => {
    const arrived: Notice[] = [];
    const server = createServer((request, reply) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        arrived.push({ headers: request.headers as Notice['headers'], body: Buffer.concat(chunks) });
        reply.writeHead(200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notices`;
    const { erste } = bench.sandbox.banks;
    const id = await connector.subscribe(ref, url);
    expect(await connector.subscribe(ref, url), 'once').toBe(id);
    const now = Math.floor(bench.clock.now() / 1_000) * 1_000;
    const { entryReference, messages } = erste.book({ iban: ref.iban!, minor: 77_00n });
    expect(await erste.send(messages)).toEqual([200]);
    expect(arrived.length).toBe(1);
    const { signedAt } = await connector.verifyNotice(arrived[0]!);
    expect(signedAt).toBe(now);
    const days = { from: '2026-11-21', to: '2026-11-21' };
    const { transactions } = (await connector.transactions(ref, days, null)).parse();
    expect(transactions.map(({ bankReference }) => bankReference)).toContain(entryReference);
    await connector.unsubscribe(ref, id);
    expect(erste.book({ iban: ref.iban!, minor: 1n }).messages).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });

  test('its new key of the year is found', async () => {
    const { erste } = bench.sandbox.banks;
    const id = await connector.subscribe(ref, URL_OF_OURS);
    const [before] = erste.book({ iban: ref.iban!, minor: 1_00n }).messages;
    await connector.verifyNotice(received(before!));
    erste.renewKey();
    const [after] = erste.book({ iban: ref.iban!, minor: 2_00n }).messages;
    await connector.verifyNotice(received(after!));
    expect((await failureOf(connector.verifyNotice(received(before!)))).kind).toBe('rejected');
    await connector.unsubscribe(ref, id);
  });

  test('ten for one account, then no more', async () => {
    const made: string[] = [];
    for (let number = 0; number < 10; number++)
      made.push(await connector.subscribe(ref, `https://gateway.example/${number}`));
    const failure = await failureOf(connector.subscribe(ref, 'https://gateway.example/10'));
    expect(failure.detail.code).toBe('NOTIFICATION_COUNT_LIMIT_EXCEEDED');
    for (const id of made) await connector.unsubscribe(ref, id);
  });

  test('it sends to HTTPS on port 443 only', async () => {
    for (const url of ['http://gateway.example/', 'https://gateway.example:8443/', 'no address'])
      expect((await failureOf(connector.subscribe(ref, url))).kind).toBe('rejected');
  });
});
