import type { Account, CertificateCredential, Connection } from '../../shared/domain/records.ts';

/** Records as the flows make them, of which only what a test cares about is told. */

const AT = '2026-09-16T08:00:00.000Z';

export const account = (id: string, company: string, told: Partial<Account> = {}): Account => ({
  id,
  company,
  connection: 'con_1',
  bank: 'raiffeisen',
  environment: 'simulated',
  user: null,
  handle: '5017482301',
  iban: null,
  number: '5017482301',
  bankCode: '5500',
  bic: null,
  currency: 'CZK',
  name: null,
  active: true,
  scope: id,
  settings: { enabled: true, mode: 'both', historyDays: 5, formats: ['camt.053'], bank: {} },
  sync: { transactions: null, statements: null, resume: null },
  lastPull: null,
  freshAt: null,
  slot: null,
  failures: 0,
  balancesHash: null,
  fence: 0,
  revision: 1,
  createdAt: AT,
  ...told,
});

export const connection = (id: string, company: string, told: Partial<Connection> = {}): Connection => ({
  id,
  company,
  code: 'RB',
  description: '',
  bank: 'raiffeisen',
  environment: 'simulated',
  user: null,
  config: { clientId: 'app' },
  status: 'active',
  pause: null,
  credential: null,
  candidate: null,
  createdAt: AT,
  revision: 1,
  ...told,
});

export const credential = (
  id: string,
  company: string,
  told: Partial<CertificateCredential> = {},
): CertificateCredential => ({
  id,
  company,
  kind: 'client-certificate',
  fingerprint: 'f'.repeat(64),
  subject: 'CN=test',
  issuer: 'CN=test',
  serial: '1',
  notBefore: AT,
  notAfter: AT,
  keyType: 'rsa-2048',
  warnings: [],
  reactivateBy: null,
  provenAt: null,
  createdAt: AT,
  ...told,
});
