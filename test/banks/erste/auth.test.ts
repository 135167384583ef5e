import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connector, TokenGrant } from '../../../shared/banks/contract.ts';
import { Secret } from '../../../shared/domain/secret.ts';
import type { IdentityLevers, RefusalForm } from '../../../infra/sandbox/erste/identity/identity.ts';
import { CALLBACK, consentAt } from '../../support/erste.ts';
import { consented, failureOf, openBench, PKCE, type Bench } from '../../conformance/bench.ts';

const SECOND = 1_000;
const DAY = 86_400_000;

/** Consents at the real authorisation server of the simulated bank, over TLS, under the bank's virtual clock. */
let bench: Bench;
let connector: Required<Connector>;
let levers: IdentityLevers;

beforeAll(async () => {
  bench = await openBench('erste');
  levers = bench.sandbox.banks.erste.identity;
});
beforeEach(() => {
  bench.clock.advance(60 * SECOND);
  connector = bench.connect();
});
afterEach(() => {
  levers.rotate(true);
  levers.lifetimes({ accessSeconds: 300, consentDays: 180 });
  levers.withholdRefreshTokens(false);
  levers.narrow(null);
  levers.refuseAs('invalid_grant');
  bench.subject.bank.behave();
});
afterAll(() => bench?.stop());

const fresh = (): Promise<TokenGrant> => consented(connector, bench.subject.consent!, bench.manifest);

/** What the bank's API says to a token. */
const works = (accessToken: Secret): Promise<boolean> =>
  bench
    .connect({
      token: (refused) => (refused ? Promise.reject(new Error('refused')) : Promise.resolve(accessToken)),
    })
    .prove()
    .then(
      () => true,
      () => false,
    );

describe('a code', () => {
  test('brings tokens of 300 seconds, a refresh token and the scopes', async () => {
    const grant = await fresh();
    expect(grant).toMatchObject({ expiresIn: 300, scopes: ['siblings.accounts'] });
    expect(grant.refreshToken?.reveal()).toMatch(/^.{20,}$/);
    expect(await works(grant.accessToken)).toBe(true);
  });

  test('shows the accounts that were chosen, and no others', async () => {
    const [chosen] = bench.sandbox.banks.erste.books.ledgers.map(({ key }) => key.account.iban);
    const { scopes } = bench.manifest.consent!;
    const url = connector.consentUrl({
      redirectUri: CALLBACK,
      state: 's',
      challenge: PKCE.challenge,
      scopes,
    });
    const visit = { origin: bench.subject.origin, ca: bench.sandbox.ca };
    const callback = await consentAt(visit, url, { accounts: [chosen!], user: 'vrba' });
    const code = new Secret(callback.get('code')!);
    const { accessToken } = await connector.exchangeCode({
      code,
      redirectUri: CALLBACK,
      verifier: new Secret(PKCE.verifier),
    });
    const accounts = await bench.connect({ token: () => Promise.resolve(accessToken) }).accounts();
    expect(accounts.map(({ iban }) => iban)).toEqual([chosen]);
  });

  test('is too old after a minute', async () => {
    const { scopes } = bench.manifest.consent!;
    const url = connector.consentUrl({
      redirectUri: CALLBACK,
      state: 's',
      challenge: PKCE.challenge,
      scopes,
    });
    const code = new Secret((await bench.subject.consent!.allow(url)).get('code')!);
    bench.clock.advance(61 * SECOND);
    const answer = { code, redirectUri: CALLBACK, verifier: new Secret(PKCE.verifier) };
    expect((await failureOf(connector.exchangeCode(answer))).kind).toBe('rejected');
  });

  test('a redirect address nobody registered ends before any page', async () => {
    const { scopes } = bench.manifest.consent!;
    const redirectUri = 'https://evil.example/callbacks/erste';
    const url = connector.consentUrl({ redirectUri, state: 's', challenge: null, scopes });
    await expect(consentAt({ origin: bench.subject.origin, ca: bench.sandbox.ca }, url)).rejects.toThrow(
      /redirect_uri/,
    );
  });

  test('whose answer is lost is outcome-unknown', async () => {
    bench.subject.bank.misbehave({ kind: 'drop', operation: 'token' });
    expect((await failureOf(fresh())).kind).toBe('outcome-unknown');
  });
});

