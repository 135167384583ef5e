import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../infra/local/cli/exit.ts';
import { addErste, connected } from '../api/consent-support.ts';
import { done } from '../support/api.ts';
import { connect, startTestGateway, type AccountBody, type TestGateway } from '../support/gateway.ts';
import { openShell, type Shell } from './cli-support.ts';

let t: TestGateway;
let bank: TestGateway['sandbox']['banks']['erste'];
let shell: Shell;
let accounts: readonly AccountBody[];
let foreign: AccountBody;

beforeAll(async () => {
  t = await startTestGateway();
  bank = t.sandbox.banks.erste;
  shell = openShell({ BRANA_URL: t.gateway.url, BRANA_KEY: t.adminKey });
  const before = await shell.brana('notices');
  expect([before.code, before.out]).toEqual([EXIT.ok, expect.stringContaining('every hour')]);
  accounts = (await connected(t, 'CS')).accounts;
  foreign = (await connect(t)).accounts[0]!;
});
afterAll(async () => {
  shell?.remove();
  await t?.stop();
});
afterEach(() => bank.behave());

type Listed = { items: { account: string; on: boolean; since: string | null }[] };
const listed = async (...argv: string[]): Promise<Listed['items']> =>
  (await shell.brana('notices', ...argv, '--json')).json<Listed>().items;
/** How many messages the bank sends of a movement. */
const sent = ({ iban }: AccountBody): number => bank.book({ iban: iban!, minor: 1n }).messages.length;

describe('brana notices', () => {
  test('on, by the account as people write it: the bank sends them; off, and it sends no more', async () => {
    const [account, other] = accounts;
    const on = await shell.brana('notices', 'on', `${account!.number}/${account!.bankCode}`);
    expect(on.code, on.err).toBe(EXIT.ok);
    expect(on.out).toMatch(new RegExp(`${account!.number}/0800 \\w{3} +erste +on +\\d{4}-`));
    expect([sent(account!), sent(other!)]).toEqual([1, 0]);
    // The address the bank sends to stays unsaid.
    expect(on.out + on.err).not.toContain('/notices/');
    const all = await listed();
    expect(all.map((one) => one.account).sort()).toEqual(accounts.map(({ id }) => id).sort());
    expect(all.filter((one) => one.on)).toEqual([
      { account: account!.id, on: true, since: expect.any(String) },
    ]);
    expect(await listed(other!.id)).toEqual([{ account: other!.id, on: false, since: null }]);

    const off = await shell.brana('notices', 'off', account!.id);
    expect([off.code, off.out]).toEqual([EXIT.ok, expect.stringMatching(/ off /)]);
    expect(sent(account!)).toBe(0);
  });

  test('on for a connection leaves out the accounts that are not pulled; off takes them all', async () => {
    const [pulled, idle, ...others] = accounts;
    for (const { id } of [idle!, ...others]) done(await t.admin(`PATCH /accounts/${id}`, { enabled: false }));
    const on = await shell.brana('notices', 'on', '--connection', 'cs', '--json');
    expect(on.json<Listed>().items.map(({ account }) => account)).toEqual([pulled!.id]);
    expect(on.err).toContain('1/1');
    expect([sent(pulled!), sent(idle!)]).toEqual([1, 0]);
    done(await t.admin(`PATCH /accounts/${pulled!.id}`, { enabled: false }));
    const none = await shell.brana('notices', 'on', '--connection', 'CS');
    expect([none.code, none.err]).toEqual([EXIT.off, expect.stringContaining('--set enabled=yes')]);
    expect((await shell.brana('notices', 'off', '--connection', 'CS')).code).toBe(EXIT.ok);
    expect(sent(pulled!)).toBe(0);
  });

  test('of a bank that sends none say so, and name the account', async () => {
    const shown = await shell.brana('notices', foreign.id);
    expect(shown.out).toContain('not sent by this bank');
    expect((await listed()).map(({ account }) => account)).not.toContain(foreign.id);
    const { code, err } = await shell.brana('notices', 'on', foreign.id);
    expect(code).toBe(EXIT.refused);
    expect(err).toContain(`${foreign.number}/${foreign.bankCode} ${foreign.currency} …\n`);
    expect(err).toContain('every hour');
  });

  test('that fail at the bank end with its reason', async () => {
    bank.misbehave({ kind: 'invalid-request-400', operation: 'createNotification' });
    const { code, err } = await shell.brana('notices', 'on', accounts[0]!.id);
    expect([code, err]).toEqual([EXIT.refused, expect.stringContaining(accounts[0]!.number)]);
    expect((await listed(accounts[0]!.id))[0]!.on).toBe(false);
  });

  test('want to know which accounts are meant', async () => {
    for (const argv of [['on'], ['off'], ['on', 'CZ00', '--connection', 'CS'], ['on', 'CZ00']]) {
      const { code, err } = await shell.brana('notices', ...argv);
      expect([argv, code]).toEqual([argv, EXIT.usage]);
      expect(err).toMatch(/brana|--connection/);
    }
    await addErste(t, t.admin, 'BARE');
    const { code, err } = await shell.brana('notices', 'on', '--connection', 'BARE');
    expect([code, err]).toEqual([EXIT.off, expect.stringContaining('brana doctor')]);
  });
});
