import { describe, expect, it } from 'vitest';
import type { ApiKey, Company } from '../../shared/domain/records.ts';
import { createCompanies } from '../../shared/store/companies.ts';
import { ConditionFailed } from '../../shared/store/dynamo.ts';
import { lostAnswer, openStore, testClock, useEngines } from './support.ts';

const world = useEngines();
const AT = '2026-09-16T08:00:00.000Z';

function open(places = world.places) {
  const { dynamo, feed, road } = openStore(places, testClock());
  return { companies: createCompanies(dynamo, feed, places), dynamo, feed, road };
}

const company = (id: string): Company => ({ id, name: `Firma ${id}`, createdAt: AT });
const apiKey = (id: string, of: string, told: Partial<ApiKey> = {}): ApiKey => ({
  id,
  company: of,
  name: 'ERP',
  hash: `hash of ${id}`,
  prefix: 'brana_',
  scopes: ['read'],
  user: null,
  createdAt: AT,
  revokedAt: null,
  ...told,
});

describe('the first company', () => {
  it('is made once, even by twenty at the same time', async () => {
    const places = await world.engines.open('bootstrap');
    const { companies, feed } = open(places);
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        companies.bootstrap(company(`com_${n}`), apiKey(`key_${n}`, `com_${n}`)),
      ),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    const winner = made.indexOf(true);
    const standing = await Promise.all(made.map((_, n) => companies.get(`com_${n}`)));
    expect(standing.flatMap((one) => one?.id ?? [])).toEqual([`com_${winner}`]);
    const keys = await Promise.all(made.map((_, n) => companies.findKey(`hash of key_${n}`)));
    expect(keys.flatMap((one) => one?.id ?? [])).toEqual([`key_${winner}`]);
    expect((await feed.read(`com_${winner}`, 0, 10)).events).toMatchObject([{ type: 'company.created' }]);
    expect(await companies.bootstrap(company('com_late'), apiKey('key_late', 'com_late'))).toBe(false);
  });

  it('is made although the answer was lost', async () => {
    const places = await world.engines.open('bootstrap-lost');
    const { companies, road } = open(places);
    road.next('TransactWriteItems', lostAnswer);
    expect(await companies.bootstrap(company('com_1'), apiKey('key_1', 'com_1'))).toBe(true);
    expect(await companies.get('com_1')).toMatchObject(company('com_1'));
  });
});

describe('the list of companies', () => {
  it('is empty before the first, and names it from then on', async () => {
    const places = await world.engines.open('companies');
    const { companies } = open(places);
    expect(await companies.all()).toEqual([]);
    await companies.bootstrap(company('com_1'), apiKey('key_1', 'com_1'));
    await companies.bootstrap(company('com_2'), apiKey('key_2', 'com_2'));
    expect(await companies.all()).toEqual(['com_1']);
  });
});

describe('API keys', () => {
  it('are found by their hash, and only by it', async () => {
    const { companies } = open();
    const key = apiKey('key_find', 'com_keys', { user: 'jana', scopes: ['read', 'pay'] });
    await companies.addKey(key);
    expect(await companies.findKey(key.hash)).toMatchObject(key);
    expect(await companies.findKey('hash of nothing')).toBeNull();
    expect(await companies.findKey(key.id)).toBeNull();
  });

  it('are re-read under their company: a pointer that lies finds nothing', async () => {
    const { companies, dynamo } = open();
    await companies.addKey(apiKey('key_true', 'com_lies'));
    const put = { pk: 'key#hash of a lie', sk: 'pointer', company: 'com_lies', key: 'key_true' };
    await dynamo.transact([{ table: world.places.connections, put }]);
    expect(await companies.findKey('hash of a lie')).toBeNull();
  });

  it('with the same secret are refused', async () => {
    const { companies } = open();
    await companies.addKey(apiKey('key_one', 'com_same', { hash: 'same' }));
    const again = companies.addKey(apiKey('key_two', 'com_same', { hash: 'same' }));
    await expect(again).rejects.toBeInstanceOf(ConditionFailed);
    expect(await companies.listKeys('com_same')).toHaveLength(1);
  });

  it('are listed for their company alone', async () => {
    const { companies } = open();
    await companies.addKey(apiKey('key_a', 'com_list'));
    await companies.addKey(apiKey('key_b', 'com_list2'));
    expect((await companies.listKeys('com_list')).map(({ id }) => id)).toEqual(['key_a']);
  });

  it('are revoked once: the first time stands', async () => {
    const { companies } = open();
    await companies.addKey(apiKey('key_revoked', 'com_revoke'));
    expect(await companies.revokeKey('com_revoke', 'key_revoked', AT)).toMatchObject({ revokedAt: AT });
    const again = await companies.revokeKey('com_revoke', 'key_revoked', '2026-09-17T08:00:00.000Z');
    expect(again).toMatchObject({ revokedAt: AT });
    expect(await companies.findKey('hash of key_revoked')).toMatchObject({ revokedAt: AT });
  });

  it('of another company are not there to be revoked', async () => {
    const { companies } = open();
    await companies.addKey(apiKey('key_mine', 'com_mine'));
    expect(await companies.revokeKey('com_other', 'key_mine', AT)).toBeNull();
    expect(await companies.findKey('hash of key_mine')).toMatchObject({ revokedAt: null });
  });
});
