import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures, Order } from './formats-child.ts';
import { compose, FORMATS, type Format, type Tally } from './formats-files.ts';

/**
 * The statement readers against npm's best and against loops that do next to nothing, over the same generated files of
 * 50 000 items. A ratio of times is the median of the rounds' own ratios, so that it stands on a busy machine as well.
 * Memory is the resident memory at its highest above what the process had before it began, a fresh process for each
 * figure.
 */

const ITEMS = 50_000;
/** Ten times as many, to see whether memory grows. */
const MANY = 500_000;
const PROCESSES = 3;
const ROUNDS: Readonly<Record<Format, number>> = { mt940: 9, 'camt.053': 5, gpc: 15 };
/** Peers that take ten times as long run for their memory only. */
const SPEED: Readonly<Record<Format, readonly string[]>> = {
  mt940: ['ours', 'ours, collected', 'mt940js', 'line loop', 'line loop with fields'],
  'camt.053': ['ours', 'ours, collected', 'saxes'],
  gpc: ['ours', 'ours, collected', 'slice loop', 'slice loop to the model'],
};
const OURS = ['ours', 'ours, collected'];
const PEERS = ['camt-parser', 'fast-xml-parser'];
const FLAGS: Readonly<Record<Order['measure'], readonly string[]>> = {
  speed: [],
  // V8 gives the young objects more room the longer it runs, so it has all of that from the beginning; the peers need
  // more than its ordinary limit.
  memory: ['--min-semi-space-size=16', '--max-semi-space-size=16', '--max-old-space-size=8192'],
};
/** "Flat": what measuring it again may differ by. */
const FLAT = 1.25;

/** A promise: `ratio` is at least, or for memory at most, `bar`. */
export interface Bar {
  readonly format: Format;
  /** What is compared, ours first. */
  readonly what: string;
  readonly measure: 'speed' | 'memory';
  readonly ratio: number;
  readonly bar: number;
  readonly held: boolean;
}

export interface FormatFigures {
  readonly bench: 'formats';
  readonly items: number;
  /** Median milliseconds. */
  readonly milliseconds: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Median peak in MiB; `ours, 500000` is the streaming form over ten times the entries. */
  readonly camtMemory: Readonly<Record<string, number>>;
  readonly bars: readonly Bar[];
}

/** The file of one format and what is in it. */
interface Sample extends Tally {
  readonly format: Format;
  readonly file: string;
}

