import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { hookView, rehearsalView } from '../../shared/api/hook-views.ts';
import { newApiKey } from '../../shared/api/caller.ts';
import type { acceptedView, paymentDetailView } from '../../shared/api/views.ts';
import type { Scope } from '../../shared/domain/records.ts';
import { hookKey } from '../../shared/store/keys.ts';
import { openShell } from '../infra/cli-support.ts';
import { done, refused, type Answer, type Call } from '../support/api.ts';
import {
  addCompany,
  addKey,
  connect,
  random,
  startTestGateway,
  type AccountBody,
  type Items,
  type TestGateway,
} from '../support/gateway.ts';

type HookBody = ReturnType<typeof hookView> & { readonly secret: string };
type Accepted = ReturnType<typeof acceptedView>;
type Detail = ReturnType<typeof paymentDetailView>;
type Rehearsal = ReturnType<typeof rehearsalView>;

let t: TestGateway;
let anybody: Call;
let czk: AccountBody;
let eur: AccountBody;
/** Every secret that was made: none may be found again. */
const secrets: string[] = [];

beforeAll(async () => {
  t = await startTestGateway();
  anybody = t.as(null);
  const { accounts } = await connect(t);
  czk = accounts.find(({ currency, active }) => currency === 'CZK' && active)!;
  eur = accounts.find(({ currency, active }) => currency === 'EUR' && active)!;
});
afterAll(() => t?.stop());

const MAPPING = {
  account: { pointer: '/from' },
  executionDate: { pointer: '/due', optional: true },
  payments: '/lines',
  payment: {
    amount: { pointer: '/sum' },
    currency: { pointer: '/currency', from: 'body' },
    variableSymbol: { pointer: '/vs', optional: true },
    message: { pointer: '/text', optional: true },
    creditor: { name: { pointer: '/to/name', optional: true }, account: { pointer: '/to/account' } },
  },
};
const STANDARD = { verification: { kind: 'standard-webhooks' } };
const HMAC = {
  verification: { kind: 'hmac', header: 'X-Signature', encoding: 'hex', prefix: 'sha256=' },
  idempotencyKey: '/id',
};
const STATIC = { verification: { kind: 'static', header: 'X-Token' }, idempotencyKey: '/id' };

async function makeHook(kind: object, more: object = {}, call: Call = t.admin): Promise<HookBody> {
  const body = {
    name: 'ERP',
    accounts: [czk.id],
    limits: { CZK: '1000000.00' },
    mapping: MAPPING,
    ...kind,
    ...more,
  };
  const hook = done(await call<HookBody>('POST /hooks', body), 201);
  secrets.push(hook.secret);
  return hook;
}

let count = 0;
const fresh = (): string => `PV-${++count}`;

interface Line {
  readonly sum?: unknown;
  readonly vs?: unknown;
  readonly account?: string;
}
/** A message as an ERP would write it. */
const messageOf = (id: string, lines: readonly Line[] = [{}], more: object = {}): string =>
  JSON.stringify({
    id,
    from: `${czk.number}/${czk.bankCode}`,
    currency: 'CZK',
    lines: lines.map(({ sum = '12.50', vs = count, account = '19-2000145399/0800' }) => ({
      sum,
      vs,
      to: { name: 'Dodavatel s.r.o.', account },
    })),
    ...more,
  });

