import type { BankState, ItemResult } from '../../domain/payment.ts';
import type { BankDocument } from '../../domain/model.ts';
import { FormatError } from '../../formats/errors.ts';
import { readPain002 } from '../../formats/pain002/reader.ts';
import type { Level, StatusReport } from '../../formats/pain002/report.ts';
import type { BankCall } from '../../http/types.ts';
import type { OrderStatus, SentOrder } from '../contract.ts';
import type { Config } from './config.ts';
import { downloadFile } from './download.ts';
import type { BankFile, Files } from './files.ts';

/** Protocols of one file that are looked at: there is one, unless the same bytes were imported again. */
const MAX_PROTOCOLS = 5;

/**
 * What an import took, by the bank's code for the whole. Imported orders wait in CEB until people sign them; the bank
 * never tells of that, nor of execution. Other codes (`SIGE`, `TNIE`) are not explained anywhere.
 */
const STATES: Readonly<Record<string, BankState>> = {
  ACCP: 'awaiting-signature',
  PART: 'awaiting-signature',
  RJCT: 'rejected',
};

/**
 * What the import protocol of an order says, found by the hash of the uploaded bytes.
 * @returns `null` while there is none, and once it was read: it is the last the bank ever says of an order
 */
export async function orderStatus(
  files: Files,
  call: BankCall,
  config: Config,
  order: SentOrder,
): Promise<OrderStatus | null> {
  return order.bankId === null ? findOrder(files, call, config, order) : null;
}

/** @returns `null` when there is no protocol of these bytes (yet) */
export async function findOrder(
  files: Files,
  call: BankCall,
  { origin }: Config,
  order: SentOrder,
): Promise<OrderStatus | null> {
  const listing = await files.protocols();
  const hash = order.sha256.toLowerCase();
  const ours = listing.files
    .filter(({ type, uploadHash }) => type === 'IMPPROT' && uploadHash === hash)
    .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    .slice(0, MAX_PROTOCOLS);
  const told: OrderStatus[] = [];
  for (const file of ours) {
    const status = await readProtocol(file, call, origin);
    if (status) told.push(status);
  }
  // A second import of bytes the bank had taken is refused; that one taken counts.
  return told.find(({ state }) => state === 'awaiting-signature') ?? told[0] ?? null;
}

/** @returns `null` while the bank prepares it */
async function readProtocol(file: BankFile, call: BankCall, origin: string): Promise<OrderStatus | null> {
  if (file.state === 'preparing') return null;
  const document = file.state === 'ready' ? await downloadFile(call, file, origin) : null;
  if (!document) {
    const reason =
      'The bank imported the file, but its protocol cannot be had: look in CEB whether the order waits there';
    return unknown(file.state === 'failed' ? 'F' : null, reason, null);
  }
  try {
    return statusOf(readPain002(document.bytes), document);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const reason = `The import protocol cannot be read (${error.rule}): look in CEB whether the order waits there`;
    return unknown(null, reason, document);
  }
}

const unknown = (bankCode: string | null, reason: string, document: BankDocument | null): OrderStatus => ({
  state: null,
  bankId: null,
  bankCode,
  reason,
  results: [],
  document,
});

function statusOf(report: StatusReport, document: BankDocument): OrderStatus {
  const { status, originalId, payments } = report;
  const state = (status !== null && Object.hasOwn(STATES, status) ? STATES[status] : undefined) ?? null;
  return {
    state,
    bankId: originalId,
    bankCode: status,
    reason: wordsOf(report),
    results: state === null ? [] : payments.flatMap(resultOf),
    document,
  };
}

/** A payment is named by its ordinal in the file; the others of a refused file are refused with it. */
function resultOf(payment: StatusReport['payments'][number]): ItemResult[] {
  const { id, status, outcome, transactions } = payment;
  if (outcome !== 'rejected' || id === null || !/^[1-9]\d{0,6}$/.test(id)) return [];
  const [first] = [payment, ...transactions].flatMap(({ reasons }) => reasons);
  return [
    {
      index: Number(id) - 1,
      state: 'rejected',
      bankCode: first?.code ?? status,
      reason: first?.text ?? null,
    },
  ];
}

const wordsOf = ({ reasons }: Level): string | null =>
  reasons.map(({ code, text }) => [code, text].filter((word) => word !== null).join(' ')).join('; ') || null;
