import { expect, test } from 'vitest';
import { nextSlot, play, portsWith, runSlot, useEngines } from '../pull/support.ts';
import { currentOf } from './stage.ts';

// Row 18: how far the bank's clock is from ours is known from its own answers.

const world = useEngines();

test.each([0, 300, -90])('a bank whose clock is %i s ahead is remembered so', async (seconds) => {
  const stage = await play(world.engines);
  const { fingerprint } = await currentOf(stage);
  const skewed = portsWith(stage, (response) => ({
    ...response,
    headers: { ...response.headers, date: new Date(stage.time.now() + seconds * 1000).toUTCString() },
  }));
  await runSlot(stage, skewed);
  expect(Math.abs((await stage.calm.gate.skewOf(fingerprint))! - seconds)).toBeLessThanOrEqual(1);

  // A bank that tells no time changes nothing.
  const silent = portsWith(stage, ({ headers: { date: _, ...headers }, ...response }) => ({
    ...response,
    headers,
  }));
  await nextSlot(stage, silent);
  expect(Math.abs((await stage.calm.gate.skewOf(fingerprint))! - seconds)).toBeLessThanOrEqual(1);
});
