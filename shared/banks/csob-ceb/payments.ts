import { Failure } from '../../domain/failure.ts';
import type { Progress } from '../../domain/payment.ts';
import { children, textAt } from '../../formats/camt/fields.ts';
import { branch, leaf } from '../../formats/xml-write.ts';
import type { XmlElement } from '../../formats/xml.ts';
import { SEPARATOR } from '../../formats/zps/fields.ts';
import type { BankCall } from '../../http/types.ts';
import type { SentOrder, StepResult } from '../contract.ts';
import type { Answer, Client } from './client.ts';
import type { Config } from './config.ts';
import type { Unclear } from './errors.ts';
import { uploadFile } from './upload.ts';

const START = 'StartUploadFileList_v3';
const FINISH = 'FinishUploadFileList_v2';

/** Our formats by the bank's names of them. */
const UPLOAD_FORMATS: Readonly<
  Partial<Record<SentOrder['format'], { readonly name: string; readonly separator?: string }>>
> = {
  kpc: { name: 'ABO' },
  'pain.001': { name: 'XML SEPA' },
  zps: { name: 'TXT ZPS', separator: SEPARATOR },
};

/** Addresses asked for within one attempt because the one before was good no longer. */
const MAX_RESTARTS = 2;

/**
 * One step of a submission: `start` tells the bank of the file and gets an address, `upload` brings the bytes there,
 * `finish` has them imported. Only the last one does anything, so only its lost answer is in doubt.
 * @throws Failure as the contract tells
 */
export function submitStep(
  client: Client,
  call: BankCall,
  config: Config,
  order: SentOrder,
  progress: Progress,
): Promise<StepResult> {
  switch (progress.step) {
    case 'start':
      return start(client, config, order, progress);
    case 'upload':
      return upload(call, config, order, progress);
    case 'finish':
      return finish(client, config, order, progress);
    default:
      throw new Failure('protocol', `A submission has no step ${progress.step.slice(0, 20)}. Report it.`);
  }
}

async function start(
  client: Client,
  config: Config,
  order: SentOrder,
  { data }: Progress,
): Promise<StepResult> {
  const { bytes, name } = order.document;
  const format = UPLOAD_FORMATS[order.format]!;
  const file = branch(
    'ImportFileDetail',
    leaf('Filename', name),
    leaf('Hash', order.sha256),
    leaf('Size', String(bytes.length)),
    leaf('Format', format.name),
    leaf('Separator', format.separator ?? null),
    leaf('Mode', config.uploadMode),
    // Never skipped: the bank's check of the last 30 days is what keeps a file from being taken twice.
    leaf('SkipCheckDuplicates', 'false'),
  );
  const answer = await client(START, [...caller(config), branch('FileList', file)], {
    read: false,
    unclear: 'transient',
  });
  const told = ownFile(answer, 'FileUrl', order, START, 'transient');
  // Rejected without a reason: the bank has these bytes, or had them within 30 days.
  if (textAt(told, 'Status') === 'R') return { kind: 'duplicate', bankCode: 'R' };
  const url = textAt(told, 'Url');
  if (textAt(told, 'Status') !== 'U' || url === null) throw unclearFile(answer, START, 'transient');
  return { kind: 'progress', progress: { step: 'upload', data: { ...data, url } } };
}

async function upload(
  call: BankCall,
  { origin }: Config,
  order: SentOrder,
  { data }: Progress,
): Promise<StepResult> {
  const uploaded = await uploadFile(call, order, data['url'] ?? '', origin);
  if (uploaded !== 'expired') {
    return { kind: 'progress', progress: { step: 'finish', data: { fileId: uploaded.fileId } } };
  }
  const restarts = Number(data['restarts'] ?? '0') + 1;
  if (restarts > MAX_RESTARTS) {
    const message = `The bank refused ${restarts} of its own addresses for the upload. It is tried again by itself.`;
    throw new Failure('transient', message, { operation: 'uploadFile', status: 403 });
  }
  return { kind: 'progress', progress: { step: 'start', data: { restarts: String(restarts) } } };
}

async function finish(
  client: Client,
  config: Config,
  order: SentOrder,
  { data }: Progress,
): Promise<StepResult> {
  const file = branch(
    'FileId',
    leaf('Filename', order.document.name),
    leaf('Hash', order.sha256),
    leaf('NewFileId', data['fileId'] ?? ''),
  );
  const answer = await client(FINISH, [...caller(config), branch('FileList', file)], {
    read: false,
    unclear: 'outcome-unknown',
  });
  const status = textAt(ownFile(answer, 'FileStatus', order, FINISH, 'outcome-unknown'), 'Status');
  // Rejected, and the reason may be that it is imported already.
  if (status === 'R') return { kind: 'duplicate', bankCode: 'R' };
  if (status !== 'I') throw unclearFile(answer, FINISH, 'outcome-unknown');
  // Imported: the protocol tells later what of it was taken.
  return {
    kind: 'taken',
    status: { state: 'submitted', bankId: null, bankCode: 'I', reason: null, results: [], document: null },
  };
}

const caller = ({ contractNumber, clientAppGuid }: Config): string[] => [
  leaf('ContractNumber', contractNumber),
  leaf('ClientAppGuid', clientAppGuid),
];

/** What an answer says of our file, known by name and hash. */
function ownFile(
  answer: Answer,
  item: string,
  order: SentOrder,
  operation: string,
  unclear: Unclear,
): XmlElement {
  const found = children(answer.element, 'FileList', item).find(
    (file) =>
      textAt(file, 'Filename') === order.document.name &&
      textAt(file, 'Hash')?.trim().toLowerCase() === order.sha256,
  );
  if (found) return found;
  throw unclearFile(answer, operation, unclear);
}

function unclearFile({ ticket }: Answer, operation: string, unclear: Unclear): Failure {
  const advice =
    unclear === 'transient'
      ? 'It is tried again by itself'
      : 'It is not known whether the bank took the order';
  const message = `The answer of ${operation} does not tell what became of the file. ${advice}.`;
  return new Failure(unclear, message, { operation, requestId: ticket });
}
