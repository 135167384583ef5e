import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthority } from '../../infra/sandbox/pki/authority.ts';
import { addDays, dateIn } from '../../shared/domain/dates.ts';
import type { CertificateCredential, Connection } from '../../shared/domain/records.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { uploadCertificate } from '../../shared/flows/certificates.ts';
import { ExchangeError } from '../../shared/http/exchange-error.ts';
import { createActivityLog } from '../../shared/store/activity.ts';
import { createAccounts } from '../../shared/store/accounts.ts';
import { createConnections } from '../../shared/store/connections.ts';
import { createDynamo, dynamoClient } from '../../shared/store/dynamo.ts';
import { createFeed } from '../../shared/store/feed.ts';
import { createGate } from '../../shared/store/gate.ts';
import { createSeal } from '../../shared/store/seal.ts';
import { createTokens } from '../../shared/store/tokens.ts';
import { createVault, vaultClient } from '../../shared/store/vault.ts';
import { startEngines, type Engines } from '../support/engines.ts';
import { random } from '../support/gateway.ts';

// Row 15: the day by which a person must reactivate a certificate, over every date it can be issued or uploaded on.
// The clock is virtual and the bank cannot be reached, so that every certificate is kept and none is proven.

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
  Object.assign(process.env, engines.env);
});
afterAll(() => engines?.stop());

const DAY = 86_400_000;
const at = (day: string): number => Date.parse(`${day}T10:00:00Z`);

async function uploadOn(
  today: string,
  issued: string,
  validDays: number,
  reactivatedOn?: string,
): Promise<CertificateCredential> {
  // The bank's calls sleep between their attempts; here the clock just moves.
  let now = at(today);
  const clock = { now: () => now, sleep: async (ms: number) => void (now += ms) };
  const places = {
    connections: engines.env['TABLE_CONNECTIONS']!,
    ledger: engines.env['TABLE_LEDGER']!,
    events: engines.env['TABLE_EVENTS']!,
    payments: engines.env['TABLE_PAYMENTS']!,
  };
  const dynamo = createDynamo(dynamoClient(), clock, random);
  const feed = createFeed(dynamo, places, clock, random);
  const connections = createConnections(dynamo, feed, places);
  const id = `con_${crypto.randomUUID()}`;
  const connection: Connection = {
    id,
    company: `com_${id}`,
    code: 'RB',
    description: '',
    bank: 'raiffeisen',
    environment: 'simulated',
    user: null,
    config: { clientId: 'c' },
    status: 'new',
    pause: null,
    credential: null,
    candidate: null,
    createdAt: new Date(now).toISOString(),
    revision: 1,
  };
  await connections.create(connection, { type: 'connection.created', subject: id, data: {} });
  const authority = createAuthority({
    commonName: 'CA',
    notBefore: at(issued) - DAY,
    notAfter: at(issued) + 4000 * DAY,
  });
  const { certificatePem, keyPem } = authority.issueClient({
    commonName: 'klient',
    organisation: 'Firma',
    keyType: 'ec-P-256',
    notBefore: at(issued),
    notAfter: at(issued) + validDays * DAY,
  });
  const ports = {
    clock,
    random,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    gate: createGate(dynamo, places, clock),
    vault: createVault(vaultClient(), 'test/', clock, random),
    tokens: createTokens(dynamo, places, createSeal(vaultClient(), 'none', clock, random)),
    activity: createActivityLog(dynamo, places, clock),
    exchange: () => Promise.reject(new ExchangeError('connect', false, 'ECONNREFUSED')),
    simulated: { origins: { raiffeisen: 'https://localhost:1' }, ca: '' },
    connections,
    accounts: createAccounts(dynamo, feed, places),
  };
  const uploaded = await uploadCertificate(
    ports,
    connection,
    {
      certificate: certificatePem,
      key: new Secret(keyPem),
      passphrase: new Secret(''),
      secrets: {},
      ...(reactivatedOn === undefined ? {} : { reactivatedOn }),
    },
    now + 20_000,
  );
  expect(uploaded).toMatchObject({ proven: false, accounts: [] });
  return uploaded.credential;
}

const FIVE_YEARS = 5 * 366;

test.each([
  // today, issued, told, by when
  ['2026-11-18', '2026-11-18', undefined, '2027-11-18'],
  ['2026-11-18', '2026-11-01', undefined, '2027-11-01'],
  // Older than a year: it was reactivated on an anniversary, or the bank would have blocked it.
  ['2026-11-18', '2024-06-01', undefined, '2027-06-01'],
  ['2026-11-18', '2024-12-24', undefined, '2026-12-24'],
  ['2026-11-18', '2025-11-18', undefined, '2027-11-18'],
  // The last day of February, counted over years that have none.
  ['2026-03-05', '2024-02-29', undefined, '2027-03-01'],
  ['2026-02-28', '2024-02-29', undefined, '2026-03-01'],
  ['2028-03-05', '2024-02-29', undefined, '2029-03-01'],
  ['2026-11-18', '2024-06-01', '2026-10-10', '2027-10-10'],
  ['2028-11-18', '2026-06-01', '2028-02-29', '2029-03-01'],
] as const)('on %s a certificate issued on %s, reactivated on %s: by %s', async (today, issued, told, by) => {
  expect((await uploadOn(today, issued, FIVE_YEARS, told)).reactivateBy).toBe(by);
});

test('it is never after the end of the certificate', async () => {
  expect((await uploadOn('2026-11-18', '2026-11-01', 100)).reactivateBy).toBe(addDays('2026-11-01', 100));
});

test('whatever the dates, it is a calendar day within a year from now, and not in the past', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(FIVE_YEARS - 1), fc.nat(3650), async (age, shift) => {
      const today = addDays('2020-02-28', shift);
      const { reactivateBy, notAfter } = await uploadOn(today, addDays(today, -age), FIVE_YEARS);
      expect(reactivateBy).toBe(dateIn('UTC', Date.parse(`${reactivateBy}T00:00:00Z`)));
      expect(reactivateBy! >= today).toBe(true);
      expect(reactivateBy! <= addDays(today, 366)).toBe(true);
      expect(reactivateBy! <= notAfter.slice(0, 10)).toBe(true);
    }),
    { numRuns: 40 },
  );
});
