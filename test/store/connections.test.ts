import { describe, expect, it } from 'vitest';
import type { EventType, NewEvent } from '../../shared/domain/event.ts';
import { createConnections } from '../../shared/store/connections.ts';
import { accountKey } from '../../shared/store/keys.ts';
import { connection, credential } from './records.ts';
import { openStore, useEngines } from './support.ts';

const world = useEngines();

function open() {
  const { dynamo, feed, road } = openStore(world.places);
  return { connections: createConnections(dynamo, feed, world.places), dynamo, feed, road };
}
const event = (type: EventType, subject: string): NewEvent => ({ type, subject, data: {} });

describe('a connection', () => {
  it('is made with its event, read, listed and removed with its event', async () => {
    const { connections, feed } = open();
    const mine = connection('con_1', 'com_life');
    await connections.create(mine, event('connection.created', 'con_1'));
    expect(await connections.get('com_life', 'con_1')).toMatchObject(mine);
    expect(await connections.get('com_other', 'con_1')).toBeNull();
    expect((await connections.list('com_life')).map(({ id }) => id)).toEqual(['con_1']);
    await connections.remove(mine, event('connection.deleted', 'con_1'));
    expect(await connections.get('com_life', 'con_1')).toBeNull();
    const { events } = await feed.read('com_life', 0, 10);
    expect(events.map(({ type }) => type)).toEqual(['connection.created', 'connection.deleted']);
  });

  it('changes on the revision that was read; who is late is told to read again', async () => {
    const { connections, feed } = open();
    const mine = connection('con_2', 'com_change');
    await connections.create(mine, event('connection.created', 'con_2'));
    const paused = await connections.change(mine, { status: 'paused' }, [
      event('connection.paused', 'con_2'),
    ]);
    expect(paused).toMatchObject({ status: 'paused', revision: 2 });
    expect(await connections.change(mine, { code: 'X' }, [event('connection.resumed', 'con_2')])).toBeNull();
    expect(await connections.get('com_change', 'con_2')).toMatchObject({ code: 'RB', status: 'paused' });
    expect((await feed.read('com_change', 0, 10)).last).toBe(2);
  });

  it('is changed by exactly one of ten at the same time', async () => {
    const { connections, feed } = open();
    const mine = connection('con_3', 'com_ten');
    await connections.create(mine, event('connection.created', 'con_3'));
    const changed = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        connections.change(mine, { description: String(n) }, [event('connection.paused', 'con_3')]),
      ),
    );
    expect(changed.filter(Boolean)).toHaveLength(1);
    expect((await feed.read('com_ten', 0, 10)).last).toBe(2);
  });

  it('changes together with what belongs to it, or not at all', async () => {
    const { connections, dynamo } = open();
    const mine = connection('con_4', 'com_more');
    await connections.create(mine, event('connection.created', 'con_4'));
    const table = world.places.connections;
    const further = { table, put: { ...accountKey('com_more', 'acc_1'), a: 1 } };
    expect(await connections.change({ ...mine, revision: 9 }, {}, [], [further])).toBeNull();
    expect(await dynamo.get(table, accountKey('com_more', 'acc_1'))).toBeNull();
    expect(await connections.change(mine, {}, [], [further])).toMatchObject({ revision: 2 });
    expect(await dynamo.get(table, accountKey('com_more', 'acc_1'))).toMatchObject({ a: 1 });
  });
});

describe('a credential', () => {
  it('is one per certificate and company, however often it is uploaded', async () => {
    const { connections } = open();
    const uploads = Array.from({ length: 10 }, (_, n) =>
      connections.addCredential(credential(`crd_${n}`, 'com_upload')),
    );
    const ids = new Set((await Promise.all(uploads)).map(({ id }) => id));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    const found = await connections.credentialByFingerprint('com_upload', 'f'.repeat(64));
    expect(found?.id).toBe(id);
    expect(await connections.credential('com_upload', id)).toMatchObject({ id, keyType: 'rsa-2048' });
  });

  it('is another one for another company', async () => {
    const { connections } = open();
    await connections.addCredential(credential('crd_a', 'com_a'));
    expect(await connections.credentialByFingerprint('com_b', 'f'.repeat(64))).toBeNull();
    expect((await connections.addCredential(credential('crd_b', 'com_b'))).id).toBe('crd_b');
    expect(await connections.credential('com_a', 'crd_b')).toBeNull();
  });

  it('keeps what a change does not name', async () => {
    const { connections } = open();
    const mine = await connections.addCredential(credential('crd_c', 'com_c'));
    const changed = await connections.changeCredential(mine, { reactivateBy: '2027-09-16' });
    expect(changed).toMatchObject({ ...mine, reactivateBy: '2027-09-16' });
  });
});
