import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FeedEvent } from '../../shared/domain/event.ts';
import { done, refused } from '../support/api.ts';
import {
  addCompany,
  addKey,
  startTestGateway,
  type AccountBody,
  type ConnectionBody,
  type Items,
  type TestGateway,
} from '../support/gateway.ts';
import {
  addErste,
  browserOf,
  confirmAll,
  kept,
  standing,
  start,
  walk,
  type Confirmed,
  type Started,
} from './consent-support.ts';

// From the link to the ledger, through the real pages of the bank's authorisation server.

let t: TestGateway;
let bank: TestGateway['sandbox']['banks']['erste'];
beforeAll(async () => {
  t = await startTestGateway();
  bank = t.sandbox.banks.erste;
});
afterAll(() => t?.stop());

const tokenCalls = (): number => bank.identity.visits('token').length;
const connection = async (id: string) => done(await t.admin<ConnectionBody>(`GET /connections/${id}`));

/** A connection in use. */
async function connected(code: string): Promise<Confirmed> {
  const { id } = await addErste(t, t.admin, code);
  const { url } = await start({ bank }, t.admin, id);
  await walk(browserOf(t), url);
  return confirmAll(t.admin, id);
}

/** Asks for a pull and waits for its end. */
async function pull(account: string): Promise<string | undefined> {
  const asked = done(await t.admin<{ id: string }>(`POST /accounts/${account}/pulls`, {}), 202);
  await t.gateway.drain();
  const path = `GET /accounts/${account}/pulls/${asked.id}`;
  const { result } = done(await t.admin<{ result: { outcome: string } | null }>(path));
  return result?.outcome;
}

describe('an authorisation', () => {
  test('goes from the link over the bank to accounts that are pulled once somebody confirmed them', async () => {
    const { id } = await addErste(t, t.admin, 'CS');
    const started = await start({ bank }, t.admin, id, { validityDays: 90 });
    expect(started.redirectUri).toBe(`${t.gateway.url}/callbacks/erste`);
    expect(await standing(t.admin, id)).toMatchObject({ state: 'waiting', accounts: null });

    const browser = browserOf(t);
    const page = await walk(browser, started.url);
    expect(page.status).toBe(200);
    expect(page.html).toContain('The bank gave access');
    const granted = await standing(t.admin, id);
    expect(granted).toMatchObject({ state: 'granted', validityDays: 90 });
    expect(granted.accounts!.length).toBeGreaterThan(1);
    for (const { iban, owner } of granted.accounts!) expect([iban, owner]).not.toContain(null);

    // Nothing is in use before a person of the company looked at it.
    expect(await connection(id)).toMatchObject({ status: 'new', credential: null });
    expect(done(await t.admin<Items<AccountBody>>(`GET /accounts?connection=${id}`)).items).toEqual([]);

    const [first] = granted.accounts!;
    const confirm = `POST /connections/${id}/authorisation/confirmation`;
    refused(await t.admin(confirm, { accounts: ['somebody else’s'] }), 422, 'unknown-account');
    const confirmed = done(await t.admin<Confirmed>(confirm, { accounts: [first!.handle] }));
    expect(confirmed.connection).toMatchObject({ status: 'active', pause: null });
    const days = (Date.parse(confirmed.credential.notAfter) - t.clock.now()) / 86_400_000;
    expect(Math.round(days)).toBe(90);
    expect(confirmed.accounts.filter(({ settings }) => settings.enabled).map(({ iban }) => iban)).toEqual([
      first!.iban,
    ]);
    const account = confirmed.accounts.find(({ iban }) => iban === first!.iban)!;
    expect(await pull(account.id)).toBe('complete');
    const rows = done(await t.admin<Items<unknown>>(`GET /accounts/${account.id}/transactions`)).items;
    expect(rows.length).toBeGreaterThan(0);
    refused(await t.admin(confirm, { accounts: [first!.handle] }), 409, 'nothing-to-confirm');
  });

  test('tells each step in the feed, and no secret of it anywhere', async () => {
    const { connection: made } = await connected('TOLD');
    const events = done(await t.admin<Items<FeedEvent>>('GET /events?limit=500')).items;
    const told = events.filter(({ subject }) => subject === made.id).map(({ type }) => type);
    expect(told).toEqual(['connection.created', 'authorisation.granted', 'credential.current']);
    const everything = [...t.printed, ...t.seen, JSON.stringify(events)].join('\n');
    const { clientSecret, webApiKey } = t.sandbox.application;
    for (const secret of [clientSecret, webApiKey]) expect(everything).not.toContain(secret);
    // Codes and states stood in addresses; no line of a log may hold one.
    const queries = bank.identity
      .visits('authorise')
      .map(({ query }) => new URLSearchParams(query).get('state'));
    for (const state of queries.filter((one) => one !== null))
      expect(t.printed.join('\n')).not.toContain(state);
  });

  test('that is refused at the bank leaves everything as it was', async () => {
    const { id } = await addErste(t, t.admin, 'DENIED');
    const { url } = await start({ bank }, t.admin, id);
    const before = tokenCalls();
    const page = await walk(browserOf(t), url, { button: 'Deny' });
    expect(page.html).toContain('The bank gave no access');
    expect(tokenCalls()).toBe(before);
    expect(await standing(t.admin, id)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('again'),
    });
    const again = await start({ bank }, t.admin, id);
    await walk(browserOf(t), again.url);
    expect((await confirmAll(t.admin, id)).connection.status).toBe('active');
  });

  test('leads back to a return URL of the company’s list, and to no other', async () => {
    const { id } = await addErste(t, t.admin, 'RETURN');
    const path = `POST /connections/${id}/authorisation`;
    const returnUrl = 'https://erp.example/banks?tab=1';
    refused(await t.admin(path, { returnUrl }), 422, 'return-url-not-allowed');
    done(await t.admin('PUT /return-urls', { returnUrls: [returnUrl] }));
    for (const near of [`${returnUrl}2`, 'https://erp.example/banks', 'https://erp.example/banks?tab=1&x=1'])
      refused(await t.admin(path, { returnUrl: near }), 422, 'return-url-not-allowed');
    for (const wrong of [
      'javascript:alert(1)',
      'http://erp.example/',
      'https://a@b.example/',
      '//erp.example',
    ])
      refused(await t.admin(path, { returnUrl: wrong }), 400, 'invalid-request');
    const { url } = await start({ bank }, t.admin, id, { returnUrl });
    const page = await walk(browserOf(t), url);
    expect(page.links.map(({ href }) => href)).toEqual([returnUrl]);
  });

  test('needs the bank’s secrets, and no more days than the bank gives', async () => {
    const body = { code: 'BARE', bank: 'erste', environment: 'simulated', config: { clientId: 'x' } };
    const { id } = done(await t.admin<ConnectionBody>('POST /connections', body), 201);
    refused(await t.admin(`POST /connections/${id}/authorisation`, {}), 409, 'no-secrets');
    refused(await t.admin(`PUT /connections/${id}/secrets`, { secrets: {} }), 422, 'bad-secrets');
    const missing = await t.admin(`PUT /connections/${id}/secrets`, { secrets: { clientSecret: 'a' } });
    expect(refused(missing, 422, 'bad-secrets').errors?.map(({ pointer }) => pointer)).toEqual([
      '/secrets/webApiKey',
    ]);
    const { id: full } = await addErste(t, t.admin, 'DAYS');
    const long = await t.admin(`POST /connections/${full}/authorisation`, { validityDays: 181 });
    refused(long, 422, 'validity-too-long');
    const { id: other } = done(
      await t.admin<ConnectionBody>('POST /connections', {
        code: 'CERT',
        bank: 'raiffeisen',
        environment: 'simulated',
        config: { clientId: t.sandbox.clientId },
      }),
      201,
    );
    refused(await t.admin(`POST /connections/${other}/authorisation`, {}), 409, 'no-consents');
  });
});

