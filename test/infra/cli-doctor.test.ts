import { describe, expect, test } from 'vitest';
import { connectionChecks, freshness, type Limits } from '../../infra/local/cli/commands/doctor.ts';
import type { Account, Connection } from '../../infra/local/cli/types.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const limits: Limits = { now: NOW, days: 30, hours: 4 };

const connection = (change: Partial<Connection>): Connection => ({
  id: 'con_1',
  code: 'RB',
  description: '',
  bank: 'raiffeisen',
  environment: 'production',
  user: null,
  config: {},
  status: 'active',
  pause: null,
  credential: null,
  candidate: null,
  createdAt: '2026-01-01T00:00:00Z',
  authorised: true,
  validUntil: null,
  daysLeft: null,
  freshness: { state: 'fresh', at: '2026-11-21T09:30:00Z', detail: null },
  bankClock: null,
  requestedAt: null,
  activityUntil: null,
  ...change,
});

const credential = (
  notAfter: string,
  reactivateBy: string | null,
): NonNullable<Connection['credential']> => ({
  id: 'crd_1',
  kind: 'client-certificate',
  subject: 'CN=test',
  issuer: 'CN=bank',
  serial: '01',
  fingerprint: 'ab',
  notBefore: '2025-01-01T00:00:00Z',
  notAfter,
  keyType: 'rsa-2048',
  warnings: [],
  reactivateBy,
  scopes: null,
  provenAt: null,
});

const account = (change: Partial<Account>): Account => ({
  id: 'acc_1',
  connection: 'con_1',
  bank: 'raiffeisen',
  environment: 'production',
  iban: null,
  number: '19-2000145399',
  bankCode: '5500',
  bic: null,
  currency: 'CZK',
  name: null,
  active: true,
  settings: { enabled: true, mode: 'both', historyDays: 5, formats: ['camt.053'], bank: {} },
  freshAt: '2026-11-21T09:30:00Z',
  complete: { transactions: null, statements: null },
  lastPull: null,
  failures: 0,
  ...change,
});

const off = (checks: readonly { ok: boolean; check: string }[]): string[] =>
  checks.filter(({ ok }) => !ok).map(({ check }) => check);

describe('a connection', () => {
  test('is well while certificate and reactivation are far', () => {
    const well = connection({ credential: credential('2028-01-01T00:00:00Z', '2027-01-01') });
    expect(off(connectionChecks(well, limits))).toEqual([]);
  });

  test.each([
    ['2026-12-22T00:00:00Z', '31 days: not yet', []],
    ['2026-12-21T23:00:00Z', '30 days', ['certificate']],
    ['2026-11-20T00:00:00Z', 'over', ['certificate']],
  ])('whose certificate ends %s (%s)', (notAfter, _, expected) => {
    expect(off(connectionChecks(connection({ credential: credential(notAfter, null) }), limits))).toEqual(
      expected,
    );
  });

  test('tells how to reactivate in time', () => {
    const checks = connectionChecks(
      connection({ credential: credential('2030-01-01T00:00:00Z', '2026-12-01') }),
      limits,
    );
    expect(checks.at(-1)).toMatchObject({
      ok: false,
      check: 'reactivation',
      state: 'by 2026-12-01, 10 days left',
      action: expect.stringContaining('brana proof RB --reactivated-on') as string,
    });
    const late = connectionChecks(
      connection({ credential: credential('2030-01-01T00:00:00Z', '2026-11-19') }),
      limits,
    );
    expect(late.at(-1)?.state).toBe('by 2026-11-19, 2 days ago');
  });

  test('whose consent ends is to be authorised again', () => {
    const consent = { ...credential('2026-12-01T00:00:00Z', null), kind: 'consent', scopes: [] };
    const checks = connectionChecks(connection({ code: 'CS', credential: consent }), limits);
    expect(checks.at(-1)).toMatchObject({
      ok: false,
      check: 'consent',
      state: 'valid until 2026-12-01, 10 days left',
      action: expect.stringContaining('brana authorise CS') as string,
    });
  });

  test.each([
    [null, []],
    [60, []],
    [61, ['bank clock']],
    [-300, ['bank clock']],
  ])('whose bank’s clock is %s s ahead', (bankClock, expected) => {
    const well = credential('2028-01-01T00:00:00Z', null);
    expect(off(connectionChecks(connection({ credential: well, bankClock }), limits))).toEqual(expected);
  });

  test('says why it is paused, and what it waits for while new', () => {
    const pause = { kind: 'credential-refused', message: 'Unblock it.', since: '2026-11-21T08:00:00Z' };
    const paused = connectionChecks(connection({ status: 'paused', pause }), limits);
    expect(paused[0]).toMatchObject({ ok: false, action: 'Unblock it. Then: brana proof RB' });
    const bare = connectionChecks(connection({ status: 'new' }), limits);
    expect(bare[0]?.action).toContain('brana certificate RB');
    const candidate = credential('2030-01-01T00:00:00Z', null);
    expect(connectionChecks(connection({ status: 'new', candidate }), limits)[0]?.action).toContain(
      'brana proof RB',
    );
  });
});

describe('an account', () => {
  const check = (change: Partial<Account>) => freshness(account(change), connection({}), limits);

  test('is fresh for as long as asked for', () => {
    expect(check({ freshAt: '2026-11-21T06:00:00Z' }).ok).toBe(true);
    expect(check({ freshAt: '2026-11-21T05:59:00Z' })).toMatchObject({
      ok: false,
      state: 'pulled 4.0 h ago',
    });
    expect(check({ freshAt: null })).toMatchObject({ ok: false, state: 'never pulled' });
  });

  test('tells why its pulls fail', () => {
    const lastPull = {
      id: 'x',
      startedAt: '2026-11-21T09:00:00Z',
      finishedAt: '2026-11-21T09:00:01Z',
      outcome: 'failed' as const,
      failure: { kind: 'rejected', message: 'Give the certificate the right.', requestId: null },
      newTransactions: 0,
      newStatements: 0,
    };
    expect(check({ freshAt: '2026-11-20T10:00:00Z', lastPull })).toMatchObject({
      ok: false,
      state: 'pulled 24.0 h ago; last: rejected',
      action: 'Give the certificate the right.',
    });
  });
});