/** Signs as the sender would: by the documents of the schemes, not by our code. */
function proofOf(hook: HookBody, raw: string, { id = '', at = t.clock.now(), secret = hook.secret } = {}) {
  switch (hook.verification.kind) {
    case 'standard-webhooks': {
      const timestamp = String(Math.floor(at / 1000));
      const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
      const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${raw}`).digest('base64');
      return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
    }
    case 'hmac': {
      const { header, prefix, encoding } = hook.verification;
      return { [header]: prefix + createHmac('sha256', secret).update(raw).digest(encoding) };
    }
    case 'static':
      return { [hook.verification.header]: secret };
  }
}

const post = <T = Accepted>(hook: Pick<HookBody, 'path'>, raw: string, headers: object): Promise<Answer<T>> =>
  anybody<T>(`POST ${hook.path}`, undefined, { raw, headers: headers as Record<string, string> });

/** Sends a message as the ERP would. */
const send = <T = Accepted>(hook: HookBody, raw: string, proof = {}): Promise<Answer<T>> =>
  post<T>(hook, raw, proofOf(hook, raw, { id: JSON.parse(raw).id as string, ...proof }));

const detail = async (id: string): Promise<Detail> => done(await t.admin<Detail>(`GET /payments/${id}`));
const payments = async (): Promise<number> =>
  done(await t.admin<Items<unknown>>('GET /payments?limit=500')).items.length;

describe.each([
  ['Standard Webhooks', STANDARD],
  ['HMAC', HMAC],
  ['a static header', STATIC],
])('%s', (_name, kind) => {
  let hook: HookBody;
  beforeAll(async () => {
    hook = await makeHook(kind);
  });
  const awaited = kind === STATIC ? 'awaiting-approval' : 'accepted';

  test('a proven message is an order, answered as POST /payments answers', async () => {
    const raw = messageOf(fresh(), [{ sum: 1250.5, vs: '0020260001' }]);
    const answer = await send(hook, raw);
    const { id, state } = done(answer, 202);
    expect(answer.body).toMatchObject({ state: awaited, sum: '1250.50', currency: 'CZK', count: 1 });
    expect(answer.headers.get('location')).toBe(`/payments/${id}`);
    expect(state).toBe(awaited);
    const order = await detail(id);
    expect(order.submittedBy).toMatchObject({ hook: hook.id, user: null, key: hook.createdBy });
    expect(order.history[0]).toMatchObject({ state: awaited, source: 'hook' });
    const { items } = done(await t.admin<Items<Record<string, unknown>>>(`GET /payments/${id}/items`));
    expect(items[0]).toMatchObject({
      amount: '1250.50',
      variableSymbol: '20260001',
      creditor: { number: '19-2000145399', bankCode: '0800', name: 'Dodavatel s.r.o.' },
    });
  });

  test('row 30: fifty at once are one order, each answered the same', async () => {
    const raw = messageOf(fresh());
    const before = await payments();
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(hook, raw)));
    for (const answer of answers) expect(done(answer, 202)).toEqual(answers[0]!.body);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(49);
    expect(await payments()).toBe(before + 1);
  });

  test('row 31: the same id with another amount is 422', async () => {
    const id = fresh();
    done(await send(hook, messageOf(id, [{ sum: '1.00', vs: 1 }])), 202);
    const other = await send(hook, messageOf(id, [{ sum: '2.00', vs: 1 }]));
    refused(other, 422, 'idempotency-key-reused');
  });

  test('row 32: another id with the same content is flagged', async () => {
    const lines = [{ sum: '77.70', vs: 4242 + count }];
    const first = done(await send(hook, messageOf(fresh(), lines)), 202);
    expect(first.duplicateOf).toBeNull();
    expect(done(await send(hook, messageOf(fresh(), lines)), 202).duplicateOf).toBe(first.id);
  });

  test('a wrong secret, none, or another hook’s is 401 and nothing is made', async () => {
    const before = await payments();
    const raw = messageOf(fresh());
    const other = await makeHook(kind);
    const answers = [
      await send(hook, raw, { secret: other.secret }),
      await send(hook, raw, { secret: '' }),
      await post(hook, raw, {}),
      await post(hook, raw, { authorization: `Bearer ${t.adminKey}` }),
    ];
    for (const answer of answers) {
      refused(answer, 401, 'not-proven');
      // One word for all of them.
      expect(answer.body).toEqual(answers[0]!.body);
    }
    expect(await payments()).toBe(before);
  });

  test('a message is proven for its own hook only', async () => {
    const raw = messageOf(fresh());
    const other = await makeHook(kind);
    refused(await post(other, raw, proofOf(hook, raw, { id: 'PV' })), 401, 'not-proven');
  });

  test('a deleted hook is gone at once, like one nobody has', async () => {
    const gone = await makeHook(kind);
    done(await t.admin(`DELETE /hooks/${gone.id}`), 204);
    const raw = messageOf(fresh());
    const answer = await send(gone, raw);
    refused(answer, 404, 'not-found');
    expect(answer.body).toEqual((await post({ path: '/hooks/payments/hook_x' }, raw, {})).body);
    refused(await t.admin(`DELETE /hooks/${gone.id}`), 404, 'not-found');
  });
});

describe('row 60: time and replays', () => {
  test('Standard Webhooks: older or newer than five minutes is 401; sent again within them is the same order', async () => {
    const hook = await makeHook(STANDARD);
    const raw = messageOf(fresh());
    for (const minutes of [-6, 6, -24 * 60]) {
      refused(await send(hook, raw, { at: t.clock.now() + minutes * 60_000 }), 401, 'not-proven');
    }
    const first = done(await send(hook, raw, { at: t.clock.now() - 4 * 60_000 }), 202);
    const again = await send(hook, raw, { at: t.clock.now() + 4 * 60_000 });
    expect(done(again, 202)).toEqual(first);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test('Standard Webhooks: the id is the key, whatever the body calls itself, and it is signed', async () => {
    const hook = await makeHook(STANDARD);
    const raw = messageOf(fresh());
    const first = done(await send(hook, raw, { id: 'msg_a' }), 202);
    expect(done(await send(hook, raw, { id: 'msg_b' }), 202).id).not.toBe(first.id);
    const captured = proofOf(hook, raw, { id: 'msg_a' });
    refused(await post(hook, raw, { ...captured, 'webhook-id': 'msg_c' }), 401, 'not-proven');
  });

  test('HMAC: a captured message makes no second order, whatever headers stand beside it', async () => {
    const hook = await makeHook(HMAC);
    const raw = messageOf(fresh());
    const first = done(await send(hook, raw), 202);
    const replayed = await post(hook, raw, {
      ...proofOf(hook, raw),
      'webhook-id': 'other',
      'idempotency-key': 'other',
      'x-request-id': 'other',
    });
    expect(done(replayed, 202)).toEqual(first);
  });

  test('a tampered body is 401', async () => {
    for (const kind of [STANDARD, HMAC]) {
      const hook = await makeHook(kind);
      const raw = messageOf(fresh(), [{ sum: '10.00' }]);
      const proof = proofOf(hook, raw, { id: 'msg_t' });
      refused(await post(hook, raw.replace('10.00', '90.00'), proof), 401, 'not-proven');
      refused(await post(hook, `${raw}\n`, proof), 401, 'not-proven');
      done(await post(hook, raw, proof), 202);
    }
  });
});

describe('a message that is no order', () => {
  let hook: HookBody;
  beforeAll(async () => {
    hook = await makeHook(HMAC, { accounts: [czk.id, eur.id] });
  });
  const sign = (raw: string) => post(hook, raw, proofOf(hook, raw));
  const pointersOf = (answer: Answer<unknown>): string[] =>
    refused(answer, 422, 'invalid-order').errors!.map(({ pointer }) => pointer);

  test('is 400 when it is no JSON, whatever it calls itself', async () => {
    for (const raw of ['', '{', '<xml/>', 'a=1&b=2', '[1,]', '['.repeat(200_000)]) {
      refused(await sign(raw), 400, 'not-json');
    }
    const raw = messageOf(fresh());
    for (const type of ['application/json; charset=utf-8', 'text/plain', 'application/vnd.erp+json', '']) {
      const answer = await post(hook, raw, { ...proofOf(hook, raw), 'content-type': type });
      expect(answer.status, type).toBe(202);
    }
  });

  test('is 400 without its id, by the pointer where it should stand', async () => {
    for (const id of [undefined, null, '', {}, [], true, 'x'.repeat(256), 1e30]) {
      const { errors } = refused(await sign(messageOf('x', [{}], { id })), 400, 'idempotency-key-missing');
      expect(errors?.map(({ pointer }) => pointer)).toEqual(['/id']);
    }
    // A number is an id as well.
    done(await sign(messageOf('x', [{}], { id: 20_260_001 })), 202);
  });

  test('is 422 with every finding at its place in the message, those of the order beside those of the mapping', async () => {
    const lines = [
      { sum: '0', vs: 1 },
      { sum: '1,50', vs: '12345678901' },
      { sum: {}, account: '19-2000145398/0800' },
      { account: 'CZ6508000000192000145398' },
      { sum: '1.005', account: '123/9999' },
    ];
    const answer = await sign(messageOf(fresh(), lines, { due: '2026-11-31' }));
    expect(pointersOf(answer)).toEqual(expect.arrayContaining(['/lines/2/sum', '/due']));
    const good = await sign(messageOf(fresh(), lines.with(2, { account: '19-2000145398/0800' })));
    expect(pointersOf(good).sort()).toEqual([
      '/lines/0/sum',
      '/lines/1/sum',
      '/lines/1/vs',
      '/lines/2/to/account',
      '/lines/3/to/account',
      '/lines/4/sum',
      '/lines/4/to/account',
    ]);
  });

  test('an amount in the raw text is taken to the letter or not at all', async () => {
    const withSum = (text: string) => sign(messageOf(fresh(), [{ sum: 'HERE' }]).replace('"HERE"', text));
    expect(done(await withSum('1250.50'), 202).sum).toBe('1250.50');
    expect(done(await withSum('7'), 202).sum).toBe('7.00');
    for (const text of ['1e2', '12.5E1', '-5', '"1,250"', '"1 250"', '" 1e2 "', '12.345', 'true', '"+5"']) {
      expect(pointersOf(await withSum(text)), text).toEqual(['/lines/0/sum']);
    }
  });

  test('accounts the hook is not bound to are refused, its own in another currency found', async () => {
    const bound = await makeHook(HMAC, { limits: { CZK: '1000.00', EUR: '1000.00' } });
    const raw = messageOf(fresh(), [{}], { from: eur.iban, currency: 'EUR' });
    expect(pointersOf(await post(bound, raw, proofOf(bound, raw)))).toEqual(['/from']);
    // A fixed account, whose number holds another one in the currency of the order.
    const fixed = await makeHook(HMAC, {
      limits: { EUR: '1000.00' },
      mapping: { ...MAPPING, account: { constant: czk.id } },
    });
    expect(eur.iban).toBe(czk.iban);
    expect(pointersOf(await post(fixed, raw, proofOf(fixed, raw)))).toEqual(['']);
    for (const from of ['123/0100', czk.id, '', 'CZ00']) {
      expect(pointersOf(await sign(messageOf(fresh(), [{}], { from }))), from).toContain('/from');
    }
    expect(
      (await detail(done(await sign(messageOf(fresh(), [{}], { from: czk.iban })), 202).id)).accounts,
    ).toEqual([czk.id]);
  });

  test('fields nobody mapped are looked at by nobody', async () => {
    const before = await detail(done(await sign(messageOf(fresh())), 202).id);
    const forged = { state: 'executed', company: 'com_other', user: 'jana', hook: 'x', account: eur.id };
    const after = await detail(done(await sign(messageOf(fresh(), [{}], forged)), 202).id);
    expect({ ...after.submittedBy, accounts: after.accounts, state: after.history[0]!.state }).toEqual({
      ...before.submittedBy,
      accounts: before.accounts,
      state: 'accepted',
    });
  });
});

describe('the limit of a day', () => {
  const limited = (limits: object, more: object = {}) => makeHook(HMAC, { limits, ...more });
  const used = async ({ id }: HookBody) => {
    const { items } = done(await t.admin<Items<HookBody>>('GET /hooks'));
    return items.find((hook) => hook.id === id)!.usedToday;
  };

  test('is held to the last heller; a replay counts once', async () => {
    const hook = await limited({ CZK: '100.00' });
    const raw = messageOf(fresh(), [{ sum: '60.00' }, { sum: '39.99', vs: 9 }]);
    done(await send(hook, raw), 202);
    done(await send(hook, raw), 202);
    expect(await used(hook)).toEqual({ CZK: '99.99' });
    const { detail: words } = refused(
      await send(hook, messageOf(fresh(), [{ sum: '0.02' }])),
      422,
      'hook-limit',
    );
    expect(words).toContain('100.00 CZK');
    done(await send(hook, messageOf(fresh(), [{ sum: '0.01' }])), 202);
    expect(await used(hook)).toEqual({ CZK: '100.00' });
  });

  test('a currency without one is refused, each has its own', async () => {
    const hook = await limited({ EUR: '5.00' }, { accounts: [czk.id, eur.id] });
    refused(await send(hook, messageOf(fresh())), 422, 'hook-limit');
    const inEuro = (sum: string) =>
      messageOf(fresh(), [{ sum, account: 'CZ6508000000192000145399' }], { from: eur.iban, currency: 'EUR' });
    done(await send(hook, inEuro('5.00')), 202);
    refused(await send(hook, inEuro('0.01')), 422, 'hook-limit');
    expect(await used(hook)).toEqual({ EUR: '5.00' });
  });

  test('of twenty at once exactly those are taken that it bears', { timeout: 60_000 }, async () => {
    const hook = await limited({ CZK: '70.00' });
    const before = await payments();
    const verdicts = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const raw = messageOf(fresh(), [{ sum: '10.00' }]);
        // A sender repeats what it is told to repeat.
        for (;;) {
          const answer = await send<{ code?: string }>(hook, raw);
          if (answer.status !== 409) return answer.status === 202 ? 'taken' : answer.body.code;
        }
      }),
    );
    expect(verdicts.filter((one) => one === 'taken')).toHaveLength(7);
    expect(verdicts.filter((one) => one === 'hook-limit')).toHaveLength(13);
    expect(await used(hook)).toEqual({ CZK: '70.00' });
    expect(await payments()).toBe(before + 7);
  });

  test('begins anew with the next day, and a clock that lags does not begin the old one anew', async () => {
    const hook = await limited({ CZK: '10.00' });
    const { dynamo, places } = t.store;
    const setDay = (day: string) =>
      dynamo.update({
        table: places.connections,
        update: hookKey(t.company, hook.id),
        set: { usage: { day, sums: { CZK: '10.00' } } },
      });
    await setDay('2026-11-19');
    refused(await send(hook, messageOf(fresh(), [{ sum: '1.00' }])), 422, 'hook-limit');
    await setDay('2026-11-17');
    expect(await used(hook)).toEqual({});
    done(await send(hook, messageOf(fresh(), [{ sum: '1.00' }])), 202);
    expect(await used(hook)).toEqual({ CZK: '1.00' });
  });

  test('an order that is refused uses nothing', async () => {
    const hook = await limited({ CZK: '10.00' });
    refused(await send(hook, messageOf(fresh(), [{ sum: '0' }])), 422, 'invalid-order');
    refused(await send(hook, messageOf(fresh(), [{ sum: '11.00' }])), 422, 'hook-limit');
    expect(await used(hook)).toEqual({});
  });
});

/** A key as old as a key must be to approve. */
async function oldKey(user: string | null, scopes: readonly Scope[]): Promise<Call> {
  const { secret, hash, prefix } = newApiKey(random);
  const id = `key_old_${++count}`;
  const createdAt = '2026-01-01T00:00:00.000Z';
  const key = { id, company: t.company, name: id, hash, prefix, scopes, user, createdAt, revokedAt: null };
  await t.store.companies.addKey(key);
  return t.as(secret);
}

describe('row 65: who may', () => {
  test('only a key with "admin" and "pay" makes a hook', async () => {
    const body = { name: 'x', accounts: [czk.id], limits: { CZK: '1' }, mapping: MAPPING, ...HMAC };
    const roles: [Scope[], number][] = [
      [['read'], 403],
      [['pay'], 403],
      [['read', 'pay'], 403],
      [['admin'], 403],
      [['admin', 'read', 'match'], 403],
      [['admin', 'pay'], 201],
    ];
    for (const [scopes, status] of roles) {
      const { call } = await addKey(t, scopes);
      const answer = await call<HookBody>('POST /hooks', body);
      expect(answer.status, scopes.join()).toBe(status);
      if (status === 201) secrets.push(answer.body.secret);
      for (const target of ['GET /hooks', 'DELETE /hooks/x', 'POST /hooks/x/test']) {
        const { status: other } = await call(target, target.endsWith('test') ? { body: '{}' } : undefined);
        expect(other === 403, `${target} ${scopes.join()}`).toBe(!scopes.includes('admin'));
      }
    }
  });

  test('a static header’s order waits for a second person, who is not the owner of the hook', async () => {
    const owner = await oldKey('jana', ['admin', 'pay', 'read']);
    const hook = await makeHook(STATIC, {}, owner);
    expect(hook.user).toBe('jana');
    const { id, state } = done(await send(hook, messageOf(fresh())), 202);
    expect(state).toBe('awaiting-approval');
    expect((await detail(id)).submittedBy).toEqual({ key: hook.createdBy, user: 'jana', hook: hook.id });
    const approve = (call: Call) => call<Detail>(`POST /payments/${id}/approval`, { approve: true });
    refused(await approve(owner), 403, 'may-not-approve');
    refused(await approve(await oldKey(null, ['pay'])), 403, 'may-not-approve');
    expect(done(await approve(await oldKey('petr', ['pay']))).approvedBy?.user).toBe('petr');
  });

  test('the company’s own threshold holds for hooks as well', async () => {
    const hook = await makeHook(HMAC);
    const policy = { approvalFrom: { CZK: '500.00' }, duplicates: 'flag' };
    done(await t.admin('PUT /payment-policy', policy));
    expect(done(await send(hook, messageOf(fresh(), [{ sum: '499.99' }])), 202).state).toBe('accepted');
    expect(done(await send(hook, messageOf(fresh(), [{ sum: '500.00' }])), 202).state).toBe(
      'awaiting-approval',
    );
    done(await t.admin('PUT /payment-policy', { ...policy, approvalFrom: null }));
  });

  test('a user’s key looks after that user’s hooks only', async () => {
    const jana = await oldKey('jana', ['admin', 'pay']);
    const companys = await makeHook(HMAC);
    const own = await makeHook(HMAC, {}, jana);
    const { items } = done(await jana<Items<HookBody>>('GET /hooks'));
    expect(items.map(({ user }) => user)).toEqual(items.map(() => 'jana'));
    expect(items.map(({ id }) => id)).toContain(own.id);
    refused(await jana(`DELETE /hooks/${companys.id}`), 404, 'not-found');
    refused(await jana(`POST /hooks/${companys.id}/test`, { body: '{}' }), 404, 'not-found');
    const petrs = {
      ...HMAC,
      name: 'x',
      user: 'petr',
      accounts: [czk.id],
      limits: { CZK: '1' },
      mapping: MAPPING,
    };
    expect(refused(await jana('POST /hooks', petrs), 422, 'invalid-hook').errors).toMatchObject([
      { pointer: '/user' },
    ]);
  });
});

describe('row 63: two companies', () => {
  test('see, delete and test no hook of the other, and bind none of its accounts', async () => {
    const other = t.as(await addCompany(t, 'com_hooks'));
    const hook = await makeHook(HMAC);
    expect(done(await other<Items<HookBody>>('GET /hooks')).items).toEqual([]);
    refused(await other(`DELETE /hooks/${hook.id}`), 404, 'not-found');
    refused(await other(`POST /hooks/${hook.id}/test`, { body: '{}' }), 404, 'not-found');
    const bound = { ...HMAC, name: 'x', accounts: [czk.id], limits: { CZK: '1' }, mapping: MAPPING };
    expect(refused(await other('POST /hooks', bound), 422, 'invalid-hook').errors).toMatchObject([
      { pointer: '/accounts/0' },
    ]);
    done(await send(hook, messageOf(fresh())), 202);
  });

  test('a bent pointer leads to no hook: what is read through it stands under its company', async () => {
    const hook = await makeHook(HMAC);
    const { dynamo, places } = t.store;
    const bent = { pk: `hook#${hook.id}`, sk: 'pointer', company: 'com_hooks' };
    await dynamo.transact([{ table: places.connections, put: bent }]);
    refused(await send(hook, messageOf(fresh())), 404, 'not-found');
  });
});

