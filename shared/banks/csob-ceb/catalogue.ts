import { localNumber } from '../../domain/account-number.ts';
import { isPlainDate, type PlainDate } from '../../domain/dates.ts';
import type { QuarantinedItem, Statement } from '../../domain/model.ts';
import { FormatError } from '../../formats/errors.ts';
import { readFileAs } from '../../formats/files.ts';
import { parseOrderAccount } from '../../formats/order-party.ts';
import type { BankCall } from '../../http/types.ts';
import type { Config } from './config.ts';
import { downloadFile } from './download.ts';
import { identityOf, type BankFile, type Files, type Listing } from './files.ts';
import { manifest } from './manifest.ts';

/** Our formats by the bank's names of them. */
export const FORMATS: Readonly<Record<string, string>> = {
  XML: 'finsta',
  SEPAXML: 'camt.053',
  BBMT940: 'mt940',
  BBGPC: 'gpc',
  PDF: 'pdf',
  TXT: 'txt',
};

/** The same of advices. */
export const ADVICE_FORMATS: Readonly<Record<string, string>> = { MT942: 'mt942' };

/** One statement: the files that are its formats. */
export interface Listed {
  readonly id: string;
  /** Number of the account, `prefix-number` or `number`. */
  readonly account: string;
  /** Last day of the statement. */
  readonly day: PlainDate;
  readonly number: string;
  /** By our names of the formats. */
  readonly files: ReadonlyMap<string, BankFile>;
}

export interface Catalogue {
  readonly statements: readonly Listed[];
  /** Files that belong to nobody knows which account. */
  readonly quarantined: readonly QuarantinedItem[];
}

/** Where a file belongs. */
export type Place = Pick<Listed, 'account' | 'day' | 'number'>;

/** Files of unusual names that are opened to see what they are, per list. */
export const MAX_OPENED = 20;

/** @param from day in Prague from which files are asked for; `null` for all there are */
export type Catalogues = (from: PlainDate | null) => Promise<Catalogue>;

/** What each list of files says of statements, worked out once. */
export function createCatalogues(files: Files, call: BankCall, { origin }: Config): Catalogues {
  return ofEachListing(files, (listing) => readCatalogue(listing, call, origin));
}

/** What is read out of each list of files, once; a failure is forgotten. */
export function ofEachListing<T>(
  files: Files,
  read: (listing: Listing) => Promise<T>,
): (from: PlainDate | null) => Promise<T> {
  const done = new WeakMap<Listing, Promise<T>>();
  return async (from) => {
    const listing = await files.documents(from);
    const found = done.get(listing) ?? read(listing);
    done.set(listing, found);
    try {
      return await found;
    } catch (error) {
      done.delete(listing);
      throw error;
    }
  };
}

/**
 * The statements among the listed files. Which account and day a file is of stands in its name
 * (`<account>_<yyyymmdd>_<number>_…`), which was seen but is nowhere promised; a file of another name is opened, and
 * others that share its name but for the extension go with it. One that cannot be placed is set aside visibly.
 */
async function readCatalogue(listing: Listing, call: BankCall, origin: string): Promise<Catalogue> {
  const known = listing.files.filter(
    ({ type, format }) => type === 'VYPIS' && Object.hasOwn(FORMATS, format ?? ''),
  );
  const unnamed = known.filter((file) => placeByName(file) === null);
  const opened = await openUnnamed(unnamed, call, origin);
  const found = new Map<string, Listed & { readonly files: Map<string, BankFile> }>();
  const quarantined: QuarantinedItem[] = [...listing.quarantined];
  for (const file of known) {
    const place = placeByName(file) ?? opened.get(stemOf(file)) ?? null;
    if (place === null) {
      quarantined.push(unplaced(file));
      continue;
    }
    const id = idOf(place, file);
    const statement = found.get(id) ?? { id, ...place, files: new Map<string, BankFile>() };
    found.set(id, statement);
    const format = FORMATS[file.format ?? '']!;
    const other = statement.files.get(format);
    if (!other || isBetter(file, other)) statement.files.set(format, file);
  }
  return { statements: [...found.values()], quarantined };
}

/**
 * Formats of a statement are made in the same night; one sent again on a later day is another edition. The address is
 * no part of it, for it changes with every list.
 */
const idOf = ({ account, day, number }: Place, { createdAt }: BankFile): string =>
  `${account}_${day}_${number}/${createdAt.slice(0, 10)}`;

/** Of two files of one format and night: what can be had, then the later one. */
function isBetter(file: BankFile, other: BankFile): boolean {
  if ((file.state === 'ready') !== (other.state === 'ready')) return file.state === 'ready';
  return file.createdAt > other.createdAt;
}

/** What a name tells: `<account>_<yyyymmdd>_<number>_…`, of advices with `AV_` in front. */
export function placeByName({ name }: BankFile): Place | null {
  const [, digits = '', date = '', number = ''] =
    /^(?:AV_)?(\d[\d-]{1,17})_(\d{8})_(\d{1,6})(?=[_.])/.exec(name) ?? [];
  const account = parseOrderAccount(digits);
  const day = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
  if (!account || !isPlainDate(day)) return null;
  return { account: localNumber(account), day, number: String(Number(number)) };
}

const stemOf = ({ name }: BankFile): string => name.replace(/\.[^.]*$/, '');

/** What the files of unusual names are, by their names without extension. */
async function openUnnamed(
  files: readonly BankFile[],
  call: BankCall,
  origin: string,
): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  let opened = 0;
  for (const file of files) {
    if (opened >= MAX_OPENED || places.has(stemOf(file)) || !isReadable(file) || file.state !== 'ready')
      continue;
    opened += 1;
    const [statement] = await statementsIn(file, call, origin);
    const { number, to, account } = statement ?? { number: null, to: null, account: null };
    if (!account?.number || to === null) continue;
    places.set(stemOf(file), { account: account.number, day: to, number: number ?? '0' });
  }
  return places;
}

const PARSED = manifest.statementFormats.filter(({ parsed }) => parsed).map(({ format }) => format);

const isReadable = ({ format }: BankFile): boolean => PARSED.includes(FORMATS[format ?? ''] ?? '');

/** The files of a statement that we read, the one that says most first. */
export const readableOf = (files: Listed['files']): BankFile[] =>
  PARSED.flatMap((format) => files.get(format) ?? []);

/** What a file says; nothing when it is gone or cannot be read. @throws Failure as every download */
export async function statementsIn(
  file: BankFile,
  call: BankCall,
  origin: string,
): Promise<readonly Statement[]> {
  const document = await downloadFile(call, file, origin);
  if (!document) return [];
  try {
    const hints = { bankCode: manifest.bankCode! };
    const format = FORMATS[file.format ?? ''] ?? ADVICE_FORMATS[file.format ?? ''] ?? '';
    return (await readFileAs(format, document.bytes, hints)).statements;
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}

/** The file the bank failed to make for good, where no other of the statement tells the same. */
export function failedOf({ files }: Listed): QuarantinedItem[] {
  const readable = readableOf(files);
  const [failed] = readable;
  if (!failed || readable.some(({ state }) => state !== 'failed')) return [];
  const message =
    'The bank failed to prepare the file of a statement and will not try again. Ask its support for the statement.';
  return [{ rule: 'file-failed', message, position: null, raw: identityOf(failed) }];
}

export function unplaced(file: BankFile): QuarantinedItem {
  const message =
    'A listed file could not be placed: neither its name nor its content tells account and day. Fetch it in CEB.';
  return { rule: 'file-unplaced', message, position: null, raw: identityOf(file) };
}
