import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEngines, type Engines } from './engines.ts';
import { runPaySeed } from './pay-flow.ts';
import { runPeerSeed } from './peer-flow.ts';

const SEEDS = 60;
const PORTION = 20;

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
});
afterAll(() => engines.stop());

describe('fault harness of the payments', () => {
  for (let from = 1; from <= SEEDS; from += PORTION) {
    it(`seeds ${from} to ${from + PORTION - 1} keep the promises`, { timeout: 180_000 }, async () => {
      const violations: string[] = [];
      for (let seed = from; seed < from + PORTION; seed++) {
        const result = await runPaySeed(engines, seed);
        violations.push(...result.violations.map((violation) => `seed ${seed}: ${violation}`));
      }
      expect(violations).toEqual([]);
    });
  }

  it('the usual policy, repeating what got no good answer, pays twice in the same bank', async () => {
    let doubled = 0;
    for (let seed = 1; seed <= 10; seed++) doubled += (await runPeerSeed(engines, seed)).doubled;
    expect(doubled).toBeGreaterThan(0);
  });
});
