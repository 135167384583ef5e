import { createHash } from 'node:crypto';
import type { PlainDate } from './dates.ts';

/** The id under which the API knows a statement: account, last day and hash. It is made of ids and digits only. */
export function statementId(account: string, { to, id }: { to: PlainDate; id: string }): string {
  return `${account}-${to.replaceAll('-', '')}-${id}`;
}

/** The parts of a statement id, `null` when the text is none. */
export function parseStatementId(text: string): { account: string; to: PlainDate; id: string } | null {
  const parts = /^(acc_[0-9a-z]{1,40})-(\d{4})(\d{2})(\d{2})-([0-9A-Za-z]{16})$/.exec(text);
  if (!parts) return null;
  const [, account = '', year, month, day, id = ''] = parts;
  return { account, to: `${year}-${month}-${day}`, id };
}

/**
 * The hash part of a statement's id: one for each statement of each document of the bank.
 * @param index which of the document's statements of the account it is
 */
export function statementHash(scope: string, bankId: string, sha256: string, index: number): string {
  return createHash('sha256').update(`${scope}|${bankId}|${sha256}|${index}`).digest('hex').slice(0, 16);
}
