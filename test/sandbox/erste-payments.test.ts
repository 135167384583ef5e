import type { ValidateFunction } from 'ajv';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBrowser, type Browser } from '../../infra/sandbox/browser.ts';
import { API_BASE, PAYMENT_OPERATIONS, PAYMENTS_BASE } from '../../infra/sandbox/erste/routes.ts';
import { startSandbox, type Sandbox } from '../../infra/sandbox/index.ts';
import type { Misbehaviour } from '../../infra/sandbox/types.ts';
import { tokensOf } from '../support/erste.ts';
import { readCobs, type Schema } from './cobs.ts';
import { testClock } from './support.ts';

const COBS = readCobs();
if (COBS === null)
  console.log('SKIPPED: the Czech Open Banking Standard is not beside the checkout; nothing is held to it.');

const SCOPES = 'siblings.accounts siblings.payments';
const CALLBACK = 'https://gateway.example/callbacks/erste/signed?state=of-the-test';
const MINUTE = 60_000;
const TODAY = '2026-11-21';
const PAYEE = 'CZ6508000000192000145399';

const clock = testClock();
let sandbox: Sandbox;
let agent: Agent;
/** Of a consent for everything, for the first account alone, and without payments. */
let tokens: { readonly full: string; readonly first: string; readonly accounts: string };
let payer: string;
let euro: string;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 'erste-payments', clock });
  agent = new Agent({ connect: { ca: sandbox.ca } });
  const { erste } = sandbox.banks;
  [payer = '', euro = ''] = erste.books.ledgers.map(({ key }) => key.account.iban);
  erste.identity.lifetimes({ accessSeconds: 30 * 86_400 });
  const visit = { origin: sandbox.origins.erste, ca: sandbox.ca };
  const tokenOf = async (scope: string, accounts: readonly string[]) =>
    (await tokensOf(erste, visit, sandbox.application, { scope, accounts })).access;
  tokens = {
    full: await tokenOf(SCOPES, [payer, euro]),
    first: await tokenOf(SCOPES, [payer]),
    accounts: await tokenOf('siblings.accounts', [payer]),
  };
});
beforeEach(() => clock.set(`${TODAY}T11:00:00Z`));
afterAll(async () => {
  await agent?.destroy();
  await sandbox?.stop();
});

const bank = () => sandbox.banks.erste;

/** Whatever the payments API answers in JSON. */
interface BankJson {
  readonly errors: readonly { readonly error: string; readonly scope?: string }[];
  readonly paymentIdentification: { readonly transactionIdentification: string };
  readonly paymentTypeInformation: { readonly serviceLevel: { readonly code: string } };
  readonly signInfo: { readonly signId: string; readonly hash: string; readonly state: string };
  readonly instructionStatus: string;
  readonly validTo: string;
  readonly signingUrl: string;
  readonly poll: { readonly id: string; readonly interval: number };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: BankJson;
}

interface Ask {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly base?: string;
}

