import type { AccountRef } from '../../shared/banks/contract.ts';
import type { Window } from '../../shared/domain/model.ts';
import type { PlainDate } from '../../shared/domain/dates.ts';
import type { Sandbox } from '../../infra/sandbox/index.ts';
import { CALLBACK, consentAt } from '../support/erste.ts';
import type { SandboxBank } from '../../infra/sandbox/types.ts';

/** A movement as the simulated bank knows it. */
export interface TrueMovement {
  readonly reference: string;
  readonly date: PlainDate;
  /** Signed minor units. */
  readonly minor: bigint;
}

export interface ConsentSubject {
  /** Exactly as registered at the bank. */
  readonly redirectUri: string;
  /** Walks through the bank's pages and allows everything. @returns what the callback gets */
  allow(consentUrl: string): Promise<URLSearchParams>;
  deny(consentUrl: string): Promise<URLSearchParams>;
  /** Takes every consent back at the bank. */
  withdraw(): void;
  /** Gives every account another id, as a renewed consent does. */
  renumber(): void;
}

/** What the suite must know of a simulated bank beyond the bank's manifest. */
export interface Subject {
  readonly bank: SandboxBank;
  readonly origin: string;
  /** The connection's fields. */
  readonly config: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** The certificate as a file, and as the bank knows it; `null` at a bank that a consent opens. */
  readonly certificate: {
    readonly pfx: Uint8Array;
    readonly passphrase: string;
    readonly serial: string;
  } | null;
  /** What a user does at a bank that a consent opens. */
  readonly consent?: ConsentSubject;
  /** Names and numbers that no log may show. */
  readonly personal: readonly string[];
  /** What is booked on the days of a window. */
  booked(account: AccountRef, window: Window): readonly TrueMovement[];
  /** Ids of the statements that end on the days of a window. */
  statements(account: AccountRef, window: Window): readonly string[];
  /** Values of required fields that the bank does not know, where `wrong` cannot even be sent. */
  readonly wrong?: Readonly<Record<string, string>>;
  /** Required fields the bank takes whatever stands in them. */
  readonly unchecked?: readonly string[];
  /** True where rates are given without a certificate. */
  readonly ratesAreOpen?: true;
  /** Makes the bank forget the calls it counts over minutes. */
  rest?(): void;
  /** Makes the bank refuse the certificate (the key, where there is none), or take it again. */
  block(blocked: boolean): void;
}

/** One line per bank of the catalog. */
export const SUBJECTS: Readonly<Record<string, (sandbox: Sandbox) => Subject>> = {
  raiffeisen,
  'csob-ceb': csobCeb,
  erste,
};

function raiffeisen({ banks, origins, certificates, clientId }: Sandbox): Subject {
  const bank = banks.raiffeisen;
  const { legacy } = certificates;
  const accounts = bank.source.accounts();
  return {
    bank,
    origin: origins.raiffeisen,
    config: { clientId },
    ratesAreOpen: true,
    secrets: { clientSecret: 'canary-client-secret' },
    certificate: legacy,
    personal: accounts.flatMap(({ number, iban, name }) =>
      [number, iban, name].filter((text) => text !== null),
    ),
    booked: ({ handle, currency }, { from, to }) =>
      bank.source
        .booked(handle, currency, from, to)
        .map(({ entryReference, date, minor }) => ({ reference: entryReference, date, minor })),
    statements: ({ handle, currency, settings }, { from, to }) =>
      bank.source
        .statements(handle)
        .filter((statement) => statement.currency === currency && statement.to >= from && statement.to <= to)
        .filter(({ lines }) => lines.some((line) => line === (settings['statementLine'] ?? 'MAIN')))
        .map(({ id }) => id),
    block: (blocked) => (blocked ? bank.block(legacy.serial) : bank.unblock(legacy.serial)),
  };
}

function csobCeb({ banks, origins, certificates }: Sandbox): Subject {
  const bank = banks['csob-ceb'];
  const { ordinary } = certificates;
  const bare = (handle: string): string => handle.split('-').at(-1)!;
  return {
    bank,
    origin: origins['csob-ceb'],
    config: { contractNumber: bank.contract, clientAppGuid: '0b9c1f52-6d3e-4a87-b1c4-2e5f60718293' },
    wrong: { contractNumber: '9999999' },
    // Protocols of another installation are simply none.
    unchecked: ['clientAppGuid'],
    secrets: {},
    certificate: ordinary,
    personal: bank.books.accounts.flatMap(({ number, iban, owner }) => [number, iban, owner]),
    booked: ({ handle, currency }, { from, to }) =>
      bank.source
        .booked(bare(handle), currency, from, to)
        .map(({ entryReference, date, minor }) => ({ reference: entryReference, date, minor })),
    statements: ({ handle, currency }, { from, to }) =>
      bank.source
        .statements(bare(handle))
        .filter((statement) => statement.currency === currency && statement.to >= from && statement.to <= to)
        .map(({ id }) => id),
    rest: () => bank.rest(),
    block: (blocked) => bank.refuseCertificate(ordinary.serial, blocked ? '1012' : null),
  };
}

function erste({ banks, origins, ca, application }: Sandbox): Subject {
  const bank = banks.erste;
  const { clientId, clientSecret, webApiKey } = application;
  const ibanOf = (handle: string): string => handle.slice(0, -4);
  bank.identity.register(CALLBACK);
  const visit = { origin: origins.erste, ca };
  return {
    bank,
    origin: origins.erste,
    config: { clientId },
    secrets: { clientSecret, webApiKey },
    certificate: null,
    consent: {
      redirectUri: CALLBACK,
      allow: (url) => consentAt(visit, url),
      deny: (url) => consentAt(visit, url, { button: 'Deny' }),
      withdraw: () => bank.identity.withdraw(),
      renumber: () => bank.renumberAccounts(),
    },
    personal: bank.books.ledgers.flatMap(({ key: { account } }) => [
      account.number,
      account.iban,
      account.owner,
    ]),
    booked: ({ handle }, { from, to }) =>
      bank
        .booked(ibanOf(handle), from, to)
        .map(({ entryReference, date, minor }) => ({ reference: entryReference, date, minor })),
    statements: ({ handle, settings }, { from, to }) =>
      bank
        .issued(ibanOf(handle), from, to)
        .map((issue) => ({ issue, period: issue.period === 'daily' ? 'DAY' : 'MONTH' }))
        .filter(({ period }) => ['any', period].includes(settings['statementPeriod'] ?? 'any'))
        .map(({ issue, period }) => {
          const number = Number(issue.number.split('/')[0]);
          return `${period}-${issue.from}-${issue.to}-${number}`;
        }),
    rest: () => bank.rest(),
    block: (blocked) => bank.disableKey(blocked),
  };
}
