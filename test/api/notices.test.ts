import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createNotices, type Notices, type Subscription } from '../../shared/store/notices.ts';
import { done, refused, type Answer } from '../support/api.ts';
import {
  addCompany,
  addKey,
  connect,
  startTestGateway,
  type AccountBody,
  type Items,
  type TestGateway,
} from '../support/gateway.ts';
import { browserOf, confirmAll, connected, start, walk } from './consent-support.ts';

// Notices of the simulated Erste, over HTTP from its own sender to the ledger.

const HOUR = 3_600_000;
const MOVED = 77_00n;

let t: TestGateway;
let bank: TestGateway['sandbox']['banks']['erste'];
let notices: Notices;
let connection: string;
let account: AccountBody;

beforeAll(async () => {
  t = await startTestGateway();
  bank = t.sandbox.banks.erste;
  notices = createNotices(t.store.dynamo, t.store.places);
  const { id, accounts } = await connected(t, 'CS');
  connection = id;
  account = accounts.find(({ number }) => number === '3170482907')!;
  // One page is enough to see what a notice leads to.
  done(await t.admin(`PATCH /accounts/${account.id}`, { mode: 'transactions', historyDays: 1 }));
});
afterAll(() => t?.stop());
afterEach(() => bank.behave());

type State = { on: boolean; since: string | null };
const put = (on: boolean, id = account.id, call = t.admin) =>
  call<State>(`PUT /accounts/${id}/notices`, { on });
const subscription = async (): Promise<Subscription> => (await notices.get(t.company, account.id))!;
const bookOne = () => bank.book({ iban: account.iban!, minor: MOVED });
const pullsDone = (): number => t.printed.filter((line) => line.includes('"pull.done"')).length;
const outcomes = (from: number): string[] =>
  t.printed.slice(from).flatMap((line) => /"notice\.taken".*"outcome":"(\w+)"/.exec(line)?.[1] ?? []);
/** A minute goes by for the account: the next notice may have its own pull. */
const rested = async (): Promise<void> => {
  const standing = await subscription();
  if (standing.plannedAt !== 0) expect(await notices.plan(standing, 0)).toBe(true);
};

/** A pull of the account is planned for later, so that a notice needs none of its own. */
const planned = async (): Promise<void> => {
  expect(await notices.plan(await subscription(), t.clock.now() + HOUR)).toBe(true);
};

/** A key the gateway takes for the bank's, so that a test signs what the bank never would. */
const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
const trustOwn = async (): Promise<void> => {
  const { kty, n, e } = own.publicKey.export({ format: 'jwk' });
  await notices.change(await subscription(), {
    keys: JSON.stringify([{ kty, n, e }]),
    keysAskedAt: t.clock.now(),
  });
};
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function fingerprint(nonce: string, at: number, key: KeyObject = own.privateKey, alg = 'RS512'): string {
  const payload = { notificationBody: {}, nonce, timestamp: String(Math.floor(at / 1000)) };
  const signed = `${base64url({ alg })}.${base64url(payload)}`;
  return `${signed}.${sign('sha512', Buffer.from(signed), key).toString('base64url')}`;
}
async function knock(value: string, id?: string, raw: string | Uint8Array = '{}'): Promise<Answer<unknown>> {
  const path = `POST /notices/${id ?? (await subscription()).id}`;
  return t.as(null)(path, undefined, { raw, headers: { fingerprint: value } });
}

