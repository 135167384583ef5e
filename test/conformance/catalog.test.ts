import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { BANKS, manifestOf, manifests } from '../../shared/banks/catalog.ts';
import { CONNECTORS, loadBank } from '../../shared/banks/connectors.ts';
import { SUBJECTS } from './subjects.ts';

describe('the catalog', () => {
  test('every bank has a connector, and a simulated one in the conformance suite', () => {
    expect(Object.keys(CONNECTORS)).toEqual(Object.keys(BANKS));
    expect(Object.keys(SUBJECTS).sort()).toEqual(Object.keys(BANKS).sort());
  });

  test.each(Object.keys(BANKS))('%s: its manifest is sound', async (id) => {
    const manifest = await manifestOf(id);
    const bank = await loadBank(id);
    expect(bank.manifest).toBe(manifest);
    expect(manifest.id).toBe(id);
    expect(JSON.parse(JSON.stringify(manifest)), 'data only').toEqual(manifest);
    expect(() => new Intl.DateTimeFormat('en', { timeZone: manifest.timeZone })).not.toThrow();
    const { hosts, quota, fields, statementFormats, accountSettings, evidence } = manifest;
    expect(hosts.simulated.origin).toBeNull();
    for (const { origin, base } of [hosts.production, hosts['bank-sandbox']]) {
      if (origin !== null) expect(new URL(origin)).toMatchObject({ protocol: 'https:', pathname: '/' });
      expect(base).toMatch(/^(\/[\w.-]+)*$/);
    }
    expect(quota.rules.flatMap(({ operations }) => operations)).toContain('*');
    for (const rule of quota.rules) expect(Math.min(rule.perSecond, rule.perDay)).toBeGreaterThan(0);
    expect(new Set(fields.map(({ name }) => name)).size).toBe(fields.length);
    for (const { pattern } of fields) expect(() => new RegExp(pattern ?? '')).not.toThrow();
    for (const setting of accountSettings) expect(setting.values).toContain(setting.default);
    if (evidence.statements) expect(statementFormats.some((format) => format.default)).toBe(true);
  });

  test('all manifests at once', async () => {
    expect((await manifests()).map(({ id }) => id)).toEqual(Object.keys(BANKS));
  });

  test('an unknown bank is unsupported', async () => {
    for (const id of ['no-such-bank', 'toString', '__proto__']) {
      await expect(loadBank(id)).rejects.toMatchObject({ kind: 'unsupported' });
      await expect(manifestOf(id)).rejects.toMatchObject({ kind: 'unsupported' });
    }
  });
});

describe('what a bundle carries', () => {
  /** Files that load with an entry, without what is imported only when needed. */
  async function loadedWith(entry: string): Promise<string[]> {
    const { metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      write: false,
      outdir: 'out',
      metafile: true,
      logLevel: 'silent',
    });
    const { outputs } = metafile;
    const reached = new Set<string>();
    const follow = (name: string): void => {
      if (reached.has(name)) return;
      reached.add(name);
      for (const { path, kind } of outputs[name]?.imports ?? [])
        if (kind === 'import-statement') follow(path);
    };
    const [first = ''] = Object.entries(outputs).find(([, output]) => output.entryPoint === entry) ?? [];
    follow(first);
    return [...reached].flatMap((name) => Object.keys(outputs[name]?.inputs ?? {}));
  }

  test('the catalog loads no bank until it is asked for one', async () => {
    const files = await loadedWith('shared/banks/catalog.ts');
    expect(files).toContain('shared/banks/catalog.ts');
    expect(files.filter((file) => /shared\/(banks\/.+\/|http\/)/.test(file))).toEqual([]);
  });

  test('a manifest loads nothing else', async () => {
    for (const id of Object.keys(BANKS)) {
      const entry = `shared/banks/${id}/manifest.ts`;
      expect(await loadedWith(entry)).toEqual([entry]);
    }
  });

  test('undici loads with the first exchange, and a connector never loads it', async () => {
    const entries = [
      'shared/http/exchange.ts',
      'shared/http/client.ts',
      ...Object.keys(BANKS).map((id) => `shared/banks/${id}/index.ts`),
    ];
    for (const entry of entries) {
      const files = await loadedWith(entry);
      expect(files.length).toBeGreaterThan(1);
      expect(files.filter((file) => file.includes('node_modules'))).toEqual([]);
    }
  });
});
