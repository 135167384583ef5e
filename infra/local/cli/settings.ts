import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { usageError } from './exit.ts';

/** Where the gateway is and which key opens it. A key is never an argument: arguments stand in process lists. */

export const DEFAULT_URL = 'http://127.0.0.1:7317';

type Env = Readonly<Record<string, string | undefined>>;

export interface Settings {
  readonly url: string;
  /** `null` when none was found. */
  readonly key: string | null;
  /** True when this command line or the environment gave the key, false when it was kept from before. */
  readonly keyIsGiven: boolean;
}

/** What `brana init` and `brana login` keep: keys by URL, and the URL used when none is given. */
interface Saved {
  readonly url?: string;
  readonly keys: Readonly<Record<string, string>>;
}

/**
 * URL: `--url`, `BRANA_URL`, the saved one, this machine. Key: `--key-file`, `BRANA_KEY`, the one saved for the URL.
 * @throws CliError for a URL the key must not be sent to, or a file others can read
 */
export function readSettings(options: { url?: string; keyFile?: string }, env: Env): Settings {
  const saved = readSaved(env);
  const url = checkUrl(options.url ?? nonEmpty(env['BRANA_URL']) ?? saved.url ?? DEFAULT_URL);
  const key =
    options.keyFile === undefined
      ? nonEmpty(env['BRANA_KEY'])
      : readSecretFile(options.keyFile, '--key-file');
  return { url, key: key ?? saved.keys[url] ?? null, keyIsGiven: key !== undefined };
}

/** Keeps a key for its URL, which becomes the default one. @returns the file */
export function saveKey(url: string, key: string, env: Env): string {
  const file = savedFile(env);
  const saved = readSaved(env);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}`;
  const next: Saved = { url, keys: { ...saved.keys, [url]: key } };
  writeFileSync(temporary, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
  return file;
}

/** @throws CliError when it is no http(s) URL, or plain http to another machine */
export function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw usageError(`"${text}" is no address of a gateway. Give one like ${DEFAULT_URL}.`);
  }
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && !here) {
    throw usageError(`The key would travel unencrypted to ${url.host}. Use https.`);
  }
  return url.origin + url.pathname.replace(/\/$/, '');
}

/** A secret kept in a file; one line end at its end does not count. @throws CliError when it cannot be read */
export function readSecretFile(file: string, option: string): string {
  return readInput(file, option)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** A file named on the command line. @throws CliError when it cannot be read */
export function readInput(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(`${what}: ${file} cannot be read (${code ?? 'unknown reason'}).`);
  }
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

const savedFile = (env: Env): string =>
  join(nonEmpty(env['XDG_CONFIG_HOME']) ?? join(homedir(), '.config'), 'brana', 'keys.json');

function readSaved(env: Env): Saved {
  const file = savedFile(env);
  if (!existsSync(file)) return { keys: {} };
  // Windows keeps no such bits.
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw usageError(`Others can read the API keys in ${file}. Run: chmod 600 ${file}`);
  }
  try {
    const saved = JSON.parse(readFileSync(file, 'utf8')) as Partial<Saved>;
    return { ...(saved.url === undefined ? {} : { url: saved.url }), keys: saved.keys ?? {} };
  } catch {
    throw usageError(`${file} is damaged. Remove it and run "brana login" again.`);
  }
}
