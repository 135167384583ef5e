import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays } from '../../shared/domain/dates.ts';
import type { FeedEvent } from '../../shared/domain/event.ts';
import { done, refused } from '../support/api.ts';
import {
  connect,
  pfxBody,
  startTestGateway,
  TODAY,
  type AccountBody,
  type ConnectionBody,
  type CredentialBody,
  type Items,
  type TestGateway,
} from '../support/gateway.ts';

// Rows 15 and 17: certificates that change, need a person once a year, are blocked or told to wait.

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
  // Two accounts are enough here: the bank wants a pause between two calls.
  for (const { serial } of Object.values(t.sandbox.certificates)) {
    t.bank.restrict(serial, { accounts: ['864201352', '7342069157'] });
  }
});
afterAll(() => t?.stop());

interface Proof {
  readonly credential: CredentialBody;
  readonly accounts: readonly AccountBody[];
}
const ordinary = () => t.sandbox.certificates.ordinary;
const legacy = () => t.sandbox.certificates.legacy;
const connection = async (id: string) => done(await t.admin<ConnectionBody>(`GET /connections/${id}`));
const upload = (id: string, body: unknown) => t.admin(`PUT /connections/${id}/certificate`, body);
const prove = (id: string, body: unknown = {}) => t.admin<Proof>(`POST /connections/${id}/proof`, body);
const events = async (subject: string): Promise<string[]> =>
  done(await t.admin<Items<FeedEvent>>('GET /events?limit=500'))
    .items.filter((event) => event.subject === subject)
    .map(({ type }) => type);
const lastCall = () => t.bank.requests().at(-1)!;

describe('rotation', () => {
  test('makes the new certificate current and keeps every account', async () => {
    const before = await connect(t, t.admin, { code: 'ROTATE' });
    const since = t.bank.requests().length;
    const after = done(await upload(before.connection.id, pfxBody(legacy()))) as unknown as Proof;
    const ids = (list: readonly AccountBody[]) => list.map(({ id }) => id).sort();
    expect(ids(after.accounts)).toEqual(ids(before.accounts));
    expect(after.credential.id).not.toBe(before.uploaded.credential.id);
    const serials = t.bank
      .requests()
      .slice(since)
      .map(({ certificate }) => certificate);
    expect(new Set(serials)).toEqual(new Set([legacy().serial]));
  });
});

describe('the yearly reactivation', () => {
  test('falls twelve months after the issue, after the day told, and after the day told with a proof', async () => {
    const made = await connect(t, t.admin, { code: 'YEARLY' });
    const { id } = made.connection;
    const year = (day: string): string => `${Number(day.slice(0, 4)) + 1}${day.slice(4)}`;
    const { notBefore, serial } = made.uploaded.credential;
    expect(serial).toBe(ordinary().serial);
    expect(made.uploaded.credential.reactivateBy).toBe(year(notBefore.slice(0, 10)));

    const told = addDays(TODAY, -40);
    const uploaded = done(await upload(id, { ...pfxBody(ordinary()), reactivatedOn: told }));
    expect(uploaded).toMatchObject({ credential: { reactivateBy: year(told) } });
    // An upload that says nothing keeps what was told.
    expect(done(await upload(id, pfxBody(ordinary())))).toMatchObject({
      credential: { reactivateBy: year(told) },
    });

    const proven = done(await prove(id, { reactivatedOn: TODAY }));
    expect(proven.credential.reactivateBy).toBe(year(TODAY));
    expect((await connection(id)).credential?.reactivateBy).toBe(year(TODAY));
    expect(done(await prove(id)).credential.reactivateBy).toBe(year(TODAY));
  });
});

