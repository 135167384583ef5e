import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listenLocally } from '../../infra/local/engine.ts';
import type {
  AcceptedPayment,
  List,
  Payment,
  PaymentDetail,
  PaymentItem,
} from '../../infra/local/cli/types.ts';
import { apiKeyKey } from '../../shared/store/keys.ts';
import * as kpc from '../formats/kpc/compose.ts';
import { addKey, connect, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { openShell, type Ran, type Shell } from './cli-support.ts';

/** Payment orders on the command line, against the real gateway and the simulated bank. */

type Paid = AcceptedPayment & { readonly idempotencyKey: string };

const FROM = ['--account', '5017482301/5500:CZK'];
const TO = ['--to', '19-2000145399/0800'];
const PAY = ['pay', ...FROM, ...TO];

let t: TestGateway;
let shell: Shell;
beforeAll(async () => {
  t = await startTestGateway();
  await connect(t);
  shell = openShell({ BRANA_URL: t.gateway.url, BRANA_KEY: t.adminKey });
});
afterAll(async () => {
  shell?.remove();
  await t?.stop();
});

const brana = (...words: string[]): Promise<Ran> => shell.brana(...words);
const ok = async (...words: string[]): Promise<Ran> => {
  const ran = await brana(...words);
  expect([ran.code, ran.err.includes('brana:')], ran.err).toEqual([0, false]);
  return ran;
};
const order = async (amount: string, ...more: string[]): Promise<Paid> =>
  (await ok(...PAY, '--amount', amount, '--json', ...more)).json<Paid>();
const detail = async (id: string) =>
  (await ok('payments', id, '--json')).json<PaymentDetail & { items: readonly PaymentItem[] }>();
/** Answers a question with another key than the admin's. */
async function as<T>(key: string, work: () => Promise<T>): Promise<T> {
  shell.env['BRANA_KEY'] = key;
  try {
    return await work();
  } finally {
    shell.env['BRANA_KEY'] = t.adminKey;
  }
}

describe('pay', () => {
  test('orders one payment, and says its key before it is sent', async () => {
    const ran = await ok(
      ...[...PAY, '--amount', '1250.5', '--vs', '2026000123', '--ks', '308', '--ss', '7'],
      ...['--message', 'Faktura', '--name', 'Dodavatel a.s.', '--date', '2026-11-21'],
    );
    expect(ran.err).toMatch(/^Idempotency-Key [0-9a-f-]{36}$/m);
    expect(ran.out).toMatch(/Order pay_\w+: 1250\.50 CZK, to be executed on 2026-11-23\./);
    const id = /pay_\w+/.exec(ran.out)![0];
    const { items } = await detail(id);
    expect(items).toMatchObject([
      {
        amount: '1250.50',
        variableSymbol: '2026000123',
        constantSymbol: '0308',
        specificSymbol: '7',
        message: 'Faktura',
        creditor: { number: '19-2000145399', bankCode: '0800', name: 'Dodavatel a.s.' },
      },
    ]);
  });

  test('again with the same key is the same order; without, a possible duplicate is told', async () => {
    const first = await order('11.00', '--key', 'salaries-11');
    expect(first.idempotencyKey).toBe('salaries-11');
    expect((await order('11.00', '--key', 'salaries-11')).id).toBe(first.id);
    const ran = await ok(...PAY, '--amount', '11.00');
    expect(ran.err).toContain(`ordered within the last 24 hours already: ${first.id}`);
  });

  test('takes an IBAN, and the account’s own currency', async () => {
    const to = ['--to', 'DE89 3704 0044 0532 0130 00', '--name', 'Muster GmbH'];
    const ran = await ok('pay', '--account', '5017482301/5500:EUR', ...to, '--amount', '5', '--json');
    expect(ran.json<Paid>()).toMatchObject({ sum: '5.00', currency: 'EUR' });
  });

  test.each([
    [
      'KPC',
      'order.kpc',
      () => kpc.file(kpc.group(['19-2000145399 12345 5 08000308'], '2 5017482301 12345 191126'), '5500'),
    ],
    [
      'pain.001',
      'order.xml',
      () =>
        '<?xml version="1.0" encoding="UTF-8"?>' +
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><CstmrCdtTrfInitn><GrpHdr><MsgId>M1</MsgId>' +
        '</GrpHdr><PmtInf><PmtInfId>G1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt>2026-11-20</ReqdExctnDt><DbtrAcct>' +
        `<Id><IBAN>${iban()}</IBAN></Id><Ccy>CZK</Ccy></DbtrAcct><CdtTrfTxInf><Amt><InstdAmt Ccy="CZK">123.45` +
        '</InstdAmt></Amt><CdtrAcct><Id><IBAN>CZ6508000000192000145399</IBAN></Id></CdtrAcct></CdtTrfTxInf></PmtInf>' +
        '</CstmrCdtTrfInitn></Document>',
    ],
    ['JSON', 'order.json', () => JSON.stringify(jsonOrder())],
  ])('takes a file in %s', async (_, name, content) => {
    const file = join(shell.folder, name);
    writeFileSync(file, content());
    const paid = (await ok('pay', file, '--json')).json<Paid>();
    expect(paid).toMatchObject({ sum: '123.45', count: 1 });
  });
  const crowns = () => t.seeded.accounts().find(({ number }) => number === '5017482301')!;
  const iban = (): string => crowns().iban!;
  let account: string;
  const jsonOrder = () => ({
    account,
    payments: [
      { amount: '123.45', currency: 'CZK', creditor: { number: '19-2000145399', bankCode: '0800' } },
    ],
  });
  beforeAll(async () => {
    const { items } = (await ok('accounts', '--json')).json<
      List<{ id: string; number: string; currency: string }>
    >();
    account = items.find((one) => one.number === '5017482301' && one.currency === 'CZK')!.id;
  });

  test('orders a foreign payment, its payee by account and BIC', async () => {
    const paid = (
      await ok(
        ...[
          'pay',
          ...FROM,
          '--to',
          '021000021-4417',
          '--bic',
          'CHASUS33',
          '--amount',
          '900.50',
          '--currency',
          'usd',
        ],
        ...[
          '--name',
          'Maple Tools Inc.',
          '--street',
          '12 Main Street',
          '--town',
          'Portland',
          '--country',
          'us',
        ],
        ...['--message', 'Invoice 4417', '--charges', 'payer', '--json'],
      )
    ).json<Paid>();
    expect(paid).toMatchObject({ sum: '900.50', currency: 'USD', count: 1 });
    const wrong = await brana(
      'pay',
      ...FROM,
      ...['--to', '4417', '--bic', 'X', '--amount', '1', '--charges', 'me'],
    );
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('--charges is one of')]);
  });

  test.each([
    [['pay'], 'Name a file'],
    [['pay', ...FROM, '--amount', '1'], 'Name a file'],
    [['pay', ...FROM, '--to', '19-2000145399', '--amount', '1'], 'ACCOUNT/BANK'],
    [[...PAY, '--amount', '1', '--urgent', '--instant'], '--urgent or --instant'],
    [['pay', 'file', '--amount', '1'], 'leave out --amount'],
    [['pay', 'a', 'b'], 'Usage: brana pay'],
    [['pay', '--account', 'nobody', ...TO, '--amount', '1'], 'no account "nobody"'],
    [[...PAY, '--amount', '1', '--passphrase', 'x'], '--passphrase'],
  ])('%j is a wrong command line', async (words, says) => {
    const ran = await brana(...words);
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining(says)]);
    expect(ran.err).not.toContain('Idempotency-Key');
  });

  test('a file that is not there, and an order that cannot be', async () => {
    const missing = await brana('pay', join(shell.folder, 'none.kpc'));
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('cannot be read')]);
    const wrong = await brana(...PAY, '--amount', '0', '--ks', '12345', '--json');
    expect(wrong.code).toBe(4);
    expect(wrong.err).toContain('/payments/0/amount: The amount must be above zero');
    expect(wrong.err).toContain('/payments/0/constantSymbol');
    expect(wrong.json<{ error: { code: string } }>().error.code).toBe('invalid-order');
  });

  test('whose answer is lost says how to repeat it safely', async () => {
    const server = createServer((request, response) => {
      if (request.method === 'POST') return void request.socket.destroy();
      void fetch(t.gateway.url + request.url!, {
        headers: { authorization: request.headers.authorization! },
      }).then(async (answer) => response.end(await answer.text()));
    });
    const url = `http://127.0.0.1:${await listenLocally(server)}`;
    try {
      const ran = await brana(...PAY, '--amount', '1', '--key', 'lost-1', '--url', url);
      expect(ran.code).toBe(3);
      expect(ran.err).toContain('Repeat the same command with --key lost-1');
    } finally {
      server.close();
    }
  });

  test('--wait follows the order until it rests', async () => {
    await ok('payments', 'policy', '--approval-from', 'CZK=0');
    const waiting = await ok(...PAY, '--amount', '12.00', '--wait');
    expect(waiting.err).toContain('awaiting-approval');
    expect(waiting.out).toContain('A second person must approve it: brana payments approve pay_');
    await ok('payments', 'policy', '--approval-from', 'never');

    // No order of before is still on its way: it would lose its answer instead.
    await t.gateway.drain();
    t.bank.misbehave({ kind: 'drop', operation: 'importPayments' });
    const lost = await brana(...PAY, '--amount', '13.00', '--wait', '--json');
    expect(lost.code).toBe(1);
    expect(lost.json<PaymentDetail>().state).toBe('outcome-unknown');
    for (const state of ['accepted', 'submitting', 'outcome-unknown']) expect(lost.err).toContain(state);

    const long = await brana(...PAY, '--amount', '14.00', '--wait', '--timeout', '0');
    expect([long.code, long.err]).toEqual([1, expect.stringContaining('goes on by itself')]);
    await t.gateway.drain();
  }, 60_000);
});

