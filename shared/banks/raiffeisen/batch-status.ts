import { Failure } from '../../domain/failure.ts';
import type { BankState } from '../../domain/payment.ts';
import { at, textAt } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import type { OrderStatus, SentOrder } from '../contract.ts';
import { documentOf, printable, unreadable } from '../answers.ts';
import { readJson, type Client } from './client.ts';

const OPERATION = 'getBatchDetail';

/**
 * What the bank says of a batch it took.
 * @returns `null` when the bank's id is not known, for there is no list of batches, and when the bank does not know it
 * @throws Failure as every read
 */
export async function batchStatus(client: Client, order: SentOrder): Promise<OrderStatus | null> {
  if (order.bankId === null) return null;
  const response = await detailOf(client, order.bankId);
  if (response === null) return null;
  const body = readJson(response, OPERATION);
  const items = at(body, 'batchItems') ?? [];
  if (!Array.isArray(items)) throw unreadable(OPERATION, 'has no list of batch items', response);
  const told = rollUp(
    textAt(body, 'batchFileStatus'),
    items.map((item) => textAt(item, 'status')),
  );
  const document = documentOf(response, `batch-${order.bankId}.json`);
  // The bank tells no results of single payments; movements do.
  return { ...told, bankId: order.bankId, results: [], document };
}

/** An unknown id is no verdict on the order: the bank may not show it yet. */
async function detailOf(client: Client, bankId: string): Promise<BankResponse | null> {
  try {
    const path = `/payments/batches/${encodeURIComponent(bankId)}`;
    return await client({ operation: OPERATION, method: 'GET', path });
  } catch (error) {
    if (error instanceof Failure && error.detail.code === 'ID_NOT_FOUND') return null;
    throw error;
  }
}

type Told = Pick<OrderStatus, 'state' | 'bankCode' | 'reason'>;

/** What the status of an item (one debit account and type of payment) means for its payments. */
const ITEMS: Readonly<Record<string, 'refused' | 'waiting' | 'to-sign' | 'handed-over'>> = {
  DRAFT: 'waiting',
  ERROR: 'refused',
  FOR_SIGN: 'to-sign',
  // Signed, but not necessarily by everybody who must.
  VERIFIED: 'to-sign',
  PASSING_TO_BANK: 'handed-over',
  PASSED: 'handed-over',
  PASSED_TO_BANK_WITH_ERROR: 'handed-over',
  // Not visible to the user of the certificate.
  UNDISCLOSED: 'waiting',
};

/** Statuses of the whole file while it has no items yet, or no longer. */
const FILES: Readonly<Record<string, BankState>> = {
  UPLOADED: 'submitted',
  PROCESSING: 'submitted',
  ERROR: 'rejected',
  DELETED: 'cancelled',
};

const REASONS: Readonly<Record<string, string>> = {
  ERROR:
    'The bank found an error in the order. See its batch in internet banking and delete it there before the payments ' +
    'are ordered anew',
  DELETED: 'The batch was deleted in internet banking',
  DRAFT: 'The order is incomplete at the bank: see its batch in internet banking',
  UNDISCLOSED: 'The user of the certificate may not see the batch at the bank',
  PASSED_TO_BANK_WITH_ERROR:
    'The bank refused some of the payments and does not tell which: see the batch in internet banking. Those it ' +
    'executes appear in the statements',
};

/**
 * The state of an order from the status of its file and those of its items. Nothing here means executed: `PASSED` is
 * what the bank takes over, and only a movement proves the rest. An unknown status, or two that contradict each other,
 * settle nothing.
 */
function rollUp(file: string | null, items: readonly (string | null)[]): Told {
  const unknown = items.find((status) => status === null || !Object.hasOwn(ITEMS, status));
  if (unknown !== undefined) return unheardOf(unknown);
  const codes = [...new Set(items.filter((status) => status !== null))].sort();
  const meanings = new Set(codes.map((code) => ITEMS[code]!));
  const bankCode = codes.join('/') || file;
  const reason = codes.flatMap((code) => REASONS[code] ?? []).join('. ') || null;
  if (file === null || (file !== 'OK' && !Object.hasOwn(FILES, file))) return unheardOf(file);
  if (meanings.has('handed-over')) return { state: 'processing', bankCode, reason };
  if (file !== 'OK') return ofFile(file, codes);
  if (meanings.has('to-sign')) return { state: 'awaiting-signature', bankCode, reason };
  if (meanings.has('refused') && meanings.size === 1) return { state: 'rejected', bankCode, reason };
  return { state: 'submitted', bankCode, reason };
}

/** Statuses of items beside which a file may be refused or deleted as a whole: nobody can have signed them. */
const UNSIGNED: Readonly<Record<string, readonly string[]>> = {
  ERROR: ['ERROR', 'DRAFT'],
  DELETED: ['ERROR', 'DRAFT', 'FOR_SIGN'],
};

function ofFile(file: string, codes: readonly string[]): Told {
  const against = codes.filter((code) => UNSIGNED[file]?.includes(code) === false);
  if (against.length > 0) return unheardOf([file, ...against].join('/'));
  return { state: FILES[file]!, bankCode: file, reason: REASONS[file] ?? null };
}

const unheardOf = (code: string | null): Told => ({
  state: null,
  bankCode: code === null ? null : code.split('/').map(printable).join('/'),
  reason: 'The bank gives a status that its contract does not explain: see the batch in internet banking',
});
