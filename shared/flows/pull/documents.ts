import { isoInstant } from '../../domain/dates.ts';
import type { BankDocument } from '../../domain/model.ts';
import type { DocumentKind, DocumentRecord } from '../../domain/records.ts';
import type { AccountRun } from './ports.ts';

/**
 * Keeps a document in the archive, before anybody reads it. The record says what it is; it goes to the ledger with
 * whatever the document brought, so a document that brought nothing new costs no write there.
 */
export async function keep(
  run: AccountRun,
  kind: DocumentKind,
  document: BankDocument,
  format: string,
  parser: string | null,
): Promise<DocumentRecord> {
  const { bytes, mediaType, name } = document;
  const sha256 = await run.ports.archive.keep(run.account.company, kind, bytes, mediaType);
  const receivedAt = isoInstant(run.ports.clock.now());
  return { sha256, kind, format, mediaType, name, size: bytes.byteLength, receivedAt, parser };
}
