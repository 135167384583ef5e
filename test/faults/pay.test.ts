import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEngines, type Engines } from './engines.ts';
import { runPaySeed } from './pay-flow.ts';
import { runPeerSeed } from './peer-flow.ts';
import { seedTests } from './seeds.ts';

describe('fault harness of the payments', () => seedTests(runPaySeed, 1, 50));

describe('the usual policy', () => {
  let engines: Engines;
  beforeAll(async () => {
    engines = await startEngines();
  });
  afterAll(() => engines.stop());

  it('of repeating what got no good answer pays twice in the same bank', async () => {
    let doubled = 0;
    for (let seed = 1; seed <= 10; seed++) doubled += (await runPeerSeed(engines, seed)).doubled;
    expect(doubled).toBeGreaterThan(0);
  });
});
