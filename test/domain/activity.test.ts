import { expect, test } from 'vitest';
import { recordedUntil } from '../../shared/domain/activity.ts';

const NOW = Date.parse('2026-11-18T11:00:00Z');

test.each([
  [undefined, false],
  [null, false],
  ['2026-11-18T10:59:59.999Z', false],
  ['2026-11-18T11:00:00.000Z', false],
  ['2026-11-18T11:00:00.001Z', true],
  ['2026-11-25T11:00:00.000Z', true],
])('an activity log until %s is on: %s', (activityUntil, on) => {
  const connection = activityUntil === undefined ? {} : { activityUntil };
  expect(recordedUntil(connection, NOW)).toBe(on ? activityUntil : null);
});
