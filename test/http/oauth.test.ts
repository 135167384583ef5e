import { describe, expect, test } from 'vitest';
import { Failure } from '../../shared/domain/failure.ts';
import { Secret } from '../../shared/domain/secret.ts';
import {
  authorisationUrl,
  redeemCode,
  refreshGrant,
  revokeGrant,
  type OAuthServer,
  type TokenRule,
} from '../../shared/http/oauth.ts';
import type { BankRequest } from '../../shared/http/types.ts';

const CANARY = 'canary-token';

function serverThat(
  answer: { status?: number; body?: unknown; type?: string },
  rules: readonly TokenRule[] = [],
): { server: OAuthServer; requests: BankRequest[] } {
  const requests: BankRequest[] = [];
  const { status = 200, type = 'application/json', body = {} } = answer;
  const server: OAuthServer = {
    call: async (request) => {
      requests.push(request);
      return {
        status,
        headers: { 'content-type': type },
        mediaType: type,
        body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
        requestId: 'request-1',
      };
    },
    identity: 'https://idp.example/base',
    clientId: 'client & id',
    clientSecret: new Secret('canary-secret'),
    paths: { authorise: '/auth', token: '/token', revoke: '/revoke' },
    rules,
  };
  return { server, requests };
}

const tokens = { access_token: CANARY, token_type: 'Bearer', expires_in: 300 };
const refresh = (answer: Parameters<typeof serverThat>[0], rules: readonly TokenRule[] = []) =>
  refreshGrant(serverThat(answer, rules).server, new Secret('canary-refresh'));
const redeem = (answer: Parameters<typeof serverThat>[0]) =>
  redeemCode(serverThat(answer).server, {
    code: new Secret('canary-code'),
    redirectUri: 'https://us.example/callback',
    verifier: null,
  });

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return thrown;
  throw new Error('expected a Failure', { cause: thrown });
}

describe('the message', () => {
  test('of a code: everything in the body, nothing repeated (RFC 6749, 4.1.3; RFC 7636, 4.5)', async () => {
    const { server, requests } = serverThat({ body: tokens });
    await redeemCode(server, {
      code: new Secret('c+d/e='),
      redirectUri: 'https://us.example/callback?a=1',
      verifier: new Secret('v'.repeat(43)),
    });
    expect(requests[0]).toMatchObject({
      operation: 'token',
      method: 'POST',
      host: 'identity',
      path: '/token',
      accept: ['application/json'],
      read: false,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8' },
    });
    expect(requests[0]?.headers).not.toHaveProperty('Authorization');
    expect(Object.fromEntries(new URLSearchParams(String(requests[0]?.body)))).toEqual({
      grant_type: 'authorization_code',
      code: 'c+d/e=',
      redirect_uri: 'https://us.example/callback?a=1',
      code_verifier: 'v'.repeat(43),
      client_id: 'client & id',
      client_secret: 'canary-secret',
    });
  });

  test('of a refresh and of a revocation', async () => {
    const { server, requests } = serverThat({ body: tokens });
    await refreshGrant(server, new Secret('r'));
    await revokeGrant(server, new Secret('r'));
    const [first, second] = requests.map(({ body }) => Object.fromEntries(new URLSearchParams(String(body))));
    expect(first).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'r' });
    expect(second).toMatchObject({ token: 'r', client_secret: 'canary-secret' });
    expect(requests[1]).toMatchObject({
      operation: 'revoke',
      path: '/revoke',
      host: 'identity',
      read: false,
    });
  });

  test('no endpoint, no revocation', async () => {
    const { server } = serverThat({});
    const without = { ...server, paths: { authorise: '/auth', token: '/token' } };
    expect((await failureOf(revokeGrant(without, new Secret('r')))).kind).toBe('unsupported');
  });

  test('the page’s address: encoded once, challenge only where there is one', () => {
    const { server } = serverThat({});
    const asked = {
      redirectUri: 'https://us.example/c?a=b',
      state: 'x+y z',
      challenge: null,
      scopes: ['a', 'b'],
    };
    const url = new URL(authorisationUrl(server, asked, { prompt: 'consent' }));
    expect(url.href).toContain('scope=a%20b&');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'client & id',
      redirect_uri: asked.redirectUri,
      scope: 'a b',
      state: 'x+y z',
      prompt: 'consent',
    });
    expect(authorisationUrl(server, { ...asked, challenge: 'abc' })).toContain(
      '&code_challenge=abc&code_challenge_method=S256',
    );
  });
});

