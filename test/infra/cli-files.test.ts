import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { main } from '../../infra/local/cli/main.ts';
import type { Terminal } from '../../infra/local/cli/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'brana-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Our composed statement: one credit, reconciling. */
const GPC = [
  `074${'0000192000145399'}${'VZOROVA FIRMA S.R.O.'}020926${'00000000100000'}+${'00000000174530'}+${'0'.repeat(14)}0${'00000000074530'}0171030926${' '.repeat(14)}`,
  `075${'0000192000145399'}${'0000000630804003'}${'0000000001234'}${'000000074530'}2${'0260000777'}${'0055000308'}${'0055501234'}030926${'ODBERATEL S.R.O.    '}00203030926`,
  '',
].join('\r\n');

async function brana(...argv: string[]): Promise<{ code: number; out: Buffer; err: string }> {
  const out: Uint8Array[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    env: {},
    out: (text) => void out.push(Buffer.from(text)),
    err: (text) => void err.push(text),
    askSecret: () => Promise.reject(new Error('nobody is asked')),
    now: () => Date.parse('2026-09-04T08:00:00Z'),
    sleep: () => Promise.resolve(),
  };
  const code = await main(argv, terminal);
  return { code, out: Buffer.concat(out), err: err.join('') };
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('brana convert', () => {
  test('gives the JSON of the contract, one object a file', async () => {
    const path = file('a.gpc', GPC);
    const { code, out } = await brana('convert', path, '--bank', '0800');
    expect(code).toBe(0);
    const view = JSON.parse(out.toString()) as Record<string, unknown>;
    expect(Object.keys(view)).toEqual([
      'file',
      'format',
      'version',
      'dialect',
      'encoding',
      'statements',
      'orders',
      'warnings',
    ]);
    expect(view).toMatchObject({ file: path, format: 'gpc', dialect: '0800', orders: [] });
    expect(view['statements']).toMatchObject([
      {
        account: { number: '19-2000145399', currency: 'CZK' },
        opening: '1000.00',
        closing: '1745.30',
        credits: '745.30',
        debits: '0.00',
        count: 1,
        reconciles: true,
        transactions: [
          {
            amount: '745.30',
            variableSymbol: '260000777',
            constantSymbol: '0308',
            specificSymbol: '55501234',
            counterparty: { number: '630804003', bankCode: '5500' },
          },
        ],
      },
    ]);
  });

  test.each(['mt940', 'camt.053', 'csv', 'gpc'])(
    'writes %s, which reads back to the same movement',
    async (target) => {
      const path = file('b.gpc', GPC);
      const made = await brana('convert', path, '--bank', '0800', '--to', target);
      expect(made.code).toBe(0);
      expect(made.out.length).toBeGreaterThan(100);
      if (target === 'csv') return;
      const again = await brana('convert', file(`b.${target}`, made.out), '--bank', '0800');
      const [statement] = (JSON.parse(again.out.toString()) as { statements: Record<string, unknown>[] })
        .statements;
      expect(statement).toMatchObject({ opening: '1000.00', closing: '1745.30', reconciles: true });
      expect(statement!['transactions']).toMatchObject([{ amount: '745.30', variableSymbol: '260000777' }]);
    },
  );

  test('lists what the target cannot say', async () => {
    const { err } = await brana('convert', file('c.gpc', GPC), '--to', 'csv');
    expect(err).toContain('balances-left-out');
  });

  test.each([
    [['--to', 'kpc'], 1, /no orders/],
    [['--to', 'word'], 2, /--to is one of/],
    [['--encoding', 'ebcdic'], 2, /--encoding is one of/],
  ])('%j is refused with what to do', async (options, exit, words) => {
    const { code, err } = await brana('convert', file('d.gpc', GPC), ...options);
    expect({ code, err }).toEqual({ code: exit, err: expect.stringMatching(words) as string });
  });

  test('a file that is none, and one that is not there, are errors', async () => {
    expect((await brana('convert', file('e.txt', 'hello'))).err).toMatch(/no file Brana reads/);
    expect((await brana('convert', join(folder, 'missing'))).err).toMatch(/cannot be read/);
  });
});

describe('brana inspect', () => {
  test('says what it is and that the sums are right', async () => {
    const { code, out } = await brana('inspect', file('f.gpc', GPC), '--bank', '0800');
    expect(code).toBe(0);
    expect(out.toString()).toMatch(/gpc, bank 0800[^]*745\.30[^]*right/);
  });

  test('ends with 1 where the sums are wrong', async () => {
    const { code, out } = await brana(
      'inspect',
      file('g.gpc', GPC.replace('00000000174530+', '00000000174531+')),
    );
    expect(code).toBe(1);
    expect(out.toString()).toContain('WRONG');
  });
});
