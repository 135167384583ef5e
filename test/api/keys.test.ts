import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES as ALL } from '../../shared/api/routes.ts';
import type { keyView } from '../../shared/api/views.ts';
import { apiKeyKey, apiKeyPointerKey } from '../../shared/store/keys.ts';
import { done, refused } from '../support/api.ts';
import {
  addCompany,
  addConnection,
  addKey,
  connect,
  startTestGateway,
  type AccountBody,
  type ConnectionBody,
  type Items,
  type TestGateway,
} from '../support/gateway.ts';

type KeyBody = ReturnType<typeof keyView>;

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
});
afterAll(() => t?.stop());

const ROUTES = ALL.filter(({ scope }) => scope !== null);
/** A request that would be carried out if the key allowed it. */
const requestTo = (key: string): string => key.replaceAll(/\{\w+\}/g, 'x');

describe('a route that needs a key', () => {
  test.each(ROUTES.map(({ key }) => key))('%s refuses a caller without one', async (key) => {
    const { detail } = refused(await t.as(null)(requestTo(key)), 401, 'unauthenticated');
    expect(detail).toContain('POST /keys');
  });

  test.each(ROUTES.map(({ key, scope }) => [key, scope!] as const))(
    '%s refuses a key that lacks the scope %s',
    async (key, scope) => {
      const others = (['read', 'pay', 'admin', 'match'] as const).filter((one) => one !== scope);
      const { call } = await addKey(t, others);
      const { detail } = refused(await call(requestTo(key)), 403, 'scope-missing');
      expect(detail).toContain(`"${scope}"`);
    },
  );

  test.each([
    ['nothing behind the scheme', 'Bearer '],
    ['another scheme', 'Basic YWRtaW46YWRtaW4='],
    ['a key that was never made', `Bearer brana_${'A'.repeat(43)}`],
    ['a key of another form', 'Bearer sk_live_0123456789'],
    ['a key cut off', (key: string) => `Bearer ${key.slice(0, -1)}`],
    ['a key with more behind it', (key: string) => `Bearer ${key}A`],
    ['a key in other letters', (key: string) => `Bearer ${key.toUpperCase()}`],
    ['the hash of a key', (key: string) => `Bearer ${createHash('sha256').update(key).digest('hex')}`],
    ['a key twice', (key: string) => `Bearer ${key}, Bearer ${key}`],
  ])('refuses %s', async (_, header) => {
    const authorization = typeof header === 'string' ? header : header(t.adminKey);
    const answer = await t.as(null)('GET /banks', undefined, { headers: { authorization } });
    refused(answer, 401, 'unauthenticated');
  });

  test('takes the key from the header alone', async () => {
    const call = t.as(null);
    refused(await call(`GET /connections?key=${t.adminKey}`), 401, 'unauthenticated');
    const cookie = { cookie: `authorization=Bearer ${t.adminKey}` };
    refused(await call('GET /connections', undefined, { headers: cookie }), 401, 'unauthenticated');
  });

  test('refuses before it looks at the request', async () => {
    refused(await t.as(null)('POST /keys', undefined, { raw: 'not JSON' }), 401, 'unauthenticated');
    refused(await t.as(null)('GET /keys?unknown=1'), 401, 'unauthenticated');
  });
});

