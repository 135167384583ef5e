import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort, listenLocally } from '../../infra/local/engine.ts';
import { startGateway, type Gateway } from '../../infra/local/gateway.ts';
import type {
  Account,
  ApiKey,
  Connection,
  FeedEvent,
  List,
  Pull,
  Statement,
  Transaction,
  Uploaded,
} from '../../infra/local/cli/types.ts';
import type { Check } from '../../infra/local/cli/commands/doctor.ts';
import { startSandbox, type Sandbox } from '../../infra/sandbox/index.ts';
import { readClientCertificate } from '../../shared/formats/pkcs12/certificate.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { openShell, type Shell } from './cli-support.ts';

/** An operator's first day, word by word: every command against the real gateway and the simulated bank. */

let sandbox: Sandbox;
let gateway: Gateway;
let lambdaEndpoint: Server;
let shell: Shell;
let pfx: string;
let passphraseFile: string;

/** The account the tests pull: few statements, so it is quick. */
const ACCOUNT = '7342069157/5500';

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 'cli', clock: { now: () => Date.now() } });
  gateway = await startGateway({
    schedule: false,
    print: () => {},
    extraEnv: { BRANA_SIMULATED: JSON.stringify({ origins: sandbox.origins, ca: sandbox.ca }) },
  });
  shell = openShell();
  pfx = join(shell.folder, 'bank.p12');
  passphraseFile = join(shell.folder, 'passphrase.txt');
  writeFileSync(pfx, sandbox.certificates.legacy.pfx);
  writeFileSync(passphraseFile, `${sandbox.certificates.legacy.passphrase}\n`);
  sandbox.seeded?.add({
    accountNumber: '7342069157',
    currency: 'EUR',
    minor: 12_34n,
    bookedAt: Date.now() - 1_000,
    message: 'in\u001b[31mvoice\u202e 42\u009b2J',
  });
});

async function invoked(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const event: unknown = JSON.parse(await text(request));
  const name = decodeURIComponent((request.url ?? '').split('/')[3] ?? '');
  const signed = /^AWS4-HMAC-SHA256 Credential=TESTID\/\d{8}\/eu-west-3\/lambda\/aws4_request, /;
  if (!signed.test(request.headers.authorization ?? '')) {
    response.writeHead(403).end('{"Message":"not signed"}');
    return;
  }
  const result = await gateway.invoke(name.replace(/^brana-production-/, ''), event);
  response.end(JSON.stringify(result));
}

afterAll(async () => {
  lambdaEndpoint?.close();
  await gateway?.stop();
  await sandbox?.stop();
  shell?.remove();
});

