import type { StatementEvent } from '../../shared/formats/stream.ts';
import type { Statement } from '../../shared/domain/model.ts';
import type { Format, Tally } from './formats-files.ts';

/** One way of reading a file from its bytes. */
export interface Contender {
  readonly name: string;
  readonly read: (bytes: Uint8Array) => Seen | Promise<Seen>;
  /** Of one that need not have the whole file. */
  readonly stream?: (pieces: Iterable<Uint8Array>) => Seen;
}

/** What it found in the file. */
export interface Seen {
  readonly count: number;
  /** Of a loop that looks at no amounts: `null`. */
  readonly sum: bigint | null;
}

/** Whatever the format, its contenders; ours come first. */
export async function contendersOf(format: Format): Promise<readonly Contender[]> {
  switch (format) {
    case 'mt940':
      return (await import('./formats-mt940.ts')).CONTENDERS;
    case 'camt.053':
      return (await import('./formats-camt.ts')).CONTENDERS;
    case 'gpc':
      return (await import('./formats-gpc.ts')).CONTENDERS;
  }
}

/** Of a reader that streams. */
export function tallyOf(events: Iterable<StatementEvent>): Tally {
  let count = 0;
  let sum = 0n;
  for (const event of events) {
    if (event.type !== 'transaction') continue;
    count += 1;
    sum += event.transaction.amount.minor;
  }
  return { count, sum };
}

/** Of a reader that gives everything at its end. */
export function tallyOfStatements(statements: readonly Statement[]): Tally {
  let count = 0;
  let sum = 0n;
  for (const { transactions } of statements) {
    count += transactions.length;
    for (const { amount } of transactions) sum += amount.minor;
  }
  return { count, sum };
}

/** Where loops put each item, so that the compiler cannot leave out making what nobody looks at. */
export const sink: unknown[] = new Array(64);

/** A decimal string, or a number of crowns as some libraries give them, in hellers. */
export const hellersOf = (crowns: string | number): bigint => BigInt(Math.round(Number(crowns) * 100));
