import { outlineOf, type StatementOutline } from './camt-outline.ts';
import { uuidOf } from './ids.ts';
import { outlineOfMt940 } from './mt940-outline.ts';
import { fromDomestic, fromIban, type DomesticNumber } from './numbers.ts';
import type { DocumentFormat, SourceStatement } from './source.ts';

/** A statement read from files, with the files to serve for it. */
export interface FiledStatement extends SourceStatement {
  readonly account: DomesticNumber;
  readonly files: Partial<Readonly<Record<DocumentFormat, () => Promise<Uint8Array>>>>;
}

type Read = (name: string) => Promise<Uint8Array>;

const EXTENSIONS: Readonly<Record<string, DocumentFormat>> = { xml: 'xml', mt940: 'MT940', pdf: 'pdf' };

/**
 * The statements a folder's files hold. Files of one base name are one statement in several formats; the camt.053 file
 * tells what it is, without one the MT940 file does. What cannot be placed is left out and named in `warnings`.
 */
export async function readStatementFiles(
  names: readonly string[],
  read: Read,
): Promise<{ statements: FiledStatement[]; warnings: string[] }> {
  const warnings: string[] = [];
  const statements: FiledStatement[] = [];
  for (const [base, files] of grouped(names, warnings)) {
    statements.push(...(await readOne(base, files, read, warnings)));
  }
  return { statements, warnings };
}

type Files = Partial<Record<DocumentFormat, string>>;

function grouped(names: readonly string[], warnings: string[]): Map<string, Files> {
  const groups = new Map<string, Files>();
  for (const name of names) {
    const [, base = '', extension = ''] = /^(.+)\.([^.]+)$/.exec(name) ?? [];
    const format = EXTENSIONS[extension.toLowerCase()];
    if (format === undefined) warnings.push(`${name}: left out, only .xml, .mt940 and .pdf are statements.`);
    else groups.set(base, { ...groups.get(base), [format]: name });
  }
  return groups;
}

async function readOne(
  base: string,
  files: Files,
  read: Read,
  warnings: string[],
): Promise<FiledStatement[]> {
  const offered = Object.fromEntries(
    Object.entries(files).map(([format, name]) => [format, () => read(name)] as const),
  );
  const file = (facts: Facts): FiledStatement => filed(base, facts, offered);
  if (files.xml !== undefined) return (await factsOfXml(files.xml, read, warnings)).map(file);
  if (files.MT940 !== undefined) {
    const outline = outlineOfMt940(await read(files.MT940));
    if (outline) return [file(outline)];
    warnings.push(`${files.MT940}: left out, its account, days or balances cannot be read.`);
    return [];
  }
  warnings.push(
    `${base}.pdf: left out, a PDF is served only beside an .xml or .mt940 file of the same name.`,
  );
  return [];
}

interface Facts extends Omit<StatementOutline, 'iban' | 'number' | 'currency' | 'from' | 'to'> {
  readonly account: DomesticNumber;
  readonly currency: string;
  readonly from: string;
  readonly to: string;
}

async function factsOfXml(name: string, read: Read, warnings: string[]): Promise<Facts[]> {
  const { statements, broken } = outlineOf(await read(name));
  if (broken !== null) warnings.push(`${name}: not well-formed XML (${broken.split('\n')[0]}).`);
  const found = statements.flatMap((outline) => factsOf(outline));
  if (found.length < statements.length || statements.length === 0) {
    warnings.push(
      `${name}: left out, it is no camt.053 statement with a Czech account, a currency and days.`,
    );
  }
  const merged = mergedByAccount(found);
  if (found.length > 1) {
    warnings.push(
      `${name}: holds ${found.length} statements; the whole file is served for each account in it.`,
    );
  }
  return merged;
}

function factsOf({ iban, number, currency, from, to, ...rest }: StatementOutline): Facts[] {
  const account = iban !== null ? fromIban(iban) : number !== null ? fromDomestic(number) : null;
  if (account === null || currency === null || from === null || to === null) return [];
  return [{ ...rest, account, currency, from, to }];
}

/** One entry per account and currency of a file, from its first day to its last. */
function mergedByAccount(all: readonly Facts[]): Facts[] {
  const merged = new Map<string, Facts>();
  for (const facts of [...all].sort((a, b) => a.from.localeCompare(b.from))) {
    const key = `${facts.account.number}|${facts.currency}`;
    const first = merged.get(key);
    merged.set(key, first ? { ...facts, from: first.from, opening: first.opening } : facts);
  }
  return [...merged.values()];
}

function filed(base: string, facts: Facts, files: FiledStatement['files']): FiledStatement {
  const { account, currency, ordinal, from, to, opening, closing } = facts;
  const formats = Object.keys(files) as DocumentFormat[];
  return {
    id: uuidOf(`file|${base}|${account.number}|${currency}`),
    account,
    accountNumber: account.number,
    currency,
    // The list prints `194/2026` where the file has 194.
    number: ordinal === null ? '' : /^\d+$/.test(ordinal) ? `${ordinal}/${to.slice(0, 4)}` : ordinal,
    from,
    to,
    opening,
    closing,
    lines: formats.includes('MT940') ? ['MAIN', 'MT940'] : ['MAIN'],
    formats,
    files,
  };
}
