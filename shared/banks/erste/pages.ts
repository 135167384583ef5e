import { at, textAt } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import { unreadable } from '../answers.ts';
import { readJson } from './client.ts';

/** One page of a list. */
export interface Page {
  readonly items: readonly unknown[];
  /** Pages there are, `null` when the answer does not say. */
  readonly pageCount: number | null;
  /** Number of the next page, `null` behind the last. */
  readonly next: number | null;
}

/**
 * A page of any list of this bank: `{pageNumber, pageCount, pageSize, nextPage?, …}`, numbered from 0.
 * @param name member that holds the items; it may be missing from an empty page
 * @throws Failure `protocol` when it is no such page, or another one than was asked for: the bank's sandbox always
 * gives the first
 */
export function readPage(response: BankResponse, operation: string, name: string, asked: number): Page {
  const body = readJson(response, operation);
  const number = integerAt(body, 'pageNumber');
  const items = at(body, name) ?? (number === null ? undefined : []);
  if (!Array.isArray(items)) throw unreadable(operation, `has no list ${name}`, response);
  if (number !== null && number !== asked)
    throw unreadable(operation, `is page ${number}, asked was page ${asked}`, response);
  const pageCount = integerAt(body, 'pageCount');
  // `pageCount` is required by the contract, `nextPage` is not.
  const more = pageCount === null ? integerAt(body, 'nextPage') !== null : asked + 1 < pageCount;
  return { items, pageCount, next: more && items.length > 0 ? asked + 1 : null };
}

function integerAt(body: unknown, name: string): number | null {
  const text = textAt(body, name);
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
