import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FeedEvent } from '../../shared/domain/event.ts';
import type { PaymentRecord } from '../../shared/domain/payment.ts';
import type { PaymentPolicy, Scope } from '../../shared/domain/records.ts';
import type {
  acceptedView,
  paymentDetailView,
  paymentItemView,
  paymentView,
} from '../../shared/api/views.ts';
import { apiKeyKey } from '../../shared/store/keys.ts';
import * as kpc from '../formats/kpc/compose.ts';
import * as pain from '../formats/pain001/compose.ts';
import { done, refused, type Answer, type Call } from '../support/api.ts';
import {
  addCompany,
  addKey,
  connect,
  startTestGateway,
  TODAY,
  type AccountBody,
  type Items,
  type Page,
  type TestGateway,
} from '../support/gateway.ts';

// Orders as a caller sees them, from the request to the simulated bank.

type Accepted = ReturnType<typeof acceptedView>;
type Payment = ReturnType<typeof paymentView>;
type Detail = ReturnType<typeof paymentDetailView>;
type Item = ReturnType<typeof paymentItemView>;

const HOUR = 3_600_000;
const SUPPLIER = { name: 'Dodavatel a.s.', number: '19-2000145399', bankCode: '0800' };
const ABROAD = { name: 'Muster GmbH', iban: 'DE89 3704 0044 0532 0130 00' };

let t: TestGateway;
let crowns: AccountBody;
let euro: AccountBody;

beforeAll(async () => {
  t = await startTestGateway();
  const { accounts } = await connect(t);
  const find = (currency: string) =>
    accounts.find((one) => one.number === '5017482301' && one.currency === currency)!;
  [crowns, euro] = [find('CZK'), find('EUR')];
});
afterAll(() => t?.stop());

let keys = 0;
const freshKey = (): string => `order-${++keys}`;
/** An amount nobody had before, so that no order is taken for a duplicate. */
const freshAmount = (): string => `${1000 + ++keys}.50`;

const one = (more: object = {}) => ({
  amount: freshAmount(),
  currency: 'CZK',
  creditor: SUPPLIER,
  variableSymbol: '2026000123',
  ...more,
});
const order = (more: object = {}, payment: object = {}) => ({
  account: crowns.id,
  payments: [one(payment)],
  ...more,
});

const submit = (body: unknown, key = freshKey(), call: Call = t.admin): Promise<Answer<Accepted>> =>
  call<Accepted>('POST /payments', body, { headers: { 'idempotency-key': key } });
const submitFile = (raw: string | Uint8Array, type: string, key = freshKey()): Promise<Answer<Accepted>> =>
  t.admin<Accepted>('POST /payments', undefined, {
    raw,
    headers: { 'idempotency-key': key, 'content-type': type },
  });
const detail = async (id: string, call: Call = t.admin): Promise<Detail> =>
  done(await call<Detail>(`GET /payments/${id}`));
const itemsOf = async (id: string): Promise<readonly Item[]> =>
  done(await t.admin<Items<Item>>(`GET /payments/${id}/items`)).items;
const setPolicy = async (policy: PaymentPolicy): Promise<void> =>
  void done(await t.admin('PUT /payment-policy', policy));
const NO_RULES: PaymentPolicy = { approvalFrom: null, duplicates: 'flag' };

/** Lets time pass for one order: it is due now. */
async function due(id: string): Promise<void> {
  const payment = (await t.store.payments.get(t.company, id))!;
  const past = { dueAt: '2026-01-01T00:00:00.000Z' };
  expect(await t.store.payments.change(payment, past, [])).not.toBeNull();
}
/** One look at what is due, as every minute; then everything queued is done. */
async function sweep(): Promise<{ due: number }> {
  const swept = (await t.gateway.invoke('payments-sweep', {})) as { due: number };
  expect(await t.gateway.drain()).toBe(0);
  return swept;
}
/** Brings an order to the bank; behind other orders of its certificate it waits for the next sweep. */
async function brought(id: string): Promise<Detail> {
  expect(await t.gateway.drain()).toBe(0);
  for (let looks = 0; looks < 20 && (await detail(id)).state === 'accepted'; looks++) await sweep();
  return detail(id);
}
/** Looks at an order again and again, as time passes, until it is in a state. */
async function becomes(id: string, state: PaymentRecord['state']): Promise<void> {
  const look = async (): Promise<string> => {
    await due(id);
    await sweep();
    return (await detail(id)).state;
  };
  await expect.poll(look, { timeout: 20_000, interval: 500 }).toBe(state);
}
const statesOf = ({ history }: Pick<PaymentRecord, 'history'>): string[] => history.map(({ state }) => state);

