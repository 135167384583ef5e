import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEngines, type Engines } from './engines.ts';

const PORTION = 10;

type Run = (engines: Engines, seed: number) => Promise<{ readonly violations: readonly string[] }>;

/** Declares tests that run the seeds [first, first + count) of a flow's fault harness, in portions. */
export function seedTests(run: Run, first: number, count: number): void {
  let engines: Engines;
  beforeAll(async () => {
    engines = await startEngines();
  });
  afterAll(() => engines.stop());

  for (let from = first; from < first + count; from += PORTION) {
    it(`seeds ${from} to ${from + PORTION - 1} keep the promises`, { timeout: 180_000 }, async () => {
      const violations: string[] = [];
      for (let seed = from; seed < from + PORTION; seed++) {
        const result = await run(engines, seed);
        violations.push(...result.violations.map((violation) => `seed ${seed}: ${violation}`));
      }
      expect(violations).toEqual([]);
    });
  }
}