describe('row 24: a consent is the company’s own', () => {
  test('another company finds nothing, another user confirms nothing', async () => {
    const stranger = t.as(await addCompany(t, 'com_consent'));
    const eva = await addKey(t, ['read', 'admin'], 'eva');
    const jan = await addKey(t, ['read', 'admin'], 'jan');
    const { id } = await addErste(t, eva.call, 'EVA', 'eva');
    const { url } = await start({ bank }, eva.call, id);
    await walk(browserOf(t), url);
    const { accounts } = await standing(eva.call, id);
    const body = { accounts: [accounts![0]!.handle] };
    for (const call of [stranger, jan.call]) {
      refused(await call(`GET /connections/${id}/authorisation`), 404, 'not-found');
      refused(await call(`POST /connections/${id}/authorisation/confirmation`, body), 404, 'not-found');
    }
    // The company's own administrator sees it, and still does not speak for the user who started it.
    refused(await t.admin(`POST /connections/${id}/authorisation/confirmation`, body), 403, 'other-user');
    expect((await confirmAll(eva.call, id)).connection.status).toBe('active');
  });
});

describe('row 22: a consent that ends', () => {
  test('withdrawn at the bank: the connection pauses with what to do, and heals with a new one', async () => {
    const { connection: made, accounts } = await connected('ENDS');
    const [account] = accounts;
    bank.identity.withdraw();
    expect(await pull(account!.id)).toBe('failed');
    const paused = await connection(made.id);
    expect(paused).toMatchObject({ status: 'paused', pause: { kind: 'consent-needed' } });
    const { url } = await start({ bank }, t.admin, made.id);
    await walk(browserOf(t), url);
    // Until it is confirmed the old one stands.
    expect((await connection(made.id)).status).toBe('paused');
    expect((await confirmAll(t.admin, made.id)).connection).toMatchObject({ status: 'active', pause: null });
    expect(await pull(account!.id)).toBe('complete');
  });

  test('an access token that ends in the middle is renewed and the pull goes on', async () => {
    const { accounts } = await connected('MIDDLE');
    const before = tokenCalls();
    bank.identity.endAccess();
    expect(await pull(accounts[0]!.id)).toBe('complete');
    expect(tokenCalls()).toBe(before + 1);
  });
});