/** Findings of a refused order by pointer. */
async function findings(body: unknown): Promise<Record<string, string>> {
  const { errors = [] } = refused(await submit(body), 422, 'invalid-order');
  return Object.fromEntries(errors.map(({ pointer, detail }) => [pointer, detail]));
}

describe('an order', () => {
  test('of one payment is accepted, brought to the bank once, and followed there', async () => {
    const answer = await submit(order({}, { amount: '1250.5', message: 'Faktura 2026000123' }));
    const accepted = done(answer, 202);
    expect(accepted).toMatchObject({
      state: 'accepted',
      sum: '1250.50',
      currency: 'CZK',
      count: 1,
      executionDate: TODAY,
      duplicateOf: null,
    });
    expect(answer.headers.get('location')).toBe(`/payments/${accepted.id}`);
    const taken = await brought(accepted.id);
    expect(statesOf(taken)).toEqual(['accepted', 'submitting', 'submitted']);
    expect(taken.attempts).toMatchObject([{ outcome: 'taken', step: 'upload' }]);
    expect(taken.documents.map(({ kind }) => kind)).toEqual(['request', 'order', 'rendered', 'answer']);
    const held = t.bank.orderOf(accepted.id)!;
    expect(held).toMatchObject({ copies: 1, booked: 0 });
    expect(taken.bankId).toBe(held.bankId);
  });

  test('tells of every step in exactly one event', async () => {
    const { id } = done(await submit(order()), 202);
    await brought(id);
    const told: FeedEvent[] = [];
    for (let after = 0; ;) {
      const page = done(
        await t.admin<{ items: readonly FeedEvent[]; next: number }>(`GET /events?limit=500&after=${after}`),
      );
      if (page.items.length === 0) break;
      told.push(...page.items);
      after = page.next;
    }
    const about = told.filter(({ subject }) => subject === id);
    expect(about.map(({ type }) => type)).toEqual(['payment.accepted', 'payment.changed', 'payment.changed']);
    expect(about.slice(1).map(({ data }) => [data['from'], data['to']])).toEqual([
      ['accepted', 'submitting'],
      ['submitting', 'submitted'],
    ]);
  });

  test('of many payments has a sum, and its items by pages', async () => {
    const payments = ['1.00', '20.05', '300.00'].map((amount) => one({ amount }));
    const { id, sum, count } = done(await submit({ account: crowns.id, payments }), 202);
    expect([sum, count]).toEqual(['321.05', 3]);
    const page = async (query: string) =>
      done(
        await t.admin<{ items: readonly Item[]; next: number | null }>(`GET /payments/${id}/items${query}`),
      );
    const first = await page('?limit=2');
    expect(first.items.map(({ index, amount, state }) => [index, amount, state])).toEqual([
      [0, '1.00', 'pending'],
      [1, '20.05', 'pending'],
    ]);
    expect(first.next).toBe(1);
    const last = await page(`?limit=2&after=${first.next}`);
    expect([last.items.map(({ amount }) => amount), last.next]).toEqual([['300.00'], null]);
    expect(last.items[0]!.creditor).toMatchObject(SUPPLIER);
    expect(await page('?after=7')).toEqual({ items: [], next: null });
  });

  test('in euro goes as SEPA', async () => {
    const { id } = done(
      await submit({
        account: euro.id,
        payments: [one({ currency: 'EUR', creditor: ABROAD, variableSymbol: undefined })],
      }),
      202,
    );
    const { documents } = await brought(id);
    expect(documents.find(({ kind }) => kind === 'rendered')?.mediaType).toBe('application/xml');
    expect(t.bank.orderOf(id)?.copies).toBe(1);
  });

  test('is listed, newest first, and by its state', async () => {
    const { id } = done(await submit(order({ executionDate: '2026-12-01' })), 202);
    const { items } = done(await t.admin<Page<Payment>>('GET /payments?limit=200'));
    expect(items[0]!.id).toBe(id);
    const ids = items.map((item) => item.id);
    expect(ids).toEqual([...ids].sort().reverse());
    await brought(id);
    const rejected = done(await t.admin<Page<Payment>>('GET /payments?state=rejected'));
    expect(rejected.items).toEqual([]);
    const submitted = done(await t.admin<Page<Payment>>('GET /payments?limit=200&state=submitted'));
    expect(submitted.items.map((item) => item.id)).toContain(id);
  });
});

