import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PaymentState } from '../../shared/domain/payment.ts';
import type { acceptedView, paymentDetailView } from '../../shared/api/views.ts';
import { readFile } from '../../shared/formats/files.ts';
import { main } from '../../infra/local/cli/main.ts';
import { openShell } from '../infra/cli-support.ts';
import { done, refused, type Answer } from '../support/api.ts';
import {
  addKey,
  connect,
  startTestGateway,
  TODAY,
  type AccountBody,
  type TestGateway,
} from '../support/gateway.ts';
import { browserOf, confirmAll, connected, start, walk } from './consent-support.ts';

// Orders at a bank that Brana sends nothing to: from the request over a file in somebody's hands to the booked movement.

type Accepted = ReturnType<typeof acceptedView>;
type Detail = ReturnType<typeof paymentDetailView>;

const DAY = 86_400_000;

let t: TestGateway;
let bank: TestGateway['sandbox']['banks']['erste'];
let connection: string;
let crowns: AccountBody;
let euro: AccountBody;

beforeAll(async () => {
  t = await startTestGateway();
  bank = t.sandbox.banks.erste;
  const { id, accounts } = await connected(t, 'CS');
  connection = id;
  crowns = accounts.find(({ number }) => number === '3170482907')!;
  euro = accounts.find(({ currency }) => currency === 'EUR')!;
});
afterAll(() => t?.stop());

let keys = 0;
const submit = (payment: object = {}, account = crowns.id): Promise<Answer<Accepted>> => {
  keys += 1;
  const one = {
    amount: `${2000 + keys}.50`,
    currency: 'CZK',
    creditor: { name: 'Dodavatel a.s.', number: '19-2000145399', bankCode: '0800' },
    variableSymbol: `20260${keys}`,
    ...payment,
  };
  return t.admin<Accepted>(
    'POST /payments',
    { account, payments: [one] },
    { headers: { 'idempotency-key': `file-${keys}` } },
  );
};
const ordered = async (payment: object = {}, account = crowns.id): Promise<Accepted> =>
  done(await submit(payment, account), 202);
const fetchFile = (id: string, call = t.admin) => call(`GET /payments/${id}/file`);
const detail = async (id: string): Promise<Detail> => done(await t.admin<Detail>(`GET /payments/${id}`));
const states = ({ history }: Detail): PaymentState[] => history.map(({ state }) => state);

/** Time passes for one order: somebody looks at it now. */
async function look(id: string, set: object = {}): Promise<Detail> {
  const payment = (await t.store.payments.get(t.company, id))!;
  const past = { ...set, dueAt: '2026-01-01T00:00:00.000Z' };
  expect(await t.store.payments.change(payment, past, [])).not.toBeNull();
  await t.gateway.invoke('payments-sweep', {});
  expect(await t.gateway.drain()).toBe(0);
  return detail(id);
}

