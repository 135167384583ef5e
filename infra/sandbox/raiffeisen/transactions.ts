import { addDays, isPlainDate } from '../../../shared/domain/dates.ts';
import { pragueDay, pragueInstant } from '../prague.ts';
import type { SandboxResponse } from '../types.ts';
import { badDate, badRequest, json, noContent, notFound } from './answers.ts';
import { accountOf, integerOf, type Call } from './call.ts';

/** Days back `from` may lie. */
export const HISTORY_LIMIT_DAYS = 90;

/** `getTransactionList`: posted movements including today's, newest first, in pages of the bank's own size. */
export function getTransactionList(call: Call): SandboxResponse {
  const { accountNumber = '', currencyCode = '' } = call.parameters;
  if (!/^[0-9]{1,10}$/.test(accountNumber))
    throw badRequest("Parameter 'accountNumber' must match [0-9]{1,10}.");
  if (!/^[A-Z]{1,3}$/.test(currencyCode)) throw badRequest("Parameter 'currencyCode' must match [A-Z]{1,3}.");
  const page = integerOf(call, 'page', 1, 99_999);
  const { from, to } = spanOf(call);
  const account = accountOf(call, accountNumber);
  if (!call.source.folders(account.number).some(({ currency }) => currency === currencyCode)) {
    throw notFound(`Currency folder ${currencyCode} of account ${accountNumber}`);
  }
  const all = call.source.transactions(account.number, currencyCode, from, to);
  const items = all.slice((page - 1) * call.pageSize, page * call.pageSize);
  if (items.length === 0) return noContent();
  return json(200, {
    lastPage: page * call.pageSize >= all.length,
    transactions: items.map((item) => item.json),
  });
}

/** The asked span in epoch milliseconds. @throws Refusal 400 `DT01` */
function spanOf(call: Call): { from: number; to: number } {
  const from = instantOf(call, 'from', '00:00:00');
  const to = instantOf(call, 'to', '23:59:59');
  const oldest = pragueInstant(addDays(pragueDay(call.now), -HISTORY_LIMIT_DAYS));
  if (from < oldest) throw badDate(`Parameter 'from' must not be older than ${HISTORY_LIMIT_DAYS} days.`);
  if (from > to) throw badDate("Parameter 'from' must not be later than 'to'.");
  return { from, to };
}

/** A bare date means its start or its last millisecond in Central European Time. */
function instantOf(call: Call, name: 'from' | 'to', time: string): number {
  const text = call.request.query.get(name);
  if (text === null) throw badDate(`Parameter '${name}' is required.`);
  if (isPlainDate(text)) return pragueInstant(text, time) + (name === 'to' ? 999 : 0);
  const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : NaN;
  if (Number.isNaN(instant)) throw badDate(`Parameter '${name}' is not a date.`);
  return instant;
}
