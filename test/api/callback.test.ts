import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountKey, authorisationKey } from '../../shared/store/keys.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { addErste, browserOf, callbackUrl, confirmAll, standing, start, walk } from './consent-support.ts';

// What goes wrong between the bank's page and ours, on purpose or not. No key is needed for any of it.

let t: TestGateway;
let bank: TestGateway['sandbox']['banks']['erste'];
beforeAll(async () => {
  t = await startTestGateway();
  bank = t.sandbox.banks.erste;
});
afterAll(() => t?.stop());

const tokenCalls = (): number => bank.identity.visits('token').length;
let made = 0;
async function begun() {
  const { id } = await addErste(t, t.admin, `CB${++made}`);
  const started = await start({ bank }, t.admin, id);
  return { id, started, ...(await callbackUrl(t, started)) };
}
/** Opens an address as it stands, with cookies or without. */
const visit = (url: string, cookie?: string): Promise<Response> =>
  fetch(url, { redirect: 'manual', headers: cookie === undefined ? {} : { cookie } });

/** What every page is, whatever came. */
async function isPlain(answer: Response): Promise<string> {
  const html = await answer.text();
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('location')).toBeNull();
  expect(html).not.toMatch(/<script|<form|onerror|\bat file:|node_modules/i);
  return html;
}

describe('row 23: a callback that is replayed', () => {
  test('fifty times at once is taken once; the others read that it was answered', async () => {
    const { id, url, started } = await begun();
    // The same browser, in many tabs.
    const before = tokenCalls();
    const jar = browserOf(t);
    expect((await jar.open(started.url)).status).toBe(409);
    const { browser } = await begunWith(id);
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.reopen()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    expect(tokenCalls()).toBe(before + 1);
    expect((await confirmAll(t.admin, id)).connection.status).toBe('active');
    // The first one was overtaken by the second start.
    expect((await visit(url)).status).toBe(403);
  });

  /** A consent at the bank, whose callback can be opened as often as wanted with the right cookie. */
  async function begunWith(id: string) {
    const started = await start({ bank }, t.admin, id);
    const page = await visit(started.url);
    const cookie = page.headers.getSetCookie()[0]!.split(';')[0]!;
    const link = /<a href="([^"]+)"/.exec(await page.text())![1]!.replaceAll('&amp;', '&');
    const callback = new URL(started.redirectUri);
    const browser = browserOf(t, ({ pathname }) => pathname === callback.pathname);
    let at = await browser.open(link);
    if (at.forms[0]?.buttons[0]?.text === 'Log in') at = await browser.submit(at, {}, 'Log in');
    at = await browser.submit(at, {}, 'Allow');
    return { url: at.url, cookie, browser: { reopen: () => visit(at.url, cookie) } };
  }
});

describe('row 24: a callback in another browser', () => {
  test('without the cookie, or with another’s, is turned away and leaves the right one its turn', async () => {
    const { id, url, browser } = await begun();
    const before = tokenCalls();
    for (const cookie of [undefined, '__Host-brana=x', `__Host-brana=${'A'.repeat(43)}`, 'other=1']) {
      const answer = await visit(url, cookie);
      expect(answer.status).toBe(403);
      expect(await isPlain(answer)).toContain('not started here');
    }
    expect(tokenCalls()).toBe(before);
    // The browser that opened the link still has its cookie.
    expect(await goOn(browser, url)).toBe(200);
    expect((await standing(t.admin, id)).state).toBe('granted');
  });

  test('session fixation: a link the attacker opened first is useless to the victim, and the other way round', async () => {
    const { id } = await addErste(t, t.admin, 'FIXED');
    const { url } = await start({ bank }, t.admin, id);
    const attacker = await visit(url);
    const theirs = attacker.headers.getSetCookie()[0]!.split(';')[0]!;
    const victim = browserOf(t);
    expect((await victim.open(url)).status).toBe(409);
    // A cookie the attacker planted makes the victim's browser theirs; what it grants still waits for the company.
    const link = /<a href="([^"]+)"/.exec(await attacker.text())![1]!.replaceAll('&amp;', '&');
    const stopped = browserOf(t, ({ pathname }) => pathname === '/callbacks/erste');
    let page = await stopped.open(link);
    page = await stopped.submit(page, {}, 'Log in');
    page = await stopped.submit(page, {}, 'Allow');
    expect((await visit(page.url)).status).toBe(403);
    expect((await visit(page.url, theirs)).status).toBe(200);
    expect(await standing(t.admin, id)).toMatchObject({ state: 'granted' });
    const items = await t.store.dynamo.query({
      table: t.store.places.connections,
      pk: t.company,
      prefix: accountKey(t.company, '').sk,
    });
    expect(items.items.filter(({ connection }) => connection === id)).toEqual([]);
  });
});

