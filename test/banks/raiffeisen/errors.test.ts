import { describe, expect, test } from 'vitest';
import { bank } from '../../../shared/banks/raiffeisen/index.ts';
import type { FailureKind } from '../../../shared/domain/failure.ts';
import { account, bankThat, CLIENT_SECRET, failureOf, statement, window } from './support.ts';

const gateway = (code: number, more: string) => ({
  httpCode: String(code),
  httpMessage: 'x',
  moreInformation: more,
});

const table: [number, unknown, FailureKind, string?][] = [
  [400, { error: 'DT01', error_description: 'Invalid date.' }, 'rejected', 'DT01'],
  [400, { error: 'INVALID_BATCH_IMPORT_FORMAT' }, 'rejected', 'INVALID_BATCH_IMPORT_FORMAT'],
  [400, { error: 'BATCH_CONTENT_INVALID' }, 'rejected', 'BATCH_CONTENT_INVALID'],
  [400, { error: 'BATCH_ALREADY_IMPORTED' }, 'rejected', 'BATCH_ALREADY_IMPORTED'],
  [400, { error: 'SOMETHING_NEW' }, 'transient', 'SOMETHING_NEW'],
  [400, gateway(400, 'Bad Request'), 'transient'],
  [401, { error: 'UNAUTHORISED' }, 'credential-refused', 'UNAUTHORISED'],
  [401, { error: 'INVALID_REQUEST' }, 'credential-refused', 'INVALID_REQUEST'],
  [401, gateway(401, 'Invalid client id or secret.'), 'credential-refused'],
  [401, 'no json at all', 'credential-refused'],
  [403, { error: 'INSUFFICIENT_RIGHTS' }, 'rejected', 'INSUFFICIENT_RIGHTS'],
  [403, '<html>blocked by the firewall</html>', 'transient'],
  [404, { error: 'ID_NOT_FOUND' }, 'rejected', 'ID_NOT_FOUND'],
  [404, gateway(404, 'No resources match requested URI'), 'transient'],
  [405, gateway(405, 'x'), 'transient'],
  [413, { error: 'BATCH_CONTENT_SIZE_EXCEEDED - Content exceeds maximum of 200 MB' }, 'rejected'],
  [415, { error: 'whatever' }, 'rejected', 'whatever'],
  [415, '', 'rejected'],
  [429, { error: 'TOO_MANY_REQUESTS' }, 'rate-limited'],
  [500, { error: 'x' }, 'transient'],
  [500, gateway(500, 'Internal Server Error'), 'transient'],
  [503, '<html>', 'transient'],
  [418, { error: 42 }, 'transient', '42'],
  [400, 'null', 'transient'],
  [400, '[]', 'transient'],
];

describe('every error of the contract has one kind', () => {
  for (const [status, body, kind, code] of table) {
    test(`${status} ${JSON.stringify(body).slice(0, 60)} is ${kind}`, async () => {
      const failure = await failureOf(bankThat(() => ({ status, body })).connector.prove());
      expect(failure.kind).toBe(kind);
      expect(failure.detail).toMatchObject({ status, operation: 'getAccounts' });
      expect(failure.detail.requestId).toMatch(/^[0-9a-f-]{36}$/);
      if (code !== undefined) expect(failure.detail.code).toBe(code);
    });
  }

  test('an application that is not subscribed is told apart, whatever the shape', async () => {
    const text = 'You cannot consume this service';
    for (const [status, body] of [
      [401, gateway(401, text)],
      [403, gateway(403, `${text} (reason)`)],
      [403, { error: 'INSUFFICIENT_RIGHTS', error_description: text.toUpperCase() }],
      [401, { httpMessage: text }],
    ] as const) {
      const failure = await failureOf(bankThat(() => ({ status, body })).connector.prove());
      expect(failure.kind).toBe('credential-refused');
      expect(failure.message).toContain('not subscribed');
    }
  });

  test('the certificate, the ClientID and the rights are told apart', async () => {
    const message = async (status: number, body: unknown) =>
      (await failureOf(bankThat(() => ({ status, body })).connector.prove())).message;
    expect(await message(401, { error: 'INVALID_REQUEST' })).toContain('Unblock it in internet banking');
    expect(await message(401, gateway(401, 'Invalid client id or secret.'))).toContain('ClientID');
    expect(await message(403, { error: 'INSUFFICIENT_RIGHTS' })).toContain('Grant it');
  });

  test('they mean the same everywhere', async () => {
    const operations = (connector: ReturnType<typeof bankThat>['connector']) => [
      connector.accounts(),
      connector.balances(account),
      connector.transactions(account, window, null),
      connector.statements(account, window, null),
      connector.download(account, statement, 'pdf'),
      connector.rates(null, null),
    ];
    for (const [status, body, kind] of [
      [401, { error: 'UNAUTHORISED' }, 'credential-refused'],
      [400, { error: 'DT01' }, 'rejected'],
      [503, '<html>', 'transient'],
    ] as const) {
      for (const work of operations(bankThat(() => ({ status, body })).connector)) {
        expect((await failureOf(work)).kind).toBe(kind);
      }
    }
  });

  test('row 67: what the bank says about it reaches neither message nor detail', async () => {
    const canary = 'canary-7f3a';
    const bodies = [
      { error: 'DT01', error_description: canary },
      { error: `<b>${'x'.repeat(500)}` },
      gateway(401, canary),
      { error: { [canary]: canary } },
      canary,
    ];
    for (const status of [400, 401, 403, 404, 500]) {
      for (const body of bodies) {
        const failure = await failureOf(
          bankThat(() => ({ status, body }), { secret: true }).connector.prove(),
        );
        const printed = failure.message + JSON.stringify(failure.detail) + String(failure.stack);
        expect(printed).not.toContain(canary);
        expect(printed).not.toContain(CLIENT_SECRET);
        expect(printed).not.toMatch(/<b>|x{61}/);
      }
    }
  });
});

describe('configuration', () => {
  test('a missing or impossible ClientID is told before anything is sent', () => {
    const call = () => expect.unreachable('nothing may be sent');
    for (const config of [{}, { clientId: '  ' }, { clientId: 'a\r\nX-Evil: 1' }] as Record<
      string,
      string
    >[]) {
      expect(() =>
        bank.connect({ environment: 'production', origin: 'https://api.rb.cz', config, secrets: {}, call }),
      ).toThrow(expect.objectContaining({ kind: 'rejected', detail: { field: 'clientId' } }));
    }
  });

  test('the Client Secret is sent only when there is one', async () => {
    const without = bankThat(() => ({ status: 204 }));
    await without.connector.prove();
    expect(Object.keys(without.requests[0]?.headers ?? {})).not.toContain('x-ibm-client-secret');
    const having = bankThat(() => ({ status: 204 }), { secret: true });
    await having.connector.prove();
    expect(having.requests[0]?.headers['x-ibm-client-secret']).toBe(CLIENT_SECRET);
  });
});
