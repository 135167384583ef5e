import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../shared/banks/contract.ts';
import type { FeedEvent } from '../../shared/domain/event.ts';
import { done, refused } from '../support/api.ts';
import {
  addConnection,
  addKey,
  connect,
  startTestGateway,
  type AccountBody,
  type ConnectionBody,
  type Items,
  type Page,
  type TestGateway,
} from '../support/gateway.ts';

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
});
afterAll(() => t?.stop());

const VALID = { code: 'RB1', bank: 'raiffeisen', environment: 'simulated', config: { clientId: 'id' } };
const make = (more: object) => t.admin<ConnectionBody>('POST /connections', { ...VALID, ...more });
const codes = async () =>
  done(await t.admin<Items<ConnectionBody>>('GET /connections'))
    .items.map(({ code }) => code)
    .sort();

describe('a new connection', () => {
  test('is what was asked for, new, without a credential, and told in the feed', async () => {
    const made = done(await make({ code: 'FIRST', description: 'Hlavní účet' }), 201);
    expect(made).toMatchObject({
      code: 'FIRST',
      description: 'Hlavní účet',
      bank: 'raiffeisen',
      environment: 'simulated',
      user: null,
      config: { clientId: 'id' },
      status: 'new',
      pause: null,
      credential: null,
      candidate: null,
    });
    expect(made.id).toMatch(/^con_[0-9a-z]{26}$/);
    expect(done(await t.admin<ConnectionBody>(`GET /connections/${made.id}`))).toEqual(made);
    const { items } = done(await t.admin<Items<FeedEvent>>('GET /events'));
    expect(items.at(-1)).toMatchObject({
      type: 'connection.created',
      subject: made.id,
      data: { bank: 'raiffeisen', environment: 'simulated' },
    });
  });

  test('is for production and the whole company unless said otherwise', async () => {
    const body = { code: 'DEFAULT', bank: 'raiffeisen', config: { clientId: 'id' } };
    const made = done(await t.admin<ConnectionBody>('POST /connections', body), 201);
    expect(made).toMatchObject({ environment: 'production', user: null, description: '' });
  });

  test('of a bank nobody knows is refused with those that are known', async () => {
    for (const bank of ['fio', 'Raiffeisen', '../raiffeisen', '__proto__', 'constructor']) {
      const { detail } = refused(await make({ code: 'NOBANK', bank }), 422, 'unknown-bank');
      expect(detail).toContain('raiffeisen');
    }
  });

  test.each([
    ['a missing field', {}, '/config/clientId', /Missing\. ClientID/],
    ['an empty field', { clientId: '' }, '/config/clientId', /./],
    ['a field of a wrong form', { clientId: 'two words' }, '/config/clientId', /does not fit "Client ID"/],
    [
      'a field that would break a header',
      { clientId: 'a\r\nX-Evil: 1' },
      '/config/clientId',
      /does not fit "Client ID"/,
    ],
    ['an unknown field', { clientId: 'id', port: '443' }, '/config/port', /the fields are: clientId/],
    [
      'a host, which comes from the manifest only',
      { clientId: 'id', host: 'evil.example' },
      '/config/host',
      /Unknown/,
    ],
    ['a field every object has', { clientId: 'id', constructor: 'x' }, '/config/constructor', /Unknown/],
    [
      'a secret in the open',
      { clientId: 'id', clientSecret: 'CANARY-s' },
      '/config/clientSecret',
      /in "secrets"/,
    ],
  ])('with %s is refused by name', async (_, config, pointer, says) => {
    const { errors, detail } = refused(await make({ code: 'BADCONF', config }), 422, 'bad-config');
    expect(detail).toContain('GET /banks');
    const found = errors?.find((one) => one.pointer === pointer);
    expect(found?.detail).toMatch(says);
    expect(JSON.stringify(errors)).not.toContain('CANARY');
    expect(await codes()).not.toContain('BADCONF');
  });

  test('with a code in use, in whatever letters, is refused', async () => {
    done(await make({ code: 'Twice' }), 201);
    for (const code of ['Twice', 'twice', 'TWICE']) {
      expect(refused(await make({ code }), 409, 'code-in-use').detail).toContain(`"${code}"`);
    }
    expect((await codes()).filter((code) => code.toLowerCase() === 'twice')).toEqual(['Twice']);
  });

  test.each([
    ['a space', 'A B'],
    ['nothing', ''],
    ['21 letters', 'x'.repeat(21)],
    ['a slash', 'a/b'],
    ['Czech letters', 'účet'],
  ])('with a code of %s is refused', async (_, code) => {
    const { errors } = refused(await make({ code }), 400, 'invalid-request');
    expect(errors?.map(({ pointer }) => pointer)).toEqual(['/code']);
  });

  test('needs what GET /banks says it needs', async () => {
    const { items } = done(await t.admin<Items<Manifest>>('GET /banks'));
    for (const bank of items) {
      const required = bank.fields.filter((field) => field.required && !field.secret);
      const { errors } = refused(await make({ code: 'NEEDS', bank: bank.id, config: {} }), 422, 'bad-config');
      expect(errors?.map(({ pointer }) => pointer)).toEqual(required.map(({ name }) => `/config/${name}`));
      // The description is fit for a form: every field has words, and only hosts of the bank itself are named.
      for (const field of bank.fields)
        expect(field.label.length * field.description.length).toBeGreaterThan(0);
      expect(bank.hosts.simulated.origin).toBeNull();
    }
  });
});