describe('row 25: mix-up', () => {
  test('an answer on another bank’s path is foreign, and the code stays unspent', async () => {
    const { id, url, browser } = await begun();
    const before = tokenCalls();
    const swapped = url.replace('/callbacks/erste', '/callbacks/raiffeisen');
    expect(await goOn(browser, swapped)).toBe(403);
    expect((await visit(url.replace('/callbacks/erste', '/callbacks/no-such-bank'))).status).toBe(403);
    expect(tokenCalls()).toBe(before);
    expect((await standing(t.admin, id)).state).toBe('opened');
  });

  test('an answer of another issuer is refused before the token call', async () => {
    const { id, url, browser } = await begun();
    const before = tokenCalls();
    const foreign = new URL(url);
    foreign.searchParams.set('iss', 'https://evil.example');
    expect(await goOn(browser, foreign.href)).toBe(502);
    expect(tokenCalls()).toBe(before);
    expect(await standing(t.admin, id)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('issuer'),
    });
  });
});

describe('row 26: a callback with anything in it', () => {
  const base = (): string => `${t.gateway.url}/callbacks/erste`;

  test('unknown states, missing, doubled and oversized parameters end on a plain page that repeats nothing', async () => {
    const long = 'x'.repeat(3_000);
    const queries = [
      '',
      'code=abc',
      'state=',
      'state=unknown&code=abc',
      'state=a&state=b&code=c',
      `state=${long}&code=abc`,
      `state=a&code=${long}&code=${long}`,
      'state=%3Cscript%3Ealert(1)%3C/script%3E&error=%3Cimg%20src=x%20onerror=alert(1)%3E',
      'error=access_denied&error_description=%3Cb%3Ehello%3C/b%3E',
      'state=%00&code=%ff',
    ];
    for (const query of queries) {
      const answer = await visit(`${base()}?${query}`);
      expect([400, 403], query.slice(0, 80)).toContain(answer.status);
      const html = await isPlain(answer);
      expect(html).not.toMatch(/alert|hello|xxxx|unknown&/);
    }
  });

  test('whatever the query is', async () => {
    const before = tokenCalls();
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.constantFrom('state', 'code', 'error', 'iss', 'x'), fc.string({ maxLength: 60 })),
          {
            maxLength: 6,
          },
        ),
        async (pairs) => {
          const marked = pairs.map(([name, value]): [string, string] => [name, `qZ7${value}`]);
          const answer = await visit(`${base()}?${new URLSearchParams(marked)}`);
          expect([400, 403]).toContain(answer.status);
          expect(await isPlain(answer)).not.toContain('qZ7');
        },
      ),
      { numRuns: 60 },
    );
    expect(tokenCalls()).toBe(before);
  });

  test('an error of the bank with a state is told by its code alone; a code that is none is not repeated', async () => {
    for (const [error, told] of [
      ['access_denied', /answered access_denied/],
      ['<script>', /answered an unknown error/],
    ] as const) {
      const { id, url, browser } = await begun();
      const failed = new URL(url);
      failed.search = new URLSearchParams({
        state: new URL(url).searchParams.get('state')!,
        error,
        error_description: '<b>x</b>',
      }).toString();
      expect(await goOn(browser, failed.href)).toBe(200);
      const { state, reason } = await standing(t.admin, id);
      expect(state).toBe('failed');
      expect(reason).toMatch(told);
      expect(reason).not.toContain('<');
    }
  });

  test('after ten minutes neither link nor callback is taken', async () => {
    const { id, url, started, browser } = await begun();
    await t.store.dynamo.update({
      table: t.store.places.connections,
      update: authorisationKey(t.company, id),
      set: { expiresAt: new Date(t.clock.now() - 1_000).toISOString() },
    });
    const before = tokenCalls();
    expect(await goOn(browser, url)).toBe(410);
    expect((await visit(started.url)).status).toBe(410);
    expect(tokenCalls()).toBe(before);
  });

  test('a code the bank refuses, or a bank that is away, is a failed authorisation with its reason', async () => {
    const spent = await begun();
    const wrong = new URL(spent.url);
    wrong.searchParams.set('code', 'never-given');
    expect(await goOn(spent.browser, wrong.href)).toBe(502);
    expect(await standing(t.admin, spent.id)).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/code.*again/is),
    });
    const away = await begun();
    bank.misbehave({ kind: 'status-503', operation: 'token', times: 9 });
    expect(await goOn(away.browser, away.url)).toBe(502);
    bank.behave();
    expect((await standing(t.admin, away.id)).state).toBe('failed');
    const again = await start({ bank }, t.admin, away.id);
    expect((await walk(browserOf(t), again.url)).status).toBe(200);
  });
});

/** Goes on in the browser that opened the link. @returns the status of the page it ends at */
async function goOn(
  browser: Awaited<ReturnType<typeof callbackUrl>>['browser'],
  url: string,
): Promise<number | null> {
  return (await browser.open(url)).status;
}
