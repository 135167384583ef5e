import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FeedEvent } from '../../shared/domain/event.ts';
import { done, refused, type Call } from '../support/api.ts';
import { startTestGateway, type ConnectionBody, type Items, type TestGateway } from '../support/gateway.ts';

let t: TestGateway;
let jana: Call;
let companys: ConnectionBody;
let petrs: ConnectionBody;
const body = (code: string, user?: string) => ({
  code,
  bank: 'raiffeisen',
  environment: 'simulated',
  config: { clientId: 'id' },
  ...(user === undefined ? {} : { user }),
});

beforeAll(async () => {
  t = await startTestGateway();
  companys = done(await t.admin<ConnectionBody>('POST /connections', body('COMPANY')), 201);
  petrs = done(await t.admin<ConnectionBody>('POST /connections', body('PETR', 'petr')), 201);
  const key = { name: 'jana', scopes: ['read', 'admin'], user: 'jana' };
  const made = done(await t.admin<{ secret: string }>('POST /keys', key), 201);
  jana = t.as(made.secret);
});
afterAll(() => t?.stop());

describe("a user's admin key", () => {
  test('administers the own connections', async () => {
    const own = done(await jana<ConnectionBody>('POST /connections', body('JANA', 'jana')), 201);
    done(await jana(`PATCH /connections/${own.id}`, { description: 'moje' }));
    done(await jana(`DELETE /connections/${own.id}`), 204);
  });

  test('sees the company’s and changes nothing of them', async () => {
    done(await jana(`GET /connections/${companys.id}`));
    refused(await jana(`PATCH /connections/${companys.id}`, { description: 'x' }), 403, 'not-yours');
    refused(await jana(`DELETE /connections/${companys.id}`), 403, 'not-yours');
    refused(await jana(`POST /connections/${companys.id}/proof`, {}), 403, 'not-yours');
    refused(await jana(`PUT /connections/${companys.id}/certificate`, { pfx: 'AAAA' }), 403, 'not-yours');
  });

  test('hears of the company’s events and of no other user’s', async () => {
    const { items } = done(await jana<Items<FeedEvent>>('GET /events'));
    const subjects = items.map(({ subject }) => subject);
    expect(subjects).toContain(companys.id);
    expect(subjects).not.toContain(petrs.id);
    const all = done(await t.admin<Items<FeedEvent>>('GET /events'));
    expect(all.items.map(({ subject }) => subject)).toContain(petrs.id);
  });
});

test('of ten connections made at once with one code, one stands', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => t.admin('POST /connections', body(n % 2 ? 'Twin' : 'twin'))),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  for (const answer of answers.filter(({ status }) => status !== 201)) refused(answer, 409, 'code-in-use');
});

test('a connection deleted five times at once is told once, and its code is free again', async () => {
  const made = done(await t.admin<ConnectionBody>('POST /connections', body('SHORT')), 201);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => t.admin(`DELETE /connections/${made.id}`)),
  );
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  const { items } = done(await t.admin<Items<FeedEvent>>('GET /events?limit=500'));
  expect(
    items.filter(({ type, subject }) => type === 'connection.deleted' && subject === made.id),
  ).toHaveLength(1);
  done(await t.admin('POST /connections', body('SHORT')), 201);
});

test('a day of reactivation that has not come yet is refused', async () => {
  const proof = await t.admin(`POST /connections/${companys.id}/proof`, { reactivatedOn: '2030-01-01' });
  expect([409, 422]).toContain(proof.status);
  const upload = { pfx: 'AAAA', reactivatedOn: '2030-01-01' };
  refused(await t.admin(`PUT /connections/${companys.id}/certificate`, upload), 422, 'bad-day');
});
