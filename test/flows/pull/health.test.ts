import { describe, expect, it } from 'vitest';
import type { Misbehaviour } from '../../../infra/sandbox/types.ts';
import type { EventType } from '../../../shared/domain/event.ts';
import type { Account } from '../../../shared/domain/records.ts';
import { checkPromises } from '../../faults/promises.ts';
import type { Stage } from '../../faults/stage.ts';
import {
  accountOf,
  eventsOf,
  logged,
  nextSlot,
  play,
  pullByHand,
  runSlot,
  truthOf,
  useEngines,
} from './support.ts';

const world = useEngines();
const countOf = async (stage: Stage, type: EventType): Promise<number> =>
  (await eventsOf(stage)).filter((event) => event.type === type).length;

/** Adds an account to the first company, on a connection of its own if one is named. */
async function addAccount(stage: Stage, told: Partial<Account>, connection?: string): Promise<Account> {
  const model = await accountOf(stage);
  const { id: company } = stage.companies[0]!;
  if (connection) {
    const standing = (await stage.calm.connections.get(company, model.connection))!;
    const added = { ...standing, id: connection, code: connection, revision: 1 };
    await stage.calm.connections.create(added, { type: 'connection.created', subject: connection, data: {} });
  }
  const account = {
    ...model,
    sync: { transactions: null, statements: null, resume: null },
    lastPull: null,
    connection: connection ?? model.connection,
    scope: told.id!,
    revision: 1,
    ...told,
  } as Account;
  await stage.calm.accounts.add(account, { type: 'account.discovered', subject: account.id, data: {} });
  return account;
}

describe('one failing account', () => {
  it.each<[string, Partial<Account>]>([
    ['whose number the bank does not know', { handle: '9999999999', number: '9999999999' }],
    ['whose currency it does not have', { currency: 'GBP' }],
    ['whose number is none', { handle: 'x y', number: 'x' }],
  ])('%s stops no other, whichever comes first', async (_, wrong) => {
    for (const id of ['acc_0', 'acc_1', 'acc_2', 'acc_3', 'acc_4']) {
      const stage = await play(world.engines);
      await addAccount(stage, { ...wrong, id });
      expect(await runSlot(stage)).toEqual([]);
      expect(await accountOf(stage)).toMatchObject({ lastPull: { outcome: 'complete' } });
      const bad = await stage.calm.accounts.get(stage.companies[0]!.id, id);
      expect(bad).toMatchObject({ failures: 1, lastPull: { outcome: 'failed' }, freshAt: null });
      expect(bad!.lastPull!.failure!.message).not.toBe('');
    }
  });

  it('that answers nothing is complete: an account at rest is no failure', async () => {
    const stage = await play(world.engines);
    const idle = await addAccount(stage, { id: 'acc_idle', handle: '864201352', number: '864201352' });
    expect(truthOf(stage, idle, '2026-09-01', '2026-09-16')).toEqual([]);
    await runSlot(stage);
    expect(await stage.calm.accounts.get(idle.company, idle.id)).toMatchObject({
      lastPull: { outcome: 'complete' },
    });
    expect(await accountOf(stage)).toMatchObject({ lastPull: { outcome: 'complete' } });
  });

  it('switched off, or gone from the bank’s list, is not asked for', async () => {
    const stage = await play(world.engines);
    const account = await accountOf(stage);
    await stage.calm.accounts.changeSettings(account, { ...account.settings, enabled: false });
    await runSlot(stage);
    await stage.calm.accounts.changeSettings(account, account.settings);
    await stage.calm.accounts.refresh(account, { active: false });
    await nextSlot(stage);
    expect(stage.bank.requests()).toEqual([]);
  });
});

describe('failing slots', () => {
  it('three in a row are one event and one alarm; the first good one is the news that it is over', async () => {
    const stage = await play(world.engines);
    stage.bank.misbehave({ kind: 'status-503', times: Infinity });
    const told: number[] = [];
    for (let slot = 0; slot < 6; slot++) {
      await nextSlot(stage);
      told.push(await countOf(stage, 'account.failing'));
    }
    expect(told).toEqual([0, 0, 1, 1, 1, 1]);
    expect(logged(stage, 'alarm.account-failing')).toMatchObject([{ level: 'error', failures: 3 }]);
    expect(await accountOf(stage)).toMatchObject({ failures: 6 });
    stage.bank.behave();
    await nextSlot(stage);
    await nextSlot(stage);
    expect(await countOf(stage, 'account.recovered')).toBe(1);
    expect(await accountOf(stage)).toMatchObject({ failures: 0, lastPull: { outcome: 'complete' } });
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });

  it('fewer than three are no news, nor is their end', async () => {
    const stage = await play(world.engines);
    for (let turn = 0; turn < 3; turn++) {
      stage.bank.misbehave({ kind: 'status-503', times: Infinity });
      await nextSlot(stage);
      await nextSlot(stage);
      stage.bank.behave();
      await nextSlot(stage);
    }
    expect(await countOf(stage, 'account.failing')).toBe(0);
    expect(await countOf(stage, 'account.recovered')).toBe(0);
  });

  it('keep what was fresh as it was', async () => {
    const stage = await play(world.engines);
    await runSlot(stage);
    const { freshAt, sync } = await accountOf(stage);
    stage.bank.misbehave({ kind: 'drop', times: Infinity });
    await nextSlot(stage);
    expect(await accountOf(stage)).toMatchObject({ freshAt, sync, failures: 1 });
  });
});

