import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../shared/domain/event.ts';
import { ConditionFailed, type Write } from '../../shared/store/dynamo.ts';
import { RETENTION_DAYS } from '../../shared/store/feed.ts';
import { lostAnswer, openStore, realClock, refusedWith, sentOf, testClock, useEngines } from './support.ts';

const world = useEngines();
const DAY = 86_400_000;
const event = (subject: string): NewEvent => ({ type: 'pull.finished', subject, data: { account: 'acc_1' } });
const put = (sk: string, company: string): Write => ({
  table: world.places.ledger,
  put: { pk: `${company}#acc_1`, sk },
  when: 'absent',
});

describe('the feed', () => {
  it('is empty before the first event', async () => {
    const { feed } = openStore(world.places);
    expect(await feed.read('com_empty', 0, 10)).toEqual({ events: [], last: 0 });
    expect(await feed.read('com_empty', 7, 10)).toEqual({ events: [], last: 7 });
  });

  it('numbers events from one, each with an id, its time and its data', async () => {
    const { feed } = openStore(world.places);
    await feed.commit('com_first', [], [event('a'), event('b')]);
    await feed.commit('com_first', [], [event('c')]);
    const { events, last } = await feed.read('com_first', 0, 10);
    expect(events.map(({ sequence, subject }) => [sequence, subject])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(last).toBe(3);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    expect(events[0]).toMatchObject({
      type: 'pull.finished',
      at: '2026-09-16T08:00:00.000Z',
      data: { account: 'acc_1' },
    });
  });

  it('makes changes and events together, or neither', async () => {
    const { feed, dynamo } = openStore(world.places);
    const company = 'com_together';
    await feed.commit(company, [put('one', company)], [event('one')]);
    const again = feed.commit(company, [put('new', company), put('one', company)], [event('x'), event('y')]);
    await expect(again).rejects.toEqual(new ConditionFailed(1));
    expect((await feed.read(company, 0, 10)).last).toBe(1);
    expect(await dynamo.get(world.places.ledger, { pk: `${company}#acc_1`, sk: 'new' })).toBeNull();
  });

  it('touches no counter for a change without an event', async () => {
    const { feed, road } = openStore(world.places);
    await feed.commit('com_silent', [put('one', 'com_silent')], []);
    expect(road.sent).toHaveLength(1);
    expect((await feed.read('com_silent', 0, 10)).last).toBe(0);
  });

  it('takes fifty writers at once: dense, in order, none lost', { timeout: 60_000 }, async () => {
    const company = 'com_crowd';
    const { feed } = openStore(world.places, realClock);
    const writers = Array.from({ length: 50 }, (_, n) =>
      feed.commit(company, [put(`row#${n}`, company)], [event(`${n}.1`), event(`${n}.2`)]),
    );
    await Promise.all(writers);
    const { events } = await feed.read(company, 0, 1_000);
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    expect(new Set(events.map(({ subject }) => subject)).size).toBe(100);
    // The events of one change stand together.
    for (const [at, one] of events.entries()) {
      if (at % 2 === 0) expect(events[at + 1]!.subject).toBe(one.subject.replace('.1', '.2'));
    }
  });

  it('loses and doubles nothing when answers are lost and transactions meet', async () => {
    const company = 'com_storm';
    const { feed, road } = openStore(world.places);
    const conflict = refusedWith('TransactionCanceledException', 400, {
      CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
    });
    road.next('TransactWriteItems', lostAnswer, conflict, lostAnswer, conflict);
    for (const subject of ['a', 'b', 'c'])
      await feed.commit(company, [put(subject, company)], [event(subject)]);
    const { events } = await feed.read(company, 0, 10);
    expect(events.map(({ sequence, subject }) => `${sequence}${subject}`)).toEqual(['1a', '2b', '3c']);
  });

  it('tells a change’s own failed condition from a lost race for the counter', async () => {
    const company = 'com_race';
    const { feed, road } = openStore(world.places);
    await feed.commit(company, [put('taken', company)], [event('first')]);
    // Between reading the counter and writing it, another writer was quicker.
    road.next('GetItem', async (call) => {
      const before = await call();
      await openStore(world.places).feed.commit(company, [], [event('quicker')]);
      return before;
    });
    const work = feed.commit(company, [put('taken', company)], [event('late')]);
    await expect(work).rejects.toEqual(new ConditionFailed(0));
    expect(sentOf(road, 'GetItem')).toHaveLength(3);
    expect((await feed.read(company, 0, 10)).events.map(({ subject }) => subject)).toEqual([
      'first',
      'quicker',
    ]);
  });
});

describe('reading the feed', () => {
  it('goes on behind a sequence number, page by page', async () => {
    const company = 'com_pages';
    const { feed } = openStore(world.places);
    await feed.commit(company, [], ['a', 'b', 'c', 'd', 'e'].map(event));
    const subjects: string[] = [];
    for (let after = 0; ;) {
      const { events, last } = await feed.read(company, after, 2);
      subjects.push(...events.map(({ subject }) => subject));
      if (last === after) break;
      after = last;
    }
    expect(subjects).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('passes over what is past its days, and says where to go on all the same', async () => {
    const company = 'com_old';
    const clock = testClock();
    const { feed } = openStore(world.places, clock);
    await feed.commit(company, [], [event('old'), event('older')]);
    clock.advance(RETENTION_DAYS * DAY);
    expect((await feed.read(company, 0, 10)).events).toHaveLength(2);
    clock.advance(1);
    await feed.commit(company, [], [event('new')]);
    expect(await feed.read(company, 0, 2)).toEqual({ events: [], last: 2 });
    expect((await feed.read(company, 0, 10)).events.map(({ subject }) => subject)).toEqual(['new']);
  });

  it('never shows another company’s events', async () => {
    const { feed } = openStore(world.places);
    await feed.commit('com_a', [], [event('of a')]);
    await feed.commit('com_ab', [], [event('of ab')]);
    await feed.commit('com_b', [], [event('of b')]);
    for (const company of ['com_a', 'com_ab', 'com_b']) {
      const { events } = await feed.read(company, 0, 10);
      expect(events.map(({ subject }) => subject)).toEqual([`of ${company.slice('com_'.length)}`]);
    }
  });
});
