import { expect } from 'vitest';
import { tokensKey } from '../../shared/store/keys.ts';
import { createVault, vaultClient } from '../../shared/store/vault.ts';
import type { authorisationView } from '../../shared/api/views.ts';
import { done, type Call } from '../support/api.ts';
import { createBrowser, type Browser, type BrowserPage } from '../../infra/sandbox/browser.ts';
import { random, type ConnectionBody, type TestGateway, type UploadBody } from '../support/gateway.ts';

/** Consents at the simulated Erste as a company and its people get them. */

export type AuthorisationBody = ReturnType<typeof authorisationView>;
export interface Confirmed extends Pick<UploadBody, 'accounts'> {
  readonly connection: ConnectionBody;
  readonly credential: UploadBody['credential'];
}
export interface Started {
  readonly url: string;
  readonly expiresAt: string;
  readonly redirectUri: string;
}

/** A connection with its secrets, not authorised yet. */
export async function addErste(
  { sandbox }: TestGateway,
  call: Call,
  code: string,
  user?: string,
): Promise<ConnectionBody> {
  const { clientId, clientSecret, webApiKey } = sandbox.application;
  const body = {
    code,
    bank: 'erste',
    environment: 'simulated',
    config: { clientId },
    ...(user === undefined ? {} : { user }),
  };
  const made = done(await call<ConnectionBody>('POST /connections', body), 201);
  done(await call(`PUT /connections/${made.id}/secrets`, { secrets: { clientSecret, webApiKey } }));
  return made;
}

export async function start(
  { bank }: { bank: TestGateway['sandbox']['banks']['erste'] },
  call: Call,
  id: string,
  body: Record<string, unknown> = {},
): Promise<Started> {
  const started = done(await call<Started>(`POST /connections/${id}/authorisation`, body), 201);
  bank.identity.register(started.redirectUri);
  return started;
}

export const browserOf = ({ sandbox }: TestGateway, stopAt?: (url: URL) => boolean): Browser =>
  createBrowser({ ca: sandbox.ca, ...(stopAt ? { stopAt } : {}) });

/** From our page through the bank's, to whatever the browser ends at. */
export async function walk(
  browser: Browser,
  url: string,
  choices: { accounts?: readonly string[]; button?: 'Allow' | 'Deny' } = {},
): Promise<BrowserPage> {
  const ours = await browser.open(url);
  expect(ours.status, ours.html).toBe(200);
  expect(ours.forms).toEqual([]);
  let page = await browser.open(ours.links[0]!.href);
  if (page.forms[0]?.buttons[0]?.text === 'Log in') page = await browser.submit(page, {}, 'Log in');
  const { accounts, button = 'Allow' } = choices;
  return browser.submit(page, accounts === undefined ? {} : { account: accounts }, button);
}

/** The address the bank would send the browser to, not opened. */
export async function callbackUrl(
  t: TestGateway,
  started: Started,
): Promise<{ url: string; browser: Browser }> {
  const callback = new URL(started.redirectUri);
  const stopAt = ({ origin, pathname }: URL): boolean =>
    origin === callback.origin && pathname === callback.pathname;
  const browser = browserOf(t, stopAt);
  const page = await walk(browser, started.url);
  expect(page.status).toBeNull();
  return { url: page.url, browser };
}

export const standing = async (call: Call, id: string): Promise<AuthorisationBody> =>
  done(await call<AuthorisationBody>(`GET /connections/${id}/authorisation`));

/** Confirms every account the bank shows. */
export async function confirmAll(call: Call, id: string): Promise<Confirmed> {
  const { accounts } = await standing(call, id);
  const body = { accounts: accounts!.map(({ handle }) => handle) };
  return done(await call<Confirmed>(`POST /connections/${id}/authorisation/confirmation`, body));
}

/** A connection in use, with every account the bank shows. */
export async function connected(t: TestGateway, code: string): Promise<Confirmed & { readonly id: string }> {
  const { id } = await addErste(t, t.admin, code);
  const { url } = await start({ bank: t.sandbox.banks.erste }, t.admin, id);
  await walk(browserOf(t), url);
  return { ...(await confirmAll(t.admin, id)), id };
}

/** What the vault has of a credential. */
export const secretsOf = ({ gateway, clock, company }: TestGateway, credential: string) =>
  createVault(vaultClient(), gateway.env['VAULT_PREFIX']!, clock, random).get(company, credential);

/** Whether tokens and secrets of a consent are still kept: those in the table, those in the vault. */
export async function kept(t: TestGateway, credential: string): Promise<[boolean, boolean]> {
  const { dynamo, places } = t.store;
  const row = await dynamo.get(places.connections, tokensKey(t.company, credential));
  // What stays of a row that was erased says nothing.
  if (row && row['sealed'] === undefined) expect(Object.keys(row).sort()).toEqual(['pk', 'sk', 'version']);
  return [row?.['sealed'] !== undefined, (await secretsOf(t, credential)) !== null];
}
