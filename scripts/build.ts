import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, listFunctions, packagesOf, sizeOf, type Bundle, type FunctionEntry } from './bundle.ts';

/**
 * Builds every function into `dist/<function>/` and holds it to its budget (`infra/budgets.json`).
 * `node scripts/build.ts`; `serverless package` runs it through `infra/build-plugin.js`.
 */

/** Budget of a function in KiB, compressed. */
export interface Budget {
  /** What a cold start loads: everything reachable by static imports. */
  readonly start: number;
  /** The whole folder, lazy chunks included. */
  readonly total: number;
  /** True for a function that talks to banks or opens certificates: only such may hold the heavy packages. */
  readonly worker?: boolean;
}

export type Budgets = Readonly<Record<string, Budget>>;

/** A function as built. Sizes in bytes. */
export interface Built {
  readonly name: string;
  readonly start: { readonly bytes: number; readonly gzip: number };
  readonly total: { readonly bytes: number; readonly gzip: number };
}

/** Packages that belong to workers, because of their weight or because of what they can do. */
const HEAVY = ['undici', 'node-forge', 'saxes', 'iconv-lite'];

const KIB = 1024;

/**
 * Builds all functions under `root`.
 * @throws Error naming every function over budget, without one, or holding a package it must not hold
 */
export async function buildAll(root: string): Promise<Built[]> {
  const functions = listFunctions(root);
  const budgets = readBudgets(root);
  const bundles = await Promise.all(functions.map(({ entry }) => bundle(root, { entry })));
  const built = functions.map(({ name }, index) => measure(name, bundles[index]!));
  const problems = [
    ...functions.flatMap(({ name }, index) => judge(built[index]!, bundles[index]!, budgets[name])),
    ...leftOver(functions, budgets),
  ];
  if (problems.length > 0) throw new Error(['The build breaks its limits:', ...problems].join('\n  '));
  functions.forEach(({ name }, index) => store(join(root, 'dist', name), bundles[index]!.files));
  return built;
}

export function readBudgets(root: string): Budgets {
  return JSON.parse(readFileSync(join(root, 'infra/budgets.json'), 'utf8')) as Budgets;
}

/** Sizes of a bundle, for its budget. */
export function measure(name: string, of: Bundle): Built {
  return { name, start: sizeOf(of, of.start), total: sizeOf(of) };
}

/** @returns what breaks the function's limits, one sentence each */
export function judge(built: Built, of: Bundle, budget: Budget | undefined): string[] {
  if (!budget) return [`${built.name} has no budget: add it to infra/budgets.json`];
  const problems = (['start', 'total'] as const)
    .filter((part) => built[part].gzip > budget[part] * KIB)
    .map(
      (part) =>
        `${built.name}: ${part} is ${kib(built[part].gzip)} KiB gzip, its budget is ${budget[part]}. ` +
        'See what it imports, or raise the budget in infra/budgets.json with a reason',
    );
  if (budget.worker) return problems;
  const packages = packagesOf(of);
  const heavy = HEAVY.filter((name) => packages.has(name));
  return heavy.length === 0
    ? problems
    : [
        ...problems,
        `${built.name} bundles ${heavy.join(', ')}, which only workers may: find the import and cut it`,
      ];
}

/** Budgets of functions that are gone. */
function leftOver(functions: readonly FunctionEntry[], budgets: Budgets): string[] {
  const names = new Set(functions.map(({ name }) => name));
  return Object.keys(budgets)
    .filter((name) => !names.has(name))
    .map((name) => `${name} has a budget but no file under functions/: remove it from infra/budgets.json`);
}

/**
 * Makes the folder hold exactly these files. A file that is right is not touched and a new one appears whole, so that
 * builds may run at the same time.
 */
function store(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  mkdirSync(folder, { recursive: true });
  const present = new Set(readdirSync(folder));
  for (const [name, contents] of files) {
    const path = join(folder, name);
    if (present.has(name) && readFileSync(path).equals(contents)) continue;
    const temporary = `${folder}.${process.pid}.${name}`;
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  }
  for (const name of present)
    if (name.endsWith('.mjs') && !files.has(name)) rmSync(join(folder, name), { force: true });
}

const kib = (bytes: number): string => (bytes / KIB).toFixed(1);

/** The sizes as a table. */
export function table(built: readonly Built[]): string {
  const rows = built.map(({ name, start, total }) => [
    name,
    kib(start.gzip),
    kib(total.gzip),
    kib(start.bytes),
  ]);
  return [['function', 'start gzip', 'total gzip', 'start'], ...rows]
    .map(([name, ...cells]) => name!.padEnd(20) + cells.map((cell) => cell.padStart(12)).join(''))
    .join('\n');
}

if (process.argv[1] === import.meta.filename) {
  try {
    console.log(`${table(await buildAll(join(import.meta.dirname, '..')))}\nKiB`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
