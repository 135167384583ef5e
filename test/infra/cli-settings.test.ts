import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CliError, EXIT } from '../../infra/local/cli/exit.ts';
import { checkUrl, DEFAULT_URL, readSettings, saveKey } from '../../infra/local/cli/settings.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'brana-settings-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const usage = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof CliError && error.exit === EXIT.usage) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
};

test('without anything said, it is the gateway of this machine and no key', () => {
  expect(readSettings({}, { XDG_CONFIG_HOME: home })).toEqual({
    url: DEFAULT_URL,
    key: null,
    keyIsGiven: false,
  });
});

test('what is nearer wins: option, environment, what was kept', () => {
  const env = { XDG_CONFIG_HOME: home };
  saveKey('https://a.example', 'kept-a', env);
  saveKey('https://b.example', 'kept-b', env);
  expect(readSettings({}, env)).toMatchObject({ url: 'https://b.example', key: 'kept-b', keyIsGiven: false });
  expect(readSettings({ url: 'https://a.example/' }, env)).toMatchObject({ key: 'kept-a' });
  expect(readSettings({ url: 'https://c.example' }, env)).toMatchObject({ key: null });
  const set = { ...env, BRANA_URL: 'https://a.example', BRANA_KEY: 'from-env' };
  expect(readSettings({}, set)).toEqual({ url: 'https://a.example', key: 'from-env', keyIsGiven: true });
  const file = join(home, 'key');
  writeFileSync(file, 'from-file\r\n');
  expect(readSettings({ keyFile: file }, set)).toMatchObject({ key: 'from-file' });
  expect(usage(() => readSettings({ keyFile: join(home, 'none') }, set))).toContain('ENOENT');
});

test.skipIf(process.platform === 'win32')('kept keys are for their owner alone', () => {
  const env = { XDG_CONFIG_HOME: home };
  mkdirSync(join(home, 'brana'));
  writeFileSync(join(home, 'brana', 'keys.json'), '{"keys":{}}');
  chmodSync(join(home, 'brana', 'keys.json'), 0o644);
  expect(usage(() => readSettings({}, env))).toContain('chmod 600');
  chmodSync(join(home, 'brana', 'keys.json'), 0o600);
  const file = saveKey('https://a.example', 'secret', env);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    url: 'https://a.example',
    keys: { 'https://a.example': 'secret' },
  });
});

test('a damaged file is named', () => {
  mkdirSync(join(home, 'brana'));
  writeFileSync(join(home, 'brana', 'keys.json'), '{', { mode: 0o600 });
  expect(usage(() => readSettings({}, { XDG_CONFIG_HOME: home }))).toContain('brana login');
});

test('a key never travels unencrypted to another machine', () => {
  expect(usage(() => checkUrl('http://gateway.example'))).toContain('https');
  expect(usage(() => checkUrl('ftp://gateway.example'))).toContain('no address');
  expect(usage(() => checkUrl('gateway'))).toContain('no address');
  expect(checkUrl('http://127.0.0.1:7317/')).toBe('http://127.0.0.1:7317');
  expect(checkUrl('http://[::1]:7317')).toBe('http://[::1]:7317');
  expect(checkUrl('https://gateway.example/brana/')).toBe('https://gateway.example/brana');
});