describe('the first day', () => {
  test('init makes the company of a deployed stack through IAM and keeps its key', async () => {
    // The invocation endpoint of AWS, with the real function behind it.
    lambdaEndpoint = createServer((request, response) => void invoked(request, response));
    shell.env['AWS_ENDPOINT_URL_LAMBDA'] = `http://127.0.0.1:${await listenLocally(lambdaEndpoint)}`;
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'TESTID');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test-secret');

    const stack = ['--stage', 'production', '--region', 'eu-west-3', '--url', gateway.url];
    const missing = await shell.brana('init', '--name', 'Lísková', '--stage', 'production');
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('--url')]);
    const made = await shell.brana('init', '--name', 'Lísková', ...stack);
    expect(made.err).not.toContain('brana:');
    expect(made.code).toBe(0);
    const kept = join(shell.folder, 'config/brana/keys.json');
    const [key] = /brana_[\w-]{43}/.exec(made.out) ?? [];
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({
      url: gateway.url,
      keys: { [gateway.url]: key },
    });
    if (process.platform !== 'win32') expect(statSync(kept).mode & 0o777).toBe(0o600);

    const again = await shell.brana('init', '--name', 'Other', ...stack);
    expect([again.code, again.err]).toEqual([4, expect.stringContaining('exists already')]);
    vi.unstubAllEnvs();
  });

  test('doctor sends an empty gateway to connect', async () => {
    const ran = await shell.brana('doctor');
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('brana connect --help');
  });

  test('banks tells what a connection needs', async () => {
    const ran = await shell.brana('banks');
    expect(ran.out).toMatch(/raiffeisen +Raiffeisenbank a\.s\. +CZ .*clientId, \[clientSecret\]/);
  });

  test('connect refuses what the bank does not know, and makes a connection', async () => {
    const environment = ['--environment', 'simulated'];
    expect((await shell.brana('connect')).code).toBe(2);
    expect((await shell.brana('connect', 'moneta')).err).toContain('Known: raiffeisen');
    const odd = await shell.brana('connect', 'raiffeisen', '--code', 'RB', '--client-number', '1');
    expect([odd.code, odd.err]).toEqual([2, expect.stringContaining('--client-number')]);
    const short = await shell.brana('connect', 'raiffeisen', '--code', 'RB', ...environment);
    expect([short.code, short.err]).toEqual([4, expect.stringContaining('/config/clientId: Missing')]);
    const made = await shell.brana(
      ...['connect', 'raiffeisen', '--code', 'RB', '--client-id', sandbox.clientId, ...environment, '--json'],
    );
    expect(made.code).toBe(0);
    expect(made.json<Connection>()).toMatchObject({ code: 'RB', status: 'new', environment: 'simulated' });
    const taken = await shell.brana(
      ...['connect', 'raiffeisen', '--code', 'rb', '--client-id', sandbox.clientId, ...environment],
    );
    expect([taken.code, taken.err]).toEqual([4, expect.stringContaining('choose another')]);
    expect((await shell.brana('connections')).out).toMatch(
      /RB +raiffeisen +simulated +company +new +no access yet/,
    );
    expect((await shell.brana('doctor')).out).toContain('brana certificate RB FILE.p12');
  });

  test('certificate takes the passphrase from a file, the environment or a question, never an argument', async () => {
    const asArgument = await shell.brana('certificate', 'RB', pfx, '--passphrase', 'heslo');
    expect(asArgument.code).toBe(2);
    shell.env['BRANA_PASSPHRASE'] = 'wrong';
    const wrong = await shell.brana('certificate', 'RB', pfx);
    expect(wrong.code).toBe(4);
    expect(wrong.err).toMatch(/passphrase/i);
    delete shell.env['BRANA_PASSPHRASE'];

    const file = ['--passphrase-file', passphraseFile, '--reactivated-on', '2026-10-01'];
    const ran = await shell.brana('certificate', 'RB', pfx, ...file, '--json');
    expect(ran.code).toBe(0);
    const uploaded = ran.json<Uploaded>();
    expect(uploaded).toMatchObject({ proven: true, credential: { reactivateBy: '2027-10-01' } });
    shell.secret = sandbox.certificates.legacy.passphrase;
    const asked = await shell.brana('certificate', 'rb', pfx);
    expect(asked.err).toContain('Passphrase of the certificate: ');
    expect(asked.out).toContain(uploaded.credential.serial);
    expect(asked.out).toContain('Next: brana pull --all --wait');
    expect(asked.out + asked.err).not.toContain(shell.secret);
    delete shell.secret;
  });

  test('certificate takes PEM, and says when the key is missing', async () => {
    const { pfx: bytes, passphrase } = sandbox.certificates.ordinary;
    const read = await readClientCertificate({ pfx: bytes, passphrase: new Secret(passphrase) }, Date.now());
    const certificate = join(shell.folder, 'cert.pem');
    const key = join(shell.folder, 'key.pem');
    writeFileSync(certificate, read.certificatePem);
    writeFileSync(key, read.keyPem.reveal());
    const alone = await shell.brana('certificate', 'RB', certificate);
    expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('--key FILE')]);
    const ran = await shell.brana('certificate', 'RB', certificate, '--key', key);
    expect([ran.code, ran.err]).toEqual([0, expect.not.stringContaining('brana:')]);
    expect(ran.out).toContain('Provozní certifikát');
  });

  test('accounts lists, shows one and changes how it is pulled', async () => {
    const { items } = (await shell.brana('accounts', '--json')).json<List<Account>>();
    expect(items).toHaveLength(6);
    const several = await shell.brana('accounts', '5017482301');
    expect([several.code, several.err]).toEqual([2, expect.stringContaining('5017482301:CZK')]);
    const one = await shell.brana('accounts', '5017482301/5500:EUR', '--json');
    expect(one.json<Account>()).toMatchObject({ currency: 'EUR', number: '5017482301' });
    const set = await shell.brana(
      'accounts',
      '5017482301:EUR',
      ...[
        'mode=statements',
        'history=12',
        'formats=camt.053,pdf',
        'statement-line=ADDITIONAL',
        'enabled=no',
      ].flatMap((pair) => ['--set', pair]),
      '--json',
    );
    expect(set.json<Account>().settings).toEqual({
      enabled: false,
      mode: 'statements',
      historyDays: 12,
      formats: ['camt.053', 'pdf'],
      bank: { statementLine: 'ADDITIONAL' },
    });
    const bad = await shell.brana('accounts', '5017482301:EUR', '--set', 'statement-line=SIDE');
    expect([bad.code, bad.err]).toEqual([4, expect.stringContaining('/bank/statementLine: One of: MAIN')]);
    expect((await shell.brana('accounts', '5017482301:EUR', '--set', 'enabled=maybe')).code).toBe(2);
  });

  test('pull waits and tells what came; lists then show it', async () => {
    const ran = await shell.brana('pull', ACCOUNT, '--wait', '--json');
    expect(ran.err).toContain('1/1  7342069157/5500 EUR  complete');
    expect(ran.code).toBe(0);
    const [pull] = ran.json<List<Pull>>().items;
    expect(pull).toMatchObject({ status: 'done', kind: 'on-demand', result: { outcome: 'complete' } });

    const listed = (await shell.brana('transactions', ACCOUNT, '--json')).json<List<Transaction>>();
    expect(listed.items).toHaveLength(pull?.result?.newTransactions ?? -1);
    const table = await shell.brana('transactions', ACCOUNT);
    expect(table.out).toContain(`${listed.items.length} transactions`);
    const balances = await shell.brana('balances', ACCOUNT);
    expect(balances.out).toMatch(/booked +\d+\.\d\d +EUR/);
    expect(
      (await shell.brana('transactions', ACCOUNT, '--from', '2020-01-01', '--to', '2020-01-02')).out,
    ).toContain('brana pull');
  });

  test('a text of the bank cannot steer the terminal, and is whole in JSON', async () => {
    const { items } = (await shell.brana('transactions', ACCOUNT, '--json')).json<List<Transaction>>();
    const hostile = items.find(({ amount }) => amount === '12.34')?.message;
    expect(hostile).toContain('\u001b[31m');
    for (const ran of [
      await shell.brana('transactions', ACCOUNT),
      await shell.brana('transactions', ACCOUNT, '--json'),
    ]) {
      expect(ran.out).not.toMatch(/[\u001b\u009b\u202e]/);
    }
    expect((await shell.brana('transactions', ACCOUNT)).out).toContain('in\\x1b[31mvoice\\u202e 42\\x9b2J');
  });

  test('statements come as the bank sent them', async () => {
    const { items } = (await shell.brana('statements', ACCOUNT, '--json')).json<List<Statement>>();
    const last = items.at(-1)!;
    expect((await shell.brana('statements', ACCOUNT)).out).toContain(last.id);
    const { source } = sandbox.banks.raiffeisen;
    const theirs = source
      .statements('7342069157')
      .find(({ to, lines }) => to === last.to && lines.includes('MAIN'))!;
    const document = await source.document(theirs.id, 'xml', 'cs');
    const piped = await shell.brana('statements', 'download', last.id, '-o', '-');
    expect(Buffer.from(piped.bytes).equals(document!)).toBe(true);
    const file = join(shell.folder, 'statement.xml');
    const saved = await shell.brana(
      'statements',
      'download',
      last.id,
      '--format',
      'camt.053',
      '-o',
      file,
      '--json',
    );
    expect(saved.json()).toMatchObject({ file, bytes: document!.length });
    expect(readFileSync(file).equals(document!)).toBe(true);
    const other = await shell.brana('statements', 'download', last.id, '--format', 'pdf');
    expect([other.code, other.err]).toEqual([4, expect.stringContaining('camt.053')]);
  });

  test('a back-fill needs its first day', async () => {
    expect((await shell.brana('pull', ACCOUNT, '--to', '2026-01-31')).code).toBe(2);
    expect((await shell.brana('pull')).code).toBe(2);
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    const ran = await shell.brana('pull', ACCOUNT, '--from', yesterday, '--wait', '--json');
    expect(ran.json<List<Pull>>().items[0]).toMatchObject({ kind: 'back-fill', status: 'done' });
  });

  test('events come in order', async () => {
    const { items } = (await shell.brana('events', '--json')).json<List<FeedEvent>>();
    expect(items.map(({ sequence }) => sequence)).toEqual(items.map((_, at) => at + 1));
    const rest = await shell.brana('events', '--after', String(items.length - 1));
    expect(rest.out.trim().split('\n')).toHaveLength(2);
    expect((await shell.brana('events', '--after', 'x')).code).toBe(2);
  });

  test('keys are made, used, listed and revoked', async () => {
    const made = await shell.brana('keys', 'create', '--name', 'ERP', '--scope', 'read', '--json');
    const { id, secret } = made.json<ApiKey & { secret: string }>();
    const erp = openShell({ BRANA_URL: gateway.url, BRANA_KEY: secret });
    expect((await erp.brana('accounts')).code).toBe(0);
    const refused = await erp.brana('keys');
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('"admin"')]);
    expect((await shell.brana('keys')).out).toMatch(/ERP +brana_\S+… +read +company/);
    expect((await shell.brana('keys', 'revoke', id)).code).toBe(0);
    expect((await shell.brana('keys', 'list')).out).toContain('revoked');
    expect((await shell.brana('keys', 'create', '--name', 'ERP')).code).toBe(2);
    erp.remove();
  });

  test('a blocked certificate gives way to the one before it', async () => {
    sandbox.banks.raiffeisen.block(sandbox.certificates.ordinary.serial);
    expect((await shell.brana('pull', ACCOUNT, '--wait')).code).toBe(1);
    expect((await shell.brana('pull', ACCOUNT, '--wait')).code).toBe(0);
    const { items } = (await shell.brana('connections', '--json')).json<List<Connection>>();
    expect(items[0]).toMatchObject({
      status: 'active',
      authorised: true,
      credential: { serial: sandbox.certificates.legacy.serial },
    });
  });

  test('a blocked certificate pauses the connection; doctor tells what to do, proof resumes it', async () => {
    sandbox.banks.raiffeisen.block(sandbox.certificates.legacy.serial);
    const failed = await shell.brana('pull', ACCOUNT, '--wait');
    expect(failed.code).toBe(1);
    const sick = await shell.brana('doctor', '--json');
    expect(sick.code).toBe(1);
    const paused = sick
      .json<{ checks: Check[] }>()
      .checks.find(({ check, ok }) => check === 'connection' && !ok);
    expect(paused?.action).toContain('brana proof RB');
    const refused = await shell.brana('proof', 'RB');
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('raiffeisen said')]);
    expect((await shell.brana('connections')).out).toMatch(/ paused [^]*What to do:\n {2}RB: /);
    sandbox.banks.raiffeisen.unblock(sandbox.certificates.legacy.serial);
    expect((await shell.brana('proof', 'RB', '--reactivated-on', '2026-11-20')).out).toMatch(
      /Reactivate by +2027-11-20/,
    );
  });

  test('doctor is content when everything is pulled', async () => {
    const { items } = (await shell.brana('accounts', '--json')).json<List<Account>>();
    for (const { id } of items.filter(({ number }) => number !== '7342069157')) {
      await shell.brana('accounts', id, '--set', 'enabled=no');
    }
    await shell.brana('pull', '--all', '--wait');
    const ran = await shell.brana('doctor');
    expect(ran.out).not.toContain('OFF');
    expect(ran.out).toMatch(/ok +payments +company +none with an unknown outcome/);
    expect(ran.code).toBe(0);
  });

  test('a bank that cannot be used is not the caller’s fault', async () => {
    sandbox.banks.raiffeisen.misbehave({ kind: 'status-503', times: Infinity });
    const ran = await shell.brana('proof', 'RB', '--json');
    sandbox.banks.raiffeisen.behave();
    expect(ran.code).toBe(5);
    expect(ran.json<{ error: { code: string } }>().error.code).toBe('bank-unavailable');
  });
});

describe('settings', () => {
  test('login tries a key before it keeps it', async () => {
    const fresh = openShell({ BRANA_URL: gateway.url });
    fresh.secret = 'brana_' + 'x'.repeat(43);
    const refused = await fresh.brana('login');
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('not valid')]);
    expect((await fresh.brana('accounts')).code).toBe(2);
    const keyFile = join(fresh.folder, 'key');
    const kept = JSON.parse(readFileSync(join(shell.folder, 'config/brana/keys.json'), 'utf8')) as {
      keys: Record<string, string>;
    };
    writeFileSync(keyFile, `${kept.keys[gateway.url]}\n`);
    expect((await fresh.brana('login', '--key-file', keyFile)).code).toBe(0);
    expect((await fresh.brana('accounts')).code).toBe(0);
    fresh.remove();
  });

  test('nothing listening is exit code 3', async () => {
    const ran = await shell.brana('doctor', '--url', `http://127.0.0.1:${await freePort()}`);
    expect([ran.code, ran.err]).toEqual([3, expect.stringContaining('npm start')]);
  });
});
