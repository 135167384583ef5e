import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAuthenticate, maySee, newApiKey, type Caller } from '../../shared/api/caller.ts';
import { Problem } from '../../shared/api/problem.ts';
import type { ApiKey } from '../../shared/domain/records.ts';
import { random } from '../support/gateway.ts';

const MINUTE = 60_000;

/** A table of keys under a clock that is moved by hand; counts how often the table is asked. */
function bench(start = Date.parse('2026-11-18T11:00:00Z')) {
  let time = start;
  let asked = 0;
  const keys = new Map<string, ApiKey>();
  const authenticate = createAuthenticate(
    async (hash) => {
      asked += 1;
      return keys.get(hash) ?? null;
    },
    { now: () => time, sleep: () => Promise.reject(new Error('nobody sleeps here')) },
  );
  return {
    authenticate,
    advance: (ms: number) => void (time += ms),
    asked: () => asked,
    add(more: Partial<ApiKey> = {}) {
      const { secret, hash, prefix } = newApiKey(random);
      const key: ApiKey = {
        id: `key_${keys.size}`,
        company: 'com_1',
        name: 'n',
        hash,
        prefix,
        scopes: ['read'],
        user: null,
        createdAt: '',
        revokedAt: null,
        ...more,
      };
      keys.set(hash, key);
      return {
        header: `Bearer ${secret}`,
        revoke: () => keys.set(hash, { ...key, revokedAt: '2026-11-18T11:00:00.000Z' }),
      };
    },
  };
}

const status = (calling: Promise<unknown>): Promise<number> =>
  calling.then(
    () => 200,
    (error: unknown) => (error as Problem).statusCode,
  );

describe('a revoked key', () => {
  test('row 66: dies within a minute where it was used the moment before', async () => {
    const { authenticate, add, advance } = bench();
    const { header, revoke } = add();
    expect(await status(authenticate(header, 'read'))).toBe(200);
    revoke();
    advance(MINUTE - 1);
    expect(await status(authenticate(header, 'read'))).toBe(200);
    advance(1);
    expect(await status(authenticate(header, 'read'))).toBe(401);
  });

  test('row 66: does not live longer by being used all the time', async () => {
    const { authenticate, add, advance } = bench();
    const { header, revoke } = add();
    await authenticate(header, 'read');
    revoke();
    for (let seconds = 1; seconds < 60; seconds++) {
      advance(1000);
      expect(await status(authenticate(header, 'read'))).toBe(200);
    }
    advance(1000);
    expect(await status(authenticate(header, 'read'))).toBe(401);
  });

  test('is dead at once where it was not used before, and stays dead', async () => {
    const { authenticate, add, advance } = bench();
    const { header, revoke } = add();
    revoke();
    expect(await status(authenticate(header, 'read'))).toBe(401);
    advance(10 * MINUTE);
    expect(await status(authenticate(header, 'read'))).toBe(401);
  });

  test('whenever it is revoked, is refused from a minute on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(2 * MINUTE), { maxLength: 12 }),
        fc.nat(12),
        async (pauses, revokeAt) => {
          const { authenticate, add, advance } = bench();
          const { header, revoke } = add();
          let since: number | null = null;
          for (const [step, pause] of pauses.entries()) {
            if (step === revokeAt) {
              revoke();
              since = 0;
            }
            advance(pause);
            if (since !== null) since += pause;
            const allowed = (await status(authenticate(header, 'read'))) === 200;
            if (since === null) expect(allowed).toBe(true);
            else if (since >= MINUTE) expect(allowed).toBe(false);
          }
        },
      ),
    );
  });
});

test('a key is looked up once a minute', async () => {
  const { authenticate, add, advance, asked } = bench();
  const { header } = add();
  for (let i = 0; i < 50; i++) await authenticate(header, 'read');
  expect(asked()).toBe(1);
  advance(MINUTE);
  await authenticate(header, 'read');
  expect(asked()).toBe(2);
});

test('a key that is not there is asked for every time: a new one works at once', async () => {
  const { authenticate, add, asked } = bench();
  const { header } = add();
  const unknown = `Bearer ${newApiKey(random).secret}`;
  expect(await status(authenticate(unknown, 'read'))).toBe(401);
  expect(await status(authenticate(unknown, 'read'))).toBe(401);
  expect(asked()).toBe(2);
  expect(await status(authenticate(header, 'read'))).toBe(200);
});

test('what is no key at all never reaches the table', async () => {
  const { authenticate, asked } = bench();
  const headers = fc.oneof(
    fc.string(),
    fc.string().map((text) => `Bearer ${text}`),
    fc.constant(undefined),
  );
  await fc.assert(
    fc.asyncProperty(headers, async (header) => {
      expect(await status(authenticate(header, 'read'))).toBe(401);
    }),
  );
  expect(asked()).toBe(0);
});

test('a failing table is no verdict on the key', async () => {
  const authenticate = createAuthenticate(() => Promise.reject(new Error('throttled')), {
    now: () => 0,
    sleep: () => Promise.resolve(),
  });
  await expect(authenticate(`Bearer ${newApiKey(random).secret}`, 'read')).rejects.toThrow('throttled');
});

test('more keys than the cache holds are all served', async () => {
  const { authenticate, add } = bench();
  const headers = Array.from({ length: 1_100 }, () => add().header);
  for (const header of headers) expect(await status(authenticate(header, 'read'))).toBe(200);
  expect(await status(authenticate(headers[0], 'read'))).toBe(200);
});

test('a scope is held or it is not; none includes another', async () => {
  const { authenticate, add } = bench();
  const scopes = ['read', 'pay', 'admin', 'match'] as const;
  for (const held of scopes) {
    const { header } = add({ scopes: [held] });
    for (const needed of scopes) {
      expect(await status(authenticate(header, needed))).toBe(held === needed ? 200 : 403);
    }
  }
});

test('the caller is who the key says', async () => {
  const { authenticate, add } = bench();
  const { header } = add({ id: 'key_x', company: 'com_x', user: 'anna', scopes: ['read', 'pay'] });
  expect(await authenticate(header, 'pay')).toEqual({
    company: 'com_x',
    key: 'key_x',
    scopes: ['read', 'pay'],
    user: 'anna',
  });
});

describe('what a caller sees', () => {
  const caller = (user: string | null, ...scopes: Caller['scopes']): Caller => ({
    company: 'com_1',
    key: 'key_1',
    scopes,
    user,
  });
  test.each([
    // user of the key, scopes, owner, seen
    [null, ['read'], null, true],
    [null, ['read'], 'anna', false],
    [null, ['admin'], 'anna', true],
    ['anna', ['read'], null, true],
    ['anna', ['read'], 'anna', true],
    ['anna', ['read'], 'boris', false],
    ['anna', ['admin'], 'boris', false],
  ] as const)('key of %s with %j, owner %s: %s', (user, scopes, owner, seen) => {
    expect(maySee(caller(user, ...scopes), owner)).toBe(seen);
  });
});
