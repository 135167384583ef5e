import { cursorOf, sortKeyOf } from '../../shared/api/paging.ts';
import { notFound } from '../../shared/api/problem.ts';
import * as routes from '../../shared/api/routes/documents.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { transactionView } from '../../shared/api/views.ts';
import { manifestOf } from '../../shared/banks/catalog.ts';
import { dateIn, isoInstant } from '../../shared/domain/dates.ts';
import { hintsOf, type Hints } from '../../shared/domain/hints.ts';
import type { DocumentKind } from '../../shared/domain/records.ts';
import { parseStatementId } from '../../shared/domain/statement-id.ts';
import { contentOf, type Content } from '../../shared/flows/content.ts';
import { pendingIn } from '../../shared/flows/pending.ts';
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

interface Stored {
  readonly kind: DocumentKind;
  readonly sha256: string;
}

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.listPending, async ({ caller: { company }, caller, params, query }) => {
    const account = await visibleAccount(store, caller, params['id']);
    const { timeZone } = await manifestOf(account.bank);
    const ports = {
      ledger: store.ledgerOf(company, account.id),
      read: (sha256: string) => archive.read(company, 'advice', sha256),
    };
    const page = { limit: query.limit, after: sortKeyOf(query.cursor, 'pending#') };
    const today = dateIn(timeZone, clock.now());
    const { items, next, ...rest } = await pendingIn(ports, account, today, page);
    const hints = hintsOf(await store.connections.get(company, account.connection));
    const shown = items.map((row) => ({ ...transactionView(row), ...hints }));
    return { body: { ...rest, items: shown, next: cursorOf(next) } };
  }),

  on(routes.statementContent, async ({ caller: { company }, caller, params, query }) => {
    const id = params['id'] ?? '';
    const place = parseStatementId(id);
    if (!place) throw notFound('statement');
    const account = await visibleAccount(store, caller, place.account);
    const ledger = store.ledgerOf(company, account.id);
    const statement = await ledger.statement(place.to, place.id);
    if (!statement) throw notFound('statement');

    const read = ({ kind, sha256 }: Stored) => archive.read(company, kind, sha256);
    const ports = { document: ledger.document, read, now: () => isoInstant(clock.now()) };
    const content = await contentOf(ports, account, statement, query);
    const { mediaType, size } = content;
    // A name of ids and digits only; the bank's own name never becomes a header.
    const fileName = `${id}.${content.ending}`;
    const hints = hintsOf(await store.connections.get(company, account.connection));
    const headers = { ...lossesOf(content), ...hintHeaders(hints, 'document' in content) };
    if (size > INLINE_LIMIT) {
      const stored = 'document' in content ? content.document : await keep(company, content.bytes, mediaType);
      const location = await linkTo(client, bucket, { company, ...stored, fileName, mediaType });
      return { status: 303, headers: { ...headers, location } };
    }
    const body = 'document' in content ? await read(content.document) : content.bytes;
    if (!body) throw notFound('document in the archive');
    return {
      body,
      headers: {
        ...headers,
        'content-type': mediaType,
        'content-disposition': `attachment; filename="${fileName}"`,
        'x-content-type-options': 'nosniff',
      },
    };
  }),
]);

async function keep(company: string, bytes: Uint8Array, mediaType: string): Promise<Stored> {
  return { kind: 'converted', sha256: await archive.keep(company, 'converted', bytes, mediaType) };
}

/** What was noted for the reader of the bank's files. Of one we wrote, the media type tells the encoding. */
function hintHeaders(
  { contentEncoding, processingProcedure }: Hints,
  isOfBank: boolean,
): Record<string, string> {
  return {
    ...(contentEncoding === null || !isOfBank ? {} : { 'brana-content-encoding': contentEncoding }),
    ...(processingProcedure === null ? {} : { 'brana-processing-procedure': processingProcedure }),
  };
}

/** What the format could not say, by rule: `balances-left-out=1, formula-neutralised=2`. */
function lossesOf(content: Content): Record<string, string> {
  if ('document' in content || content.losses.length === 0) return {};
  const counts = new Map<string, number>();
  for (const { rule } of content.losses) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return { 'brana-losses': [...counts].map(([rule, count]) => `${rule}=${count}`).join(', ') };
}