describe('row 27: a renewed consent', () => {
  test('with other account ids and fewer accounts finds the same accounts, and mints nothing twice', async () => {
    const { connection: made, accounts } = await connected('RENEWED');
    const [kept, left] = accounts;
    expect(await pull(kept!.id)).toBe('complete');
    const count = async (): Promise<number> =>
      done(await t.admin<Items<unknown>>(`GET /accounts/${kept!.id}/transactions?limit=500`)).items.length;
    const rows = await count();
    bank.renumberAccounts();
    const { url } = await start({ bank }, t.admin, made.id);
    await walk(browserOf(t), url, { accounts: [kept!.iban!] });
    const renewed = await confirmAll(t.admin, made.id);
    expect(renewed.accounts.map(({ id }) => id)).toEqual([kept!.id]);
    expect(await pull(kept!.id)).toBe('complete');
    expect(await count()).toBe(rows);
    const gone = done(await t.admin<AccountBody>(`GET /accounts/${left!.id}`));
    expect(gone.active).toBe(false);
  });
});

describe('the consent before a renewal', () => {
  const credentialOf = async (id: string) => (await t.store.connections.get(t.company, id))!;
  const revocations = (): number => bank.identity.visits('revoke').length;
  const renew = async (id: string): Promise<Confirmed> => {
    await walk(browserOf(t), (await start({ bank }, t.admin, id)).url);
    return confirmAll(t.admin, id);
  };

  test('leaves no token and no secret, and is not given back: that might end the new one', async () => {
    const { connection: made, credential: old, accounts } = await connected('AGAIN');
    expect(await kept(t, old.id)).toEqual([true, true]);
    const before = revocations();
    const { credential } = await renew(made.id);
    expect(credential.id).not.toBe(old.id);
    expect(await kept(t, old.id)).toEqual([false, false]);
    expect(await kept(t, credential.id)).toEqual([true, true]);
    expect(revocations()).toBe(before);
    bank.identity.endAccess();
    expect(await pull(accounts[0]!.id)).toBe('complete');

    // The daily round looks once more, and is done with it.
    expect(await credentialOf(made.id)).toMatchObject({ credential: credential.id, retired: [old.id] });
    await t.gateway.invoke('watch-daily', {});
    expect(await credentialOf(made.id)).toMatchObject({ credential: credential.id, retired: [] });
    expect(await kept(t, credential.id)).toEqual([true, true]);
  });

  test('serves the pull that is on with it to its end, a refresh included', async () => {
    const { connection: made, credential: old, accounts } = await connected('MEANWHILE');
    await walk(browserOf(t), (await start({ bank }, t.admin, made.id)).url);
    bank.identity.endAccess();
    const refreshes = tokenCalls();
    bank.misbehave({ kind: 'delay', milliseconds: 1_500, operation: 'getTransactions' });
    const pulled = pull(accounts[0]!.id);
    // It has spent the refresh token it found, and waits for the bank with the new one.
    await expect.poll(tokenCalls, { timeout: 20_000 }).toBe(refreshes + 1);
    const { credential } = await confirmAll(t.admin, made.id);
    expect(await kept(t, old.id)).toEqual([false, false]);
    expect(await pulled).toBe('complete');
    expect(await kept(t, old.id)).toEqual([false, false]);
    expect(await connection(made.id)).toMatchObject({ status: 'active', credential: { id: credential.id } });
    expect(await pull(accounts[0]!.id)).toBe('complete');
  });

  test('goes with one that nobody confirmed, and stays where another connection goes by it', async () => {
    const { connection: made, credential: old } = await connected('SHARED');
    await walk(browserOf(t), (await start({ bank }, t.admin, made.id)).url);
    const { candidate } = await credentialOf(made.id);
    expect(await kept(t, candidate!)).toEqual([true, true]);
    const sharing = await credentialOf((await addErste(t, t.admin, 'SHARING')).id);
    await t.store.connections.change(sharing, { credential: old.id }, []);
    await renew(made.id);
    expect(await kept(t, candidate!)).toEqual([false, false]);
    expect(await kept(t, old.id)).toEqual([true, true]);
  });
});

describe('the link', () => {
  test('works in the browser that opened it first, and in no other', async () => {
    const { id } = await addErste(t, t.admin, 'LINK');
    const { url } = await start({ bank }, t.admin, id);
    const [first, second] = [browserOf(t), browserOf(t)];
    const page = await first.open(url);
    expect(page.html).toContain('Lísková &amp; spol. s.r.o.');
    expect(page.headers['set-cookie']?.[0]).toMatch(
      /^__Host-brana=[\w-]{43}; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=Lax$/,
    );
    expect((await second.open(url)).status).toBe(409);
    expect((await first.open(url)).links[0]!.href).toBe(page.links[0]!.href);
    expect((await first.open(`${url}x`)).status).toBe(404);
  });

  test('of an authorisation that was started anew is worth nothing', async () => {
    const { id } = await addErste(t, t.admin, 'ANEW');
    const old: Started = await start({ bank }, t.admin, id);
    await start({ bank }, t.admin, id);
    expect((await browserOf(t).open(old.url)).status).toBe(404);
  });
});
