import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, INDEX, listFunctions, sizeOf, type Bundle } from '../../scripts/bundle.ts';
import { readBudgets } from '../../scripts/build.ts';
import { bareClients } from './imports-clients.ts';

/**
 * Cold imports: each function in a fresh process, against the bare AWS clients it needs (same esbuild flags, SDK as
 * published), against the same clients without what `scripts/lean-sdk.ts` leaves out, and against an empty handler.
 * All take turns within one run, so that the ratios stand even where the milliseconds do not.
 */

const root = join(import.meta.dirname, '../..');
const RUNS = 15;
/** Ratios to the bare clients that are promised. */
const LIMIT = { api: 1.2, worker: 1.5 };

interface FunctionFigures {
  readonly name: string;
  readonly worker: boolean;
  readonly ms: number;
  /** The same clients, bare. */
  readonly bareMs: number;
  readonly leanMs: number;
  readonly ratio: number;
  readonly limit: number;
  readonly ratioToLean: number;
  readonly ratioToEmpty: number;
  /** Of everything a cold start loads, and of the whole folder. */
  readonly startKiB: number;
  readonly startGzipKiB: number;
  readonly totalGzipKiB: number;
  readonly bareKiB: number;
  readonly leanKiB: number;
}

export interface ImportFigures {
  readonly runs: number;
  readonly emptyMs: number;
  readonly functions: readonly FunctionFigures[];
}

export async function run({ json }: { readonly json: boolean }): Promise<ImportFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'brana-imports-'));
  try {
    const figures = await measure(folder);
    if (!json) console.log(report(figures));
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string): Promise<ImportFigures> {
  const budgets = readBudgets(root);
  const files = new Map<string, string>();
  const bundles = new Map<string, Bundle>();
  /** Bundles each source once and puts it where it can be imported. @returns its key */
  const put = async (key: string, make: () => Promise<Bundle>): Promise<string> => {
    if (!bundles.has(key)) {
      const made = await make();
      const home = join(folder, String(bundles.size));
      mkdirSync(home);
      for (const [name, contents] of made.files) writeFileSync(join(home, name), contents);
      bundles.set(key, made);
      files.set(key, join(home, INDEX));
    }
    return key;
  };

  const empty = await put('empty', () => bundle(root, { text: 'export const handler = async () => ({});' }));
  const subjects = [];
  for (const { name, entry } of listFunctions(root)) {
    const own = await put(name, () => bundle(root, { entry }));
    const text = bareClients(bundles.get(own)!);
    const bare = await put(`bare ${text}`, () => bundle(root, { text }, false));
    const lean = await put(`lean ${text}`, () => bundle(root, { text }));
    subjects.push({ name, own, bare, lean });
  }

  const ms = takeTurns(files);
  const time = (key: string): number => ms.get(key)!;
  const startKiB = (key: string): number => kib(sizeOf(bundles.get(key)!, bundles.get(key)!.start).bytes);
  const functions = subjects.map(({ name, own, bare, lean }) => {
    const worker = budgets[name]?.worker ?? false;
    const of = bundles.get(own)!;
    return {
      name,
      worker,
      ms: round(time(own)),
      bareMs: round(time(bare)),
      leanMs: round(time(lean)),
      ratio: round(time(own) / time(bare), 2),
      limit: worker ? LIMIT.worker : LIMIT.api,
      ratioToLean: round(time(own) / time(lean), 2),
      ratioToEmpty: round(time(own) / time(empty), 1),
      startKiB: startKiB(own),
      startGzipKiB: kib(sizeOf(of, of.start).gzip),
      totalGzipKiB: kib(sizeOf(of).gzip),
      bareKiB: startKiB(bare),
      leanKiB: startKiB(lean),
    };
  });
  return { runs: RUNS, emptyMs: round(time(empty)), functions };
}

/** Imports every file once per round. @returns the median of each in milliseconds */
function takeTurns(files: ReadonlyMap<string, string>): Map<string, number> {
  const times = new Map([...files.keys()].map((key) => [key, [] as number[]]));
  for (let round = 0; round < RUNS; round++) {
    process.stderr.write(`\rround ${round + 1} of ${RUNS}`);
    for (const [key, file] of files) times.get(key)!.push(importOnce(file));
  }
  process.stderr.write('\n');
  return new Map([...times].map(([key, values]) => [key, median(values)]));
}

/** What the functions read when they are loaded; nothing is called. */
const ENVIRONMENT = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  BRANA_STAGE: 'bench',
  TABLE_CONNECTIONS: 'connections',
  TABLE_LEDGER: 'ledger',
  TABLE_EVENTS: 'events',
  ARCHIVE_BUCKET: 'archive',
  PULL_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/000000000000/pull',
  VAULT_PREFIX: 'brana/bench/',
};

function importOnce(file: string): number {
  const code = `const start = performance.now();
    await import(${JSON.stringify(`file://${file}`)});
    process.stdout.write(String(performance.now() - start), () => process.exit());`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
    env: ENVIRONMENT,
  });
  if (status !== 0) throw new Error(`${file} does not load: ${stderr}`);
  return Number(stdout);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
const kib = (bytes: number): number => round(bytes / 1024);

function report({ runs, emptyMs, functions }: ImportFigures): string {
  const head = [
    'function',
    'ms',
    'bare',
    'ratio',
    'limit',
    'lean',
    '/lean',
    '/empty',
    'KiB',
    'gzip',
    'all gzip',
  ];
  const rows = functions.map((f) => [
    f.name,
    f.ms,
    f.bareMs,
    f.ratio,
    `${f.limit}${f.ratio > f.limit ? ' !' : ''}`,
    f.leanMs,
    f.ratioToLean,
    f.ratioToEmpty,
    f.startKiB,
    f.startGzipKiB,
    f.totalGzipKiB,
  ]);
  const lines = [head, ...rows].map(([name, ...cells]) =>
    [String(name).padEnd(20), ...cells.map((cell) => String(cell).padStart(9))].join(''),
  );
  return [
    ...lines,
    `Cold import, median of ${runs} rounds; an empty handler takes ${emptyMs} ms. "bare": the AWS clients alone, as`,
    'published; "lean": the same without what scripts/lean-sdk.ts leaves out.',
  ].join('\n');
}
