import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { contendersOf, type Contender, type Seen } from './formats-contenders.ts';
import type { Format } from './formats-files.ts';

/** A measurement in a process of its own; its order comes as an argument, its figures go to stdout as JSON. */
export interface Order {
  readonly measure: 'speed' | 'memory';
  readonly format: Format;
  readonly file: string;
  /** What is in the file: no figure counts of a contender that did not see it. */
  readonly count: number;
  readonly sum: string;
  readonly contenders: readonly string[];
  readonly rounds: number;
}

/** Milliseconds by contender and round, or bytes of memory above the baseline. */
export type Figures = Readonly<Record<string, readonly number[]>>;

const PIECE = 64 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const order = JSON.parse(process.argv[2] ?? '') as Order;
const contenders = (await contendersOf(order.format)).filter(({ name }) => order.contenders.includes(name));
const figures = order.measure === 'speed' ? await speeds() : await peak();
console.log(JSON.stringify(figures));

/** One after the other in each round, so that what else the machine does hits all of them alike. */
async function speeds(): Promise<Figures> {
  const bytes = readFileSync(order.file);
  const times: Record<string, number[]> = {};
  // The first round warms up.
  for (let round = 0; round <= order.rounds; round++) {
    for (const contender of contenders) {
      collectGarbage();
      const start = performance.now();
      const seen = await contender.read(bytes);
      const time = performance.now() - start;
      check(contender, seen);
      if (round > 0) (times[contender.name] ??= []).push(time);
    }
  }
  return times;
}

/** Resident memory at its highest above what the process had before it touched the file, which each reads itself. */
async function peak(): Promise<Figures> {
  const contender = contenders[0]!;
  collectGarbage();
  const before = process.memoryUsage.rss();
  const { read, stream } = contender;
  check(contender, await (stream ? stream(piecesOf(order.file)) : read(readFileSync(order.file))));
  return { [contender.name]: [process.resourceUsage().maxRSS * 1024 - before] };
}

function* piecesOf(file: string): Generator<Uint8Array> {
  const input = openSync(file, 'r');
  for (;;) {
    const piece = new Uint8Array(PIECE);
    const length = readSync(input, piece);
    if (length === 0) break;
    yield piece.subarray(0, length);
  }
  closeSync(input);
}

function check({ name }: Contender, { count, sum }: Seen): void {
  if (count === order.count && (sum === null || String(sum) === order.sum)) return;
  throw new Error(`${name} read ${count} items of ${sum}, the file has ${order.count} of ${order.sum}`);
}