describe('switching notices on', () => {
  test('subscribes once at the bank, by an address nobody can guess', async () => {
    expect(done(await t.admin<State>(`GET /accounts/${account.id}/notices`))).toEqual({
      on: false,
      since: null,
    });
    const on = done(await put(true));
    expect(on).toEqual({ on: true, since: expect.any(String) });
    expect(done(await put(true))).toEqual(on);
    const { messages } = bookOne();
    expect(messages.map(({ url }) => url)).toEqual([(await subscription()).url]);
    expect((await subscription()).url).toMatch(
      new RegExp(`^${t.gateway.url.replaceAll('.', '\\.')}/notices/[\\w-]{43}$`),
    );
  });

  test('is for administrators, for accounts they see, and for banks that send any', async () => {
    const reader = await addKey(t, ['read']);
    refused(await put(true, account.id, reader.call), 403, 'scope-missing');
    const stranger = t.as(await addCompany(t, 'cmp_other'));
    refused(await put(true, account.id, stranger), 404, 'not-found');
    const { call } = await addKey(t, ['read', 'admin'], 'eva');
    refused(await put(true, account.id, call), 403, 'not-yours');
    const { accounts } = await connect(t);
    refused(await put(true, accounts[0]!.id), 409, 'no-notices');
    expect(done(await put(false, accounts[0]!.id))).toEqual({ on: false, since: null });
  });

  test('that fails at the bank says so, and works when it is done again', async () => {
    done(await put(false));
    bank.misbehave({ kind: 'invalid-request-400', operation: 'createNotification' });
    refused(await put(true), 422, 'rejected');
    expect(done(await t.admin<State>(`GET /accounts/${account.id}/notices`)).on).toBe(false);
    expect(done(await put(true)).on).toBe(true);
    expect(bookOne().messages.length).toBe(1);
  });
});

