import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../infra/local/cli/exit.ts';
import { main } from '../../infra/local/cli/main.ts';
import { browserOf, walk, type AuthorisationBody, type Confirmed } from '../api/consent-support.ts';
import { startTestGateway, type ConnectionBody, type TestGateway } from '../support/gateway.ts';
import { openShell, type Shell } from './cli-support.ts';

let t: TestGateway;
let shell: Shell;
beforeAll(async () => {
  t = await startTestGateway();
  t.sandbox.banks.erste.identity.register(`${t.gateway.url}/callbacks/erste`);
  shell = openShell({ BRANA_URL: t.gateway.url, BRANA_KEY: t.adminKey });
});
afterAll(async () => {
  shell?.remove();
  await t?.stop();
});

function secretFile(name: string, value: string): string {
  const file = join(shell.folder, name);
  writeFileSync(file, `${value}\n`);
  return `${name}=${file}`;
}

/** Runs a command whose link somebody opens while it waits. */
async function authorise(
  argv: readonly string[],
  button: 'Allow' | 'Deny' = 'Allow',
  afterwards: () => Promise<unknown> = () => Promise.resolve(),
) {
  let [out, err] = ['', ''];
  let walked: Promise<unknown> | null = null;
  const code = await main(['authorise', ...argv], {
    env: shell.env,
    out: (text) => void (out += Buffer.from(text).toString('utf8')),
    err: (text) => {
      err += text;
      const [link] = /http:\/\/127\.0\.0\.1:\d+\/authorise\/[\w-]{43}/.exec(err) ?? [];
      if (link && !walked) walked = walk(browserOf(t), link, { button }).then(afterwards);
    },
    askSecret: () => Promise.reject(new Error('nobody is asked')),
    // A machine whose clock is years behind the gateway's.
    now: () => Date.now() - 1e11,
    // Looks again as soon as the person at the bank is done.
    sleep: async () => void (await walked),
  });
  return { code, out, err };
}

describe('brana authorise', () => {
  test('gives the secrets, prints the link, waits, shows the accounts; confirm puts them in use', async () => {
    const { clientId, clientSecret, webApiKey } = t.sandbox.application;
    const made = await shell.brana(
      'connect',
      'erste',
      '--code',
      'CS',
      '--environment',
      'simulated',
      '--client-id',
      clientId,
    );
    expect(made.out).toContain('Next: brana authorise CS');
    const secrets = [secretFile('clientSecret', clientSecret), secretFile('webApiKey', webApiKey)];
    const ran = await authorise(['CS', '--days', '90', ...secrets.flatMap((one) => ['--secret', one])]);
    expect(ran.code, ran.err).toBe(EXIT.ok);
    expect(ran.err).toMatch(/Open this link .* once[^]*Granted/);
    expect(ran.out).toMatch(/The bank gave access[^]*CZ\d{22}[^]*brana authorise confirm CS --all/);
    for (const secret of [clientSecret, webApiKey]) expect(ran.out + ran.err).not.toContain(secret);

    const nothing = await shell.brana('authorise', 'confirm', 'CS');
    expect(nothing.code).toBe(EXIT.usage);
    const [iban = ''] = /CZ\d{22}/.exec(ran.out) ?? [];
    const confirmed = (await shell.brana('authorise', 'confirm', 'CS', iban, '--json')).json<Confirmed>();
    expect(confirmed.connection.status).toBe('active');
    expect(confirmed.accounts.filter(({ settings }) => settings.enabled).map((one) => one.iban)).toEqual([
      iban,
    ]);
  });

  test('again, for a renewal, needs no secrets; --all confirms at once', async () => {
    const { code, out } = await authorise(['CS', '--all', '--json']);
    expect(code).toBe(EXIT.ok);
    const { connection } = JSON.parse(out) as { connection: ConnectionBody };
    expect(connection.status).toBe('active');
  });

  test('that somebody else confirms meanwhile ends as well', async () => {
    const elsewhere = () => shell.brana('authorise', 'confirm', 'CS', '--all');
    const { code, out } = await authorise(['CS'], 'Allow', elsewhere);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain('confirmed the accounts already');
  });

  test('that is refused at the bank ends with the reason', async () => {
    const { code, err } = await authorise(['CS'], 'Deny');
    expect(code).toBe(EXIT.off);
    expect(err).toContain('access_denied');
    const standing = await t.admin<AuthorisationBody>(
      `GET /connections/${(await connectionOf('CS')).id}/authorisation`,
    );
    expect(standing.body.state).toBe('failed');
  });

  test('of a bank that a certificate opens says so', async () => {
    await shell.brana(
      'connect',
      'raiffeisen',
      '--code',
      'RB',
      '--environment',
      'simulated',
      '--client-id',
      'x',
    );
    shell.secret = 'x';
    const { code, err } = await shell.brana('authorise', 'RB');
    expect(code).toBe(EXIT.refused);
    expect(err).toContain('client certificate');
  });

  const connectionOf = async (code: string): Promise<ConnectionBody> =>
    (await t.admin<{ items: ConnectionBody[] }>('GET /connections')).body.items.find(
      (one) => one.code === code,
    )!;
});

describe('brana connections', () => {
  test('set changes description and the bank’s fields, and leaves the others', async () => {
    const set = (...options: string[]) => shell.brana('connections', 'set', 'CS', ...options);
    const nothing = await set();
    expect([nothing.code, nothing.err]).toEqual([
      EXIT.usage,
      expect.stringContaining('--description, --client-id, --payments'),
    ]);
    const { clientId } = t.sandbox.application;
    const changed = (await set('--payments', 'experimental', '--description', 'Mzdy', '--json')).json();
    expect(changed).toMatchObject({ description: 'Mzdy', config: { clientId, payments: 'experimental' } });
    expect((await set('--payments', 'file')).out).toContain('payments: file');
    const wrong = await set('--payments', 'always');
    expect([wrong.code, wrong.err]).toEqual([EXIT.refused, expect.stringContaining('"experimental"')]);
    expect((await set('--contract', '1')).code).toBe(EXIT.usage);
  });

  test('delete gives the consent back; the connection is gone', async () => {
    expect((await shell.brana('connections', 'delete', 'nobody')).code).not.toBe(EXIT.ok);
    const deleted = await shell.brana('connections', 'delete', 'CS');
    expect([deleted.code, deleted.out]).toEqual([EXIT.ok, expect.stringContaining('CS is deleted')]);
    expect((await shell.brana('connections')).out).not.toMatch(/^CS /m);
    expect(t.sandbox.banks.erste.identity.visits('revoke')).not.toEqual([]);
  });
});
