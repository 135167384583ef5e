import { describe, expect, it } from 'vitest';
import { createGate, type Entry, type Lease } from '../../shared/store/gate.ts';
import { lostAnswer, lostCall, openStore, refusedWith, START, testClock, useEngines } from './support.ts';

const world = useEngines();
const MINUTE = 60_000;

function open(clock = testClock()) {
  const { dynamo, road } = openStore(world.places, clock);
  return { gate: createGate(dynamo, world.places, clock), dynamo, road, clock };
}

function leaseOf(entry: Entry): Lease {
  if (entry.state !== 'open') throw new Error(`the gate is ${entry.state}`);
  return entry.lease;
}

describe('the gate', () => {
  it('opens for one, and again once that one left', async () => {
    const { gate } = open();
    const first = leaseOf(await gate.enter('f1', 'run_a', MINUTE));
    expect(first).toMatchObject({ holder: 'run_a', until: START + MINUTE, usage: {} });
    expect(await gate.enter('f1', 'run_b', MINUTE)).toEqual({ state: 'held' });
    await gate.leave(first, { 500: { getAccounts: 3 } }, null);
    const second = leaseOf(await gate.enter('f1', 'run_b', MINUTE));
    expect(second.fence).toBeGreaterThan(first.fence);
    expect(second.usage).toEqual({ 500: { getAccounts: 3 } });
  });

  it('is one per certificate', async () => {
    const { gate } = open();
    expect((await gate.enter('f2a', 'run_a', MINUTE)).state).toBe('open');
    expect((await gate.enter('f2b', 'run_b', MINUTE)).state).toBe('open');
  });

  it('opens for exactly one of fifty who come at once', async () => {
    const { gate } = open();
    const entries = await Promise.all(
      Array.from({ length: 50 }, (_, n) => gate.enter('crowd', `run_${n}`, MINUTE)),
    );
    expect(entries.filter(({ state }) => state === 'open')).toHaveLength(1);
    expect(entries.filter(({ state }) => state === 'held')).toHaveLength(49);
  });

  it('row 53: a lease that ended is taken over with a higher fence, and a zombie’s leaving does nothing', async () => {
    const { gate, clock } = open();
    const zombie = leaseOf(await gate.enter('f3', 'run_z', MINUTE));
    clock.advance(MINUTE);
    const heir = leaseOf(await gate.enter('f3', 'run_h', MINUTE));
    expect(heir.fence).toBeGreaterThan(zombie.fence);
    await gate.leave(zombie, { 1: { a: 1 } }, START + 999 * MINUTE);
    expect(await gate.enter('f3', 'run_x', MINUTE)).toEqual({ state: 'held' });
    await gate.leave(heir, { 2: { b: 2 } }, null);
    expect(leaseOf(await gate.enter('f3', 'run_x', MINUTE)).usage).toEqual({ 2: { b: 2 } });
  });

  it('opens for exactly one of those who take an ended lease over', async () => {
    const { gate, clock } = open();
    await gate.enter('f4', 'run_z', MINUTE);
    clock.advance(2 * MINUTE);
    const entries = await Promise.all(
      Array.from({ length: 20 }, (_, n) => gate.enter('f4', `run_${n}`, MINUTE)),
    );
    expect(entries.filter(({ state }) => state === 'open')).toHaveLength(1);
  });

  it('gives fences that go on above those of the certificate before it', async () => {
    const { gate, clock } = open();
    const old = leaseOf(await gate.enter('old certificate', 'run_a', MINUTE));
    clock.advance(1);
    const renewed = leaseOf(await gate.enter('renewed certificate', 'run_b', MINUTE));
    expect(renewed.fence).toBeGreaterThan(old.fence);
  });

  it('gives higher fences also to a clock that went back', async () => {
    const { gate } = open();
    const ahead = leaseOf(await gate.enter('f5', 'run_a', MINUTE));
    await gate.leave(ahead, {}, null);
    const behind = open(testClock(START - MINUTE));
    expect(leaseOf(await behind.gate.enter('f5', 'run_b', MINUTE)).fence).toBeGreaterThan(ahead.fence);
  });
});

