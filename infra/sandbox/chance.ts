import { createHash } from 'node:crypto';

/** Chance that repeats: the same seed gives the same draws on every machine. */
export interface Chance {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [least, most]. */
  int(least: number, most: number): number;
  pick<T>(list: readonly T[]): T;
  /** True with the given probability. */
  flip(probability: number): boolean;
}

/** A stream of draws for a seed: a 32-bit Weyl sequence, mixed by MurmurHash3's finaliser. */
export function chance(seed: string): Chance {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0);
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
  const int = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    int,
    pick: (list) => {
      const item = list[int(0, list.length - 1)];
      if (item === undefined) throw new Error('Nothing to pick from: the list is empty.');
      return item;
    },
    flip: (probability) => next() < probability,
  };
}
