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
  /** Makes the bank refuse the certificate, or take it again. */
  block(blocked: boolean): void;
}

/** One line per bank of the catalog. */
export const SUBJECTS: Readonly<Record<string, (sandbox: Sandbox) => Subject>> = { raiffeisen };

function raiffeisen({ banks, origins, certificates, clientId }: Sandbox): Subject {
  const bank = banks.raiffeisen;
  const { legacy } = certificates;
  const accounts = bank.source.accounts();
  return {
    bank,
    origin: origins.raiffeisen,
    config: { clientId },
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