describe('an order file', () => {
  /** A KPC of the payer's bank with these items, by hand. */
  const kpcOf = (items: readonly string[], sum: number, payer = '5017482301') =>
    kpc.file(kpc.group(items, `2 ${payer} ${sum} 191126`), '5500');
  const ITEM = '19-2000145399 12345 2026000777 08000308';

  test('in KPC is read, re-rendered with our serial, and taken by the bank', async () => {
    const { id, sum, executionDate } = done(await submitFile(kpcOf([ITEM], 12345), 'text/plain'), 202);
    expect([sum, executionDate]).toEqual(['123.45', '2026-11-19']);
    const [item] = await itemsOf(id);
    expect(item).toMatchObject({
      amount: '123.45',
      variableSymbol: '2026000777',
      constantSymbol: '0308',
      creditor: { number: '19-2000145399', bankCode: '0800' },
    });
    await brought(id);
    expect(t.bank.orderOf(id)?.copies).toBe(1);
  });

  test('in pain.001 too', async () => {
    const head =
      '<PmtInfId>G1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt>2026-11-20</ReqdExctnDt>' +
      `<DbtrAcct><Id><IBAN>${crowns.iban}</IBAN></Id><Ccy>CZK</Ccy></DbtrAcct>`;
    const xml = pain.document(pain.information(pain.transfer(), head));
    const { id, sum } = done(await submitFile(xml, 'application/xml'), 202);
    expect(sum).toBe('10.50');
    await brought(id);
    expect(t.bank.orderOf(id)?.copies).toBe(1);
  });

  test('whose sum is not the file’s own is refused', async () => {
    const { errors } = refused(await submitFile(kpcOf([ITEM], 99999), 'text/plain'), 422, 'invalid-order');
    expect(errors?.map(({ detail }) => detail).join()).toMatch(/99999|999\.99/);
  });

  test('with one item that cannot be read is refused whole', async () => {
    const file = kpcOf([ITEM, '19-2000145399 1x 1 08000308'], 12345);
    const { errors } = refused(await submitFile(file, 'text/plain'), 422, 'invalid-order');
    expect(errors?.length).toBeGreaterThan(0);
  });

  test('of a payer this company does not have is refused without a word on others', async () => {
    const file = kpcOf([ITEM], 12345, '2101135843');
    const { errors } = refused(await submitFile(file, 'text/plain'), 422, 'invalid-order');
    expect(errors).toEqual([{ pointer: '/groups/0/account', detail: 'This company has no such account' }]);
  });

  test.each([
    ['nothing', ''],
    ['letters', 'hello'],
    ['a statement', '0740000005017482301'],
    ['bytes', Buffer.from([0, 255, 254, 1])],
  ])('that is %s is refused', async (_, raw) => {
    refused(await submitFile(raw, 'application/octet-stream'), 422, 'invalid-order');
  });
});

describe('an idempotency key', () => {
  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['of quotes only', '""'],
    ['with a blank', 'a b'],
    ['of more than 255 characters', 'x'.repeat(256)],
  ])('%s is 400, and nothing is accepted', async (_, key) => {
    const before = done(await t.admin<Page<Payment>>('GET /payments?limit=1')).items[0]?.id;
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    refused(await t.admin('POST /payments', order(), { headers }), 400, 'idempotency-key-missing');
    expect(done(await t.admin<Page<Payment>>('GET /payments?limit=1')).items[0]?.id).toBe(before);
  });

  test('row 30: sent again gives the identical answer, whatever became of the order since', async () => {
    const [key, body] = [freshKey(), order()];
    const first = await submit(body, key);
    const id = done(first, 202).id;
    expect((await brought(id)).state).toBe('submitted');
    const again = await submit(body, key);
    expect([again.status, again.bytes]).toEqual([first.status, first.bytes]);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    // In quotes, as the draft writes it, it is the same key.
    expect((await submit(body, `"${key}"`)).bytes).toEqual(first.bytes);
    expect(t.bank.orderOf(id)?.copies).toBe(1);
  });

  test('row 31: with another order is 422, and the first one stands', async () => {
    const key = freshKey();
    const { id } = done(await submit(order(), key), 202);
    refused(await submit(order(), key), 422, 'idempotency-key-reused');
    const file = kpc.file(kpc.group(['19-2000145399 12345 1 08000308'], '2 5017482301 12345 191126'), '5500');
    refused(await submitFile(file, 'text/plain', key), 422, 'idempotency-key-reused');
    expect((await detail(id)).cancelRequestedAt).toBeNull();
  });

  test('of an order that was refused is free again', async () => {
    const key = freshKey();
    refused(await submit(order({}, { amount: '0' }), key), 422, 'invalid-order');
    done(await submit(order(), key), 202);
  });

  test('belongs to one company', async () => {
    const other = t.as(await addCompany(t, 'com_keys'));
    const { accounts } = await connect(t, other);
    const account = accounts.find(({ currency, active }) => currency === 'CZK' && active)!.id;
    const key = freshKey();
    const mine = done(await submit(order(), key), 202);
    const theirs = done(await submit(order({ account }), key, other), 202);
    expect(theirs.id).not.toBe(mine.id);
    await t.gateway.drain();
  });

  test('row 30: of fifty requests at once makes one order', async () => {
    const [key, body] = [freshKey(), order()];
    const answers = await Promise.all(Array.from({ length: 50 }, () => submit(body, key)));
    const ids = new Set(answers.map((answer) => done(answer, 202).id));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
    expect(new Set(answers.map(({ bytes }) => bytes.toString())).size).toBe(1);
    await brought([...ids][0]!);
    expect(t.bank.orderOf([...ids][0]!)?.copies).toBe(1);
  });

  test('five orders at once by five keys are five orders, each with a serial of its own', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => submit(order())));
    const ids = answers.map((answer) => done(answer, 202).id);
    const records = await Promise.all(ids.map((id) => t.store.payments.get(t.company, id)));
    expect(new Set(records.map((record) => record!.serial)).size).toBe(ids.length);
  });
});

