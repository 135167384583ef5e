import type { Statement, QuarantinedItem, Warning } from '../domain/model.ts';
import type { OrderFile, OrderGroup } from '../domain/order-file.ts';
import { FormatError } from './errors.ts';
import type { Encoding } from './encoding/encodings.ts';
import { recognise, type FormatName, type Recognised } from './recognise.ts';

/** What is known of a file from elsewhere; it wins over what the file seems to be. */
export interface FileHints {
  readonly format?: FormatName;
  /** Code of the bank whose dialect it is. */
  readonly bankCode?: string;
  readonly encoding?: Encoding;
  /** Currency of the account, for files that name none; what a file names wins. */
  readonly assumedCurrency?: string;
}

/** A file as read, whatever its format: statements or orders. */
export interface ReadFile {
  readonly recognised: Recognised;
  readonly statements: readonly Statement[];
  readonly orders: readonly OrderGroup[];
  /** What concerns the file as a whole. */
  readonly warnings: readonly Warning[];
  readonly quarantined: readonly QuarantinedItem[];
}

type Contents = Pick<ReadFile, 'statements' | 'orders' | 'warnings' | 'quarantined'>;
type Reader = (bytes: Uint8Array, hints: FileHints) => Contents;

const ofStatements = (statements: readonly Statement[]): Contents => ({
  statements,
  orders: [],
  warnings: [],
  quarantined: [],
});

const ofOrders = ({ groups, warnings, quarantined }: OrderFile): Contents => ({
  statements: [],
  orders: groups,
  warnings,
  quarantined,
});

const options = ({ bankCode, encoding }: FileHints) => ({
  ...(bankCode === undefined ? {} : { bankCode }),
  ...(encoding === undefined ? {} : { encoding }),
});

const camt = async (): Promise<Reader> => {
  const { readCamt } = await import('./camt/reader.ts');
  return (bytes) => ofStatements(readCamt(bytes));
};
const swift = async (): Promise<Reader> => {
  const { parseMt940 } = await import('./mt940/reader.ts');
  return (bytes, hints) => ofStatements(parseMt940(bytes, options(hints)));
};

/** Readers by format, each loaded when it is first needed. */
const READERS: Readonly<Partial<Record<FormatName, () => Promise<Reader>>>> = {
  'camt.052': camt,
  'camt.053': camt,
  'camt.054': camt,
  mt940: swift,
  mt942: swift,
  gpc: async () => {
    const { readGpc } = await import('./gpc/reader.ts');
    return (bytes, hints) =>
      ofStatements(
        readGpc(bytes, {
          ...options(hints),
          ...(hints.assumedCurrency === undefined ? {} : { assumedCurrency: hints.assumedCurrency }),
        }),
      );
  },
  finsta: async () => {
    const { readFinsta } = await import('./finsta/reader.ts');
    return (bytes) => ofStatements(readFinsta(bytes));
  },
  bbtxt: async () => {
    const { readBbtxt } = await import('./bbtxt/reader.ts');
    return (bytes, { encoding }) =>
      ofStatements(readBbtxt(bytes, encoding === undefined ? {} : { encoding }));
  },
  kpc: async () => {
    const { readKpc } = await import('./kpc/reader.ts');
    return (bytes, { encoding }) => ofOrders(readKpc(bytes, encoding === undefined ? {} : { encoding }));
  },
  'pain.001': async () => {
    const { readPain001 } = await import('./pain001/reader.ts');
    return (bytes) => ofOrders(readPain001(bytes));
  },
  cobs: async () => {
    const { readCobsPayment } = await import('./cobs/reader.ts');
    return (bytes) => ofOrders(readCobsPayment(bytes));
  },
  zps: async () => {
    const { readZps } = await import('./zps/reader.ts');
    return (bytes, { bankCode }) => ofOrders(readZps(bytes, bankCode === undefined ? {} : { bankCode }));
  },
};

/** Whether files of a format, by our name, can be read. */
export const isReadable = (format: string): format is FormatName => Object.hasOwn(READERS, format);

/**
 * Reads a document of which somebody says what it is: a bank that was asked for it. Single items that cannot be read
 * are quarantined in their statement, but a document that is broken as such gives none.
 * @throws FormatError `unsupported-format`, `unexpected-format` for one that is plainly something else, or what the
 * format's reader throws
 */
export async function readFileAs(
  format: string,
  bytes: Uint8Array,
  hints: Omit<FileHints, 'format'> = {},
): Promise<ReadFile> {
  if (!isReadable(format)) {
    const known = Object.keys(READERS).join(', ');
    throw new FormatError(
      'unsupported-format',
      `Files in ${format.slice(0, 40)} are kept but not read; readable: ${known}`,
    );
  }
  const recognised = recognise(bytes);
  // What nothing is known of may still be a broken file of its format: its reader says how.
  if (recognised.format !== format && recognised.format !== 'unknown') {
    const [why = ''] = recognised.evidence;
    throw new FormatError(
      'unexpected-format',
      `This should be ${format} and is ${recognised.format}: ${why}. Ask the bank, or name the other format`,
    );
  }
  return readFile(bytes, { ...hints, format });
}

/**
 * Reads a statement or order file of any format Brana reads.
 * @throws FormatError `unsupported-format` for what it cannot read, or what the format's reader throws
 */
export async function readFile(bytes: Uint8Array, hints: FileHints = {}): Promise<ReadFile> {
  const recognised = recognise(bytes);
  const format = hints.format ?? recognised.format;
  const load = READERS[format];
  if (!load) {
    const known = Object.keys(READERS).join(', ');
    const why = recognised.evidence[0] ?? '';
    throw new FormatError(
      'unsupported-format',
      `This is no file Brana reads (${format}: ${why}). It reads: ${known}`,
    );
  }
  const bankCode = hints.bankCode ?? recognised.dialect;
  const contents = (await load())(bytes, { ...hints, ...(bankCode === null ? {} : { bankCode }) });
  return { recognised: { ...recognised, format, dialect: bankCode ?? null }, ...contents };
}
