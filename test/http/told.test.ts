import { describe, expect, test } from 'vitest';
import { Failure } from '../../shared/domain/failure.ts';
import { createBankClient } from '../../shared/http/client.ts';
import { createQuota } from '../../shared/http/quota.ts';
import type { BankRequest, ExchangeResponse } from '../../shared/http/types.ts';
import { capturingLog, seededRandom, virtualClock } from './support.ts';

const policy = {
  rules: [],
  headers: { remainingSecond: null, remainingDay: null },
  backoff: 1_200_000,
  exhaustedBackoff: 1_200_000,
};

function clientOf(answer: Partial<ExchangeResponse>) {
  const clock = virtualClock();
  const urls: string[] = [];
  const call = createBankClient({
    exchange: async ({ url }) => {
      urls.push(url);
      return { status: 200, headers: {}, body: new Uint8Array(), ...answer };
    },
    clock,
    random: seededRandom(),
    log: capturingLog(),
    quota: createQuota({ policy, clock, usage: {}, notBefore: null }),
    manifestQuota: policy,
    origin: 'https://bank.example',
    base: '/api',
    identity: null,
    ca: null,
    deadline: clock.now() + 60_000,
  });
  return { call, clock, urls };
}

const ask: BankRequest = { operation: 'ask', method: 'GET', path: '', accept: ['*/*'], read: true };
const failureOf = async (work: Promise<unknown>): Promise<Failure> => {
  const thrown = await work.catch((error: unknown) => error);
  if (thrown instanceof Failure) return thrown;
  throw new Error('expected a Failure');
};

describe('an address the bank handed out', () => {
  test('goes to the letter, on the bank’s own host and without the base', async () => {
    for (const target of ['/down?id=a+b/c==', '/a%2fb?x=%C3%a9&y', '/?id=1']) {
      const { call, urls } = clientOf({});
      await call({ ...ask, target });
      expect(urls).toEqual([`https://bank.example${target}`]);
    }
  });

  test('one that would lead elsewhere, or be written in another way, is not called', async () => {
    for (const target of ['@evil.example/', '.evil.example/', ':81/x', '/a/../b', '/a b', '/a#b', '/é', '']) {
      const { call, urls } = clientOf({});
      expect((await failureOf(call({ ...ask, target }))).kind, target).toBe('rejected');
      expect(urls).toEqual([]);
    }
  });
});

describe('any media type', () => {
  test('but a web page', async () => {
    for (const type of ['application/octet-stream', 'text/plain', '']) {
      expect((await clientOf({ headers: { 'content-type': type } }).call(ask)).mediaType).toBe(type);
    }
    for (const type of ['text/html; charset=utf-8', 'application/xhtml+xml']) {
      expect((await failureOf(clientOf({ headers: { 'content-type': type } }).call(ask))).kind).toBe(
        'transient',
      );
    }
  });
});

describe('what an answer says of itself', () => {
  test('an answer of the contract is handed on whatever its status', async () => {
    const { call } = clientOf({ status: 500 });
    expect((await call({ ...ask, told: () => ({ kind: 'answer' }) })).status).toBe(500);
    expect((await failureOf(clientOf({ status: 500 }).call({ ...ask, told: () => null }))).kind).toBe(
      'transient',
    );
  });

  test('too many calls: silence of the manifest, with the bank’s own words for it', async () => {
    const { call, clock, urls } = clientOf({ status: 500 });
    const told = () => ({ kind: 'too-many-calls', code: '1101', requestId: 'T-1' }) as const;
    expect(await failureOf(call({ ...ask, read: false, told }))).toMatchObject({
      kind: 'rate-limited',
      detail: { code: '1101', requestId: 'T-1', notBefore: clock.now() + policy.backoff },
    });
    expect((await failureOf(call(ask))).kind).toBe('rate-limited');
    expect(urls).toHaveLength(1);
  });
});
