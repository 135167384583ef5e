import { expect, test } from 'vitest';
import type { Stage } from '../../faults/stage.ts';
import { eventsOf, logged, nextSlot, runSlot, useEngines } from '../pull/support.ts';
import { addCertificate, currentOf, proven, rotate, serialOf, shownAccount, standingOf } from './stage.ts';

// Row 17: a new certificate that was proven and is refused later gives way to the one before, once.

const world = useEngines();
const YEAR = 365 * 86_400_000;

const changes = async (stage: Stage): Promise<string[]> =>
  (await eventsOf(stage)).map(({ type }) => type).filter((type) => /^(credential|connection)\./.test(type));

test('the one before returns, is pulled with, and is not left for the refused one again', async () => {
  const stage = await proven(world.engines);
  const before = await currentOf(stage);
  const after = await addCertificate(stage, 'new');
  await rotate(stage, after);
  await runSlot(stage);
  expect(await shownAccount(stage)).toMatchObject({ lastPull: { outcome: 'complete' } });

  stage.bank.block(serialOf(after));
  await nextSlot(stage);
  expect(await standingOf(stage)).toMatchObject({ status: 'active', credential: before.id, previous: null });
  const { data } = (await eventsOf(stage)).findLast(({ type }) => type === 'credential.returned')!;
  expect(data).toMatchObject({ credential: before.id, refused: after.id });
  expect(logged(stage, 'alarm.credential-returned')).toHaveLength(1);

  await nextSlot(stage);
  expect(await shownAccount(stage)).toMatchObject({ lastPull: { outcome: 'complete' }, failures: 0 });

  // Refused as well: there is nothing left to return to.
  stage.bank.block(serialOf(before));
  await nextSlot(stage);
  expect(await standingOf(stage)).toMatchObject({ status: 'paused', credential: before.id });
  expect(await changes(stage)).toEqual([
    'connection.created',
    'credential.current',
    'credential.returned',
    'connection.paused',
  ]);
});

test.each([
  ['that has ended', { notAfter: '2026-09-16T07:00:00.000Z' }],
  ['that a person must reactivate first', { reactivateBy: '2026-09-16' }],
  ['that a person should have reactivated', { reactivateBy: '2026-09-10' }],
])('a certificate before %s does not return', async (_, told) => {
  const stage = await proven(world.engines);
  const before = await currentOf(stage);
  const after = await addCertificate(stage, 'new', {
    notAfter: new Date(stage.time.now() + YEAR).toISOString(),
  });
  await rotate(stage, after);
  await stage.calm.connections.changeCredential(before, told);
  stage.bank.block(serialOf(after));
  await runSlot(stage);
  expect(await standingOf(stage)).toMatchObject({ status: 'paused', credential: after.id });
});

test('a certificate that took over from a refused one returns to nothing', async () => {
  const stage = await proven(world.engines);
  const before = await currentOf(stage);
  stage.bank.block(serialOf(before));
  await runSlot(stage);
  expect(await standingOf(stage)).toMatchObject({ status: 'paused' });
  const after = await addCertificate(stage, 'new');
  await rotate(stage, after);
  expect(await standingOf(stage)).toMatchObject({ status: 'active', previous: null });
  stage.bank.block(serialOf(after));
  await nextSlot(stage);
  expect(await standingOf(stage)).toMatchObject({ status: 'paused', credential: after.id });
});

test('one that expires under way gives way to one that lasts longer', async () => {
  const stage = await proven(world.engines);
  const before = await currentOf(stage);
  const after = await addCertificate(stage, 'short', {
    notAfter: new Date(stage.time.now() + 1_800_000).toISOString(),
  });
  await rotate(stage, after);
  const asked = stage.bank.requests().length;
  await nextSlot(stage);
  expect(await standingOf(stage)).toMatchObject({ status: 'active', credential: before.id });
  // Row 15: what its own dates say is known without asking the bank; the pull goes on with the other one at once.
  const shown = new Set(
    stage.bank
      .requests()
      .slice(asked)
      .map(({ certificate }) => certificate),
  );
  expect([...shown]).toEqual([before.fingerprint.slice(0, 16)]);
});