describe('an order at a bank that gets none by API', () => {
  test('waits for its file to be fetched, is the same file every time, and is paid when its movement is booked', async () => {
    const { id, state, sum } = await ordered({ amount: '1250.50', variableSymbol: '2026000123' });
    expect(state).toBe('accepted');
    await t.gateway.drain();
    // Nothing happens by itself, and nothing at the bank at all.
    const calls = bank.requests().length;
    expect((await look(id)).state).toBe('accepted');
    expect((await detail(id)).attempts).toEqual([]);
    // Nobody looks at it again before it lapses.
    const { dueAt } = (await t.store.payments.get(t.company, id))!;
    expect(Date.parse(dueAt!)).toBeGreaterThan(t.clock.now() + 30 * DAY);

    const file = await fetchFile(id);
    expect(file.status).toBe(200);
    expect(file.headers.get('content-disposition')).toBe(`attachment; filename="${id}.kpc"`);
    const { orders, quarantined } = await readFile(file.bytes);
    expect(quarantined).toEqual([]);
    expect(orders.map(({ date, payer }) => [date, payer.number])).toEqual([[TODAY, '3170482907']]);
    expect(orders[0]!.payments).toMatchObject([
      { amount: { minor: 125050n, currency: 'CZK' }, variableSymbol: '2026000123' },
    ]);
    expect((await fetchFile(id)).bytes.equals(file.bytes)).toBe(true);

    const waiting = await detail(id);
    expect(states(waiting)).toEqual(['accepted', 'awaiting-signature']);
    expect(waiting.history[1]).toMatchObject({ source: 'api', reason: expect.stringContaining('upload it') });
    const sha256 = createHash('sha256').update(file.bytes).digest('hex');
    expect(waiting.attempts).toMatchObject([{ outcome: 'handed-out', hash: sha256, fileName: `${id}.kpc` }]);
    expect(waiting.documents.filter(({ kind }) => kind === 'rendered')).toMatchObject([{ sha256 }]);

    // Somebody uploads and signs it; the bank books it; the ledger learns of it.
    expect((await look(id)).state).toBe('awaiting-signature');
    const party = { name: 'Dodavatel a.s.', prefix: '19', number: '2000145399', bankCode: '0800' };
    const rest = { iban: null, bic: null, city: null, country: null };
    bank.book({ iban: crowns.iban!, minor: -125050n, variable: '2026000123', party: { ...party, ...rest } });
    expect(bank.requests().slice(calls)).toEqual([]);
    done(await t.admin(`POST /accounts/${crowns.id}/pulls`, {}), 202);
    await t.gateway.drain();
    const paid = await look(id);
    expect(states(paid)).toEqual(['accepted', 'awaiting-signature', 'executed']);
    expect(paid).toMatchObject({ sum, executed: 1, bankId: null });
    // The file would pay it again.
    refused(await fetchFile(id), 409, 'payment-not-open');
  });

  test('by SEPA is a pain.001', async () => {
    const creditor = { name: 'Muster GmbH', iban: 'DE89370400440532013000' };
    const { id } = await ordered({ currency: 'EUR', creditor, variableSymbol: undefined }, euro.id);
    const { bytes, headers } = await fetchFile(id);
    expect(headers.get('content-disposition')).toContain(`${id}.xml`);
    expect(bytes.toString()).toContain('urn:iso:std:iso:20022:tech:xsd:pain.001.001.03');
    const [first] = (await readFile(bytes)).orders;
    expect(first!.payments[0]!.creditor.iban).toBe('DE89370400440532013000');
    const foreign = { currency: 'USD', creditor: { ...creditor, bic: 'COBADEFFXXX' } };
    expect(refused(await submit(foreign), 422, 'invalid-order').errors?.[0]?.detail).toContain(
      'No foreign payments',
    );
  });

  test('is not handed out before a second person approved it', async () => {
    done(await t.admin('PUT /payment-policy', { approvalFrom: { CZK: '0' }, duplicates: 'flag' }));
    const { id, state } = await ordered();
    done(await t.admin('PUT /payment-policy', { approvalFrom: null, duplicates: 'flag' }));
    expect(state).toBe('awaiting-approval');
    refused(await fetchFile(id), 409, 'awaiting-approval');
    // As an approval leaves it.
    const payment = (await t.store.payments.get(t.company, id))!;
    await t.store.payments.change(payment, { state: 'accepted' }, []);
    expect((await look(id)).state).toBe('accepted');
    expect((await fetchFile(id)).status).toBe(200);
  });

  test('is handed out to those who may pay, and only where a bank is not reached by API', async () => {
    const { id } = await ordered();
    const reader = await addKey(t, ['read', 'admin']);
    refused(await fetchFile(id, reader.call), 403, 'scope-missing');
    const { accounts } = await connect(t);
    const elsewhere = await ordered(
      {},
      accounts.find(({ number, currency }) => number === '5017482301' && currency === 'CZK')!.id,
    );
    refused(await fetchFile(elsewhere.id), 409, 'sent-by-api');
    refused(await t.admin(`POST /payments/${elsewhere.id}/authorisation`), 409, 'signed-elsewhere');
    refused(await fetchFile('pay_x'), 404, 'not-found');
  });
});

