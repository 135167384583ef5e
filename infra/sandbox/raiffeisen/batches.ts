import { pragueDateTime, pragueDay } from '../prague.ts';
import type { Misbehaviour, SandboxResponse } from '../types.ts';
import { badDate, badRequest, json, notFound, Refusal, refused } from './answers.ts';
import { changedAt, fileStatus, itemStatus, type Batch, type BatchItem } from './batch.ts';
import type { Call } from './call.ts';
import { readKpcFile } from './kpc-file.ts';
import { decimal } from './movement.ts';
import { ContentError, type FiledPayment } from './order-file.ts';
import { readPainFile } from './pain-file.ts';

/** Formats of the contract that this simulation reads; it has others (Gemini, MultiCash, DOM-XML). */
const READERS: Readonly<Record<string, (bytes: Uint8Array) => FiledPayment[]>> = {
  'ABO-KPC': readKpcFile,
  'SEPA-XML': readPainFile,
};

const LONGEST_NAME = 50;
const MOST_BYTES = 200 * 1024 * 1024;

/** `importPayments`: keeps a file of payments for signature in internet banking. */
export function importPayments(call: Call): SandboxResponse {
  const { request, book, now } = call;
  if (!/^text\/plain\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new Refusal(json(415, { error: 'UNSUPPORTED_MEDIA_TYPE', error_description: 'Only text/plain.' }));
  }
  if (request.body.length > MOST_BYTES) {
    const error = 'BATCH_CONTENT_SIZE_EXCEEDED - Content exceeds maximum of 200 MB';
    throw new Refusal(json(413, { error, error_description: 'Split the file.' }));
  }
  const format = request.headers['batch-import-format'] ?? '';
  const read = Object.hasOwn(READERS, format) ? READERS[format] : undefined;
  if (!read) {
    throw new Refusal(
      refused(400, 'INVALID_BATCH_IMPORT_FORMAT', `'${format.slice(0, 20)}' is not supported.`),
    );
  }
  const name = nameOf(call);
  flag(call, 'batch-combined-payments', false);
  const autocorrect = flag(call, 'batch-autocorrect', true);
  const payments = contentOf(request.body, read);
  const id = book.take(request.body, { name, payments, autocorrect });
  if (id === null) {
    throw new Refusal(
      refused(400, 'BATCH_ALREADY_IMPORTED', `Imported before; checked at ${pragueDateTime(now)}.`),
    );
  }
  // By hand, because an int64 is more than JSON.stringify can print.
  return { ...json(200, null), body: Buffer.from(`{"batchFileId":${id}}`) };
}

function nameOf({ request, now }: Call): string {
  const given = request.headers['batch-name'];
  if (given === undefined) {
    const [year = '', month = '', day = ''] = pragueDay(now).split('-');
    return `ImportApi_${day}${month}${year}`;
  }
  if (!/^[\x20-\x7e]*$/.test(given))
    throw badRequest("Header 'Batch-Name' holds letters that are not ASCII.");
  return given.slice(0, LONGEST_NAME);
}

function flag({ request }: Call, name: string, fallback: boolean): boolean {
  const text = request.headers[name] ?? String(fallback);
  if (text === 'true' || text === 'false') return text === 'true';
  throw badRequest(`Header '${name}' must be true or false.`);
}

function contentOf(body: Uint8Array, read: (bytes: Uint8Array) => FiledPayment[]): FiledPayment[] {
  try {
    return read(body);
  } catch (error) {
    // A TypeError is text that is not in the format's encoding.
    if (!(error instanceof ContentError || error instanceof TypeError)) throw error;
    throw new Refusal(refused(400, 'BATCH_CONTENT_INVALID', error.message));
  }
}

/** `getBatchDetail`: the state of a batch and of its parts, one for each account and type of payment. */
export function getBatchDetail(call: Call): SandboxResponse {
  const { parameters, book, now } = call;
  const { batchFileId = '' } = parameters;
  if (!/^\d{1,19}$/.test(batchFileId)) throw badDate('Invalid input.');
  const batch = book.find(batchFileId);
  if (!batch) throw notFound(`Batch file ${batchFileId}`);
  const batchFileStatus = fileStatus(batch, now);
  const items = batchFileStatus === 'OK' ? batch.items : [];
  return json(200, {
    batchName: batch.name,
    batchFileStatus,
    createDate: pragueDay(batch.takenAt),
    batchItems: items.map((item) => listed(call, batch, item)),
  });
}

function listed({ source, rights, now }: Call, batch: Batch, item: BatchItem): Record<string, unknown> {
  const { number, prefix } = item.account;
  const visible = rights.accounts === null || rights.accounts.includes(number);
  const known = source.accounts().find((account) => account.number === number);
  const accountInfo = known && {
    accountId: known.accountId,
    accountNumberPrefix: prefix,
    accountNumber: number,
    mainCurrencyId: known.mainCurrency ?? item.currency,
  };
  return {
    ...(accountInfo ? { accountInfo } : {}),
    numberOfPayments: item.payments,
    sumAmount: decimal(item.minor, item.currency),
    sumAmountCurrencyId: item.currency,
    batchType: item.type,
    status: visible ? itemStatus(batch, item, now) : 'UNDISCLOSED',
    assignedUserName: 'Jana Vzorná',
    lastChangeDateTime: pragueDateTime(changedAt(batch, now)),
  };
}

/** A status that the contract does not have, of a file without parts or of every part. */
export function unheardOf(misbehaviour: Misbehaviour, response: SandboxResponse): SandboxResponse {
  if (misbehaviour.kind !== 'unknown-status' || response.status !== 200) return response;
  const { code = 'UNDER_REVIEW' } = misbehaviour;
  const detail = JSON.parse(Buffer.from(response.body).toString('utf8')) as { batchItems?: object[] };
  const parts = detail.batchItems ?? [];
  const changed =
    parts.length === 0
      ? { ...detail, batchFileStatus: code }
      : { ...detail, batchItems: parts.map((part) => ({ ...part, status: code })) };
  return { ...response, body: json(200, changed).body };
}
