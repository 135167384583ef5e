import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { addErste, confirmAll, standing, start } from '../api/consent-support.ts';
import { done } from '../support/api.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

// A real browser walks consent → callback → accounts, and signs an order: its rules for cookies, redirects and content
// security hold.

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

test.skipIf(missing)('a person signs an order on the bank’s page in Chromium', async () => {
  const bank = t.sandbox.banks.erste;
  const { items } = done(await t.admin<{ items: { id: string }[] }>('GET /connections'));
  const id = items[0]!.id;
  const { clientId } = t.sandbox.application;
  done(await t.admin(`PATCH /connections/${id}`, { config: { clientId, payments: 'experimental' } }));
  const { url } = await start({ bank }, t.admin, id);
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  await page.goto(url);
  expect(await page.textContent('dl')).toContain('payment orders');
  await page.click('a');
  await page.click('button:has-text("Log in")');
  await page.click('button:has-text("Allow")');
  await page.waitForURL(/\/callbacks\/erste/);
  const { accounts } = await confirmAll(t.admin, id);

  const order = {
    account: accounts.find(({ number }) => number === '3170482907')!.id,
    payments: [
      { amount: '125.50', currency: 'CZK', creditor: { number: '19-2000145399', bankCode: '0800' } },
    ],
  };
  const headers = { 'idempotency-key': 'chromium' };
  const { id: payment } = done(await t.admin<{ id: string }>('POST /payments', order, { headers }), 202);
  await t.gateway.drain();
  const signing = done(await t.admin<{ url: string }>(`POST /payments/${payment}/authorisation`));
  await page.goto(signing.url);
  expect(await page.textContent('dl')).toContain('125.50');
  await page.click('button:has-text("Sign")');
  await page.waitForURL(/\/signed$/);
  expect(await page.title()).toBe('Back from the bank');
  expect(bank.payments.orderOf(payment.replace('_', '-'))).toMatchObject({ copies: 1, signing: 'DONE' });
  expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
});
