import type { AccountRef } from '../../shared/banks/contract.ts';
import type { Window } from '../../shared/domain/model.ts';
import type { PlainDate } from '../../shared/domain/dates.ts';
import type { Sandbox } from '../../infra/sandbox/index.ts';
import type { SandboxBank } from '../../infra/sandbox/types.ts';

/** A movement as the simulated bank knows it. */
export interface TrueMovement {
  readonly reference: string;
  readonly date: PlainDate;
  /** Signed minor units. */
  readonly minor: bigint;
}

/** What the suite must know of a simulated bank beyond the bank's manifest. */
export interface Subject {
  readonly bank: SandboxBank;
  readonly origin: string;
  /** The connection's fields. */
  readonly config: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** The certificate as a file, and as the bank knows it. */
  readonly certificate: { readonly pfx: Uint8Array; readonly passphrase: string; readonly serial: string };
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
  /** Makes the bank refuse the certificate, or take it again. */
  block(blocked: boolean): void;
}

/** One line per bank of the catalog. */
export const SUBJECTS: Readonly<Record<string, (sandbox: Sandbox) => Subject>> = {
  raiffeisen,
  'csob-ceb': csobCeb,
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