describe('making a hook', () => {
  const good = () => ({ name: 'x', accounts: [czk.id], limits: { CZK: '1.00' }, mapping: MAPPING, ...HMAC });

  test('tells every finding at once', async () => {
    const { errors } = refused(
      await t.admin('POST /hooks', {
        name: 'x',
        verification: { kind: 'hmac', prefix: 'a' },
        accounts: ['acc_x', czk.id],
        limits: { CZK: '1.001' },
        mapping: {
          account: { constant: 'acc_y' },
          executionDate: {},
          payments: 'lines',
          payment: {
            currency: { constant: 'CZK', optional: true },
            message: { pointer: 'text' },
            variableSymbol: { pointer: '/a', constant: 'b' },
            creditor: { account: { pointer: '/a' }, iban: { pointer: '/b' } },
            creditorAddress: { country: { pointer: 'land' } },
            creditorBank: { name: {} },
          },
        },
      }),
      422,
      'invalid-hook',
    );
    expect(errors!.map(({ pointer }) => pointer).sort()).toEqual([
      '/accounts/0',
      '/idempotencyKey',
      '/limits/CZK',
      '/mapping/account/constant',
      '/mapping/executionDate',
      '/mapping/payment/amount',
      '/mapping/payment/creditor/account',
      '/mapping/payment/creditorAddress/country/pointer',
      '/mapping/payment/creditorBank/name',
      '/mapping/payment/currency/optional',
      '/mapping/payment/message/pointer',
      '/mapping/payment/variableSymbol',
      '/mapping/payments',
      '/verification/encoding',
      '/verification/header',
    ]);
  });

  test('refuses what does not go together', async () => {
    const cases: [object, string][] = [
      [{ verification: { kind: 'standard-webhooks' } }, '/idempotencyKey'],
      [
        { verification: { kind: 'standard-webhooks', header: 'x' }, idempotencyKey: undefined },
        '/verification/header',
      ],
      [{ verification: { kind: 'static', header: 'x', prefix: 'y' } }, '/verification/prefix'],
      [{ idempotencyKey: 'id' }, '/idempotencyKey'],
      [{ limits: {} }, '/limits'],
      [
        { mapping: { ...MAPPING, payment: { ...MAPPING.payment, creditor: {} } } },
        '/mapping/payment/creditor',
      ],
    ];
    for (const [more, pointer] of cases) {
      const { errors } = refused(await t.admin('POST /hooks', { ...good(), ...more }), 422, 'invalid-hook');
      expect(errors!.map((one) => one.pointer)).toEqual([pointer]);
    }
  });

  test('shows the secret in this answer and never again', async () => {
    const hook = await makeHook(HMAC);
    const list = await t.admin<Items<HookBody>>('GET /hooks');
    expect(done(list).items.find(({ id }) => id === hook.id)).not.toHaveProperty('secret');
    expect(list.bytes.toString()).not.toContain('sealed');
  });
});

