import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { addErste, confirmAll, standing, start } from '../api/consent-support.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

// A real browser walks consent → callback → accounts: its rules for cookies, redirects and content security hold.

/** Debian's package `chromium`, or whatever CHROMIUM names. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const missing = !existsSync(CHROMIUM);
if (missing)
  console.log(`SKIPPED: no browser at ${CHROMIUM}; install Debian's chromium, or set CHROMIUM to a path`);

let t: TestGateway;
let browser: Browser;
beforeAll(async () => {
  if (missing) return;
  t = await startTestGateway();
  const { chromium } = await import('playwright-core');
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  await t?.stop();
});

test.skipIf(missing)('a person gives a consent in Chromium', async () => {
  const bank = t.sandbox.banks.erste;
  const { id } = await addErste(t, t.admin, 'CHROMIUM');
  const returnUrl = 'https://erp.example/done';
  await t.admin('PUT /return-urls', { returnUrls: [returnUrl] });
  const { url } = await start({ bank }, t.admin, id, { returnUrl });

  // The simulated bank's authority is in no browser's list; everything else is as it comes.
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('pageerror', (error) => void complaints.push(error.message));

  await page.goto(url);
  expect(await page.title()).toBe('Access to Česká spořitelna, a.s.');
  expect(await page.textContent('dl')).toContain('Lísková & spol. s.r.o.');
  // The style is the page's own and allowed by its hash.
  const width = await page.evaluate('getComputedStyle(document.body).maxWidth');
  expect(width).not.toBe('none');
  const [cookie] = await context.cookies(url);
  expect(cookie).toMatchObject({ name: '__Host-brana', httpOnly: true, secure: true, sameSite: 'Lax' });

  await page.click('a');
  await page.click('button:has-text("Log in")');
  await page.click('button:has-text("Allow")');
  await page.waitForURL(/\/callbacks\/erste/);
  expect(await page.title()).toBe('The bank gave access');
  expect(await page.getAttribute('a', 'href')).toBe(returnUrl);
  expect(await standing(t.admin, id)).toMatchObject({ state: 'granted' });

  // Back and forth: the answer was taken once.
  await page.reload();
  expect(await page.title()).toBe('This was answered already');
  const { accounts, connection } = await confirmAll(t.admin, id);
  expect(connection.status).toBe('active');
  expect(accounts.length).toBeGreaterThan(1);

  // Another browser with the same link gets nothing.
  const other = await browser.newContext({ ignoreHTTPSErrors: true });
  const stranger = await other.newPage();
  await stranger.goto(url);
  expect(await stranger.title()).toMatch(/no such link|opened already/);
  expect(complaints.filter((text) => !/404|409|favicon/.test(text))).toEqual([]);
});
