import { join } from 'node:path';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startGateway } from '../../infra/local/gateway.ts';
import { freePort } from '../../infra/local/engine.ts';
import { openShell } from './cli-support.ts';

test('init on this machine makes the company in the data of "npm start", once', async () => {
  const shell = openShell();
  const dataDir = join(shell.folder, 'data');
  const port = await freePort();
  shell.env['BRANA_URL'] = `http://127.0.0.1:${port}`;
  const umask = process.umask();
  if (process.platform !== 'win32') {
    const shared = join(shell.folder, 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o755);
    const open = await shell.brana('init', '--name', 'Lísková', '--data', shared);
    expect([open.code, open.err]).toEqual([1, expect.stringContaining('chmod 700')]);
  }
  const made = await shell.brana('init', '--name', 'Lísková', '--data', dataDir, '--json');
  expect(made.code).toBe(0);
  expect(made.json()).toMatchObject({
    company: { name: 'Lísková' },
    key: expect.stringMatching(/^brana_/) as string,
  });
  if (process.platform !== 'win32') expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  const again = await shell.brana('init', '--name', 'Other', '--data', dataDir);
  expect([again.code, again.err]).toEqual([4, expect.stringContaining('exists already')]);

  const gateway = await startGateway({ dataDir, port, schedule: false, print: () => {} });
  try {
    const keys = await shell.brana('keys');
    expect([keys.code, keys.out]).toEqual([0, expect.stringContaining('first admin key')]);
    const busy = await shell.brana('init', '--name', 'Third', '--data', dataDir);
    expect([busy.code, busy.err]).toEqual([1, expect.stringContaining('Another Brana runs')]);
  } finally {
    await gateway.stop();
    process.umask(umask);
    shell.remove();
  }
});