describe('a new key', () => {
  test('row 66: is shown once, and only its hash is stored; lists show its prefix', async () => {
    const made = await t.admin<KeyBody & { secret: string }>('POST /keys', {
      name: 'ERP',
      scopes: ['read', 'read'],
    });
    const { secret, ...key } = done(made, 201);
    expect(secret).toMatch(/^brana_[A-Za-z0-9_-]{43}$/);
    expect(key).toMatchObject({ name: 'ERP', scopes: ['read'], user: null, revokedAt: null });
    expect(secret.startsWith(key.prefix)).toBe(true);
    expect(key.prefix.length).toBeLessThan(14);

    const listed = await t.admin<Items<KeyBody>>('GET /keys');
    expect(done(listed).items).toContainEqual(key);
    expect(listed.bytes.toString()).not.toContain(secret);

    const hash = createHash('sha256').update(secret).digest('hex');
    const { dynamo, places } = t.store;
    const stored = await dynamo.get(places.connections, apiKeyKey(t.company, key.id));
    expect(stored).toMatchObject({ hash, id: key.id });
    expect(JSON.stringify(stored)).not.toContain(secret.slice(key.prefix.length));
    const pointer = await dynamo.get(places.connections, apiKeyPointerKey(hash));
    // The pointer holds the company and the target, nothing that would serve without a second look.
    const { pk: _, sk: __, ...held } = pointer!;
    expect(held).toEqual({ company: t.company, key: key.id });

    // Neither the hash nor the company is anybody's business.
    expect(listed.bytes.toString()).not.toContain(hash);
    expect(t.printed.join('\n')).not.toContain(secret);
    done(await t.as(secret)('GET /banks'));
  });

  test('differs from every other', async () => {
    const secrets = await Promise.all(
      Array.from({ length: 10 }, async () => (await addKey(t, ['read'])).secret),
    );
    expect(new Set(secrets).size).toBe(10);
  });

  test('row 66: that is revoked opens nothing, and stays on the list with the time', async () => {
    const { id, call } = await addKey(t, ['read']);
    done(await t.admin(`DELETE /keys/${id}`), 204);
    refused(await call('GET /connections'), 401, 'unauthenticated');
    const { items } = done(await t.admin<Items<KeyBody>>('GET /keys'));
    const revokedAt = items.find((key) => key.id === id)?.revokedAt;
    expect(Date.parse(revokedAt!)).toBeGreaterThan(0);
    // Revoking it again changes nothing.
    done(await t.admin(`DELETE /keys/${id}`), 204);
    const again = done(await t.admin<Items<KeyBody>>('GET /keys')).items.find((key) => key.id === id);
    expect(again?.revokedAt).toBe(revokedAt);
  });

  test('cannot revoke itself, and one that does not exist is not found', async () => {
    const { items } = done(await t.admin<Items<KeyBody>>('GET /keys'));
    const own = items.find(({ name }) => name === 'first admin key')!;
    expect(refused(await t.admin(`DELETE /keys/${own.id}`), 409, 'own-key').detail).toMatch(/another admin/);
    refused(await t.admin('DELETE /keys/key_00000000000000000000000000'), 404, 'not-found');
    done(await t.admin('GET /keys'));
  });
});

