import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Connector, SentOrder } from '../../../shared/banks/contract.ts';
import { bankThat, errors, failureOf, type Answer } from './support.ts';

// The experimental way for payments. Nothing of it was seen at the bank but what README.md says.

const BASE = '/webapi/api/v1/payments';
const CREATED = {
  paymentIdentification: {
    instructionIdentification: 'pay-1',
    transactionIdentification: '048885570000001020045',
  },
  signInfo: { state: 'OPEN', signId: '164298331754922', hash: '9f3c' },
  instructionStatus: 'ACTC',
};
const GIVEN = { signId: '164298331754922', hash: '9f3c' };

function sent(values: Partial<SentOrder> = {}): SentOrder {
  const bytes = Buffer.from('{"amount":{"instructedAmount":{"value":1245.40,"currency":"CZK"}}}');
  return {
    id: 'pay_1',
    document: { bytes, mediaType: 'application/json', name: 'pay_1.json' },
    sha256: createHash('sha256').update(bytes).digest('hex'),
    format: 'cobs',
    sentAt: '2026-11-21T10:00:00Z',
    bankId: null,
    given: {},
    ...values,
  };
}
const CREATE = { step: 'create', data: {} };
const create = (connector: Required<Connector>) => connector.step(sent(), CREATE);
const always = (answer: Answer) => bankThat(() => answer);

