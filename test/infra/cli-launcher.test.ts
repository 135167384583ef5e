import { execFileSync, spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../infra/local/cli/commands/index.ts';
import { PROJECT_ROOT } from '../../infra/local/template.ts';
import { openShell } from './cli-support.ts';

/** The command as a shell starts it. */

const LAUNCHER = join(PROJECT_ROOT, 'infra/local/cli/brana.js');

/** A Node that cannot read TypeScript, outside of the project; `null` where this machine has none. */
function olderNode(): string | null {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  const options = { encoding: 'utf8', env: { PATH: path.join(delimiter) } } as const;
  try {
    const node = execFileSync('sh', ['-c', 'command -v node'], options).trim();
    const reads = execFileSync(node, ['-p', 'Boolean(process.features.typescript)'], options).trim();
    return reads === 'true' ? null : node;
  } catch {
    return null;
  }
}

test('the launcher passes arguments and exit codes on', () => {
  const ran = spawnSync(process.execPath, [LAUNCHER, 'pull', '--nonsense'], { encoding: 'utf8' });
  expect([ran.status, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toContain('--nonsense');
});

const older = olderNode();
if (older === null) console.log('skipped: no Node older than 22.18 on this machine to hand over from');
test.skipIf(older === null)('an older Node hands over to the pinned one', () => {
  const ran = spawnSync(older!, [LAUNCHER, '--help'], { encoding: 'utf8' });
  expect(ran.status).toBe(0);
  expect(ran.stdout).toContain('Exit codes:');
  expect(spawnSync(older!, [LAUNCHER, 'nothing']).status).toBe(2);
});

test('every command has a help that names its options', async () => {
  const shell = openShell();
  const overview = await shell.brana('--help');
  for (const { name, options } of COMMANDS) {
    expect(overview.out).toContain(`  ${name} `);
    const help = await shell.brana(...name.split(' '), '--help');
    expect(help.code).toBe(0);
    expect(help.out).toContain(`Usage: brana ${name}`);
    for (const option of Object.keys(options)) expect(help.out).toContain(`--${option}`);
    expect((await shell.brana('help', ...name.split(' '))).out).toBe(help.out);
  }
  expect((await shell.brana('pay')).code).toBe(2);
  expect((await shell.brana()).out).toBe(overview.out);
  shell.remove();
});

test('without a key the next step is named', async () => {
  const shell = openShell();
  const ran = await shell.brana('accounts', '--json');
  expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('brana login')]);
  expect(ran.json<{ error: { detail: string } }>().error.detail).toContain('BRANA_KEY');
  shell.remove();
});