describe('row 21: the answer', () => {
  test.each([
    ['all of it', { ...tokens, refresh_token: 'r2', scope: 'a b' }, 300, 'r2', ['a', 'b']],
    ['without refresh token', { ...tokens, scope: 'a' }, 300, null, ['a']],
    ['without scope', { ...tokens, refresh_token: 'r2' }, 300, 'r2', null],
    ['without lifetime', { ...tokens, expires_in: undefined }, 300, null, null],
    ['lifetime as text', { ...tokens, expires_in: '60' }, 60, null, null],
    ['type in any case', { ...tokens, token_type: 'bEARER' }, 300, null, null],
  ] as const)('%s', async (_, body, expiresIn, refreshToken, scopes) => {
    const granted = await refresh({ body });
    expect(granted.accessToken.reveal()).toBe(CANARY);
    expect(granted.expiresIn).toBe(expiresIn);
    expect(granted.refreshToken?.reveal() ?? null).toBe(refreshToken);
    expect(granted.scopes).toEqual(scopes);
  });

  test.each([
    ['no token', { token_type: 'Bearer' }],
    ['another type of token', { ...tokens, token_type: 'mac' }],
    ['an empty refresh token', { ...tokens, refresh_token: '' }],
    ['a negative lifetime', { ...tokens, expires_in: -1 }],
    ['a list', [tokens]],
    ['no JSON', `{"access_token":"${CANARY}"`],
    ['an error under 200', { error: 'invalid_grant', refresh_token: CANARY }],
  ])('%s is outcome-unknown, and says nothing of what came', async (_, body) => {
    for (const work of [refresh({ body }), redeem({ body })]) {
      const failure = await failureOf(work);
      expect(failure.kind).toBe('outcome-unknown');
      expect(`${failure.message}${failure.stack}${JSON.stringify(failure.detail)}`).not.toContain('canary');
      expect(failure.cause).toBeUndefined();
    }
  });
});

describe('a refusal (RFC 6749, 5.2)', () => {
  test.each([
    [400, 'invalid_grant', 'consent-needed', 'rejected'],
    [401, 'invalid_client', 'credential-refused', 'credential-refused'],
    [400, 'invalid_client', 'credential-refused', 'credential-refused'],
    [400, 'unauthorized_client', 'credential-refused', 'credential-refused'],
    [400, 'invalid_scope', 'rejected', 'rejected'],
    [400, 'invalid_request', 'rejected', 'rejected'],
    [400, 'unsupported_grant_type', 'rejected', 'rejected'],
    [400, 'never_heard_of', 'outcome-unknown', 'outcome-unknown'],
  ] as const)('%i %s: %s of a refresh, %s of a code', async (status, error, ofRefresh, ofCode) => {
    const answer = { status, body: { error, error_description: `canary ${error}` } };
    const failures = await Promise.all([failureOf(refresh(answer)), failureOf(redeem(answer))]);
    expect(failures.map(({ kind }) => kind)).toEqual([ofRefresh, ofCode]);
    for (const { message } of failures) {
      expect(message).toMatch(/\. \S.*\.$|; \S.*\.$/);
      expect(message).not.toContain('canary');
    }
    if (ofCode !== 'outcome-unknown') expect(failures[0]?.detail).toMatchObject({ status, code: error });
  });

  test.each([
    ['no JSON', '<html>'],
    ['no error', { message: 'no' }],
    ['an error that is no text', { error: { code: 1 } }],
  ])('%s is outcome-unknown', async (_, body) => {
    for (const status of [400, 401, 403, 404, 418])
      expect((await failureOf(refresh({ status, body }))).kind).toBe('outcome-unknown');
  });

  test('a bank’s own rules come first', async () => {
    const rule: TokenRule = {
      applies: ({ grant, status, error }) =>
        grant === 'refresh_token' && status === 400 && error === 'invalid_scope',
      kind: 'consent-needed',
      message: 'as this bank says it. Do something',
    };
    const answer = { status: 400, body: { error: 'invalid_scope' } };
    expect((await failureOf(refresh(answer, [rule]))).kind).toBe('consent-needed');
    expect((await failureOf(refresh({ ...answer, status: 401 }, [rule]))).kind).toBe('rejected');
  });

  test('what a code may say is printed harmlessly', async () => {
    const answer = { status: 400, body: { error: `invalid_grant` }, type: 'application/json' };
    expect((await failureOf(refresh(answer))).message).toContain('400 invalid_grant');
  });
});
