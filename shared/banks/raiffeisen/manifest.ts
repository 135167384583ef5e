import type { Manifest } from '../contract.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MEGABYTE = 1024 * 1024;

export const STATEMENT_LINES = ['MAIN', 'ADDITIONAL', 'MT940'] as const;

/** Days back a transaction call may reach; the bank's 90 less one, so that no time zone decides about the edge. */
const TRANSACTION_DAYS = 89;

/** Raiffeisenbank a.s. (CZ), Premium API 1.1.20240910. Sources of every figure: README.md beside this file. */
export const manifest: Manifest = {
  id: 'raiffeisen',
  name: 'Raiffeisenbank a.s.',
  country: 'CZ',
  bankCode: '5500',
  bic: 'RZBCCZPP',
  product: 'Premium API',
  documentation: 'https://developers.rb.cz/premium/documentation/01rbczpremiumapi',
  timeZone: 'Europe/Prague',
  authentication: 'client-certificate',
  consent: null,
  hosts: {
    production: { origin: 'https://api.rb.cz', base: '/rbcz/premium/api' },
    'bank-sandbox': { origin: 'https://api.rb.cz', base: '/rbcz/premium/mock' },
    simulated: { origin: null, base: '/rbcz/premium/api' },
  },
  fields: [
    {
      name: 'clientId',
      label: 'Client ID',
      description:
        'ClientID of your application on developers.rb.cz, subscribed there to the product Premium API.',
      required: true,
      secret: false,
      pattern: '^[!-~]{1,128}$',
    },
    {
      name: 'clientSecret',
      label: 'Client Secret',
      description: 'Client Secret of the application, only when the developer portal gave you one.',
      required: false,
      secret: true,
      pattern: '^[!-~]{1,256}$',
    },
  ],
  accountSettings: [
    {
      name: 'statementLine',
      label: 'Statement line',
      description:
        'Which line of statements is pulled: the main one, an additional one with its own period, or the MT940 one. ' +
        'An unexpectedly empty list usually means another line.',
      values: STATEMENT_LINES,
      default: 'MAIN',
    },
  ],
  quota: {
    rules: [
      { operations: ['downloadStatement'], perSecond: 5, perDay: 1_500, spacing: 250 },
      { operations: ['*'], perSecond: 10, perDay: 5_000, spacing: 150 },
    ],
    headers: { remainingSecond: 'x-ratelimit-remaining-second', remainingDay: 'x-ratelimit-remaining-day' },
    backoff: MINUTE,
    exhaustedBackoff: HOUR,
    callers: 1,
  },
  history: { transactionDays: TRANSACTION_DAYS, statementSpanDays: 90, statementDays: null },
  accountList: 'all',
  statementFormats: [
    { format: 'camt.053', parsed: true, default: true },
    { format: 'mt940', parsed: false, default: false },
    { format: 'pdf', parsed: false, default: false },
  ],
  identity: 'bank-reference',
  reactivationMonths: 12,
  payments: {
    formats: [
      // The bank itself sends what qualifies as an instant payment; nothing in an order asks for it.
      { format: 'kpc', kinds: ['domestic'], currencies: ['CZK'], priorities: ['normal'] },
      { format: 'pain.001', kinds: ['sepa'], currencies: ['EUR'], priorities: ['normal'] },
      // The contract names SEPA-XML for other credit transfers ("CCT") as well, and tells no more.
      { format: 'pain.001', kinds: ['foreign'], currencies: null, priorities: ['normal'] },
    ],
    maxPayments: 15_000,
    maxBytes: 200 * MEGABYTE,
    steps: [{ name: 'upload', lost: 'in-doubt' }],
    repeat: 'refuses-duplicates',
    signing: 'banking',
    cutOff: {},
    tracking: { eager: 45, eagerMinutes: 5, patient: 3_600, expiryDays: 30, visibleAfter: 60 },
    instantPerDay: 10,
  },
  evidence: {
    accounts: 'verified',
    balances: 'verified',
    transactions: 'verified',
    statements: 'verified',
    rates: 'verified',
    limits: 'verified',
    identity: 'verified',
    payments: 'verified',
    proof: 'inferred',
    'payments-foreign': 'inferred',
    'payment-status': 'inferred',
    'statement-line': 'inferred',
    'shared-reference': 'inferred',
  },
};