describe('a dry run', () => {
  const rehearse = async (hook: HookBody, body: string, headers: object = {}): Promise<Rehearsal> =>
    done(await t.admin<Rehearsal>(`POST /hooks/${hook.id}/test`, { body, headers }));

  test('shows the order a message would make, and makes none', async () => {
    const hook = await makeHook(STATIC);
    const before = await payments();
    const raw = messageOf(fresh(), [{ sum: 1250.5, vs: 7 }]);
    const shown = await rehearse(hook, raw, { 'X-TOKEN': hook.secret });
    expect(shown).toMatchObject({
      verification: 'ok',
      findings: [],
      order: {
        state: 'awaiting-approval',
        account: czk.id,
        sum: '1250.50',
        currency: 'CZK',
        count: 1,
        payments: [
          { amount: '1250.50', variableSymbol: '7', creditor: { number: '19-2000145399', bankCode: '0800' } },
        ],
      },
    });
    expect(await payments()).toBe(before);
    expect(
      done(await t.admin<Items<HookBody>>('GET /hooks')).items.find(({ id }) => id === hook.id),
    ).toMatchObject({
      usedToday: {},
      lastOrderAt: null,
    });
    // The message itself is still fresh.
    expect((await send(hook, raw)).headers.get('idempotency-replayed')).toBeNull();
  });

  test('tells what is wrong with the proof, and still what the message says', async () => {
    const hook = await makeHook(STANDARD);
    const raw = messageOf(fresh());
    const proof = { id: 'msg_1' };
    expect(await rehearse(hook, raw, proofOf(hook, raw, proof))).toMatchObject({ verification: 'ok' });
    const old = proofOf(hook, raw, { ...proof, at: t.clock.now() - 3_600_000 });
    expect(await rehearse(hook, raw, old)).toMatchObject({ verification: 'timestamp-off' });
    const wrong = proofOf(hook, raw, { ...proof, secret: 'whsec_AAAA' });
    expect((await rehearse(hook, raw, wrong)).order).not.toBeNull();
    const bare = await rehearse(hook, raw);
    expect(bare).toMatchObject({ verification: 'header-missing', order: null });
    expect(bare.findings).toHaveLength(1);
  });

  test('tells every finding: no JSON, the mapping, the order, the limit', async () => {
    const hook = await makeHook(HMAC, { limits: { CZK: '10.00' } });
    const pointers = async (raw: string) =>
      (await rehearse(hook, raw)).findings.map(({ pointer }) => pointer);
    expect(await pointers('{')).toEqual(['']);
    expect(await pointers('{}')).toEqual(['/id']);
    expect(await pointers('{"id":1}')).toEqual(expect.arrayContaining(['/from', '/lines']));
    expect(await pointers(messageOf('x', [{ sum: '-1' }]))).toEqual(['/lines/0/sum']);
    const { findings } = await rehearse(hook, messageOf('x', [{ sum: '10.01' }]));
    expect(findings).toEqual([{ pointer: '', detail: expect.stringContaining('10.00 CZK') }]);
  });
});

