import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

// The house rules alone, on snippets at invented places; the whole configuration runs in `npm run lint`.
const root = join(import.meta.dirname, '../..');
const house = (
  (await import(pathToFileURL(join(root, 'scripts/eslint-house.js')).href)) as {
    default: ESLint.Plugin & { rules: Record<string, unknown> };
  }
).default;
const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser },
      plugins: { house },
      rules: Object.fromEntries(Object.keys(house.rules).map((rule) => [`house/${rule}`, 'error'])),
    },
  ],
});

async function rulesBroken(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(root, file) });
  return result!.messages.map(({ ruleId, message }) => ruleId ?? message);
}

/** Rule, place, code: each must be refused by exactly this rule. */
const REFUSED: readonly [rule: string, file: string, code: string][] = [
  ['imports', 'shared/domain/x.ts', `import '../store/dynamo.ts'`],
  ['imports', 'shared/formats/x.ts', `import type { Limits } from '../http/types.ts'`],
  ['imports', 'shared/store/x.ts', `export * from '../http/client.ts'`],
  ['imports', 'shared/http/x.ts', `import '../store/feed.ts'`],
  ['imports', 'shared/api/x.ts', `import '../flows/pull/plan.ts'`],
  ['imports', 'shared/banks/one/client.ts', `import '../../store/vault.ts'`],
  ['imports', 'shared/banks/one/client.ts', `import '../../flows/pull/plan.ts'`],
  ['imports', 'shared/flows/x.ts', `import '../../functions/runtime.ts'`],
  ['imports', 'shared/flows/x.ts', `const x = await import('../banks/one/client.ts')`],
  ['imports', 'functions/api/x.ts', `import '../../shared/banks/one/manifest.ts'`],
  ['imports', 'functions/api/x.ts', `import '../../infra/local/aws.ts'`],
  ['imports', 'shared/store/x.ts', `import '../../test/support/x.ts'`],
  ['imports', 'shared/banks/one/client.ts', `import '../two/client.ts'`],
  ['imports', 'shared/banks/contract.ts', `import './one/client.ts'`],
  ['imports', 'shared/banks/catalog.ts', `import { manifest } from './one/manifest.ts'`],
  ['imports', 'shared/banks/connectors.ts', `import { bank } from './one/index.ts'`],
  ['packages', 'shared/flows/x.ts', `import { DynamoDBClient } from '@aws-sdk/client-dynamodb'`],
  ['packages', 'functions/api/x.ts', `import type { AttributeValue } from '@aws-sdk/client-dynamodb'`],
  ['packages', 'shared/http/x.ts', `import { marshall } from '@aws-sdk/util-dynamodb'`],
  ['packages', 'shared/banks/one/client.ts', `import { request } from 'undici'`],
  ['packages', 'functions/pull/x.ts', `const undici = await import('undici')`],
  ['packages', 'shared/flows/x.ts', `import { connect } from 'node:tls'`],
  ['packages', 'shared/store/x.ts', `import { Agent } from 'node:https'`],
  ['packages', 'shared/flows/x.ts', `import { createConnection } from 'node:net'`],
  ['packages', 'shared/formats/camt/x.ts', `import forge from 'node-forge'`],
  ['packages', 'shared/banks/one/client.ts', `import { SaxesParser } from 'saxes'`],
  ['packages', 'shared/store/x.ts', `import { readFileSync } from 'node:fs'`],
  ['packages', 'shared/store/x.ts', `import { createHash } from 'crypto'`],
  ['ambient', 'shared/flows/x.ts', `export const stage = process.env['BRANA_STAGE']`],
  ['ambient', 'shared/store/x.ts', `import { env } from 'node:process'`],
  ['ambient', 'shared/store/x.ts', `export const now = Date.now()`],
  ['ambient', 'shared/http/x.ts', `export const now = new Date()`],
  ['ambient', 'shared/domain/x.ts', `export const now = Date()`],
  ['ambient', 'shared/domain/x.ts', `export const now = globalThis.performance.now()`],
  ['ambient', 'shared/domain/x.ts', `export const id = Math.random()`],
  ['ambient', 'shared/domain/x.ts', `import { randomUUID } from 'node:crypto'`],
  ['ambient', 'shared/domain/x.ts', `import crypto from 'node:crypto'`],
  ['ambient', 'shared/domain/x.ts', `export const id = crypto.randomUUID()`],
  ['ambient', 'shared/flows/x.ts', `setTimeout(() => {}, 5)`],
  ['ambient', 'shared/flows/x.ts', `import { setTimeout as wait } from 'node:timers/promises'`],
  ['ambient', 'shared/flows/x.ts', `await fetch('https://example.org')`],
  ['ambient', 'functions/api/x.ts', `await fetch('https://example.org')`],
  ['bank-names', 'functions/pull/x.ts', `export const bank = 'raiffeisen'`],
  ['bank-names', 'functions/pull/x.ts', `export const isKb = (bank: string) => bank === 'kb'`],
  ['bank-names', 'shared/flows/x.ts', 'export const key = (id: string) => `csob-psd2/${id}`'],
  ['bank-names', 'shared/flows/x.ts', `export const raiffeisenOnly = true`],
];