describe('a foreign order', () => {
  test('in dollars from an account in crowns goes to the bank, and shows what it said', async () => {
    const creditorAddress = { street: 'Main Street', buildingNumber: '12', town: 'Portland', country: 'US' };
    const foreign = {
      currency: 'USD',
      creditor: { name: 'Maple Tools Inc.', number: '021000021-4417', bic: 'chasus33' },
      creditorAddress,
      charges: 'payer',
      variableSymbol: undefined,
    };
    const { id, currency } = done(await submit(order({}, foreign)), 202);
    expect(currency).toBe('USD');
    const [item] = await itemsOf(id);
    expect(item).toMatchObject({
      kind: 'foreign',
      currency: 'USD',
      creditor: { number: '021000021-4417', bankCode: null, bic: 'CHASUS33' },
      creditorAddress: { ...creditorAddress, postCode: null, lines: [] },
      creditorBank: null,
      charges: 'payer',
    });
    await brought(id);
    expect(t.bank.orderOf(id)).toMatchObject({ copies: 1, rejected: false });
  });
});

describe('row 40: an order that cannot be', () => {
  test('is refused with everything that is wrong with it at once, by JSON pointer', async () => {
    // What earlier orders still wait for comes first.
    await sweep();
    const before = t.bank.requests().length;
    const found = await findings({
      account: crowns.id,
      executionDate: '2026-11-17',
      priority: 'instant',
      payments: [
        one({ amount: '0' }),
        one({ amount: '10.001' }),
        one({ amount: '1,250' }),
        one({ amount: '-5.00' }),
        one({ creditor: { iban: 'CZ6508000000192000145398' } }),
        one({ creditor: { number: '19-2000145398', bankCode: '0800' } }),
        one({ creditor: { number: '19-2000145399', bankCode: '9999' } }),
        one({ creditor: { number: '19-2000145399' } }),
        one({ creditor: {} }),
        one({ creditor: { iban: 'CZ6508000000192000145399', number: '630804003', bankCode: '5500' } }),
        one({ variableSymbol: '12345678901' }),
        one({ variableSymbol: '12A' }),
        one({ constantSymbol: '13089' }),
        one({ specificSymbol: '12345678901' }),
        one({ currency: 'EUR' }),
      ],
    });
    expect(Object.keys(found).sort()).toEqual(
      [
        '/executionDate',
        '/priority',
        '/payments/0/amount',
        '/payments/1/amount',
        '/payments/2/amount',
        '/payments/3/amount',
        '/payments/4/creditor/iban',
        '/payments/5/creditor/number',
        '/payments/6/creditor/bankCode',
        '/payments/7/creditor/bankCode',
        '/payments/8/creditor',
        '/payments/9/creditor',
        '/payments/10/variableSymbol',
        '/payments/11/variableSymbol',
        '/payments/12/constantSymbol',
        '/payments/13/specificSymbol',
        '/payments/14/currency',
      ].sort(),
    );
    for (const words of Object.values(found)) expect(words).toMatch(/\w{3}/);
    expect(found['/payments/1/amount']).toContain('decimals');
    expect(found['/executionDate']).toContain(TODAY);
    expect(t.bank.requests()).toHaveLength(before);
  });

  test('is told first what is no order at all: unknown fields, missing ones, wrong types', async () => {
    const body = { ...order({}, { iban: 'x', amount: 7 }), sum: '1.00', executionDate: '2026-02-30' };
    const { errors } = refused(await submit(body), 400, 'invalid-request');
    expect(errors?.map(({ pointer }) => pointer).sort()).toEqual([
      '/executionDate',
      '/payments/0/amount',
      '/payments/0/iban',
      '/sum',
    ]);
  });

  test('an account of ČSOB, whose old numbers fail modulo 11, is taken', async () => {
    done(await submit(order({}, { creditor: { number: '19-2000145398', bankCode: '0300' } })), 202);
  });

  test('an account nobody has and one of another company are told alike', async () => {
    const other = t.as(await addCompany(t, 'com_accounts'));
    const { accounts } = await connect(t, other);
    const nobodys = refused(await submit(order({ account: 'acc_nobody' })), 422, 'invalid-order');
    const foreign = refused(await submit(order({ account: accounts[0]!.id })), 422, 'invalid-order');
    expect(foreign).toEqual(nobodys);
    expect(foreign.errors).toEqual([{ pointer: '/account', detail: 'This company has no such account' }]);
  });

  test('abroad without a bank, in no currency, or at charges of its own at home is refused', async () => {
    const found = await findings(order({}, { currency: 'USD', creditor: ABROAD }));
    expect(Object.keys(found)).toEqual(['/payments/0/creditor/bic']);
    expect(await findings(order({}, { currency: 'ABC', creditor: ABROAD }))).toHaveProperty(
      '/payments/0/currency',
    );
    expect(await findings(order({}, { charges: 'payee' }))).toHaveProperty('/payments/0/charges');
    expect(await findings(order({ account: euro.id }))).toHaveProperty('/account');
    const { errors } = refused(await submit(order({}, { charges: 'nobody' })), 400, 'invalid-request');
    expect(errors?.map(({ pointer }) => pointer)).toEqual(['/payments/0/charges']);
  });

  test('with letters that are no letters, or an id too long, is refused', async () => {
    expect(await findings(order({}, { endToEndId: 'č' }))).toHaveProperty('/payments/0/endToEndId');
    refused(await submit(order({}, { endToEndId: 'x'.repeat(36) })), 400, 'invalid-request');
    refused(await submit(order({}, { message: 'x'.repeat(141) })), 400, 'invalid-request');
  });

  test('on a connection that is not active is refused with what to do', async () => {
    const other = t.as(await addCompany(t, 'com_paused'));
    const { connection, accounts } = await connect(t, other);
    const account = accounts.find(({ currency, active }) => currency === 'CZK' && active)!.id;
    const standing = (await t.store.connections.get('com_paused', connection.id))!;
    const pause = { kind: 'credential-refused', message: 'Upload a new one.', since: '' } as const;
    await t.store.connections.change(standing, { status: 'paused', pause }, []);
    const { detail } = refused(
      await submit(order({ account }), freshKey(), other),
      409,
      'connection-not-active',
    );
    expect(detail).toContain('Upload a new one.');
  });
});

