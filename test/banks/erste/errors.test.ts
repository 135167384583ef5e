import { describe, expect, test } from 'vitest';
import { account, bankThat, errors, failureOf, page, listed, window } from './support.ts';

/** Error tables of the bank's reference, and what each means to us. */
const TABLE = [
  [400, 'PARAMETER_INVALID', 'rejected'],
  [400, 'BAD_REQUEST', 'rejected'],
  [400, 'FIELD_INVALID', 'rejected'],
  [400, 'FIELD_MISSING', 'rejected'],
  [400, 'DT01', 'rejected'],
  [400, 'AG01', 'rejected'],
  [400, 'ID_NOT_FOUND', 'rejected'],
  [400, 'NOTIFICATION_COUNT_LIMIT_EXCEEDED', 'rejected'],
  [401, 'SCA_REQUIRED', 'consent-needed'],
  [403, 'TOKEN_INVALID', 'consent-needed'],
  [403, 'KEY_UNAUTHORIZED', 'credential-refused'],
  [403, 'CERTIFICATE_INVALID', 'credential-refused'],
  [404, 'ID_NOT_FOUND', 'rejected'],
  [404, 'PAGE_NOT_FOUND', 'rejected'],
  [404, 'NOT_FOUND', 'rejected'],
  [404, 'PARAMETER_MISSING', 'rejected'],
  [405, 'METHOD_NOT_ALLOWED', 'rejected'],
  [412, 'KEY_DISABLED', 'credential-refused'],
  [429, 'REQUEST_QUOTA_EXCEEDED', 'rate-limited'],
  [500, 'INTERNAL_SERVER_ERROR', 'transient'],
  [503, 'SERVICE_UNAVAILABLE', 'transient'],
] as const;

describe('the bank’s errors', () => {
  test.each(TABLE)('%i %s is %s', async (status, code, kind) => {
    const { connector } = bankThat(() => errors(status, code));
    const failure = await failureOf(connector.prove());
    expect(failure.kind).toBe(kind);
    expect(failure.message, 'what happened, and what to do').toMatch(/\. \S.*\.$/);
    if (status < 429) expect(failure.detail).toMatchObject({ status, code, operation: 'getAccounts' });
  });

  test('a code under a status it does not belong to is not believed', async () => {
    const { connector } = bankThat(() => errors(400, 'KEY_DISABLED'));
    expect((await failureOf(connector.prove())).kind).toBe('transient');
  });

  test('of several errors the first one that is known decides', async () => {
    const { connector } = bankThat(() => errors(400, 'SOMETHING_NEW', 'DT01'));
    expect(await failureOf(connector.prove())).toMatchObject({ kind: 'rejected', detail: { code: 'DT01' } });
  });

  test.each([
    ['another form', { error: 'TOKEN_INVALID' }],
    ['no JSON', '<html>'],
    ['nobody’s code', { errors: [{ error: 'NEVER_HEARD_OF' }] }],
    ['errors that are none', { errors: ['TOKEN_INVALID', null, 7] }],
  ])('%s is transient', async (_, body) => {
    const { connector } = bankThat(() => ({ status: 403, body }));
    expect((await failureOf(connector.prove())).kind).toBe('transient');
  });

  test('an error object under 200 is an error', async () => {
    const { connector } = bankThat(() => ({ body: { errors: [{ error: 'KEY_DISABLED' }] } }));
    expect((await failureOf(connector.prove())).kind).toBe('credential-refused');
  });

  test('429: silence for an hour, past the next full one', async () => {
    const { connector, asked } = bankThat(() => errors(429, 'REQUEST_QUOTA_EXCEEDED'));
    const failure = await failureOf(connector.prove());
    expect(failure.detail.notBefore).toBeGreaterThanOrEqual(Date.parse('2026-11-21T11:00:00Z'));
    expect((await failureOf(connector.accounts())).kind).toBe('rate-limited');
    expect(asked.length).toBe(1);
  });

  test('what a code may say is printed harmlessly, and the bank’s words are not', async () => {
    const body = { errors: [{ error: 'X<script>\n'.repeat(20), scope: 'canary words' }] };
    const { connector } = bankThat(() => ({ status: 400, body }));
    const { message, detail } = await failureOf(connector.prove());
    expect(detail.code).toMatch(/^[\w .-]{1,60}$/);
    expect(message).not.toMatch(/[<\n]|canary/);
  });
});

test('a right that is missing for one account is no affair of the others', async () => {
  const { connector } = bankThat(({ path }) =>
    path === '/my/accounts' ? { body: page('accounts', [listed('A')]) } : errors(400, 'AG01'),
  );
  expect((await failureOf(connector.transactions(account, window, null))).kind).toBe('rejected');
  expect((await connector.accounts()).length).toBe(1);
});
