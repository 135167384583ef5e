import type { PlainDate } from '../../../shared/domain/dates.ts';
import type { Movement } from './movement.ts';

/**
 * What the simulated Raiffeisenbank serves, wherever it comes from: seeded data (`data.ts`) or a folder of real files
 * (`bank-data.ts`). A source knows the bank's clock: every answer is what the bank would know at that moment.
 */
export interface BankSource {
  accounts(): readonly SourceAccount[];
  /** Currency folders of an account; empty for an unknown number. */
  folders(accountNumber: string): readonly Folder[];
  /** Booked in [from, to] (epoch milliseconds) and visible by now, newest first. */
  transactions(accountNumber: string, currency: string, from: number, to: number): readonly BookedItem[];
  /** Statements listed by now, newest first. */
  statements(accountNumber: string): readonly SourceStatement[];
  /** A statement's file; `null` when the statement is not (or no longer) offered in that format. */
  document(statementId: string, format: DocumentFormat, language: Language): Promise<Uint8Array | null>;
  /** Truth for tests: what is booked on days [from, to] in Prague and visible by now, oldest first. */
  booked(accountNumber: string, currency: string, from: PlainDate, to: PlainDate): readonly BookedRow[];
  /** Books a movement now, for pages that shift while they are read; absent where the data is fixed. */
  bookNow?(accountNumber: string, currency: string): void;
  /**
   * Books a movement; absent where the data is fixed.
   * @returns its entry reference
   * @throws Error when the day's statement is already out: a bank books nothing into a closed day
   */
  add?(movement: ExtraMovement): string;
}

/** A movement that is booked beside the seeded ones. */
export interface ExtraMovement extends Partial<Omit<Movement, 'minor' | 'currency' | 'valueDay'>> {
  readonly accountNumber: string;
  readonly currency: string;
  /** Signed minor units. */
  readonly minor: bigint;
}

export interface SourceAccount {
  readonly accountId: number;
  readonly prefix: string;
  readonly number: string;
  readonly bankCode: string;
  readonly iban: string | null;
  readonly name: string | null;
  readonly friendlyName: string | null;
  readonly mainCurrency: string | null;
  readonly type: string | null;
}

export interface Folder {
  readonly currency: string;
  readonly status: 'ACTIVE' | 'CLOSED';
  /** Signed minor units; `null` when the bank shows none. */
  readonly balances: FolderBalances | null;
}

export interface FolderBalances {
  readonly booked: bigint;
  readonly blocked: bigint;
  readonly creditLine: bigint;
}

/** A row of the transaction list, in the bank's own JSON form. */
export interface BookedItem {
  readonly bookedAt: number;
  readonly json: unknown;
}

export const STATEMENT_LINES = ['MAIN', 'ADDITIONAL', 'MT940'] as const;
export type StatementLine = (typeof STATEMENT_LINES)[number];

/** Spelt as a download request spells them; lists spell them in upper case. */
export const DOCUMENT_FORMATS = ['pdf', 'xml', 'MT940'] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

export type Language = 'cs' | 'en';

export interface SourceStatement {
  readonly id: string;
  readonly accountNumber: string;
  readonly currency: string;
  readonly number: string;
  readonly from: PlainDate;
  readonly to: PlainDate;
  readonly lines: readonly StatementLine[];
  readonly formats: readonly DocumentFormat[];
  /** Signed minor units; `null` when unknown. */
  readonly opening: bigint | null;
  readonly closing: bigint | null;
}

export interface BookedRow {
  readonly entryReference: string;
  readonly date: PlainDate;
  /** Signed minor units. */
  readonly minor: bigint;
}