/** What the rules must leave alone. */
const ALLOWED: readonly [file: string, code: string][] = [
  ['functions/api/x.ts', `import { listBanks } from '../../shared/banks/catalog.ts'`],
  ['functions/api/x.ts', `export const now = Date.now(), stage = process.env['BRANA_STAGE'];`],
  ['shared/flows/x.ts', `import type { Bank } from '../banks/contract.ts'; import '../store/feed.ts'`],
  ['shared/banks/one/client.ts', `import type { Bank } from '../contract.ts'; import './errors.ts'`],
  ['shared/banks/one/parts/x.ts', `import '../errors.ts'; import '../../../http/types.ts'`],
  ['shared/banks/catalog.ts', `const m = () => import('./one/manifest.ts')`],
  ['shared/banks/connectors.ts', `const b = () => import('./one/index.ts')`],
  ['shared/store/x.ts', `import { DynamoDBClient } from '@aws-sdk/client-dynamodb'`],
  ['shared/http/x.ts', `import { request } from 'undici'; setTimeout(() => {}, 5)`],
  ['shared/formats/pkcs12/x.ts', `import { pki } from 'node-forge'`],
  ['shared/formats/camt/x.ts', `import { SaxesParser } from 'saxes'; import '../xml.ts'`],
  ['shared/domain/x.ts', `import { createHash } from 'node:crypto'; export const d = new Date(0)`],
  [
    'shared/domain/x.ts',
    `export const f = (Date: { now(): number }, fetch: () => void) => [Date.now(), fetch()]`,
  ],
  ['shared/flows/x.ts', `export const limit = '4 KB', person = 'ersten'`],
  [
    'infra/local/x.ts',
    `import { readFileSync } from 'node:fs'; import '../../shared/store/feed.ts'; fetch('x')`,
  ],
];

describe('the house rules', () => {
  it.each(REFUSED)('%s refuses in %s: %s', async (rule, file, code) => {
    expect(new Set(await rulesBroken(file, code))).toEqual(new Set([`house/${rule}`]));
  });

  it.each(ALLOWED)('allow in %s: %s', async (file, code) => {
    expect(await rulesBroken(file, code)).toEqual([]);
  });

  it('hold for every file under functions/ and shared/, at their full severity', async () => {
    const real = new ESLint({ cwd: root });
    for (const file of ['functions/api/x.ts', 'shared/flows/x.ts', 'shared/banks/one/x.ts']) {
      const config = (await real.calculateConfigForFile(join(root, file))) as {
        rules: Record<string, [number]>;
      };
      for (const rule of Object.keys(house.rules)) expect(config.rules[`house/${rule}`]?.[0], rule).toBe(2);
    }
  });
});

/** The first circle of imports found, as a path of files, or an empty one. */
function circle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): string[] => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of graph.get(file) ?? []) {
      const found = visit(next, [...way, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const found = visit(file, []);
    if (found.length > 0) return found;
  }
  return [];
}

describe('imports', () => {
  it('form no circle anywhere in the house', async () => {
    const entryPoints = ['shared', 'functions'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(folder, file)),
    );
    const { metafile } = await build({
      entryPoints,
      absWorkingDir: root,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      outdir: 'nowhere',
      write: false,
      metafile: true,
    });
    const graph = new Map(
      Object.entries(metafile.inputs).map(([file, { imports }]) => [
        file,
        imports
          .filter(({ kind, external }) => kind === 'import-statement' && !external)
          .map(({ path }) => path),
      ]),
    );
    expect(graph.size).toBeGreaterThanOrEqual(entryPoints.length);
    expect(circle(graph)).toEqual([]);
  });

  it('would be caught in a circle', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['d', ['b']],
    ]);
    expect(circle(graph)).toEqual(['b', 'd', 'b']);
  });
});