describe('row 39: the day of execution', () => {
  test.each([
    ['left out is today', undefined, TODAY],
    ['a working day stays', '2026-11-20', '2026-11-20'],
    ['a Saturday becomes Monday', '2026-11-21', '2026-11-23'],
    ['Christmas becomes the next banking day', '2026-12-24', '2026-12-28'],
    ['New Year too', '2027-01-01', '2027-01-04'],
  ])('%s', async (_, executionDate, day) => {
    const body = executionDate === undefined ? order() : order({ executionDate });
    const accepted = done(await submit(body), 202);
    expect(accepted.executionDate).toBe(day);
    expect((await detail(accepted.id)).executionDate).toBe(day);
  });
});

describe('row 32: an order that says the same as another', () => {
  test('is accepted and flagged', async () => {
    const body = order();
    const first = done(await submit(body), 202);
    const second = done(await submit(body), 202);
    expect(second.duplicateOf).toBe(first.id);
    expect((await detail(second.id)).duplicateOf).toBe(first.id);
    const later = done(await submit({ ...body, executionDate: '2026-12-02' }), 202);
    expect(later.duplicateOf).toBeNull();
  });

  test('is refused where the company wants it so; the same key still gives its order', async () => {
    await setPolicy({ ...NO_RULES, duplicates: 'refuse' });
    try {
      const [key, body] = [freshKey(), order()];
      const first = done(await submit(body, key), 202);
      expect(refused(await submit(body), 409, 'duplicate-order').detail).toContain(first.id);
      expect(done(await submit(body, key), 202).id).toBe(first.id);
      // Written another way it still says the same.
      const iban = { ...body.payments[0]!, creditor: { iban: 'CZ65 0800 0000 1920 0014 5399' } };
      refused(await submit({ ...body, payments: [iban] }), 409, 'duplicate-order');
      done(await submit(order()), 202);
    } finally {
      await setPolicy(NO_RULES);
    }
  });
});