test('one certificate blocked at the bank pauses every connection on it; each resumes with its proof', async () => {
  const one = await connect(t, t.admin, { code: 'PAUSE1', certificate: legacy() });
  const two = await connect(t, t.admin, { code: 'PAUSE2', certificate: legacy() });
  const other = await connect(t, t.admin, { code: 'PAUSE3' });
  t.bank.block(legacy().serial);
  const account = done(await t.admin<Items<AccountBody>>('GET /accounts')).items.find(
    ({ active }) => active,
  )!;
  // The account belongs to the connection that listed it last.
  done(await prove(other.connection.id));
  t.bank.unblock(legacy().serial);
  done(await prove(one.connection.id));
  t.bank.block(legacy().serial);
  done(await t.admin(`POST /accounts/${account.id}/pulls`, {}), 202);
  await t.gateway.drain();

  for (const { connection: made } of [one, two]) {
    const { status, pause } = await connection(made.id);
    expect({ status, kind: pause?.kind }).toEqual({ status: 'paused', kind: 'credential-refused' });
    expect(pause!.message).toMatch(/Certificate management.*prove/);
    expect((await events(made.id)).at(-1)).toBe('connection.paused');
  }
  expect(await connection(other.connection.id)).toMatchObject({ status: 'active' });
  const { detail } = refused(
    await t.admin(`POST /accounts/${account.id}/pulls`, {}),
    409,
    'connection-not-active',
  );
  expect(detail).toMatch(/Certificate management/);
  refused(await prove(one.connection.id), 422, 'credential-refused');
  expect(await connection(one.connection.id)).toMatchObject({ status: 'paused' });

  t.bank.unblock(legacy().serial);
  done(await prove(one.connection.id));
  expect(await connection(one.connection.id)).toMatchObject({ status: 'active', pause: null });
  expect((await events(one.connection.id)).at(-1)).toBe('connection.resumed');
  expect(await connection(two.connection.id)).toMatchObject({ status: 'paused' });
  done(await prove(two.connection.id));
  expect(await connection(two.connection.id)).toMatchObject({ status: 'active' });
});

test('a renewed access with other internal ids and fewer accounts', async () => {
  const { connection: made, accounts } = await connect(t, t.admin, { code: 'RENEWED' });
  t.seeded.renumberAccounts();
  t.seeded.hideAccount('7342069157');
  const again = done(await prove(made.id));
  const kept = accounts.filter(({ number }) => number !== '7342069157');
  expect(again.accounts.map(({ id }) => id).sort()).toEqual(kept.map(({ id }) => id).sort());
  const gone = accounts.find(({ number }) => number === '7342069157')!;
  // Marked, never deleted.
  expect(done(await t.admin<AccountBody>(`GET /accounts/${gone.id}`))).toMatchObject({ active: false });
});

test('a bank that wants silence is left alone for as long as it said', async () => {
  const { connection: made } = await connect(t, t.admin, { code: 'SILENCE' });
  t.bank.misbehave({ kind: 'status-429', retryAfter: { seconds: 7200, form: 'seconds' } });
  const first = refused(await prove(made.id), 503, 'bank-unavailable');
  expect(first).toMatchObject({ bank: 'raiffeisen', bankRequestId: lastCall().requestId });
  const calls = t.bank.requests().length;
  for (const answer of [
    first,
    refused(await prove(made.id), 503, 'bank-unavailable'),
    refused(await t.admin(`GET /connections/${made.id}/rates`), 503, 'bank-unavailable'),
  ]) {
    expect(answer.retryAfter).toBeGreaterThan(7000);
    expect(answer.retryAfter).toBeLessThanOrEqual(7200);
  }
  const body = done(await upload(made.id, pfxBody(ordinary())));
  expect(body).toMatchObject({
    proven: false,
    reason: expect.stringMatching(/silence; try again in 7\d\d\d seconds/),
  });
  expect(t.bank.requests()).toHaveLength(calls);
  // The connection works on with what it has, once the bank listens again.
  expect(await connection(made.id)).toMatchObject({
    status: 'active',
    credential: { id: made.credential!.id },
  });
});
