import { Failure } from '../../domain/failure.ts';
import type { BankDocument, Window } from '../../domain/model.ts';
import type { BankCall } from '../../http/types.ts';
import type { AccountRef, StatementList, StatementRef } from '../contract.ts';
import { failedOf, FORMATS, type Catalogues, type Listed } from './catalogue.ts';
import type { Config } from './config.ts';
import { downloadFile } from './download.ts';
import { manifest } from './manifest.ts';

const OPERATION = 'downloadFile';

/** The statements of an account that end within the window, in one list: the bank has no pages. */
export async function statementList(
  catalogues: Catalogues,
  account: AccountRef,
  window: Window,
): Promise<StatementList> {
  const { statements, quarantined } = await catalogues(window.from);
  const mine = statements.filter(
    (one) => one.account === account.handle && one.day >= window.from && one.day <= window.to,
  );
  return {
    statements: mine.flatMap((one) => refOf(one, account)),
    quarantined: [...quarantined, ...mine.flatMap(failedOf)],
    next: null,
  };
}

/** A statement whose files all failed is not on offer. */
function refOf({ id, number, day, files }: Listed, { currency }: AccountRef): StatementRef[] {
  const formats = manifest.statementFormats
    .map(({ format }) => format)
    .filter((format) => (files.get(format)?.state ?? 'failed') !== 'failed');
  return formats.length === 0 ? [] : [{ id, number, from: day, to: day, currency, formats }];
}

/**
 * A statement's file.
 * @returns `null` while the bank prepares it, and once it no longer has it
 * @throws Failure `unsupported` for a format the bank does not have, `rejected` for a statement it does not list
 */
export async function downloadStatement(
  catalogues: Catalogues,
  call: BankCall,
  { origin }: Config,
  statement: StatementRef,
  format: string,
): Promise<BankDocument | null> {
  const known = Object.values(FORMATS);
  if (!known.includes(format)) {
    const message = `ČSOB has no statements in ${format.slice(0, 20)}; choose among ${known.join(', ')}.`;
    throw new Failure('unsupported', message, { operation: OPERATION });
  }
  const { statements } = await catalogues(statement.from);
  const listed = statements.find(({ id }) => id === statement.id);
  if (!listed) {
    const message = 'The bank no longer lists this statement: it does so for 45 days. Fetch it in CEB.';
    throw new Failure('rejected', message, { operation: OPERATION });
  }
  const file = listed.files.get(format);
  return file?.state === 'ready' ? downloadFile(call, file, origin) : null;
}