test('brana makes, lists, tries and deletes hooks', async () => {
  const shell = openShell({ BRANA_URL: t.gateway.url, BRANA_KEY: t.adminKey });
  const write = (name: string, text: string): string => {
    const file = join(shell.folder, name);
    writeFileSync(file, text);
    return file;
  };
  try {
    const description = { name: 'ERP', limits: { CZK: '50.00' }, mapping: MAPPING, ...HMAC };
    const file = write('hook.json', JSON.stringify({ ...description, accounts: [`${czk.iban}:CZK`] }));
    const made = (
      await shell.brana('hooks', 'create', file, '--name', 'Žluťoučký', '--json')
    ).json<HookBody>();
    secrets.push(made.secret);
    expect(made).toMatchObject({ name: 'Žluťoučký', accounts: [czk.id] });
    expect((await shell.brana('hooks')).out).toMatch(
      /Žluťoučký +hmac +company +1 account +0 of 50.00 CZK +never/,
    );
    const message = write('message.json', messageOf(fresh()));
    const secret = write('secret.txt', `${made.secret}\n`);
    const good = await shell.brana('hooks', 'test', made.id, message, '--secret-file', secret);
    expect(good.code).toBe(0);
    expect(good.out).toMatch(/proven[^]*12\.50 CZK in 1 payment, would be accepted[^]*19-2000145399\/0800/);
    const unproven = await shell.brana(
      'hooks',
      'test',
      made.id,
      message,
      '--header',
      'X-Signature: sha256=00',
    );
    expect(unproven.code).toBe(1);
    expect(unproven.out).toContain('NOT proven: the signature');
    const dear = write('dear.json', messageOf(fresh(), [{ sum: '50.01' }]));
    const over = await shell.brana('hooks', 'test', made.id, dear, '--secret-file', secret, '--json');
    expect(over.code).toBe(1);
    expect(over.json<Rehearsal>().findings).toHaveLength(1);
    for (const words of [
      ['create'],
      ['create', write('bad.json', '[')],
      ['test', made.id],
      ['test', 'hook_x', message, '--secret-file', secret],
    ]) {
      expect((await shell.brana('hooks', ...words)).code, words.join(' ')).toBe(2);
    }
    expect((await shell.brana('hooks', 'delete', made.id)).code).toBe(0);
    expect((await shell.brana('hooks', 'delete', made.id)).code).toBe(4);
  } finally {
    shell.remove();
  }
});

