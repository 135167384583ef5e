import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../shared/api/problem.ts';
import type { Hook } from '../../../shared/domain/hook.ts';
import { chargeHook } from '../../../shared/flows/hooks/limit.ts';
import { ConditionFailed } from '../../../shared/store/dynamo.ts';
import { createHooks } from '../../../shared/store/hooks.ts';
import { openStore, testClock, useEngines } from '../../store/support.ts';

const shared = useEngines();
let made = 0;

async function open(start: string) {
  const clock = testClock(Date.parse(start));
  const { dynamo } = openStore(shared.places, clock);
  const hooks = createHooks(dynamo, shared.places);
  const hook = {
    id: `hook_${++made}`,
    company: 'com_1',
    limits: { CZK: '100.00', JPY: '1000' },
    usage: null,
    revision: 1,
    lastOrderAt: null,
  } as unknown as Hook;
  await hooks.add(hook);
  const charge = (sum: string, currency = 'CZK') => chargeHook({ hooks, clock }, hook, { sum, currency });
  return {
    clock,
    hooks,
    hook,
    charge,
    take: async (sum: string, currency?: string) => dynamo.transact([await charge(sum, currency)]),
    commit: (write: Awaited<ReturnType<typeof charge>>) => dynamo.transact([write]),
    usage: async () => (await hooks.get('com_1', hook.id))?.usage,
  };
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'taken',
    (error: unknown) => (error as Problem).fields.code,
  );

describe('a day of a limit', () => {
  test.each([
    ['winter', '2026-11-18T22:59:59Z', '2026-11-18', '2026-11-19'],
    ['summer', '2026-07-18T21:59:59Z', '2026-07-18', '2026-07-19'],
    ['the night the clock goes back', '2026-10-25T22:59:59Z', '2026-10-25', '2026-10-26'],
    ['the night the clock goes forward', '2026-03-28T22:59:59Z', '2026-03-28', '2026-03-29'],
  ])('ends at midnight in Prague: %s', async (_name, start, day, next) => {
    const { clock, take, usage } = await open(start);
    await take('100.00');
    expect(await usage()).toEqual({ day, sums: { CZK: '100.00' } });
    expect(await codeOf(take('0.01'))).toBe('hook-limit');
    clock.advance(1_000);
    await take('99.00');
    expect(await usage()).toEqual({ day: next, sums: { CZK: '99.00' } });
  });

  test('is not begun anew by a clock that lags', async () => {
    const { hooks, hook, take, commit, usage } = await open('2026-11-18T23:00:00Z');
    await take('60.00');
    const clock = testClock(Date.parse('2026-11-18T22:59:00Z'));
    const late = (sum: string) => chargeHook({ hooks, clock }, hook, { sum, currency: 'CZK' });
    expect(await codeOf(late('40.01'))).toBe('hook-limit');
    await commit(await late('40.00'));
    expect(await usage()).toEqual({ day: '2026-11-19', sums: { CZK: '100.00' } });
  });
});

test('currencies are counted apart, each in its own decimals; a currency nobody listed is refused', async () => {
  const { take, usage } = await open('2026-11-18T11:00:00Z');
  await take('0.01');
  await take('999', 'JPY');
  expect(await codeOf(take('2', 'JPY'))).toBe('hook-limit');
  expect(await codeOf(take('1.00', 'EUR'))).toBe('hook-limit');
  expect(await usage()).toMatchObject({ sums: { CZK: '0.01', JPY: '999' } });
});

test('two orders that saw the same day: the second one must look again', async () => {
  const { charge, commit, usage } = await open('2026-11-18T11:00:00Z');
  const [first, second] = [await charge('60.00'), await charge('61.00')];
  await commit(first);
  await expect(commit(second)).rejects.toThrow(ConditionFailed);
  expect(await codeOf(charge('60.00'))).toBe('hook-limit');
  expect(await usage()).toMatchObject({ sums: { CZK: '60.00' } });
});

test('a hook deleted meanwhile brings nothing', async () => {
  const { charge, commit, hooks, hook } = await open('2026-11-18T11:00:00Z');
  const write = await charge('1.00');
  await hooks.remove(hook);
  await expect(commit(write)).rejects.toThrow(ConditionFailed);
  expect(await codeOf(charge('1.00'))).toBe('not-found');
  expect(await hooks.get('com_1', hook.id)).toBeNull();
});