describe('row 36: cancelling', () => {
  test('an order that waits for approval ends it; again changes nothing', async () => {
    await setPolicy({ ...NO_RULES, approvalFrom: { CZK: '0.00' } });
    const { id } = done(await submit(order()), 202);
    await setPolicy(NO_RULES);
    const cancelled = done(await t.admin<Detail>(`DELETE /payments/${id}`));
    expect(statesOf(cancelled)).toEqual(['awaiting-approval', 'cancelled']);
    expect(done(await t.admin<Detail>(`DELETE /payments/${id}`)).history).toEqual(cancelled.history);
    await sweep();
    expect(t.bank.orderOf(id)).toBeUndefined();
  });

  test('an order the bank refused to hear wins before the next try', async () => {
    const retryAfter = { seconds: 1, form: 'seconds' } as const;
    t.bank.misbehave({ kind: 'status-429', operation: 'importPayments', retryAfter });
    const { id } = done(await submit(order()), 202);
    await t.gateway.drain();
    t.bank.behave();
    expect((await detail(id)).state).toBe('accepted');
    expect(done(await t.admin<Detail>(`DELETE /payments/${id}`)).state).toBe('cancelled');
    // The silence the bank asked for is over.
    await sleep(1_500);
    await sweep();
    expect((await detail(id)).state).toBe('cancelled');
    expect(t.bank.orderOf(id)).toBeUndefined();
  });

  test('an order at the bank is noted, and the bank decides', async () => {
    const { id } = done(await submit(order()), 202);
    await brought(id);
    const wished = done(await t.admin<Detail>(`DELETE /payments/${id}`));
    expect(wished).toMatchObject({ state: 'submitted', cancelRequestedAt: expect.any(String) as string });
    expect(done(await t.admin<Detail>(`DELETE /payments/${id}`)).cancelRequestedAt).toBe(
      wished.cancelRequestedAt,
    );
    t.bank.reject(id);
    await becomes(id, 'rejected');
    refused(await t.admin(`DELETE /payments/${id}`), 409, 'payment-final');
  });
});

describe('row 65: four eyes', () => {
  const waiting = async (call?: Call): Promise<string> => {
    const accepted = done(await submit(order(), freshKey(), call), 202);
    expect(accepted.state).toBe('awaiting-approval');
    return accepted.id;
  };
  /** A key as if it were made so many hours ago. */
  async function agedKey(hours: number, scopes: readonly Scope[], user?: string): Promise<Call> {
    const { id, call } = await addKey(t, scopes, user);
    await t.store.dynamo.update({
      table: t.store.places.connections,
      update: apiKeyKey(t.company, id),
      set: { createdAt: new Date(t.clock.now() - hours * HOUR).toISOString() },
    });
    return call;
  }

  let submitter: Call;
  const approvers: Record<string, Call> = {};
  beforeAll(async () => {
    await setPolicy({ ...NO_RULES, approvalFrom: { CZK: '1000.00' } });
    submitter = await agedKey(48, ['read', 'pay'], 'jana');
    approvers['the submitting key'] = submitter;
    approvers['another key of the submitter'] = await agedKey(48, ['read', 'pay'], 'jana');
    approvers['an admin key of the submitter'] = await agedKey(48, ['read', 'pay', 'admin'], 'jana');
    approvers['a key of no user'] = await agedKey(48, ['read', 'pay'], undefined);
    approvers['the admin key of no user'] = t.admin;
    approvers['a young key of another user'] = await agedKey(23, ['read', 'pay'], 'petr');
    approvers['a key of another user that may only read'] = await agedKey(48, ['read'], 'petr');
    approvers['a key of another user that may only administer'] = await agedKey(48, ['admin'], 'petr');
    approvers['a key of another user'] = await agedKey(25, ['pay'], 'petr');
    approvers['a key of another company'] = t.as(await addCompany(t, 'com_approver'));
  });
  afterAll(() => setPolicy(NO_RULES));

  test.each([
    ['the submitting key', 403, 'may-not-approve'],
    ['another key of the submitter', 403, 'may-not-approve'],
    ['an admin key of the submitter', 403, 'may-not-approve'],
    ['a key of no user', 403, 'may-not-approve'],
    ['the admin key of no user', 403, 'may-not-approve'],
    ['a young key of another user', 403, 'may-not-approve'],
    ['a key of another user that may only read', 403, 'scope-missing'],
    ['a key of another user that may only administer', 403, 'scope-missing'],
    ['a key of another company', 404, 'not-found'],
    ['a key of another user', 200, null],
  ])('%s: %i', async (who, status, code) => {
    const id = await waiting(submitter);
    const answer = await approvers[who]!<Detail>(`POST /payments/${id}/approval`, { approve: true });
    if (code !== null) {
      refused(answer, status, code);
      expect(await detail(id)).toMatchObject({ state: 'awaiting-approval', approvedBy: null });
      await sweep();
      expect(t.bank.orderOf(id)).toBeUndefined();
      return;
    }
    expect(done(answer)).toMatchObject({ approvedBy: { user: 'petr' }, submittedBy: { user: 'jana' } });
    const states = statesOf(await brought(id));
    expect(states).toEqual(['awaiting-approval', 'accepted', 'submitting', 'submitted']);
    expect(t.bank.orderOf(id)?.copies).toBe(1);
  });

  test('an order of a key without a user is approved by any', async () => {
    const id = await waiting(t.admin);
    const approve = { approve: true };
    done(await approvers['a key of another user']!(`POST /payments/${id}/approval`, approve));
    refused(
      await approvers['a key of another user']!(`POST /payments/${id}/approval`, approve),
      409,
      'not-awaiting-approval',
    );
  });

  test('rejecting ends the order, with the reason', async () => {
    const id = await waiting(submitter);
    const answer = { approve: false, reason: 'Paid already' };
    done(await approvers['a key of another user']!(`POST /payments/${id}/approval`, answer));
    const { state, history } = await detail(id);
    expect(state).toBe('rejected');
    expect(history.at(-1)).toMatchObject({ source: 'approver', reason: 'Paid already' });
    await sweep();
    expect(t.bank.orderOf(id)).toBeUndefined();
  });

  test.each([
    ['below the sum', '999.99', 'CZK', 'accepted'],
    ['of the sum', '1000', 'CZK', 'awaiting-approval'],
    ['in a currency without a sum', '0.01', 'EUR', 'awaiting-approval'],
  ])('an order %s', async (_, amount, currency, state) => {
    const account = currency === 'EUR' ? euro.id : crowns.id;
    const creditor = currency === 'EUR' ? ABROAD : SUPPLIER;
    const body = order({ account }, { amount, currency, creditor, variableSymbol: undefined });
    expect(done(await submit(body), 202).state).toBe(state);
  });

  test('many small payments that come to the sum need it too', async () => {
    const payments = ['600.00', '400.00'].map((amount) => one({ amount }));
    expect(done(await submit({ account: crowns.id, payments }), 202).state).toBe('awaiting-approval');
  });
});