describe('an order', () => {
  test('goes to the bank byte for byte, once, with key and token', async () => {
    const { connector, asked } = always({ body: CREATED });
    expect(await create(connector)).toMatchObject({
      kind: 'taken',
      status: { state: 'awaiting-signature', bankId: '048885570000001020045', bankCode: 'ACTC', results: [] },
      given: GIVEN,
    });
    expect(asked).toMatchObject([
      {
        method: 'POST',
        path: `${BASE}/my/payments`,
        body: sent().document.bytes.toString(),
        headers: {
          'content-type': 'application/json',
          'web-api-key': 'canary-key',
          authorization: 'Bearer token-1',
        },
      },
    ]);
  });

  test('is kept with what the bank answered', async () => {
    const result = await create(always({ body: CREATED }).connector);
    const document = result.kind === 'taken' ? result.status.document : null;
    expect(JSON.parse(Buffer.from(document!.bytes).toString())).toEqual(CREATED);
  });

  test.each([
    ['nothing', undefined],
    ['no ids', { instructionStatus: 'ACTC' }],
    ['no way to sign it', { ...CREATED, signInfo: { state: 'OPEN', signId: '1' } }],
    ['text', 'OK'],
  ])('row 30: a success that says %s may have made it or not', async (_, body) => {
    const failure = await failureOf(create(always({ body }).connector));
    expect(failure.kind).toBe('outcome-unknown');
  });

  test.each([500, 502, 503, 504])(
    'row 29: %i to it is never repeated and leaves everything open',
    async (status) => {
      const { connector, asked } = always({ status, body: {} });
      expect((await failureOf(create(connector))).kind).toBe('outcome-unknown');
      expect(asked).toHaveLength(1);
    },
  );

  test('the bank has its id already: a duplicate, to be judged by what was tried before', async () => {
    expect(await create(always(errors(400, 'AM05')).connector)).toEqual({
      kind: 'duplicate',
      bankCode: 'AM05',
    });
  });

  test('an ended token is replaced: the bank had not looked at the order', async () => {
    const { connector, asked, tokens } = bankThat((_, number) =>
      number === 1 ? errors(403, 'TOKEN_INVALID') : { body: CREATED },
    );
    expect((await create(connector)).kind).toBe('taken');
    expect(tokens.refused).toEqual(['token-1']);
    expect(asked).toHaveLength(2);
  });

  test.each([
    [400, 'AC02'],
    [400, 'AM12'],
    [400, 'DT01'],
    [400, 'NO_PART'],
    [400, 'FIELD_INVALID'],
    [400, 'AG01'],
    [403, 'AG01'],
    [400, 'RR10'],
  ])('%i %s refuses it for good', async (status, code) => {
    const failure = await failureOf(create(always(errors(status, code)).connector));
    expect(failure).toMatchObject({ kind: 'rejected', detail: { status, code, operation: 'createPayment' } });
    expect(failure.message, 'what happened, and what to do').toMatch(/: \S.*\. \S.*\.$/);
  });

  test('the field that the bank names is told', async () => {
    const body = { errors: [{ error: 'NARR' }, { error: 'AM12', scope: 'amount.instructedAmount.value' }] };
    const failure = await failureOf(create(always({ status: 400, body }).connector));
    expect(failure.message).toContain('400 AM12 (amount.instructedAmount.value): ');
  });

  test.each([
    [401, 'UNAUTHORISED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [405, 'METHOD_NOT_ALLOWED'],
    [415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('%i %s: the application may not do this, and the operator hears what to do', async (status, code) => {
    const failure = await failureOf(create(always(errors(status, code)).connector));
    expect(failure.kind).toBe('rejected');
    expect(failure.message).toContain('set its "payments" to "file"');
  });

  test.each([
    [400, 'NARR'],
    [400, 'NEVER_HEARD_OF'],
    [409, 'CONFLICT'],
    [402, 'AG'],
  ])('%i %s says nothing that finishes an order', async (status, code) => {
    expect((await failureOf(create(always(errors(status, code)).connector))).kind).toBe('outcome-unknown');
  });

  test('a refusal under a success is none', async () => {
    const failure = await failureOf(create(always(errors(202, 'AM12')).connector));
    expect(failure.kind).toBe('outcome-unknown');
  });

  test.each([
    [412, 'KEY_DISABLED', 'credential-refused'],
    [403, 'KEY_UNAUTHORIZED', 'credential-refused'],
    [401, 'SCA_REQUIRED', 'consent-needed'],
  ])('%i %s concerns the connection, not the order', async (status, code, kind) => {
    expect((await failureOf(create(always(errors(status, code)).connector))).kind).toBe(kind);
  });
});

describe('its state', () => {
  const order = sent({ bankId: '0488/1', given: GIVEN });
  const told = (instructionStatus: unknown) =>
    bankThat(({ path }) =>
      path.endsWith('/status')
        ? { body: { instructionStatus } }
        : { body: { scenarios: [], signInfo: { state: 'DONE', signId: '1' } } },
    );

  test('while nobody signed it, only the signing is asked', async () => {
    const { connector, asked } = always({ body: { signInfo: { state: 'OPEN', signId: '1' } } });
    expect(await connector.orderStatus(order)).toMatchObject({
      state: 'awaiting-signature',
      bankId: '0488/1',
      bankCode: 'OPEN',
    });
    expect(asked.map(({ path }) => path)).toEqual([`${BASE}/my/payments/sign/164298331754922`]);
  });

  test.each([
    ['ACTC', 'awaiting-signature'],
    ['ACWC', 'awaiting-signature'],
    ['ACSP', 'processing'],
    ['ACSC', 'processing'],
    ['RJCT', 'rejected'],
  ])('%s is %s; nothing but a movement means executed', async (code, state) => {
    const { connector, asked } = told(code);
    expect(await connector.orderStatus(order)).toMatchObject({ state, bankCode: code });
    expect(asked.at(-1)!.path).toBe(`${BASE}/my/payments/0488%2F1/status`);
  });

  test.each([['PDNG'], ['toString'], [undefined], [7]])('row 35: %s settles nothing', async (code) => {
    expect(await told(code).connector.orderStatus(order)).toMatchObject({ state: null });
  });

  test('is not asked of an order whose id at the bank is not known', async () => {
    const { connector, asked } = always({ body: {} });
    expect(await connector.orderStatus(sent())).toBeNull();
    expect(asked).toEqual([]);
  });

  test('a signing the bank no longer tells of leaves it to the status', async () => {
    const { connector } = bankThat(({ path }) =>
      path.endsWith('/status') ? { body: { instructionStatus: 'ACSP' } } : errors(404, 'ID_NOT_FOUND'),
    );
    expect(await connector.orderStatus(order)).toMatchObject({ state: 'processing' });
  });

  test('a payment the bank does not show is no verdict', async () => {
    const { connector } = bankThat(({ path }) =>
      path.endsWith('/status')
        ? errors(404, 'TRANSACTION_MISSING')
        : { body: { signInfo: { state: 'DONE' } } },
    );
    expect(await connector.orderStatus(order)).toBeNull();
  });
});

describe('the page to sign on', () => {
  const RETURN = 'https://gateway.example/signed';
  const PAGE = {
    validTo: '2026-11-21T12:10:00+01:00',
    signingUrl: 'https://bezpecnost.csas.cz/sign/1',
    poll: { id: 'p', interval: 5000 },
    signInfo: { state: 'OPEN', signId: '164298331754922' },
  };
  const order = { bankId: '1', given: GIVEN };

  test('is asked for with our address, and handed on', async () => {
    const { connector, asked } = always({ body: PAGE });
    expect(await connector.signingPage(order, RETURN)).toEqual({
      url: 'https://bezpecnost.csas.cz/sign/1',
      validUntil: '2026-11-21T11:10:00.000Z',
    });
    expect(asked).toMatchObject([
      {
        method: 'GET',
        path: `${BASE}/my/payments/federate/sign/164298331754922/hash/9f3c`,
        headers: { 'callback-uri': RETURN },
      },
    ]);
  });

  test('may say no end', async () => {
    const { connector } = always({ body: { ...PAGE, validTo: 'soon' } });
    expect(await connector.signingPage(order, RETURN)).toMatchObject({ validUntil: null });
  });

  test.each(['http://bezpecnost.csas.cz/sign/1', 'javascript:alert(1)', '/sign/1', ''])(
    'is never "%s"',
    async (signingUrl) => {
      const { connector } = always({ body: { ...PAGE, signingUrl } });
      expect((await failureOf(connector.signingPage(order, RETURN))).kind).toBe('protocol');
    },
  );
});