describe('a change', () => {
  test('touches what it names and leaves the rest', async () => {
    const made = done(await make({ code: 'CHANGE', description: 'one' }), 201);
    const path = `PATCH /connections/${made.id}`;
    expect(done(await t.admin(path, { description: 'two' }))).toEqual({ ...made, description: 'two' });
    const config = { clientId: 'other' };
    expect(done(await t.admin(path, { config }))).toEqual({ ...made, description: 'two', config });
    expect(done(await t.admin(path, {}))).toEqual({ ...made, description: 'two', config });
    refused(await t.admin(path, { config: { clientId: '' } }), 422, 'bad-config');
    refused(await t.admin(path, { config: { clientSecret: 's' } }), 422, 'bad-config');
    expect(done(await t.admin(`GET /connections/${made.id}`))).toEqual({
      ...made,
      description: 'two',
      config,
    });
  });

  test('at the same moment as another is lost by one of them and told so, never mixed', async () => {
    const made = done(await make({ code: 'RACE' }), 201);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        t.admin<ConnectionBody>(`PATCH /connections/${made.id}`, { description: `${i}` }),
      ),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeGreaterThan(0);
    for (const answer of answers.filter((one) => !won.includes(one)))
      refused(answer, 409, 'changed-meanwhile');
    const { description } = done(await t.admin<ConnectionBody>(`GET /connections/${made.id}`));
    expect(won.map(({ body }) => body.description)).toContain(description);
  });
});

describe('a removed connection', () => {
  test('is gone, its accounts are pulled no more, and everything stored stays', async () => {
    const { connection, accounts } = await connect(t, t.admin, { code: 'REMOVE' });
    const account = accounts.find(({ number }) => number === '864201352')!.id;
    done(await t.admin(`POST /accounts/${account}/pulls`, {}), 202);
    await t.gateway.drain();
    const lists = ['transactions', 'statements', 'pulls', 'balances'];
    const stored = () =>
      Promise.all(
        lists.map(async (list) => done(await t.admin<Page<unknown>>(`GET /accounts/${account}/${list}`))),
      );
    const before = await stored();
    expect(before.at(-1)!.items).toHaveLength(4);

    done(await t.admin(`DELETE /connections/${connection.id}`), 204);
    for (const target of [`GET /connections/${connection.id}`, `DELETE /connections/${connection.id}`]) {
      refused(await t.admin(target), 404, 'not-found');
    }
    expect(await codes()).not.toContain('REMOVE');
    const { items } = done(await t.admin<Items<AccountBody>>(`GET /accounts?connection=${connection.id}`));
    expect(items).toHaveLength(6);
    expect(items.map(({ active }) => active)).toEqual(Array(6).fill(false));
    expect(await stored()).toEqual(before);
    const events = done(await t.admin<Items<FeedEvent>>('GET /events?limit=500')).items;
    expect(events.at(-1)).toMatchObject({ type: 'connection.deleted', subject: connection.id });

    const { detail } = refused(
      await t.admin(`POST /accounts/${account}/pulls`, {}),
      409,
      'connection-not-active',
    );
    expect(detail).toMatch(/not active/);
    // Nor does the schedule ask the bank.
    const calls = t.bank.requests().length;
    await t.gateway.runSchedules(new Date(t.clock.now()).toISOString());
    await t.gateway.drain();
    expect(t.bank.requests()).toHaveLength(calls);
  });

  test('leaves its code to the next, which finds the accounts and what they hold', async () => {
    const { connection, accounts } = await connect(t, t.admin, { code: 'AGAIN' });
    done(await t.admin(`DELETE /connections/${connection.id}`), 204);
    const next = await connect(t, t.admin, { code: 'AGAIN' });
    expect(next.connection.id).not.toBe(connection.id);
    const ids = (list: readonly AccountBody[]) => list.map(({ id }) => id).sort();
    expect(ids(next.accounts)).toEqual(ids(accounts));
    expect(next.accounts.filter(({ active }) => active)).toHaveLength(5);
    expect(next.accounts.map((account) => account.connection)).toEqual(Array(6).fill(next.connection.id));
    // The same certificate is the same credential, also for a connection made after the other was gone.
    expect(next.uploaded.credential.id).toBe(connection.credential!.id);
  });
});

test("a user's connection has accounts of its own beside the company's", async () => {
  const anna = await addKey(t, ['read', 'admin'], 'anna');
  const company = await connect(t, t.admin, { code: 'COMPANY' });
  const own = await connect(t, anna.call, { code: 'ANNA', user: 'anna' });
  const ids = new Set(company.accounts.map(({ id }) => id));
  expect(own.accounts.filter(({ id }) => ids.has(id))).toEqual([]);
  expect((await addConnection(t, t.admin, 'FORHER', 'anna')).user).toBe('anna');
});

test('without simulated banks, as deployed, the environment "simulated" is refused', async () => {
  const deployed = await startTestGateway({ simulated: false });
  try {
    const { detail } = refused(await deployed.admin('POST /connections', VALID), 422, 'no-simulated-banks');
    expect(detail).toMatch(/"production" or "bank-sandbox"/);
    done(await deployed.admin('POST /connections', { ...VALID, environment: 'bank-sandbox' }), 201);
  } finally {
    await deployed.stop();
  }
});