async function ask(path: string, more: Ask = {}): Promise<Answer> {
  const { method = 'GET', body, token = tokens.full, headers = {}, base = PAYMENTS_BASE } = more;
  const answer = await request(sandbox.origins.erste + base + path, {
    dispatcher: agent,
    method,
    headers: {
      'web-api-key': sandbox.application.webApiKey,
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.body.text();
  const isJson = answer.headers['content-type'] === 'application/json';
  return { status: answer.statusCode, text, json: (isJson ? JSON.parse(text) : null) as BankJson };
}

let made = 0;
const nextId = (): string => `ORDER-${(made += 1)}`;

/** A domestic order of today; members given replace it, `undefined` takes one out. */
function order(change: Record<string, unknown> = {}) {
  return {
    paymentIdentification: { instructionIdentification: nextId() },
    paymentTypeInformation: { instructionPriority: 'NORM' },
    amount: { instructedAmount: { value: 1245.4, currency: 'CZK' } },
    requestedExecutionDate: TODAY,
    debtorAccount: { identification: { iban: payer }, currency: 'CZK' },
    creditorAccount: { identification: { iban: PAYEE } },
    remittanceInformation: {
      unstructured: 'Faktura <2026123>',
      structured: { creditorReferenceInformation: { reference: ['VS:2026123', 'KS:0308', 'SS:1'] } },
    },
    ...change,
  };
}

/** A SEPA order. */
const sepa = (change: Record<string, unknown> = {}) =>
  order({
    paymentIdentification: { instructionIdentification: nextId(), endToEndIdentification: 'E2E-77' },
    amount: { instructedAmount: { value: 99.9, currency: 'EUR' } },
    debtorAccount: { identification: { iban: euro } },
    creditor: { name: 'Muster & Sohn' },
    creditorAgent: { financialInstitutionIdentification: { bic: 'MARKDEFF' } },
    creditorAccount: { identification: { iban: 'DE89370400440532013000' } },
    chargeBearer: 'SLEV',
    remittanceInformation: { unstructured: 'Rechnung 5' },
    ...change,
  });

const create = (body: unknown = order(), more: Ask = {}): Promise<Answer> =>
  ask('/my/payments', { method: 'POST', body, ...more });

/** An order the bank took. */
async function taken(body = order()) {
  const { status, json, text } = await create(body);
  expect([status, text]).toEqual([200, expect.any(String)]);
  const id = json.paymentIdentification.transactionIdentification;
  return { id, ...json.signInfo, reference: body.paymentIdentification.instructionIdentification };
}

const federate = (
  { signId, hash }: { readonly signId: string; readonly hash: string },
  headers: Record<string, string> = { 'callback-uri': CALLBACK },
): Promise<Answer> => ask(`/my/payments/federate/sign/${signId}/hash/${hash}`, { headers });

const statusOf = async ({ id }: { readonly id: string }): Promise<string> =>
  (await ask(`/my/payments/${id}/status`)).json.instructionStatus;
const signingOf = async ({ signId }: { readonly signId: string }): Promise<string> =>
  (await ask(`/my/payments/sign/${signId}`)).json.signInfo.state;
const refusalOf = ({ status, json }: Answer): unknown[] => [
  status,
  ...json.errors.map(({ error, scope }) => (scope === undefined ? error : `${error} ${scope}`)),
];
const browser = (): Browser =>
  createBrowser({ ca: sandbox.ca, stopAt: ({ hostname }) => hostname === 'gateway.example' });

describe.skipIf(COBS === null)('requests and answers follow the standard', () => {
  const valid = (validate: ValidateFunction, value: unknown): void => {
    expect(validate({ ...(value as object), nothing: 1 }), 'the schema tells').toBe(false);
    validate(value);
    expect(validate.errors ?? []).toEqual([]);
  };
  /** The examples of the standard have a list where its schema has one text. */
  const listed = (schema: Schema): void => {
    const group = schema.properties!['remittanceInformation']!.properties!['structured']!;
    const reference = group.properties!['creditorReferenceInformation']!.properties!['reference']!;
    Object.assign(reference, { type: 'array', items: { type: 'string' } });
  };
  /** They have the two at the top in their groups, and the status that the schema forgot; the hash is the bank's own. */
  const created = (schema: Schema): void => {
    listed(schema);
    const { properties = {}, required = [] } = schema;
    const [transaction, level] = ['transactionIdentification', 'serviceLevel'] as const;
    delete properties[transaction];
    delete properties[level];
    schema.required = [...required.filter((name) => name !== transaction && name !== level)];
    schema.required.push('paymentTypeInformation', 'instructionStatus');
    properties['paymentIdentification']!.required!.push(transaction);
    properties['paymentTypeInformation']!.required = [level];
    properties['instructionStatus'] = { type: 'string' };
    properties['signInfo']!.properties!['hash'] = { type: 'string' };
    properties['signInfo']!.required!.push('signId', 'hash');
  };

  test.each([
    ['domestic', order],
    ['SEPA', sepa],
  ])('createPayment, %s', async (_, compose) => {
    const body = compose();
    valid(COBS!.request('post', '/my/payments', listed), body);
    valid(COBS!.response('post', '/my/payments', 200, created), (await create(body)).json);
  });

  test('refusals', async () => {
    const refused = await create(
      order({ requestedExecutionDate: '2020-01-01', amount: { instructedAmount: {} } }),
    );
    expect(refused.json.errors.length).toBe(3);
    valid(COBS!.response('post', '/my/payments', 400), refused.json);
    const foreign = await create(order(), { token: tokens.accounts });
    valid(COBS!.response('post', '/my/payments', 403), foreign.json);
    const typed = await create(order(), { headers: { 'content-type': 'text/plain' } });
    valid(COBS!.response('post', '/my/payments', 415), typed.json);
    const unknown = await ask('/my/payments/1/status');
    valid(COBS!.response('get', '/my/payments/{paymentId}/status', 404), unknown.json);
  });

  test('paymentStatus and signingState', async () => {
    const { id, signId } = await taken();
    const status = await ask(`/my/payments/${id}/status`);
    valid(COBS!.response('get', '/my/payments/{paymentId}/status', 200), status.json);
    const state = await ask(`/my/payments/sign/${signId}`);
    /** One text in the schema, lists of lists in the examples. */
    const scenarios = (schema: Schema): void =>
      void (schema.properties!['scenarios'] = { type: 'array', items: { type: 'array' } });
    valid(COBS!.response('get', '/my/payments/{paymentId}/sign/{signId}', 200, scenarios), state.json);
  });
});

describe('createPayment', () => {
  test('answers with the order, the bank’s id and what it takes to sign it', async () => {
    const body = order();
    const { json } = await create(body);
    expect(json).toEqual({
      ...body,
      paymentIdentification: {
        ...body.paymentIdentification,
        transactionIdentification: expect.stringMatching(/^\d{21}$/),
      },
      paymentTypeInformation: { instructionPriority: 'NORM', serviceLevel: { code: 'DMCT' } },
      signInfo: {
        signId: expect.stringMatching(/^\d{15}$/),
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        state: 'OPEN',
      },
      instructionStatus: 'ACTC',
    });
  });

  test.each([
    ['SEPA', () => sepa(), 'ESCT'],
    ['another currency of the EEA', () => sepa({ amount: amount(5, 'PLN') }), 'XBCT'],
    ['another currency in the EEA', () => sepa({ amount: amount(5, 'USD') }), 'EXCT'],
    ['beyond the EEA', () => sepa({ creditorAccount: account('GB29NWBK60161331926819') }), 'NXCT'],
  ])('knows the level of service: %s', async (_, compose, code) => {
    expect((await create(compose())).json.paymentTypeInformation.serviceLevel).toEqual({ code });
  });

  const account = (iban: string, more = {}) => ({ identification: { iban }, ...more });
  const amount = (value: unknown, currency: unknown = 'CZK') => ({ instructedAmount: { value, currency } });
  const named = (instructionIdentification: unknown, more = {}) => ({ instructionIdentification, ...more });
  const references = (...reference: unknown[]) => ({
    structured: { creditorReferenceInformation: { reference } },
  });
  const VALUE = 'amount.instructedAmount.value';
  const DEBTOR = 'debtorAccount.identification.iban';
  const CREDITOR = 'creditorAccount.identification.iban';
  const REFERENCE = 'remittanceInformation.structured.creditorReferenceInformation.reference';
  const PRIORITY = 'paymentTypeInformation.instructionPriority';
  const NAME = 'paymentIdentification.instructionIdentification';

  test.each<[string, () => unknown, string]>([
    ['no identification', () => order({ paymentIdentification: {} }), `FIELD_MISSING ${NAME}`],
    ['a long one', () => order({ paymentIdentification: named('x'.repeat(36)) }), `FIELD_INVALID ${NAME}`],
    ['an empty one', () => order({ paymentIdentification: named('') }), `FIELD_INVALID ${NAME}`],
    [
      'a long end-to-end one',
      () => order({ paymentIdentification: named(nextId(), { endToEndIdentification: 'x'.repeat(36) }) }),
      'FIELD_INVALID paymentIdentification.endToEndIdentification',
    ],
    [
      'no amount',
      () => order({ amount: { instructedAmount: { currency: 'CZK' } } }),
      `FIELD_MISSING ${VALUE}`,
    ],
    ['an amount in quotes', () => order({ amount: amount('1.00') }), `FIELD_INVALID ${VALUE}`],
    ['nothing', () => order({ amount: amount(0) }), `AM12 ${VALUE}`],
    ['less than nothing', () => order({ amount: amount(-1) }), `AM12 ${VALUE}`],
    ['three decimals', () => order({ amount: amount(1.005) }), `AM12 ${VALUE}`],
    ['half a yen', () => sepa({ amount: amount(1.5, 'JPY') }), `AM12 ${VALUE}`],
    [
      'a currency that is none',
      () => order({ amount: amount(1, 'czk') }),
      'FIELD_INVALID amount.instructedAmount.currency',
    ],
    ['one nobody trades', () => sepa({ amount: amount(1, 'XTS') }), 'AM11 amount.instructedAmount.currency'],
    ['no payer', () => order({ debtorAccount: undefined }), `FIELD_MISSING ${DEBTOR}`],
    ['a payer elsewhere', () => order({ debtorAccount: account(PAYEE) }), `AC02 ${DEBTOR}`],
    [
      'another currency of the account',
      () => order({ debtorAccount: account(payer, { currency: 'EUR' }) }),
      'AC10 debtorAccount.currency',
    ],
    ['no payee', () => order({ creditorAccount: undefined }), `FIELD_MISSING ${CREDITOR}`],
    [
      'check digits',
      () => order({ creditorAccount: account(PAYEE.replace('65', '66')) }),
      `AC03 ${CREDITOR}`,
    ],
    ['a short IBAN', () => order({ creditorAccount: account(PAYEE.slice(0, -1)) }), `AC03 ${CREDITOR}`],
    ['itself', () => order({ creditorAccount: account(payer) }), `REC_SEND ${CREDITOR}`],
    ['yesterday', () => order({ requestedExecutionDate: '2026-11-20' }), 'DT01 requestedExecutionDate'],
    ['no day', () => order({ requestedExecutionDate: '21.11.2026' }), 'DT01 requestedExecutionDate'],
    [
      'another priority',
      () => order({ paymentTypeInformation: { instructionPriority: 'SLOW' } }),
      `FIELD_INVALID ${PRIORITY}`,
    ],
    [
      'at once abroad',
      () => sepa({ paymentTypeInformation: { instructionPriority: 'INST' } }),
      `NO_PART ${PRIORITY}`,
    ],
    ['another bearer', () => sepa({ chargeBearer: 'BOTH' }), 'FIELD_INVALID chargeBearer'],
    ['a bearer SEPA has not', () => sepa({ chargeBearer: 'DEBT' }), 'BE19 chargeBearer'],
    ['abroad to nobody', () => sepa({ creditor: undefined }), 'RR03 creditor.name'],
    [
      'a BIC that is none',
      () => sepa({ creditorAgent: { financialInstitutionIdentification: { bic: 'X' } } }),
      'RC07 creditorAgent.financialInstitutionIdentification.bic',
    ],
    [
      'a symbol of eleven digits',
      () => order({ remittanceInformation: references('VS:12345678901') }),
      `FIELD_INVALID ${REFERENCE}`,
    ],
    [
      'a symbol twice',
      () => order({ remittanceInformation: references('VS:1', 'VS:2') }),
      `FIELD_INVALID ${REFERENCE}`,
    ],
    [
      'a long message',
      () => order({ remittanceInformation: { unstructured: 'x'.repeat(141) } }),
      'FIELD_INVALID remittanceInformation.unstructured',
    ],
    [
      'a message in two lines',
      () => order({ remittanceInformation: { unstructured: 'a\nb' } }),
      'RR10 remittanceInformation.unstructured',
    ],
    ['a group that is none', () => order({ creditor: 'Muster' }), 'FIELD_INVALID creditor'],
    ['no JSON', () => '{"amount":', 'FF01'],
    ['a list', () => [order()], 'FF01'],
  ])('refuses %s', async (_, compose, refusal) => {
    const before = bank().payments.orders().length;
    expect(refusalOf(await create(compose()))).toEqual([400, refusal]);
    expect(bank().payments.orders().length).toBe(before);
  });

  test('refuses a name it has heard, whatever is ordered under it, and holds one', async () => {
    const first = order();
    const { reference } = await taken(first);
    const again = { ...order({ amount: amount(7) }), paymentIdentification: named(reference) };
    for (const body of [first, again]) expect(refusalOf(await create(body))).toEqual([400, `AM05 ${NAME}`]);
    expect(bank().payments.orderOf(reference)).toMatchObject({ copies: 1, request: first });
  });

  test('of an account outside the consent is AG01, without the scope FORBIDDEN, without a token as ever', async () => {
    expect(refusalOf(await create(sepa(), { token: tokens.first }))).toEqual([400, `AG01 ${DEBTOR}`]);
    expect(refusalOf(await create(order(), { token: tokens.accounts }))).toEqual([403, 'FORBIDDEN']);
    const ended = await create(order(), { token: 'x' });
    expect([refusalOf(ended), JSON.parse(ended.text)]).toEqual([
      [403, 'TOKEN_INVALID'],
      { status: 403, errors: [{ error: 'TOKEN_INVALID' }] },
    ]);
    const keyless = await create(order(), { headers: { 'web-api-key': 'x' } });
    expect(refusalOf(keyless)).toEqual([403, 'KEY_UNAUTHORIZED']);
  });

  test('takes JSON only', async () => {
    const answer = await create(order(), { headers: { 'content-type': 'text/plain' } });
    expect(refusalOf(answer)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });
});

describe('what somebody else ordered', () => {
  test('is not there: not its status, not its signature, and it cannot be deleted', async () => {
    const { id, signId, hash } = await taken(sepa());
    const token = tokens.first;
    const missing = [404, 'TRANSACTION_MISSING paymentId'];
    expect(refusalOf(await ask(`/my/payments/${id}/status`, { token }))).toEqual(missing);
    expect(refusalOf(await ask(`/my/payments/${id}`, { token, method: 'DELETE' }))).toEqual(missing);
    const unknown = [404, 'ID_NOT_FOUND signId'];
    expect(refusalOf(await ask(`/my/payments/sign/${signId}`, { token }))).toEqual(unknown);
    const path = `/my/payments/federate/sign/${signId}/hash/${hash}`;
    expect(refusalOf(await ask(path, { token, headers: { 'callback-uri': CALLBACK } }))).toEqual(unknown);
    const { poll } = (await federate({ signId, hash })).json;
    expect((await ask(`/my/payments/sign/poll/${poll.id}`)).status).toBe(200);
    const polled = await ask(`/my/payments/sign/poll/${poll.id}`, { token });
    expect(refusalOf(polled)).toEqual([404, 'ID_NOT_FOUND pollId']);
  });
});

describe('federateSigning', () => {
  test('gives a fresh page each time, good for ten minutes', async () => {
    const payment = await taken();
    const answers = [await federate(payment), await federate(payment)];
    for (const { json } of answers)
      expect(json).toEqual({
        validTo: '2026-11-21T12:10:00+01:00',
        signingUrl: expect.stringMatching(/^https:\/\/localhost:\d+\/sign\/[0-9a-f]{32}$/),
        poll: { id: expect.stringMatching(/^[0-9a-f]{32}$/), interval: 5_000 },
        signInfo: { state: 'OPEN', signId: payment.signId },
      });
    expect(new Set(answers.map(({ json }) => json.signingUrl)).size).toBe(2);
    expect(new Set(answers.map(({ json }) => json.poll.id)).size).toBe(2);
  });

  test.each<[string, Record<string, string>, string]>([
    ['no address to return to', {}, 'FIELD_MISSING Callback-Uri'],
    ['one that is none', { 'callback-uri': 'gateway' }, 'INVALID_AUTHORIZATION_REDIRECT_URI Callback-Uri'],
    [
      'one without TLS',
      { 'callback-uri': 'http://gateway.example/' },
      'INVALID_AUTHORIZATION_REDIRECT_URI Callback-Uri',
    ],
  ])('refuses %s', async (_, headers, refusal) => {
    expect(refusalOf(await federate(await taken(), headers))).toEqual([400, refusal]);
  });

  test('refuses another hash, an unknown signature and one that is done', async () => {
    const payment = await taken();
    const other = await taken();
    expect(refusalOf(await federate({ ...payment, hash: other.hash }))).toEqual([
      400,
      'PARAMETER_INVALID hash',
    ]);
    expect(refusalOf(await federate({ ...payment, signId: '1' }))).toEqual([404, 'ID_NOT_FOUND signId']);
    bank().payments.sign(payment.reference);
    expect(refusalOf(await federate(payment))).toEqual([400, 'INCORRECT_SIGNID signId']);
  });

  test('takes the address of a gateway on this machine', async () => {
    const headers = { 'callback-uri': 'http://localhost:3000/callbacks/erste/signed' };
    expect((await federate(await taken(), headers)).status).toBe(200);
  });
});

describe('the signing page', () => {
  test('shows the order, signs it, leads back, and is over', async () => {
    const payment = await taken();
    const { signingUrl, poll } = (await federate(payment)).json;
    const visitor = browser();
    const page = await visitor.open(signingUrl);
    expect(page.status).toBe(200);
    for (const shown of ['1245.40 CZK', payer, PAYEE, TODAY, '2026123', 'Faktura &lt;2026123&gt;'])
      expect(page.html).toContain(shown);
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("form-action 'self' https://gateway.example;"),
    });
    expect((await ask(`/my/payments/sign/poll/${poll.id}`)).json.signInfo.state).toBe('OPEN');
    const after = await visitor.submit(page, {}, 'Sign');
    expect([after.status, after.url]).toEqual([null, CALLBACK]);
    expect((await ask(`/my/payments/sign/poll/${poll.id}`)).json).toEqual({
      signInfo: { state: 'DONE', signId: payment.signId },
    });
    expect([await signingOf(payment), await statusOf(payment)]).toEqual(['DONE', 'ACSC']);
    const again = await visitor.submit(page, {}, 'Sign');
    expect([again.status, (await visitor.open(signingUrl)).status]).toEqual([410, 410]);
    expect(bank().payments.orderOf(payment.reference)?.booked).toBe(1);
  });

  test('is over as well where another page of the payment was used', async () => {
    const payment = await taken();
    const visitor = browser();
    const pages = await Promise.all(
      [await federate(payment), await federate(payment)].map(({ json }) => visitor.open(json.signingUrl)),
    );
    await visitor.submit(pages[1]!, {}, 'Sign');
    expect((await visitor.submit(pages[0]!, {}, 'Cancel')).status).toBe(410);
    expect(await statusOf(payment)).toBe('ACSC');
  });

  test('can be left by Cancel, which ends the payment', async () => {
    const payment = await taken(order({ amount: { instructedAmount: { value: 2, currency: 'CZK' } } }));
    const visitor = browser();
    const page = await visitor.open((await federate(payment)).json.signingUrl);
    expect((await visitor.submit(page, {}, 'Cancel')).url).toBe(CALLBACK);
    expect([await signingOf(payment), await statusOf(payment)]).toEqual(['CANCELED', 'RJCT']);
    expect(bank().payments.orderOf(payment.reference)).toMatchObject({ rejected: true, booked: 0, alike: 0 });
    expect(() => bank().payments.sign(payment.reference)).toThrow('cancelled already');
  });

  test('signs no more when its time is over; another one does', async () => {
    const payment = await taken(order({ amount: { instructedAmount: { value: 3, currency: 'CZK' } } }));
    const visitor = browser();
    const page = await visitor.open((await federate(payment)).json.signingUrl);
    clock.advance(10 * MINUTE - 1);
    const second = await visitor.open(page.url);
    expect(second.status, 'still good').toBe(200);
    clock.advance(1);
    expect((await visitor.submit(second, {}, 'Sign')).status).toBe(410);
    expect([await signingOf(payment), await statusOf(payment)]).toEqual(['OPEN', 'ACTC']);
    const fresh = await visitor.open((await federate(payment)).json.signingUrl);
    expect((await visitor.submit(fresh, {}, 'Sign')).url).toBe(CALLBACK);
    expect(await statusOf(payment)).toBe('ACSC');
  });

  test('does nothing for another form, another method or another address', async () => {
    const payment = await taken();
    const { signingUrl } = (await federate(payment)).json;
    const visit = async (url: string, method: 'POST' | 'PUT', body: string) =>
      (await request(url, { dispatcher: agent, method, body })).statusCode;
    expect(await visit(signingUrl, 'POST', 'action=perhaps')).toBe(400);
    expect(await visit(signingUrl, 'PUT', 'action=sign')).toBe(405);
    expect(await visit(`${signingUrl}0`, 'POST', 'action=sign')).toBe(404);
    expect(await statusOf(payment)).toBe('ACTC');
  });
});

describe('deletePayment', () => {
  test('takes back what nobody signed; its page and its name are gone', async () => {
    const body = order();
    const payment = await taken(body);
    const { signingUrl, poll } = (await federate(payment)).json;
    const gone = await ask(`/my/payments/${payment.id}`, { method: 'DELETE' });
    expect([gone.status, gone.text]).toEqual([200, '']);
    const missing = [404, 'TRANSACTION_MISSING paymentId'];
    expect(refusalOf(await ask(`/my/payments/${payment.id}/status`))).toEqual(missing);
    expect(refusalOf(await ask(`/my/payments/${payment.id}`, { method: 'DELETE' }))).toEqual(missing);
    expect((await browser().open(signingUrl)).status).toBe(410);
    expect((await ask(`/my/payments/sign/poll/${poll.id}`)).status).toBe(404);
    expect(bank().payments.orderOf(payment.reference)).toBeUndefined();
    expect((await create(body)).json.errors[0]?.error).toBe('AM05');
  });

  test('does not take back what is signed', async () => {
    const payment = await taken(order({ requestedExecutionDate: '2026-11-24' }));
    bank().payments.sign(payment.reference);
    expect((await ask(`/my/payments/${payment.id}`, { method: 'DELETE' })).status).toBe(404);
    expect(await statusOf(payment)).toBe('ACSP');
  });
});

describe('after the signature', () => {
  const DAYS = { fromDate: TODAY, toDate: TODAY };
  /** Rows of the transaction list with an amount. */
  async function rows(iban: string, value: number, days: Record<string, string> = DAYS) {
    const accounts = (await ask('/my/accounts', { base: API_BASE })).json as unknown as {
      accounts: { id: string; identification: { iban: string } }[];
    };
    const { id = '' } = accounts.accounts.find(({ identification }) => identification.iban === iban) ?? {};
    const query = new URLSearchParams({ size: '200', ...days });
    const { json } = await ask(`/my/accounts/${id}/transactions?${query}`, { base: API_BASE });
    const { transactions } = json as unknown as { transactions: { amount: { value: number } }[] };
    return transactions.filter(({ amount }) => amount.value === value);
  }
  const paying = (value: number, currency = 'CZK') => ({ amount: { instructedAmount: { value, currency } } });

  test('a payment for today is booked at once: in the list, the balance and the statement', async () => {
    const ledger = bank().books.ledgerOf(payer)!;
    const before = ledger.balance(clock.now());
    const payment = await taken(order(paying(4321.09)));
    expect(await rows(payer, 4321.09)).toEqual([]);
    bank().payments.sign(payment.reference);
    bank().payments.sign(payment.id);
    expect(await statusOf(payment)).toBe('ACSC');
    expect(before - ledger.balance(clock.now())).toBe(432_109n);
    expect(await rows(payer, 4321.09)).toMatchObject([
      {
        creditDebitIndicator: 'DBIT',
        status: 'BOOK',
        bookingDate: { date: TODAY },
        entryDetails: {
          transactionDetails: {
            references: { accountServicerReference: expect.stringMatching(/^\d{10}$/) },
            relatedParties: { creditorAccount: { identification: { iban: PAYEE } } },
            remittanceInformation: {
              unstructured: 'Faktura <2026123>',
              structured: {
                creditorReferenceInformation: { reference: ['VS:2026123', 'SS:1', 'KS:0308'] },
              },
            },
          },
        },
      },
    ]);
    clock.set('2026-11-22T08:00:00Z');
    const [issue] = bank().issued(payer, TODAY, TODAY);
    expect(issue?.movements.filter(({ minor }) => minor === -432_109n).length).toBe(1);
  });

  test('a SEPA payment keeps its end-to-end id, and one in euro from crowns says its rate', async () => {
    for (const [body, own, value] of [
      [sepa(paying(77.7, 'EUR')), euro, 77.7],
      [sepa({ ...paying(10, 'EUR'), debtorAccount: { identification: { iban: payer } } }), payer, 244.5],
    ] as const) {
      bank().payments.sign((await taken(body)).reference);
      expect(await rows(own, value)).toMatchObject([
        {
          entryDetails: {
            transactionDetails: {
              references: { endToEndIdentification: 'E2E-77' },
              relatedParties: {
                creditor: { name: 'Muster & Sohn' },
                creditorAccount: { identification: { iban: 'DE89370400440532013000' } },
              },
              relatedAgents: { creditorAgent: { financialInstitutionIdentification: { bic: 'MARKDEFF' } } },
              ...(own === payer
                ? { amountDetails: { instructedAmount: { amount: { value: 10, currency: 'EUR' } } } }
                : {}),
            },
          },
        },
      ]);
    }
  });

  test('a payment of a later day is booked in its morning, an instant one at once whatever its day', async () => {
    const day = '2026-11-24';
    const later = await taken(order({ ...paying(51.5), requestedExecutionDate: day }));
    const paymentTypeInformation = { instructionPriority: 'INST' };
    const instant = await taken(
      order({ ...paying(52.5), paymentTypeInformation, requestedExecutionDate: day }),
    );
    for (const { reference } of [later, instant]) bank().payments.sign(reference);
    expect([await statusOf(later), await statusOf(instant)]).toEqual(['ACSP', 'ACSC']);
    const booked = () =>
      bank()
        .booked(payer, day, day)
        .filter(({ minor }) => minor === -5_150n).length;
    clock.set(`${day}T04:59:59Z`);
    expect([booked(), await statusOf(later)]).toEqual([0, 'ACSP']);
    clock.set(`${day}T05:00:00Z`);
    expect([booked(), await statusOf(later)]).toEqual([1, 'ACSC']);
    clock.set('2026-11-26T12:00:00Z');
    expect(booked(), 'on its day, whenever somebody looks').toBe(1);
  });

  test('it is in the statement of its day, although nobody asked for anything meanwhile', async () => {
    const day = '2026-11-27';
    bank().payments.sign((await taken(order({ ...paying(54.5), requestedExecutionDate: day }))).reference);
    clock.set('2026-11-30T12:00:00Z');
    const [issue] = bank().issued(payer, day, day);
    expect(issue?.movements.filter(({ minor }) => minor === -5_450n).length).toBe(1);
  });

  test('a day that went by unsigned becomes today', async () => {
    const late = await taken(order(paying(53.5)));
    clock.set('2026-11-23T09:00:00Z');
    bank().payments.sign(late.reference);
    const booked = bank()
      .booked(payer, TODAY, '2026-11-23')
      .filter(({ minor }) => minor === -5_350n);
    expect(booked.map(({ date }) => date)).toEqual(['2026-11-23']);
  });

  test('the bank may refuse: before its day, or as soon as it is signed', async () => {
    const { payments } = bank();
    const later = await taken(order({ ...paying(61), requestedExecutionDate: '2026-11-24' }));
    const today = await taken(order(paying(62)));
    payments.sign(later.reference);
    for (const { reference } of [later, today]) payments.reject(reference);
    expect([await statusOf(later), await statusOf(today)]).toEqual(['RJCT', 'ACTC']);
    payments.sign(today.reference);
    expect([await signingOf(today), await statusOf(today)]).toEqual(['DONE', 'RJCT']);
    clock.set('2026-11-25T12:00:00Z');
    const booked = bank()
      .booked(payer, TODAY, '2026-11-25')
      .map(({ minor }) => minor);
    expect(booked.filter((minor) => minor === -6_100n || minor === -6_200n)).toEqual([]);
    const paid = await taken(order({ ...paying(63), requestedExecutionDate: '2026-11-26' }));
    payments.sign(paid.reference);
    clock.set('2026-11-26T12:00:00Z');
    expect(() => payments.reject(paid.reference)).toThrow('booked already');
    expect(() => payments.sign('nobody')).toThrow('has no payment nobody');
  });

  test('payments are signed by themselves after a while, when told to', async () => {
    const payment = await taken(order(paying(71)));
    bank().payments.signAfter(MINUTE);
    clock.advance(MINUTE - 1);
    expect(await statusOf(payment)).toBe('ACTC');
    clock.advance(1);
    expect(await statusOf(payment)).toBe('ACSC');
    bank().payments.signAfter(null);
  });
});

describe('what the bank holds', () => {
  test('is told by name; the same content under another one is told as alike', async () => {
    const { payments } = bank();
    const amount = { instructedAmount: { value: 81, currency: 'CZK' } };
    const first = await taken(order({ amount }));
    expect(payments.orderOf(first.reference)).toMatchObject({
      ...{ id: first.reference, bankId: first.id, copies: 1, alike: 1, booked: 0, rejected: false },
      ...{ status: 'ACTC', signing: 'OPEN' },
    });
    const second = await taken(order({ amount }));
    expect(payments.orderOf(first.reference)).toMatchObject({ copies: 1, alike: 2 });
    payments.cancel(second.reference);
    expect(payments.orderOf(first.reference)).toMatchObject({ copies: 1, alike: 1 });
  });

  test('a bank that does not look at names holds several copies', async () => {
    const { payments } = bank();
    const body = order({ amount: { instructedAmount: { value: 82, currency: 'CZK' } } });
    payments.takeDuplicates(true);
    const [first, second] = [await taken(body), await taken(body)];
    payments.takeDuplicates(false);
    expect((await create(body)).json.errors[0]?.error).toBe('AM05');
    payments.sign(first.reference);
    expect(payments.orderOf(first.reference)).toMatchObject({ copies: 2, bankId: second.id, booked: 1 });
    expect([await statusOf(first), await statusOf(second)]).toEqual(['ACTC', 'ACSC']);
  });
});

describe('misbehaviours', () => {
  test.each<[Omit<Misbehaviour, 'operation'>, number]>([
    [{ kind: 'drop' }, 1],
    [{ kind: 'drop', afterwards: false }, 0],
    [{ kind: 'status-503' }, 0],
    [{ kind: 'status-503', afterwards: true }, 1],
    [{ kind: 'truncate' }, 1],
  ])('after %j of createPayment the bank holds %i', async (misbehaviour, copies) => {
    const body = order();
    bank().misbehave({ ...misbehaviour, operation: 'createPayment' } as Misbehaviour);
    await create(body).catch(() => null);
    const { instructionIdentification: id } = body.paymentIdentification;
    expect(bank().payments.orderOf(id)?.copies ?? 0).toBe(copies);
    expect((await create(body)).status).toBe(copies === 0 ? 200 : 400);
  });

  test('a status no contract has', async () => {
    const payment = await taken();
    bank().misbehave({ kind: 'unknown-status', operation: 'paymentStatus', code: 'PATC' });
    expect([await statusOf(payment), await statusOf(payment)]).toEqual(['PATC', 'ACTC']);
  });

  test.each(PAYMENT_OPERATIONS.map(({ name }) => name))(
    'of %s are its own, and it is in the log',
    async (name) => {
      const { id, signId, hash } = await taken();
      const { poll } = (await federate({ signId, hash })).json;
      const asks: Record<string, () => Promise<Answer>> = {
        createPayment: () => create(),
        federateSigning: () => federate({ signId, hash }),
        signingPoll: () => ask(`/my/payments/sign/poll/${poll.id}`),
        signingState: () => ask(`/my/payments/sign/${signId}`),
        paymentStatus: () => ask(`/my/payments/${id}/status`),
        deletePayment: () => ask(`/my/payments/${id}`, { method: 'DELETE' }),
      };
      bank().misbehave({ kind: 'status-503', operation: name });
      expect((await ask('/my/accounts', { base: API_BASE })).status).toBe(200);
      expect((await asks[name]!()).status).toBe(503);
      expect((await asks[name]!()).status).toBe(200);
      const logged = bank().requests({ operation: name }).slice(-2);
      expect(logged.map(({ status }) => status)).toEqual([503, 200]);
    },
  );

  test('a path that is none is 404, another method 405', async () => {
    expect((await ask('/my/castles')).status).toBe(404);
    expect((await ask('/my/payments')).status).toBe(405);
  });
});