describe('a secret', () => {
  const search = (texts: readonly string[], where: string): void => {
    const everything = texts.join('\n');
    for (const secret of secrets) {
      const key = secret.replace('whsec_', '');
      for (const form of [secret, key, Buffer.from(key, 'base64').toString('hex')]) {
        expect(everything.includes(form), where).toBe(false);
      }
    }
  };

  test('stands in no log, answer, table, event or document', async () => {
    await t.gateway.drain();
    expect(secrets.length).toBeGreaterThan(20);
    search(t.printed, 'the log');
    const made = t.seen.filter((answer) => answer.startsWith('201 POST /hooks'));
    // One more was made by the command line.
    expect(made.length).toBe(secrets.length - 1);
    search(
      t.seen.filter((answer) => !made.includes(answer)),
      'an answer',
    );
    const client = new DynamoDBClient({});
    for (const [name, TableName] of Object.entries(t.gateway.env)) {
      if (!name.startsWith('TABLE_')) continue;
      let ExclusiveStartKey: Record<string, never> | undefined;
      do {
        const page = await client.send(new ScanCommand({ TableName, ExclusiveStartKey }));
        search([JSON.stringify(page.Items)], TableName);
        ExclusiveStartKey = page.LastEvaluatedKey as never;
      } while (ExclusiveStartKey);
    }
    const s3 = new S3Client({ forcePathStyle: true });
    const Bucket = t.gateway.env['ARCHIVE_BUCKET']!;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.length).toBeGreaterThan(20);
    for (const { Key } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      search([Key!, await Body!.transformToString('latin1')], Key!);
    }
  });

  test('the log tells which hook refused a message and why, and nothing of the message', () => {
    const lines = t.printed.map((line) => JSON.parse(line) as Record<string, unknown>);
    const told = lines.filter(({ event }) => event === 'hook.refused');
    expect(new Set(told.map(({ verdict }) => verdict))).toEqual(
      new Set(['header-missing', 'signature-wrong', 'timestamp-off']),
    );
    for (const { hook } of told) expect(hook).toMatch(/^hook_/);
    expect(t.printed.join('\n')).not.toContain('2000145399');
  });
});