describe('payments', () => {
  test('lists orders, newest first, all or by state', async () => {
    const { id } = await order('21.00', '--date', '2026-12-01');
    const { items } = (await ok('payments', '--json', '--limit', '2')).json<List<Payment>>();
    expect(items).toHaveLength(2);
    expect(items[0]!.id).toBe(id);
    expect((await ok('payments')).out).toMatch(new RegExp(`${id} +\\S+ +21\\.00 +CZK +1 +2026-12-01`));
    const unknown = (await ok('payments', '--state', 'outcome-unknown', '--json')).json<List<Payment>>();
    expect(new Set(unknown.items.map(({ state }) => state))).toEqual(new Set(['outcome-unknown']));
    expect((await ok('payments', '--state', 'expired')).out).toContain('No payment order is expired');
    expect((await brana('payments', '--state', 'gone')).code).toBe(2);
  });

  test('doctor names those of unknown outcome, their age and what to do', async () => {
    const { items } = (await ok('payments', '--state', 'outcome-unknown', '--json')).json<List<Payment>>();
    const { code, out } = await brana('doctor');
    expect(code).toBe(1);
    for (const { id } of items) {
      expect(out).toMatch(new RegExp(`OFF +payment +${id} +outcome unknown for 0\\.\\d h, 13\\.00 CZK`));
      expect(out).toContain(`brana payments resolve ${id} --outcome`);
    }
    expect(items).not.toEqual([]);
  });

  test('shows one with its history and payments', async () => {
    const { id } = await order('22.00', '--name', 'Dodavatel a.s.');
    await t.gateway.drain();
    const { out } = await ok('payments', id);
    expect(out).toMatch(/^Order +pay_/m);
    expect(out).toMatch(/accepted +api/);
    expect(out).toMatch(/pending +22\.00 +CZK +19-2000145399\/0800 +Dodavatel a\.s\./);
    const none = await brana('payments', 'pay_none');
    expect([none.code, none.err]).toEqual([4, expect.stringContaining('no such payment')]);
  });

  test('cancel, approve and reject', async () => {
    await ok('payments', 'policy', '--approval-from', 'CZK=30', '--duplicates', 'refuse');
    const ids = [];
    for (const amount of ['31.00', '32.00', '33.00']) ids.push((await order(amount)).id);
    const [cancelled, approved, rejected] = ids as [string, string, string];
    expect((await ok('payments', 'cancel', cancelled, '--json')).json<PaymentDetail>().state).toBe(
      'cancelled',
    );

    const own = await brana('payments', 'approve', approved);
    expect([own.code, own.err]).toEqual([4, expect.stringContaining('use a key of a person')]);
    const { id: key, secret } = await addKey(t, ['read', 'pay'], 'jana');
    const update = apiKeyKey(t.company, key);
    const set = { createdAt: '2026-11-01T00:00:00.000Z' };
    await t.store.dynamo.update({ table: t.store.places.connections, update, set });
    await as(secret, async () => {
      expect((await ok('payments', 'approve', approved)).out).toMatch(/Approved by +jana/);
      const { out } = await ok('payments', 'approve', rejected, '--reject', '--reason', 'Paid already');
      expect(out).toMatch(/State +rejected/);
    });
    expect((await detail(rejected)).history.at(-1)).toMatchObject({ reason: 'Paid already' });
    const again = await brana(...PAY, '--amount', '32.00');
    expect([again.code, again.err]).toEqual([4, expect.stringContaining(approved)]);
    await t.gateway.drain();
  });

  test('policy shows and changes, one rule at a time', async () => {
    expect((await ok('payments', 'policy')).out).toMatch(/Second person +from 30 CZK, any sum in other/);
    await ok('payments', 'policy', '--duplicates', 'flag');
    expect((await ok('payments', 'policy', '--json')).json()).toEqual({
      approvalFrom: { CZK: '30' },
      duplicates: 'flag',
    });
    await ok('payments', 'policy', '--approval-from', 'never');
    expect((await ok('payments', 'policy')).out).toMatch(/Second person +never/);
    expect((await brana('payments', 'policy', '--approval-from', '100')).err).toContain('CUR=SUM');
    expect((await brana('payments', 'policy', '--duplicates', 'perhaps')).code).toBe(2);
  });

  test('resolve takes an operator’s word with its reason', async () => {
    const { items } = (await ok('payments', '--state', 'outcome-unknown', '--json')).json<List<Payment>>();
    const id = items[0]!.id;
    expect((await brana('payments', 'resolve', id)).code).toBe(2);
    expect((await brana('payments', 'resolve', id, '--outcome', 'gone', '--reason', 'x')).code).toBe(2);
    const early = await brana('payments', 'resolve', id, '--outcome', 'send-again', '--reason', 'not there');
    expect([early.code, early.err]).toEqual([4, expect.stringContaining('proves nothing')]);
    const reason = ['--reason', 'Seen in internet banking'];
    const { out } = await ok('payments', 'resolve', id, '--outcome', 'at-bank', ...reason);
    expect(out).toMatch(/State +submitted/);
    expect((await brana('payments', 'resolve', id, '--outcome', 'at-bank', ...reason)).code).toBe(4);
  });

  test.each([
    'pay',
    'payments',
    'payments cancel',
    'payments approve',
    'payments resolve',
    'payments policy',
  ])('%s has a help', async (name) => {
    const { out } = await ok(...name.split(' '), '--help');
    expect(out).toMatch(new RegExp(`^Usage: brana ${name}`));
  });
});