describe('a refresh', () => {
  test('lives by the bank’s clock: after 300 seconds a new access token is needed, and there is one', async () => {
    const grant = await fresh();
    bench.clock.advance(299 * SECOND);
    expect(await works(grant.accessToken)).toBe(true);
    bench.clock.advance(2 * SECOND);
    expect(await works(grant.accessToken)).toBe(false);
    const next = await connector.refreshTokens(grant.refreshToken!);
    expect(await works(next.accessToken)).toBe(true);
  });

  test('rotates: the new token goes on, the spent one ends the consent with all its tokens', async () => {
    const first = await fresh();
    const second = await connector.refreshTokens(first.refreshToken!);
    expect(second.refreshToken!.reveal()).not.toBe(first.refreshToken!.reveal());
    const third = await connector.refreshTokens(second.refreshToken!);
    expect(await works(third.accessToken)).toBe(true);
    expect((await failureOf(connector.refreshTokens(first.refreshToken!))).kind).toBe('consent-needed');
    expect(await works(third.accessToken), 'reuse detected').toBe(false);
    expect((await failureOf(connector.refreshTokens(third.refreshToken!))).kind).toBe('consent-needed');
  });

  test('row 21: without rotation, and without a refresh token in the answer, the old one stays', async () => {
    const { refreshToken } = await fresh();
    levers.rotate(false);
    levers.withholdRefreshTokens(true);
    for (let round = 0; round < 3; round++) {
      const grant = await connector.refreshTokens(refreshToken!);
      expect(grant.refreshToken).toBeNull();
      expect(await works(grant.accessToken)).toBe(true);
    }
  });

  test('row 21: narrowed scopes are told, and the list is empty without the right one', async () => {
    const { refreshToken } = await fresh();
    levers.narrow(['siblings.payments']);
    const grant = await connector.refreshTokens(refreshToken!);
    expect(grant.scopes).toEqual(['siblings.payments']);
    const narrow = bench.connect({ token: () => Promise.resolve(grant.accessToken) });
    expect(await narrow.accounts()).toEqual([]);
  });

  test('row 21: a shortened lifetime is told', async () => {
    const { refreshToken } = await fresh();
    levers.lifetimes({ accessSeconds: 60 });
    const grant = await connector.refreshTokens(refreshToken!);
    expect(grant.expiresIn).toBe(60);
    bench.clock.advance(61 * SECOND);
    expect(await works(grant.accessToken)).toBe(false);
  });

  test('180 days count from the consent, whatever was refreshed in between', async () => {
    let grant = await fresh();
    for (let week = 0; week < 25; week++) {
      bench.clock.advance(7 * DAY);
      connector = bench.connect();
      grant = await connector.refreshTokens(grant.refreshToken!);
    }
    bench.clock.advance(4 * DAY);
    connector = bench.connect();
    grant = await connector.refreshTokens(grant.refreshToken!);
    bench.clock.advance(DAY + SECOND);
    connector = bench.connect();
    expect((await failureOf(connector.refreshTokens(grant.refreshToken!))).kind).toBe('consent-needed');
  });

  test.each<[RefusalForm]>([['invalid_grant'], ['7109'], ['expired'], ['bare-401']])(
    'an ended consent told as %s is consent-needed',
    async (form) => {
      const { refreshToken } = await fresh();
      levers.refuseAs(form);
      levers.expire();
      const failure = await failureOf(connector.refreshTokens(refreshToken!));
      expect(failure).toMatchObject({ kind: 'consent-needed', detail: { operation: 'token' } });
      expect(failure.message).toMatch(/Authorise the connection again/);
      expect(failure.message).not.toContain(refreshToken!.reveal());
    },
  );

  test('a lost answer is outcome-unknown and never repeated: the token may have been spent', async () => {
    const { refreshToken } = await fresh();
    bench.subject.bank.misbehave({ kind: 'drop', operation: 'token' });
    const before = levers.visits('token').length;
    expect((await failureOf(connector.refreshTokens(refreshToken!))).kind).toBe('outcome-unknown');
    expect(levers.visits('token').length - before).toBe(1);
    // It was: asking again with it ends the consent.
    expect((await failureOf(connector.refreshTokens(refreshToken!))).kind).toBe('consent-needed');
  });

  test.each([
    ['status-503'],
    ['html-200'],
    ['garbage-json'],
    ['json-error-200'],
    ['unknown-shape-500'],
    ['redirect'],
    ['truncate'],
    ['gzip-bomb'],
  ] as const)('%s is outcome-unknown', async (kind) => {
    const { refreshToken } = await fresh();
    bench.subject.bank.misbehave({ kind, operation: 'token' });
    expect((await failureOf(connector.refreshTokens(refreshToken!))).kind).toBe('outcome-unknown');
  });

  test('429 is rate-limited', async () => {
    const { refreshToken } = await fresh();
    bench.subject.bank.misbehave({ kind: 'status-429', operation: 'token' });
    const own = bench.connect();
    expect((await failureOf(own.refreshTokens(refreshToken!))).kind).toBe('rate-limited');
  });

  test('a wrong secret is credential-refused, and costs no consent', async () => {
    const { refreshToken } = await fresh();
    const secrets = { ...bench.subject.secrets, clientSecret: 'wrong' };
    const wrong = bench.connect({ secrets });
    expect((await failureOf(wrong.refreshTokens(refreshToken!))).kind).toBe('credential-refused');
    await connector.refreshTokens(refreshToken!);
  });

  test('neither key nor certificate goes to the identity provider, the secret goes in the body', async () => {
    const { refreshToken } = await fresh();
    await connector.refreshTokens(refreshToken!);
    const visit = levers.visits('token').at(-1)!;
    expect(visit).toMatchObject({
      method: 'POST',
      path: '/api/psd2/fl/oidc/v1/token',
      query: '',
      status: 200,
    });
  });
});

describe('taking back', () => {
  test('a refresh token ends the consent at the bank', async () => {
    const grant = await fresh();
    await connector.revokeTokens(grant.refreshToken!);
    expect(await works(grant.accessToken)).toBe(false);
    expect((await failureOf(connector.refreshTokens(grant.refreshToken!))).kind).toBe('consent-needed');
  });

  test('one the bank does not know is taken back already', async () => {
    await connector.revokeTokens(new Secret('never-heard-of'));
  });

  test('with a wrong secret is told', async () => {
    const { refreshToken } = await fresh();
    const wrong = bench.connect({ secrets: { ...bench.subject.secrets, clientSecret: 'wrong' } });
    expect((await failureOf(wrong.revokeTokens(refreshToken!))).message).toMatch(/Withdraw the consent/);
  });
});

test('no token, code or secret stands in any line that was logged', () => {
  const all = bench.lines.join('\n');
  expect(bench.lines.length).toBeGreaterThan(50);
  const { accessToken, refreshToken } = bench.grant();
  for (const hidden of [
    accessToken.reveal(),
    refreshToken!.reveal(),
    ...Object.values(bench.subject.secrets),
  ])
    expect(all.includes(hidden)).toBe(false);
  expect(all).not.toMatch(/code=|refresh_token=|code_verifier/);
});