describe('cancelling', () => {
  const cancel = (id: string) => t.admin<Detail>(`DELETE /payments/${id}`);

  test('before the file was fetched ends the order, and there is no file', async () => {
    const { id } = await ordered();
    expect(done(await cancel(id)).state).toBe('cancelled');
    refused(await fetchFile(id), 409, 'cancel-requested');
    expect((await detail(id)).documents.map(({ kind }) => kind)).not.toContain('rendered');
  });

  test('afterwards is noted, and the file is not handed out again', async () => {
    const { id } = await ordered();
    await fetchFile(id);
    expect(done(await cancel(id))).toMatchObject({
      state: 'awaiting-signature',
      cancelRequestedAt: expect.any(String),
    });
    refused(await fetchFile(id), 409, 'cancel-requested');
  });

  test('while the file is fetched by several: either nobody has it, or all have the same and the order says so', async () => {
    const ends = new Set<string>();
    for (let round = 0; round < 8; round++) {
      const { id } = await ordered();
      const late = round % 2 === 1;
      const fetching = [fetchFile(id), fetchFile(id), fetchFile(id)];
      if (late) await fetching[0];
      const [cancelled, ...files] = await Promise.all([cancel(id), ...fetching]);
      done(cancelled);
      const given = files.filter(({ status }) => status === 200).map(({ bytes }) => bytes.toString('base64'));
      const { state, attempts, cancelRequestedAt } = await detail(id);
      expect(cancelRequestedAt).not.toBeNull();
      expect(new Set(given).size).toBeLessThanOrEqual(1);
      expect([state, attempts.length]).toEqual(
        given.length === 0 ? ['cancelled', 0] : ['awaiting-signature', 1],
      );
      ends.add(state);
      refused(await fetchFile(id), 409, 'cancel-requested');
    }
    expect(ends).toContain('awaiting-signature');
  });
});

describe('an order nobody looks after', () => {
  test('expires when its file was not fetched in time', async () => {
    const { id } = await ordered();
    const long = new Date(t.clock.now() - 40 * DAY).toISOString().slice(0, 10);
    const expired = await look(id, { executionDate: long });
    expect(states(expired)).toEqual(['accepted', 'expired']);
    refused(await fetchFile(id), 409, 'payment-not-open');
  });

  test('whose day went by is made for the next one; behind the last one it is not handed out', async () => {
    const dated = async (id: string, days: number): Promise<void> => {
      const payment = (await t.store.payments.get(t.company, id))!;
      const executionDate = new Date(t.clock.now() - days * DAY).toISOString().slice(0, 10);
      await t.store.payments.change(payment, { executionDate }, []);
    };
    const late = await ordered();
    await dated(late.id, 2);
    const { orders } = await readFile((await fetchFile(late.id)).bytes);
    expect(orders[0]!.date).toBe(TODAY);
    expect((await detail(late.id)).history[1]!.reason).toContain('went by');
    const lost = await ordered();
    await dated(lost.id, 40);
    refused(await fetchFile(lost.id), 409, 'payment-expired');
  });

  test('expires when nothing of it was booked in time after its file was fetched', async () => {
    const { id } = await ordered();
    await fetchFile(id);
    const { attempts } = (await t.store.payments.get(t.company, id))!;
    const at = new Date(t.clock.now() - 40 * DAY).toISOString();
    const set = { executionDate: at.slice(0, 10), attempts: [{ ...attempts[0]!, startedAt: at }] };
    expect((await look(id, set)).history.at(-1)).toMatchObject({
      state: 'expired',
      reason: expect.stringContaining('Do not upload'),
    });
  });
});

test('brana payments file saves it', async () => {
  const shell = openShell({ BRANA_URL: t.gateway.url, BRANA_KEY: t.adminKey });
  try {
    const { id } = await ordered();
    const target = join(shell.folder, 'order.kpc');
    const ran = await shell.brana('payments', 'file', id, '--output', target, '--json');
    expect(ran.code, ran.err).toBe(0);
    const { bytes } = await fetchFile(id);
    expect(readFileSync(target).equals(bytes)).toBe(true);
    expect(ran.json()).toEqual({ file: target, bytes: bytes.length, mediaType: 'text/plain' });
    expect(Buffer.from((await shell.brana('payments', 'file', id, '-o', '-')).bytes).equals(bytes)).toBe(
      true,
    );
    await t.admin(`DELETE /payments/${id}`);
    expect((await shell.brana('payments', 'file', id)).err).toContain('must not be uploaded');
  } finally {
    shell.remove();
  }
});