describe('a notice', () => {
  test('of the bank makes a pull, one though it comes fifty times at once, and what it tells of is read there', async () => {
    await rested();
    const from = t.printed.length;
    const pulls = pullsDone();
    const { entryReference, messages } = bookOne();
    const [message] = messages;
    const statuses = await bank.send(Array.from({ length: 50 }, () => message!));
    expect(new Set(statuses)).toEqual(new Set([200]));
    await t.gateway.drain();
    const told = outcomes(from);
    expect([told.length, told.filter((one) => one === 'planned').length]).toEqual([50, 1]);
    expect(pullsDone()).toBe(pulls + 1);
    const path = `GET /accounts/${account.id}/transactions?limit=500`;
    const rows = done(await t.admin<Items<{ bankReference: string | null }>>(path)).items;
    expect(rows.map(({ bankReference }) => bankReference)).toContain(entryReference);
    // Of its body nothing is kept anywhere.
    expect(t.printed.slice(from).join('\n')).not.toContain(entryReference);
    expect(await bank.send([message!])).toEqual([200]);
    expect(outcomes(from).at(-1)).toBe('replayed');
  });

  test('joins the pull that will see it; after that one has begun it gets another, a minute behind it', async () => {
    const from = t.printed.length;
    await trustOwn();
    const now = t.clock.now();
    const standing = await subscription();
    // A pull that is still to begin.
    expect(await notices.plan(standing, now + HOUR)).toBe(true);
    done(await knock(fingerprint('joined', now)));
    expect(outcomes(from)).toEqual(['joined']);
    expect((await subscription()).plannedAt).toBe(now + HOUR);
    // One that has just begun. Nobody waits here for the next: that one pulls is known already.
    expect(await notices.plan(await subscription(), now - 1_000)).toBe(true);
    done(await knock(fingerprint('next', now)));
    expect(outcomes(from)).toEqual(['joined', 'planned']);
    expect((await subscription()).plannedAt).toBe(now + 59_000);
  });

  test('that is old, of tomorrow, or a replay is answered and does nothing', async () => {
    await trustOwn();
    await rested();
    const from = t.printed.length;
    const now = t.clock.now();
    done(await knock(fingerprint('old', now - 5 * HOUR - 60_000)));
    done(await knock(fingerprint('ahead', now + HOUR)));
    expect(outcomes(from)).toEqual(['old', 'old']);
    expect((await subscription()).plannedAt).toBe(0);
    // What an outage held up for four hours is still taken.
    await planned();
    const late = fingerprint('late', now - 4 * HOUR);
    done(await knock(late));
    await rested();
    done(await knock(late));
    expect(outcomes(from)).toEqual(['old', 'old', 'joined', 'replayed']);
    expect((await subscription()).plannedAt).toBe(0);
  });

  test('of an account that is not pulled is taken and does nothing', async () => {
    await trustOwn();
    const from = t.printed.length;
    done(await t.admin(`PATCH /accounts/${account.id}`, { enabled: false }));
    done(await knock(fingerprint('idle', t.clock.now())));
    done(await t.admin(`PATCH /accounts/${account.id}`, { enabled: true }));
    expect(outcomes(from)).toEqual(['idle']);
  });

  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  test.each([
    ['signed by somebody else', () => fingerprint('forged', t.clock.now(), stranger.privateKey)],
    ['of another algorithm', () => fingerprint('forged', t.clock.now(), own.privateKey, 'RS256')],
    [
      'without a signature',
      () => `${base64url({ alg: 'none' })}.${base64url({ nonce: 'n', timestamp: '1' })}.`,
    ],
    ['without a fingerprint', () => ''],
  ])('%s is refused like an address nobody has', async (_, value) => {
    await trustOwn();
    await rested();
    const calls = bank.requests().length;
    const problem = refused(await knock(value()), 404, 'not-found');
    expect(problem).toEqual(refused(await knock(value(), 'x'.repeat(43)), 404, 'not-found'));
    expect((await subscription()).plannedAt).toBe(0);
    // Whoever knocks does not make the gateway call the bank.
    expect(bank.requests().length).toBe(calls);
  });

  test('with a body too large is not looked at', async () => {
    await trustOwn();
    await planned();
    const value = fingerprint('large', t.clock.now());
    refused(await knock(value, undefined, Buffer.alloc(256 * 1024 + 1, 0x20)), 413, 'body-too-large');
    done(await knock(value, undefined, Buffer.alloc(256 * 1024, 0x20)));
  });

  test('signed with the bank’s new key is checked with keys asked for anew, at most every few minutes', async () => {
    await trustOwn();
    const [message] = bookOne().messages;
    expect(await bank.send([message!])).toEqual([404]);
    await notices.change(await subscription(), { keysAskedAt: 0 });
    expect(await bank.send([message!])).toEqual([200]);
    const keys = () => bank.requests().filter(({ path }) => path.endsWith('/jwks')).length;
    bank.renewKey();
    const asked = keys();
    const [next] = bookOne().messages;
    expect(await bank.send([next!])).toEqual([404]);
    expect(keys()).toBe(asked);
    await notices.change(await subscription(), { keysAskedAt: 0 });
    expect(await bank.send([next!])).toEqual([200]);
    expect(keys()).toBe(asked + 1);
  });

  test('that cannot be judged while the bank gives no keys is to come again', async () => {
    await notices.change(await subscription(), { keys: '[]', keysAskedAt: 0 });
    bank.misbehave({ kind: 'status-503', operation: 'getCertificate', times: 9 });
    const answer = await knock(fingerprint('n', t.clock.now()));
    expect(refused(answer, 503, 'undecided').retryAfter).toBe(60);
  });
});

describe('notices', () => {
  test('go on under a renewed consent, though the bank has forgotten them', async () => {
    const before = await subscription();
    expect(bank.book({ iban: account.iban!, minor: 1n }).messages.length).toBe(1);
    const { url } = await start({ bank }, t.admin, connection);
    await walk(browserOf(t), url);
    bank.renumberAccounts();
    bank.forgetSubscriptions();
    expect(bank.book({ iban: account.iban!, minor: 1n }).messages).toEqual([]);
    await confirmAll(t.admin, connection);
    const after = await subscription();
    expect(after.url).toBe(before.url);
    expect(after.bankId).not.toBe(before.bankId);
    expect(await bank.send(bookOne().messages)).toEqual([200]);
  });

  test('that are switched off come no more, and their address is nobody’s', async () => {
    const [message] = bookOne().messages;
    expect(done(await put(false))).toEqual({ on: false, since: null });
    expect(bookOne().messages).toEqual([]);
    expect(await bank.send([message!])).toEqual([404]);
    expect(done(await put(false))).toEqual({ on: false, since: null });
  });
});