describe('the policy', () => {
  test('is nothing at first, and what was set', async () => {
    const other = t.as(await addCompany(t, 'com_policy'));
    expect(done(await other('GET /payment-policy'))).toEqual(NO_RULES);
    const policy = { approvalFrom: { CZK: '100000.00', EUR: '0' }, duplicates: 'refuse' };
    expect(done(await other('PUT /payment-policy', policy))).toEqual(policy);
    expect(done(await other('GET /payment-policy'))).toEqual(policy);
    const { items } = done(await other<Items<FeedEvent>>('GET /events'));
    expect(items.map(({ type, subject }) => [type, subject])).toEqual([
      ['payment-policy.changed', 'com_policy'],
    ]);
    expect(items[0]!.data['key']).toMatch(/^key_/);
  });

  test('is set by the company’s administrator, by no user and by no payer', async () => {
    const { call: payer } = await addKey(t, ['read', 'pay']);
    refused(await payer('PUT /payment-policy', NO_RULES), 403, 'scope-missing');
    const { call: user } = await addKey(t, ['read', 'pay', 'admin'], 'jana');
    refused(await user('PUT /payment-policy', NO_RULES), 403, 'not-yours');
    done(await user('GET /payment-policy'));
  });

  test.each([
    [{ CZK: '1.234' }, '/approvalFrom'],
    [{ JPY: '1.5' }, '/approvalFrom'],
    [{ CZK: '-1' }, '/approvalFrom/CZK'],
    [{ CZK: '1e9' }, '/approvalFrom/CZK'],
    [{ czk: '1' }, '/approvalFrom/czk'],
  ])('refuses %j', async (approvalFrom, pointer) => {
    const answer = await t.admin('PUT /payment-policy', { ...NO_RULES, approvalFrom });
    expect(refused(answer, 400, 'invalid-request').errors?.map((error) => error.pointer)).toEqual([pointer]);
  });
});

