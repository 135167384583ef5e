import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../infra/local/cli/main.ts';
import type { ExitCode } from '../../infra/local/cli/exit.ts';

/** `brana` in this process, with a terminal that remembers. */

export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly bytes: Uint8Array;
  readonly err: string;
  /** stdout as the one JSON document it must be. */
  json<T>(): T;
}

export interface Shell {
  readonly env: Record<string, string>;
  /** Folder for files of the test. */
  readonly folder: string;
  /** What is answered when a secret is asked for; nobody answers when absent. */
  secret?: string;
  brana(...argv: string[]): Promise<Ran>;
  remove(): void;
}

export function openShell(env: Record<string, string> = {}): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'brana-cli-'));
  const shell: Shell = {
    env: { XDG_CONFIG_HOME: join(folder, 'config'), ...env },
    folder,
    async brana(...argv) {
      const out: Uint8Array[] = [];
      let err = '';
      const code = await main(argv, {
        env: shell.env,
        out: (text) => void out.push(typeof text === 'string' ? Buffer.from(text) : text),
        err: (text) => (err += text),
        askSecret: (question) => {
          err += question;
          return shell.secret === undefined
            ? Promise.reject(new Error(`nobody answers "${question}"`))
            : Promise.resolve(shell.secret);
        },
        now: () => Date.now(),
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      });
      const bytes = Buffer.concat(out);
      const text = bytes.toString('utf8');
      return { code, out: text, bytes, err, json: <T>() => JSON.parse(text) as T };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  return shell;
}
