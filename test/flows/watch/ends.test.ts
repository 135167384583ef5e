import { describe, expect, test } from 'vitest';
import { manifestOf } from '../../../shared/banks/catalog.ts';
import { endsOf, stepOf, type End } from '../../../shared/flows/watch/ends.ts';
import { certificateUntil, consentUntil } from './support.ts';

const at = (text: string): number => Date.parse(text);

async function ends(now: string, credential = certificateUntil('com', 'crd', '2026-12-31')): Promise<End[]> {
  return endsOf(await manifestOf('raiffeisen'), credential, at(now));
}

describe('a step of the ladder', () => {
  // The certificate ends on 31 December at noon UTC.
  test.each([
    ['2026-11-30T22:00:00Z', 31, null],
    ['2026-11-30T23:30:00Z', 30, 30],
    ['2026-12-16T05:00:00Z', 15, 30],
    ['2026-12-17T05:00:00Z', 14, 14],
    ['2026-12-23T05:00:00Z', 8, 14],
    ['2026-12-24T05:00:00Z', 7, 7],
    ['2026-12-27T05:00:00Z', 4, 7],
    ['2026-12-28T05:00:00Z', 3, 3],
    ['2026-12-29T05:00:00Z', 2, 3],
    ['2026-12-30T05:00:00Z', 1, 1],
    ['2026-12-31T11:59:59Z', 0, 1],
    ['2026-12-31T12:00:00Z', 0, 0],
    ['2027-03-01T05:00:00Z', -60, 0],
  ])('at %s: %i days left, step %s', async (now, daysLeft, step) => {
    const [end] = await ends(now);
    expect(end).toMatchObject({ what: 'certificate', day: '2026-12-31', daysLeft });
    expect(stepOf(end!)).toBe(step);
  });

  test('a day without an hour has come with its first', async () => {
    const credential = certificateUntil('com', 'crd', '2028-01-01', { reactivateBy: '2026-12-31' });
    const steps = await Promise.all(
      ['2026-12-30T22:30:00Z', '2026-12-30T23:00:00Z'].map(async (now) =>
        stepOf((await ends(now, credential))[0]!),
      ),
    );
    expect(steps).toEqual([1, 0]);
  });
});

describe('what ends', () => {
  test('soonest first; a reactivation on the day of the end is none', async () => {
    const whats = async (reactivateBy: string): Promise<string[]> => {
      const credential = certificateUntil('com', 'crd', '2026-12-31', { reactivateBy });
      return (await ends('2026-06-01T05:00:00Z', credential)).map(({ what }) => what);
    };
    expect(await whats('2026-12-30')).toEqual(['reactivation', 'certificate']);
    expect(await whats('2026-12-31')).toEqual(['certificate']);
  });

  test('of a consent is the consent', async () => {
    const manifest = await manifestOf('erste');
    const found = endsOf(manifest, consentUntil('com', 'crd', '2027-01-15'), at('2026-12-20T05:00:00Z'));
    expect(found).toMatchObject([{ what: 'consent', daysLeft: 26, over: false }]);
  });
});
