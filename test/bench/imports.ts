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
 * A ratio is the median of the rounds' ratios, so that it stands even where the milliseconds do not.
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

/** One function and what it is compared with. */
interface Subject {
  readonly name: string;
  readonly own: Placed;
  readonly bare: Placed;
  readonly lean: Placed;
}

/** A bundle where it can be imported. */
interface Placed {
  readonly of: Bundle;
  readonly file: string;
}

async function measure(folder: string): Promise<ImportFigures> {
  const put = async (name: string, of: Bundle): Promise<Placed> => {
    const home = join(folder, name);
    mkdirSync(home);
    for (const [file, contents] of of.files) writeFileSync(join(home, file), contents);
    return { of, file: join(home, INDEX) };
  };
  const empty = await put('empty', await bundle(root, { text: 'export const handler = async () => ({});' }));
  const subjects: Subject[] = [];
  for (const { name, entry } of listFunctions(root)) {
    const own = await bundle(root, { entry });
    const text = bareClients(own);
    subjects.push({
      name,
      own: await put(name, own),
      bare: await put(`${name}-bare`, await bundle(root, { text }, false)),
      lean: await put(`${name}-lean`, await bundle(root, { text })),
    });
  }

  const times = { empty: [] as number[], functions: subjects.map(() => [] as Times[]) };
  for (let round = 1; round <= RUNS; round++) {
    process.stderr.write(`\rround ${round} of ${RUNS}`);
    times.empty.push(importOnce(empty.file));
    // What is compared runs back to back, so that a busy moment hits both sides.
    subjects.forEach(({ own, bare, lean }, index) => {
      times.functions[index]!.push({
        own: importOnce(own.file),
        bare: importOnce(bare.file),
        lean: importOnce(lean.file),
      });
    });
  }
  process.stderr.write('\n');
  const emptyMs = median(times.empty);
  const budgets = readBudgets(root);
  return {
    runs: RUNS,
    emptyMs: round(emptyMs),
    functions: subjects.map((subject, index) =>
      figures(subject, times.functions[index]!, emptyMs, budgets[subject.name]?.worker ?? false),
    ),
  };
}

/** Milliseconds of one round. */
interface Times {
  readonly own: number;
  readonly bare: number;
  readonly lean: number;
}

function figures(
  subject: Subject,
  times: readonly Times[],
  emptyMs: number,
  worker: boolean,
): FunctionFigures {
  const { name, own, bare, lean } = subject;
  const start = ({ of }: Placed): { bytes: number; gzip: number } => sizeOf(of, of.start);
  const ms = median(times.map((time) => time.own));
  return {
    name,
    worker,
    ms: round(ms),
    bareMs: round(median(times.map((time) => time.bare))),
    leanMs: round(median(times.map((time) => time.lean))),
    ratio: round(median(times.map((time) => time.own / time.bare)), 2),
    limit: worker ? LIMIT.worker : LIMIT.api,
    ratioToLean: round(median(times.map((time) => time.own / time.lean)), 2),
    ratioToEmpty: round(ms / emptyMs),
    startKiB: kib(start(own).bytes),
    startGzipKiB: kib(start(own).gzip),
    totalGzipKiB: kib(sizeOf(own.of).gzip),
    bareKiB: kib(start(bare).bytes),
    leanKiB: kib(start(lean).bytes),
  };
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
  ARCHIVE_LOCK_YEARS: '0',
  PULL_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/000000000000/pull',
  PAYMENT_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/000000000000/pull',
  DATA_KEY: 'bench',
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
