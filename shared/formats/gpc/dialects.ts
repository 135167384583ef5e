import type { SingleByte } from '../encoding/encodings.ts';
import { DENSE_CODES, STANDARD_CODES, type PostingCodes } from './posting.ts';

/** How the 16 digits of an account are laid out: in order, or permuted. */
export type AccountLayout = 'edit' | 'internal';

/** What differs between banks in ABO GPC statements; `null` where it is to be found out from the file. */
export interface GpcDialect {
  /** Meaning of the posting codes; `null`: the balance decides. */
  readonly codes: PostingCodes | null;
  /** `null`: the configured account or the check digits decide. */
  readonly layout: AccountLayout | null;
  /** What columns 119–122 of an item hold; a plain type begins with `1` whatever the account's currency is. */
  readonly typeColumn: 'currency' | 'type' | 'plain-type' | null;
  /** Where the booking date stands: in the header of a statement per day, or in columns 123–128 of the item. */
  readonly bookingDate: 'header' | 'header-if-daily' | 'item';
  /** Which day the old balance is dated: the first day of the period, or the day before. */
  readonly opens: 'same-day' | 'day-before' | null;
  /** What a value date of zeros means. */
  readonly noValueDate: 'booking-date' | 'none';
  readonly encoding: SingleByte | null;
  readonly writer: GpcProfile;
}

/** What a writer needs to know besides. */
export interface GpcProfile {
  /** Where {@link GpcDialect.layout} leaves it open. */
  readonly layout: AccountLayout;
  /** Records 076, 078 and 079 padded to 128 characters; otherwise 078 and 079 end at column 73. */
  readonly padNotes: boolean;
  /** Record 076 with the identification of a movement is understood. */
  readonly identification: boolean;
  /** Columns 115–128 of the header. */
  readonly mark: 'none' | 'iban' | 'FIO';
}

const UNKNOWN: GpcDialect = {
  codes: null,
  layout: null,
  typeColumn: null,
  bookingDate: 'item',
  opens: null,
  noValueDate: 'none',
  encoding: null,
  writer: { layout: 'edit', padNotes: false, identification: true, mark: 'none' },
};

/** Statements are made per day, the type of data stands where others put the currency. */
const DAILY: GpcDialect = {
  ...UNKNOWN,
  codes: STANDARD_CODES,
  bookingDate: 'header-if-daily',
  opens: 'day-before',
};

/** By bank code; sources: formats of the banks as published, where there is none the table says nothing. */
const DIALECTS: Readonly<Partial<Record<string, GpcDialect>>> = {
  // Komerční banka, client format KM (2009): KM, KM78/79 internal, KM76 edit; one header per account and day.
  '0100': {
    ...DAILY,
    typeColumn: 'type',
    bookingDate: 'header',
    noValueDate: 'booking-date',
    encoding: 'windows-1250',
    writer: { layout: 'internal', padNotes: false, identification: false, mark: 'iban' },
  },
  // ČSOB, FormatGPCv2: all records padded, 076 allowed.
  '0300': {
    ...DAILY,
    layout: 'edit',
    typeColumn: 'currency',
    encoding: 'windows-1250',
    writer: { ...UNKNOWN.writer, padNotes: true },
  },
  // MONETA, formats ABO1 (internal) and ABO2 (edit): codes 1 and 2 are all it documents.
  '0600': {
    ...UNKNOWN,
    typeColumn: 'type',
    writer: { ...UNKNOWN.writer, identification: false },
  },
  // Česká spořitelna, forms 3-2267 and 3-4341 (2025): layout switchable.
  '0800': { ...DAILY, codes: DENSE_CODES, typeColumn: 'plain-type', encoding: 'windows-1250' },
  // Fio, API 1.2.9: statements and queries over any period.
  '2010': {
    ...UNKNOWN,
    codes: STANDARD_CODES,
    layout: 'edit',
    typeColumn: 'currency',
    opens: 'same-day',
    encoding: 'windows-1250',
    writer: { ...UNKNOWN.writer, identification: false, mark: 'FIO' },
  },
  // Air Bank: header ends at column 114.
  '3030': { ...UNKNOWN, typeColumn: 'currency', encoding: 'windows-1250' },
  // Raiffeisenbank, eKomunikátor: layout switchable, encoding not named.
  '5500': { ...DAILY, typeColumn: 'type' },
};

/** The dialect of a bank, or the one in which everything is found out from the file. */
export function dialectOf(bankCode: string | null): GpcDialect {
  return (bankCode === null ? undefined : DIALECTS[bankCode]) ?? UNKNOWN;
}

/** Marks of banks in the filler of the header. */
const MARKS: Readonly<Partial<Record<string, string>>> = { FIO: '2010' };

/** The bank code that columns 115–128 of the header tell: the own IBAN's beginning (country, check, bank) or a mark. */
export function bankOfFiller(filler: string): string | null {
  return /^CZ\d{2}(\d{4})/.exec(filler)?.[1] ?? MARKS[filler] ?? null;
}
