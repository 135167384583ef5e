import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../infra/local/engine.ts';
import { packagedTemplate } from '../../infra/local/template.ts';

const START = fileURLToPath(new URL('../../infra/local/start.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'brana-start-'));
const dataDir = join(folder, 'data');
const running = new Set<ChildProcess>();

beforeAll(async () => void (await packagedTemplate()));
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts `npm start`'s program; `output` grows while it runs. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [START, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const program = {
    child,
    output: '',
    /** Ends with the exit code. */
    ended: once(child, 'close').then(([code]) => {
      running.delete(child);
      return code as number | null;
    }),
    ready: () => expect.poll(() => program.output, { timeout: 20_000 }).toContain('Ctrl-C stops.'),
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (program.output += chunk.toString()));
  }
  return program;
}

const KEY = /brana_[\w-]+/g;

/**
 * A port that stays free while nothing listens on it: below those the system gives away by itself, so that no other
 * test's connection takes it between a stop and the start behind it.
 */
async function keptPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const taken = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(true));
      server.listen(port, '127.0.0.1', () => resolve(false));
    });
    if (taken) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

describe('npm start', () => {
  test('shows the admin key at the first start only, keeps the data, and stops cleanly', async () => {
    const port = String(await keptPort());
    const first = start('--port', port, '--data', dataDir, '--company', 'Mlýn Kačina');
    await first.ready();
    expect(first.output).toContain('The company "Mlýn Kačina" was made');
    const keys = first.output.match(KEY) ?? [];
    expect(keys).toHaveLength(1);

    const key = String(keys[0]);
    const ask = () => fetch(`http://127.0.0.1:${port}/keys`, { headers: { authorization: `Bearer ${key}` } });
    expect((await ask()).status).toBe(200);

    const other = start('--port', String(await freePort()), '--data', dataDir);
    expect(await other.ended).toBe(1);
    expect(other.output).toContain(`Another Brana runs with the data in ${dataDir}`);

    // The terminal sends the signal, and npm hands it on: twice is still a clean stop.
    first.child.kill('SIGINT');
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);

    for (const file of readdirSync(dataDir)) {
      expect(statSync(join(dataDir, file)).mode & 0o077).toBe(0);
      expect(readFileSync(join(dataDir, file)).includes(key)).toBe(false);
    }
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);

    const again = start('--port', port, '--data', dataDir);
    await again.ready();
    expect(again.output).not.toMatch(KEY);
    expect((await ask()).status).toBe(200);
    again.child.kill('SIGTERM');
    expect(await again.ended).toBe(0);
  });

  test.skipIf(process.platform === 'win32')('refuses a folder others may read', async () => {
    const open = mkdtempSync(join(folder, 'open-'));
    chmodSync(open, 0o755);
    const program = start('--data', open);
    expect(await program.ended).toBe(1);
    expect(program.output).toContain(`chmod 700 ${open}`);
    expect(readdirSync(open)).toEqual([]);
  });

  test.each([
    [['--port', 'many'], /--port must be a number/],
    [['--prot', '1'], /--prot/],
    [['unexpected'], /unexpected/],
  ])('with %j ends with code 2 and the help', async (args, message) => {
    const program = start(...args);
    expect(await program.ended).toBe(2);
    expect(program.output).toMatch(message);
    expect(program.output).toContain('Usage: npm start');
  });

  test('tells its options when asked', async () => {
    const program = start('--help');
    expect(await program.ended).toBe(0);
    expect(program.output).toMatch(/--port N .*7317/);
  });
});
