import type { ErsteApplication } from '../../infra/sandbox/index.ts';
import { IDENTITY_BASE } from '../../infra/sandbox/erste/identity/identity.ts';
import type { ErsteBank } from '../../infra/sandbox/erste/bank.ts';
import { createBrowser, type BrowserPage } from '../../infra/sandbox/browser.ts';

/** A user at the simulated Erste's consent pages, before a real browser could be. */

export interface Visit {
  readonly origin: string;
  readonly ca: string;
}

/** Address consents lead back to in tests; nothing listens there. */
export const CALLBACK = 'https://gateway.example/callbacks/erste';

export interface Choices {
  readonly user?: string;
  /** IBANs; all of them when absent. */
  readonly accounts?: readonly string[];
  readonly button?: 'Allow' | 'Deny';
  /** False: without a refresh token. */
  readonly offline?: boolean;
  /** Scopes asked for, with blanks between them; `siblings.accounts` when absent. */
  readonly scope?: string;
}

/**
 * Logs in, chooses accounts and presses a button.
 * @returns the parameters the callback gets
 */
export async function consentAt(
  { ca }: Visit,
  consentUrl: string,
  { user, accounts, button = 'Allow' }: Choices = {},
): Promise<URLSearchParams> {
  const callback = new URL(new URL(consentUrl).searchParams.get('redirect_uri') ?? CALLBACK);
  const browser = createBrowser({
    ca,
    stopAt: ({ origin, pathname }) => origin === callback.origin && pathname === callback.pathname,
  });
  let page: BrowserPage = await browser.open(consentUrl);
  if (page.forms[0]?.buttons[0]?.text === 'Log in')
    page = await browser.submit(page, user === undefined ? {} : { user }, 'Log in');
  if (page.status === null) return new URL(page.url).searchParams;
  page = await browser.submit(page, accounts === undefined ? {} : { account: accounts }, button);
  if (page.status !== null) throw new Error(`the consent ended at ${page.url}: ${page.html}`);
  return new URL(page.url).searchParams;
}

/** The tokens of a consent got outside of the gateway, for tests of the bank itself. */
export async function tokensOf(
  bank: ErsteBank,
  visit: Visit,
  { clientId, clientSecret }: ErsteApplication,
  choices: Choices = {},
): Promise<{ readonly access: string; readonly refresh: string }> {
  bank.identity.register(CALLBACK);
  const url = new URL(`${visit.origin}${IDENTITY_BASE}/auth`);
  url.search = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: choices.scope ?? 'siblings.accounts',
    access_type: choices.offline === false ? 'online' : 'offline',
    prompt: 'consent',
    state: 'state-of-the-test',
  }).toString();
  const code = (await consentAt(visit, url.href, choices)).get('code') ?? '';
  const response = await bank.handle({
    method: 'POST',
    path: `${IDENTITY_BASE}/token`,
    query: new URLSearchParams(),
    headers: {
      host: new URL(visit.origin).host,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: Buffer.from(
      new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: CALLBACK,
        client_id: clientId,
        client_secret: clientSecret,
      }).toString(),
    ),
    clientCertificate: null,
  });
  const body = JSON.parse(Buffer.from(response.body).toString()) as Record<string, string>;
  if (response.status !== 200) throw new Error(`no tokens: ${JSON.stringify(body)}`);
  return { access: body['access_token'] ?? '', refresh: body['refresh_token'] ?? '' };
}
