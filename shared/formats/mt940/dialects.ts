import type { SingleByte } from '../encoding/encodings.ts';

/**
 * Dialects of field :86: as data: what each two-digit subfield means, by bank code and by the three-digit transaction
 * code in front. Symbols and counter-accounts are told by their shape wherever they stand, so a table names only what
 * differs from {@link GENERIC}. Sources: the MultiCash format descriptions of the banks (2009–2016), see each table.
 */

export type Role =
  /** Name of the counterparty. */
  | 'name'
  /** Name and address of the counterparty; its name only where no field has the role `name`. */
  | 'party'
  | 'message'
  /** The sender's own note: the message where there is no other. */
  | 'note'
  /** Text of the bank about the kind of operation: the message of last resort. */
  | 'operation'
  | 'account'
  /** Account with the bank code in front: `0800/190012345671`. */
  | 'bank-account'
  /** Bank code or BIC of the counterparty. */
  | 'bank'
  /** Amount in the original currency, `EUR 12,50` or `EUR12,50`. */
  | 'original'
  /** Exchange rate, alone or after a word: `Kurs:23,5`, `RATE 23.5`. */
  | 'rate'
  /** The bank's reference, where field :61: has none. */
  | 'reference'
  /** The payer's reference, where field :61: has none. */
  | 'end-to-end'
  | 'ignored';

/** Roles by subfield; `20-29` names a range. */
export type Roles = Readonly<Record<string, Role>>;

export interface Dialect {
  /** BIC of the bank (8 characters), by which a header or a :25: names it. */
  readonly bic: string;
  /** The encoding of its files where they are no UTF-8; Windows-1250 when not given. */
  readonly encoding?: SingleByte;
  /** Columns of one message or name subfield; one that fills them goes on in the next without a space. */
  readonly width?: number;
  /** By transaction code: the whole code, or its first digit. */
  readonly layouts: Readonly<Record<string, Roles>>;
}

/**
 * The layout most banks share (DFÜ agreement of the German banks, UniCredit CZ, Polish banks), and the one our writer
 * uses: ?00 text, ?10 batch number, ?20–?29 text, ?30 bank, ?31 account, ?32–?33 name, ?34 key, ?38 IBAN, ?60–?63 more
 * text.
 */
export const GENERIC: Roles = {
  '00': 'operation',
  '10': 'ignored',
  '20-29': 'message',
  '30': 'bank',
  '31': 'account',
  '32-33': 'name',
  '34': 'ignored',
  '38': 'account',
  '60-63': 'message',
  '64-99': 'note',
};

/** By bank code. A bank that is not here is read by {@link GENERIC}. */
export const DIALECTS: Readonly<Record<string, Dialect>> = {
  // MultiCash handbook v02 of 2011. Subfields 21–27 are not published and read as text.
  '0100': {
    bic: 'KOMBCZPP',
    layouts: Object.fromEntries(
      ['010', '020', '030', '040', '050'].map((code) => [
        code,
        {
          '00': 'ignored',
          '28-29': 'ignored',
          '60': 'reference',
          '61': 'operation',
          '62': 'end-to-end',
          '63': 'operation',
        } satisfies Roles,
      ]),
    ),
  },
  // Statement v7 (BusinessBanking, MultiCash_24) and MT942 advice; in both ?00 is the other side of a domestic payment.
  '0300': {
    bic: 'CEKOCZPP',
    width: 35,
    layouts: {
      '111': { '00': 'name', '20': 'ignored' },
      '030': { '00': 'rate', '20': 'name', '21': 'operation', '27': 'ignored', '32-33': 'party' },
      '040': { '00': 'name' },
    },
  },
  // MultiCash formats of the former GE Money, now MONETA. ?60–?65: identification of payer and payee, details.
  '0600': {
    bic: 'AGBACZPP',
    encoding: 'cp852',
    width: 35,
    layouts: {
      '111': { '28-29': 'ignored', '60-65': 'note' },
      '030': { '21': 'original', '27': 'ignored', '60-65': 'note' },
      '040': { '60-65': 'note' },
    },
  },
  // MultiCash MT940. ?24 holds the counterparty's symbols `VS2:…/SS2:…`, ?60 the write-off date.
  '0800': {
    bic: 'GIBACZPX',
    encoding: 'cp852',
    width: 35,
    layouts: {
      '020': { '00': 'reference', '10': 'operation', '23': 'bank-account', '24': 'ignored', '60': 'ignored' },
      '030': {
        '00': 'reference',
        '10': 'operation',
        '21': 'rate',
        '23': 'bank-account',
        '24': 'ignored',
        '29': 'end-to-end',
        '60': 'ignored',
      },
    },
  },
  // API description 1.2.9 (2014): domestic, foreign, other.
  '2010': {
    bic: 'FIOBCZPP',
    layouts: {
      '010': { '24-27': 'note' },
      '020': { '21': 'bank', '22': 'original', '23': 'rate', '24-27': 'note' },
      '030': { '23-26': 'note' },
    },
  },
  // BusinessNet sample files: 0xx domestic is GENERIC but for ?60, 2xx foreign, 8xx other.
  '2700': {
    bic: 'BACXCZPP',
    width: 27,
    layouts: {
      '0': { '60-65': 'ignored' },
      '2': { '22': 'original', '23': 'rate', '60-65': 'ignored' },
    },
  },
};

/** A layout ready to use: roles by the subfield's number, 0 to 99. */
export type RoleTable = readonly Role[];

/** What field :86: of one bank is read by. */
export interface Layouts {
  readonly width: number | null;
  /** @param code the three digits before the first subfield, `''` when there are none */
  tableFor(code: string): RoleTable;
}

function tableOf(...layers: readonly Roles[]): RoleTable {
  const table = new Array<Role>(100).fill('ignored');
  for (const [codes, role] of layers.flatMap((layer) => Object.entries(layer))) {
    const [first = 0, last = first] = codes.split('-').map(Number);
    table.fill(role, first, last + 1);
  }
  return table;
}

const GENERIC_TABLE = tableOf(GENERIC);

function layoutsOf({ width, layouts }: Dialect): Layouts {
  const tables = new Map(Object.entries(layouts).map(([code, roles]) => [code, tableOf(GENERIC, roles)]));
  return {
    width: width ?? null,
    tableFor: (code) => tables.get(code) ?? tables.get(code.charAt(0)) ?? GENERIC_TABLE,
  };
}

const GENERIC_LAYOUTS: Layouts = { width: null, tableFor: () => GENERIC_TABLE };
const LAYOUTS = new Map(
  Object.entries(DIALECTS).map(([bankCode, dialect]) => [bankCode, layoutsOf(dialect)]),
);
const BANK_CODES = new Map(Object.entries(DIALECTS).map(([bankCode, { bic }]) => [bic, bankCode]));

/** The layouts of a bank, the generic ones when it is unknown. */
export function layoutsFor(bankCode: string | null): Layouts {
  return (bankCode === null ? null : LAYOUTS.get(bankCode)) ?? GENERIC_LAYOUTS;
}

/** The bank code a BIC (8 or 11 characters, or a SWIFT terminal of 12) stands for; `null` when it has no dialect. */
export function bankCodeOfBic(bic: string): string | null {
  return BANK_CODES.get(bic.slice(0, 8)) ?? null;
}
