import { describe, expect, it } from 'vitest';
import { createAccounts } from '../../shared/store/accounts.ts';
import { account } from './records.ts';
import { lostAnswer, lostCall, openStore, refusedWith, sentOf, useEngines } from './support.ts';

const world = useEngines();
const discovered = { type: 'account.discovered', subject: 'acc', data: {} } as const;

function open(places = world.places) {
  const { dynamo, feed, road } = openStore(places);
  return { accounts: createAccounts(dynamo, feed, places), dynamo, feed, road };
}

/** An account in the table. */
async function added(id: string, company: string, told = {}) {
  const mine = account(id, company, told);
  await open().accounts.add(mine, discovered);
  return mine;
}

describe('an account', () => {
  it('is added once, with one event', async () => {
    const { accounts, feed } = open();
    const seen = Array.from({ length: 5 }, (_, n) => account('acc_1', 'com_add', { name: `seen by ${n}` }));
    const made = await Promise.all(seen.map((one) => accounts.add(one, discovered)));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await accounts.get('com_add', 'acc_1')).toMatchObject(seen[made.indexOf(true)]!);
    expect((await feed.read('com_add', 0, 10)).last).toBe(1);
  });

  it('is seen by its company alone', async () => {
    const { accounts } = open();
    await added('acc_2', 'com_own');
    expect(await accounts.get('com_other', 'acc_2')).toBeNull();
    expect(await accounts.getMany('com_other', ['acc_2'])).toEqual([]);
    expect(await accounts.list('com_other')).toEqual([]);
    expect((await accounts.getMany('com_own', ['acc_2', 'acc_none'])).map(({ id }) => id)).toEqual(['acc_2']);
  });
});

describe('progress', () => {
  it('is written once per revision, and moves it on', async () => {
    const { accounts } = open();
    const mine = await added('acc_3', 'com_progress');
    const next = await accounts.record(mine, 7, { slot: 's1' });
    expect(next).toMatchObject({ slot: 's1', fence: 7, revision: 2 });
    expect(await accounts.record(mine, 7, { slot: 's2' })).toBeNull();
    expect(await accounts.record(next!, 7, { slot: 's2' })).toMatchObject({ slot: 's2', revision: 3 });
  });

  it('row 53: of a zombie is refused once a newer lease wrote, whatever revision it knows', async () => {
    const { accounts } = open();
    const mine = await added('acc_4', 'com_zombie');
    const heirs = await accounts.record(mine, 8, { slot: 'heir' });
    expect(await accounts.record(heirs!, 7, { slot: 'zombie' })).toBeNull();
    expect(await accounts.get('com_zombie', 'acc_4')).toMatchObject({ slot: 'heir', fence: 8, revision: 2 });
  });

  it('is known as one’s own when its answer was lost', async () => {
    const { accounts, road } = open();
    const mine = await added('acc_5', 'com_lost');
    road.next('UpdateItem', lostAnswer);
    expect(await accounts.record(mine, 7, { slot: 's1' })).toMatchObject({ slot: 's1', revision: 2 });
    expect(sentOf(road, 'UpdateItem')).toHaveLength(1);
  });

  it('that never arrived is no progress: the error is told', async () => {
    const { accounts, road } = open();
    const mine = await added('acc_6', 'com_lost');
    road.next('UpdateItem', lostCall);
    await expect(accounts.record(mine, 7, { slot: 's1' })).rejects.toThrow('hang up');
    expect(await accounts.get('com_lost', 'acc_6')).toMatchObject({ slot: null, revision: 1 });
  });

  it('of another run is not taken for one’s own', async () => {
    const { accounts, road } = open();
    const mine = await added('acc_7', 'com_lost');
    road.next('UpdateItem', async () => {
      await open().accounts.record(mine, 8, { slot: 'other' });
      throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    });
    await expect(accounts.record(mine, 7, { slot: 's1' })).rejects.toThrow('reset');
  });

  it('refused for good is an error, not a lost lease', async () => {
    const { accounts, road } = open();
    const mine = await added('acc_8', 'com_lost');
    road.next('UpdateItem', refusedWith('AccessDeniedException', 403));
    await expect(accounts.record(mine, 7, {})).rejects.toThrow('AccessDenied');
  });

  it('leaves settings alone that an operator changed meanwhile, and they leave it alone', async () => {
    const { accounts } = open();
    const mine = await added('acc_9', 'com_settings');
    await accounts.changeSettings(mine, { ...mine.settings, historyDays: 9 });
    const next = await accounts.record(mine, 7, { slot: 's1' });
    expect(next).toMatchObject({ slot: 's1', settings: { historyDays: 9 } });
    const changed = await accounts.changeSettings(mine, { ...mine.settings, historyDays: 10 });
    expect(changed).toMatchObject({ slot: 's1', revision: 2, fence: 7, settings: { historyDays: 10 } });
  });
});

describe('the index of due accounts', () => {
  const later = '2026-10-01T00:00:00.000Z';

  it('holds enabled accounts the bank shows, of every company, and nothing else', async () => {
    const places = await world.engines.open('due');
    const { accounts } = open(places);
    const off = { enabled: false, mode: 'both', historyDays: 5, formats: [], bank: {} } as const;
    const all = [
      ...Array.from({ length: 12 }, (_, n) => account(`acc_${n}`, `com_${n % 3}`)),
      account('acc_off', 'com_1', { settings: off }),
      account('acc_gone', 'com_1', { active: false }),
      account('acc_late', 'com_1', { createdAt: '2026-11-01T00:00:00.000Z' }),
    ];
    for (const one of all) await accounts.add(one, discovered);
    const due = await accounts.due(later);
    expect(due.map((one) => one.account).sort()).toEqual(all.slice(0, 12).map(({ id }) => id).sort()); // prettier-ignore
    expect(due).toContainEqual({ company: 'com_1', account: 'acc_1', connection: 'con_1' });
  });

  it('follows what is switched off, closed, and shown again', async () => {
    const places = await world.engines.open('due-moves');
    const { accounts } = open(places);
    const mine = account('acc_1', 'com_1');
    await accounts.add(mine, discovered);
    const isDue = async () => (await accounts.due(later)).length === 1;
    expect(await isDue()).toBe(true);
    const off = await accounts.changeSettings(mine, { ...mine.settings, enabled: false });
    expect(await isDue()).toBe(false);
    const on = await accounts.changeSettings(off, mine.settings);
    expect(await isDue()).toBe(true);
    await accounts.refresh(on, { active: false });
    expect(await isDue()).toBe(false);
    await accounts.refresh({ ...on, active: false }, { active: true, handle: 'new', connection: 'con_2' });
    expect(await accounts.due(later)).toEqual([{ company: 'com_1', account: 'acc_1', connection: 'con_2' }]);
    expect(await accounts.get('com_1', 'acc_1')).toMatchObject({ handle: 'new', revision: 1 });
  });

  it('does not bring an account to life that is not there', async () => {
    const { accounts } = open();
    await expect(accounts.refresh(account('acc_none', 'com_none'), { active: true })).rejects.toThrow();
    expect(await accounts.get('com_none', 'acc_none')).toBeNull();
  });
});
