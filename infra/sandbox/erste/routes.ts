import type { SandboxResponse } from '../types.ts';
import { answered } from './answers.ts';
import type { Call } from './call.ts';
import { downloadStatement, getAccounts, getBalance, getStatements, getTransactions } from './lists.ts';
import { createNotification, deleteNotification, getNotifications } from './subscriptions.ts';

export const API_BASE = '/webapi/api/v3/accounts';

export interface Operation {
  readonly name: string;
  readonly method: string;
  readonly pattern: RegExp;
  /** Needs the WEB-API-key only. */
  readonly open?: true;
  answer(call: Call): SandboxResponse;
}

/** The operations of Accounts API v3 this simulation offers, all but those of cards. */
export const OPERATIONS: readonly Operation[] = [
  { name: 'getAccounts', method: 'GET', pattern: /^\/my\/accounts$/, answer: getAccounts },
  {
    name: 'getBalance',
    method: 'GET',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/balance$/,
    answer: getBalance,
  },
  {
    name: 'getTransactions',
    method: 'GET',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/transactions$/,
    answer: getTransactions,
  },
  {
    name: 'getStatements',
    method: 'GET',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/statements$/,
    answer: getStatements,
  },
  {
    name: 'downloadStatement',
    method: 'GET',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/statements\/(?<statement>[^/]+)\/download$/,
    answer: downloadStatement,
  },
  {
    name: 'createNotification',
    method: 'POST',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/notification$/,
    answer: createNotification,
  },
  {
    name: 'getNotifications',
    method: 'GET',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/notification\/$/,
    answer: getNotifications,
  },
  {
    name: 'deleteNotification',
    method: 'DELETE',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/notification\/(?<notification>[^/]+)$/,
    answer: deleteNotification,
  },
  {
    name: 'getCertificate',
    method: 'GET',
    pattern: /^\/\.well-known\/jwks$/,
    open: true,
    answer: ({ subscriptions }) => answered(200, { keys: subscriptions.keys() }),
  },
];

/** The operation of a path and its parameters; the status to refuse with where there is none. */
export function route(
  method: string,
  path: string,
): { readonly operation: Operation; readonly parameters: Record<string, string> } | 404 | 405 {
  if (!path.startsWith(`${API_BASE}/`)) return 404;
  const rest = path.slice(API_BASE.length);
  const fitting = OPERATIONS.flatMap((operation) => {
    const match = operation.pattern.exec(rest);
    return match ? [{ operation, parameters: { ...match.groups } }] : [];
  });
  const found = fitting.find(({ operation }) => operation.method === method);
  return found ?? (fitting.length === 0 ? 404 : 405);
}