describe('silence', () => {
  it('keeps everybody out until its end', async () => {
    const { gate, clock } = open();
    const lease = leaseOf(await gate.enter('s1', 'run_a', MINUTE));
    await gate.leave(lease, {}, START + 10 * MINUTE);
    const silent = { state: 'silent', notBefore: START + 10 * MINUTE };
    expect(await gate.enter('s1', 'run_b', MINUTE)).toEqual(silent);
    clock.advance(10 * MINUTE - 1);
    expect(await gate.enter('s1', 'run_b', MINUTE)).toEqual(silent);
    clock.advance(1);
    expect((await gate.enter('s1', 'run_b', MINUTE)).state).toBe('open');
  });

  it('is forgotten by a run that leaves without one', async () => {
    const { gate, clock } = open();
    await gate.leave(leaseOf(await gate.enter('s2', 'run_a', MINUTE)), {}, START + MINUTE);
    clock.advance(MINUTE);
    await gate.leave(leaseOf(await gate.enter('s2', 'run_b', MINUTE)), {}, null);
    expect((await gate.enter('s2', 'run_c', MINUTE)).state).toBe('open');
  });
});

describe('the bank’s clock', () => {
  it('is remembered from the last call that told it', async () => {
    const { gate } = open();
    expect(await gate.skewOf('c1')).toBeNull();
    const enter = async (holder: string) => leaseOf(await gate.enter('c1', holder, MINUTE));
    await gate.leave(await enter('run_a'), {}, null);
    expect(await gate.skewOf('c1')).toBeNull();
    await gate.leave(await enter('run_b'), {}, null, -75);
    expect(await gate.skewOf('c1')).toBe(-75);
    await gate.leave(await enter('run_c'), {}, null, null);
    expect(await gate.skewOf('c1')).toBe(-75);
    await gate.leave(await enter('run_d'), {}, null, 0);
    expect(await gate.skewOf('c1')).toBe(0);
  });
});

describe('lost answers', () => {
  it('on entering: the lease is recognised as one’s own', async () => {
    const { gate, road } = open();
    road.next('UpdateItem', lostAnswer);
    const lease = leaseOf(await gate.enter('l1', 'run_a', MINUTE));
    expect(lease).toMatchObject({ holder: 'run_a', until: START + MINUTE });
    // One lease was taken, not two.
    expect(await gate.enter('l1', 'run_b', MINUTE)).toEqual({ state: 'held' });
    await gate.leave(lease, {}, null);
    expect((await gate.enter('l1', 'run_b', MINUTE)).state).toBe('open');
  });

  it('on entering, before the write: tried again', async () => {
    const { gate, road } = open();
    road.next('UpdateItem', lostCall, refusedWith('InternalServerError', 500));
    expect((await gate.enter('l2', 'run_a', MINUTE)).state).toBe('open');
  });

  it('without end: thrown', async () => {
    const { gate, road } = open();
    road.next('UpdateItem', lostCall, lostCall, lostCall, lostCall, lostCall);
    await expect(gate.enter('l3', 'run_a', MINUTE)).rejects.toThrow('hang up');
  });

  it('another’s lease is not taken for one’s own', async () => {
    const { gate, road } = open();
    const other = open();
    road.next('UpdateItem', async () => {
      await other.gate.enter('l4', 'run_b', MINUTE);
      return lostCall();
    });
    expect(await gate.enter('l4', 'run_a', MINUTE)).toEqual({ state: 'held' });
  });
});

it('two writes a run: one to enter, one to leave', async () => {
  const { gate, road } = open();
  await gate.leave(leaseOf(await gate.enter('w1', 'run_a', MINUTE)), {}, null);
  expect(road.sent.map((command) => command.constructor.name)).toEqual([
    'GetItemCommand',
    'UpdateItemCommand',
    'UpdateItemCommand',
  ]);
});