describe('a user’s connection', () => {
  let janas: Call;
  let paid: string;
  let submitted: readonly [body: unknown, key: string];
  beforeAll(async () => {
    janas = (await addKey(t, ['read', 'pay', 'admin'], 'jana')).call;
    const { accounts } = await connect(t, janas, { code: 'JANA', user: 'jana' });
    const account = accounts.find(({ currency, active }) => currency === 'CZK' && active)!.id;
    submitted = [order({ account }), freshKey()];
    paid = done(await submit(...submitted, janas), 202).id;
    await t.gateway.drain();
  });

  test('is paid from by that user alone, and nobody else sees the order', async () => {
    const { call: petrs } = await addKey(t, ['read', 'pay'], 'petr');
    const { call: nobodys } = await addKey(t, ['read', 'pay']);
    const mine = done(await janas<Page<Payment>>('GET /payments')).items.find(({ id }) => id === paid)!;
    for (const call of [petrs, nobodys]) {
      refused(await call(`GET /payments/${paid}`), 404, 'not-found');
      refused(await call(`GET /payments/${paid}/items`), 404, 'not-found');
      refused(await call(`DELETE /payments/${paid}`), 404, 'not-found');
      const { items } = done(await call<Page<Payment>>('GET /payments?limit=200'));
      expect(items.map(({ id }) => id)).not.toContain(paid);
      refused(await submit(order({ account: mine.accounts[0] }), freshKey(), call), 422, 'invalid-order');
    }
    done(await t.admin(`GET /payments/${paid}`));
    const { items } = done(await petrs<Items<FeedEvent>>('GET /events?limit=500'));
    expect(items.map(({ subject }) => subject)).not.toContain(paid);
  });

  test('keeps its idempotency key: who may not see the order learns nothing and makes none', async () => {
    const { call: petrs } = await addKey(t, ['read', 'pay'], 'petr');
    const before = done(await t.admin<Page<Payment>>('GET /payments?limit=1')).items[0]!.id;
    const answer = refused(await submit(...submitted, petrs), 422, 'idempotency-key-reused');
    expect(JSON.stringify(answer)).not.toContain(paid);
    expect(done(await t.admin<Page<Payment>>('GET /payments?limit=1')).items[0]!.id).toBe(before);
    for (const call of [janas, t.admin]) expect(done(await submit(...submitted, call), 202).id).toBe(paid);
  });
});

describe('row 29: an order whose answer was lost', () => {
  /** The bank takes the order, and the line breaks before it says so. */
  async function lost(): Promise<string> {
    // Others' orders first, so that it is this one whose answer is lost.
    await sweep();
    t.bank.misbehave({ kind: 'drop', operation: 'importPayments' });
    const { id } = done(await submit(order()), 202);
    expect((await brought(id)).state).toBe('outcome-unknown');
    t.bank.behave();
    expect(t.bank.orderOf(id)?.copies).toBe(1);
    return id;
  }

  test('is found again by the identical bytes, which the bank has once', async () => {
    const id = await lost();
    await due(id);
    expect((await sweep()).due).toBeGreaterThan(0);
    await becomes(id, 'submitted');
    const found = await detail(id);
    expect(statesOf(found)).toEqual(['accepted', 'submitting', 'outcome-unknown', 'submitted']);
    expect(found.attempts.map(({ outcome }) => outcome)).toEqual(['in-doubt', 'taken']);
    expect(new Set(found.attempts.map(({ hash }) => hash)).size).toBe(1);
    expect(found.history.at(-1)).toMatchObject({ source: 'bank', bankCode: 'BATCH_ALREADY_IMPORTED' });
    expect(t.bank.orderOf(id)?.copies).toBe(1);
  });

  test('is resolved by an operator with a reason', async () => {
    const id = await lost();
    const path = `POST /payments/${id}/resolution`;
    for (const body of [
      { outcome: 'at-bank' },
      { outcome: 'gone', reason: 'x' },
      { outcome: 'executed', reason: '' },
    ]) {
      refused(await t.admin(path, body), 400, 'invalid-request');
    }
    for (const outcome of ['not-at-bank', 'send-again']) {
      // The bank may still show it: that it does not yet proves nothing.
      refused(await t.admin(path, { outcome, reason: 'not there' }), 409, 'too-early');
    }
    const { call: reader } = await addKey(t, ['read']);
    refused(await reader(path, { outcome: 'at-bank', reason: 'x' }), 403, 'scope-missing');
    const reason = 'Seen in internet banking';
    const resolved = done(await t.admin<Detail>(path, { outcome: 'at-bank', reason }));
    expect(resolved.history.at(-1)).toMatchObject({ state: 'submitted', source: 'operator', reason });
    refused(await t.admin(path, { outcome: 'at-bank', reason }), 409, 'not-unknown');
  });

  test('nothing is resolved of an order that is no question', async () => {
    const { id } = done(await submit(order()), 202);
    const body = { outcome: 'send-again', reason: 'I want to' };
    await brought(id);
    refused(await t.admin(`POST /payments/${id}/resolution`, body), 409, 'not-unknown');
    expect(t.bank.orderOf(id)?.copies).toBe(1);
  });
});

test('no order went to the bank twice', () => {
  for (const { id, copies } of t.bank.orders()) expect([id, copies]).toEqual([id, 1]);
});
