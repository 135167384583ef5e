import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlainDate } from '../../shared/domain/dates.ts';
import { addDays } from '../../shared/domain/dates.ts';
import { fileSource } from './raiffeisen/file-source.ts';
import { readStatementFiles } from './raiffeisen/statement-files.ts';
import { readTransactionFiles } from './raiffeisen/transaction-files.ts';
import type { BankSource } from './raiffeisen/source.ts';

/** Real files of a bank, served instead of seeded data. */
export interface BankData {
  readonly source: BankSource;
  /** The virtual today: the day after the newest file. */
  readonly today: PlainDate;
  /** The first day any file speaks of: back-fill from here. */
  readonly oldest: PlainDate;
  /** Files that are served in part or not at all, and why. */
  readonly warnings: readonly string[];
}

/** A folder that cannot serve as bank data. The message says what was expected. */
export class BankDataError extends Error {
  override readonly name = 'BankDataError';
}

const LAYOUT =
  'Lay the files out as DIR/raiffeisen/statements/*.{xml,mt940,pdf} and ' +
  'DIR/raiffeisen/transactions/<accountNumber>_<CUR>*.json.';

/**
 * Reads a folder of Raiffeisenbank's files. Accounts are those the files name, balances the newest statement's closing
 * ones; days without a transaction file are empty days; files that do not follow each other are simply gaps.
 * @throws BankDataError when the folder is missing or holds nothing that can be served
 */
export async function readBankData(directory: string): Promise<BankData> {
  await demandFolder(directory, `The bank data folder ${directory} does not exist.`);
  const root = join(directory, 'raiffeisen');
  await demandFolder(root, `${directory} has no folder "raiffeisen".`);
  const statementNames = await namesIn(join(root, 'statements'));
  const transactionNames = await namesIn(join(root, 'transactions'));
  const read = (folder: string) => (name: string) => readFile(join(root, folder, name));
  const statements = await readStatementFiles(statementNames, read('statements'));
  const transactions = await readTransactionFiles(transactionNames, read('transactions'));
  const warnings = [...statements.warnings, ...transactions.warnings];
  const days = [
    ...statements.statements.flatMap(({ from, to }) => [from, to]),
    ...transactions.rows.map(({ date }) => date),
  ].sort();
  const [oldest] = days;
  const newest = days.at(-1);
  if (oldest === undefined || newest === undefined) {
    throw new BankDataError([`No file in ${root} can be served.`, ...warnings, LAYOUT].join(' '));
  }
  return {
    source: fileSource(statements.statements, transactions),
    oldest,
    today: addDays(newest, 1),
    warnings,
  };
}

async function demandFolder(path: string, complaint: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) throw new BankDataError(`${complaint} ${LAYOUT}`);
}

/** Names of plain files, sorted; none when there is no such folder. Hidden files are not meant. */
async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new BankDataError(`${folder} cannot be read (${error.code}). ${LAYOUT}`);
  });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
}
