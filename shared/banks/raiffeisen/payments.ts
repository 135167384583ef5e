import { Failure } from '../../domain/failure.ts';
import { jsonOrNull, textAt } from '../../domain/json.ts';
import type { BankCall, BankResponse } from '../../http/types.ts';
import type { OrderStatus, SentOrder, StepResult } from '../contract.ts';
import { documentOf } from '../answers.ts';
import { applicationHeaders, JSON_TYPE, REQUEST_ID } from './client.ts';
import type { Config } from './config.ts';
import { refusalOf } from './errors.ts';

const OPERATION = 'importPayments';
const DUPLICATE = 'BATCH_ALREADY_IMPORTED';

/** Our formats by the bank's names; SEPA-XML takes other credit transfers as well. */
const IMPORT_FORMATS: Readonly<Partial<Record<SentOrder['format'], string>>> = {
  kpc: 'ABO-KPC',
  'pain.001': 'SEPA-XML',
};

/**
 * Combined payments would be booked as one sum, in which no single payment could be found again: never. Autocorrection
 * moves a value date that is no working day to the next one, as the bank does unless it is told otherwise; without it
 * an order signed a day late would fail.
 */
const TREATMENT = { 'Batch-Combined-Payments': 'false', 'Batch-Autocorrect': 'true' } as const;

/** Longest name of a batch; the bank cuts what is longer. */
const MAX_NAME = 50;

/** The name of the batch, which the signer sees and the bank gives back: ASCII, for it travels in a header. */
const batchName = (id: string): string => `Brana ${id.replace(/[^!-~]/g, '')}`.slice(0, MAX_NAME);

/**
 * The one step of a submission: uploads the file, which the bank stores until a person signs it in internet banking.
 * The bank knows a file it has by the checksum of its content, and says so.
 * @throws Failure `rejected` when the bank refused it, `outcome-unknown` when nobody knows, and as {@link BankCall}
 */
export async function upload(call: BankCall, config: Config, order: SentOrder): Promise<StepResult> {
  const response = await call({
    operation: OPERATION,
    method: 'POST',
    path: '/payments/batches',
    accept: [JSON_TYPE],
    headers: {
      ...applicationHeaders(config),
      'Content-Type': 'text/plain',
      'Batch-Import-Format': IMPORT_FORMATS[order.format]!,
      'Batch-Name': batchName(order.id),
      ...TREATMENT,
    },
    requestIdHeader: REQUEST_ID,
    body: order.document.bytes,
    read: false,
  });
  if (response.status === 200) return { kind: 'taken', status: taken(response, order.id) };
  const failure = refusalOf(response, OPERATION);
  if (response.status === 400 && failure.detail.code === DUPLICATE) {
    return { kind: 'duplicate', bankCode: DUPLICATE };
  }
  throw failure;
}

/** The bank's id of the batch: 64 bits, more than a JS number holds, so it is text. */
const BATCH_ID = /^[1-9]\d{0,18}$/;

/** @throws Failure `outcome-unknown` when a success names no batch: what it means, nobody knows */
function taken(response: BankResponse, order: string): OrderStatus {
  const bankId = textAt(jsonOrNull(response.body), 'batchFileId') ?? '';
  if (BATCH_ID.test(bankId)) {
    const document = documentOf(response, `batch-${order}.json`);
    return { state: 'submitted', bankId, bankCode: null, reason: null, results: [], document };
  }
  const message =
    `${OPERATION} answered 200 without an id of the batch, so the order may be there or not. ` +
    'Look for it in internet banking under its name.';
  const { status, requestId } = response;
  throw new Failure('outcome-unknown', message, { operation: OPERATION, status, requestId });
}