describe("a user's key", () => {
  test('sees the connections and accounts of the company and its own', async () => {
    const anna = await addKey(t, ['read', 'admin'], 'anna');
    const boris = await addKey(t, ['read', 'admin'], 'boris');
    const reader = await addKey(t, ['read']);
    const ofCompany = await addConnection(t, t.admin, 'ALL');
    const ofBoris = await addConnection(t, boris.call, 'BORIS', 'boris');
    const ofAnna = await connect(t, anna.call, { code: 'ANNA', user: 'anna' });
    const account = ofAnna.accounts.find(({ number }) => number === '5017482301')!.id;
    done(await anna.call(`PATCH /accounts/${account}`, { mode: 'statements', historyDays: 1 }));
    done(await anna.call(`POST /accounts/${account}/pulls`), 202);
    await t.gateway.drain();
    const statements = done(await anna.call<Items<{ id: string }>>(`GET /accounts/${account}/statements`));
    const content = `GET /statements/${statements.items[0]!.id}/content`;

    const codes = async (call: typeof t.admin): Promise<string[]> =>
      done(await call<Items<ConnectionBody>>('GET /connections'))
        .items.map(({ code }) => code)
        .filter((code) => ['ALL', 'BORIS', 'ANNA'].includes(code))
        .sort();
    expect(await codes(anna.call)).toEqual(['ALL', 'ANNA']);
    expect(await codes(boris.call)).toEqual(['ALL', 'BORIS']);
    // A key of no user sees a user's own only as an administrator.
    expect(await codes(reader.call)).toEqual(['ALL']);
    expect(await codes(t.admin)).toEqual(['ALL', 'ANNA', 'BORIS']);

    const unknown = await boris.call('GET /connections/con_00000000000000000000000000');
    for (const call of [boris.call, reader.call]) {
      const answer = await call(`GET /connections/${ofAnna.connection.id}`);
      refused(answer, 404, 'not-found');
      expect(answer.body).toEqual(unknown.body);
      refused(await call(`GET /accounts/${account}`), 404, 'not-found');
      refused(await call(`GET /accounts/${account}/transactions`), 404, 'not-found');
      refused(await call(content), 404, 'not-found');
      expect(done(await call<Items<AccountBody>>('GET /accounts')).items).toEqual([]);
    }
    refused(await boris.call(`DELETE /connections/${ofAnna.connection.id}`), 404, 'not-found');
    refused(await boris.call(`POST /connections/${ofAnna.connection.id}/proof`, {}), 404, 'not-found');
    done(await anna.call(`GET /accounts/${account}`));
    done(await anna.call(content));
    done(await anna.call(`GET /connections/${ofCompany.id}`));
    expect(ofBoris.user).toBe('boris');
  });

  test('makes connections and keys for that user only', async () => {
    const anna = await addKey(t, ['read', 'admin'], 'anna');
    const connection = { code: 'X1', bank: 'raiffeisen', config: { clientId: 'c' } };
    refused(await anna.call('POST /connections', connection), 422, 'other-user');
    refused(await anna.call('POST /connections', { ...connection, user: 'boris' }), 422, 'other-user');
    refused(await anna.call('POST /keys', { name: 'n', scopes: ['read'] }), 422, 'other-user');
    refused(await anna.call('POST /keys', { name: 'n', scopes: ['read'], user: 'boris' }), 422, 'other-user');
    done(await anna.call('POST /keys', { name: 'n', scopes: ['read'], user: 'anna' }), 201);
  });

  test("leaves the company's and other users' keys alone", async () => {
    const anna = await addKey(t, ['read', 'admin'], 'anna');
    const own = await addKey(t, ['read'], 'anna');
    const others = [await addKey(t, ['read']), await addKey(t, ['read'], 'boris')];
    const { items } = done(await anna.call<Items<KeyBody>>('GET /keys'));
    expect(new Set(items.map(({ user }) => user))).toEqual(new Set(['anna']));
    for (const { id, call } of others) {
      refused(await anna.call(`DELETE /keys/${id}`), 404, 'not-found');
      done(await call('GET /connections'));
    }
    done(await anna.call(`DELETE /keys/${own.id}`), 204);
  });
});

describe('the first company', () => {
  const bootstrap = (event: unknown) => t.gateway.invoke('admin-bootstrap', event);

  test('is made once: a second bootstrap refuses and makes no key', async () => {
    const before = done(await t.admin<Items<KeyBody>>('GET /keys')).items.length;
    const second = await bootstrap({ name: 'Another' });
    expect(second).toEqual({ error: 'already-bootstrapped', message: expect.stringContaining('POST /keys') });
    const all = await Promise.all(Array.from({ length: 5 }, () => bootstrap({ name: 'Another' })));
    expect(all).toEqual(Array(5).fill(second));
    expect(done(await t.admin<Items<KeyBody>>('GET /keys')).items).toHaveLength(before);
  });

  test.each([[{}], [{ name: '' }], [{ name: '   ' }], [{ name: 7 }], [{ name: 'x'.repeat(201) }]])(
    'refuses the name in %j',
    async (event) => {
      expect(await bootstrap(event)).toMatchObject({ error: 'invalid-name' });
    },
  );

  test('has no route', async () => {
    expect((await t.admin('POST /bootstrap', {})).status).toBe(404);
    expect((await t.admin('POST /admin/bootstrap', {})).status).toBe(404);
  });
});

test('a pointer that leads to another key opens nothing: what is read through it is compared', async () => {
  const secret = await addCompany(t, 'com_second');
  const hash = createHash('sha256').update(secret).digest('hex');
  const { dynamo, places } = t.store;
  const { items } = done(await t.admin<Items<KeyBody>>('GET /keys'));
  // As if somebody had bent the pointer to a key of the first company.
  const bent = { ...apiKeyPointerKey(hash), company: t.company, key: items[0]!.id };
  await dynamo.transact([{ table: places.connections, put: bent }]);
  refused(await t.as(secret)('GET /connections'), 401, 'unauthenticated');
});
