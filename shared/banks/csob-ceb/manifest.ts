import type { Manifest } from '../contract.ts';

const MINUTE = 60_000;

/** How a file of orders is taken: all of it or nothing, or what is right of it. */
export const UPLOAD_MODES = ['AllOrNothing', 'OnlyCorrect'] as const;
export type UploadMode = (typeof UPLOAD_MODES)[number];

/** ČSOB (CZ), CEB Business Connector. Sources of every figure: README.md beside this file. */
export const manifest: Manifest = {
  id: 'csob-ceb',
  name: 'ČSOB',
  country: 'CZ',
  bankCode: '0300',
  bic: 'CEKOCZPP',
  product: 'CEB Business Connector',
  documentation: 'https://www.csob.cz/portal/documents/10710/15532355/csob-business-connector-prirucka.pdf',
  timeZone: 'Europe/Prague',
  authentication: 'client-certificate',
  consent: null,
  hosts: {
    production: { origin: 'https://ceb-bc.csob.cz', base: '/cebbc/api' },
    'bank-sandbox': { origin: 'https://testceb-bc.csob.cz', base: '/cebbc/api' },
    simulated: { origin: null, base: '/cebbc/api' },
  },
  fields: [
    {
      name: 'contractNumber',
      label: 'Contract number',
      description: 'Number of your CEB contract, as the CEB portal shows it under Business Connector.',
      required: true,
      secret: false,
      pattern: '^[0-9]{1,18}$',
    },
    {
      name: 'clientAppGuid',
      label: 'Client application GUID',
      description:
        'A UUID of this installation. Make one (uuidgen) and keep it for ever: protocols of uploaded orders are tied to it.',
      required: true,
      secret: false,
      pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
    },
    {
      name: 'uploadMode',
      label: 'Upload mode',
      description:
        'AllOrNothing (when empty): a file with one payment the bank refuses is refused whole. OnlyCorrect: the others are taken.',
      required: false,
      secret: false,
      pattern: '^(AllOrNothing|OnlyCorrect)$',
    },
    {
      name: 'contentEncoding',
      label: 'Content encoding',
      description: 'A hint for your ERP how it reads the files; Brana hands it on and does not act on it.',
      required: false,
      secret: false,
      pattern: '^[ -~]{1,40}$',
    },
    {
      name: 'processingProcedure',
      label: 'Processing procedure ID',
      description: 'A hint for your ERP what imports the files; Brana hands it on and does not act on it.',
      required: false,
      secret: false,
      pattern: '^[ -~]{1,40}$',
    },
  ],
  accountSettings: [
    {
      name: 'advices',
      label: 'Advices',
      description:
        'Whether movements of the running day are fetched as well, as pending ones (MT942). Needs the download of advices switched on in the CEB portal.',
      values: ['yes', 'no'],
      default: 'yes',
    },
  ],
  quota: {
    rules: [
      {
        operations: ['GetDownloadFileList_v4', 'StartUploadFileList_v3', 'FinishUploadFileList_v2'],
        perSecond: 5,
        perDay: 2_000,
        spacing: 0,
        // The bank's thirty less two, so that neither clocks nor slow lines decide about the last one.
        window: { calls: 28, milliseconds: 20 * MINUTE },
      },
      // Files: the bank counts only the service.
      { operations: ['*'], perSecond: 10, perDay: 50_000, spacing: 0 },
    ],
    headers: { remainingSecond: null, remainingDay: null },
    backoff: 20 * MINUTE,
    exhaustedBackoff: 20 * MINUTE,
    callers: 1,
  },
  // Listed for 45 days, to be had for 15, or 14 as others met; a statement appears the day after its own.
  history: { transactionDays: 14, statementSpanDays: 45, statementDays: 14 },
  accountList: 'seen',
  statementFormats: [
    { format: 'finsta', parsed: true, default: true },
    { format: 'gpc', parsed: true, default: false },
    { format: 'mt940', parsed: true, default: false },
    { format: 'camt.053', parsed: true, default: false },
    { format: 'pdf', parsed: false, default: false },
    { format: 'txt', parsed: false, default: false },
  ],
  identity: 'content',
  reactivationMonths: null,
  announcements: [
    {
      on: '2028-03-21',
      text: "The bank's own CA (CN=CEB Business Connector CA) ends. Ask the bank which one follows, and get a certificate of it before.",
      source: 'Business Connector, implementation manual: accepted issuers',
      issuer: 'CN=CEB Business Connector CA',
    },
  ],
  certificateRequest: {
    keyBits: 2_048,
    country: 'CZ',
    commonName: {
      pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$',
      description: 'The name of the calling server, without comma or quotes.',
    },
  },
  payments: {
    formats: [
      {
        format: 'kpc',
        kinds: ['domestic'],
        currencies: ['CZK'],
        priorities: ['normal', 'urgent', 'instant'],
      },
      // Neither says anything of urgent or instant payments.
      { format: 'pain.001', kinds: ['sepa'], currencies: ['EUR'], priorities: ['normal'] },
      { format: 'zps', kinds: ['foreign'], currencies: null, priorities: ['normal'] },
    ],
    // Ours: the bank publishes neither a number of payments nor a size.
    maxPayments: 10_000,
    maxBytes: null,
    steps: [
      { name: 'start', lost: 'repeatable' },
      { name: 'upload', lost: 'repeatable' },
      { name: 'finish', lost: 'in-doubt' },
    ],
    repeat: 'findable',
    signing: 'banking',
    cutOff: {},
    // An open order costs five of the twenty minutes' calls until its protocol is there, and none behind it.
    tracking: { eager: 240, eagerMinutes: 120, patient: 3_600, expiryDays: 45, visibleAfter: 120 },
    instantPerDay: null,
  },
  evidence: {
    accounts: 'inferred',
    statements: 'verified',
    advices: 'verified',
    rates: 'verified',
    proof: 'inferred',
    limits: 'verified',
    identity: 'inferred',
    payments: 'verified',
    'payments-foreign': 'verified',
    'payment-status': 'verified',
    'payment-search': 'verified',
  },
};
