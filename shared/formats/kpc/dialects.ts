import type { OrderKind, OrderPriority } from '../../domain/order-file.ts';
import type { LetterSet } from '../letters.ts';

/**
 * What differs between the banks that take ABO orders (KPC), as data keyed by bank code. Sources: KB client format KM
 * 2009; ČSOB CEB domestic orders in ABO; RB eKomunikátor data structures; ČS form 3-2267 of 26 Apr 2025; Fio ABO
 * structure; MONETA Internet Banka formats (ABO2).
 */
export interface KpcDialect {
  readonly bankCode: string;
  /** A KPC names no currency; this is what its amounts are in. */
  readonly currency: string;
  readonly header: {
    /** Columns 31–40. */
    readonly clientNumber: string;
    /** Columns 47–58, fixed and secret code; empty where the line ends before them. */
    readonly codes: string;
    readonly capitals: boolean;
    /** Characters the bank refuses in the client's name. */
    readonly forbidden: string;
  };
  /**
   * Where our serial makes the bytes of each order unique: the header's client number where the bank takes any or
   * reads none, else the end of the client's name.
   */
  readonly serialSlot: 'client-number' | 'client-name';
  /** `SSSPPP` of record 1: fixed, or a file number within the interval `001999`, once per file of a creation day. */
  readonly fileNumber: string | 'within-interval';
  /** Most digits of an item's amount, and of a group's sum. */
  readonly amountDigits: number;
  readonly sumDigits: number;
  /**
   * `lines`: four lines of 35 joined by `|`. `plain`: one text, because what follows a `|` becomes the sender's own
   * note.
   */
  readonly message: 'lines' | 'plain';
  /** Characters the bank refuses in a message, besides `|`. */
  readonly forbiddenInMessage: string;
  /** Whether `NP:` with the payee's name follows the message. */
  readonly payeeName: boolean;
  readonly letters: LetterSet;
  /** Most items of a file; `advised` is what the bank recommends, or takes on its smallest channel. */
  readonly items: { readonly most: number; readonly advised: number } | null;
  readonly maxBytes: number | null;
  readonly dueDate: {
    /** What the bank does with a day gone by. */
    readonly past: 'refused' | 'moved';
    /** Days ahead of today, by kind; `null`: no limit known. */
    readonly ahead: Readonly<Record<OrderKind, number | null>>;
    readonly bankingDaysOnly: boolean;
  };
  /** Constant symbols the bank refuses in orders, normalised. */
  readonly refusedConstantSymbol: RegExp | null;
  /** Whether payer and payee at this bank must differ. */
  readonly refusesOwnAccount: boolean;
  /** Types of accounting files for credit transfers; a priority that is missing cannot be said. */
  readonly types: Readonly<Partial<Record<OrderPriority, string>>>;
}

/** The general description of the format; every bank is this but for what its own entry says. */
export const GENERAL: Omit<KpcDialect, 'bankCode'> = {
  currency: 'CZK',
  header: { clientNumber: '0000000000', codes: '000000000000', capitals: false, forbidden: '' },
  serialSlot: 'client-number',
  fileNumber: '001000',
  amountDigits: 12,
  sumDigits: 14,
  message: 'lines',
  forbiddenInMessage: '',
  payeeName: false,
  letters: 'domestic',
  items: null,
  maxBytes: null,
  dueDate: { past: 'refused', ahead: { 'credit-transfer': null, collection: null }, bankingDaysOnly: false },
  refusedConstantSymbol: null,
  refusesOwnAccount: false,
  types: { normal: '1501' },
};

const MEGABYTE = 1024 * 1024;

const DIALECTS: readonly KpcDialect[] = [
  {
    ...GENERAL,
    bankCode: '0100',
    header: { ...GENERAL.header, codes: '' },
    fileNumber: 'within-interval',
    items: { most: 99_999, advised: 90_000 },
    dueDate: { past: 'refused', ahead: { 'credit-transfer': 364, collection: 364 }, bankingDaysOnly: true },
    // The bank's table of 2009: symbols of cash, of interest and of the bank's own postings.
    refusedConstantSymbol: /^(?:[0-3]178|\d{3}[1359]|0006|0898)$/,
    refusesOwnAccount: true,
  },
  {
    ...GENERAL,
    bankCode: '0300',
    fileNumber: '000000',
    amountDigits: 14,
    forbiddenInMessage: '#~',
    payeeName: true,
    dueDate: { past: 'moved', ahead: { 'credit-transfer': 365, collection: 31 }, bankingDaysOnly: false },
    types: { normal: '1501', urgent: '1503', instant: '1504' },
  },
  { ...GENERAL, bankCode: '0600', amountDigits: 14, letters: 'ascii' },
  {
    ...GENERAL,
    bankCode: '0800',
    fileNumber: 'within-interval',
    message: 'plain',
    // 200 in the smallest of its channels, 1000 in the largest.
    items: { most: 1000, advised: 200 },
    maxBytes: 2 * MEGABYTE,
  },
  {
    ...GENERAL,
    bankCode: '2010',
    serialSlot: 'client-name',
    amountDigits: 15,
    sumDigits: 15,
    maxBytes: 2 * MEGABYTE,
  },
  {
    ...GENERAL,
    bankCode: '5500',
    header: { clientNumber: '1234567890', codes: '111111222222', capitals: true, forbidden: '@' },
    serialSlot: 'client-name',
    fileNumber: '111111',
    // The bank does not say in which code page it reads uploads.
    letters: 'ascii',
    items: { most: 15_000, advised: 15_000 },
    maxBytes: 200 * MEGABYTE,
  },
];

const BY_CODE: ReadonlyMap<string, KpcDialect> = new Map(
  DIALECTS.map((dialect) => [dialect.bankCode, dialect]),
);

/** The dialect of a bank, `null` when we have none: such files are read by the general rules and not written. */
export function kpcDialect(bankCode: string): KpcDialect | null {
  return BY_CODE.get(bankCode) ?? null;
}

/** Banks that keep accounts whose numbers need not pass modulo 11 (ČSOB: accounts from the system IBIS). */
export const WITHOUT_MODULO_11: ReadonlySet<string> = new Set(['0300']);
