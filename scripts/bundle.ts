import { build, type BuildOptions, type Metafile } from 'esbuild';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { leanSdk } from './lean-sdk.ts';

/** How functions become bundles: the one place for esbuild's settings. */

/** A function: `functions/api/keys.ts` is `api-keys`, its bundle `dist/api-keys/index.mjs`. */
export interface FunctionEntry {
  readonly name: string;
  /** Path of the entry file, relative to the root, with forward slashes. */
  readonly entry: string;
}

/** Every function of the tree under `root`; files directly under `functions/` are shared code, not functions. */
export function listFunctions(root: string): FunctionEntry[] {
  const functions = join(root, 'functions');
  const groups = readdirSync(functions, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return groups
    .flatMap(({ name: group }) =>
      readdirSync(join(functions, group))
        .filter((file) => file.endsWith('.ts'))
        .map((file) => ({
          name: `${group}-${basename(file, '.ts')}`,
          entry: `functions/${group}/${file}`,
        })),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The file a function's handler stands in; its chunks lie beside it. */
export const INDEX = 'index.mjs';

// CommonJS packages inside an ES module call `require`. The long name survives the minifier, which reuses short ones.
const BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** Settings of every bundle. `splitting` turns each lazy `import()` into a chunk of its own. */
const ESBUILD = {
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minify: true,
  mainFields: ['module', 'main'],
  banner: { js: BANNER },
  outExtension: { '.js': '.mjs' },
  outdir: 'bundle',
  logLevel: 'warning',
  metafile: true,
  write: false,
} satisfies BuildOptions;

/** What a bundle is made from: an entry file, or source text. */
export type Source = { readonly entry: string } | { readonly text: string };

/** A bundle in memory. */
export interface Bundle {
  /** Contents by file name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** File names loaded when `index.mjs` is imported, itself included. */
  readonly start: readonly string[];
  /** Bytes of each source file in the bundle, by its path relative to the root; all files, or those in `start`. */
  inputs(files?: readonly string[]): ReadonlyMap<string, number>;
}

/**
 * Bundles one entry and its lazy chunks.
 * @param lean false leaves the AWS SDK as published (benchmarks compare with it)
 */
export async function bundle(root: string, source: Source, lean = true): Promise<Bundle> {
  const result = await build({
    ...ESBUILD,
    ...('entry' in source
      ? { entryPoints: { index: source.entry } }
      : { stdin: { contents: source.text, resolveDir: root, loader: 'ts' }, entryNames: 'index' }),
    absWorkingDir: root,
    plugins: lean ? [leanSdk()] : [],
  });
  const outputs = new Map(
    Object.entries(result.metafile.outputs).map(([path, output]) => [basename(path), output]),
  );
  return {
    files: new Map(result.outputFiles.map((file) => [basename(file.path), file.contents])),
    start: reachable(outputs),
    inputs: (files = [...outputs.keys()]) => {
      const bytes = new Map<string, number>();
      for (const file of files) {
        for (const [path, { bytesInOutput }] of Object.entries(outputs.get(file)?.inputs ?? {})) {
          if (bytesInOutput > 0) bytes.set(path, (bytes.get(path) ?? 0) + bytesInOutput);
        }
      }
      return bytes;
    },
  };
}

/** Follows static imports from the entry; lazy ones are left out. */
function reachable(outputs: ReadonlyMap<string, Metafile['outputs'][string]>): string[] {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    const output = outputs.get(file);
    if (!output || seen.has(file)) return;
    seen.add(file);
    for (const { kind, path } of output.imports) if (kind === 'import-statement') visit(basename(path));
  };
  visit(INDEX);
  return [...seen];
}

/** Bytes of files as they are and compressed, each by itself as Lambda's archive holds them. */
export function sizeOf(
  of: Bundle,
  files: Iterable<string> = of.files.keys(),
): { bytes: number; gzip: number } {
  let [bytes, gzip] = [0, 0];
  for (const file of files) {
    const contents = of.files.get(file)!;
    bytes += contents.byteLength;
    gzip += gzipSync(contents, { level: 9 }).byteLength;
  }
  return { bytes, gzip };
}

/** The npm packages whose code is in the bundle. */
export function packagesOf(of: Bundle): Set<string> {
  const names = [...of.inputs().keys()].map(
    (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1],
  );
  return new Set(names.filter((name) => name !== undefined));
}