export function run({ json }: { readonly json: boolean }): Promise<FormatFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'brana-formats-'));
  try {
    const figures = measure(folder);
    if (!json) console.log(report(figures));
    return Promise.resolve(figures);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(folder: string): FormatFigures {
  const sampleOf = (format: Format, count: number): Sample => {
    progress(`composing ${count} items of ${format}`);
    const file = join(folder, `${format}-${count}`);
    return { format, file, ...compose(file, format, count) };
  };
  const samples = FORMATS.map((format) => sampleOf(format, ITEMS));
  const times = new Map(samples.map((sample) => [sample.format, speedsOf(sample)]));
  const camt = samples.find(({ format }) => format === 'camt.053')!;
  const memory = peaksOf(camt, sampleOf('camt.053', MANY));
  progress('');
  return {
    bench: 'formats',
    items: ITEMS,
    milliseconds: Object.fromEntries([...times].map(([format, of]) => [format, mapped(of, median)])),
    camtMemory: mapped(memory, (peaks) => median(peaks) / 1024 ** 2),
    bars: [...speedBars(times), ...memoryBars(memory)],
  };
}

/** All contenders of a format in each of the processes. */
function speedsOf({ format, file, count, sum }: Sample): Figures {
  const all: Record<string, number[]> = {};
  for (let at = 0; at < PROCESSES; at++) {
    progress(`speed of ${format}, process ${at + 1} of ${PROCESSES}`);
    const order = { measure: 'speed', format, file, count, sum: String(sum) } as const;
    const figures = child({ ...order, contenders: SPEED[format], rounds: ROUNDS[format] });
    for (const [name, times] of Object.entries(figures)) (all[name] ??= []).push(...times);
  }
  return all;
}

function peaksOf(sample: Sample, many: Sample): Figures {
  const all: Record<string, number[]> = {};
  const peak = (name: string, contender: string, { format, file, count, sum }: Sample): void => {
    progress(`memory of ${name}`);
    const order = { measure: 'memory', format, file, count, sum: String(sum), rounds: 1 } as const;
    (all[name] ??= []).push(...Object.values(child({ ...order, contenders: [contender] })).flat());
  };
  for (const peer of PEERS) peak(peer, peer, sample);
  for (let at = 0; at < PROCESSES; at++) {
    for (const name of OURS) peak(name, name, sample);
    peak(`ours, ${MANY}`, 'ours', many);
  }
  return all;
}

function child(order: Order): Figures {
  const script = join(import.meta.dirname, 'formats-child.ts');
  const out = execFileSync(process.execPath, [...FLAGS[order.measure], script, JSON.stringify(order)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(out) as Figures;
}

/** How many times the speed of another one ours has. */
function speedBars(times: ReadonlyMap<Format, Figures>): Bar[] {
  const bar = (format: Format, ours: string, other: string, atLeast: number): Bar => {
    const [mine, theirs] = [times.get(format)?.[ours] ?? [], times.get(format)?.[other] ?? []];
    const ratio = rounded(median(mine.map((time, at) => (theirs[at] ?? NaN) / time)));
    const what = `${ours} : ${other}`;
    return { format, what, measure: 'speed', ratio, bar: atLeast, held: ratio >= atLeast };
  };
  return [
    bar('mt940', 'ours', 'mt940js', 2),
    // The peer collects as well; the loops keep nothing.
    bar('mt940', 'ours, collected', 'mt940js', 2),
    bar('mt940', 'ours', 'line loop', 0.9),
    bar('mt940', 'ours', 'line loop with fields', 0.9),
    bar('camt.053', 'ours', 'saxes', 0.8),
    bar('gpc', 'ours', 'slice loop', 0.8),
    bar('gpc', 'ours', 'slice loop to the model', 0.8),
  ];
}

function memoryBars(memory: Figures): Bar[] {
  const bar = (ours: string, other: string, atMost: number): Bar => {
    const ratio = rounded(median(memory[ours] ?? []) / median(memory[other] ?? []));
    const what = `${ours} : ${other}`;
    return {
      format: 'camt.053',
      what,
      measure: 'memory',
      ratio,
      bar: rounded(atMost),
      held: ratio <= atMost,
    };
  };
  return [
    ...OURS.flatMap((ours) => PEERS.map((peer) => bar(ours, peer, 1 / 3))),
    bar(`ours, ${MANY}`, 'ours', FLAT),
  ];
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const rounded = (value: number): number => Number(value.toFixed(2));

function mapped(figures: Figures, of: (values: readonly number[]) => number): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, rounded(of(values))]));
}

const progress = (text: string): void => void process.stderr.write(`\r\x1b[K${text}`);

function report({ items, milliseconds, camtMemory, bars }: FormatFigures): string {
  const speeds = Object.entries(milliseconds).flatMap(([format, times]) =>
    Object.entries(times).map(
      ([name, ms]) =>
        `${format.padEnd(10)}${name.padEnd(26)}${ms.toFixed(1).padStart(9)} ms${((items / ms) * 1000).toFixed(0).padStart(12)} items/s`,
    ),
  );
  const peaks = Object.entries(camtMemory).map(
    ([name, mib]) => `${'camt.053'.padEnd(10)}${name.padEnd(26)}${mib.toFixed(0).padStart(9)} MiB`,
  );
  const held = bars.map(({ format, what, measure, ratio, bar, held }) => {
    const limit = `${measure === 'speed' ? '>=' : '<='} ${bar}`;
    return `${format.padEnd(10)}${what.padEnd(42)}${measure.padEnd(8)}${String(ratio).padStart(7)}  ${limit}${held ? '' : ' !'}`;
  });
  return [`${items} items`, ...speeds, '', ...peaks, '', ...held].join('\n');
}
