import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEngines, type Engines } from './engines.ts';
import { runPeerSeed } from './peer-flow.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
});
afterAll(() => engines.stop());

it('the usual policy, repeating what got no good answer, pays twice in the same bank', async () => {
  let doubled = 0;
  for (let seed = 1; seed <= 10; seed++) doubled += (await runPeerSeed(engines, seed)).doubled;
  expect(doubled).toBeGreaterThan(0);
});