describe('a refused credential', () => {
  const blocked: Misbehaviour = { kind: 'blocked-certificate', times: Infinity };

  it('pauses every connection on it once, with one event and one alarm each, and asks no more', async () => {
    const stage = await play(world.engines, { companies: 2 });
    await addAccount(stage, { id: 'acc_second' }, 'con_second');
    stage.bank.block(serialOf(await fingerprintOf(stage)));
    expect(await runSlot(stage)).toEqual([]);
    const [company, other] = stage.companies;
    for (const id of [company!.connection, 'con_second']) {
      const connection = await stage.calm.connections.get(company!.id, id);
      expect(connection).toMatchObject({ status: 'paused', pause: { kind: 'credential-refused' } });
      expect(connection!.pause!.message).toMatch(/certificate/);
    }
    expect(await countOf(stage, 'connection.paused')).toBe(2);
    expect(logged(stage, 'alarm.connection-paused')).toHaveLength(2);
    // Another company's certificate is another one.
    expect(await stage.calm.connections.get(other!.id, other!.connection)).toMatchObject({
      status: 'active',
    });
    expect((await accountOf(stage, other)).lastPull).toMatchObject({ outcome: 'complete' });

    const before = stage.bank.requests({ certificate: serialOf(await fingerprintOf(stage)) }).length;
    for (let slot = 0; slot < 3; slot++) await nextSlot(stage);
    expect(stage.bank.requests({ certificate: serialOf(await fingerprintOf(stage)) })).toHaveLength(before);
    expect(await countOf(stage, 'connection.paused')).toBe(2);
  });

  it('keeps all there is; resumed by a person, everything missed is made up for', async () => {
    const stage = await play(world.engines);
    await runSlot(stage);
    stage.bank.misbehave(blocked);
    await nextSlot(stage);
    for (let day = 0; day < 5; day++) await nextSlot(stage, stage.calm, 24 * 3_600_000);
    stage.bank.behave();
    const { id, connection } = stage.companies[0]!;
    const paused = (await stage.calm.connections.get(id, connection))!;
    const resumed = { type: 'connection.resumed', subject: connection, data: {} } as const;
    await stage.calm.connections.change(paused, { status: 'active', pause: null }, [resumed]);
    await nextSlot(stage);
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });

  it('fails a pull somebody asks for meanwhile, and tells why', async () => {
    const stage = await play(world.engines);
    stage.bank.misbehave(blocked);
    await runSlot(stage);
    const before = stage.bank.requests().length;
    const pull = await pullByHand(stage, null);
    expect(pull).toMatchObject({ status: 'failed', result: { failure: { kind: 'credential-refused' } } });
    expect(pull.result!.failure!.message).toMatch(/certificate/);
    expect(stage.bank.requests()).toHaveLength(before);
    expect((await eventsOf(stage)).at(-1)).toMatchObject({ type: 'pull.finished', subject: pull.id });
  });
});

describe('a right the certificate does not have', () => {
  it.each(['getBalance', 'getStatements'])('to %s leaves the other steps their turn', async (operation) => {
    const stage = await play(world.engines);
    stage.bank.misbehave({ kind: 'no-rights', operation, times: Infinity });
    await runSlot(stage);
    expect(await accountOf(stage)).toMatchObject({
      lastPull: { outcome: 'failed', failure: { kind: 'rejected' } },
      sync: { transactions: '2026-09-16' },
    });
    const { id, connection } = stage.companies[0]!;
    expect(await stage.calm.connections.get(id, connection)).toMatchObject({ status: 'active' });
  });
});

async function fingerprintOf(stage: Stage): Promise<string> {
  const { id } = stage.companies[0]!;
  return (await stage.calm.connections.credential(id, `crd_${id}`))!.fingerprint;
}
/** As the harness's bank knows a certificate. */
const serialOf = (fingerprint: string): string => fingerprint.slice(0, 16);
