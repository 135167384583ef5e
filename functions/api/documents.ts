import { notFound } from '../../shared/api/problem.ts';
import * as routes from '../../shared/api/routes/documents.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { parseStatementId } from '../../shared/domain/statement-id.ts';
import type { DocumentRecord } from '../../shared/domain/records.ts';
import { visibleAccount } from '../../shared/flows/visible.ts';
import { archiveClient, createArchive } from '../../shared/store/archive.ts';
import { linkTo } from '../../shared/store/presign.ts';
import { clock, log, openStore, random, setting } from '../compose.ts';

const store = openStore();
const client = archiveClient();
const bucket = setting('ARCHIVE_BUCKET');
const archive = createArchive((command) => client.send(command as never), bucket, clock, random);

/** API Gateway and Lambda carry about 6 MB of base64: larger documents go by link. */
const INLINE_LIMIT = 4 * 1024 * 1024;

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.statementContent, async ({ caller, params, query }) => {
    const place = parseStatementId(params['id'] ?? '');
    if (!place) throw notFound('statement');
    const account = await visibleAccount(store, caller, place.account);
    const ledger = store.ledgerOf(caller.company, account.id);
    const statement = await ledger.statement(place.to, place.id);
    if (!statement) throw notFound('statement');
    // DynamoDB keeps no order: sorted, the first is the same one every time.
    const formats = Object.keys(statement.documents).sort();
    const sha256 = statement.documents[query.format ?? formats[0] ?? ''];
    const document = sha256 === undefined ? null : await ledger.document(sha256);
    if (!document) throw notFound(`format of the statement (there are: ${formats.join(', ')})`);
    const { mediaType } = document;
    const fileName = nameOf(params['id'] ?? '', document);
    if (document.size > INLINE_LIMIT) {
      const place = {
        company: caller.company,
        kind: document.kind,
        sha256: document.sha256,
        fileName,
        mediaType,
      };
      return { status: 303, headers: { location: await linkTo(client, bucket, place) } };
    }
    const body = await archive.read(caller.company, document.kind, document.sha256);
    if (!body) throw notFound('document in the archive');
    return {
      body,
      headers: {
        'content-type': mediaType,
        'content-disposition': `attachment; filename="${fileName}"`,
        'x-content-type-options': 'nosniff',
      },
    };
  }),
]);

const ENDINGS: Readonly<Record<string, string>> = { 'camt.053': 'xml', mt940: 'sta', pdf: 'pdf' };

/** A name of ids and digits only; the bank's own name never becomes a header. */
const nameOf = (statement: string, { format }: DocumentRecord): string =>
  `${statement}.${ENDINGS[format] ?? 'bin'}`;
