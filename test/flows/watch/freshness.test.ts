import { describe, expect, test } from 'vitest';
import { manifestOf } from '../../../shared/banks/catalog.ts';
import type { Account, Connection, Credential } from '../../../shared/domain/records.ts';
import { standingOf, type Standing } from '../../../shared/flows/watch/freshness.ts';
import { account, connection } from '../../store/records.ts';
import { certificateUntil, consentUntil } from './support.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const HOUR = 3_600_000;
const ago = (hours: number): string => new Date(NOW - hours * HOUR).toISOString();

interface Scene {
  readonly bank?: string;
  readonly credential?: Credential | null;
  readonly accounts?: readonly Partial<Account>[];
  readonly connection?: Partial<Connection>;
}

async function standing(scene: Scene = {}): Promise<Standing> {
  const { bank = 'raiffeisen', accounts = [{}] } = scene;
  const { credential = certificateUntil('com', 'crd', '2028-05-01', { reactivateBy: '2027-06-01' }) } = scene;
  const own = connection('con_1', 'com', { bank, createdAt: ago(5000), ...scene.connection });
  const list = accounts.map((told, n) =>
    account(`acc_${n}`, 'com', { createdAt: ago(5000), freshAt: ago(1), ...told }),
  );
  return standingOf(await manifestOf(bank), own, credential, list, NOW);
}

test('fresh: the pull furthest back, and nothing to do', async () => {
  expect(await standing({ accounts: [{}, { freshAt: ago(7) }, { freshAt: null, active: false }] })).toEqual({
    authorised: true,
    validUntil: '2027-06-01',
    daysLeft: 192,
    freshness: { state: 'fresh', at: ago(7), detail: null },
  });
});

describe('what ends', () => {
  test('is the nearest of certificate and reactivation, told from thirty days on', async () => {
    const far = certificateUntil('com', 'crd', '2026-12-22');
    expect((await standing({ credential: far })).freshness.state).toBe('fresh');
    const near = certificateUntil('com', 'crd', '2027-05-01', { reactivateBy: '2026-12-21' });
    expect(await standing({ credential: near })).toMatchObject({
      authorised: true,
      validUntil: '2026-12-21',
      daysLeft: 30,
      freshness: {
        state: 'expiring',
        detail: expect.stringMatching(/reactivated on 2026-12-21, in 30 days/),
      },
    });
  });

  test('has come: not authorised, though nobody paused it yet', async () => {
    expect(await standing({ credential: consentUntil('com', 'crd', '2026-11-20') })).toMatchObject({
      authorised: false,
      validUntil: '2026-11-20',
      daysLeft: 0,
      freshness: {
        state: 'expiring',
        at: '2026-11-20T12:00:00.000Z',
        detail: expect.stringMatching(/authorisation/),
      },
    });
  });

  test('is the day in the bank’s zone', async () => {
    const night = { ...consentUntil('com', 'crd', '2026-12-24'), notAfter: '2026-12-24T23:30:00.000Z' };
    expect((await standing({ credential: night })).validUntil).toBe('2026-12-25');
  });

  test('may be the bank’s own CA: of its certificates alone', async () => {
    const bank = 'csob-ceb';
    const own = certificateUntil('com', 'crd', '2030-01-01', {
      issuer: 'C=CZ, CN=CEB Business Connector CA',
    });
    const other = certificateUntil('com', 'crd', '2030-01-01', { issuer: 'C=CZ, CN=PostSignum Public CA 4' });
    const manifest = await manifestOf(bank);
    const at = Date.parse('2028-03-07T10:00:00Z');
    const of = (credential: Credential): Standing =>
      standingOf(
        manifest,
        connection('con_1', 'com', { bank }),
        credential,
        [account('acc', 'com', { freshAt: '2028-03-07T09:00:00.000Z' })],
        at,
      );
    expect(of(own)).toMatchObject({
      validUntil: '2030-01-01',
      freshness: { state: 'expiring', detail: expect.stringMatching(/2028-03-21, in 14 days.*CA/) },
    });
    expect(of(other).freshness.state).toBe('fresh');
  });
});

describe('stale', () => {
  test('after 36 hours without a complete pull, with the reason of the last one', async () => {
    expect((await standing({ accounts: [{ freshAt: ago(36) }] })).freshness.state).toBe('fresh');
    const failure = { kind: 'transient', message: 'The bank answers 503.', requestId: null } as const;
    const lastPull = {
      id: 'x',
      startedAt: ago(1),
      finishedAt: ago(1),
      outcome: 'failed',
      failure,
      newTransactions: 0,
      newStatements: 0,
    } as const;
    expect((await standing({ accounts: [{}, { freshAt: ago(37), lastPull }] })).freshness).toEqual({
      state: 'stale',
      at: ago(37),
      detail: `The account acc_1 had no complete pull since ${ago(37)}. The bank answers 503.`,
    });
  });

  test('never for what is not pulled, nor before a connection that was resumed had its time', async () => {
    const off = { ...account('a', 'c').settings, enabled: false };
    expect((await standing({ accounts: [{}, { freshAt: ago(99), settings: off }] })).freshness.state).toBe(
      'fresh',
    );
    const resumed = certificateUntil('com', 'crd', '2028-05-01', { provenAt: ago(2) });
    expect((await standing({ credential: resumed, accounts: [{ freshAt: ago(200) }] })).freshness.state).toBe(
      'fresh',
    );
  });

  test('comes before an end that is still far', async () => {
    const near = certificateUntil('com', 'crd', '2026-12-10');
    expect((await standing({ credential: near, accounts: [{ freshAt: ago(99) }] })).freshness.state).toBe(
      'stale',
    );
  });
});

describe('new and paused', () => {
  test.each<[string, Scene, RegExp]>([
    ['without a certificate', { connection: { status: 'new' }, credential: null }, /PUT .*certificate/],
    ['waiting for a proof', { connection: { status: 'new', candidate: 'crd' }, credential: null }, /proof/],
    [
      'a bank with consents',
      { bank: 'erste', connection: { status: 'new' }, credential: null },
      /authorisation/,
    ],
    ['without accounts', { accounts: [] }, /switches one on/],
    [
      'not pulled yet',
      {
        accounts: [{ freshAt: null }],
        credential: certificateUntil('com', 'crd', '2028-05-01', { provenAt: ago(1) }),
      },
      /next full hour/,
    ],
  ])('%s', async (_, scene, detail) => {
    expect((await standing(scene)).freshness).toMatchObject({
      state: 'new',
      detail: expect.stringMatching(detail),
    });
  });

  test('paused: since when, and what the pause says', async () => {
    const pause = { kind: 'credential-refused', message: 'Unblock it.', since: ago(3) } as const;
    expect(await standing({ connection: { status: 'paused', pause } })).toMatchObject({
      authorised: false,
      freshness: { state: 'paused', at: ago(3), detail: 'Unblock it.' },
    });
  });
});
