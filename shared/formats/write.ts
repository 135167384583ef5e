import { bankOfCode } from '../domain/bank-codes.ts';
import type { PlainDate } from '../domain/dates.ts';
import type { CamtVersion } from './camt/write.ts';
import type { Encoding } from './encoding/encodings.ts';
import { FormatError } from './errors.ts';
import type { ReadFile } from './files.ts';
import type { PainVersion } from './pain001/writer.ts';
import type { Written } from './stream.ts';

/** Formats a file can be written in. */
export const STATEMENT_TARGETS = ['gpc', 'mt940', 'camt.053', 'camt.053.001.08', 'csv'] as const;
export const ORDER_TARGETS = ['kpc', 'pain.001', 'pain.001.001.09'] as const;
export const TARGETS = [...STATEMENT_TARGETS, ...ORDER_TARGETS] as const;
export type StatementTarget = (typeof STATEMENT_TARGETS)[number];
export type Target = (typeof TARGETS)[number];

export interface WriteHints {
  /** Code of the bank whose dialect is written. */
  readonly bankCode?: string;
  readonly encoding?: Encoding;
  /** Time of writing, ISO 8601 without zone: `2026-11-21T10:00:00`. */
  readonly createdAt: string;
  /** Unique among the files of the receiver; up to 35 characters. */
  readonly id: string;
}

type Contents = Pick<ReadFile, 'statements' | 'orders'>;
type Writer = (file: Contents, hints: WriteHints) => Written;

/** Writers by target, each loaded when it is first needed. */
const WRITERS: Readonly<Record<Target, () => Promise<Writer>>> = {
  gpc: async () => {
    const { writeGpc } = await import('./gpc/writer.ts');
    return ({ statements }, { bankCode, encoding }) =>
      writeGpc(statements, {
        ...(bankCode === undefined ? {} : { bankCode }),
        ...(encoding === undefined ? {} : { encoding }),
      });
  },
  mt940: async () => {
    const { writeMt940 } = await import('./mt940/writer.ts');
    return ({ statements }, { encoding }) => {
      if (encoding === undefined || encoding === 'utf-8' || encoding === 'windows-1250') {
        return writeMt940(statements, encoding === undefined ? {} : { charset: encoding });
      }
      throw new FormatError(
        'encoding',
        `An MT940 is written in utf-8 or windows-1250, not in ${encoding}`,
        null,
      );
    };
  },
  'camt.053': () => camt('02'),
  'camt.053.001.08': () => camt('08'),
  csv: async () => {
    const { writeCsv } = await import('./csv.ts');
    return ({ statements }, { encoding }) => writeCsv(statements, encoding === undefined ? {} : { encoding });
  },
  kpc: async () => {
    const { writeKpc } = await import('./kpc/writer.ts');
    const { kpcDialect } = await import('./kpc/dialects.ts');
    return ({ orders }, { bankCode, createdAt }) => {
      const code = bankCode ?? orders[0]?.payer.bankCode ?? '';
      const dialect = kpcDialect(code);
      if (dialect) return writeKpc(orders, dialect, { createdOn: day(createdAt) });
      const name = bankOfCode(code)?.name ?? 'no bank named';
      throw new FormatError(
        'bank-unknown',
        `There is no KPC dialect for "${code}" (${name}); name the bank`,
        null,
      );
    };
  },
  'pain.001': () => pain('03'),
  'pain.001.001.09': () => pain('09'),
};

/** XML is written in UTF-8 only. */
function checkXml(encoding: Encoding | undefined): void {
  if (encoding === undefined || encoding === 'utf-8') return;
  throw new FormatError('encoding', `XML messages are written in utf-8, not in ${encoding}`);
}

async function camt(version: CamtVersion): Promise<Writer> {
  const { writeCamt053 } = await import('./camt/write.ts');
  return ({ statements }, { id, createdAt, encoding }) => {
    checkXml(encoding);
    return writeCamt053(statements, { version, messageId: id, createdAt });
  };
}

async function pain(version: PainVersion): Promise<Writer> {
  const { writePain001 } = await import('./pain001/writer.ts');
  return ({ orders }, { id, createdAt, encoding }) => {
    checkXml(encoding);
    const initiator = orders[0]?.payer.name ?? 'Brana';
    return writePain001(orders, { version, messageId: id, createdAt, initiator });
  };
}

const day = (instant: string): PlainDate => instant.slice(0, 10);

/**
 * Writes what was read in another format; statements into statement formats, orders into order formats.
 * @throws FormatError when the file holds nothing of the kind, or as the format's writer says
 */
export async function writeFile(target: Target, file: Contents, hints: WriteHints): Promise<Written> {
  const wantsOrders = (ORDER_TARGETS as readonly Target[]).includes(target);
  const holds = wantsOrders ? file.orders.length : file.statements.length;
  if (holds === 0) {
    const missing = wantsOrders ? 'orders' : 'statements';
    throw new FormatError(
      'nothing-to-write',
      `The file holds no ${missing}, so no ${target} can be made of it`,
      null,
    );
  }
  return (await WRITERS[target]())(file, hints);
}
