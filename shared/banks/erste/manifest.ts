import type { Manifest } from '../contract.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MEGABYTE = 1024 * 1024;

export const STATEMENT_PERIODS = ['any', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'HALF', 'YEAR'] as const;

/** Days back a consent without fresh authentication shows, the bank's 90 less one for the edge of the day. */
const TRANSACTION_DAYS = 89;
/** "10 years", less the leap days in them. */
const STATEMENT_DAYS = 3_650;

/** Česká spořitelna, a.s. (Erste Group), Premium Accounts API v3 (2024-11-21). Sources: README.md beside this file. */
export const manifest: Manifest = {
  id: 'erste',
  name: 'Česká spořitelna, a.s.',
  country: 'CZ',
  bankCode: '0800',
  bic: 'GIBACZPX',
  product: 'Premium Accounts API v3',
  documentation: 'https://eahaccountsapiv3prod.docs.apiary.io/',
  timeZone: 'Europe/Prague',
  authentication: 'consent',
  consent: {
    maxDays: 180,
    pkce: true,
    scopes: ['siblings.accounts'],
    // Not told; counted from the day of the consent, as the bank's other clients do.
    renewedByRefresh: false,
  },
  hosts: {
    production: {
      origin: 'https://www.csas.cz',
      base: '/webapi/api/v3/accounts',
      identity: { origin: 'https://bezpecnost.csas.cz', base: '/api/psd2/fl/oidc/v1' },
    },
    'bank-sandbox': {
      origin: 'https://webapi.developers.erstegroup.com',
      base: '/api/csas/public/sandbox/v3/accounts',
      identity: {
        origin: 'https://webapi.developers.erstegroup.com',
        base: '/api/csas/sandbox/v1/sandbox-idp',
      },
    },
    simulated: {
      origin: null,
      base: '/webapi/api/v3/accounts',
      identity: { origin: null, base: '/api/psd2/fl/oidc/v1' },
    },
  },
  fields: [
    {
      name: 'clientId',
      label: 'client_id',
      description: 'client_id of your application on developers.erstegroup.com, of the same environment.',
      required: true,
      secret: false,
      pattern: '^[!-~]{1,256}$',
    },
    {
      name: 'clientSecret',
      label: 'client_secret',
      description: 'client_secret of the application.',
      required: true,
      secret: true,
      pattern: '^[!-~]{1,512}$',
    },
    {
      name: 'webApiKey',
      label: 'WEB-API-key',
      description:
        'WEB-API-key of the application. In the sandbox it is often the client_id, in production never.',
      required: true,
      secret: true,
      pattern: '^[!-~]{1,256}$',
    },
    {
      name: 'payments',
      label: 'Payments',
      description:
        'How orders reach the bank: "file" (you upload and sign it in its banking), or "experimental" (by Premium – ' +
        'Payments API, never tried against the bank; authorise the connection again after the change). "file" when ' +
        'left out.',
      required: false,
      secret: false,
      pattern: '^(file|experimental)$',
    },
  ],
  accountSettings: [
    {
      name: 'statementPeriod',
      label: 'Statement period',
      description:
        'Which statements are pulled, by the period they cover. Narrow it when internet banking makes several kinds ' +
        'for the account, daily and monthly ones for instance.',
      values: STATEMENT_PERIODS,
      default: 'any',
    },
  ],
  quota: {
    // The bank has an hourly quota and tells neither its size nor what is left: these are ours, and careful.
    rules: [
      {
        operations: ['token', 'revoke'],
        perSecond: 2,
        perDay: 1_000,
        spacing: 0,
      },
      { operations: ['*'], perSecond: 4, perDay: 5_000, spacing: 250 },
    ],
    headers: { remainingSecond: null, remainingDay: null },
    // "Hourly": a whole hour of silence lasts past the next full one, whatever the minute.
    backoff: HOUR,
    exhaustedBackoff: HOUR,
    callers: 1,
  },
  history: {
    transactionDays: TRANSACTION_DAYS,
    statementSpanDays: 366,
    statementDays: STATEMENT_DAYS,
  },
  accountList: 'all',
  statementFormats: [
    { format: 'camt.053', parsed: true, default: true },
    { format: 'mt940', parsed: true, default: false },
    { format: 'gpc', parsed: true, default: true },
    { format: 'pdf', parsed: false, default: false },
  ],
  identity: 'bank-reference',
  reactivationMonths: null,
  // The contract of Premium Payments is not public, so nothing is sent but experimentally: README.md, Payments.
  payments: {
    formats: [
      { format: 'kpc', kinds: ['domestic'], currencies: ['CZK'], priorities: ['normal'] },
      { format: 'pain.001', kinds: ['sepa'], currencies: ['EUR'], priorities: ['normal'] },
    ],
    // What the largest of the bank's channels takes; the smaller ones take 200 and 500.
    maxPayments: 1_000,
    maxBytes: 2 * MEGABYTE,
    steps: [],
    repeat: 'none',
    signing: 'file',
    cutOff: {},
    tracking: { eager: HOUR / 1000, eagerMinutes: 0, patient: HOUR / 1000, expiryDays: 30, visibleAfter: 0 },
    instantPerDay: null,
  },
  experimental: {
    asked: { field: 'payments', value: 'experimental' },
    scopes: ['siblings.payments'],
    rules: {
      formats: [
        {
          format: 'cobs',
          kinds: ['domestic'],
          currencies: ['CZK'],
          priorities: ['normal', 'urgent', 'instant'],
        },
        { format: 'cobs', kinds: ['sepa'], currencies: ['EUR'], priorities: ['normal'] },
      ],
      maxPayments: 1,
      maxBytes: null,
      // That the bank refuses an id it has (`AM05`) is inferred: not ground enough to send anything twice.
      steps: [{ name: 'create', lost: 'in-doubt' }],
      repeat: 'none',
      signing: 'page',
      cutOff: {},
      tracking: { eager: 60, eagerMinutes: 15, patient: HOUR / 1000, expiryDays: 30, visibleAfter: 60 },
      instantPerDay: null,
    },
  },
  evidence: {
    accounts: 'verified',
    balances: 'verified',
    transactions: 'verified',
    statements: 'verified',
    identity: 'verified',
    consent: 'verified',
    notices: 'verified',
    proof: 'inferred',
    'order-files': 'inferred',
    'payments-experimental': 'inferred',
    revocation: 'inferred',
  },
};
