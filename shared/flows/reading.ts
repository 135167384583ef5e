import type { Statement } from '../domain/model.ts';
import type { Account } from '../domain/records.ts';
import { FormatError } from '../formats/errors.ts';
import { readFileAs, type ReadFile } from '../formats/files.ts';

/**
 * Reads a statement document of an account and leaves what it says of other accounts aside.
 * @param format our name of it
 * @throws FormatError `other-account` when it says nothing of this one, or as its reader throws
 */
export async function readDocument(account: Account, format: string, bytes: Uint8Array): Promise<ReadFile> {
  const { bankCode, currency } = account;
  const file = await readFileAs(format, bytes, {
    assumedCurrency: currency,
    ...(bankCode === null ? {} : { bankCode }),
  });
  const statements = file.statements.filter((one) => speaksOf(account, one));
  if (statements.length === 0) {
    throw new FormatError('other-account', 'The document speaks of another account or currency', null);
  }
  return { ...file, statements };
}

function speaksOf(mine: Account, { account }: Statement): boolean {
  if (account.currency !== null && account.currency !== mine.currency) return false;
  if (account.iban !== null && mine.iban !== null) return account.iban === mine.iban;
  return account.number === null || account.number === mine.number;
}