// The experimental way at the same bank: one payment by API, signed by a person on the bank's page.
describe('an order at a bank that a person signs on its page', () => {
  interface SigningPage {
    readonly url: string;
    readonly validUntil: string | null;
  }
  const sign = (id: string, call = t.admin) => call<SigningPage>(`POST /payments/${id}/authorisation`);
  const set = (payments: string) =>
    t.admin(`PATCH /connections/${connection}`, {
      config: { clientId: t.sandbox.application.clientId, payments },
    });
  const sent = async (): Promise<Detail> => {
    const { id } = await ordered();
    await t.gateway.drain();
    return detail(id);
  };

  test('needs a connection that is set to it, and a consent that was asked for it', async () => {
    refused(await set('always'), 422, 'bad-config');
    const before = await ordered();
    done(await set('experimental'));
    const { detail: why } = refused(await submit(), 409, 'consent-lacks-payments');
    expect(why).toContain('siblings.payments');
    const consent = async () => {
      const { url } = await start({ bank }, t.admin, connection);
      await walk(browserOf(t), url);
      return (await confirmAll(t.admin, connection)).credential;
    };
    bank.identity.narrow(['siblings.accounts']);
    expect((await consent()).warnings).toEqual(['The bank did not grant siblings.payments']);
    refused(await submit(), 409, 'consent-lacks-payments');
    bank.identity.narrow(null);
    const credential = await consent();
    expect(credential).toMatchObject({ scopes: ['siblings.accounts', 'siblings.payments'], warnings: [] });
    // What was taken as a file stays one.
    refused(await sign(before.id), 409, 'signed-elsewhere');
    expect((await fetchFile(before.id)).status).toBe(200);
  });

  test('goes there at once, is signed in a browser, and is seen to be signed', async () => {
    const order = await sent();
    expect(order).toMatchObject({ state: 'awaiting-signature', signing: 'page', bankId: expect.any(String) });
    refused(await fetchFile(order.id), 409, 'sent-by-api');
    const { url, validUntil } = done(await sign(order.id));
    expect(Date.parse(validUntil!)).toBeGreaterThan(t.clock.now());

    const browser = browserOf(t);
    const bankPage = await browser.open(url);
    expect(bankPage.html).toContain(order.sum);
    const back = await browser.submit(bankPage, {}, 'Sign');
    expect(back.url).toBe(`${t.gateway.url}/signed`);
    expect(back.html).toContain('Back from the bank');
    // That a browser came back says nothing.
    expect((await detail(order.id)).state).toBe('awaiting-signature');
    expect(await look(order.id)).toMatchObject({ state: 'processing' });
    refused(await sign(order.id), 409, 'not-awaiting-signature');
  });

  test('only for those who may pay, and not after it was cancelled', async () => {
    const { id } = await sent();
    const reader = await addKey(t, ['read', 'admin']);
    refused(await sign(id, reader.call), 403, 'scope-missing');
    refused(await sign('pay_x'), 404, 'not-found');
    done(await t.admin(`DELETE /payments/${id}`));
    refused(await sign(id), 409, 'cancel-requested');
  });

  test('brana payments sign prints the page and waits for the person', async () => {
    const { id } = await sent();
    let [out, err] = ['', ''];
    let person: Promise<unknown> | null = null;
    const signing = async (url: string): Promise<void> => {
      const browser = browserOf(t);
      await browser.submit(await browser.open(url), {}, 'Sign');
      await look(id);
    };
    const code = await main(['payments', 'sign', id], {
      env: { BRANA_URL: t.gateway.url, BRANA_KEY: t.adminKey },
      out: (text) => void (out += Buffer.from(text).toString('utf8')),
      err: (text) => {
        err += text;
        const [url] = /https:\/\/\S+\/sign\/\w+/.exec(err) ?? [];
        if (url && !person) person = signing(url);
      },
      askSecret: () => Promise.reject(new Error('nobody is asked')),
      now: () => Date.now(),
      sleep: async () => void (await person),
    });
    expect(code, err).toBe(0);
    expect(out).toContain(`${id} is processing.`);
    const shell = openShell({ BRANA_URL: t.gateway.url, BRANA_KEY: t.adminKey });
    try {
      const again = await sent();
      const page = (
        await shell.brana('payments', 'sign', again.id, '--no-wait', '--json')
      ).json<SigningPage>();
      expect(page.url).toMatch(/\/sign\//);
      expect((await shell.brana('payments', again.id)).out).toContain(`brana payments sign ${again.id}`);
    } finally {
      shell.remove();
    }
  });
});

test('brana pay --wait at a bank that gets files tells of the file at once', async () => {
  done(
    await t.admin(`PATCH /connections/${connection}`, {
      config: { clientId: t.sandbox.application.clientId, payments: 'file' },
    }),
  );
  const shell = openShell({ BRANA_URL: t.gateway.url, BRANA_KEY: t.adminKey });
  try {
    const options = ['--account', crowns.id, '--to', '19-2000145399/0800', '--amount', '77.10', '--wait'];
    const { code, out, err } = await shell.brana('pay', ...options);
    expect(code, err).toBe(0);
    expect(out).toMatch(/brana payments file pay_\w+/);
  } finally {
    shell.remove();
  }
});
